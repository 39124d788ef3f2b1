import { NavLink, Route, Routes } from 'react-router'
import { Page } from '../../components/Page'
import { useSession } from '../../session'
import NotFound from '../NotFound'
import { Incidents } from './Incidents'
import { MatterOperation } from './MatterOperation'
import { useIncidents, useParts } from './queries'
import { Running, Timers } from './Running'
import { t } from './text'
import { moment } from '../../format'

/** How matters run and what is stuck, for who administers the system; who audits it sees the same without the buttons. */
export default function Operations() {
  const { me } = useSession()
  if (!me.roles.includes('administrator') && !me.roles.includes('auditor')) return <NotFound />
  return (
    <Page title={t('operations')} wide>
      <Away />
      <Places />
      <Routes>
        <Route index element={<Incidents />} />
        <Route path="matters" element={<Running />} />
        <Route path="timers" element={<Timers />} />
        <Route path="matters/:matter" element={<MatterOperation />} />
        <Route path="*" element={<NotFound />} />
      </Routes>
    </Page>
  )
}

/** That the platform itself does not answer, and since when: nothing else can say so then. */
function Away() {
  const parts = useParts()
  if (!parts.isError && !parts.failureCount) {
    if (!parts.data || parts.data.workflow) return null
    return (
      <div className="problem problem-warn" role="alert">
        <div className="problem-head">{t('workflow-away')}</div>
      </div>
    )
  }
  return (
    <div className="problem" role="alert">
      <div className="problem-head">{t('away')}</div>
      <p>{t('away-hint', { at: parts.dataUpdatedAt ? moment(new Date(parts.dataUpdatedAt)) : t('unknown') })}</p>
    </div>
  )
}

function Places() {
  const open = useIncidents('open')
  const counts = Object.values(open.data?.pages[0]?.counts ?? {}).reduce((sum, n) => sum + n, 0)
  return (
    <nav className="views" aria-label={t('operations')}>
      <NavLink to="/operations" end className={counts > 0 ? 'view view-red' : 'view'}>
        {t('incidents')}
        <b>{counts}</b>
      </NavLink>
      <NavLink to="/operations/matters" className="view">
        {t('running')}
      </NavLink>
      <NavLink to="/operations/timers" className="view">
        {t('timers')}
      </NavLink>
    </nav>
  )
}
