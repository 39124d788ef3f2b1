import catalogue from '../../../../internal/message/zh-CN/web-admin.json'
import { texts } from '../../text'

/** The texts of the administration's pages. */
export const t = texts(catalogue)
