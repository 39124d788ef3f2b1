// A person without a screen: asks the API, to prepare what a test shows.
export class Caller {
  #cookie = ''

  constructor(site) {
    this.site = site
  }

  async logIn(login) {
    const { headers } = await this.#fetch('POST', '/api/v1/sessions', { login, password: this.site.password })
    this.#cookie = headers.getSetCookie().map((cookie) => cookie.split(';')[0]).join('; ')
    return this
  }

  async api(method, where, body) {
    const answer = await this.#fetch(method, where, body)
    const text = await answer.text()
    return text ? JSON.parse(text) : undefined
  }

  /** Uploads a file as Playwright names one, and gives its id. */
  async upload({ name, mimeType, buffer }) {
    const form = new FormData()
    form.set('file', new Blob([buffer], { type: mimeType }), name)
    return (await this.api('POST', '/api/v1/attachments', form)).id
  }

  async #fetch(method, where, body) {
    const headers = { 'Idempotency-Key': crypto.randomUUID(), Origin: this.site.url, Cookie: this.#cookie }
    const plain = body !== undefined && !(body instanceof FormData)
    if (plain) headers['Content-Type'] = 'application/json'
    const answer = await fetch(new URL(where, this.site.url), { method, headers, body: plain ? JSON.stringify(body) : body })
    if (!answer.ok) throw new Error(`${method} ${where}: ${answer.status} ${await answer.text()}`)
    return answer
  }
}
