import actions from '../../internal/message/zh-CN/actions.json'
import web from '../../internal/message/zh-CN/web.json'

export type Key = keyof typeof web

/** The text of a key of the catalogue's area "web", its {placeholders} filled. */
export function t(key: Key, args: Record<string, string | number> = {}): string {
  return web[key].replace(/\{(\w+)\}/g, (whole: string, name: string) => (name in args ? String(args[name]) : whole))
}

/** The name of an action. */
export function actionName(action: string): string {
  return (actions as Record<string, string>)[action] ?? action
}

/** The text of a code the server sends, from the keys `<area>-<code>`; the code itself where there is none. */
export function coded(area: 'state' | 'colour' | 'duty' | 'stage' | 'mode' | 'role', code: string): string {
  return (web as Record<string, string>)[`${area}-${code}`] ?? code
}
