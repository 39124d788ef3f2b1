import { expect, it } from 'vitest'
import { BYS, listOf, narrowed } from './groups'

it.each([
  ['unit', { key: 'finance' }, { owner: 'finance' }],
  ['leader', { key: '秘书长' }, { leader: '秘书长' }],
  ['level', { key: 'district' }, { level: 'district' }],
  ['holder', { key: 'a/clerk' }, { holder: 'a/clerk' }],
  ['procedure', { key: 'r/p' }, { rulebook: 'r', procedure: 'p' }],
  ['month', { key: '2026-02-01', from: '2026-02-01', to: '2026-02-28' }, { termFrom: '2026-02-01', termTo: '2026-02-28' }],
] as const)('a group by %s is a filter', (by, group, filter) => {
  expect(narrowed({ text: 'a' }, by, group)).toEqual({ text: 'a', ...filter })
})

it('keeps to the narrower of two terms', () => {
  expect(narrowed({ termFrom: '2026-02-10', termTo: '2026-12-31' }, 'month', { key: '2026-02-01', from: '2026-02-01', to: '2026-02-28' })).toEqual({
    termFrom: '2026-02-10',
    termTo: '2026-02-28',
  })
})

it('has no filter for what has no key', () => {
  for (const by of BYS) expect(narrowed({}, by, { key: '' })).toBeUndefined()
})

it('gives an address', () => {
  expect(listOf({ owner: 'finance' }, { colour: 'red' })).toBe('/matters?owner=finance&colour=red')
})
