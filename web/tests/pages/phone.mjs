// The pages on a phone.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PHONE } from '../harness/browser.mjs'
import { registered } from '../harness/matters.mjs'
import { person } from '../harness/suite.mjs'

test('on a phone: to-dos, a matter, slips, notifications and a form fit the screen', async () => {
  const lead = await person('stb.clerk', { viewport: PHONE })
  const matter = await registered()
  const { page } = lead
  await page.getByRole('link', { name: matter.title }).first().waitFor()
  await lead.look('phone-desk')
  await page.goto(`/matters/${matter.id}`)
  await page.locator('.story li').first().waitFor()
  await lead.look('phone-matter')
  await page.getByRole('button', { name: '报送初稿' }).click()
  await page.getByRole('dialog').waitFor()
  await lead.look('phone-form')
  await page.keyboard.press('Escape')
  await page.goto('/slips')
  await page.locator('.listing').waitFor()
  await lead.look('phone-slips')
  await page.getByRole('button', { name: /^通知/ }).click()
  await page.getByRole('dialog').waitFor()
  await lead.look('phone-notifications')
  await lead.leave()
})

/** What a column's cells say before their text on a phone, and how wide they are. */
const cells = (page, selector) =>
  page.locator(selector).first().evaluate((cell) => ({ label: getComputedStyle(cell, '::before').content, width: cell.getBoundingClientRect().width }))

test('on a phone: lists, the ledger, the chart and rules can be read, and filters are folded away', async () => {
  const clerk = await person('office.clerk', { viewport: PHONE })
  await registered()
  const { page } = clerk
  await page.goto('/matters')
  await page.locator('.listing').waitFor()
  const stage = await cells(page, '.listing td.col-mid')
  assert.match(stage.label, /当前环节/)
  assert.ok(stage.width > 250, `a cell is ${stage.width} wide`)
  assert.equal(await page.getByRole('combobox', { name: '责任单位' }).isVisible(), false)
  await clerk.look('phone-matters')
  await clerk.press('筛选')
  assert.equal(await page.getByRole('combobox', { name: '责任单位' }).isVisible(), true)
  await clerk.look('phone-filters')
  await page.goto('/ledger')
  await page.locator('.ledger').waitFor()
  await clerk.look('phone-ledger')
  await page.goto('/ledger/chart')
  await page.locator('.gantt').first().waitFor()
  assert.ok((await page.locator('.gantt').first().boundingBox()).width >= 700, 'the chart is not shrunk to what nobody can read')
  await clerk.look('phone-chart')
  await page.goto('/rules')
  await page.locator('.listing').waitFor()
  assert.match((await cells(page, '.listing td:nth-child(3)')).label, /流程/)
  await clerk.look('phone-rules')
  await clerk.leave()
})

test('on a phone: administration and workflow operations can be read', async () => {
  const admin = await person('sysadmin', { viewport: PHONE })
  await registered()
  const { page } = admin
  for (const place of ['/admin/people', '/admin/organisations', '/admin/calendar', '/admin/channels', '/operations', '/operations/matters', '/operations/timers']) {
    await page.goto(place)
    await page.locator('.listing, .plain, .section').first().waitFor()
    await admin.look(`phone${place.replaceAll('/', '-')}`)
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth), `${place} is wider than the screen`)
  }
  assert.match((await cells(page, '.listing td.ops-next')).label, /下一次定时/)
  await admin.leave()
})
