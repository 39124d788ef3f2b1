import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, cleanup, renderHook } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Me } from './client'
import { useStream } from './stream'

class FakeSource extends EventTarget {
  static readonly CLOSED = 2
  static opened: FakeSource[] = []
  readyState = 1
  constructor(readonly url: string) {
    super()
    FakeSource.opened.push(this)
  }
  close() {
    this.readyState = FakeSource.CLOSED
  }
  say(type: string, data: unknown = {}) {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data) }))
  }
}

let hidden: boolean
beforeEach(() => {
  vi.useFakeTimers()
  hidden = false
  FakeSource.opened = []
  vi.stubGlobal('EventSource', FakeSource)
  vi.spyOn(document, 'hidden', 'get').mockImplementation(() => hidden)
})
afterEach(() => {
  cleanup()
  vi.useRealTimers()
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

function follow() {
  const client = new QueryClient()
  const stale = vi.spyOn(client, 'invalidateQueries')
  client.setQueryData(['me'], { unreadNotifications: 0 } as Me)
  const wrapper = ({ children }: { children: ReactNode }) => <QueryClientProvider client={client}>{children}</QueryClientProvider>
  const hook = renderHook(() => useStream(true), { wrapper })
  const keys = () => stale.mock.calls.map(([filter]) => JSON.stringify(filter?.queryKey ?? 'all'))
  return { client, hook, keys, stale, source: () => FakeSource.opened[FakeSource.opened.length - 1]! }
}

it('counts anew a moment later, once for all changes until then', () => {
  const { keys, source } = follow()
  act(() => {
    source().say('matter', { matter: 'a', sequence: 2 })
    vi.advanceTimersByTime(1000)
    source().say('matter', { matter: 'b', sequence: 2 })
    vi.advanceTimersByTime(1000)
  })
  for (const count of ['["ledger"]', '["leaders"]']) expect(keys().filter((key) => key === count)).toHaveLength(1)
  expect(keys().filter((key) => key === '["matters"]')).toHaveLength(2)
})

it('reads anew what changed, changes that come together in one go', () => {
  const { keys, source } = follow()
  act(() => {
    source().say('matter', { matter: 'a', sequence: 2 })
    source().say('matter', { matter: 'a', sequence: 3 })
    source().say('matter', { matter: 'b', sequence: 9 })
    vi.advanceTimersByTime(1000)
  })
  expect(keys().filter((key) => key === '["matter","a"]')).toHaveLength(1)
  expect(keys()).toEqual(expect.arrayContaining(['["matter","b"]', '["events","a"]', '["assignments"]', '["matters"]', '["me"]']))
})

it('follows votes, the machinery of a matter, and what is counted over matters', () => {
  const { keys, source } = follow()
  act(() => {
    source().say('matter', { matter: 'a', sequence: 2 })
    vi.advanceTimersByTime(1500)
  })
  expect(keys()).toEqual(
    expect.arrayContaining(['["polls"]', '["operations","matter","a"]', '["operations","history","a"]', '["operations","matters"]', '["rulebook-versions"]', '["departure"]']),
  )
})

it("reads anew what an administrator's change may touch, and nothing else", () => {
  const { keys, source } = follow()
  act(() => source().say('office'))
  expect(keys()).toEqual(expect.arrayContaining(['["me"]', '["people"]', '["unit-changes"]', '["posts"]', '["calendar"]', '["anomalies"]']))
  expect(keys()).not.toContain('["matters"]')
})

it('shows the number of what is new at once', () => {
  const { client, source } = follow()
  act(() => source().say('notification', { unread: 4 }))
  expect(client.getQueryData<Me>(['me'])?.unreadNotifications).toBe(4)
})

it('says when it is cut off, reads by itself meanwhile, and reads everything once it is back', () => {
  const { hook, keys, source, stale } = follow()
  act(() => source().say('open'))
  expect(hook.result.current).toBe(true)
  act(() => {
    source().close()
    source().dispatchEvent(new Event('error'))
  })
  expect(hook.result.current).toBe(false)
  act(() => void vi.advanceTimersByTime(10_000))
  expect(keys()).toContain('"all"')
  expect(FakeSource.opened).toHaveLength(2)
  stale.mockClear()
  act(() => source().say('open'))
  expect(hook.result.current).toBe(true)
  expect(keys()).toEqual(['"all"'])
})

it('holds no connection while nobody looks', () => {
  const { keys, source } = follow()
  const turn = (to: boolean) =>
    act(() => {
      hidden = to
      document.dispatchEvent(new Event('visibilitychange'))
    })
  turn(true)
  expect(source().readyState).toBe(FakeSource.CLOSED)
  turn(false)
  expect(FakeSource.opened).toHaveLength(2)
  act(() => source().say('open'))
  expect(keys()).toEqual(['"all"'])
})
