import { Button } from 'antd'
import { useEffect, useState } from 'react'
import { Link } from 'react-router'
import { useChart, useLedger } from '../../api/ledgers'
import { problemOf } from '../../api/problem'
import { Failure, Loading, Nothing, ProblemAlert } from '../../components/States'
import { moment } from '../../format'
import { t as common, texts } from '../../text'
import catalogue from '../../../../internal/message/zh-CN/web-ledger.json'
import { writeFilter } from '../matters/filters'
import { extent, sheets } from './chart'
import { Gantt, Legend } from './Gantt'
import { useLineFilter } from './filter'
import { usePrinting } from './printing'
import { useWidth } from './useWidth'

const t = texts(catalogue)
const PAGE = 40 // matters read at once
const SHEET = 20 // rows of a printed sheet
const MINUTE = 60_000

/** Now, minute by minute, so that today's line moves on a page left open. */
export function useNow(): Date {
  const [now, setNow] = useState(() => new Date())
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), MINUTE)
    return () => clearInterval(timer)
  }, [])
  return now
}

/** Plan against progress of every matter the filter chooses; to be printed on A3, or shown on a wall. */
export function Chart() {
  const { filter, bar } = useLineFilter()
  const query = useChart(filter, PAGE)
  const total = useLedger('unit', filter).data?.total.total
  const printing = usePrinting(filter)
  const now = useNow()
  const [ref, width] = useWidth<HTMLDivElement>()
  useEffect(() => {
    document.body.classList.add('prints-chart') // the whole page is on A3, not only the part that is the chart
    return () => document.body.classList.remove('prints-chart')
  }, [])
  const items = printing.whole ?? query.data?.pages.flatMap((page) => page.items) ?? []
  const over = extent(items, now.getTime())
  const written = writeFilter(filter).toString()
  return (
    <>
      {bar(
        <span className="page-tools">
          {printing.read === undefined ? (
            <Button onClick={printing.start}>{t('print')}</Button>
          ) : (
            <>
              <span className="dim" role="status">
                {t('print-reading', { n: printing.read, all: total ?? '' })}
              </span>
              <Button onClick={printing.stop}>{common('cancel')}</Button>
            </>
          )}
          <Link to={written ? `/wall?${written}` : '/wall'}>{t('wall')}</Link>
        </span>,
      )}
      <div className="chart-head">
        <Legend />
        <span>
          {total !== undefined && query.data && t('shown-of', { n: items.length, all: total })}
          <span className="print-only">{t('printed', { at: moment(now) })}</span>
        </span>
      </div>
      {printing.error !== undefined && <ProblemAlert problem={problemOf(printing.error)} />}
      {query.error && !query.data && <Failure error={query.error} again={() => void query.refetch()} />}
      {!query.data && !query.error && <Loading />}
      {query.data && items.length === 0 && <Nothing title={t('empty')} />}
      <div ref={ref}>
        {width > 0 &&
          sheets(items, SHEET).map((part, i) => (
            <figure className="chart-part scroll-x" key={part[0]!.matter.id}>
              <Gantt items={part} over={over} width={Math.max(width, 720)} now={now} label={t('chart-n', { n: i + 1 })} />
            </figure>
          ))}
      </div>
      {query.hasNextPage && (
        <div className="more no-print">
          <Button onClick={() => void query.fetchNextPage()} loading={query.isFetchingNextPage}>
            {common('load-more')}
          </Button>
        </div>
      )}
    </>
  )
}
