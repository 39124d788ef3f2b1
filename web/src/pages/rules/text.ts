import catalogue from '../../../../internal/message/zh-CN/web-rules.json'
import { texts } from '../../text'

/** The texts of the pages about the rules. */
export const t = texts(catalogue)

/** The text of a code the server sends, from the keys `<area>-<code>`. */
export const how = (code: string) => word(`how-${code}`)
export const cause = (code: string) => word(`cause-${code}`)
export const help = (key: string) => (catalogue as Record<string, string>)[`help-${key}`]

const word = (key: string) => (catalogue as Record<string, string>)[key] ?? key

/** A version as people compare them. */
export const short = (version: string) => (version === 'shipped' ? t('shipped-name') : version.slice(0, 8))
