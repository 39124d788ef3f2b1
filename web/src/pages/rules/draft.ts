import { useCallback, useEffect, useRef, useState } from 'react'
import { api, ask, reply, type Problem } from '../../api/client'
import { problemOf } from '../../api/problem'
import { readText } from './queries'

export type Draft = { base: string; text: string }
type State = Draft & { etag?: string; saved?: string; dirty: boolean; saving: boolean; problem?: Problem; original: string }

const PAUSE = 1500 // milliseconds of quiet before a draft is saved

const place = (rulebook: string) => ({ path: { rulebook } })
const localKey = (person: string, rulebook: string) => `rules:${person}:${rulebook}`

/**
 * A person's draft of a rulebook: on this machine at once, on the server after a pause. `from` is a version to begin with in
 * the place of the draft.
 */
export function useDraft(person: string, rulebook: string, inForce: string, from: string | undefined) {
  const [state, setState] = useState<State>()
  const [error, setError] = useState<unknown>()
  const latest = useRef<State | undefined>(undefined)
  latest.current = state
  const key = localKey(person, rulebook)

  const load = useCallback(async () => {
    try {
      const original = (await readText(rulebook, inForce)).text
      const server = await reply(api.GET('/api/v1/rulebooks/{rulebook}/draft', { params: place(rulebook) })).catch((cause: unknown) => {
        if (problemOf(cause).status === 404) return undefined
        throw cause
      })
      const etag = server?.response.headers.get('ETag') ?? undefined
      const kept = local(key)
      const draft: Draft = from
        ? { base: inForce, text: (await readText(rulebook, from)).text }
        : (kept ?? server?.data ?? { base: inForce, text: original })
      const same = server?.data.text === draft.text && server.data.base === draft.base
      setState({ base: draft.base, text: draft.text, original, etag, saved: same ? server.data.saved : undefined,
        dirty: !same && draft.text !== original, saving: false })
      setError(undefined)
    } catch (cause) {
      setError(cause)
    }
  }, [rulebook, inForce, from, key])
  useEffect(() => void load(), [load])

  const write = (next: Draft) => {
    setState((before) => before && { ...before, ...next, dirty: true })
    try {
      localStorage.setItem(key, JSON.stringify({ base: next.base, text: next.text }))
    } catch {
      // full or forbidden: the server's copy is the one that counts
    }
  }
  const save = useCallback(
    async (over = false) => {
      const now = latest.current
      if (!now || now.saving || (!now.dirty && !over)) return
      const body = { base: now.base, text: now.text }
      setState({ ...now, saving: true, problem: undefined })
      try {
        let etag = now.etag
        if (over) {
          const there = await reply(api.GET('/api/v1/rulebooks/{rulebook}/draft', { params: place(rulebook) }))
          etag = there.response.headers.get('ETag') ?? undefined
        }
        const { data, response } = await reply(
          api.PUT('/api/v1/rulebooks/{rulebook}/draft', { params: { ...place(rulebook), header: { 'If-Match': etag } }, body }),
        )
        setState((after) => after && { ...after, saving: false, saved: data.saved, etag: response.headers.get('ETag') ?? undefined,
          dirty: after.text !== body.text || after.base !== body.base })
        if (latest.current?.text === body.text) localStorage.removeItem(key)
      } catch (cause) {
        setState((after) => after && { ...after, saving: false, problem: problemOf(cause) })
      }
    },
    [rulebook, key],
  )
  useEffect(() => {
    if (!state?.dirty || state.saving || state.problem) return
    const timer = setTimeout(() => void save(), PAUSE)
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

  const forget = async () => {
    await ask(api.DELETE('/api/v1/rulebooks/{rulebook}/draft', { params: place(rulebook) }))
    localStorage.removeItem(key)
    setState((now) => now && { ...now, base: inForce, text: now.original, etag: undefined, saved: undefined, dirty: false, problem: undefined })
  }
  const reload = () => {
    localStorage.removeItem(key)
    setState(undefined)
    void load()
  }
  return { state, error, load, write, save, forget, reload }
}

function local(key: string): Draft | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? '') as Partial<Draft>
    return typeof kept.text === 'string' && typeof kept.base === 'string' ? { base: kept.base, text: kept.text } : undefined
  } catch {
    return undefined
  }
}
