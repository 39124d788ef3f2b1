import { Button, Checkbox, Select } from 'antd'
import { useState } from 'react'
import { Listing, type Column } from '../../components/Listing'
import { Section } from '../../components/Page'
import { Nothing } from '../../components/States'
import { moment } from '../../format'
import { Fault } from './Fault'
import { useHistory, type HistoryItem, type HistoryKind } from './queries'
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

const COLUMNS: Column<HistoryItem>[] = [
  {
    title: t('col-number'),
    cell: (one, before) => (
      <>
        {one.id}
        {before?.run !== one.run && <span className="dim ops-run"> {t('run', { run: one.run.slice(0, 8) })}</span>}
      </>
    ),
  },
  { title: t('col-time'), cell: (one) => moment(one.at), className: 'col-time' },
  {
    title: t('col-event'),
    cell: (one) => (
      <>
        <p>
          {one.title}
          {one.nameTitle && `：${one.nameTitle}`}
        </p>
        {one.failure && <Fault failure={one.failure} />}
      </>
    ),
  },
  {
    title: t('col-data'),
    cell: (one) => (
      <details>
        <summary>{t('show-data')}</summary>
        <p className="dim">
          {one.type} {one.name}
        </p>
        <pre className="ops-data" tabIndex={0}>{JSON.stringify(one.data, null, 1)}</pre>
      </details>
    ),
  },
]

/** The workflow server's own history of a matter, decoded, through all its runs. */
export function History({ matter }: { matter: string }) {
  const [kind, setKind] = useState<HistoryKind>()
  const [failed, setFailed] = useState(false)
  const query = useHistory(matter, kind, failed)
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
      <Listing
        query={query}
        columns={COLUMNS}
        keyOf={(one) => `${one.run}/${one.id}`}
        rowClass={(one) => (one.failure ? 'row-red' : undefined)}
        caption={t('history')}
        className="ops-history"
        empty={<Nothing title={t('no-events')} />}
      />
    </Section>
  )
}
