// What a person types survives a reload of the tab, in the tab's own storage: under the person's name, and no longer than
// they are logged in.
const PREFIX = 'kept:'

/** Where what a person types at a place is kept. */
export const keptAt = (person: string, place: string) => `${PREFIX}${person}:${place}`

/** Forgets what was kept in this tab, for whoever comes next. */
export function forgetKept(): void {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key)
}
