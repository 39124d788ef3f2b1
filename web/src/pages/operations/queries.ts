import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { api, ask, type Schemas } from '../../api/client'

/** The workflow server tells nobody when something changes: what it says is asked for again every so many milliseconds. */
const LIVE = 5_000
const nextOf = (page: { next?: string }) => page.next || undefined
const live = { refetchInterval: LIVE, initialPageParam: undefined as string | undefined, getNextPageParam: nextOf }

export type Incident = Schemas['Incident']
export type Operation = Schemas['Operation']
export type Repair = Schemas['RepairName']
export type HistoryKind = Schemas['HistoryKind']
export type HistoryItem = Schemas['HistoryItem']

export const useIncidents = (state: 'open' | 'closed') =>
  useInfiniteQuery({
    queryKey: ['operations', 'incidents', state],
    queryFn: ({ pageParam: cursor, signal }) =>
      ask(api.GET('/api/v1/operations/incidents', { params: { query: { state, cursor, limit: 50 } }, signal })),
    ...live,
  })

export const useParts = () =>
  useQuery({
    queryKey: ['operations', 'parts'],
    queryFn: ({ signal }) => ask(api.GET('/api/v1/operations/parts', { signal })),
    refetchInterval: LIVE,
  })

export const useBeginnings = () =>
  useQuery({
    queryKey: ['operations', 'beginnings'],
    queryFn: ({ signal }) => ask(api.GET('/api/v1/operations/beginnings', { signal })),
    refetchInterval: LIVE,
  })

export const useRunning = (timed: boolean, text?: string) =>
  useInfiniteQuery({
    queryKey: ['operations', 'matters', timed, text],
    queryFn: ({ pageParam: cursor, signal }) =>
      ask(api.GET('/api/v1/operations/matters', { params: { query: { timed, text, cursor, limit: 30 } }, signal })),
    placeholderData: keepPreviousData,
    ...live,
  })

export const useOperation = (matter: string) =>
  useQuery({
    queryKey: ['operations', 'matter', matter],
    queryFn: ({ signal }) => ask(api.GET('/api/v1/operations/matters/{matter}', { params: { path: { matter } }, signal })),
    refetchInterval: LIVE,
    placeholderData: undefined,
  })

export const useHistory = (matter: string, kind: HistoryKind | undefined, failed: boolean) =>
  useInfiniteQuery({
    queryKey: ['operations', 'history', matter, kind, failed],
    queryFn: ({ pageParam: cursor, signal }) =>
      ask(
        api.GET('/api/v1/operations/matters/{matter}/history', {
          params: { path: { matter }, query: { kind, failed, cursor, limit: 50 } },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: nextOf,
  })

export type Target = { assignment?: number; post?: string; person?: string; stage?: string }

export const usePreview = (matter: string, repair: Repair, target: Target, enabled: boolean) =>
  useQuery({
    queryKey: ['operations', 'preview', matter, repair, target],
    queryFn: ({ signal }) =>
      ask(
        api.GET('/api/v1/operations/matters/{matter}/preview', {
          params: { path: { matter }, query: { repair, ...target } },
          signal,
        }),
      ),
    enabled,
    staleTime: 0,
    placeholderData: undefined,
  })
