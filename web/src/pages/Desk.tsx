import { Button, Checkbox } from 'antd'
import { useState, type ReactNode } from 'react'
import { Link, useSearchParams } from 'react-router'
import type { Assignment, Me } from '../api/client'
import { useAssignments, type AssignmentFilter } from '../api/queries'
import { Due } from '../components/Colour'
import { Listing, type Column } from '../components/Listing'
import { MatterTable } from '../components/MatterTable'
import { Page } from '../components/Page'
import { Nothing } from '../components/States'
import { moment } from '../format'
import { useSession } from '../session'
import { coded, t, texts, type Key } from '../text'
import catalogue from '../../../internal/message/zh-CN/web-desk.json'
import { Batch } from './desk/Batch'
import { Overdue } from './desk/Overdue'
import { QuickAction } from './matter/QuickAction'

const text = texts(catalogue)
const keyOf = (one: Assignment) => `${one.matter}.${one.id}`

type Counts = Me['counts']
const WAITING: { view: string; title: Key; filter: AssignmentFilter; count?: (counts: Counts) => number; tone?: string }[] = [
  { view: '', title: 'view-all', filter: {}, count: (c) => c.total },
  { view: 'red', title: 'view-red', filter: { colour: 'red' }, count: (c) => c.red, tone: 'red' },
  { view: 'amber', title: 'view-amber', filter: { colour: 'amber' }, count: (c) => c.amber, tone: 'amber' },
  { view: 'today', title: 'view-today', filter: { today: true }, count: (c) => c.today },
  { view: 'returned', title: 'view-returned', filter: { returned: true } },
  { view: 'sign', title: 'view-sign', filter: { duty: 'sign' }, count: (c) => c.sign },
  { view: 'grant', title: 'view-grant', filter: { duty: 'grant' }, count: (c) => c.grant },
  { view: 'attend', title: 'view-attend', filter: { duty: 'attend' }, count: (c) => c.attend },
]
const MINE: { view: 'copied' | 'done' | 'started'; title: Key; empty: Key }[] = [
  { view: 'copied', title: 'view-copied', empty: 'empty-copied' },
  { view: 'done', title: 'view-done', empty: 'empty-done' },
  { view: 'started', title: 'view-started', empty: 'empty-started' },
]

/** What waits on me, nearest limit first; and what I was copied, did and started. */
export default function Desk() {
  const { me } = useSession()
  const [search] = useSearchParams()
  const view = search.get('view') ?? ''
  const mine = MINE.find((one) => one.view === view)
  const waiting = WAITING.find((one) => one.view === view) ?? WAITING[0]!
  const go = (to: string) => (to ? `/?view=${to}` : '/')

  return (
    <Page title={t('desk')} wide>
      <nav className="views" aria-label={t('views')}>
        {WAITING.map((one) => {
          const n = one.count?.(me.counts) ?? 0
          return (
            <View key={one.view} to={go(one.view)} current={!mine && waiting === one} tone={n > 0 ? one.tone : undefined}>
              {t(one.title)}
              {n > 0 && <b>{n}</b>}
            </View>
          )
        })}
        <span className="views-gap" />
        {MINE.map((one) => (
          <View key={one.view} to={go(one.view)} current={mine === one}>
            {t(one.title)}
          </View>
        ))}
      </nav>
      {view === '' && <Overdue />}
      {mine ? <MatterTable filter={{ relation: mine.view }} empty={<Nothing title={t(mine.empty)} />} /> : <Waiting filter={waiting.filter} />}
    </Page>
  )
}

function View({ to, current, tone, children }: { to: string; current: boolean; tone?: string; children: ReactNode }) {
  return (
    <Link to={to} className={`view${tone ? ` view-${tone}` : ''}`} aria-current={current ? 'page' : undefined}>
      {children}
    </Link>
  )
}

function Waiting({ filter }: { filter: AssignmentFilter }) {
  const { me } = useSession()
  const query = useAssignments(filter)
  const [quick, setQuick] = useState<Assignment>()
  const filtered = Object.keys(filter).length > 0
  const [marked, setMarked] = useState<ReadonlySet<string>>(new Set())
  const [batch, setBatch] = useState<Assignment[]>()
  const safe = query.data?.pages.flatMap((page) => page.items).filter((one) => one.batch) ?? []
  const chosen = safe.filter((one) => marked.has(keyOf(one)))
  const mark = (these: Assignment[], on: boolean) => {
    const next = new Set(marked)
    for (const one of these) {
      if (on) next.add(keyOf(one))
      else next.delete(keyOf(one))
    }
    setMarked(next)
  }

  const columns: Column<Assignment>[] = [
    ...(safe.length > 1
      ? [
          {
            title: text('batch-column'),
            className: 'col-mark',
            cell: (one: Assignment) =>
              one.batch && (
                <Checkbox
                  aria-label={text('batch-mark', { title: one.matterTitle })}
                  checked={marked.has(keyOf(one))}
                  onChange={(event) => mark([one], event.target.checked)}
                />
              ),
          },
        ]
      : []),
    { title: t('col-due'), className: 'col-due', cell: (one) => <Due due={one.due} colour={one.colour} since={one.opened} /> },
    {
      title: t('col-matter'),
      className: 'col-main',
      cell: (one) => (
        <>
          <Link to={`/matters/${one.matter}`} className="row-title">
            {one.matterTitle}
          </Link>
          <span className="dim">{t('procedure-from', { procedure: one.procedureTitle, unit: one.unitName })}</span>
        </>
      ),
    },
    {
      title: t('col-duty'),
      className: 'col-mid',
      cell: (one) => (
        <>
          {one.duty !== 'act' && <span className={`tag tag-duty-${one.duty}`}>{coded('duty', one.duty)}</span>}
          {one.stageTitle}
          {one.claimed && <span className="dim">{t(one.claimed === me.person.id ? 'claimed-by-me' : 'claimed')}</span>}
        </>
      ),
    },
    { title: t('col-post'), className: 'col-post', cell: (one) => one.postTitle },
    { title: t('col-opened'), className: 'col-time', cell: (one) => moment(one.opened) },
    {
      title: t('col-do'),
      className: 'col-do',
      cell: (one) =>
        one.duty === 'vote' ? (
          <Link to="/polls">{t('quick-vote')}</Link>
        ) : (
          <Button size="small" type={one.duty === 'act' ? 'primary' : 'default'} onClick={() => setQuick(one)}>
            {t(`quick-${one.duty}`)}
            <span className="sr-only">{one.matterTitle}</span>
          </Button>
        ),
    },
  ]

  return (
    <>
      {safe.length > 1 && (
        <div className="batch-bar">
          <Checkbox
            checked={chosen.length === safe.length}
            indeterminate={chosen.length > 0 && chosen.length < safe.length}
            onChange={(event) => mark(safe, event.target.checked)}
          >
            {text('batch-all', { n: safe.length })}
          </Checkbox>
          <Button size="small" type="primary" disabled={chosen.length === 0} onClick={() => setBatch(chosen)}>
            {text('batch', { n: chosen.length })}
          </Button>
        </div>
      )}
      <Listing
        query={query}
        columns={columns}
        keyOf={keyOf}
        rowClass={(one) => `row-${one.colour}`}
        caption={t('todo-caption')}
        empty={
          <Nothing title={t(filtered ? 'empty-filtered' : 'empty-todo')}>
            {filtered ? <Link to="/">{t('show-all')}</Link> : <Link to="/start">{t('start-something')}</Link>}
          </Nothing>
        }
      />
      {batch && <Batch chosen={batch} close={() => (setBatch(undefined), setMarked(new Set()))} />}
      {quick && <QuickAction assignment={quick} close={() => setQuick(undefined)} />}
    </>
  )
}
