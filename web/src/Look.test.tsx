import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { Modal } from 'antd'
import { afterEach, expect, it, vi } from 'vitest'
import { Look } from './Look'

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

it('does not close a dialog when somebody clicks beside it', async () => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addListener() {}, removeListener() {}, addEventListener() {}, removeEventListener() {} }))
  const close = vi.fn()
  render(
    <Look>
      <Modal open title="对话" onCancel={close} />
    </Look>,
  )
  const dialog = await screen.findByRole('dialog', {}, { timeout: 10_000 })
  const beside = dialog.closest('.ant-modal-wrap')!
  fireEvent.mouseDown(beside)
  fireEvent.mouseUp(beside)
  fireEvent.click(beside)
  expect(close).not.toHaveBeenCalled()
})
