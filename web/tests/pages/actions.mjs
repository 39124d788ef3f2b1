// What one may do at a matter, what one may not and why, and what becomes of what one asked for.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drafted, registered, textFile } from '../harness/matters.mjs'
import { person } from '../harness/suite.mjs'

test('returning with a reason, by keyboard alone; what one may not do says why and which article', async () => {
  const matter = await drafted()
  const liaison = await person('economy.liaison')
  const { page } = liaison
  await page.goto(`/matters/${matter.id}`)
  await page.locator('.stage-current', { hasText: '专项小组审核' }).waitFor()

  const reach = async (wanted) => {
    for (let i = 0; i < 80; i++) {
      await page.keyboard.press('Tab')
      if (await page.evaluate((text) => document.activeElement?.textContent?.trim().startsWith(text) ?? false, wanted)) return
    }
    assert.fail(`${wanted} is not reached by keyboard`)
  }
  await reach('暂不能办理的操作')
  await page.keyboard.press('Enter')
  const refused = page.locator('.refused li')
  assert.ok((await refused.count()) > 0)
  for (const text of await refused.allInnerTexts()) assert.ok(text.trim().length > 8, `no reason: ${text}`)
  await liaison.look('matter-refused-actions')

  await page.getByRole('heading', { level: 1 }).focus()
  await reach('退回')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await page.getByLabel('意见').focus()
  await page.keyboard.type('任务分解缺少责任时限，请补充')
  await liaison.look('return')
  await reach('确认退回')
  await page.keyboard.press('Enter')
  await page.locator('.stage-current', { hasText: '修改初稿' }).waitFor()
  await page.locator('.story blockquote', { hasText: '任务分解缺少责任时限' }).waitFor()
  await liaison.leave()
})

test('accepted for later: said so, followed, and shown when it is done; a refusal likewise', async () => {
  const clerk = await person('office.clerk')
  const matter = await registered()
  const { page } = clerk
  let state = 'open'
  const row = (key) => ({ key, matter: matter.id, action: 'comment', state, at: new Date().toISOString(),
    ...(state === 'refused' ? { refusal: { code: 'closed', message: '事项已经结束，不能再办理。', source: '001 art. 5(2)' } } : {}) })
  await page.route('**/actions', async (route) => {
    const key = route.request().headers()['idempotency-key']
    await route.fulfill({ status: 202, headers: { Location: `/api/v1/commands/${key}` }, json: row(key) })
  })
  await page.route('**/api/v1/commands/*', (route) => route.fulfill({ json: row(route.request().url().split('/').pop()) }))
  await page.goto(`/matters/${matter.id}`)
  const comment = async () => {
    state = 'open'
    await page.getByRole('button', { name: '批注' }).click()
    await page.getByLabel('意见').fill('意见')
    await page.getByRole('button', { name: '确认批注' }).click()
    await page.getByText('已受理，正在办理').waitFor()
  }
  await comment()
  await clerk.look('accepted')
  state = 'done'
  await page.getByText('批注成功').waitFor()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await comment()
  state = 'refused'
  await page.getByText('事项已经结束，不能再办理。').waitFor()
  await clerk.leave()
})

test('while a file is on its way the button waits, and says for what', async () => {
  const lead = await person('stb.clerk')
  const matter = await registered()
  const { page } = lead
  let arrive
  const arrived = new Promise((resolve) => (arrive = resolve))
  await page.route('**/api/v1/attachments', async (route) => {
    await arrived
    await route.continue()
  })
  await lead.openMatter(matter)
  await lead.press('报送初稿', { within: '.action-buttons' })
  const confirm = page.getByRole('button', { name: '确认报送初稿' })
  assert.ok(await confirm.isEnabled())
  await page.locator('[role=dialog] input[type=file]').first().setInputFiles(textFile('初稿'))
  await lead.see('文件正在上传，传完后即可确认。')
  assert.ok(await confirm.isDisabled())
  await lead.look('uploading')
  arrive()
  await lead.miss('文件正在上传')
  assert.ok(await confirm.isEnabled())
  await lead.leave()
})
