import { act, cleanup, renderHook, waitFor } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import '../../testing'
import { t } from './text'
import { useDraft } from './draft'

const IN_FORCE = 'v1'
const QUIET = 1500 // milliseconds after which a draft is saved

/** The server: what it keeps, what it was asked to save, and what befalls the next saving. */
let there: { base: string; text: string; revision: number } | undefined
let savings: number
let befalls: ('down' | 'lost' | 'refused')[]

const json = (status: number, body: unknown, headers = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': status < 400 ? 'application/json' : 'application/problem+json', ...headers } })
const problem = (status: number, code: string) => json(status, { type: '', title: code, status, code, traceId: 't' })
const draft = () => json(200, { ...there, rulebook: 'b', saved: `revision ${there!.revision}` }, { ETag: `"${there!.revision}"` })
let revisions = 0
const saveElsewhere = (text: string) => (there = { base: IN_FORCE, text, revision: ++revisions })

async function answer(request: Request): Promise<Response> {
  if (!request.url.endsWith('/draft')) return json(200, { text: 'in force' })
  if (request.method === 'DELETE') return ((there = undefined), new Response(null, { status: 204 }))
  if (request.method === 'GET') return there ? draft() : problem(404, 'not-found')
  savings++
  const befallen = befalls.shift()
  if (befallen === 'down') throw new TypeError('Failed to fetch')
  if (befallen === 'refused') return problem(422, 'classified')
  if ((request.headers.get('If-Match') ?? '') !== (there ? `"${there.revision}"` : '')) return problem(412, 'draft-moved')
  there = { ...((await request.json()) as { base: string; text: string }), revision: ++revisions }
  if (befallen === 'lost') throw new TypeError('Failed to fetch')
  return draft()
}

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true })
  there = undefined
  savings = 0
  befalls = []
  localStorage.clear()
  vi.stubGlobal('fetch', answer)
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

async function edit(from?: string) {
  const { result, unmount } = renderHook(() => useDraft('me', 'b', IN_FORCE, from))
  await waitFor(() => expect(result.current.state).toBeDefined())
  const write = (text: string) => act(() => result.current.write({ base: IN_FORCE, text }))
  const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms))
  return { state: () => result.current.state!, result, write, pass, unmount }
}

it('saves what is written after a pause', async () => {
  const { state, write, pass } = await edit()
  write('one')
  await pass(QUIET)
  await waitFor(() => expect(state().saved).toBeDefined())
  expect(state()).toMatchObject({ text: 'one', dirty: false, problem: undefined })
  expect(there).toMatchObject({ text: 'one' })
  expect(localStorage).toHaveLength(0)
})

it('saves what is written after a saving was refused', async () => {
  befalls = ['refused']
  const { state, write, pass } = await edit()
  write('one')
  await pass(QUIET)
  await waitFor(() => expect(state().problem?.code).toBe('classified'))
  write('two')
  expect(state().problem).toBeUndefined()
  await pass(QUIET)
  await waitFor(() => expect(there).toMatchObject({ text: 'two' }))
})

it('tries again by itself once nobody answered, and when asked', async () => {
  befalls = ['down', 'down']
  const { state, result, write, pass } = await edit()
  write('one')
  await pass(QUIET)
  await waitFor(() => expect(state().problem).toBeDefined())
  await pass(10_000)
  await waitFor(() => expect(savings).toBe(2))
  await act(() => result.current.save())
  expect(there).toMatchObject({ text: 'one' })
  expect(state()).toMatchObject({ dirty: false, problem: undefined })
})

it('finds as saved what was saved under an answer that got lost', async () => {
  befalls = ['lost']
  const { state, result, write, pass } = await edit()
  write('one')
  await pass(QUIET)
  await waitFor(() => expect(state().problem).toBeDefined())
  await act(() => result.current.save())
  expect(state()).toMatchObject({ dirty: false, problem: undefined, etag: `"${there!.revision}"` })
})

it('asks before what was left here takes the place of a newer draft', async () => {
  const first = await edit()
  first.write('A')
  await first.pass(QUIET)
  await waitFor(() => expect(there).toMatchObject({ text: 'A' }))
  befalls = ['down'] // as when the machine is switched off
  first.write('A, and more')
  first.unmount()
  saveElsewhere('B')
  const { state, result, write, pass } = await edit()
  expect(state()).toMatchObject({ text: 'A, and more', problem: { code: 'draft-moved', title: t('draft-moved') } })
  write('A, and still more')
  await pass(30_000)
  expect(there).toMatchObject({ text: 'B' })
  await act(() => result.current.save(true))
  expect(there).toMatchObject({ text: 'A, and still more' })
  expect(state()).toMatchObject({ dirty: false, problem: undefined })
})

it('goes on with what was left here where nobody else has saved', async () => {
  saveElsewhere('A')
  befalls = ['down']
  const first = await edit()
  first.write('A, and more')
  first.unmount()
  const { state, pass } = await edit()
  expect(state()).toMatchObject({ text: 'A, and more', problem: undefined })
  await pass(QUIET)
  await waitFor(() => expect(there).toMatchObject({ text: 'A, and more' }))
})

it('brings no draft back that was submitted: not by leaving, nor from what was left on another machine', async () => {
  const { result, write, unmount } = await edit()
  write('submitted')
  await act(async () => {
    void result.current.forget()
    unmount()
    await vi.advanceTimersByTimeAsync(30_000)
  })
  expect(savings).toBe(0)
  expect(there).toBeUndefined()
  expect(localStorage).toHaveLength(0)

  saveElsewhere('A')
  const other = await edit()
  befalls = ['down']
  other.write('A, and more')
  other.unmount()
  there = undefined
  const { state, result: back, pass } = await edit()
  expect(state().problem).toMatchObject({ code: 'draft-gone', title: t('draft-gone') })
  await pass(30_000)
  expect(there).toBeUndefined()
  act(() => back.current.reload())
  await waitFor(() => expect(back.current.state).toMatchObject({ text: 'in force', dirty: false }))
})

it('begins with another version only where there is no draft', async () => {
  saveElsewhere('mine')
  const { state } = await edit('shipped')
  expect(state()).toMatchObject({ text: 'mine', found: true, dirty: false })
})
