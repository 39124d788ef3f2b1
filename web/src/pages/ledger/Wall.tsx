import { Button } from 'antd'
import { useEffect, useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { useChart, useLedger } from '../../api/ledgers'
import { Failure, Loading, Nothing } from '../../components/States'
import { moment } from '../../format'
import { useSession } from '../../session'
import { coded, t as common, texts } from '../../text'
import catalogue from '../../../../internal/message/zh-CN/web-ledger.json'
import { readFilter } from '../matters/filters'
import { extent, sheets } from './chart'
import { useNow } from './Chart'
import { Gantt, Legend } from './Gantt'
import { useWidth } from './useWidth'

const t = texts(catalogue)
const MATTERS = 100 // most a wall shows, the nearest limits first
const ROW = 52 // pixels of a row that is read from a chair
const TURN = 20_000 // milliseconds a sheet stays

/** The chart on a meeting room's wall: nothing but the chart, in large type, turning its pages and always as it stands. */
export default function Wall() {
  const [search] = useSearchParams()
  const { live } = useSession()
  const { order: _order, ...filter } = readFilter(search)
  const query = useChart({ ...filter, order: 'nearest' }, MATTERS)
  const ledger = useLedger('unit', filter)
  const now = useNow()
  const [ref, width] = useWidth<HTMLDivElement>()
  const [height, setHeight] = useState(window.innerHeight)
  const [turn, setTurn] = useState(0)
  useEffect(() => {
    document.title = `${t('wall-title')} - ${common('app')}`
    const resize = () => setHeight(window.innerHeight)
    window.addEventListener('resize', resize)
    const timer = setInterval(() => setTurn((n) => n + 1), TURN)
    return () => {
      window.removeEventListener('resize', resize)
      clearInterval(timer)
    }
  }, [])

  const items = query.data?.pages.flatMap((page) => page.items) ?? []
  const pages = sheets(items, Math.floor((height - 150) / ROW))
  const at = pages.length > 0 ? turn % pages.length : 0
  const total = ledger.data?.total
  return (
    <main className="wall" ref={ref} id="main">
      <header className="wall-head">
        <h1>{t('wall-title')}</h1>
        {total &&
          (['red', 'amber', 'green'] as const).map((colour) => (
            <span key={colour} className={`wall-count wall-${colour}`}>
              {coded('colour', colour)} <b>{total[colour]}</b>
            </span>
          ))}
        <span className="wall-time">
          {moment(now)}
          {total && items.length < total.total && <em>{t('shown-of', { n: items.length, all: total.total })}</em>}
          {pages.length > 1 && <em>{t('sheet', { n: at + 1, all: pages.length })}</em>}
          {!live && <em className="wall-stale">{t('not-live')}</em>}
        </span>
        <span className="wall-tools">
          {document.fullscreenEnabled && (
            <Button size="small" onClick={() => void document.documentElement.requestFullscreen()}>
              {t('fullscreen')}
            </Button>
          )}
          <Link to={`/ledger/chart?${search.toString()}`}>{t('leave-wall')}</Link>
        </span>
      </header>
      <Legend />
      {query.error && !query.data && <Failure error={query.error} again={() => void query.refetch()} />}
      {!query.data && !query.error && <Loading />}
      {query.data && items.length === 0 && <Nothing title={t('empty')} />}
      {width > 0 && pages[at] && (
        <Gantt items={pages[at]} over={extent(items, now.getTime())} width={width - 24} row={ROW} size={17} now={now} label={t('wall-title')} />
      )}
    </main>
  )
}
