import { Radio } from 'antd'
import { Link } from 'react-router'
import { useHeld, type HeldBy, type LineFilter } from '../../api/ledgers'
import type { Schemas } from '../../api/client'
import { Failure, Loading, Nothing } from '../../components/States'
import { texts } from '../../text'
import catalogue from '../../../../internal/message/zh-CN/web-ledger.json'
import { span } from './duration'
import { listOf } from './groups'
import { useLineFilter } from './filter'

const t = texts(catalogue)
const BYS: readonly HeldBy[] = ['unit', 'post', 'procedure', 'matter']
const BY: Record<HeldBy, string> = { unit: t('held-unit'), post: t('held-post'), procedure: t('held-procedure'), matter: t('held-matter') }
const KIND: Record<Schemas['HeldTime']['kind'], string | undefined> = { post: undefined, suspended: t('held-suspended'), system: undefined }

/** Who had the clock and for how long, working time and calendar time told apart, the office's own share included. */
export function Held() {
  const { filter, own, setOwn, bar } = useLineFilter()
  const by = BYS.find((one) => one === own('by')) ?? 'unit'
  const query = useHeld(by, filter)
  const found = query.data
  const most = Math.max(1, ...(found?.items.map((one) => one.calendarMinutes) ?? []))
  const share = found && found.workingMinutes > 0 ? Math.round((found.officeMinutes / found.workingMinutes) * 100) : 0
  return (
    <>
      {bar()}
      <div className="held-head">
        <Radio.Group
          aria-label={t('by')}
          optionType="button"
          value={by}
          onChange={(event) => setOwn('by', event.target.value === 'unit' ? undefined : (event.target.value as string))}
          options={BYS.map((value) => ({ value, label: BY[value] }))}
        />
        {found && found.items.length > 0 && (
          <p>
            {t('held-total', { working: span(found.workingMinutes, 9 * 60), calendar: span(found.calendarMinutes, 24 * 60) })}
            {(by === 'unit' || by === 'post') && <b>{t('held-office', { time: span(found.officeMinutes, 9 * 60), share })}</b>}
          </p>
        )}
      </div>
      {query.error && !found && <Failure error={query.error} again={() => void query.refetch()} />}
      {!found && !query.error && <Loading />}
      {found?.items.length === 0 && <Nothing title={t('held-empty')} />}
      {found && found.items.length > 0 && (
        <table className={query.isPlaceholderData ? 'listing ledger listing-stale' : 'listing ledger'}>
          <caption className="sr-only">{t('held')}</caption>
          <thead>
            <tr>
              <th scope="col">{BY[by]}</th>
              <th scope="col">{t('held-now')}</th>
              <th scope="col">{t('held-matters')}</th>
              <th scope="col">{t('held-working')}</th>
              <th scope="col">{t('held-calendar')}</th>
              <th scope="col">{t('held-mean')}</th>
              <th scope="col">{t('held-longest')}</th>
              <th scope="col" className="held-bar-head">
                {t('held-bar')}
              </th>
            </tr>
          </thead>
          <tbody>
            {found.items.map((one) => (
              <tr key={`${one.kind}${one.key}`}>
                <th scope="row">
                  <Name one={one} by={by} filter={filter} />
                  {one.office && <span className="tag tag-office">{t('office')}</span>}
                  {KIND[one.kind] && <span className="dim">{KIND[one.kind]}</span>}
                </th>
                <td className={one.now > 0 ? 'n n-amber' : 'n'} data-label={t('held-now')}>
                  {one.now}
                </td>
                <td className="n" data-label={t('held-matters')}>
                  {one.matters}
                </td>
                <td className="n" data-label={t('held-working')}>
                  <b>{span(one.workingMinutes, 9 * 60)}</b>
                </td>
                <td className="n" data-label={t('held-calendar')}>
                  {span(one.calendarMinutes, 24 * 60)}
                </td>
                <td className="n" data-label={t('held-mean')}>
                  {span(one.workingMinutes / one.matters, 9 * 60)}
                </td>
                <td className="n" data-label={t('held-longest')}>
                  {span(one.longestMinutes, 24 * 60)}
                </td>
                <td className="ledger-bar" aria-hidden="true">
                  <svg viewBox="0 0 100 12" preserveAspectRatio="none" width="100%" height="12">
                    <rect x={0} y={0} width={(one.calendarMinutes / most) * 100} height={12} className="held-calendar" />
                    <rect x={0} y={3} width={(one.workingMinutes / most) * 100} height={6} className="held-working" />
                  </svg>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <p className="dim">{t('held-hint')}</p>
    </>
  )
}

function Name({ one, by, filter }: { one: Schemas['HeldTime']; by: HeldBy; filter: LineFilter }) {
  if (!one.key) return <>{one.title}</>
  switch (by) {
    case 'matter':
      return <Link to={`/matters/${one.key}`}>{one.title}</Link>
    case 'post':
      return <Link to={listOf(filter, { holder: one.key })}>{one.title}</Link>
    case 'procedure': {
      const [rulebook, procedure] = one.key.split('/')
      return <Link to={listOf(filter, { rulebook, procedure })}>{one.title}</Link>
    }
    default:
      return <Link to={listOf(filter, { unit: one.key })}>{one.title}</Link>
  }
}
