import { QueryClientProvider } from '@tanstack/react-query'
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { App } from 'antd'
import { MemoryRouter } from 'react-router'
import { afterEach, expect, it, vi } from 'vitest'
import { queryClient } from '../../api/queries'
import { Session } from '../../session'
import { Organisations } from './Organisations'
import { t } from './text'

const patience = { timeout: 10_000 }

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

it('keeps what is typed although the units cannot be read anew', async () => {
  let fails = false
  const refusal = { code: 'forbidden', title: '读不到', status: 403, type: '', traceId: '' }
  const answers: Record<string, object> = {
    '/api/v1/me': { person: { id: 'a', name: '管理员' }, login: 'a', roles: ['administrator'], posts: [] },
    '/api/v1/organisations': { items: [{ id: 'o', title: '单位' }] },
    '/api/v1/organisations/o/units': { items: [{ id: 'u', name: '甲单位', kind: 'department' }] },
  }
  vi.stubGlobal('fetch', async (request: Request) => {
    const { pathname } = new URL(request.url)
    return fails && pathname.endsWith('/units') ? Response.json(refusal, { status: 403 }) : Response.json(answers[pathname] ?? { items: [] })
  })
  vi.stubGlobal('EventSource', class extends EventTarget { close() {} })
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} })
  vi.stubGlobal('matchMedia', () => ({ matches: false, addListener() {}, removeListener() {}, addEventListener() {}, removeEventListener() {} }))
  const client = queryClient()
  render(
    <App>
      <QueryClientProvider client={client}>
        <MemoryRouter>
          <Session>
            <Organisations />
          </Session>
        </MemoryRouter>
      </QueryClientProvider>
    </App>,
  )
  fireEvent.click(await screen.findByRole('button', { name: t('unit-add') }, patience))
  fireEvent.change(await screen.findByRole('textbox', { name: new RegExp(t('reason')) }, patience), { target: { value: '机构调整' } })
  fails = true
  act(() => void client.invalidateQueries())
  await screen.findByText('读不到', {}, patience)
  expect(screen.getByDisplayValue('机构调整')).toBeTruthy()
})
