import type { Action, Assignment, CommandStatus, Matter, Refusal } from '../../api/client'
import { newKey } from '../../api/key'
import { answers } from '../matter/actions'

/** What became of one of several to-dos approved at once. */
export type Outcome =
  | { at: 'waiting' }
  | { at: 'sending' }
  | { at: 'done' }
  | { at: 'accepted' } // in the journal, carried out later
  | { at: 'refused'; why: string }
  | { at: 'unknown'; why: string } // nobody answered; asking again is safe, under the same key
  | { at: 'left' } // cancelled before its turn

export type Item = { assignment: Assignment; key: string; outcome: Outcome }

/** The to-dos chosen, each a command of its own under a key of its own. */
export const items = (chosen: readonly Assignment[]): Item[] => chosen.map((assignment) => ({ assignment, key: newKey(), outcome: { at: 'waiting' } }))

/** The approval of a to-do as its matter stands: open, or refused with the reason. */
export function approval(matter: Matter, assignment: Assignment): { action: Action } | { refusal: Refusal | undefined } {
  const offer = answers(matter, assignment).find((one) => one.action === 'approve')
  if (!offer || offer.refusal || offer.lacks) return { refusal: offer?.refusal ?? offer?.lacks }
  return { action: { action: 'approve', assignment: offer.assignment } }
}

export type Steps = {
  read: (matter: string) => Promise<Matter>
  send: (matter: Matter, action: Action, key: string) => Promise<Matter | CommandStatus | undefined>
  accepted: (sent: Matter | CommandStatus | undefined) => boolean
  failed: (error: unknown) => Outcome
  gone: string // said of a to-do that no longer waits
}

/** Approves one after the other what is still waiting or unknown, until done or told to stop. */
export async function approveAll(all: readonly Item[], steps: Steps, report: (items: Item[]) => void, stopped: () => boolean): Promise<Item[]> {
  let now = [...all]
  const set = (i: number, outcome: Outcome) => {
    now = now.map((item, n) => (n === i ? { ...item, outcome } : item))
    report(now)
  }
  for (let i = 0; i < now.length; i++) {
    const { assignment, key, outcome } = now[i]!
    if (outcome.at !== 'waiting' && outcome.at !== 'unknown') continue
    if (stopped()) {
      if (outcome.at === 'waiting') set(i, { at: 'left' })
      continue
    }
    set(i, { at: 'sending' })
    try {
      const matter = await steps.read(assignment.matter)
      const found = approval(matter, assignment)
      // An approval nobody answered may have happened: then the to-do is gone, and its key tells.
      const action: Action | undefined = 'action' in found ? found.action : outcome.at === 'unknown' ? { action: 'approve', assignment: assignment.id } : undefined
      if (!action) set(i, { at: 'refused', why: ('refusal' in found && found.refusal?.message) || steps.gone })
      else set(i, { at: steps.accepted(await steps.send(matter, action, key)) ? 'accepted' : 'done' })
    } catch (error) {
      set(i, steps.failed(error))
    }
  }
  return now
}
