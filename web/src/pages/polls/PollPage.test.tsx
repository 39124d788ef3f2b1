import { QueryClientProvider } from '@tanstack/react-query'
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { MemoryRouter, Route, Routes } from 'react-router'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import catalogue from '../../../../internal/message/zh-CN/web-polls.json'
import { queryClient } from '../../api/queries'
import { refresh } from '../../api/stream'
import { texts } from '../../text'
import PollPage from './PollPage'
import { nextLook } from './queries'

const t = texts(catalogue)
const patience = { timeout: 10_000 }

const summary = {
  id: 'p', matter: 'm', title: '评选', opens: '2026-03-01T00:00:00Z', closes: '2099-03-08T00:00:00Z', state: 'open', units: 2, unitsVoted: 0,
  eligible: 0, publicVoted: 0, rehearsal: false, mine: [{ unit: 'u', unitName: '甲单位', voted: false, mayVote: true, own: [] }],
}
const poll = {
  summary, overseen: false, source: '', least: 1, most: 2, winners: 1, secret: false,
  options: [{ id: 'a', number: 1, title: '甲案', owners: [] }, { id: 'b', number: 2, title: '乙案', owners: [] }],
  voters: [{ unit: 'u', unitName: '甲单位', voted: false }, { unit: 'v', unitName: '乙单位', voted: false }],
}

let shown: object
let fails: boolean
beforeEach(() => {
  shown = poll
  fails = false
  vi.stubGlobal('fetch', async (request: Request) => {
    if (request.method === 'POST') return Response.json({ receipt: 'HUIZHI', leaf: 1, replaced: false }, { status: 201 })
    return fails ? Response.json({ code: 'forbidden', title: '读不到', status: 403, type: '', traceId: '' }, { status: 403 }) : Response.json(shown)
  })
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

function open() {
  const client = queryClient()
  render(
    <QueryClientProvider client={client}>
      <MemoryRouter initialEntries={['/polls/p']}>
        <Routes>
          <Route path="/polls/:poll" element={<PollPage />} />
        </Routes>
      </MemoryRouter>
    </QueryClientProvider>,
  )
  return () => act(() => refresh(client, new Set(['m'])))
}

it('shows who voted meanwhile, and keeps what is chosen although reading fails', async () => {
  const movesOn = open()
  fireEvent.click(await screen.findByRole('checkbox', { name: /甲案/ }, patience))
  shown = { ...poll, voters: [poll.voters[0], { ...poll.voters[1], voted: true }] }
  movesOn()
  await screen.findByText(t('yes'), {}, patience)
  fails = true
  movesOn()
  await screen.findByText('读不到', {}, patience)
  expect((screen.getByRole('checkbox', { name: /甲案/ }) as HTMLInputElement).checked).toBe(true)
})

it('keeps a receipt on the page when the vote closes', async () => {
  const movesOn = open()
  fireEvent.click(await screen.findByRole('checkbox', { name: /甲案/ }, patience))
  fireEvent.click(screen.getByRole('button', { name: new RegExp(t('cast').split('').join('\\s*')) }))
  await screen.findByText('HUIZHI', {}, patience)
  shown = { ...poll, summary: { ...summary, state: 'counting' } }
  movesOn()
  await screen.findByText(new RegExp(t('state-counting')), {}, patience)
  expect(screen.getByText('HUIZHI')).toBeTruthy()
  expect(screen.queryByRole('checkbox')).toBeNull()
})

it('looks again while the public votes, and when the vote opens or closes', () => {
  const of = (more: object) => ({ ...summary, ...more }) as unknown as Parameters<typeof nextLook>[0]
  const closes = '2026-03-08T00:00:00Z'
  const before = Date.parse('2026-03-07T23:59:00Z')
  expect(nextLook(of({ closes }), before)).toBe(60_000)
  expect(nextLook(of({ closes, eligible: 9 }), before)).toBe(5_000)
  expect(nextLook(of({ closes, state: 'counted' }), Date.parse('2026-03-09T00:00:00Z'))).toBe(false)
})
