import type { Colour, Schemas } from '../api/client'
import { day, distance, moment } from '../format'
import { coded } from '../text'

/** A limit's colour, said in words as well. */
export const ColourTag = ({ colour }: { colour: Colour }) => <span className={`tag tag-${colour}`}>{coded('colour', colour)}</span>

export const StateTag = ({ state }: { state: Schemas['MatterState'] }) => (
  <span className={`tag tag-state-${state}`}>{coded('state', state)}</span>
)

/** A limit in a list: colour, day, and how far it is. */
export function Due({ due, colour }: { due?: string; colour: Colour }) {
  const far = distance(due, colour)
  return (
    <span className="due">
      <ColourTag colour={colour} />
      {due && (
        <span className="due-day" title={moment(due)}>
          {day(due)}
          {far && <em>{far}</em>}
        </span>
      )}
    </span>
  )
}
