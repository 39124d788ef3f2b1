import type { Colour, Schemas } from '../api/client'
import { day, distance, moment } from '../format'
import { coded } from '../text'

/** A limit's colour, said in words as well. */
export const ColourTag = ({ colour }: { colour: Colour }) => <span className={`tag tag-${colour}`}>{coded('colour', colour)}</span>

export const StateTag = ({ state }: { state: Schemas['MatterState'] }) => (
  <span className={`tag tag-state-${state}`}>{coded('state', state)}</span>
)

/** A limit: colour, day, and how far it is by the clock it runs on. */
export function Due({ due, colour, now, since }: { due?: string; colour: Colour; now?: Date; since?: string }) {
  const far = distance(due, colour, now, since)
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
