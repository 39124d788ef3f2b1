import type { MatterColumn } from '../../api/ledgers'
import type { MatterFilter } from '../../api/queries'

/** Every name a list of matters is filtered by stands in the address under itself, so that a link shows the same list. */
const NAMES = ['text', 'organisation', 'rulebook', 'procedure', 'stage', 'unit', 'owner', 'leader', 'level', 'holder', 'colour', 'state',
  'termFrom', 'termTo', 'order'] as const
type Name = (typeof NAMES)[number]

export const COLOURS = ['red', 'amber', 'green', 'grey'] as const
export const STATES = ['open', 'closed', 'completed', 'rejected', 'withdrawn', 'terminated'] as const
export const COLUMNS: readonly MatterColumn[] = ['due', 'title', 'procedure', 'state', 'stage', 'holders', 'owner', 'leader', 'term', 'unit', 'starter', 'started', 'closed']
/** What a list shows to whoever chose nothing. */
export const USUAL: readonly MatterColumn[] = ['due', 'title', 'stage', 'holders', 'owner', 'leader', 'started']

const oneOf = (list: readonly string[], value: string | undefined) => (value !== undefined && list.includes(value) ? value : undefined)
const DAY = /^\d{4}-\d{2}-\d{2}$/

/** Reads a filter from an address; what it cannot mean is left out. */
export function readFilter(search: URLSearchParams): MatterFilter {
  const filter: Partial<Record<Name, string>> = {}
  for (const name of NAMES) {
    const value = search.get(name)?.trim() || undefined
    if (name === 'colour') filter[name] = oneOf(COLOURS, value)
    else if (name === 'state') filter[name] = oneOf(STATES, value)
    else if (name === 'order') filter[name] = oneOf(['nearest'], value)
    else if (name === 'termFrom' || name === 'termTo') filter[name] = value && DAY.test(value) ? value : undefined
    else filter[name] = value
    if (filter[name] === undefined) delete filter[name]
  }
  if (!filter.procedure || !filter.rulebook) delete filter.stage // stages are a procedure's
  return filter as MatterFilter
}

/** Writes a filter to an address, always in the same order. */
export function writeFilter(filter: MatterFilter): URLSearchParams {
  const search = new URLSearchParams()
  for (const name of NAMES) {
    const value = filter[name]
    if (value && !(name === 'order' && value === 'newest')) search.set(name, value)
  }
  return search
}

/** The filter with one name set, or taken out; what depends on it goes too. */
export function withName(filter: MatterFilter, name: Name, value: string | undefined): MatterFilter {
  const next = { ...filter, [name]: value }
  if (!value) delete next[name]
  if (name === 'procedure' || name === 'rulebook') delete next.stage
  return next
}

/** Whether anything is filtered; an order is none. */
export const filtered = (filter: MatterFilter) => NAMES.some((name) => name !== 'order' && filter[name] !== undefined)

export type Term = { key: 'week' | 'month' | 'quarter' | 'half-year' | 'year'; from: string; to: string }

const written = (year: number, month: number, day: number) => new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10)

/** The terms a day lies in, by the civil calendar; weeks from Monday. */
export function termsOf(day: string): Term[] {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number]
  const monday = date - ((new Date(Date.UTC(year, month - 1, date)).getUTCDay() + 6) % 7)
  const quarter = Math.floor((month - 1) / 3) * 3
  const half = month > 6 ? 6 : 0
  return [
    { key: 'week', from: written(year, month - 1, monday), to: written(year, month - 1, monday + 6) },
    { key: 'month', from: written(year, month - 1, 1), to: written(year, month, 0) },
    { key: 'quarter', from: written(year, quarter, 1), to: written(year, quarter + 3, 0) },
    { key: 'half-year', from: written(year, half, 1), to: written(year, half + 6, 0) },
    { key: 'year', from: written(year, 0, 1), to: written(year, 12, 0) },
  ]
}
