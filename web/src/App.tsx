import { lazy, Suspense } from 'react'
import { Route, Routes } from 'react-router'
import { Frame } from './Frame'
import { Loading } from './components/States'
import { Session } from './session'

const Login = lazy(() => import('./pages/Login'))
const Activate = lazy(() => import('./pages/Activate'))
const Password = lazy(() => import('./pages/Password'))
const Desk = lazy(() => import('./pages/Desk'))
const Matters = lazy(() => import('./pages/Matters'))
const Import = lazy(() => import('./pages/matters/Import'))
const Ledger = lazy(() => import('./pages/ledger/Ledger'))
const Wall = lazy(() => import('./pages/ledger/Wall'))
const MatterPage = lazy(() => import('./pages/matter/MatterPage'))
const Start = lazy(() => import('./pages/Start'))
const StartForm = lazy(() => import('./pages/StartForm'))
const Slips = lazy(() => import('./pages/Slips'))
const SlipPage = lazy(() => import('./pages/SlipPage'))
const Polls = lazy(() => import('./pages/polls/Polls'))
const PollPage = lazy(() => import('./pages/polls/PollPage'))
const Anomalies = lazy(() => import('./pages/polls/Anomalies'))
const Rules = lazy(() => import('./pages/rules/Rules'))
const Admin = lazy(() => import('./pages/admin/Admin'))
const Account = lazy(() => import('./pages/admin/Account'))
const Operations = lazy(() => import('./pages/operations/Operations'))
const NotFound = lazy(() => import('./pages/NotFound'))

/** The application: what needs no session, and everything else inside the frame of a person who is logged in. */
export function App() {
  return (
    <Suspense fallback={<Loading />}>
      <Routes>
        <Route path="/login" element={<Login />} />
        <Route path="/activate" element={<Activate />} />
        <Route
          path="/wall"
          element={
            <Session>
              <Wall />
            </Session>
          }
        />
        <Route
          element={
            <Session>
              <Frame />
            </Session>
          }
        >
          <Route index element={<Desk />} />
          <Route path="/matters" element={<Matters />} />
          <Route path="/matters/import" element={<Import />} />
          <Route path="/ledger/*" element={<Ledger />} />
          <Route path="/matters/:matter" element={<MatterPage />} />
          <Route path="/start" element={<Start />} />
          <Route path="/start/:rulebook/:procedure" element={<StartForm />} />
          <Route path="/slips" element={<Slips />} />
          <Route path="/slips/:matter/:number" element={<SlipPage />} />
          <Route path="/polls" element={<Polls />} />
          <Route path="/polls/:poll" element={<PollPage />} />
          <Route path="/polls/:poll/anomalies" element={<Anomalies />} />
          <Route path="/rules/*" element={<Rules />} />
          <Route path="/admin/*" element={<Admin />} />
          <Route path="/operations/*" element={<Operations />} />
          <Route path="/account" element={<Account />} />
          <Route path="/password" element={<Password />} />
          <Route path="*" element={<NotFound />} />
        </Route>
      </Routes>
    </Suspense>
  )
}
