import { Button, Checkbox, Select } from 'antd'
import { useState } from 'react'
import { Section } from '../../components/Page'
import { Failure, Loading, Nothing } from '../../components/States'
import { moment } from '../../format'
import { useHistory, type HistoryKind } from './queries'
import { t } from './text'

const KINDS: [HistoryKind, string][] = [
  ['run', t('kind-run')],
  ['task', t('kind-task')],
  ['update', t('kind-update')],
  ['signal', t('kind-signal')],
  ['activity', t('kind-activity')],
  ['timer', t('kind-timer')],
  ['child', t('kind-child')],
  ['other', t('kind-other')],
]

/** The workflow server's own history of a matter, decoded, through all its runs. */
export function History({ matter }: { matter: string }) {
  const [kind, setKind] = useState<HistoryKind>()
  const [failed, setFailed] = useState(false)
  const query = useHistory(matter, kind, failed)
  const items = query.data?.pages.flatMap((page) => page.items)
  return (
    <Section
      title={t('history')}
      aside={
        <a href={`/api/v1/matters/${matter}/workflow`} download={`${matter}.json`}>
          {t('download')}
        </a>
      }
    >
      <div className="filters">
        <Select
          className="filter"
          aria-label={t('filter-kind')}
          placeholder={t('filter-kind')}
          allowClear
          value={kind}
          onChange={(value: HistoryKind | undefined) => setKind(value)}
          options={KINDS.map(([value, label]) => ({ value, label }))}
        />
        <Checkbox checked={failed} onChange={(event) => setFailed(event.target.checked)}>
          {t('only-failed')}
        </Checkbox>
        <Button onClick={() => void query.refetch()} loading={query.isFetching}>
          {t('refresh')}
        </Button>
        {query.data && <span className="dim">{t('events', { n: query.data.pages[0]?.total ?? 0 })}</span>}
      </div>
      {query.error && !items && <Failure error={query.error} again={() => void query.refetch()} />}
      {!items && !query.error && <Loading />}
      {items?.length === 0 && <Nothing title={t('no-events')} />}
      {items && items.length > 0 && (
        <table className="listing ops-history">
          <caption className="sr-only">{t('history')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('col-number')}</th>
              <th scope="col">{t('col-time')}</th>
              <th scope="col">{t('col-event')}</th>
              <th scope="col">{t('col-data')}</th>
            </tr>
          </thead>
          <tbody>
            {items.map((one, i) => (
              <tr key={`${one.run}/${one.id}`} className={one.failure ? 'row-red' : undefined}>
                <td data-label={t('col-number')}>
                  {one.id}
                  {items[i - 1]?.run !== one.run && <span className="dim ops-run"> {t('run', { run: one.run.slice(0, 8) })}</span>}
                </td>
                <td data-label={t('col-time')} className="col-time">
                  {moment(one.at)}
                </td>
                <td data-label={t('col-event')}>
                  <p>
                    {one.title}
                    {one.nameTitle && `：${one.nameTitle}`}
                  </p>
                  <p className="dim">
                    {one.type} {one.name}
                  </p>
                  {one.failure && <Fault failure={one.failure} />}
                </td>
                <td data-label={t('col-data')}>
                  <details>
                    <summary>{t('show-data')}</summary>
                    <pre className="ops-data" tabIndex={0}>{JSON.stringify(one.data, null, 1)}</pre>
                  </details>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
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

/** What failed, and what brought it about. */
export function Fault({ failure }: { failure: { message: string; type?: string; causes: string[] } }) {
  return (
    <div className="ops-fault">
      <p>
        {failure.message}
        {failure.type && <span className="dim"> {failure.type}</span>}
      </p>
      {failure.causes.map((cause) => (
        <p key={cause}>{t('cause', { cause })}</p>
      ))}
    </div>
  )
}
