import type { Field, Values } from './schema'

/** A scorecard as a table: who or what is scored, by what, and where each mark stands in the card's rows. */
export type Scorecard = {
  subjects: { id: string; title: string }[]
  indicators: { key: string; title: string; most?: number }[]
  at: (subject: string, indicator: string) => { row: number; name: string } | undefined
}

/**
 * A card of given rows, laid out. A row is a subject with a mark for each indicator or, where the indicators are the
 * matter's own, one mark; then the row says which and at most how many points it gives.
 */
export function scorecard(fields: readonly Field[], rows: readonly Values[]): Scorecard {
  const marks = fields.filter((field) => !field.given)
  const single = fields.some((field) => field.given && field.name === 'indicator')
  const subjects = new Map<string, string>()
  const indicators = new Map<string, Scorecard['indicators'][number]>()
  const places = new Map<string, { row: number; name: string }>()
  const key = (...parts: string[]) => JSON.stringify(parts)
  rows.forEach((item, row) => {
    const subject = String(item.subject ?? '')
    subjects.set(subject, String(item.title ?? subject))
    for (const field of marks) {
      const indicator = single ? String(item.indicator ?? '') : field.name
      const most = single ? item.max : field.most
      if (!indicators.has(indicator))
        indicators.set(indicator, { key: indicator, title: single ? indicator : field.title, most: typeof most === 'number' ? most : undefined })
      places.set(key(subject, indicator), { row, name: field.name })
    }
  })
  return {
    subjects: [...subjects].map(([id, title]) => ({ id, title })),
    indicators: [...indicators.values()],
    at: (subject, indicator) => places.get(key(subject, indicator)),
  }
}

/** The sum of a subject's marks; undefined as long as one is missing. */
export function total(card: Scorecard, rows: readonly Values[], subject: string): number | undefined {
  let sum = 0
  for (const { key } of card.indicators) {
    const place = card.at(subject, key)
    const mark = place && rows[place.row]?.[place.name]
    if (typeof mark !== 'number') return undefined
    sum += mark
  }
  return Math.round(sum * 100) / 100
}
