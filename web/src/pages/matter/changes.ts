import type { StoryEvent } from '../../api/client'
import { fieldsOf, isEmpty } from '../../form/schema'

/** One field as it was and as it is, and who changed it last. */
export type Revision = { field: string; title: string; from: unknown; to: unknown; at: string; by: string }

/** What was changed since the matter was last sent back, and that return; nothing where it never was. */
export function sinceReturn(story: readonly StoryEvent[]): { returned: StoryEvent; revisions: Revision[] } | undefined {
  const last = story.map((event) => event.action === 'return' && event.type === 'acted').lastIndexOf(true)
  if (last < 0) return undefined
  const revisions = new Map<string, Revision>()
  for (const event of story.slice(last + 1)) {
    for (const change of event.changes ?? []) {
      const known = revisions.get(change.field)
      const from = known ? known.from : change.from
      revisions.set(change.field, { field: change.field, title: change.title, from, to: change.to, at: event.at, by: whose(event) })
    }
  }
  const changed = [...revisions.values()].filter(({ from, to }) => JSON.stringify(from ?? null) !== JSON.stringify(to ?? null))
  return { returned: story[last]!, revisions: changed }
}

/** A file that was in the form: when it came, by whom, and when another took its place. */
export type Version = { file: string; at?: string; by?: string; until?: string }
export type Versions = { field: string; title: string; versions: Version[] }

/** The versions of each attachment field of which a file was ever replaced or taken away, the first first. */
export function versions(form: unknown, story: readonly StoryEvent[]): Versions[] {
  return fieldsOf(form)
    .filter(({ kind }) => kind === 'file' || kind === 'files')
    .map((field) => {
      const known = new Map<string, Version>()
      for (const event of story) {
        const change = event.changes?.find((one) => one.field === field.name)
        if (!change) continue
        const [before, after] = [files(change.from), files(change.to)]
        for (const file of before) if (!known.has(file)) known.set(file, { file })
        for (const file of after) if (!before.includes(file)) known.set(file, { file, at: event.at, by: whose(event) })
        for (const file of before) if (!after.includes(file)) known.set(file, { ...known.get(file)!, until: event.at })
      }
      return { field: field.name, title: field.title, versions: [...known.values()] }
    })
    .filter((field) => field.versions.some((version) => version.until))
}

const whose = (event: StoryEvent) => event.post ?? event.by?.name ?? ''
const files = (value: unknown): string[] => (isEmpty(value) ? [] : Array.isArray(value) ? (value as string[]) : [value as string])

/** A text as three parts: what stayed at its beginning, what differs, what stayed at its end. */
export function parts(from: string, to: string): { head: string; gone: string; come: string; tail: string } {
  const [a, b] = [[...from], [...to]]
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head++
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++
  const cut = (all: string[], start: number, end: number) => all.slice(start, end).join('')
  return {
    head: cut(a, 0, head),
    gone: cut(a, head, a.length - tail),
    come: cut(b, head, b.length - tail),
    tail: cut(a, a.length - tail, a.length),
  }
}
