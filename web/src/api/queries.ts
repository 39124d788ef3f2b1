import { QueryClient, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { api, ask, type Me, type StoryEvent } from './client'
import type { operations } from './schema.gen'
import { worthRetrying } from './problem'

export const queryClient = () =>
  new QueryClient({
    defaultOptions: {
      queries: {
        retry: (failures, error) => failures < 2 && worthRetrying(error),
        staleTime: 5_000,
        // What a person looks at stays while it is read anew.
        placeholderData: (before: unknown) => before,
      },
    },
  })

type Query<O extends keyof operations> = NonNullable<operations[O]['parameters']['query']>
export type MatterFilter = Omit<Query<'listMatters'>, 'cursor' | 'limit'>
export type AssignmentFilter = Omit<Query<'listAssignments'>, 'cursor' | 'limit'>
export type SlipFilter = Omit<Query<'listSlips'>, 'cursor' | 'limit'>

const PAGE = 50
const nextOf = (page: { next?: string }) => page.next || undefined

export const useMe = () => useQuery({ queryKey: ['me'], queryFn: readMe })
export const readMe = (): Promise<Me> => ask(api.GET('/api/v1/me'))

export const useAssignments = (query: AssignmentFilter) =>
  useInfiniteQuery({
    queryKey: ['assignments', query],
    queryFn: ({ pageParam: cursor, signal }) =>
      ask(api.GET('/api/v1/assignments', { params: { query: { ...query, cursor, limit: PAGE } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: nextOf,
  })

export const useMatters = (query: MatterFilter) =>
  useInfiniteQuery({
    queryKey: ['matters', query],
    queryFn: ({ pageParam: cursor, signal }) =>
      ask(api.GET('/api/v1/matters', { params: { query: { ...query, cursor, limit: PAGE } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: nextOf,
  })

export const useSlips = (query: SlipFilter) =>
  useInfiniteQuery({
    queryKey: ['slips', query],
    queryFn: ({ pageParam: cursor, signal }) =>
      ask(api.GET('/api/v1/slips', { params: { query: { ...query, cursor, limit: PAGE } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: nextOf,
  })

export const useNotifications = (enabled: boolean) =>
  useInfiniteQuery({
    queryKey: ['notifications'],
    queryFn: ({ pageParam: cursor, signal }) =>
      ask(api.GET('/api/v1/notifications', { params: { query: { cursor, limit: 30 } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: nextOf,
    enabled,
  })

export const useMatter = (matter: string | undefined) =>
  useQuery({
    queryKey: ['matter', matter],
    queryFn: ({ signal }) => ask(api.GET('/api/v1/matters/{matter}', { params: { path: { matter: matter! } }, signal })),
    enabled: matter !== undefined,
    placeholderData: undefined,
  })

/** The whole story of a matter, page after page, from its beginning or after an event. */
export async function readStory(matter: string, after?: number, signal?: AbortSignal): Promise<StoryEvent[]> {
  const story: StoryEvent[] = []
  for (;;) {
    const page = await ask(
      api.GET('/api/v1/matters/{matter}/events', { params: { path: { matter }, query: { after, limit: 500 } }, signal }),
    )
    story.push(...page.items)
    if (!page.next) return story
    after = page.next
  }
}

export const useStory = (matter: string) =>
  useQuery({
    queryKey: ['events', matter],
    queryFn: ({ signal }) => readStory(matter, undefined, signal),
    placeholderData: undefined,
  })

export const useExplanation = (matter: string, limit: number) =>
  useQuery({
    queryKey: ['explanation', matter, limit],
    queryFn: ({ signal }) =>
      ask(api.GET('/api/v1/matters/{matter}/limits/{limit}/explanation', { params: { path: { matter, limit } }, signal })),
    placeholderData: undefined,
  })

export const useSlip = (slip: string) =>
  useQuery({
    queryKey: ['slip', slip],
    queryFn: ({ signal }) => ask(api.GET('/api/v1/slips/{slip}', { params: { path: { slip } }, signal })),
    placeholderData: undefined,
  })

export const useStartable = () =>
  useQuery({ queryKey: ['procedures'], queryFn: ({ signal }) => ask(api.GET('/api/v1/procedures', { signal })) })

const SELDOM = 10 * 60_000 // organisations and rules change by the week, not by the minute

export const useRulebooks = () =>
  useQuery({
    queryKey: ['rulebooks'],
    queryFn: ({ signal }) => ask(api.GET('/api/v1/rulebooks', { signal })),
    staleTime: SELDOM,
  })

export const useUnits = (organisation: string | undefined) =>
  useQuery({
    queryKey: ['units', organisation],
    queryFn: ({ signal }) =>
      ask(api.GET('/api/v1/organisations/{organisation}/units', { params: { path: { organisation: organisation! } }, signal })),
    enabled: organisation !== undefined,
    staleTime: SELDOM,
  })

export const usePosts = (organisation: string) =>
  useQuery({
    queryKey: ['posts', organisation],
    queryFn: ({ signal }) =>
      ask(api.GET('/api/v1/organisations/{organisation}/posts', { params: { path: { organisation } }, signal })),
    staleTime: SELDOM,
  })
