import actions from '../../internal/message/zh-CN/actions.json'
import web from '../../internal/message/zh-CN/web.json'

export type Key = keyof typeof web

/**
 * The texts of one file of the catalogue, by key, their {placeholders} filled. A page with many texts has a file of its
 * own (`web-<page>.json`), which then loads with that page.
 */
export function texts<Key extends string>(catalogue: Readonly<Record<Key, string>>) {
  return (key: Key, args: Record<string, string | number> = {}): string =>
    catalogue[key].replace(/\{(\w+)\}/g, (whole: string, name: string) => (name in args ? String(args[name]) : whole))
}

/** The text of a key of the catalogue's area "web": what every page may say. */
export const t = texts(web)

/** The name of an action. */
export function actionName(action: string): string {
  return (actions as Record<string, string>)[action] ?? action
}

/** The text of a code the server sends, from the keys `<area>-<code>`; the code itself where there is none. */
export function coded(area: 'state' | 'colour' | 'duty' | 'stage' | 'mode' | 'role', code: string): string {
  return (web as Record<string, string>)[`${area}-${code}`] ?? code
}
