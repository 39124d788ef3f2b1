import { NavLink, Route, Routes, useLocation } from 'react-router'
import { Page } from '../../components/Page'
import { t as common, texts } from '../../text'
import catalogue from '../../../../internal/message/zh-CN/web-ledger.json'
import { Chart } from './Chart'
import { Counts } from './Counts'
import { Held } from './Held'

const t = texts(catalogue)

/** The ledger, the wall chart, and who has the clock: three views of the matters one filter chooses. */
export default function Ledger() {
  const { search } = useLocation()
  return (
    <Page title={common('ledger')} wide>
      <nav className="views no-print" aria-label={t('parts')}>
        {(
          [
            ['/ledger', t('counts')],
            ['/ledger/chart', t('chart')],
            ['/ledger/held', t('held')],
          ] as const
        ).map(([to, title]) => (
          <NavLink key={to} to={to + search} end className="view">
            {title}
          </NavLink>
        ))}
      </nav>
      <Routes>
        <Route index element={<Counts />} />
        <Route path="chart" element={<Chart />} />
        <Route path="held" element={<Held />} />
      </Routes>
    </Page>
  )
}
