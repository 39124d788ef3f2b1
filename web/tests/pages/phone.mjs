// The pages on a phone.
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
