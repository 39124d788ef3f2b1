import type { Schemas } from '../api/client'
import { Refused, toProblem, Unreachable } from '../api/problem'

export const MAX_BYTES = 50 * 1024 * 1024

/** Uploads a file under a key, telling the part of it sent from 0 to 1. XMLHttpRequest, as fetch tells no progress. */
export function upload(file: File, key: string, progress: (part: number) => void, signal: AbortSignal): Promise<Schemas['Attachment']> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', '/api/v1/attachments')
    request.setRequestHeader('Idempotency-Key', key)
    request.upload.addEventListener('progress', (event) => event.lengthComputable && progress(event.loaded / event.total))
    request.addEventListener('error', () => reject(new Unreachable()))
    request.addEventListener('abort', () => reject(new DOMException('', 'AbortError')))
    request.addEventListener('load', () => {
      let body: unknown
      try {
        body = JSON.parse(request.responseText)
      } catch {
        body = undefined
      }
      if (request.status === 201 && body) resolve(body as Schemas['Attachment'])
      else reject(new Refused(toProblem(body, new Response(null, { status: request.status }))))
    })
    signal.addEventListener('abort', () => request.abort(), { once: true })
    const form = new FormData()
    form.append('file', file, file.name)
    request.send(form)
  })
}

/** The address a file is fetched from. */
export const attachmentHref = (id: string) => `/api/v1/attachments/${encodeURIComponent(id)}`
