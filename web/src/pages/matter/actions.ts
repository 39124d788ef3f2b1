import type { Action, Assignment, Matter, Offer } from '../../api/client'

/** What a dialog asks for beside the opinion. */
export type Asks = {
  opinion: 'required' | 'optional' | 'none'
  fields?: boolean
  to?: boolean
  post?: boolean
  posts?: boolean
  days?: boolean
}

/** What each action asks for, as the contract says. */
export const ASKS: Record<Action['action'], Asks> = {
  approve: { opinion: 'optional', fields: true },
  finish: { opinion: 'optional', fields: true },
  score: { opinion: 'none', fields: true },
  fill: { opinion: 'none', fields: true },
  return: { opinion: 'required', to: true },
  reject: { opinion: 'required' },
  withdraw: { opinion: 'optional' },
  transfer: { opinion: 'optional', post: true },
  delegate: { opinion: 'optional', post: true },
  'add-before': { opinion: 'optional', post: true },
  'add-after': { opinion: 'optional', post: true },
  claim: { opinion: 'none' },
  comment: { opinion: 'required' },
  copy: { opinion: 'optional', posts: true },
  urge: { opinion: 'optional' },
  'ask-extension': { opinion: 'required', days: true },
  'grant-extension': { opinion: 'optional', days: true },
  'deny-extension': { opinion: 'optional' },
  suspend: { opinion: 'required' },
  resume: { opinion: 'optional' },
  sign: { opinion: 'none' },
  acknowledge: { opinion: 'optional' },
}

/** Actions that end something or send it back: asked for twice by their colour. */
export const GRAVE: readonly Action['action'][] = ['reject', 'withdraw', 'deny-extension']

/** Names an offer among the others of its matter. */
export const offerKey = (offer: Offer) => `${offer.action}.${offer.assignment ?? ''}.${offer.slip ?? ''}`

/** Which actions answer a duty, in the order they are tried. */
const ANSWERS: Record<Assignment['duty'], Action['action'][]> = {
  act: ['approve', 'score', 'finish', 'claim', 'fill'],
  sign: ['sign'],
  grant: ['grant-extension', 'deny-extension'],
  attend: ['acknowledge'],
  vote: [], // on the ballot's own page
}

/** The offers that answer a to-do, the likeliest first. */
export function answers(matter: Matter, assignment: Assignment): Offer[] {
  const slip = assignment.slip ? slipNumber(assignment.slip) : undefined
  return ANSWERS[assignment.duty].flatMap((action) =>
    matter.offers.filter(
      (offer) =>
        offer.action === action &&
        (offer.assignment === undefined || offer.assignment === assignment.id) &&
        (offer.slip === undefined || slip === undefined || offer.slip === slip),
    ),
  )
}

/** The number of a slip within its matter, from "<matter>.<number>". */
export const slipNumber = (id: string): number => Number(id.slice(id.lastIndexOf('.') + 1))

/** What an offer is about where its name alone does not tell: the stage of its to-do, the number of its slip. */
export function about(matter: Matter, offer: Offer): string | undefined {
  if (offer.slip !== undefined) return matter.slips.find((slip) => slip.slip === offer.slip)?.number
  const twins = matter.offers.filter((other) => other.action === offer.action)
  if (twins.length < 2 || offer.assignment === undefined) return undefined
  const assignment = matter.assignments.find((one) => one.id === offer.assignment)
  return assignment && [assignment.stageTitle, assignment.post.title].filter(Boolean).join(' ')
}
