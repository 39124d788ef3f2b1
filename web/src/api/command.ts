import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import { api, ask, type CommandStatus, type Refusal } from './client'
import { newKey } from './key'
import { leavesOpen, problemOf, Refused, worthRetrying } from './problem'
import type { Problem } from './client'

/** What a command's sender answers: the result, or a row of the journal that will be carried out later. */
export type Sent<T> = { done: T } | { accepted: CommandStatus }

/** Where a command stands. */
export type Progress =
  | { at: 'idle' }
  | { at: 'sending' }
  | { at: 'accepted'; key: string } // 202: in the journal, to be carried out when a worker answers
  | { at: 'refused'; problem: Problem }
  | { at: 'unknown'; problem: Problem } // nobody answered: asking again is safe, under the same key

/** An intention's key and the body it was chosen for. The same key with another body is refused, so it changes with it. */
export type Intention = { key: string; body: string }

/** The intention to send next: the open one where the body is still the same, so that a retry is told apart from a wish. */
export function intend(open: Intention | undefined, body: unknown): Intention {
  const written = JSON.stringify(body)
  return open && open.body === written ? open : { key: newKey(), body: written }
}

/** Pauses before a request that nobody answered is sent again by itself, in milliseconds. */
const PAUSES = [600, 2000]
/** Pause between two questions after an accepted command, in milliseconds. */
const POLL = 1000

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve, reject) => {
    const stop = () => reject(new DOMException('', 'AbortError'))
    if (signal.aborted) return stop()
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => (clearTimeout(timer), stop()), { once: true })
  })

/** Sends until somebody answers or the pauses are used up, always under the intention's key. */
export async function sendPatiently<T>(send: () => Promise<T>, signal: AbortSignal, pauses = PAUSES): Promise<T> {
  for (const ms of pauses) {
    try {
      return await send()
    } catch (error) {
      if (!worthRetrying(error)) throw error
    }
    await pause(ms, signal)
  }
  return send()
}

/** Asks the journal until the command is done or refused; an outage meanwhile is waited out. */
export async function outcome(
  first: CommandStatus,
  read: (key: string) => Promise<CommandStatus>,
  signal: AbortSignal,
  every = POLL,
): Promise<CommandStatus> {
  let status = first
  while (status.state === 'open') {
    await pause(every, signal)
    try {
      status = await read(status.key)
    } catch (error) {
      if (!leavesOpen(error)) throw error
    }
  }
  return status
}

/** A refusal as a problem to show. */
export const asProblem = (refusal: Refusal | undefined): Problem => ({
  type: `urn:duban:${refusal?.code ?? 'refused'}`,
  title: refusal?.message ?? '',
  status: 409,
  code: refusal?.code ?? 'refused',
  source: refusal?.source,
  sourceTitle: refusal?.sourceTitle,
  setBy: refusal?.setBy,
  traceId: '',
})

/**
 * One command from a person's wish to its outcome: sent under a key kept for every retry of the same wish, followed
 * through the journal when it is accepted for later, and told apart as refused or unknown.
 *
 * `done` gets the sender's result, or the journal's row where the command was carried out later.
 */
export function useCommand<B, T>(
  send: (body: B, key: string) => Promise<Sent<T>>,
  done: (result: Sent<T>) => void,
): { progress: Progress; run: (body: B) => void; reset: () => void } {
  const [progress, setProgress] = useState<Progress>({ at: 'idle' })
  const open = useRef<Intention | undefined>(undefined)
  const running = useRef<AbortController | undefined>(undefined)
  const client = useQueryClient()
  const latest = useRef({ send, done })
  latest.current = { send, done }

  useEffect(() => () => running.current?.abort(), [])

  const run = useCallback((body: B) => {
    if (running.current) return // a second click is not a second wish
    const controller = new AbortController()
    running.current = controller
    const intention = intend(open.current, body)
    open.current = intention

    const carry = async (): Promise<Sent<T>> => {
      const sent = await sendPatiently(() => latest.current.send(body, intention.key), controller.signal)
      if ('done' in sent) return sent
      setProgress({ at: 'accepted', key: sent.accepted.key })
      const read = (key: string) => ask(api.GET('/api/v1/commands/{key}', { params: { path: { key } } }))
      const status = await outcome(sent.accepted, read, controller.signal)
      if (status.state === 'refused') throw new Refused(asProblem(status.refusal))
      return { accepted: status }
    }
    setProgress({ at: 'sending' })
    carry().then(
      (result) => {
        if (controller.signal.aborted) return
        running.current = undefined
        open.current = undefined
        setProgress({ at: 'idle' })
        latest.current.done(result)
      },
      (error: unknown) => {
        if (controller.signal.aborted) return
        running.current = undefined
        const unknown = leavesOpen(error)
        if (!unknown) open.current = undefined
        // The session has ended: reading who I am says so to the whole application.
        if (problemOf(error).status === 401) void client.invalidateQueries({ queryKey: ['me'] })
        setProgress({ at: unknown ? 'unknown' : 'refused', problem: problemOf(error) })
      },
    )
  }, [client])

  const reset = useCallback(() => {
    running.current?.abort()
    running.current = undefined
    open.current = undefined
    setProgress({ at: 'idle' })
  }, [])

  return { progress, run, reset }
}
