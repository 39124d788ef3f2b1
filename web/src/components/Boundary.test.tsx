import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { ConfigProvider } from 'antd'
import { Link, MemoryRouter, Route, Routes } from 'react-router'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import '../testing'
import { t } from '../text'
import { apart, Boundary } from './Boundary'

beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => undefined)) // where React tells what it caught
afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

function show(page: React.ReactNode) {
  render(
    <ConfigProvider button={{ autoInsertSpace: false }}>
      <MemoryRouter>
        <Link to="/other">elsewhere</Link>
        <Boundary>
          <Routes>
            <Route index element={page} />
            <Route path="/other" element="another page" />
          </Routes>
        </Boundary>
      </MemoryRouter>
    </ConfigProvider>,
  )
}

it('holds a fault while a page is drawn, and draws it again when asked', () => {
  let broken = true
  function Page() {
    if (broken) throw new Error('broken')
    return 'drawn'
  }
  show(<Page />)
  expect(screen.getByRole('alert').textContent).toContain(t('page-failed'))
  broken = false
  fireEvent.click(screen.getByRole('button', { name: t('again') }))
  expect(screen.getByText('drawn')).toBeTruthy()
})

it('lets go of the fault where one goes to another page', () => {
  function Page(): never {
    throw new Error('broken')
  }
  show(<Page />)
  fireEvent.click(screen.getByText('elsewhere'))
  expect(screen.getByText('another page')).toBeTruthy()
  expect(screen.queryByRole('alert')).toBeNull()
})

it('says of a script file that did not come that the page must be loaded afresh', async () => {
  const Page = apart(() => Promise.reject<{ default: () => null }>(new TypeError('Failed to fetch dynamically imported module')))
  show(<Page />)
  expect(await screen.findByText(t('program-missing'))).toBeTruthy()
  expect(screen.getByRole('button', { name: t('reload') })).toBeTruthy()
})
