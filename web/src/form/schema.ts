import { t } from '../text'

/** A form's values by field. */
export type Values = Record<string, unknown>

/** What a form may ask for, as read from its JSON Schema. */
export type Field = {
  name: string
  title: string
  hint?: string
  kind: Kind
  choices?: Choice[] // of a choice
  unitKinds?: string[] // of units
  item?: Field[] // of a list of objects
  least?: number // shortest text, fewest items, smallest number
  most?: number
  whole?: boolean // of a number
  pattern?: string
  given?: boolean // shown, not filled in: what a row of a given list is about
}
export type Kind = 'text' | 'long-text' | 'date' | 'number' | 'check' | 'choice' | 'choices' | 'unit' | 'units' | 'file' | 'files' | 'list' | 'change'
export type Choice = { value: string; title: string }

type Schema = {
  type?: string | string[]
  title?: string
  description?: string
  format?: string
  enum?: unknown[]
  oneOf?: { const?: unknown; title?: string }[]
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  minimum?: number
  maximum?: number
  pattern?: string
  'x-kinds'?: string[]
  'x-given'?: boolean
}

const LONG = 200 // a text that may be longer is written in several lines

const choicesOf = (schema: Schema): Choice[] | undefined =>
  schema.oneOf?.map((one) => ({ value: String(one.const), title: one.title ?? String(one.const) })) ??
  schema.enum?.map((value) => ({ value: String(value), title: String(value) }))

function kindOf(schema: Schema): Kind {
  const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== 'null') : schema.type
  switch (type) {
    case 'boolean':
      return 'check'
    case 'integer':
    case 'number':
      return 'number'
    case 'array': {
      const item = schema.items ?? {}
      if (item.format === 'unit') return 'units'
      if (item.format === 'attachment') return 'files'
      if (item.type === 'object') return 'list'
      return 'choices'
    }
  }
  if (schema.format === 'unit') return 'unit'
  if (schema.format === 'attachment') return 'file'
  if (schema.format === 'date') return 'date'
  if (schema.format === 'rule-change') return 'change'
  if (choicesOf(schema)) return 'choice'
  return schema.format === 'textarea' || (schema.maxLength ?? 0) > LONG ? 'long-text' : 'text'
}

/** The fields of a form in its order; with names, only those. */
export function fieldsOf(form: unknown, names?: readonly string[]): Field[] {
  const properties = (form as Schema | undefined)?.properties ?? {}
  return Object.entries(properties)
    .filter(([name]) => !names || names.includes(name))
    .map(([name, schema]) => {
      const kind = kindOf(schema)
      const list = schema.type === 'array'
      const number = kind === 'number'
      return {
        name,
        title: schema.title ?? name,
        hint: schema.description,
        kind,
        choices: choicesOf(list ? (schema.items ?? {}) : schema),
        unitKinds: schema['x-kinds'] ?? schema.items?.['x-kinds'],
        item: kind === 'list' ? fieldsOf(schema.items) : undefined,
        least: list ? schema.minItems : number ? schema.minimum : schema.minLength,
        most: list ? schema.maxItems : number ? schema.maximum : schema.maxLength,
        whole: schema.type === 'integer',
        pattern: schema.pattern,
        given: schema['x-given'],
      }
    })
}

/** The fields a form cannot do without: what its schema requires and what the stage needs, as far as it asks for them. */
export function requiredOf(form: unknown, needs: readonly string[] = []): string[] {
  return [...new Set([...((form as Schema | undefined)?.required ?? []), ...needs])]
}

/** What an item of a list requires. */
export function itemRequired(form: unknown, name: string): string[] {
  return (form as Schema | undefined)?.properties?.[name]?.items?.required ?? []
}

export const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)

/**
 * What is wrong with the values, by field ("tasks.2.title" in a list). `strict`: required ones must be there, as when
 * submitting; a draft may lack them.
 */
export function check(form: unknown, fields: readonly Field[], values: Values, required: readonly string[], strict: boolean): Record<string, string> {
  const wrong: Record<string, string> = {}
  for (const field of fields) {
    const value = values[field.name]
    if (isEmpty(value)) {
      if (strict && required.includes(field.name)) wrong[field.name] = t(needed(field.kind), { field: field.title })
      continue
    }
    const message = checkOne(field, value)
    if (message) wrong[field.name] = message
    if (field.item && Array.isArray(value)) {
      const inner = itemRequired(form, field.name)
      value.forEach((item, i) => {
        for (const [name, text] of Object.entries(check(undefined, field.item!, item as Values, inner, true))) {
          wrong[`${field.name}.${i}.${name}`] = text
        }
      })
    }
  }
  return wrong
}

function needed(kind: Kind) {
  switch (kind) {
    case 'check':
      return 'need-check'
    case 'file':
    case 'files':
      return 'need-file'
    case 'text':
    case 'long-text':
    case 'number':
      return 'need-text'
    default:
      return 'need-choice'
  }
}

function checkOne(field: Field, value: unknown): string | undefined {
  const { title, least, most } = field
  if (typeof value === 'string' && (field.kind === 'text' || field.kind === 'long-text')) {
    const length = [...value].length
    if (most !== undefined && length > most) return t('too-long', { field: title, most, length })
    if (least !== undefined && length < least) return t('too-short', { field: title, least })
    if (field.pattern && !new RegExp(field.pattern, 'u').test(value)) return t('wrong-pattern', { field: title })
  }
  if (typeof value === 'number') {
    if (field.whole && !Number.isInteger(value)) return t('not-whole', { field: title })
    if (least !== undefined && value < least) return t('too-small', { field: title, least })
    if (most !== undefined && value > most) return t('too-large', { field: title, most })
  }
  if (Array.isArray(value)) {
    if (least !== undefined && value.length < least) return t('too-few', { field: title, least })
    if (most !== undefined && value.length > most) return t('too-many', { field: title, most })
  }
  return undefined
}

/** The values as they are sent: nothing empty, texts trimmed. */
export function cleaned(fields: readonly Field[], values: Values): Values {
  const out: Values = {}
  for (const field of fields) {
    let value = values[field.name]
    if (typeof value === 'string') value = value.trim()
    if (field.item && Array.isArray(value)) value = value.map((item) => cleaned(field.item!, item as Values))
    if (!isEmpty(value)) out[field.name] = value
  }
  return out
}

/** What differs from the values before, for an action: a field emptied is sent as null. */
export function changed(fields: readonly Field[], before: Values, values: Values): Values {
  const now = cleaned(fields, values)
  const was = cleaned(fields, before)
  const out: Values = {}
  for (const { name } of fields) {
    if (JSON.stringify(now[name]) !== JSON.stringify(was[name])) out[name] = now[name] ?? null
  }
  return out
}

/** The server's field errors by field of the form; it may call them "form.x", "fields.x" or "/form/x". */
export function fromServer(errors: readonly { field: string; message: string }[] | undefined): Record<string, string> {
  const wrong: Record<string, string> = {}
  for (const { field, message } of errors ?? []) {
    wrong[field.replace(/^\/+/, '').replace(/\//g, '.').replace(/^(form|fields)\./, '')] = message
  }
  return wrong
}
