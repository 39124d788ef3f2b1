import { describe, expect, it } from 'vitest'
import type { Field } from './schema'
import { scorecard, total } from './score'

const given = (name: string): Field => ({ name, title: name, kind: 'text', given: true })
const mark = (name: string, most?: number): Field => ({ name, title: `标题${name}`, kind: 'number', most })

describe('a scorecard', () => {
  it('has a row for each subject and a column for each indicator of the rules', () => {
    const rows = [{ subject: 'a', title: '甲区', method: 50 }, { subject: 'b', title: '乙区', method: 40, order: 30 }]
    const card = scorecard([given('subject'), given('title'), mark('method', 60), mark('order', 40)], rows)
    expect(card.subjects).toEqual([{ id: 'a', title: '甲区' }, { id: 'b', title: '乙区' }])
    expect(card.indicators).toEqual([{ key: 'method', title: '标题method', most: 60 }, { key: 'order', title: '标题order', most: 40 }])
    expect(card.at('b', 'order')).toEqual({ row: 1, name: 'order' })
    expect(total(card, rows, 'a')).toBeUndefined()
    expect(total(card, rows, 'b')).toBe(70)
  })

  it("has a column for each of the matter's own indicators, with the points it gives at most", () => {
    const rows = [
      { subject: 'a', title: '甲', indicator: '覆盖面', max: 40, mark: 12.25 },
      { subject: 'a', title: '甲', indicator: '满意度', max: 60, mark: 50.1 },
      { subject: 'b', title: '乙', indicator: '覆盖面', max: 40 },
    ]
    const card = scorecard([given('subject'), given('title'), given('indicator'), mark('mark')], rows)
    expect(card.subjects.map((one) => one.title)).toEqual(['甲', '乙'])
    expect(card.indicators).toEqual([{ key: '覆盖面', title: '覆盖面', most: 40 }, { key: '满意度', title: '满意度', most: 60 }])
    expect(card.at('a', '满意度')).toEqual({ row: 1, name: 'mark' })
    expect(card.at('b', '满意度')).toBeUndefined()
    expect(total(card, rows, 'a')).toBe(62.35)
  })
})
