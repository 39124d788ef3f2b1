import { describe, expect, it } from 'vitest'
import type { Assignment, Matter, Offer, Schemas } from '../../api/client'
import { backTo } from '../Login'
import { about, answers, slipNumber } from './actions'
import { months } from './calendar'
import { longest } from './held'

const day = (date: string, counted = true): Schemas['Day'] => ({ date, counted, why: counted ? 'counted' : 'weekend', text: '' })

describe('whom a matter waited for longest', () => {
  it('adds up all the times of one', () => {
    const held = [{ title: '甲', workingMinutes: 50 }, { title: '乙', workingMinutes: 60 }, { title: '甲', workingMinutes: 30 }, { title: '丙' }]
    expect(longest(held)).toEqual({ title: '甲', minutes: 80 })
  })

  it('names nobody where nothing is counted', () => {
    expect(longest([])).toBeUndefined()
    expect(longest([{ title: '甲' }, { title: '乙', workingMinutes: 0 }])).toBeUndefined()
  })
})

describe('the calendar of a limit', () => {
  it('lays weeks from Monday and leaves out those it does not touch', () => {
    const [january, february, ...more] = months([day('2026-01-30'), day('2026-01-31', false), day('2026-02-02')])
    expect(more).toEqual([])
    expect(january!.key).toBe('2026-01')
    expect(january!.weeks).toHaveLength(1)
    expect(january!.weeks[0]!.map((cell) => cell?.day)).toEqual([26, 27, 28, 29, 30, 31, undefined])
    expect(january!.weeks[0]![5]!.of).toMatchObject({ counted: false })
    expect(february!.weeks[0]!.map((cell) => cell?.day)).toEqual([2, 3, 4, 5, 6, 7, 8])
  })

  it('knows the length of February', () => {
    expect(months([day('2024-02-29')])[0]!.weeks[0]!.map((cell) => cell?.day)).toEqual([26, 27, 28, 29, undefined, undefined, undefined])
    expect(months([])).toEqual([])
  })
})

describe('answering a to-do from the list', () => {
  const offer = (action: Offer['action'], more: Partial<Offer> = {}): Offer => ({ action, label: action, ...more })
  const todo = (duty: Assignment['duty'], more: Partial<Assignment> = {}) => ({ id: 3, duty, ...more }) as Assignment
  const matter = (...offers: Offer[]) => ({ offers, slips: [], assignments: [] }) as unknown as Matter

  it('takes the offers of that to-do alone, the likeliest first', () => {
    const all = matter(offer('fill', { assignment: 3 }), offer('approve', { assignment: 4 }), offer('approve', { assignment: 3 }), offer('return', { assignment: 3 }))
    expect(answers(all, todo('act')).map((one) => `${one.action}${one.assignment}`)).toEqual(['approve3', 'fill3'])
  })

  it('signs for the slip the to-do names', () => {
    const all = matter(offer('sign', { slip: 1 }), offer('sign', { slip: 2 }))
    expect(answers(all, todo('sign', { slip: 'b8b2.2' })).map((one) => one.slip)).toEqual([2])
    expect(slipNumber('b8b2-11.12')).toBe(12)
  })

  it('decides on an extension either way', () => {
    expect(answers(matter(offer('deny-extension'), offer('grant-extension')), todo('grant')).map((one) => one.action)).toEqual(['grant-extension', 'deny-extension'])
  })

  it('tells twins apart by their stage and post', () => {
    const twins = {
      ...matter(offer('approve', { assignment: 3 }), offer('approve', { assignment: 4 })),
      assignments: [{ id: 4, stageTitle: '复核', post: { title: '主任' } }],
    } as unknown as Matter
    expect(about(twins, twins.offers[1]!)).toBe('复核 主任')
    expect(about(matter(offer('approve', { assignment: 3 })), offer('approve', { assignment: 3 }))).toBeUndefined()
  })
})

it.each([
  ['/matters/1?x=2', '/matters/1?x=2'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['https://evil.example', '/'],
  [null, '/'],
])('goes back only to this site: %s', (from, to) => {
  expect(backTo(from)).toBe(to)
})
