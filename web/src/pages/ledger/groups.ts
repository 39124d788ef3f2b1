import type { LedgerBy, LedgerGroup, LineFilter } from '../../api/ledgers'
import { writeFilter } from '../matters/filters'

export const BYS: readonly LedgerBy[] = ['unit', 'leader', 'level', 'procedure', 'holder', 'week', 'month', 'quarter', 'half-year', 'year']

/** The filter that chooses a group's matters; none where the group is of what has no key. */
export function narrowed(filter: LineFilter, by: LedgerBy, group: Pick<LedgerGroup, 'key' | 'from' | 'to'>): LineFilter | undefined {
  if (!group.key) return undefined
  switch (by) {
    case 'unit':
      return { ...filter, owner: group.key }
    case 'leader':
      return { ...filter, leader: group.key }
    case 'level':
      return { ...filter, level: group.key }
    case 'holder':
      return { ...filter, holder: group.key }
    case 'procedure': {
      const [rulebook, procedure] = group.key.split('/')
      return { ...filter, rulebook, procedure }
    }
    default:
      return { ...filter, termFrom: later(filter.termFrom, group.from), termTo: earlier(filter.termTo, group.to) }
  }
}

const later = (a: string | undefined, b: string | undefined) => (a && (!b || a > b) ? a : b)
const earlier = (a: string | undefined, b: string | undefined) => (a && (!b || a < b) ? a : b)

/** The address of the matters a cell of the ledger counts. */
export const listOf = (filter: LineFilter, more: LineFilter = {}) => `/matters?${writeFilter({ ...filter, ...more }).toString()}`
