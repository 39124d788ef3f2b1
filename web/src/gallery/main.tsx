import { StyleProvider, legacyLogicalPropertiesTransformer } from '@ant-design/cssinjs'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { App, ConfigProvider } from 'antd'
import zhCN from 'antd/locale/zh_CN'
import { createRoot } from 'react-dom/client'
import { MemoryRouter } from 'react-router'
import '../style.css'
import '../ledger.css'
import '../operations.css'
import '../narrow.css'
import { theme } from '../theme'
import { Gallery } from './Gallery'
import { g } from './samples'

const client = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity, retry: false } } })
client.setQueryData(['units', 'zibo'], { items: [{ id: 'unit', name: g('unit'), kind: 'department' }] })

createRoot(document.getElementById('root')!).render(
  <StyleProvider hashPriority="high" transformers={[legacyLogicalPropertiesTransformer]}>
    <ConfigProvider locale={zhCN} theme={theme} button={{ autoInsertSpace: false }}>
      <App>
        <QueryClientProvider client={client}>
          <MemoryRouter>
            <main>
              <Gallery />
            </main>
          </MemoryRouter>
        </QueryClientProvider>
      </App>
    </ConfigProvider>
  </StyleProvider>,
)
