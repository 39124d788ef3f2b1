import { describe, expect, it } from 'vitest'
import { readNotice, writeNotice } from './notice'

describe("a year's notice", () => {
  it.each([
    ['one day', '2027-01-01 元旦', { '2027-01-01': '元旦' }],
    ['as newspapers write it', '2027年5月1日至2027年5月2日 劳动节', { '2027-05-01': '劳动节', '2027-05-02': '劳动节' }],
    ['over a month', '2027/9/30 - 2027/10/1 国庆节\n\n', { '2027-09-30': '国庆节', '2027-10-01': '国庆节' }],
  ])('is read: %s', (_, text, days) => expect(readNotice(text, 2027)).toEqual({ days, faults: [] }))

  it.each([
    ['元旦', 'no-date'],
    ['2027-02-30 春节', 'bad-date'],
    ['2026-12-31 元旦', 'other-year'],
    ['2027-01-01', 'no-name'],
    ['2027-05-02 - 2027-05-01 劳动节', 'backwards'],
    ['2027-01-01 元旦\n2027-01-01 元旦', 'twice'],
  ])('says what is wrong with %s', (text, why) => {
    const { faults } = readNotice(text, 2027)
    expect(faults.map((fault) => fault.why)).toEqual([why])
    expect(faults[0]!.line).toBe(text.split('\n').length)
  })

  it('is written as it is read', () => {
    const text = '2027-01-01 元旦\n2027-02-05 - 2027-02-11 春节\n2027-02-12 调休'
    expect(writeNotice(readNotice(text, 2027).days)).toBe(text)
  })
})
