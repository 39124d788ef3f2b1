import { expect, it } from 'vitest'
import { span } from './duration'

it.each([
  [0, 540, '0分钟'],
  [59, 540, '59分钟'],
  [60, 540, '1小时'],
  [540, 540, '1天'],
  [540, 1440, '9小时'],
  [3000, 1440, '2天2小时'],
  [20000, 1440, '13天'],
])('%i minutes of days of %i are %s', (minutes, day, text) => {
  expect(span(minutes, day)).toBe(text)
})
