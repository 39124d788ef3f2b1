// Registering a document, and submitting a proposal.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { choose, FORM, named, registered } from '../harness/matters.mjs'
import { person } from '../harness/suite.mjs'

test('registering a provincial document, and the lead unit signing for its slip in two clicks', async () => {
  const clerk = await person('office.clerk')
  clerk.foresee(422, '/api/v1/attachments')
  clerk.foresee(415, '/api/v1/attachments')
  const { page } = clerk
  const title = named('关于优化服务的若干措施')
  await page.getByRole('link', { name: '登记申报' }).click()
  await clerk.look('start')
  await page.getByRole('link', { name: '省改革文件配套' }).first().click()
  await page.getByRole('button', { name: '提交' }).click()
  await page.getByText('请填写事项名称。').waitFor()
  await clerk.look('register-incomplete')

  await page.getByLabel('事项名称').fill(title)
  await page.getByLabel('文号').fill(FORM.docNumber)
  await page.getByLabel('发文机关').fill(FORM.issuer)
  await page.getByLabel('收文日期').fill('2026-11-20')
  await page.keyboard.press('Enter')
  await choose(page, '牵头部门', '市科学技术局')
  await choose(page, '参与部门', '市发展和改革委员会')
  await page.keyboard.press('Escape')
  await choose(page, '专项小组', '经济体制')
  await page.getByLabel('牵头领导').fill(FORM.leaderInCharge)
  await choose(page, '起草单位', '市科学技术局')
  await page.getByLabel('责任人').fill(FORM.responsible)
  await page.getByLabel('时间进度').fill(FORM.timetable)
  const file = page.locator('input[type=file]')
  await file.setInputFiles({ name: '来文.pdf', mimeType: 'application/pdf', buffer: Buffer.from('MZ\x90\x00程序') })
  await page.locator('.file-wrong').waitFor()
  await clerk.look('register-file-refused')
  await page.getByRole('button', { name: '取消上传来文.pdf' }).click()
  await file.setInputFiles({ name: '来文.txt', mimeType: 'text/plain', buffer: Buffer.from('来文正文') })
  await page.getByRole('link', { name: /来文\.txt/ }).waitFor()
  // A reload in the middle loses nothing.
  await page.reload()
  assert.equal(await page.getByLabel('时间进度').inputValue(), FORM.timetable)
  await page.getByRole('button', { name: '提交' }).click()
  await page.getByRole('heading', { name: title }).waitFor()
  await page.locator('.stage-current', { hasText: '起草上会初稿' }).waitFor()
  await clerk.look('matter-registered')

  // Why this day: each day counted or skipped.
  await page.getByRole('button', { name: /为什么是这一天/ }).first().click()
  await page.locator('.month').first().waitFor()
  assert.ok((await page.locator('.cell-due').count()) === 1)
  await clerk.look('why-this-day')
  await page.keyboard.press('Escape')

  // The lead unit: from the list, one click and one to confirm.
  const lead = await person('stb.clerk')
  await lead.page.getByRole('link', { name: '待签收' }).click()
  const row = lead.page.getByRole('row', { name: new RegExp(title) })
  await row.getByRole('button', { name: /签收/ }).click()
  await lead.page.getByRole('button', { name: '确认签收' }).click()
  await row.waitFor({ state: 'detached' })
  await clerk.page.getByText(/签收/).first().waitFor()

  // The slip as a document, and as files.
  await lead.page.goto(new URL(page.url()).pathname)
  await lead.page.getByRole('region', { name: '督办单' }).getByRole('link', { name: /^淄改办交/ }).click()
  await lead.page.locator('.paper').waitFor()
  await lead.look('slip')
  for (const [name, magic] of [['PDF版', '%PDF'], ['Word版', 'PK']]) {
    const href = await lead.page.getByRole('link', { name: new RegExp(name) }).getAttribute('href')
    const document = await lead.context.request.get(href)
    assert.equal((await document.body()).subarray(0, magic.length).toString(), magic)
  }
  await lead.leave()
  await clerk.leave()
})

test('submitting a proposal with its checklist and a file, and approving it from the list in two clicks', async () => {
  const applicant = await person('zhangdian.clerk')
  const title = named('创新事项')
  // In January of the matter's own clock, which then goes on as fast as the wall's can be told from it.
  const draft = await applicant.api('POST', '/api/v1/matters', {
    rulebook: 'zibo-city', procedure: 'innovation-proposal', title, form: {}, pace: 2, begins: '2027-01-05',
  })
  const { page } = applicant
  await page.goto(`/matters/${draft.id}`)
  await page.getByRole('button', { name: '提交' }).click()
  await page.getByRole('button', { name: '确认提交' }).click()
  await page.getByText('请填写内容摘要。').waitFor()
  await applicant.look('proposal-incomplete')
  await choose(page, '所属类别', '经济体制')
  await page.getByLabel('已有创新成果').check()
  for (const principle of ['坚持以人民为中心', '符合四个有利于标准', '突出重点', '坚持问题导向', '以信息化引领']) {
    await page.getByRole('radiogroup', { name: principle }).getByLabel('是').check()
  }
  await page.getByLabel('内容摘要').fill('一窗受理，并联审批')
  await page.getByRole('button', { name: '同时修改事项内容' }).click()
  await page.locator('input[type=file]').setInputFiles({ name: '做法.txt', mimeType: 'text/plain', buffer: Buffer.from('做法') })
  await page.getByRole('link', { name: /做法\.txt/ }).waitFor()
  await page.getByRole('button', { name: '确认提交' }).click()
  await page.locator('.stage-current', { hasText: '提报单位筛选' }).waitFor()
  await applicant.look('proposal-submitted')

  const head = await person('zhangdian.head')
  const row = head.page.getByRole('row', { name: new RegExp(title) })
  await row.getByRole('button', { name: /办理/ }).click()
  await head.look('approve-from-list')
  await head.page.getByRole('button', { name: '确认同意提报' }).click()
  await row.waitFor({ state: 'detached' })
  await page.locator('.stage-current', { hasText: '专项小组初审' }).waitFor()
  await head.leave()
  await applicant.leave()
})
