import { Input } from 'antd'
import { useEffect, useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { Listing, type Column } from '../../components/Listing'
import { Section } from '../../components/Page'
import { AuthorityChip } from '../../components/SourceChip'
import { Failure, Loading, Nothing } from '../../components/States'
import { moment } from '../../format'
import { Countdown } from './Countdown'
import { useBeginnings, useRunning, type Operation } from './queries'
import { t } from './text'

const TYPING = 350 // milliseconds after the last key before the list is searched

const matter: Column<Operation> = {
  title: t('col-matter'),
  className: 'col-main',
  cell: (one) => (
    <>
      <Link to={`/operations/matters/${one.id}`} className="row-title">
        {one.title}
      </Link>
      <span className="dim">{one.procedureTitle}</span>
    </>
  ),
}
const next: Column<Operation> = {
  title: t('col-next'),
  className: 'ops-next',
  cell: (one) =>
    one.wake ? (
      <>
        <Countdown at={one.wake} />
        <span className="dim">{one.timer}</span>
      </>
    ) : (
      <span className="dim">{t('no-timer')}</span>
    ),
}
const stands: Column<Operation> = { title: t('col-stands'), cell: (one) => one.sentence }
const holders: Column<Operation> = {
  title: t('col-holders'),
  className: 'col-post',
  cell: (one) =>
    one.holders.map((post) => (
      <p key={post.post}>
        {post.title}
        {post.holders.length === 0 && <span className="warn">{t('vacant')}</span>}
        {post.holders.some((person) => person.name !== post.title) && (
          <span className="dim"> {post.holders.map((person) => person.name).join('、')}</span>
        )}
      </p>
    )),
}

/** Every running matter, with one sentence on where it stands. */
export function Running() {
  const [search, setSearch] = useSearchParams()
  const [text, setText] = useState(search.get('text') ?? '')
  useEffect(() => {
    const timer = setTimeout(() => setSearch(text.trim() ? { text: text.trim() } : {}, { replace: true }), TYPING)
    return () => clearTimeout(timer)
  }, [text])
  const query = useRunning(false, search.get('text') ?? undefined)
  return (
    <>
      <form className="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <Input
          className="filter-text"
          value={text}
          onChange={(event) => setText(event.target.value)}
          placeholder={t('search')}
          aria-label={t('search')}
          maxLength={100}
          allowClear
        />
      </form>
      <Listing
        query={query}
        columns={[matter, stands, next, holders]}
        keyOf={(one) => one.id}
        rowClass={(one) => `row-${one.colour}`}
        caption={t('running')}
        empty={<Nothing title={t('nothing-runs')} />}
      />
    </>
  )
}

/** What begins by itself, and all pending timers in time order. */
export function Timers() {
  return (
    <>
      <Beginnings />
      <Section title={t('waiting-timers')}>
        <Pending />
      </Section>
    </>
  )
}

/** The matters that will begin by themselves, the next first. */
function Beginnings() {
  const query = useBeginnings()
  const columns = ['col-at', 'col-matter', 'col-unit', 'col-authority', 'col-scheduled'] as const
  return (
    <Section title={t('beginnings')}>
      {!query.data && (query.error ? <Failure error={query.error} again={() => void query.refetch()} /> : <Loading />)}
      {query.data && query.data.items.length > 0 && (
        <>
          <p className="dim">{t('beginnings-hint')}</p>
          <table className="listing">
            <caption className="sr-only">{t('beginnings')}</caption>
            <thead>
              <tr>
                {columns.map((column) => (
                  <th key={column} scope="col">
                    {t(column)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {query.data.items.map((one) => (
                <tr key={`${one.rulebook}/${one.procedure}`}>
                  <td className="col-time" data-label={t('col-at')}>
                    {moment(one.next)} <Countdown at={one.next} />
                  </td>
                  <td className="col-main" data-label={t('col-matter')}>
                    {one.title}
                  </td>
                  <td data-label={t('col-unit')}>{one.unitName}</td>
                  <td data-label={t('col-authority')}>
                    <AuthorityChip authority={one.authority} short />
                  </td>
                  <td className={one.state === 'scheduled' ? undefined : 'warn'} data-label={t('col-scheduled')}>
                    {one.stateTitle}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </Section>
  )
}

function Pending() {
  const query = useRunning(true)
  const at: Column<Operation> = { title: t('col-at'), className: 'col-time', cell: (one) => one.wake && moment(one.wake) }
  return (
    <Listing
      query={query}
      columns={[at, next, matter, stands]}
      keyOf={(one) => one.id}
      caption={t('timers')}
      empty={<Nothing title={t('nothing-timed')} />}
    />
  )
}
