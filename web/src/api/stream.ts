import type { QueryClient } from '@tanstack/react-query'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { Me, Schemas } from './client'

/** Changes that arrive together are read together: a batch waits this long, in milliseconds. */
const GATHER = 200
/** Counts over many matters wait longer, and one reading of them ends before the next begins. */
const COUNT = 1_200
/** Pause before the stream is opened again after the server refused it, and between readings without it. */
const AGAIN = 5_000
const POLL = 10_000

/** Queries that a change of any matter may touch, beside those of the matter itself. */
const LISTS = ['assignments', 'matters', 'slips', 'slip', 'me', 'overdue', 'chart', 'polls']
const COUNTS = [['ledger'], ['held'], ['leaders'], ['departure'], ['rulebook-versions'], ['operations', 'matters']]
/** Queries that an administrator's change may touch. */
const OFFICE = ['me', 'assignments', 'people', 'person', 'person-sessions', 'my-sessions', 'departure', 'organisations', 'units', 'posts',
  'unit-changes', 'leaders', 'calendar', 'audit', 'anomalies']

/** Marks as stale what the messages of one batch touch; what is on the screen is read anew, what is typed stays. */
export function refresh(client: QueryClient, matters: ReadonlySet<string>): void {
  for (const matter of matters) {
    void client.invalidateQueries({ queryKey: ['matter', matter] })
    void client.invalidateQueries({ queryKey: ['events', matter] })
    void client.invalidateQueries({ queryKey: ['explanation', matter] })
    for (const part of ['matter', 'preview', 'history']) void client.invalidateQueries({ queryKey: ['operations', part, matter] })
  }
  for (const list of LISTS) void client.invalidateQueries({ queryKey: [list] })
}

/**
 * Follows what changes as it changes, and says whether it does. Without the stream everything shown is read anew every
 * ten seconds. A hidden tab holds no connection: browsers allow six to a host, and people keep more tabs than that.
 */
export function useStream(enabled: boolean): boolean {
  const client = useQueryClient()
  const [live, setLive] = useState(true)

  useEffect(() => {
    if (!enabled) return
    let source: EventSource | undefined
    let again: ReturnType<typeof setTimeout> | undefined
    let gathering: ReturnType<typeof setTimeout> | undefined
    let counting: ReturnType<typeof setTimeout> | undefined
    let missed = false
    const matters = new Set<string>()

    const gather = () => {
      gathering ??= setTimeout(() => {
        gathering = undefined
        refresh(client, matters)
        matters.clear()
      }, GATHER)
      counting ??= setTimeout(() => {
        counting = undefined
        for (const queryKey of COUNTS) void client.invalidateQueries({ queryKey }, { cancelRefetch: false })
      }, COUNT)
    }
    const readAll = () => void client.invalidateQueries()
    const close = () => {
      clearTimeout(again)
      source?.close()
      source = undefined
    }
    const open = () => {
      close()
      if (document.hidden) return
      source = new EventSource('/api/v1/stream')
      source.addEventListener('open', () => {
        setLive(true)
        if (missed) readAll()
        missed = false
      })
      source.addEventListener('matter', (message: MessageEvent<string>) => {
        matters.add((JSON.parse(message.data) as Schemas['StreamMatter']).matter)
        gather()
      })
      source.addEventListener('notification', (message: MessageEvent<string>) => {
        const { unread } = JSON.parse(message.data) as Schemas['StreamNotification']
        client.setQueryData<Me>(['me'], (me) => me && { ...me, unreadNotifications: unread })
        void client.invalidateQueries({ queryKey: ['notifications'] })
      })
      source.addEventListener('office', () => {
        for (const key of OFFICE) void client.invalidateQueries({ queryKey: [key] })
      })
      source.addEventListener('reset', readAll)
      source.addEventListener('error', () => {
        setLive(false)
        missed = true
        // The browser reconnects by itself unless the answer was an error.
        if (source?.readyState === EventSource.CLOSED) again = setTimeout(open, AGAIN)
      })
    }
    const onVisible = () => {
      if (document.hidden) {
        missed = true
        close()
      } else {
        open()
      }
    }

    open()
    document.addEventListener('visibilitychange', onVisible)
    return () => {
      document.removeEventListener('visibilitychange', onVisible)
      clearTimeout(gathering)
      clearTimeout(counting)
      close()
    }
  }, [client, enabled])

  useEffect(() => {
    if (live || !enabled) return
    const timer = setInterval(() => void client.invalidateQueries(), POLL)
    return () => clearInterval(timer)
  }, [client, live, enabled])

  return live
}
