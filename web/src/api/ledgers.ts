import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, ask, once, type Schemas } from './client'
import type { MatterFilter } from './queries'

export type MatterColumn = Schemas['MatterColumn']
export type LedgerBy = Schemas['LedgerBy']
export type LedgerGroup = Schemas['LedgerGroup']
export type HeldBy = Schemas['HeldBy']
export type ChartMatter = Schemas['ChartMatter']
export type SavedFilter = Schemas['SavedFilter']

/** What a ledger, a chart and a sum are restricted to: a list's filter without its order and relation. */
export type LineFilter = Omit<MatterFilter, 'order' | 'relation'>

const LIVE = 60_000 // what changes by the hour, in milliseconds
const COUNTED = 15_000 // counts over many matters change by the clock too: what was green becomes yellow

export const useOverdue = () =>
  useQuery({ queryKey: ['overdue'], queryFn: ({ signal }) => ask(api.GET('/api/v1/overdue', { signal })), staleTime: 10_000 })

export const useLeaders = () =>
  useQuery({ queryKey: ['leaders'], queryFn: ({ signal }) => ask(api.GET('/api/v1/leaders', { signal })), staleTime: LIVE })

export const useLedger = (by: LedgerBy, filter: LineFilter) =>
  useQuery({
    queryKey: ['ledger', by, filter],
    queryFn: ({ signal }) => ask(api.GET('/api/v1/ledger', { params: { query: { ...filter, by } }, signal })),
    refetchInterval: COUNTED,
  })

export const useHeld = (by: HeldBy, filter: LineFilter & { matter?: string }) =>
  useQuery({
    queryKey: ['held', by, filter],
    queryFn: ({ signal }) => ask(api.GET('/api/v1/held', { params: { query: { ...filter, by } }, signal })),
    refetchInterval: COUNTED,
  })

export const useChart = (filter: LineFilter & { order?: MatterFilter['order'] }, limit: number) =>
  useInfiniteQuery({
    queryKey: ['chart', filter, limit],
    queryFn: ({ pageParam: cursor, signal }) => ask(api.GET('/api/v1/chart', { params: { query: { ...filter, cursor, limit } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: { next?: string }) => page.next || undefined,
  })

/** Every page of a chart, up to so many matters; `told` hears how many there are by now. */
export async function readChart(filter: LineFilter, most: number, told: (n: number) => void, signal: AbortSignal): Promise<ChartMatter[]> {
  const all: ChartMatter[] = []
  let cursor: string | undefined
  do {
    const page = await ask(api.GET('/api/v1/chart', { params: { query: { ...filter, cursor, limit: 100 } }, signal }))
    all.push(...page.items)
    told(all.length)
    cursor = page.next || undefined
  } while (cursor && all.length < most)
  return all.slice(0, most)
}

export const useOrganisations = () =>
  useQuery({ queryKey: ['organisations'], queryFn: ({ signal }) => ask(api.GET('/api/v1/organisations', { signal })), staleTime: 10 * LIVE })

/** The stages of a procedure, for a filter by them. */
export const useStages = (rulebook: string | undefined, procedure: string | undefined) =>
  useQuery({
    queryKey: ['rulebook', rulebook],
    queryFn: ({ signal }) => ask(api.GET('/api/v1/rulebooks/{rulebook}', { params: { path: { rulebook: rulebook! } }, signal })),
    enabled: rulebook !== undefined && procedure !== undefined,
    staleTime: 10 * LIVE,
    select: (book) => book.procedures.find((one) => one.key === procedure)?.stages ?? [],
  })

/** The columns I chose, and how to choose others. */
export function useColumns(): { columns: MatterColumn[]; choose: (columns: MatterColumn[]) => Promise<void> } {
  const client = useQueryClient()
  const query = useQuery({ queryKey: ['columns'], queryFn: ({ signal }) => ask(api.GET('/api/v1/me/columns', { signal })), staleTime: 10 * LIVE })
  return {
    columns: query.data?.columns ?? [],
    choose: async (columns) => {
      client.setQueryData(['columns'], await ask(api.PUT('/api/v1/me/columns', { body: { columns } })))
    },
  }
}

/** The filters I keep, and what can be done with them. */
export function useFilters() {
  const client = useQueryClient()
  const query = useQuery({ queryKey: ['filters'], queryFn: ({ signal }) => ask(api.GET('/api/v1/me/filters', { signal })), staleTime: LIVE })
  const after = async (done: Promise<unknown>) => {
    await done
    await client.invalidateQueries({ queryKey: ['filters'] })
  }
  return {
    filters: query.data?.items ?? [],
    save: (name: string, filter: string) => after(ask(api.POST('/api/v1/me/filters', { params: once(), body: { name, query: filter } }))),
    change: ({ id, name, query: filter }: SavedFilter) =>
      after(ask(api.PUT('/api/v1/me/filters/{filter}', { params: { path: { filter: id } }, body: { name, query: filter } }))),
    drop: (id: string) => after(ask(api.DELETE('/api/v1/me/filters/{filter}', { params: { path: { filter: id } } }))),
  }
}

export const useImports = () =>
  useQuery({ queryKey: ['imports'], queryFn: ({ signal }) => ask(api.GET('/api/v1/imports', { signal })) })
