// A real Chromium, and persons who work in it. Whatever a page logs as an error, asks of another host, or shows that axe
// finds serious is gathered, and fails the test that ends the visit.
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { chromium } from 'playwright-core'

export const DESK = { width: 1366, height: 768 }
export const PHONE = { width: 390, height: 844 }
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync']

/** A browser on a site; `shots` is the folder its screenshots go to (SCREENSHOTS, or a fresh temporary one). */
export async function openBrowser(site) {
  const shots = process.env.SCREENSHOTS ?? (await mkdtemp(path.join(os.tmpdir(), 'duban-shots-')))
  await mkdir(shots, { recursive: true })
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: FLAGS })
  return {
    /** A person at a screen, with cookies of their own. */
    async visit({ viewport = DESK } = {}) {
      const context = await browser.newContext({ viewport, baseURL: site.url, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', acceptDownloads: true })
      context.setDefaultTimeout(15_000)
      const page = await context.newPage()
      return new Visit(context, page, site, shots)
    },
    async close() {
      await browser.close()
      if (!process.env.SCREENSHOTS) await rm(shots, { recursive: true, force: true })
    },
  }
}

class Visit {
  #expected = [{ status: 401, path: '/api/v1/me' }] // asked before anybody is logged in
  #wrong = []

  constructor(context, page, site, shots) {
    Object.assign(this, { context, page, site, shots })
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
      if (/^https?:$/.test(at.protocol) && at.origin !== site.url) this.#wrong.push(`another host: ${at.origin}`)
    })
  }

  /** A refusal that belongs to the test. */
  foresee(status, where) {
    this.#expected.push({ status, path: where })
  }

  /** Logs in and waits for the to-dos. */
  async logIn(login) {
    await this.page.goto('/')
    await this.page.getByLabel('账号').fill(login)
    await this.page.getByLabel('密码', { exact: true }).fill(this.site.password)
    await this.page.getByRole('button', { name: '登录' }).click()
    await this.page.getByRole('heading', { name: '工作台' }).waitFor()
    return this
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

  /** Takes a picture of what is shown, and lets axe look at it. */
  async look(name) {
    await this.page.screenshot({ path: path.join(this.shots, `${name}.png`) })
    const { violations } = await new AxeBuilder({ page: this.page }).analyze()
    for (const { id, impact, nodes } of violations) {
      if (impact === 'serious' || impact === 'critical') this.#wrong.push(`axe ${impact} ${id} on ${name}: ${nodes[0].html}`)
    }
    const { width, shown } = await this.page.evaluate(() => ({ width: document.documentElement.scrollWidth, shown: innerWidth }))
    if (width > shown) this.#wrong.push(`${name} is ${width} wide on a screen of ${shown}`)
  }

  /** Ends the visit; everything wrong that was gathered fails here. */
  async leave() {
    await this.context.close()
    assert.deepEqual(this.#wrong, [])
  }
}
