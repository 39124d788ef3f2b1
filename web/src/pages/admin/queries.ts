import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { api, ask } from '../../api/client'

const nextOf = (page: { next?: string }) => page.next || undefined

export const usePeople = (text: string) =>
  useInfiniteQuery({
    queryKey: ['people', text],
    queryFn: ({ pageParam: cursor, signal }) =>
      ask(api.GET('/api/v1/people', { params: { query: { text: text || undefined, cursor, limit: 50 } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: nextOf,
  })

export const usePerson = (person: string) =>
  useQuery({
    queryKey: ['person', person],
    queryFn: ({ signal }) => ask(api.GET('/api/v1/people/{person}', { params: { path: { person } }, signal })),
    placeholderData: undefined,
  })

export const usePersonSessions = (person: string) =>
  useQuery({
    queryKey: ['person-sessions', person],
    queryFn: ({ signal }) => ask(api.GET('/api/v1/people/{person}/sessions', { params: { path: { person } }, signal })),
    placeholderData: undefined,
  })

export const useDeparture = (person: string) =>
  useQuery({
    queryKey: ['departure', person],
    queryFn: ({ signal }) => ask(api.GET('/api/v1/people/{person}/departure', { params: { path: { person } }, signal })),
    placeholderData: undefined,
  })

export const useOrganisations = () =>
  useQuery({ queryKey: ['organisations'], queryFn: ({ signal }) => ask(api.GET('/api/v1/organisations', { signal })) })

export const useUnitChanges = (organisation: string) =>
  useQuery({
    queryKey: ['unit-changes', organisation],
    queryFn: ({ signal }) => ask(api.GET('/api/v1/organisations/{organisation}/changes', { params: { path: { organisation } }, signal })),
  })

export const useCalendarYears = () =>
  useQuery({
    queryKey: ['calendar'],
    queryFn: ({ signal }) => ask(api.GET('/api/v1/calendar/years', { signal })),
    refetchInterval: (query) => query.state.data?.items.some((one) => one.pending) && 2000, // while matters are re-planned
  })

export const useAudit = (filter: { action?: string; from?: string; to?: string }) =>
  useInfiniteQuery({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam: cursor, signal }) =>
      ask(api.GET('/api/v1/audit', { params: { query: { ...filter, cursor, limit: 50 } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: nextOf,
  })
