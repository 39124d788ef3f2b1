import { cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { t } from '../text'
import { fieldsOf } from './schema'
import { SchemaForm } from './SchemaForm'

afterEach(cleanup)

const form = { properties: { grassroots: { type: 'boolean', title: '基层创造' }, digital: { type: 'boolean', title: '信息化引领' } } }

it('tells a question nobody answered from one answered no', () => {
  const change = vi.fn()
  render(
    <SchemaForm
      form={form}
      fields={fieldsOf(form)}
      required={['digital']}
      values={{ grassroots: false }}
      errors={{}}
      organisation={undefined}
      change={change}
    />,
  )
  const answers = (question: string) => within(screen.getByRole('radiogroup', { name: question })).getAllByRole<HTMLInputElement>('radio')
  expect(answers('基层创造').map((radio) => radio.checked)).toEqual([false, true])
  expect(answers('信息化引领').map((radio) => radio.checked)).toEqual([false, false])
  expect(screen.getAllByText(t('required-mark'))).toHaveLength(1)
  fireEvent.click(answers('信息化引领')[1]!)
  expect(change).toHaveBeenCalledWith('digital', false)
})
