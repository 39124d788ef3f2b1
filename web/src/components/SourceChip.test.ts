import { expect, it } from 'vitest'
import { article } from './SourceChip'

it.each([
  ['001 art. 5(3)', '001号文件第5条第3项'],
  ['001 art. 4; 001 art. 5(1)', '001号文件第4条；001号文件第5条第1项'],
  ['发文：提示单，送牵头部门经办人（001 art. 5(1)）', '发文：提示单，送牵头部门经办人（001号文件第5条第1项）'],
])('writes %s as %s', (source, wanted) => expect(article(source)).toBe(wanted))
