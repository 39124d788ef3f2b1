import { expect, it } from 'vitest'
import { lasted, remaining } from './Countdown'

it.each([
  [-5_000, '0秒'],
  [42_000, '42秒'],
  [125_000, '2分5秒'],
  [3_660_000, '1小时1分'],
  [90_000_000, '1天1小时'],
])('says how long it is: %d', (milliseconds, said) => {
  expect(remaining(milliseconds)).toBe(said)
})

it('says how long something lasted', () => {
  expect(lasted('2026-11-22T06:00:00Z', '2026-11-22T06:00:31Z')).toBe('31秒')
})
