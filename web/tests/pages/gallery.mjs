// The gallery: every component, and every kind of stage in every state, in both browsers.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { build, preview } from 'vite'
import { openBrowser } from '../harness/browser.mjs'

const STATES = ['done', 'current', 'ahead', 'skipped', 'returned', 'unfinished']
const KINDS = 9

test('every component and every kind of stage in every state can be looked at, in both browsers', async () => {
  const outDir = 'node_modules/.cache/gallery'
  const root = new URL('../..', import.meta.url).pathname
  const configFile = `${root}vite.config.ts`
  await build({ root, configFile, mode: 'gallery', logLevel: 'error' })
  const server = await preview({ root, configFile, mode: 'gallery', logLevel: 'error', build: { outDir }, preview: { port: 0, host: '127.0.0.1' } })
  try {
    for (const old of [false, true]) {
      const browser = await openBrowser({ url: `http://127.0.0.1:${server.httpServer.address().port}` }, { old })
      const visitor = await browser.visit({ viewport: { width: 1366, height: 3400 } })
      await visitor.open('/gallery.html')
      await visitor.see('组件陈列', { within: 'h1' })
      const drawn = await visitor.page.evaluate((states) => states.map((state) => document.querySelectorAll(`.stage-${state}`).length), STATES)
      assert.deepEqual(drawn, STATES.map(() => KINDS))
      const red = await visitor.page.evaluate(() => getComputedStyle(document.querySelector('.ant-btn-dangerous')).color)
      assert.equal(red, 'rgb(179, 38, 30)') // antd's own styles have come, in the old browser too
      await visitor.look('gallery')
      await visitor.leave()
      await browser.close()
    }
  } finally {
    await server.close()
  }
})
