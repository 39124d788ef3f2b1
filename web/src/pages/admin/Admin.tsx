import { Navigate, NavLink, Route, Routes } from 'react-router'
import { Page } from '../../components/Page'
import { useSession } from '../../session'
import NotFound from '../NotFound'
import { Audit } from './Audit'
import { Calendar } from './Calendar'
import { Channels } from './Channels'
import { DeparturePage } from './Departure'
import { Organisations } from './Organisations'
import { People } from './People'
import { PersonPage } from './Person'
import { t } from './text'

/** The administration: each of the three administrators finds what is theirs, and sees what is another's to change. */
export default function Admin() {
  const { me } = useSession()
  if (me.roles.length === 0) return <NotFound />
  const auditor = me.roles.includes('auditor')
  const places: [string, string][] = [
    ['people', t('people')],
    ['organisations', t('organisations')],
    ['calendar', t('calendar')],
    ['channels', t('channels')],
    ...(auditor ? [['audit', t('audit')] as [string, string]] : []),
  ]
  return (
    <Page title={t('admin')} wide>
      <nav className="views" aria-label={t('admin')}>
        {places.map(([to, title]) => (
          <NavLink key={to} to={`/admin/${to}`} className="view">
            {title}
          </NavLink>
        ))}
      </nav>
      <Routes>
        <Route index element={<Navigate to={auditor ? 'audit' : 'people'} replace />} />
        <Route path="people" element={<People />} />
        <Route path="people/:person" element={<PersonPage />} />
        <Route path="people/:person/departure" element={<DeparturePage />} />
        <Route path="organisations" element={<Organisations />} />
        <Route path="calendar" element={<Calendar />} />
        <Route path="channels" element={<Channels />} />
        {auditor && <Route path="audit" element={<Audit />} />}
        <Route path="*" element={<NotFound />} />
      </Routes>
    </Page>
  )
}
