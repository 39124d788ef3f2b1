import { StyleProvider, legacyLogicalPropertiesTransformer } from '@ant-design/cssinjs'
import { App, ConfigProvider } from 'antd'
import zhCN from 'antd/locale/zh_CN'
import type { ReactNode } from 'react'
import { largeType, theme } from './theme'

/** How everything looks and behaves. A click beside a dialog does not close it: what is typed there would be lost. */
export const Look = ({ large, nonce, children }: { large?: boolean; nonce?: string; children: ReactNode }) => (
  <StyleProvider hashPriority="high" transformers={[legacyLogicalPropertiesTransformer]}>
    <ConfigProvider
      locale={zhCN}
      theme={large ? largeType : theme}
      csp={nonce ? { nonce } : undefined}
      button={{ autoInsertSpace: false }}
      modal={{ mask: { closable: false } }}
    >
      <App>{children}</App>
    </ConfigProvider>
  </StyleProvider>
)
