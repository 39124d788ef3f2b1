// Started, stopped and started again on the same data: everything as it was, seen in the browser.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openBrowser } from '../harness/browser.mjs'
import { FORM, named } from '../harness/matters.mjs'
import { openSite } from '../harness/site.mjs'

test('started, interrupted, and started again on the same data: everything is as it was', async () => {
  const site = await openSite()
  const browser = await openBrowser(site)
  try {
    const clerk = await (await browser.visit()).logIn('office.clerk')
    const matter = await clerk.api('POST', '/api/v1/matters', {
      rulebook: 'zibo-city', procedure: 'provincial-document', title: named('重启前登记的文件'), form: FORM, submit: true,
    })
    await clerk.openMatter(matter)
    await clerk.act('批注', () => clerk.fill('意见', '重启之前写的话'))
    await clerk.see('重启之前写的话', { within: '.story' })
    const before = await seen(clerk)
    await clerk.leave()

    await site.restart()
    const again = await (await browser.visit()).logIn('office.clerk')
    await again.press('我发起的')
    await again.press(matter.title, { within: '.listing' })
    await again.see('重启之前写的话', { within: '.story' })
    assert.deepEqual(await seen(again), before)
    await again.leave()

    // And it goes on: the lead unit signs for the slip issued before.
    const lead = await (await browser.visit()).logIn('stb.clerk')
    await lead.press('签收', { row: matter.title })
    await lead.press('确认签收')
    await lead.miss('签收', { row: matter.title })
    await lead.leave()
  } finally {
    await browser.close()
    await site.close()
  }
})

/** What a matter's page says of it, but for how long is left. */
const seen = (visit) =>
  visit.page.evaluate(() => ['.stages', '.holders', '.form-view', '.story', '.slip-list'].map((part) => document.querySelector(part).innerText))
