import { useCallback, useEffect, useRef, useState } from 'react'
import { api, ask, reply, type Problem, type Schemas } from '../../api/client'
import { leavesOpen, problemOf, Refused } from '../../api/problem'
import { readText } from './queries'
import { t } from './text'

export type Draft = { base: string; text: string }
/** `saved`: when the server's draft that this one follows was saved; `etag` names that one. */
type State = Draft & { etag?: string; saved?: string; dirty: boolean; saving: boolean; problem?: Problem; again: boolean; original: string; found: boolean }

const PAUSE = 1500 // milliseconds of quiet before a draft is saved
const AGAIN = 10_000 // milliseconds before it is tried again where nobody answered

const place = (rulebook: string) => ({ path: { rulebook } })
const localKey = (person: string, rulebook: string) => `rules:${person}:${rulebook}`
const isSame = (one: Draft | undefined, other: Draft) => one?.text === other.text && one.base === other.base

/** Whether what is written here waits for its writer to choose between it and what became of the draft elsewhere. */
export const isMoved = (problem: Problem | undefined) => problem?.code === 'draft-moved' || problem?.code === 'draft-gone'

/**
 * A person's draft of a rulebook: on this machine at once, on the server after a pause. `from` is a version to begin with
 * where there is no draft yet; `found` says that there was one.
 */
export function useDraft(person: string, rulebook: string, inForce: string, from: string | undefined) {
  const [state, setState] = useState<State>()
  const [error, setError] = useState<unknown>()
  const latest = useRef<State | undefined>(undefined)
  latest.current = state
  const forgotten = useRef(false)
  const sending = useRef<Promise<unknown>>(undefined)
  const key = localKey(person, rulebook)

  const load = useCallback(async () => {
    try {
      const original = (await readText(rulebook, inForce)).text
      const server = await read(rulebook)
      const kept = local(key)
      const draft = kept ?? server?.draft ?? { base: inForce, text: from ? (await readText(rulebook, from)).text : original }
      const same = isSame(server?.draft, draft)
      // What was kept here follows an older draft than the server's, or one that has been submitted or discarded.
      const moved = kept && !same && kept.saved !== server?.draft.saved
      setState({
        base: draft.base, text: draft.text, original, etag: server?.etag, saved: server?.draft.saved,
        dirty: server ? !same : draft.text !== original, saving: false, again: false, found: kept !== undefined || server !== undefined,
        problem: moved ? movedTo(server !== undefined) : undefined,
      })
      setError(undefined)
    } catch (cause) {
      setError(cause)
    }
  }, [rulebook, inForce, from, key])
  useEffect(() => void load(), [load])

  const write = (next: Draft) => {
    setState((before) => before && { ...before, ...next, dirty: true, problem: isMoved(before.problem) ? before.problem : undefined })
    keep(key, next, state?.saved)
  }
  const save = useCallback(
    async (over = false) => {
      const now = latest.current
      if (!now || now.saving || forgotten.current || (!over && (!now.dirty || isMoved(now.problem)))) return
      const body = { base: now.base, text: now.text }
      setState({ ...now, saving: true })
      try {
        const put = send(rulebook, over ? (await read(rulebook))?.etag : now.etag, body)
        sending.current = put.catch(() => undefined)
        const { draft, etag } = await put
        const left = latest.current
        if (left && !isSame(left, body)) keep(key, left, draft.saved)
        else localStorage.removeItem(key)
        setState((after) => after && { ...after, saving: false, problem: undefined, saved: draft.saved, etag, dirty: !isSame(after, body) })
      } catch (cause) {
        setState((after) => after && { ...after, saving: false, problem: problemOf(cause), again: leavesOpen(cause) })
      }
    },
    [rulebook, key],
  )
  useEffect(() => {
    if (!state?.dirty || state.saving || (state.problem && !state.again) || isMoved(state.problem)) return
    const timer = setTimeout(() => void save(), state.problem ? AGAIN : PAUSE)
    return () => clearTimeout(timer)
  }, [state, save])
  useEffect(() => {
    const guard = (event: BeforeUnloadEvent) => {
      if (!latest.current?.dirty) return
      event.preventDefault()
      event.returnValue = ''
    }
    window.addEventListener('beforeunload', guard)
    return () => {
      window.removeEventListener('beforeunload', guard)
      void save() // leaving within the application loses nothing either
    }
  }, [save])

  /** Nothing of the draft comes back: not from this machine, nor by a saving that is still on its way. */
  const forget = async () => {
    forgotten.current = true
    localStorage.removeItem(key)
    try {
      await sending.current
      await ask(api.DELETE('/api/v1/rulebooks/{rulebook}/draft', { params: place(rulebook) }))
      setState((now) => now && { ...now, base: inForce, text: now.original, etag: undefined, saved: undefined, dirty: false, problem: undefined })
      if (from) await load()
    } finally {
      forgotten.current = false
    }
  }
  const reload = () => {
    localStorage.removeItem(key)
    setState(undefined)
    void load()
  }
  return { state, error, load, write, save, forget, reload }
}

type Saved = { draft: Schemas['RulebookDraft']; etag: string | undefined }

const savedOf = ({ data, response }: { data: Schemas['RulebookDraft']; response: Response }): Saved => ({ draft: data, etag: response.headers.get('ETag') ?? undefined })

/** The server's draft; nothing where there is none. */
async function read(rulebook: string): Promise<Saved | undefined> {
  try {
    return savedOf(await reply(api.GET('/api/v1/rulebooks/{rulebook}/draft', { params: place(rulebook) })))
  } catch (cause) {
    if (problemOf(cause).status === 404) return undefined
    throw cause
  }
}

/** Saves in the place of the draft an ETag names. One that was saved before, under an answer that got lost, is found there. */
async function send(rulebook: string, etag: string | undefined, body: Draft): Promise<Saved> {
  try {
    return savedOf(await reply(api.PUT('/api/v1/rulebooks/{rulebook}/draft', { params: { ...place(rulebook), header: { 'If-Match': etag } }, body })))
  } catch (cause) {
    if (problemOf(cause).code !== 'draft-moved') throw cause
    const there = await read(rulebook)
    if (there && isSame(there.draft, body)) return there
    throw there ? cause : new Refused(movedTo(false))
  }
}

const movedTo = (there: boolean): Problem => ({
  type: 'about:blank',
  title: t(there ? 'draft-moved' : 'draft-gone'),
  status: 412,
  code: there ? 'draft-moved' : 'draft-gone',
  traceId: '',
})

function keep(key: string, { base, text }: Draft, saved: string | undefined) {
  try {
    localStorage.setItem(key, JSON.stringify({ base, text, saved }))
  } catch {
    // full or forbidden: the server's copy is the one that counts
  }
}

function local(key: string): (Draft & { saved?: string }) | undefined {
  try {
    const { base, text, saved } = JSON.parse(localStorage.getItem(key) ?? '') as Partial<Draft & { saved: string }>
    return typeof text === 'string' && typeof base === 'string' ? { base, text, saved } : undefined
  } catch {
    return undefined
  }
}
