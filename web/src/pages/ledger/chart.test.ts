import { describe, expect, it } from 'vitest'
import type { ChartMatter } from '../../api/ledgers'
import { bars, extent, fit, place, sheets, ticks } from './chart'

const span = (stage: string, from: string, to?: string, late?: boolean) => ({ stage, title: stage, from, to, late })
const matter = (more: Partial<ChartMatter>): ChartMatter => ({ matter: { closed: undefined }, from: '2026-03-02T01:00:00Z', plan: [], progress: [], ...more }) as ChartMatter
const at = (instant: string) => new Date(instant).getTime()
const now = at('2026-03-10T04:00:00Z')
const DAY = 24 * 3600_000
const label = { day: (month: number, day: number) => `${month}/${day}`, month: (year: number, month: number) => `${year}-${month}` }

describe('the time a chart covers', () => {
  it('reaches from the first beginning to the last end, today included, in whole civil days', () => {
    const found = extent([matter({ plan: [span('a', '2026-03-02T01:00:00Z', '2026-03-06T09:30:00Z')] })], now)
    expect(found.from).toBeLessThanOrEqual(at('2026-03-02T01:00:00Z'))
    expect(found.to).toBeGreaterThan(now)
    expect((found.from + 8 * 3600_000) % DAY).toBe(0)
    expect((found.to - found.from) % DAY).toBe(0)
  })
  it('goes by a rehearsal’s own clock', () => {
    const found = extent([matter({ now: '2027-01-01T00:00:00Z' })], now)
    expect(found.to).toBeGreaterThan(at('2027-01-01T00:00:00Z'))
  })
  it('is a month around today where there is nothing, and three years at most', () => {
    expect(extent([], now).to - extent([], now).from).toBeGreaterThan(28 * DAY)
    const long = extent([matter({ from: '2015-01-01T00:00:00Z', plan: [span('a', '2015-01-01T00:00:00Z', '2035-01-01T00:00:00Z')] })], now)
    expect(long.to - long.from).toBeLessThan(3.2 * 366 * DAY)
    expect(long.from).toBeLessThan(now)
    expect(long.to).toBeGreaterThan(now)
  })
})

describe('bars', () => {
  const over = { from: now - 10 * DAY, to: now + 10 * DAY }
  it('lie in proportion between the ends', () => {
    expect(place(now, over, 100, 300)).toBe(200)
    expect(place(now - 100 * DAY, over, 100, 300)).toBe(100)
    expect(place(now + 100 * DAY, over, 100, 300)).toBe(300)
  })
  it('end now where a stage goes on, and are never too thin to see', () => {
    const [open, thin] = bars([span('a', new Date(now - 5 * DAY).toISOString()), span('b', new Date(now).toISOString(), new Date(now + 1000).toISOString(), true)], now, over, 0, 200)
    expect(open).toMatchObject({ x: 50, width: 50, open: true, late: false })
    expect(thin).toMatchObject({ x: 100, width: 3, open: false, late: true })
  })
})

describe('the scale', () => {
  it.each([
    [10, 1000, ['3/1', '3/2']],
    [60, 1000, ['3/2', '3/9']],
    [400, 1000, ['2026-3', '2026-4']],
    [900, 1000, ['2026-4', '2026-7']],
    [200, 1000, ['2026-3', '2026-4']],
  ])('of %i days on %i pixels has room for its labels', (days, width, first) => {
    const from = at('2026-02-28T16:00:00Z')
    const found = ticks({ from, to: from + days * DAY }, width, label)
    expect(found.slice(0, 2).map((tick) => tick.label)).toEqual(first)
    expect((found[1]!.at - found[0]!.at) * (width / (days * DAY))).toBeGreaterThan(40)
  })
})

it('cuts a text to what fits', () => {
  expect(fit('推进数据共享', 200, 14)).toBe('推进数据共享')
  expect(fit('推进数据共享交换平台建设', 90, 14)).toBe('推进数据共…')
})

it('turns a list into sheets', () => {
  expect(sheets([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]])
  expect(sheets([], 2)).toEqual([])
  expect(sheets([1, 2], 0)).toEqual([[1], [2]])
})
