import { describe, expect, it } from 'vitest'
import { retitled } from './units'

describe("a post's title follows its unit's name", () => {
  it.each([
    ['张店区委改革办主任', '张店区', '新城区', '新城区委改革办主任'],
    ['经济体制改革专项小组组长', '市经济体制改革专项小组', '市数据改革专项小组', '数据改革专项小组组长'],
    ['市财政局分管负责人', '市财政局', '', '市财政局分管负责人'],
    ['市委改革办主任', '市委全面深化改革领导小组办公室', '市委改革办', '市委改革办主任'],
  ])('%s of %s becomes, of %s, %s', (title, was, is, wanted) => {
    expect(retitled(title, was, is)).toBe(wanted)
  })
})
