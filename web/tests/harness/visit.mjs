// A person at a screen. Whatever a page logs as an error, asks of another host, or shows that axe finds serious is
// gathered, and fails the test that ends the visit.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { Hands } from './hands.mjs'
import { lookedAt } from './looked.mjs'

export class Visit extends Hands {
  #expected = [{ status: 401, path: '/api/v1/me' }] // asked before anybody is logged in
  #wrong = []
  #trusted = []

  constructor(context, page, { site, shots, keyboard, old }) {
    super(page, keyboard)
    Object.assign(this, { context, site, shots, old })
    page.on('pageerror', (error) => this.#wrong.push(`error: ${error.message}`))
    page.on('console', (message) => {
      // The browser logs every answer above 399; those are judged below, by status.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) this.#wrong.push(`console: ${message.text()}`)
    })
    page.on('response', (response) => {
      const at = new URL(response.url())
      if (response.status() < 400) return
      const foreseen = this.#expected.some(({ status, path: where }) => status === response.status() && at.pathname.startsWith(where))
      if (!foreseen) this.#wrong.push(`answer ${response.status()}: ${at.pathname}`)
    })
    page.on('request', (request) => {
      const at = new URL(request.url())
      if (/^(https?|wss?):$/.test(at.protocol) && at.host !== new URL(site.url).host && !this.#trusted.includes(at.origin)) this.#wrong.push(`another host: ${at.origin}`)
    })
  }

  /** A refusal that belongs to the test. */
  foresee(status, where) {
    this.#expected.push({ status, path: where })
  }

  /** Another host that belongs to the test. */
  trust(url) {
    this.#trusted.push(new URL(url).origin)
  }

  /** Logs in and waits for the to-dos. */
  async logIn(login) {
    await this.open('/')
    await this.fill('账号', login)
    await this.fill('密码', this.site.password)
    await this.press('登录')
    await this.see('工作台', { within: 'h1' })
    return this
  }

  /** Opens an address of the site. */
  async open(address) {
    await this.page.goto(address)
  }

  /** Opens a matter's page and waits until it is read. */
  async openMatter(matter) {
    await this.open(`/matters/${matter.id ?? matter}`)
    await this.at('.stages')
  }

  /** Waits until a text is shown: somewhere, in what a selector names, or in the row of a list. */
  async see(text, where = {}) {
    await this.ask('wait', 'text', text, where)
  }

  /** Waits until a text is shown no more. */
  async miss(text, where = {}) {
    await this.ask('gone', text, where)
  }

  /** Waits until a message comes up, and takes it as heard: another of the same words is another one. */
  async hear(text) {
    const fresh = '.ant-message-notice:not([data-heard])'
    await this.see(text, { within: fresh })
    await this.page.evaluate(([notices, words]) => {
      for (const one of document.querySelectorAll(notices)) if (one.innerText.includes(words)) one.dataset.heard = ''
    }, [fresh, text])
  }

  /** Waits until something a selector names is there. */
  async at(selector) {
    await this.page.waitForFunction((wanted) => document.querySelector(wanted) !== null, selector)
  }

  /** Waits until a stage is the current one. */
  async stage(title) {
    await this.see(title, { within: '.stage-current' })
  }

  /** Opens a matter from the to-dos, as one does who has just come in. */
  async take(title) {
    await this.press('工作台')
    await this.see('工作台', { within: 'h1' })
    await this.press(title, { within: '.listing' })
    await this.see(title, { within: 'h1' })
  }

  /** Does one of the things a matter's page offers: fills in what its dialog asks for, and confirms. */
  async act(action, fill = async () => {}) {
    await this.press(action, { within: '.action-buttons' })
    await fill()
    // On a fast clock something may have happened meanwhile, of which one has to take note first.
    if (await this.page.$('[role=dialog] .moved-on button')) await this.press('已知悉，继续办理')
    await this.press(`确认${action}`)
    await this.hear(`${action}成功`)
  }

  /** The id of the matter whose page is shown. */
  async matter() {
    await this.page.waitForURL(/\/matters\/[0-9a-f-]{36}/)
    return /[0-9a-f-]{36}/.exec(this.page.url())[0]
  }

  /** The bytes of the file that comes of what one does. Of the browser of 2020 nobody hears of downloads: there the link is asked. */
  async download(doing) {
    if (this.old) {
      await doing()
      await this.at('[role=dialog] a[download]')
      const answer = await this.context.request.get(await this.page.evaluate(() => document.querySelector('[role=dialog] a[download]').href))
      assert.ok(answer.ok())
      return answer.body()
    }
    const coming = this.page.waitForEvent('download')
    await doing()
    return readFile(await (await coming).path())
  }

  /** Asks the API as the person logged in, as the page itself would. */
  async api(method, where, body) {
    const answer = await this.context.request.fetch(where, {
      method,
      data: body,
      headers: { 'Idempotency-Key': crypto.randomUUID(), Origin: this.site.url },
    })
    const text = await answer.text()
    assert.ok(answer.ok(), `${method} ${where}: ${answer.status()} ${text}`)
    return text ? JSON.parse(text) : undefined
  }

  /** Takes a picture of what is shown, lets axe look at it where it can, and measures that it fits the screen. */
  async look(name) {
    await this.page.waitForFunction(() => !document.querySelector('.listing-stale')) // a list about to change is dimmed
    lookedAt(this.page.url())
    const titled = this.old ? `${name}-86` : name
    await this.page.screenshot({ path: path.join(this.shots, `${titled}.png`) })
    if (!this.old) {
      // The other mode opens a page of its own for what is found in frames of other hosts; there are none.
      const axe = new AxeBuilder({ page: this.page }).setLegacyMode().options({ resultTypes: ['violations'] })
      const { violations } = await axe.analyze()
      for (const { id, impact, nodes } of violations) {
        if (impact === 'serious' || impact === 'critical') this.#wrong.push(`axe ${impact} ${id} on ${titled}: ${nodes[0].html}`)
      }
    }
    const { width, shown } = await this.page.evaluate(() => ({ width: document.documentElement.scrollWidth, shown: innerWidth }))
    if (width > shown) this.#wrong.push(`${titled} is ${width} wide on a screen of ${shown}`)
  }

  /** Ends the visit; everything wrong that was gathered fails here. What a test still holds up on its way is let go. */
  async leave() {
    await this.page.unrouteAll({ behavior: 'ignoreErrors' })
    await this.context.close()
    assert.deepEqual(this.#wrong, [])
  }
}
