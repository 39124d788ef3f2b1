import { Link } from 'react-router'
import { useOverdue, type LedgerGroup } from '../../api/ledgers'
import { Due } from '../../components/Colour'
import { Failure } from '../../components/States'
import { texts } from '../../text'
import catalogue from '../../../../internal/message/zh-CN/web-desk.json'

const t = texts(catalogue)

/** For who heads units: what is overdue in them and whose clock it is, on one screen; the rest is a click away. */
export function Overdue() {
  const query = useOverdue()
  const found = query.data
  if (query.error && !found) return <Failure error={query.error} again={() => void query.refetch()} />
  if (!found?.leads) return null
  const scope = found.units.length > 1 ? t('scope', { unit: found.units[0]!.name, n: found.units.length }) : (found.units[0]?.name ?? t('scope-all'))
  return (
    <section className="overdue" aria-label={t('overdue')}>
      <div className="overdue-head">
        <h2>{t('overdue')}</h2>
        <span className="dim">{scope}</span>
        <b className={found.total > 0 ? 'overdue-n' : 'overdue-none'}>{found.total > 0 ? t('overdue-n', { n: found.total }) : t('overdue-none')}</b>
        {found.total > 0 && <Link to={`/matters?colour=red&order=nearest${found.units.length === 1 ? `&unit=${found.units[0]!.id}` : ''}`}>{t('overdue-all')}</Link>}
      </div>
      {found.total > 0 && (
        <div className="overdue-parts">
          <Groups title={t('by-unit')} groups={found.byUnit} to={(key) => `/matters?owner=${encodeURIComponent(key)}&colour=red`} />
          <Groups title={t('by-holder')} groups={found.byHolder} to={(key) => `/matters?holder=${encodeURIComponent(key)}&colour=red`} />
          <div className="overdue-longest">
            <h3>{t('longest')}</h3>
            <ul>
              {found.items.slice(0, 5).map((one) => (
                <li key={one.id}>
                  <Link to={`/matters/${one.id}`} title={one.title}>
                    {one.title}
                  </Link>
                  <span className="overdue-who" title={one.holders.map((holder) => holder.title).join('、')}>
                    {one.holders[0]?.title ?? one.stageTitle}
                  </span>
                  <Due due={one.due} colour={one.colour} since={one.started} />
                </li>
              ))}
            </ul>
          </div>
        </div>
      )}
    </section>
  )
}

function Groups({ title, groups, to }: { title: string; groups: LedgerGroup[]; to: (key: string) => string }) {
  return (
    <div>
      <h3>{title}</h3>
      <ul>
        {groups.slice(0, 5).map((one) => (
          <li key={one.key}>
            <Link to={to(one.key)} title={one.title}>
              {one.title}
            </Link>
            <b>{one.red}</b>
          </li>
        ))}
      </ul>
      {groups.length > 5 && <span className="dim">{t('more-groups', { n: groups.length - 5 })}</span>}
    </div>
  )
}
