import { Button } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { Listing, Rows } from '../../components/Listing'
import { Section } from '../../components/Page'
import { Failure, Loading, Nothing } from '../../components/States'
import { moment } from '../../format'
import { Countdown, lasted } from './Countdown'
import { Raw } from './Fault'
import { MailRepair } from './MailRepair'
import { useIncidents, useParts, type Incident } from './queries'
import { t } from './text'
import { useMayRepair } from './repairing'

/** What is stuck, newest first; then what was; then the processes that are there. */
export function Incidents() {
  return (
    <>
      <IncidentList state="open" />
      <Parts />
      <IncidentList state="closed" />
    </>
  )
}

function IncidentList({ state }: { state: 'open' | 'closed' }) {
  const title = t(state === 'open' ? 'stuck' : 'was-stuck')
  return (
    <Section title={title}>
      <Listing
        {...incidents(title)}
        query={useIncidents(state)}
        empty={<Nothing title={t(state === 'open' ? 'nothing-stuck' : 'nothing-was-stuck')} />}
      />
    </Section>
  )
}

/** The incidents of one matter. */
export function IncidentTable({ items, caption }: { items: Incident[]; caption: string }) {
  return <Rows {...incidents(caption, true)} items={items} />
}

/** Incidents with what is known of each and what was done; here: on the page of their matter. */
const incidents = (caption: string, here?: boolean) => ({
  caption,
  className: 'ops-table',
  keyOf: (one: Incident) => String(one.id),
  rowClass: (one: Incident) => (one.closed ? 'row-grey' : 'row-red'),
  columns: [
    {
      title: t('col-incident'),
      className: 'ops-kind',
      cell: (one: Incident) => (
        <>
          <strong>{one.title}</strong>
          {!here && one.matter && (
            <Link to={`/operations/matters/${one.matter}`} className="row-title">
              {one.matterTitle}
            </Link>
          )}
          <MailButton one={one} />
        </>
      ),
    },
    {
      title: t('col-what'),
      cell: (one: Incident) => (
        <>
          <p>{one.sentence}</p>
          {one.fault && <p className="ops-fault">{one.fault}</p>}
          {one.raw && one.kind !== 'mail-failing' && <Raw lines={[one.raw]} />}
          <p className="dim">
            {one.attempts > 0 && t('attempts', { n: one.attempts })} {!one.closed && one.next && <Countdown at={one.next} label={t('next-try')} />}
          </p>
        </>
      ),
    },
    {
      title: t('col-when'),
      className: 'col-time',
      cell: (one: Incident) => (
        <>
          <p>{t('began', { at: moment(one.began) })}</p>
          <p>{one.closed ? t('ended', { at: moment(one.closed) }) : t('seen', { at: moment(one.seen) })}</p>
          <p className="dim">{t('lasted', { time: lasted(one.began, one.closed) })}</p>
        </>
      ),
    },
    { title: t('col-done'), cell: (one: Incident) => <Done items={one.done} /> },
  ],
})

function MailButton({ one }: { one: Incident }) {
  const may = useMayRepair()
  const [open, setOpen] = useState(false)
  if (!may || one.kind !== 'mail-failing' || one.closed) return null
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        {t('retry')}
      </Button>
      {open && <MailRepair close={() => setOpen(false)} />}
    </>
  )
}

/** What somebody did, and why. */
export function Done({ items }: { items: Incident['done'] }) {
  if (items.length === 0) return <span className="dim">{t('nothing-done')}</span>
  return (
    <ul>
      {items.map((one) => (
        <li key={one.at + one.title}>
          <p>
            {one.title}（{one.outcome}）
          </p>
          <p className="dim">
            {moment(one.at)} {one.by?.name} {t('because', { reason: one.reason })}
          </p>
        </li>
      ))}
    </ul>
  )
}

function Parts() {
  const query = useParts()
  return (
    <Section title={t('parts')}>
      {!query.data && (query.error ? <Failure error={query.error} again={() => void query.refetch()} /> : <Loading />)}
      {query.data?.items.length === 0 && <Nothing title={t('no-parts')} />}
      {query.data && query.data.items.length > 0 && (
        <Rows
          items={query.data.items}
          caption={t('parts')}
          keyOf={(one) => one.id}
          columns={[
            { title: t('col-part'), cell: (one) => one.title },
            { title: t('col-process'), cell: (one) => one.id },
            { title: t('col-version'), cell: (one) => one.version },
            { title: t('col-started'), cell: (one) => moment(one.started) },
            { title: t('col-heard'), cell: (one) => moment(one.seen) },
            { title: t('col-clock'), cell: (one) => t('drift', { seconds: one.drift.toFixed(1) }) },
          ]}
        />
      )}
    </Section>
  )
}
