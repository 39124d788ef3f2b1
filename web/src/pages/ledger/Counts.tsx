import { Select } from 'antd'
import { Link } from 'react-router'
import { useLedger, type LedgerBy, type LedgerGroup, type LineFilter } from '../../api/ledgers'
import { ExportButton } from '../../components/ExportButton'
import { Failure, Loading, Nothing } from '../../components/States'
import { coded, texts } from '../../text'
import catalogue from '../../../../internal/message/zh-CN/web-ledger.json'
import { BYS, listOf, narrowed } from './groups'
import { useLineFilter } from './filter'

const t = texts(catalogue)
const BY: Record<LedgerBy, string> = {
  unit: t('by-unit'),
  leader: t('by-leader'),
  level: t('by-level'),
  procedure: t('by-procedure'),
  holder: t('by-holder'),
  week: t('by-week'),
  month: t('by-month'),
  quarter: t('by-quarter'),
  'half-year': t('by-half-year'),
  year: t('by-year'),
}

/** The ledger as a table: a line for each group, its matters counted by colour, each count a way to them. */
export function Counts() {
  const { filter, own, setOwn, bar } = useLineFilter()
  const by = BYS.find((one) => one === own('by')) ?? 'unit'
  const query = useLedger(by, filter)
  return (
    <>
      {bar(
        <span className="page-tools">
          <Select
            aria-label={t('by')}
            className="filter"
            value={by}
            onChange={(value: LedgerBy) => setOwn('by', value === 'unit' ? undefined : value)}
            options={BYS.map((value) => ({ value, label: BY[value] }))}
          />
          <ExportButton what={{ what: 'ledger', filter, by }} />
        </span>,
      )}
      {query.error && !query.data && <Failure error={query.error} again={() => void query.refetch()} />}
      {!query.data && !query.error && <Loading />}
      {query.data?.groups.length === 0 && <Nothing title={t('empty')} />}
      {query.data && query.data.groups.length > 0 && (
        <table className={query.isPlaceholderData ? 'listing ledger listing-stale' : 'listing ledger'}>
          <caption className="sr-only">{t('counts')}</caption>
          <thead>
            <tr>
              <th scope="col">{BY[by]}</th>
              <th scope="col">{t('all')}</th>
              <th scope="col">{coded('colour', 'red')}</th>
              <th scope="col">{coded('colour', 'amber')}</th>
              <th scope="col">{coded('colour', 'green')}</th>
              <th scope="col">{coded('colour', 'grey')}</th>
              <th scope="col">{coded('state', 'completed')}</th>
              <th scope="col">{t('ended')}</th>
              <th scope="col" className="ledger-bar">{t('share')}</th>
            </tr>
          </thead>
          <tbody>
            {query.data.groups.map((group) => (
              <Line key={group.key} group={group} filter={narrowed(filter, by, group)} />
            ))}
            {by !== 'holder' && <Line group={query.data.total} filter={filter} total />}
          </tbody>
        </table>
      )}
    </>
  )
}

function Line({ group, filter, total = false }: { group: LedgerGroup; filter: LineFilter | undefined; total?: boolean }) {
  const cell = (label: string, n: number, more: LineFilter, tone?: string, leads = true) => (
    <td data-label={label} className={tone && n > 0 ? `n n-${tone}` : 'n'}>
      {n === 0 ? <span className="dim">0</span> : filter && leads ? <Link to={listOf(filter, more)}>{n}</Link> : n}
    </td>
  )
  const open = group.red + group.amber + group.green + group.grey
  return (
    <tr className={total ? 'ledger-total' : undefined}>
      <th scope="row">{filter && !total ? <Link to={listOf(filter)}>{group.title}</Link> : group.title}</th>
      {cell(t('all'), group.total, {})}
      {cell(coded('colour', 'red'), group.red, { colour: 'red', state: 'open' }, 'red')}
      {cell(coded('colour', 'amber'), group.amber, { colour: 'amber', state: 'open' }, 'amber')}
      {cell(coded('colour', 'green'), group.green, { colour: 'green', state: 'open' }, 'green')}
      {cell(coded('colour', 'grey'), group.grey, { colour: 'grey', state: 'open' })}
      {cell(coded('state', 'completed'), group.completed, { state: 'completed' })}
      {cell(t('ended'), group.ended, {}, undefined, false)}
      <td className="ledger-bar" aria-hidden="true">
        <svg viewBox="0 0 100 12" preserveAspectRatio="none" width="100%" height="12">
          {parts(group).map(({ tone, x, width }) => (
            <rect key={tone} x={x} y={0} width={width} height={12} className={`gantt-${tone}`} />
          ))}
        </svg>
        <span className="sr-only">{open}</span>
      </td>
    </tr>
  )
}

/** A line's matters as parts of a hundred. */
function parts(group: LedgerGroup) {
  let x = 0
  const all = Math.max(1, group.total)
  return (
    [
      ['red', group.red],
      ['amber', group.amber],
      ['green', group.green],
      ['grey', group.grey],
      ['past', group.completed + group.ended],
    ] as const
  ).map(([tone, n]) => {
    const part = { tone, x, width: (n / all) * 100 }
    x += part.width
    return part
  })
}
