import { describe, expect, it } from 'vitest'
import { changed, check, cleaned, fieldsOf, fromServer, requiredOf } from './schema'

const form = {
  type: 'object',
  required: ['lead'],
  properties: {
    number: { type: 'string', title: '文号', minLength: 2, maxLength: 6 },
    timetable: { type: 'string', title: '进度', format: 'textarea', maxLength: 2000 },
    note: { type: 'string', title: '说明', maxLength: 4000 },
    received: { type: 'string', title: '日期', format: 'date' },
    lead: { type: 'string', title: '牵头', format: 'unit', 'x-kinds': ['department'] },
    others: { type: 'array', title: '参与', items: { type: 'string', format: 'unit' } },
    category: { type: 'string', title: '类别', oneOf: [{ const: 'a', title: '甲' }, { const: 'b', title: '乙' }] },
    level: { type: 'string', title: '层级', enum: ['省', '市'] },
    principle: { type: 'boolean', title: '原则' },
    people: { type: 'integer', title: '人数', minimum: 1, maximum: 10 },
    draft: { type: 'string', title: '初稿', format: 'attachment' },
    files: { type: 'array', title: '附件', maxItems: 2, items: { type: 'string', format: 'attachment' } },
    tasks: {
      type: 'array',
      title: '任务',
      minItems: 1,
      items: { type: 'object', required: ['title'], properties: { title: { type: 'string', title: '名称', maxLength: 3 }, due: { type: 'string', title: '时限', format: 'date' } } },
    },
  },
}

describe('fields of a form', () => {
  it('are of the kind their schema says', () => {
    expect(Object.fromEntries(fieldsOf(form).map((field) => [field.name, field.kind]))).toEqual({
      number: 'text', timetable: 'long-text', note: 'long-text', received: 'date', lead: 'unit', others: 'units', category: 'choice',
      level: 'choice', principle: 'check', people: 'number', draft: 'file', files: 'files', tasks: 'list',
    })
  })

  it('carry choices, kinds of unit and items', () => {
    const fields = Object.fromEntries(fieldsOf(form).map((field) => [field.name, field]))
    expect(fields.category!.choices).toEqual([{ value: 'a', title: '甲' }, { value: 'b', title: '乙' }])
    expect(fields.level!.choices).toEqual([{ value: '省', title: '省' }, { value: '市', title: '市' }])
    expect(fields.lead!.unitKinds).toEqual(['department'])
    expect(fields.tasks!.item!.map((field) => field.kind)).toEqual(['text', 'date'])
  })

  it('can be chosen by name, in the order of the form', () => {
    expect(fieldsOf(form, ['tasks', 'number']).map((field) => field.name)).toEqual(['number', 'tasks'])
  })

  it('are none where there is no form', () => {
    expect(fieldsOf(undefined)).toEqual([])
  })
})

describe('checking', () => {
  const fields = fieldsOf(form)
  const wrong = (values: Record<string, unknown>, needs: string[] = [], strict = true) =>
    Object.keys(check(form, fields, values, needs, strict)).sort()

  it.each<[string, Record<string, unknown>, string[]]>([
    ['a text too short', { number: '一' }, ['number']],
    ['a text too long, counted in characters', { number: '一二三四五六七' }, ['number']],
    ['characters beyond the basic plane count once', { number: '𠮷𠮷𠮷𠮷' }, []],
    ['a number too small', { people: 0 }, ['people']],
    ['a number too large', { people: 11 }, ['people']],
    ['a number not whole', { people: 1.5 }, ['people']],
    ['too many items', { files: ['1', '2', '3'] }, ['files']],
    ['an item without what it requires', { tasks: [{ title: '好' }, { due: '2026-01-01' }] }, ['tasks.1.title']],
    ['an item with a text too long', { tasks: [{ title: '一二三四' }] }, ['tasks.0.title']],
    ['nothing wrong', { number: '一二', people: 3, files: ['1'], tasks: [{ title: '好' }] }, []],
  ])('%s', (_, values, expected) => {
    expect(wrong(values)).toEqual(expected)
  })

  it('asks for what is needed only when strict, and takes "no" for an answer', () => {
    const needs = requiredOf(form, ['principle', 'files', 'number'])
    expect(needs).toEqual(['lead', 'principle', 'files', 'number'])
    expect(wrong({ files: [], number: '' }, needs)).toEqual(['files', 'lead', 'number', 'principle'])
    expect(wrong({ files: [], number: '' }, needs, false)).toEqual([])
    expect(wrong({ principle: false, files: ['1'], number: '一二', lead: 'u' }, needs)).toEqual([])
    expect(wrong({ principle: true, files: ['1'], number: '一二', lead: 'u' }, needs)).toEqual([])
  })
})

describe('what is sent', () => {
  const fields = fieldsOf(form)

  it('leaves out what is empty and trims texts', () => {
    expect(cleaned(fields, { number: ' 一二 ', timetable: '', others: [], principle: false, tasks: [{ title: ' 好 ', due: undefined }], stranger: 1 })).toEqual({
      number: '一二',
      principle: false,
      tasks: [{ title: '好' }],
    })
  })

  it('is only what changed, with what was emptied as null', () => {
    const before = { number: '一二', lead: 'u', files: ['1'] }
    expect(changed(fields, before, { number: '一二 ', lead: 'v', files: [] })).toEqual({ lead: 'v', files: null })
    expect(changed(fields, before, before)).toEqual({})
  })
})

it('reads the fields of server errors however they are written', () => {
  const errors = ['number', 'form.number', 'fields.number', '/form/tasks/0/title'].map((field) => ({ field, message: field }))
  expect(fromServer(errors)).toEqual({ number: 'fields.number', 'tasks.0.title': '/form/tasks/0/title' })
  expect(fromServer(undefined)).toEqual({})
})
