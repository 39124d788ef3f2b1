import type { Schemas } from '../../api/client'

type Held = Pick<Schemas['Held'], 'title' | 'workingMinutes'>

/** Whom a matter waited for longest, all their times together, in minutes of working time; nobody where none is counted. */
export function longest(held: readonly Held[]): { title: string; minutes: number } | undefined {
  const all = new Map<string, number>()
  for (const { title, workingMinutes = 0 } of held) all.set(title, (all.get(title) ?? 0) + workingMinutes)
  let most: { title: string; minutes: number } | undefined
  for (const [title, minutes] of all) if (minutes > (most?.minutes ?? 0)) most = { title, minutes }
  return most
}
