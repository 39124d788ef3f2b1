import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react'
import { App, ConfigProvider } from 'antd'
import { MemoryRouter } from 'react-router'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Matter, Offer } from '../../api/client'
import '../../testing'
import { t } from '../../text'
import { theme } from '../../theme'
import { ActionDialog } from './ActionDialog'

type Sent = { key: string | null; match: string | null; body: Record<string, unknown> }
let sent: Sent[]
let answers: (() => Response | Promise<Response>)[]

const json = (status: number, body: unknown) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': status < 400 ? 'application/json' : 'application/problem+json' } })

beforeEach(() => {
  sent = []
  answers = []
  vi.stubGlobal('fetch', async (request: Request) => {
    if (request.method !== 'POST') return json(200, { items: [] })
    sent.push({
      key: request.headers.get('Idempotency-Key'),
      match: request.headers.get('If-Match'),
      body: (await request.json()) as Record<string, unknown>,
    })
    return answers.shift()!()
  })
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} })
  vi.stubGlobal('matchMedia', () => ({ matches: false, addListener() {}, removeListener() {}, addEventListener() {}, removeEventListener() {} }))
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

const matter = (sequence: number, more: Partial<Matter> = {}): Matter =>
  ({
    id: '00000000-0000-4000-8000-000000000001',
    sequence,
    title: '事项',
    organisation: 'o',
    form: { note: '原文' },
    formSchema: { properties: { note: { type: 'string', title: '说明' }, draft: { type: 'string', title: '初稿说明' } } },
    fields: ['note', 'draft'],
    needs: [],
    slips: [],
    offers: [],
    assignments: [],
    ...more,
  }) as unknown as Matter

function show(first: Matter, offer: Offer) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  const close = vi.fn()
  const page = (of: Matter) => (
    <QueryClientProvider client={client}>
      <ConfigProvider theme={theme} button={{ autoInsertSpace: false }}>
        <App>
          <MemoryRouter>
            <ActionDialog matter={of} offer={offer} close={close} />
          </MemoryRouter>
        </App>
      </ConfigProvider>
    </QueryClientProvider>
  )
  const view = render(page(first))
  return { close, update: (of: Matter) => view.rerender(page(of)) }
}

const type = (label: string, text: string) => fireEvent.change(screen.getByLabelText(new RegExp(label)), { target: { value: text } })
const confirm = (action: string) => fireEvent.click(screen.getByRole('button', { name: t('confirm', { action }) }))

it('sends what was decided on the matter as it was seen', async () => {
  const { close } = show(matter(7), { action: 'return', label: '退回', assignment: 3, to: [{ stage: 'draft', title: '起草' }] })
  answers = [() => json(200, matter(8))]
  type(t('opinion'), '请补充')
  confirm('退回')
  await waitFor(() => expect(close).toHaveBeenCalled())
  expect(sent).toEqual([{ key: expect.stringMatching(/^[0-9a-f-]{36}$/), match: '"7"', body: { action: 'return', assignment: 3, to: 'draft', opinion: '请补充' } }])
})

it('asks for the opinion a return needs before anything is sent', async () => {
  show(matter(7), { action: 'return', label: '退回', to: [{ stage: 'draft', title: '起草' }] })
  confirm('退回')
  expect(await screen.findByText(t('need-text', { field: t('opinion') }))).toBeTruthy()
  expect(sent).toEqual([])
})

it('keeps what is typed when others act, and goes on only once that is seen', async () => {
  const { close, update } = show(matter(7), { action: 'comment', label: '批注' })
  type(t('opinion'), '打了一半')
  update(matter(9))
  expect(screen.getByDisplayValue('打了一半')).toBeTruthy()
  expect(screen.getByText(t('moved-on'))).toBeTruthy()
  expect((screen.getByRole('button', { name: t('confirm', { action: '批注' }) }) as HTMLButtonElement).disabled).toBe(true)
  const seen = screen.getByRole('button', { name: t('moved-on-seen') }) as HTMLButtonElement
  await waitFor(() => expect(seen.disabled).toBe(false)) // what happened is shown by then
  fireEvent.click(seen)
  answers = [() => json(200, matter(10))]
  confirm('批注')
  await waitFor(() => expect(close).toHaveBeenCalled())
  expect(sent[0]).toMatchObject({ match: '"9"', body: { opinion: '打了一半' } })
})

it('sends the same wish again under the same key, and a refused one under a fresh one', async () => {
  const { close } = show(matter(7), { action: 'comment', label: '批注' })
  const problem = (status: number) => () => json(status, { type: '', title: '原因在此', status, code: 'x', source: '001 art. 18', traceId: 't' })
  answers = [problem(500), problem(409), () => json(200, matter(8))]
  type(t('opinion'), '意见')
  confirm('批注')
  fireEvent.click(await screen.findByRole('button', { name: t('again') }))
  await waitFor(() => expect(sent).toHaveLength(2))
  expect(await screen.findByText(/001号文件第18条/)).toBeTruthy()
  confirm('批注')
  await waitFor(() => expect(close).toHaveBeenCalled())
  expect(sent[1]!.key).toBe(sent[0]!.key)
  expect(sent[2]!.key).not.toBe(sent[1]!.key)
})

it('asks again under the same key after a lost answer, though the matter has moved on by what was done', async () => {
  const { close, update } = show(matter(7), { action: 'comment', label: '批注' })
  answers = [() => json(500, { type: '', title: '服务器出错', status: 500, code: 'x', traceId: 't' }), () => json(200, matter(8))]
  type(t('opinion'), '意见')
  confirm('批注')
  const again = await screen.findByRole('button', { name: t('again') })
  update(matter(8))
  expect(screen.queryByText(t('moved-on'))).toBeNull()
  fireEvent.click(again)
  await waitFor(() => expect(close).toHaveBeenCalled())
  expect(sent[1]).toEqual(sent[0])
})

it('asks on approval only for what is missing, and sends only what was changed', async () => {
  const { close } = show(matter(7, { needs: ['draft', 'note'] }), { action: 'approve', label: '同意' })
  expect(screen.queryByLabelText(/^说明/)).toBeNull()
  confirm('同意')
  expect(await screen.findByText(t('need-text', { field: '初稿说明' }))).toBeTruthy()
  type('初稿说明', '已拟')
  answers = [() => json(200, matter(8))]
  confirm('同意')
  await waitFor(() => expect(close).toHaveBeenCalled())
  expect(sent[0]!.body).toEqual({ action: 'approve', fields: { draft: '已拟' } })
})
