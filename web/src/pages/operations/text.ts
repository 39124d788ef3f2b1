import catalogue from '../../../../internal/message/zh-CN/web-operations.json'
import { texts } from '../../text'

/** What the pages of workflow operations say. */
export const t = texts(catalogue)
