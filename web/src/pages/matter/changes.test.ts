import { describe, expect, it } from 'vitest'
import type { StoryEvent } from '../../api/client'
import { parts, sinceReturn, versions } from './changes'

let sequence = 0
const event = (more: Partial<StoryEvent>): StoryEvent => ({ sequence: ++sequence, at: `2026-01-0${sequence % 9}T00:00:00Z`, type: 'acted', sentence: '', post: 'p', ...more })
const filled = (field: string, from: unknown, to: unknown) => event({ type: 'filled', changes: [{ field, title: field, from, to } as never] })

describe('what changed since the return', () => {
  it('is nothing where nothing was returned', () => {
    expect(sinceReturn([filled('summary', null, 'x')])).toBeUndefined()
  })

  it('compares with the form as it was returned, whatever was tried between', () => {
    const story = [filled('summary', null, 'a'), event({ action: 'return' }), filled('summary', 'a', 'b'), filled('note', 'n', 'm'), filled('summary', 'b', 'c'), filled('note', 'm', 'n'), filled('new', null, 1), filled('new', 1, 2)]
    const since = sinceReturn(story)!
    expect(since.returned).toBe(story[1])
    expect(since.revisions.map(({ field, from, to }) => [field, from, to])).toEqual([['summary', 'a', 'c'], ['new', null, 2]])
  })

  it('counts from the last of several returns', () => {
    expect(sinceReturn([event({ action: 'return' }), filled('a', 1, 2), event({ action: 'return' })])!.revisions).toEqual([])
  })
})

describe('versions of attachments', () => {
  const form = { type: 'object', properties: { draft: { type: 'string', format: 'attachment', title: 'Draft' }, all: { type: 'array', title: 'All', items: { type: 'string', format: 'attachment' } } } }

  it('lists a field only when a file was replaced or taken away', () => {
    const story = [filled('draft', null, 'one'), filled('all', null, ['x']), filled('all', ['x'], ['x', 'y']), filled('draft', 'one', 'two')]
    const [draft, ...more] = versions(form, story)
    expect(more).toEqual([])
    expect(draft!.versions.map(({ file, until }) => [file, until !== undefined])).toEqual([['one', true], ['two', false]])
  })

  it('knows a file that came back', () => {
    const story = [filled('draft', null, 'one'), filled('draft', 'one', 'two'), filled('draft', 'two', 'one')]
    expect(versions(form, story)[0]!.versions.map(({ file, until }) => [file, until !== undefined])).toEqual([['one', false], ['two', true]])
  })
})

it.each([
  ['abcd', 'abXd', ['ab', 'c', 'X', 'd']],
  ['aa', 'aaa', ['aa', '', 'a', '']],
  ['', 'new', ['', '', 'new', '']],
  ['same', 'same', ['same', '', '', '']],
])('%s and %s', (from, to, [head, gone, come, tail]) => {
  expect(parts(from, to)).toEqual({ head, gone, come, tail })
})
