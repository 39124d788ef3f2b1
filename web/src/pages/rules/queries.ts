import { useQuery } from '@tanstack/react-query'
import { api, ask, type Schemas } from '../../api/client'

export type Book = Schemas['Rulebook']
export type ProcedureView = Schemas['ProcedureView']
export type StageRule = Schemas['StageRule']
export type LimitRule = Schemas['LimitRule']
export type RulebookCheck = Schemas['RulebookCheck']
export type RulebookProblem = Schemas['RulebookProblem']

const path = (rulebook: string) => ({ params: { path: { rulebook } } })

export const useBook = (rulebook: string) =>
  useQuery({
    queryKey: ['rulebook', rulebook],
    queryFn: ({ signal }) => ask(api.GET('/api/v1/rulebooks/{rulebook}', { ...path(rulebook), signal })),
    placeholderData: undefined,
  })

export const useDerivation = (rulebook: string) =>
  useQuery({
    queryKey: ['rulebook-diff', rulebook],
    queryFn: ({ signal }) => ask(api.GET('/api/v1/rulebooks/{rulebook}/diff', { ...path(rulebook), signal })),
    placeholderData: undefined,
  })

export const useVersions = (rulebook: string) =>
  useQuery({
    queryKey: ['rulebook-versions', rulebook],
    queryFn: ({ signal }) => ask(api.GET('/api/v1/rulebooks/{rulebook}/versions', { ...path(rulebook), signal })),
    placeholderData: undefined,
  })

export const readText = (rulebook: string, version: string) =>
  ask(api.GET('/api/v1/rulebooks/{rulebook}/versions/{version}', { params: { path: { rulebook, version } } }))

export const useText = (rulebook: string, version: string) =>
  useQuery({
    queryKey: ['rulebook-text', rulebook, version],
    queryFn: () => readText(rulebook, version),
    placeholderData: undefined,
  })

export const useComparison = (rulebook: string, from: string, to: string) =>
  useQuery({
    queryKey: ['rulebook-comparison', rulebook, from, to],
    queryFn: ({ signal }) =>
      ask(api.GET('/api/v1/rulebooks/{rulebook}/comparison', { params: { path: { rulebook }, query: { from, to } }, signal })),
    placeholderData: undefined,
  })

export const useTimetable = (rulebook: string, procedure: string, from: string | undefined) =>
  useQuery({
    queryKey: ['timetable', rulebook, procedure, from],
    queryFn: ({ signal }) =>
      ask(
        api.GET('/api/v1/rulebooks/{rulebook}/procedures/{procedure}/timetable', {
          params: { path: { rulebook, procedure }, query: { from } },
          signal,
        }),
      ),
  })

/** A change of the rules as its matter shows it: read anew with the matter. */
export const useChange = (matter: string, rulebook: string | undefined, change: string) =>
  useQuery({
    queryKey: ['matter', matter, 'change', rulebook, change],
    queryFn: ({ signal }) =>
      ask(api.GET('/api/v1/rulebooks/{rulebook}/changes/{change}', { params: { path: { rulebook: rulebook!, change } }, signal })),
    enabled: rulebook !== undefined,
    placeholderData: undefined,
  })

export const useSchema = () =>
  useQuery({
    queryKey: ['rulebook-schema'],
    queryFn: ({ signal }) => ask(api.GET('/api/v1/rulebook-schema', { signal })),
    staleTime: Infinity,
  })
