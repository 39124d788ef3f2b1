import { describe, expect, it } from 'vitest'
import { filtered, readFilter, termsOf, withName, writeFilter } from './filters'

const round = (query: string) => writeFilter(readFilter(new URLSearchParams(query))).toString()

describe('a filter in the address', () => {
  it.each([
    'text=%E6%95%B0%E6%8D%AE&colour=red',
    'organisation=zibo&rulebook=zibo-city&procedure=reform-task&stage=check&unit=finance&owner=finance&leader=x&level=district&holder=a%2Fb&colour=amber&state=open&termFrom=2026-01-01&termTo=2026-06-30&order=nearest',
    '',
  ])('comes back as it was: %s', (query) => {
    expect(round(query)).toBe(query)
  })
  it.each(['colour=mauve', 'state=lost', 'termTo=soon', 'order=newest', 'stage=check', 'relation=done', 'page=2', 'text=%20'])('leaves out what means nothing: %s', (query) => {
    expect(round(query)).toBe('')
  })
  it('is written in one order whatever order it was read in', () => {
    expect(round('colour=red&text=a')).toBe(round('text=a&colour=red'))
  })
  it('drops the stage with its procedure', () => {
    const filter = readFilter(new URLSearchParams('rulebook=r&procedure=p&stage=s&colour=red'))
    expect(withName(filter, 'procedure', 'q')).toEqual({ rulebook: 'r', procedure: 'q', colour: 'red' })
    expect(withName(filter, 'colour', undefined)).toEqual({ rulebook: 'r', procedure: 'p', stage: 's' })
  })
  it('is none where only the order is given', () => {
    expect(filtered({ order: 'nearest' })).toBe(false)
    expect(filtered({ leader: 'x' })).toBe(true)
  })
})

it('knows the terms of a day', () => {
  expect(termsOf('2026-06-30').map(({ key, from, to }) => `${key} ${from} ${to}`)).toEqual([
    'week 2026-06-29 2026-07-05',
    'month 2026-06-01 2026-06-30',
    'quarter 2026-04-01 2026-06-30',
    'half-year 2026-01-01 2026-06-30',
    'year 2026-01-01 2026-12-31',
  ])
  expect(termsOf('2026-03-01')[0]).toEqual({ key: 'week', from: '2026-02-23', to: '2026-03-01' })
  expect(termsOf('2028-02-29')[1]!.to).toBe('2028-02-29')
})
