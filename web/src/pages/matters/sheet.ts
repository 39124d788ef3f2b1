import type { Schemas } from '../../api/client'
import { Refused, toProblem, Unreachable } from '../../api/problem'

/** Sends a spreadsheet to be checked. */
export async function sendSheet(file: File, of: { rulebook: string; procedure: string; unit: string }, key: string): Promise<Schemas['ImportCheck']> {
  const form = new FormData()
  form.append('file', file, file.name)
  let response: Response
  try {
    response = await fetch(`/api/v1/imports?${new URLSearchParams(of).toString()}`, { method: 'POST', headers: { 'Idempotency-Key': key }, body: form })
  } catch (cause) {
    throw new Unreachable({ cause })
  }
  const body: unknown = await response.json().catch(() => undefined)
  if (!response.ok) throw new Refused(toProblem(body, response))
  return body as Schemas['ImportCheck']
}
