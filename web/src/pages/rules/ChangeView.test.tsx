import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, cleanup, render, screen } from '@testing-library/react'
import { afterEach, it, vi } from 'vitest'
import { refresh } from '../../api/stream'
import '../../testing'
import ChangeView from './ChangeView'
import { t } from './text'

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

it('says that a change took effect as soon as its matter moves on', async () => {
  let enacted = false
  const check = { inForce: 'b', problems: [], differences: [], lines: [] }
  const answer = (path: string) =>
    path.includes('/changes/') ? { id: 'c', base: 'a', inForce: 'a', current: !enacted, enacted, text: '', check } : { id: 'm', rulebook: 'r' }
  vi.stubGlobal('fetch', async (request: Request) => Response.json(answer(new URL(request.url).pathname)))
  const client = new QueryClient()
  render(
    <QueryClientProvider client={client}>
      <ChangeView matter="m" change="c" />
    </QueryClientProvider>,
  )
  await screen.findByText(t('change-current'))
  enacted = true
  act(() => refresh(client, new Set(['m'])))
  await screen.findByText(t('change-enacted'))
})
