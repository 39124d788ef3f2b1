import { Route, Routes } from 'react-router'
import { Frame } from './Frame'
import { Boundary, apart } from './components/Boundary'
import { Session } from './session'

const Login = apart(() => import('./pages/Login'))
const Activate = apart(() => import('./pages/Activate'))
const Password = apart(() => import('./pages/Password'))
const Desk = apart(() => import('./pages/Desk'))
const Matters = apart(() => import('./pages/Matters'))
const Import = apart(() => import('./pages/matters/Import'))
const Ledger = apart(() => import('./pages/ledger/Ledger'))
const Wall = apart(() => import('./pages/ledger/Wall'))
const MatterPage = apart(() => import('./pages/matter/MatterPage'))
const Start = apart(() => import('./pages/Start'))
const StartForm = apart(() => import('./pages/StartForm'))
const Slips = apart(() => import('./pages/Slips'))
const SlipPage = apart(() => import('./pages/SlipPage'))
const Polls = apart(() => import('./pages/polls/Polls'))
const PollPage = apart(() => import('./pages/polls/PollPage'))
const Anomalies = apart(() => import('./pages/polls/Anomalies'))
const Rules = apart(() => import('./pages/rules/Rules'))
const Admin = apart(() => import('./pages/admin/Admin'))
const Account = apart(() => import('./pages/admin/Account'))
const Operations = apart(() => import('./pages/operations/Operations'))
const NotFound = apart(() => import('./pages/NotFound'))

/** The application: what needs no session, and everything else inside the frame of a person who is logged in. */
export function App() {
  return (
    <Boundary>
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
    </Boundary>
  )
}
