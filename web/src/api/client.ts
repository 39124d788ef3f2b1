import createClient from 'openapi-fetch'
import type { components, paths } from './schema.gen'
import { newKey } from './key'
import { Refused, Unreachable, toProblem } from './problem'

export type Schemas = components['schemas']
export type Matter = Schemas['Matter']
export type Offer = Schemas['Offer']
export type Action = Schemas['Action']
export type Assignment = Schemas['Assignment']
export type MatterSummary = Schemas['MatterSummary']
export type Startable = Schemas['Startable']
export type StoryEvent = Schemas['StoryEvent']
export type Colour = Schemas['Colour']
export type CommandStatus = Schemas['CommandStatus']
export type Problem = Schemas['Problem']
export type Refusal = Schemas['Refusal']
export type Me = Schemas['Me']

/** The typed client of the contract. Every call of it goes through [ask] or [tell]. */
export const api = createClient<paths>({ baseUrl: window.location.origin, fetch: (request) => fetch(request) })

type Reply<T> = { data?: T; error?: unknown; response: Response }

/**
 * The answer's body, or an exception: [Unreachable] where nobody answered, [Refused] with the problem otherwise.
 */
export async function ask<T>(call: Promise<Reply<T>>): Promise<T> {
  return (await reply(call)).data as T
}

/** As [ask], with the response beside the body, for what the status and headers say. */
export async function reply<T>(call: Promise<Reply<T>>): Promise<{ data: T; response: Response }> {
  let answer: Reply<T>
  try {
    answer = await call
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw new Unreachable({ cause })
  }
  if (!answer.response.ok) throw new Refused(toProblem(answer.error, answer.response))
  return { data: answer.data as T, response: answer.response }
}

/** Header parameters of a POST that is one intention by itself. */
export const once = () => ({ header: { 'Idempotency-Key': newKey() } })
