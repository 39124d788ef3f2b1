import { QueryClientProvider } from '@tanstack/react-query'
import { BrowserRouter } from 'react-router'
import { App } from './App'
import { queryClient } from './api/queries'
import { Look } from './Look'
import { useLargeType } from './typesize'

const client = queryClient() // one, whatever the type's size: what was read stays, and with it the page and what is typed there

/** The whole application, as it looks. */
export function Root({ nonce }: { nonce?: string }) {
  return (
    <Look large={useLargeType()} nonce={nonce}>
      <QueryClientProvider client={client}>
        <BrowserRouter>
          <App />
        </BrowserRouter>
      </QueryClientProvider>
    </Look>
  )
}
