import { Select } from 'antd'
import { useState } from 'react'
import { Listing, type Column } from '../../components/Listing'
import { Nothing } from '../../components/States'
import type { Schemas } from '../../api/client'
import { moment } from '../../format'
import actions from '../../../../internal/message/zh-CN/audit.json'
import { useAudit } from './queries'
import { t } from './text'

type Entry = Schemas['AuditEntry']

const columns: Column<Entry>[] = [
  { title: t('col-at'), className: 'col-time', cell: (entry) => moment(entry.at) },
  { title: t('col-who'), className: 'col-post', cell: (entry) => entry.person?.name || t('unknown-person') },
  {
    title: t('col-what'),
    className: 'col-main',
    cell: (entry) => (
      <>
        {entry.actionTitle} <span className="dim">{entry.object}</span>
        {entry.reason && <div className="dim">{t('because', { reason: entry.reason })}</div>}
      </>
    ),
  },
  {
    title: t('col-outcome'),
    className: 'col-mid',
    cell: (entry) => <span className={entry.outcome === 'done' ? 'ok' : 'warn'}>{entry.outcomeTitle}</span>,
  },
  { title: t('col-address'), className: 'col-time', cell: (entry) => entry.address },
]

const OUTCOMES = ['done', 'refused', 'refused-because']

/** Who logged in and what administrators changed; what was done to matters is in their own stories. */
export function Audit() {
  const [action, setAction] = useState<string>()
  const query = useAudit({ action })
  return (
    <>
      <div className="filters">
        <Select
          className="filter-text"
          aria-label={t('col-what')}
          placeholder={t('all-actions')}
          allowClear
          value={action}
          onChange={(value: string | undefined) => setAction(value)}
          options={Object.entries(actions)
            .filter(([key]) => !OUTCOMES.includes(key))
            .map(([value, label]) => ({ value, label }))}
        />
      </div>
      <Listing query={query} columns={columns} keyOf={(entry) => String(entry.id)} caption={t('audit')} empty={<Nothing title={t('empty-audit')} />} />
    </>
  )
}
