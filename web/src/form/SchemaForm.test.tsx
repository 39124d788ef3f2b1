import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import { useState } from 'react'
import { afterEach, expect, it, vi } from 'vitest'
import { t } from '../text'
import { fieldsOf, type Values } from './schema'
import { SchemaForm } from './SchemaForm'

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

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

it('keeps what is typed in a list while a file of it is on its way', async () => {
  let answer: (() => void) | undefined
  vi.stubGlobal(
    'XMLHttpRequest',
    class extends EventTarget {
      upload = new EventTarget()
      status = 201
      responseText = JSON.stringify({ id: 'kept', name: 'x', size: 1 })
      open() {}
      setRequestHeader() {}
      abort() {}
      send() {
        answer = () => void this.dispatchEvent(new Event('load'))
      }
    },
  )
  const list = {
    properties: {
      works: {
        type: 'array',
        title: '做法',
        items: { type: 'object', properties: { name: { type: 'string', title: '名称' }, paper: { type: 'string', title: '材料', format: 'attachment' } } },
      },
    },
  }
  let now: Values = { works: [{}] }
  function Form() {
    const [values, setValues] = useState(now)
    now = values
    return (
      <SchemaForm
        form={list}
        fields={fieldsOf(list)}
        required={[]}
        values={values}
        errors={{}}
        organisation={undefined}
        change={(name, value) => setValues((all) => ({ ...all, [name]: value }))}
      />
    )
  }
  render(
    <QueryClientProvider client={new QueryClient()}>
      <Form />
    </QueryClientProvider>,
  )
  fireEvent.change(screen.getByLabelText('材料', { selector: 'input' }), { target: { files: [new File(['x'], 'x.txt')] } })
  fireEvent.change(screen.getByRole('textbox', { name: '名称' }), { target: { value: '一网通办' } })
  await act(async () => answer!())
  expect(now.works).toEqual([{ name: '一网通办', paper: 'kept' }])
})
