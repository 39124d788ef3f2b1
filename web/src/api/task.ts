import { useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import type { Problem } from './client'
import { newKey } from './key'
import { leavesOpen, problemOf } from './problem'

type Keyed = { header: { 'Idempotency-Key': string } }

/**
 * One request a person makes of the administration: busy while it runs, its problem afterwards. Its key stays the same
 * until the outcome is known, so that sending it again after a lost answer does nothing twice.
 */
export function useTask() {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const key = useRef(newKey())
  const client = useQueryClient()
  const run = async (task: (keyed: Keyed) => Promise<unknown>): Promise<boolean> => {
    setBusy(true)
    setProblem(undefined)
    try {
      await task({ header: { 'Idempotency-Key': key.current } })
      key.current = newKey()
      return true
    } catch (error) {
      if (!leavesOpen(error)) key.current = newKey()
      // The session has ended: reading who I am says so to the whole application.
      if (problemOf(error).status === 401) void client.invalidateQueries({ queryKey: ['me'] })
      setProblem(problemOf(error))
      return false
    } finally {
      setBusy(false)
    }
  }
  return { busy, problem, run, forget: () => setProblem(undefined) }
}
