import type { ChartMatter } from '../../api/ledgers'

/** A span of time, in milliseconds since 1970. */
export type Extent = { from: number; to: number }

const ZONE = 8 * 3600_000 // civil time is UTC+8 all year
const DAY = 24 * 3600_000
const MOST = 3 * 366 * DAY // a chart shows no more than three years, those around now

/** Midnight before an instant, by the civil calendar. */
const midnight = (at: number) => Math.floor((at + ZONE) / DAY) * DAY - ZONE

const time = (instant: string) => new Date(instant).getTime()

/** Each matter's now: its own clock's in a rehearsal, else the wall's. */
export const nowOf = (one: ChartMatter, now: number) => (one.now ? time(one.now) : now)

/** The time a chart of these matters covers, in whole days, with a little room at both ends. */
export function extent(items: readonly ChartMatter[], now: number): Extent {
  let from = Infinity
  let to = -Infinity
  for (const one of items) {
    const here = nowOf(one, now)
    for (const span of [...one.plan, ...one.progress]) {
      from = Math.min(from, time(span.from))
      to = Math.max(to, span.to ? time(span.to) : here)
    }
    from = Math.min(from, time(one.from))
    to = Math.max(to, one.matter.closed ? to : here)
  }
  if (from > to) [from, to] = [now - 15 * DAY, now + 15 * DAY]
  if (to - from > MOST) {
    from = Math.max(from, Math.min(now, to) - MOST / 2)
    to = Math.min(to, from + MOST)
  }
  const room = Math.max(DAY, (to - from) * 0.02)
  return { from: midnight(from - room), to: midnight(to + room) + DAY }
}

/** Where an instant lies on a line from left to right; what lies outside is at its ends. */
export function place(at: number, { from, to }: Extent, left: number, right: number): number {
  const part = Math.min(1, Math.max(0, (at - from) / (to - from)))
  return left + part * (right - left)
}

export type Tick = { at: number; label: string; strong: boolean }

/** Days, Mondays, or months by one, three, six or twelve, whichever leave room for their labels, at the usual size. */
export function ticks({ from, to }: Extent, width: number, label: { day: (month: number, day: number) => string; month: (year: number, month: number) => string }): Tick[] {
  const days = (to - from) / DAY
  const room = width / days // of a day
  const step = [1, 3, 6].find((months) => room * 30 * months >= 74) ?? 12
  const found: Tick[] = []
  for (let at = midnight(from); at <= to; at += DAY) {
    if (at < from) continue
    const civil = new Date(at + ZONE)
    const [year, month, day, weekday] = [civil.getUTCFullYear(), civil.getUTCMonth() + 1, civil.getUTCDate(), civil.getUTCDay()]
    const first = day === 1
    if (room >= 46) found.push({ at, label: label.day(month, day), strong: first })
    else if (room * 7 >= 56) {
      if (weekday === 1) found.push({ at, label: label.day(month, day), strong: day <= 7 })
    } else if (first && (month - 1) % step === 0) found.push({ at, label: label.month(year, month), strong: month === 1 })
  }
  return found
}

export type Bar = { x: number; width: number; title: string; from: number; to: number; late: boolean; open: boolean }

/** The bars of spans: each as wide as its time, but wide enough to be seen. */
export function bars(spans: ChartMatter['plan'], now: number, over: Extent, left: number, right: number, least = 3): Bar[] {
  return spans.map((span) => {
    const [from, to] = [time(span.from), span.to ? time(span.to) : Math.max(now, time(span.from))]
    const x = place(from, over, left, right)
    return { x, width: Math.max(least, place(to, over, left, right) - x), title: span.title, from, to, late: span.late === true, open: !span.to }
  })
}

/** A text cut to what fits: a Chinese character is as wide as it is high, others about half. */
export function fit(text: string, width: number, size: number): string {
  let used = 0
  const most = width - size
  for (let i = 0; i < text.length; i++) {
    used += text.charCodeAt(i) > 0x2e7f ? size : size * 0.55
    if (used > most && i < text.length - 1) return `${text.slice(0, i)}…`
  }
  return text
}

/** The list in sheets of so many rows, for printing and for a wall that turns the page. */
export function sheets<T>(items: readonly T[], rows: number): T[][] {
  const all: T[][] = []
  for (let i = 0; i < items.length; i += Math.max(1, rows)) all.push(items.slice(i, i + Math.max(1, rows)))
  return all
}
