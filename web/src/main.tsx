import { StyleProvider, legacyLogicalPropertiesTransformer } from '@ant-design/cssinjs'
import { QueryClientProvider } from '@tanstack/react-query'
import { App as Antd, ConfigProvider } from 'antd'
import zhCN from 'antd/locale/zh_CN'
import dayjs from 'dayjs'
import 'dayjs/locale/zh-cn'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { BrowserRouter } from 'react-router'
import { App } from './App'
import { Missing } from './api/problem'
import { queryClient } from './api/queries'
import { cspNonce, markStyles } from './nonce'
import './style.css'
import './ledger.css'
import './operations.css'
import './narrow.css'
import './print.css'
import { largeType, theme } from './theme'
import { keptType, useLargeType } from './typesize'

dayjs.locale('zh-cn')
const nonce = cspNonce()
if (nonce) markStyles(nonce)
keptType()

function Root() {
  const large = useLargeType()
  return (
    <StyleProvider hashPriority="high" transformers={[legacyLogicalPropertiesTransformer]}>
      <ConfigProvider locale={zhCN} theme={large ? largeType : theme} csp={nonce ? { nonce } : undefined} button={{ autoInsertSpace: false }}>
        <Antd>
          <QueryClientProvider client={queryClient()}>
            <BrowserRouter>
              <App />
            </BrowserRouter>
          </QueryClientProvider>
        </Antd>
      </ConfigProvider>
    </StyleProvider>
  )
}

// A file that did not come is told on the page; any other fault held there is for those who look into it.
const onCaughtError = (error: unknown) => {
  if (!(error instanceof Missing)) console.error(error)
}

createRoot(document.getElementById('root')!, { onCaughtError }).render(
  <StrictMode>
    <Root />
  </StrictMode>,
)
