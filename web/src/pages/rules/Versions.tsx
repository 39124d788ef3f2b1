import { Button } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import type { Schemas } from '../../api/client'
import { Section } from '../../components/Page'
import { Failure, Loading } from '../../components/States'
import { moment } from '../../format'
import { Differences, Lines } from './Differences'
import { useComparison, useText, useVersions, type Book } from './queries'
import { cause, short, t } from './text'

type Shown = { from: string; to: string } | { text: string }

/** What was in force since when, by which matter, and how many matters run under it. */
export function Versions({ book }: { book: Book }) {
  const query = useVersions(book.key)
  const [shown, setShown] = useState<Shown>()
  const data = query.data
  if (query.error && !data) return <Failure error={query.error} again={() => void query.refetch()} />
  if (!data) return <Loading />
  return (
    <>
      {data.shipped && (
        <div className="problem problem-info" role="status">
          <p>{t('shipped', { at: moment(data.shipped.seen) })}</p>
          <p className="rules-bar">
            <Button size="small" onClick={() => setShown({ from: data.inForce, to: 'shipped' })}>
              {t('shipped-compare')}
            </Button>
            <Link to={`/rules/${book.key}/edit?from=shipped`}>{t('shipped-edit')}</Link>
          </p>
        </div>
      )}
      <Section title={t('versions')}>
        <table className="plain versions">
          <thead>
            <tr>
              <th scope="col">{t('version')}</th>
              <th scope="col">{t('since')}</th>
              <th scope="col">{t('cause')}</th>
              <th scope="col">{t('running')}</th>
              <th scope="col" />
            </tr>
          </thead>
          <tbody>
            {data.items.map((item, i) => (
              <Row key={item.number} item={item} before={data.items[i + 1]} show={setShown} />
            ))}
          </tbody>
        </table>
        <p className="dim">{t('running-hint')}</p>
      </Section>
      {shown && ('text' in shown ? <Text book={book} version={shown.text} close={() => setShown(undefined)} /> : <Compared book={book} {...shown} close={() => setShown(undefined)} />)}
      <Section title={t('running-by')}>
        {data.running.length === 0 ? (
          <p className="dim">{t('running-none')}</p>
        ) : (
          <table className="plain">
            <thead>
              <tr>
                <th scope="col">{t('version')}</th>
                <th scope="col">{t('procedures')}</th>
                <th scope="col">{t('running')}</th>
              </tr>
            </thead>
            <tbody>
              {data.running.map((one) => (
                <tr key={one.version + one.procedure}>
                  <td>
                    <code>{short(one.version)}</code> {one.version === data.inForce && <span className="tag">{t('until-now')}</span>}
                  </td>
                  <td>{one.title}</td>
                  <td>{t('running-n', { n: one.matters })}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Section>
    </>
  )
}

type Version = Schemas['RulebookVersion']

function Row({ item, before, show }: { item: Version; before?: Version; show: (shown: Shown) => void }) {
  return (
    <tr>
      <td>
        <code>{short(item.version)}</code>
      </td>
      <td>
        {moment(item.since)}
        <br />
        {item.until ? <span className="dim">{t('until', { at: moment(item.until) })}</span> : <span className="tag tag-green">{t('until-now')}</span>}
      </td>
      <td>
        {cause(item.cause)}{' '}
        {item.matterTitle && (
          <>
            {item.matter ? <Link to={`/matters/${item.matter}`}>{item.matterTitle}</Link> : item.matterTitle}
          </>
        )}
        {item.person && <span className="dim">{t('proposed-by', { name: item.person })}</span>}
      </td>
      <td>{t('running-n', { n: item.running })}</td>
      <td>
        <div className="rules-bar">
          <Button size="small" onClick={() => show({ text: item.version })}>
            {t('show-text')}
          </Button>
          {before && (
            <Button size="small" onClick={() => show({ from: before.version, to: item.version })}>
              {t('compare')}
            </Button>
          )}
        </div>
      </td>
    </tr>
  )
}

function Compared({ book, from, to, close }: { book: Book; from: string; to: string; close: () => void }) {
  const query = useComparison(book.key, from, to)
  return (
    <Section
      title={t('compare-title', { from: short(from), to: short(to) })}
      aside={
        <Button size="small" onClick={close}>
          {t('compare-close')}
        </Button>
      }
    >
      {query.error && !query.data && <Failure error={query.error} again={() => void query.refetch()} />}
      {!query.data && !query.error && <Loading />}
      {query.data && (
        <>
          {query.data.readable ? <Differences of={query.data.differences} /> : <p className="warn">{t('differences-unreadable')}</p>}
          <h3>{t('lines')}</h3>
          <Lines lines={query.data.lines} />
        </>
      )}
    </Section>
  )
}

function Text({ book, version, close }: { book: Book; version: string; close: () => void }) {
  const query = useText(book.key, version)
  return (
    <Section
      title={t('text-title', { version: short(version) })}
      aside={
        <Button size="small" onClick={close}>
          {t('compare-close')}
        </Button>
      }
    >
      {query.error && !query.data && <Failure error={query.error} again={() => void query.refetch()} />}
      {!query.data && !query.error && <Loading />}
      {query.data && (
        <pre className="rules-text" tabIndex={0}>
          {query.data.text}
        </pre>
      )}
    </Section>
  )
}
