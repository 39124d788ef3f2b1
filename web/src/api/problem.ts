import { t } from '../text'
import type { components } from './schema.gen'

type Problem = components['schemas']['Problem']

/** A script file of the application did not come: it was updated under an open tab, or the server is away. */
export class Missing extends Error {
  constructor(options?: ErrorOptions) {
    super(t('program-missing'), options)
    this.name = 'Missing'
  }
}

/** The server answered and refused, or failed: its problem says why and what to do. */
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.title)
    this.name = 'Refused'
  }
}

/** Nobody answered: whether anything was done is unknown. */
export class Unreachable extends Error {
  constructor(options?: ErrorOptions) {
    super(t('unreachable'), options)
    this.name = 'Unreachable'
  }
}

/** The problem in an error answer; one of our own where the body is none (a proxy's page, say). */
export function toProblem(body: unknown, response: Response): Problem {
  if (typeof body === 'object' && body !== null && 'code' in body && 'title' in body) return body as Problem
  return {
    type: 'about:blank',
    title: t(response.status >= 500 ? 'server-failed' : 'request-failed'),
    status: response.status,
    code: `http-${response.status}`,
    traceId: '',
  }
}

/** The problem to show for any error. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Refused) return error.problem
  const title = error instanceof Unreachable || error instanceof Missing ? error.message : t('page-failed')
  return { type: 'about:blank', title, status: 0, code: 'unreachable', traceId: '' }
}

/** The server may carry the request out later, or may have done so: sending it again under its key is the way to know. */
export function worthRetrying(error: unknown): boolean {
  if (error instanceof Unreachable) return true
  return error instanceof Refused && [425, 429, 502, 503, 504].includes(error.problem.status)
}

/** The outcome is unknown or still open, so the intention keeps its key. */
export function leavesOpen(error: unknown): boolean {
  return worthRetrying(error) || (error instanceof Refused && error.problem.status >= 500)
}
