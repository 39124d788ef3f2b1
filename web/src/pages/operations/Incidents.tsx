import { Button } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { Section } from '../../components/Page'
import { Failure, Loading, Nothing } from '../../components/States'
import { moment } from '../../format'
import { Countdown, lasted } from './Countdown'
import { MailRepair } from './MailRepair'
import { useIncidents, useParts, type Incident } from './queries'
import { t } from './text'
import { useMayRepair } from './Operations'

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
  const query = useIncidents(state)
  const items = query.data?.pages.flatMap((page) => page.items)
  const title = t(state === 'open' ? 'stuck' : 'was-stuck')
  return (
    <Section title={title}>
      {query.error && !items && <Failure error={query.error} again={() => void query.refetch()} />}
      {!items && !query.error && <Loading />}
      {items?.length === 0 && <Nothing title={t(state === 'open' ? 'nothing-stuck' : 'nothing-was-stuck')} />}
      {items && items.length > 0 && <IncidentTable items={items} caption={title} />}
      {query.hasNextPage && (
        <div className="more">
          <Button onClick={() => void query.fetchNextPage()} loading={query.isFetchingNextPage}>
            {t('more')}
          </Button>
        </div>
      )}
    </Section>
  )
}

/** Incidents with what is known of each and what was done. */
export function IncidentTable({ items, caption, here }: { items: Incident[]; caption: string; here?: boolean }) {
  return (
    <table className="listing ops-table">
      <caption className="sr-only">{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{t('col-incident')}</th>
          <th scope="col">{t('col-what')}</th>
          <th scope="col">{t('col-when')}</th>
          <th scope="col">{t('col-done')}</th>
        </tr>
      </thead>
      <tbody>
        {items.map((one) => (
          <tr key={one.id} className={one.closed ? 'row-grey' : 'row-red'} data-kind={one.kind}>
            <td data-label={t('col-incident')} className="ops-kind">
              <strong>{one.title}</strong>
              {!here && one.matter && (
                <Link to={`/operations/matters/${one.matter}`} className="row-title">
                  {one.matterTitle}
                </Link>
              )}
              <MailButton one={one} />
            </td>
            <td data-label={t('col-what')}>
              <p>{one.sentence}</p>
              {one.fault && <p className="ops-fault">{one.fault}</p>}
              <p className="dim">
                {one.attempts > 0 && t('attempts', { n: one.attempts })} {!one.closed && one.next && <Countdown at={one.next} label={t('next-try')} />}
              </p>
            </td>
            <td data-label={t('col-when')} className="col-time">
              <p>{t('began', { at: moment(one.began) })}</p>
              <p>{one.closed ? t('ended', { at: moment(one.closed) }) : t('seen', { at: moment(one.seen) })}</p>
              <p className="dim">{t('lasted', { time: lasted(one.began, one.closed) })}</p>
            </td>
            <td data-label={t('col-done')}>
              <Done items={one.done} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

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
        <table className="listing">
          <caption className="sr-only">{t('parts')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('col-part')}</th>
              <th scope="col">{t('col-process')}</th>
              <th scope="col">{t('col-version')}</th>
              <th scope="col">{t('col-started')}</th>
              <th scope="col">{t('col-heard')}</th>
              <th scope="col">{t('col-clock')}</th>
            </tr>
          </thead>
          <tbody>
            {query.data.items.map((one) => (
              <tr key={one.id}>
                <td data-label={t('col-part')}>{one.title}</td>
                <td data-label={t('col-process')}>{one.id}</td>
                <td data-label={t('col-version')}>{one.version}</td>
                <td data-label={t('col-started')}>{moment(one.started)}</td>
                <td data-label={t('col-heard')}>{moment(one.seen)}</td>
                <td data-label={t('col-clock')}>{t('drift', { seconds: one.drift.toFixed(1) })}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  )
}
