import { QueryClientProvider } from '@tanstack/react-query'
import { cleanup, render, screen } from '@testing-library/react'
import { MemoryRouter, Route, Routes } from 'react-router'
import { afterEach, expect, it, vi } from 'vitest'
import { queryClient } from '../api/queries'
import SlipPage from './SlipPage'

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

it('says why a slip cannot be signed for where its matter cannot be read', async () => {
  const summary = { id: 'm.1', slip: 1, matter: 'm', number: '一号', kindTitle: '提示单', title: '提示', unitName: '办公室', at: '2026-01-05T00:00:00Z', signed: 0, addressees: 1 }
  const refusal = { code: 'forbidden', title: '读不到', status: 403, type: '', traceId: '' }
  vi.stubGlobal('fetch', async (request: Request) =>
    new URL(request.url).pathname.includes('/matters/') ? Response.json(refusal, { status: 403 }) : Response.json({ summary, receipts: [], body: '' }),
  )
  render(
    <QueryClientProvider client={queryClient()}>
      <MemoryRouter initialEntries={['/slips/m/1']}>
        <Routes>
          <Route path="/slips/:matter/:number" element={<SlipPage />} />
        </Routes>
      </MemoryRouter>
    </QueryClientProvider>,
  )
  expect(await screen.findByText('读不到', {}, { timeout: 10_000 })).toBeTruthy()
})
