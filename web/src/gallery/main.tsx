import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createRoot } from 'react-dom/client'
import { MemoryRouter } from 'react-router'
import '../style.css'
import '../ledger.css'
import '../operations.css'
import '../narrow.css'
import { Look } from '../Look'
import { Gallery } from './Gallery'
import { g } from './samples'

const client = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity, retry: false } } })
client.setQueryData(['units', 'zibo'], { items: [{ id: 'unit', name: g('unit'), kind: 'department' }] })

createRoot(document.getElementById('root')!).render(
  <Look>
    <QueryClientProvider client={client}>
      <MemoryRouter>
        <main>
          <Gallery />
        </main>
      </MemoryRouter>
    </QueryClientProvider>
  </Look>,
)
