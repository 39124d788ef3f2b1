// A real Chromium, today's or that of 2020, and persons who work in it.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { chromium86 } from './chromium86.mjs'
import { PATIENCE } from './hands.mjs'
import { Visit } from './visit.mjs'

export const DESK = { width: 1366, height: 768 }
export const PHONE = { width: 390, height: 844 }
const EYES = fileURLToPath(new URL('eyes.js', import.meta.url))
// No other host is ever asked: none has an address here.
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost']

/** A browser on a site; `shots` is the folder its screenshots go to (SCREENSHOTS, or a fresh temporary one). */
export async function openBrowser(site, { old = false } = {}) {
  const shots = process.env.SCREENSHOTS ?? (await mkdtemp(path.join(os.tmpdir(), 'duban-shots-')))
  await mkdir(shots, { recursive: true })
  const executablePath = old ? await chromium86() : (process.env.CHROMIUM ?? '/usr/bin/chromium')
  const browser = await chromium.launch({ executablePath, headless: true, args: FLAGS })
  return {
    version: browser.version(),
    /** A person at a screen, with cookies of their own; `keyboard` for one who never touches the mouse, `scripts` off for one who only reads. */
    async visit({ viewport = DESK, keyboard = false, scripts = true } = {}) {
      const context = await browser.newContext({
        viewport, baseURL: site.url, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', acceptDownloads: true, javaScriptEnabled: scripts,
      })
      context.setDefaultTimeout(PATIENCE)
      await context.addInitScript({ path: EYES })
      return new Visit(context, await context.newPage(), { site, shots, keyboard, old })
    },
    async close() {
      await browser.close()
      if (!process.env.SCREENSHOTS) await rm(shots, { recursive: true, force: true })
    },
  }
}
