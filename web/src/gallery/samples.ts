import catalogue from '../../../internal/message/zh-CN/web-gallery.json'
import type { Matter, Schemas, StoryEvent } from '../api/client'
import { texts } from '../text'

export const g = texts(catalogue)

const AT = '2026-03-02T01:30:00Z'
const DUE = '2026-03-13T09:30:00Z'
export const NOW = new Date('2026-03-10T01:00:00Z')

export const KINDS = ['task', 'collect', 'start', 'poll', 'score', 'draw', 'issue', 'wait', 'gate'] as const
export const STATES: Schemas['MatterStage']['state'][] = ['done', 'current', 'ahead', 'skipped', 'returned', 'unfinished']
export const COLOURS: Schemas['Colour'][] = ['green', 'amber', 'red', 'grey']
export const MATTER_STATES: Schemas['MatterState'][] = ['draft', 'open', 'suspended', 'completed', 'rejected', 'withdrawn']

export const authority = { source: '001 art. 5(1)', sourceTitle: g('article') } as Schemas['Authority']
const post = { post: 'unit/clerk', title: g('post'), unit: 'unit', unitName: g('unit'), holders: [] } as Schemas['PostRef']

/** A stage of each kind, all in one state. */
export const stages = (state: Schemas['MatterStage']['state']): Schemas['MatterStage'][] =>
  KINDS.map((kind, i) => ({
    key: `${kind}-${state}`, title: g(`kind-${kind}`), kind, state, rounds: i % 3 === 2 && state !== 'ahead' ? 2 : 1,
    authority: i % 2 ? ({ setBy: 'office' } as Schemas['Authority']) : authority, who: kind === 'task' ? [post, post, post] : [post], mode: 'all',
    left: state === 'done' ? AT : undefined, limit: state === 'current' ? 1 : undefined,
  }))

const formSchema = {
  type: 'object',
  properties: {
    text: { type: 'string', title: g('field-text'), description: g('hint') },
    long: { type: 'string', title: g('field-long'), format: 'textarea', maxLength: 200 },
    date: { type: 'string', title: g('field-date'), format: 'date' },
    unit: { type: 'string', title: g('field-unit'), format: 'unit' },
    choice: { type: 'string', title: g('field-choice'), oneOf: [{ const: 'a', title: g('field-one') }, { const: 'b', title: g('field-two') }] },
    check: { type: 'boolean', title: g('field-check') },
    number: { type: 'integer', title: g('field-number') },
    file: { type: 'string', title: g('field-file'), format: 'attachment' },
  },
}
export const form = { text: g('hint'), long: g('opinion'), date: '2026-03-02', unit: 'unit', choice: 'a', check: true, number: 3, file: 'f' }

export const matter = {
  id: '0', sequence: 1, organisation: 'zibo', title: g('title'), state: 'open', now: NOW.toISOString(), authority, form, formSchema,
  fields: Object.keys(form), needs: [], parties: [], stages: [], slips: [], links: [], copied: [], attachments: [],
  assignments: [
    { id: 1, stage: 'task', stageTitle: g('kind-task'), duty: 'act', post, waits: false, mine: true, opened: AT },
    { id: 2, duty: 'sign', post, waits: false, mine: false, opened: AT },
    { id: 3, duty: 'act', post, waits: true, mine: false, opened: AT },
  ],
  limits: COLOURS.map((colour, id) => ({ id, key: 'k', title: g('kind-task'), authority, from: AT, due: DUE, term: '', colour, provisional: id === 1 })),
  held: [{ holder: 'unit/clerk', title: g('post'), from: AT, to: DUE, workingMinutes: 500 }, { holder: 'system', title: g('unit'), from: DUE }],
  next: { sentence: g('sentence'), source: '001 art. 5(1)' }, ifNobodyActs: [{ sentence: g('sentence') }],
  offers: [
    { action: 'approve', label: g('action') }, { action: 'return', label: g('other-action') },
    { action: 'urge', label: g('other-action'), refusal: { code: 'not-your-turn', message: g('reason'), source: '001 art. 5(1)', sourceTitle: g('article') } },
  ],
} as unknown as Matter

export const story = [
  { sequence: 3, at: DUE, type: 'acted', action: 'return', sentence: g('sentence'), opinion: g('opinion'), source: '001 art. 5(1)', sourceTitle: g('article'), behalf: g('unit') },
  { sequence: 2, at: AT, type: 'filled', sentence: g('sentence'), changes: [{ field: 'text', title: g('field-text'), from: null, to: 'x' }], minor: true },
] as unknown as StoryEvent[]

const problem = (status: number, title: string) => ({ type: 'urn:duban:x', status, code: 'x', title, detail: g('hint'), source: '001 art. 5(1)', sourceTitle: g('article'), traceId: '1f' })
export const refused = problem(409, g('refused'))
export const failed = problem(503, g('failed'))
