import dayjs from 'dayjs'
import 'dayjs/locale/zh-cn'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Missing } from './api/problem'
import { cspNonce, markStyles } from './nonce'
import { Root } from './Root'
import './style.css'
import './ledger.css'
import './operations.css'
import './narrow.css'
import './print.css'
import { keptType } from './typesize'

dayjs.locale('zh-cn')
const nonce = cspNonce()
if (nonce) markStyles(nonce)
keptType()

// A file that did not come is told on the page; any other fault held there is for those who look into it.
const onCaughtError = (error: unknown) => {
  if (!(error instanceof Missing)) console.error(error)
}

createRoot(document.getElementById('root')!, { onCaughtError }).render(
  <StrictMode>
    <Root nonce={nonce} />
  </StrictMode>,
)
