import { describe, expect, it } from 'vitest'
import type { CommandStatus } from './client'
import { intend, outcome, sendPatiently } from './command'
import { newKey } from './key'
import { leavesOpen, Refused, toProblem, Unreachable } from './problem'

const refused = (status: number, code = 'x') => new Refused({ type: '', title: code, status, code, traceId: '' })
const calm = () => new AbortController().signal

describe('a key', () => {
  it('is what the contract asks for, and fresh', () => {
    const keys = Array.from({ length: 200 }, newKey)
    for (const key of keys) expect(key).toMatch(/^[A-Za-z0-9_-]{8,64}$/)
    expect(new Set(keys).size).toBe(keys.length)
  })
})

describe('an intention', () => {
  it('keeps its key while the body stays the same, and changes it with the body', () => {
    const first = intend(undefined, { action: 'approve' })
    expect(intend(first, { action: 'approve' })).toBe(first)
    expect(intend(first, { action: 'return' }).key).not.toBe(first.key)
  })
})

describe('sending', () => {
  it('asks again where nobody answered or the server was busy, and gives the answer', async () => {
    const answers: (Error | string)[] = [new Unreachable(), refused(503), 'done']
    const send = async () => {
      const answer = answers.shift()!
      if (answer instanceof Error) throw answer
      return answer
    }
    expect(await sendPatiently(send, calm(), [0, 0])).toBe('done')
    expect(answers).toEqual([])
  })

  it.each([401, 404, 409, 412, 422, 500])('gives a refusal of %i at once', async (status) => {
    let sent = 0
    const send = async () => {
      sent++
      throw refused(status)
    }
    await expect(sendPatiently(send, calm(), [0, 0])).rejects.toMatchObject({ problem: { status } })
    expect(sent).toBe(1)
  })

  it('gives up after its pauses', async () => {
    let sent = 0
    const send = async () => {
      sent++
      throw new Unreachable()
    }
    await expect(sendPatiently(send, calm(), [0, 0])).rejects.toBeInstanceOf(Unreachable)
    expect(sent).toBe(3)
  })
})

describe('the outcome of an accepted command', () => {
  const row = (state: CommandStatus['state']): CommandStatus => ({ key: 'k', matter: 'm', state, at: '2026-01-01T00:00:00Z' })

  it('is asked for until it is known, through an outage', async () => {
    const answers: (Error | CommandStatus)[] = [row('open'), new Unreachable(), refused(503), refused(500), row('done')]
    const read = async () => {
      const answer = answers.shift()!
      if (answer instanceof Error) throw answer
      return answer
    }
    expect(await outcome(row('open'), read, calm(), 0)).toEqual(row('done'))
  })

  it('stops when nobody waits for it any more', async () => {
    const controller = new AbortController()
    const read = async () => {
      controller.abort()
      return row('open')
    }
    await expect(outcome(row('open'), read, controller.signal, 0)).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('passes on that the row is not mine', async () => {
    await expect(outcome(row('open'), () => Promise.reject(refused(404)), calm(), 0)).rejects.toBeInstanceOf(Refused)
  })
})

describe('problems', () => {
  it('are read from the answer, or made from its status', () => {
    const given = { type: 'urn:duban:closed', title: '已结束', status: 409, code: 'closed', traceId: 't' }
    expect(toProblem(given, new Response(null, { status: 409 }))).toBe(given)
    expect(toProblem('<html>', new Response(null, { status: 502 }))).toMatchObject({ status: 502, code: 'http-502' })
  })

  it.each([
    [new Unreachable(), true],
    [refused(500), true],
    [refused(503), true],
    [refused(429), true],
    [refused(409), false],
    [refused(412), false],
  ])('leave an intention open or end it', (error, open) => {
    expect(leavesOpen(error)).toBe(open)
  })
})
