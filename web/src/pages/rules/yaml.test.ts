import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import catalogue from '../../../../internal/message/zh-CN/web-rules.json'
import { above, completion, keyAt, schemaAt, valuesOf, type Schema } from './yaml'

const schema = JSON.parse(readFileSync(path.join(process.cwd(), '../internal/rulebook/rulebook.schema.json'), 'utf8')) as Schema
const text = `rulebook: a
alarms:
  - {before: 1 workday, do: notice, to: holder}
procedures:
  work:
    title: x
    stages:
      draft:
        kind: task
        # a word
        who: office/clerk

        actions: {approve: check, return: draft}
        wi
      check:
        kind: gate
        gate: {when: a, reason: b}
`.split('\n')
const line = (begins: string) => text.findIndex((one) => one.trim().startsWith(begins))

describe('a text of the rules', () => {
  it('knows the keys above a line', () => {
    expect(above(text, line('who:'))).toEqual(['procedures', 'work', 'stages', 'draft'])
    expect(above(text, line('rulebook:'))).toEqual([])
  })

  it('knows the key under the caret, within braces too', () => {
    expect(keyAt(text, line('who:'), 12)).toEqual({ path: ['procedures', 'work', 'stages', 'draft'], key: 'who' })
    const gate = text[line('gate:')]!
    expect(keyAt(text, line('gate:'), gate.indexOf('b}'))).toEqual({ path: ['procedures', 'work', 'stages', 'check', 'gate'], key: 'reason' })
    expect(keyAt(text, line('- {before'), text[line('- {before')]!.indexOf('notice'))).toEqual({ path: ['alarms'], key: 'do' })
  })

  it('finds what the schema says there', () => {
    const { path: at, key } = keyAt(text, line('kind: gate'), 10)
    expect(valuesOf(schemaAt(schema, [...at, key!]))).toContain('gate')
    expect(Object.keys(schemaAt(schema, ['alarms'])!.properties!)).toContain('before')
    expect(schemaAt(schema, ['procedures', 'work', 'nonsense'])).toBeUndefined()
  })

  it('completes a key that is begun, not one that stands there', () => {
    const found = completion(text, line('wi'), text[line('wi')]!.length)!
    expect(found.path).toEqual(['procedures', 'work', 'stages', 'draft'])
    expect(found.begun).toBe('wi')
    expect(found.there).toEqual(expect.arrayContaining(['kind', 'who', 'actions']))
    expect(found.there).not.toContain('gate')
    expect(completion(text, line('who:'), text[line('who:')]!.length)).toBeUndefined()
  })

  it('has help for every key of the language, and for nothing else', () => {
    const keys = new Set<string>()
    const walk = (one: Schema | boolean | undefined, form = false) => {
      if (typeof one !== 'object' || form) return
      for (const [key, inner] of Object.entries(one.properties ?? {})) {
        keys.add(key)
        walk(inner)
      }
      walk(one.additionalProperties)
      walk(one.items)
    }
    walk(schema)
    for (const definition of Object.values(schema.$defs ?? {})) walk(definition)
    const helped = Object.keys(catalogue).filter((key) => /^help-(?!none|values|keys|insert)/.test(key))
    expect(helped.filter((key) => !keys.has(key.slice(5)))).toEqual([])
    expect([...keys].filter((key) => !helped.includes(`help-${key}`))).toEqual([])
  })
})
