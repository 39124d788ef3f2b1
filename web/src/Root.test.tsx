import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Root } from './Root'
import { t } from './text'
import { setLargeType } from './typesize'

const me = { person: { id: 'a', name: '某人' }, login: 'a', roles: [], posts: [], counts: {}, unreadNotifications: 0 }
const patience = { timeout: 10_000 }

beforeEach(() => {
  vi.stubGlobal('fetch', async (request: Request) => {
    if (request.method === 'DELETE') throw new TypeError('away')
    return Response.json(me)
  })
  vi.stubGlobal('EventSource', class extends EventTarget { close() {} })
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} })
  vi.stubGlobal('matchMedia', () => ({ matches: false, addListener() {}, removeListener() {}, addEventListener() {}, removeEventListener() {} }))
  window.history.replaceState(null, '', '/password')
})
afterEach(() => {
  cleanup()
  act(() => setLargeType(false))
  vi.unstubAllGlobals()
})

it('keeps what is typed when somebody turns to large type', async () => {
  render(<Root />)
  const field = await screen.findByLabelText(new RegExp(t('current-password')), { selector: 'input' }, patience)
  fireEvent.change(field, { target: { value: 'typed' } })
  act(() => setLargeType(true))
  expect(screen.getByDisplayValue('typed')).toBeTruthy()
})

it('does not let somebody go who is still logged in', async () => {
  sessionStorage.setItem('kept:a:somewhere', '{}')
  render(<Root />)
  fireEvent.click(await screen.findByRole('button', { name: me.person.name }, patience))
  fireEvent.click(await screen.findByText(t('log-out'), {}, patience))
  await screen.findByText(t('unreachable'), {}, patience)
  expect(sessionStorage.getItem('kept:a:somewhere')).toBe('{}')
})
