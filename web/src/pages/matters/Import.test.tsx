import { QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { MemoryRouter } from 'react-router'
import { afterEach, expect, it, vi } from 'vitest'
import catalogue from '../../../../internal/message/zh-CN/web-import.json'
import { queryClient } from '../../api/queries'
import { texts } from '../../text'
import Import from './Import'

const t = texts(catalogue)
const patience = { timeout: 10_000 }

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

it('asks for a new check when rows are to be for another unit than they were checked for', async () => {
  const kind = { rulebook: 'r', procedure: 'p', title: '登记', units: [{ id: 'u', name: '甲单位' }, { id: 'v', name: '乙单位' }], columns: [] }
  const check = { import: { id: 'i' }, errors: [], columns: [], rows: [], total: 3 }
  vi.stubGlobal('fetch', async (to: string | Request) => Response.json(typeof to === 'string' ? check : { kinds: [kind], items: [] }))
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} })
  render(
    <QueryClientProvider client={queryClient()}>
      <MemoryRouter>
        <Import />
      </MemoryRouter>
    </QueryClientProvider>,
  )
  fireEvent.change(await screen.findByLabelText(t('choose'), { selector: 'input' }, patience), { target: { files: [new File(['x'], 'x.xlsx')] } })
  await screen.findByText(t('step-check'), {}, patience)
  fireEvent.mouseDown(screen.getByRole('combobox'))
  fireEvent.click(await screen.findByText('乙单位', {}, patience))
  expect(screen.queryByText(t('step-check'))).toBeNull()
})
