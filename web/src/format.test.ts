import { describe, expect, it } from 'vitest'
import type { Colour } from './api/client'
import { civilDay, day, distance, fileSize, fullDay, moment, weekday, workingTime } from './format'

const now = new Date('2026-03-10T04:00:00Z') // noon in Zibo

describe('dates', () => {
  it('are civil days eight hours ahead', () => {
    expect(civilDay('2026-03-09T15:59:59Z')).toBe('2026-03-09')
    expect(civilDay('2026-03-09T16:00:00Z')).toBe('2026-03-10')
  })

  it('leave out the current year and name any other', () => {
    expect(day('2026-03-09T16:00:00Z', now)).toBe('3月10日')
    expect(day('2025-12-31T15:00:00Z', now)).toBe('2025年12月31日')
    expect(moment('2026-03-10T01:05:00Z', now)).toBe('3月10日 09:05')
    expect(fullDay('2026-01-31')).toBe('2026年1月31日')
    expect(weekday('2026-03-10')).toBe('星期二')
  })
})

describe('how far a limit is', () => {
  it.each<[string, string | undefined, Colour, string]>([
    ['days ahead', '2026-03-13T09:00:00Z', 'green', '剩3天'],
    ['today', '2026-03-10T09:00:00Z', 'amber', '今天到期'],
    ['tomorrow in less than a day', '2026-03-10T17:00:00Z', 'amber', '剩不足1天'],
    ['late by days', '2026-03-07T09:00:00Z', 'red', '逾期2天'],
    ['late by hours', '2026-03-10T01:00:00Z', 'red', '逾期不足1天'],
    ['no limit', undefined, 'grey', ''],
    ['a rehearsal that is late on its own clock', '2026-04-10T01:00:00Z', 'red', ''],
    ['a rehearsal whose day has gone by on the wall', '2026-03-01T01:00:00Z', 'green', ''],
  ])('%s', (_, due, colour, text) => {
    expect(distance(due, colour, now)).toBe(text)
  })

  it('is not said of a rehearsal that began in days to come', () => {
    expect(distance('2026-06-13T09:00:00Z', 'green', now, '2026-06-01T00:00:00Z')).toBe('')
    expect(distance('2026-03-13T09:00:00Z', 'green', now, '2026-03-01T00:00:00Z')).toBe('剩3天')
  })
})

it('says working time and sizes', () => {
  expect([0, 59, 60, 125].map(workingTime)).toEqual(['0分钟', '59分钟', '1小时', '2小时5分钟'])
  expect([12, 2048, 5_400_000].map(fileSize)).toEqual(['12 字节', '2 KB', '5.1 MB'])
})
