// What clerks and leaders do all day, in a real browser against the real program.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openBrowser, PHONE } from './browser.mjs'
import { openSite } from './site.mjs'

let site
let browser
before(async () => {
  site = await openSite()
  browser = await openBrowser(site)
})
after(async () => {
  await browser?.close()
  await site?.close()
})

/** A fresh name, so that several runs on one program do not meet. */
const named = (title) => `${title}${Math.random().toString(36).slice(2, 8)}`

const FORM = {
  docNumber: '鲁改发〔2026〕21号',
  issuer: '省委全面深化改革委员会',
  receivedOn: '2026-11-20',
  lead: 'stb',
  participants: ['drc'],
  group: 'group-economy',
  leaderInCharge: '分管副市长',
  draftingUnit: 'stb',
  responsible: '市科技局分管负责人',
  timetable: '两周内形成上会初稿',
}

/** A provincial document registered by the office's clerk over the API, at the lead unit's drafting. */
async function registered(clerk, title = named('省级文件')) {
  return clerk.api('POST', '/api/v1/matters', { rulebook: 'zibo-city', procedure: 'provincial-document', title, form: FORM, submit: true })
}

/** The lead unit's draft handed in, so that the special group reviews it. */
async function drafted(lead, matter) {
  const now = await lead.api('GET', `/api/v1/matters/${matter.id}`)
  const offer = now.offers.find((one) => one.action === 'approve' && !one.refusal)
  const file = await lead.context.request.post('/api/v1/attachments', {
    headers: { 'Idempotency-Key': crypto.randomUUID(), Origin: site.url },
    multipart: { file: { name: '初稿.txt', mimeType: 'text/plain', buffer: Buffer.from('初稿正文') } },
  })
  const { id: draft } = await file.json()
  const fields = { draft, tasks: [{ title: '建设服务平台', unit: 'stb', due: '2027-03-31' }] }
  return lead.api('POST', `/api/v1/matters/${matter.id}/actions`, { action: 'approve', assignment: offer.assignment, fields })
}

const choose = async (page, label, option) => {
  await page.getByLabel(label).click()
  await page.keyboard.type(option)
  await page.locator('.ant-select-dropdown:not(.ant-select-dropdown-hidden) .ant-select-item-option', { hasText: option }).first().click()
}

test('logging in: a wrong password is told, a link asked for is gone back to', async () => {
  const visit = await browser.visit()
  visit.foresee(401, '/api/v1/sessions')
  const { page } = visit
  await page.goto('/matters')
  await page.getByLabel('账号').fill('office.clerk')
  await page.getByLabel('密码', { exact: true }).fill('不是这个口令')
  await page.keyboard.press('Enter')
  assert.match(await page.getByRole('alert').first().innerText(), /账号或密码不正确/)
  await visit.look('login-refused')
  await page.getByLabel('密码', { exact: true }).fill(site.password)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: '事项', exact: true }).waitFor()
  await page.getByRole('button', { name: '市委改革办综合科经办人' }).click()
  await page.getByRole('menuitem', { name: '退出登录' }).click()
  await page.getByLabel('账号').waitFor()
  await visit.leave()
})

test('registering a provincial document, and the lead unit signing for its slip in two clicks', async () => {
  const clerk = await (await browser.visit()).logIn('office.clerk')
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
  const lead = await (await browser.visit()).logIn('stb.clerk')
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

test('a change by somebody else appears within two seconds, and what is typed stays', async () => {
  const clerk = await (await browser.visit()).logIn('office.clerk')
  const lead = await (await browser.visit()).logIn('stb.clerk')
  const matter = await registered(clerk)
  const { page } = lead
  await page.goto(`/matters/${matter.id}`)
  await page.getByRole('button', { name: '批注' }).click()
  await page.getByLabel('意见').fill('这句话还没有写完')

  await clerk.api('POST', `/api/v1/matters/${matter.id}/actions`, { action: 'comment', opinion: '请注意口径' })
  await page.getByText('您打开此窗口后，事项有了新的变化').waitFor({ timeout: 2_000 })
  assert.equal(await page.getByLabel('意见').inputValue(), '这句话还没有写完')
  await page.locator('.moved-on', { hasText: '请注意口径' }).waitFor()
  assert.ok(await page.getByRole('button', { name: '确认批注' }).isDisabled())
  await lead.look('moved-on')
  await page.getByRole('button', { name: '已知悉，继续办理' }).click()
  await page.getByRole('button', { name: '确认批注' }).click()
  await page.locator('.story blockquote', { hasText: '这句话还没有写完' }).waitFor()
  await lead.leave()
  await clerk.leave()
})

test('two act at once: the second is told what happened, and nothing is overwritten', async () => {
  const clerk = await (await browser.visit()).logIn('office.clerk')
  const lead = await (await browser.visit()).logIn('stb.clerk')
  const matter = await registered(clerk)
  await drafted(lead, matter)
  const liaison = await (await browser.visit()).logIn('economy.liaison')
  liaison.foresee(412, '/api/v1/matters')
  const { page } = liaison
  await page.route('**/api/v1/stream', (route) => route.abort()) // the news does not arrive in time
  await page.goto(`/matters/${matter.id}`)
  await page.getByRole('button', { name: '退回' }).click()
  await page.getByLabel('意见').fill('第二个人的意见')
  const mine = (await liaison.api('GET', `/api/v1/matters/${matter.id}`)).offers.find((one) => one.action === 'return')
  await liaison.api('POST', `/api/v1/matters/${matter.id}/actions`, { action: 'return', assignment: mine.assignment, to: 'revise', opinion: '第一个人的意见' })
  await page.getByRole('button', { name: '确认退回' }).click()
  await page.locator('.moved-on', { hasText: '第一个人的意见' }).waitFor()
  assert.equal(await page.getByLabel('意见').inputValue(), '第二个人的意见')
  await liaison.look('overtaken')
  for (const visit of [liaison, lead, clerk]) await visit.leave()
})

test('returning with a reason, by keyboard alone; what one may not do says why and which article', async () => {
  const clerk = await (await browser.visit()).logIn('office.clerk')
  const lead = await (await browser.visit()).logIn('stb.clerk')
  const matter = await registered(clerk)
  await drafted(lead, matter)
  const liaison = await (await browser.visit()).logIn('economy.liaison')
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
  for (const visit of [liaison, lead, clerk]) await visit.leave()
})

test('submitting a proposal with its checklist and a file, and approving it from the list in two clicks', async () => {
  const applicant = await (await browser.visit()).logIn('zhangdian.clerk')
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
    await page.getByLabel(principle).check()
  }
  await page.getByLabel('内容摘要').fill('一窗受理，并联审批')
  await page.getByRole('button', { name: '同时修改事项内容' }).click()
  await page.locator('input[type=file]').setInputFiles({ name: '做法.txt', mimeType: 'text/plain', buffer: Buffer.from('做法') })
  await page.getByRole('link', { name: /做法\.txt/ }).waitFor()
  await page.getByRole('button', { name: '确认提交' }).click()
  await page.locator('.stage-current', { hasText: '提报单位筛选' }).waitFor()
  await applicant.look('proposal-submitted')

  const head = await (await browser.visit()).logIn('zhangdian.head')
  const row = head.page.getByRole('row', { name: new RegExp(title) })
  await row.getByRole('button', { name: /办理/ }).click()
  await head.look('approve-from-list')
  await head.page.getByRole('button', { name: '确认同意提报' }).click()
  await row.waitFor({ state: 'detached' })
  await page.locator('.stage-current', { hasText: '专项小组初审' }).waitFor()
  await head.leave()
  await applicant.leave()
})

test('accepted for later: said so, followed, and shown when it is done; a refusal likewise', async () => {
  const clerk = await (await browser.visit()).logIn('office.clerk')
  const matter = await registered(clerk)
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

test('the server away: said, with a way on, and found again by itself', async () => {
  const clerk = await (await browser.visit()).logIn('office.clerk')
  clerk.foresee(503, '/api/v1/matters')
  const { page } = clerk
  const away = (route) =>
    route.fulfill({
      status: 503,
      contentType: 'application/problem+json',
      json: { type: 'urn:duban:database-unavailable', title: '数据库暂时无法访问，请稍后重试。', status: 503, code: 'database-unavailable', traceId: 'x' },
    })
  await page.route('**/api/v1/matters?**', away)
  await page.getByRole('link', { name: '事项', exact: true }).click()
  await page.getByText('数据库暂时无法访问，请稍后重试。').waitFor()
  await clerk.look('away')
  await page.unroute('**/api/v1/matters?**', away)
  await page.getByRole('button', { name: '重试' }).click()
  await page.locator('.listing').waitFor()
  await clerk.leave()
})

test('a session that ends is asked for again over the page', async () => {
  const clerk = await (await browser.visit()).logIn('office.clerk')
  clerk.foresee(401, '/api/v1/')
  const matter = await registered(clerk)
  const { page } = clerk
  await page.goto(`/matters/${matter.id}`)
  await page.getByRole('button', { name: '批注' }).click()
  await page.getByLabel('意见').fill('登录过期前写的')
  await clerk.context.clearCookies()
  await page.getByRole('button', { name: '确认批注' }).click()
  await page.getByText('登录已过期', { exact: true }).waitFor()
  await clerk.look('session-ended')
  await page.getByLabel('密码', { exact: true }).fill(site.password)
  await page.getByRole('button', { name: '登录', exact: true }).click()
  await page.getByRole('button', { name: '确认批注' }).click()
  await page.locator('.story blockquote', { hasText: '登录过期前写的' }).waitFor()
  await clerk.leave()
})

test('finding a matter by its words and filters, which stand in the address', async () => {
  const clerk = await (await browser.visit()).logIn('office.clerk')
  const title = named('产教融合')
  await registered(clerk, title)
  const { page } = clerk
  await page.getByRole('link', { name: '事项', exact: true }).click()
  await page.getByLabel('搜索事项').fill(title.slice(1))
  await page.getByRole('link', { name: title }).waitFor()
  await page.locator('.listing tbody tr').nth(1).waitFor({ state: 'detached' })
  await clerk.look('matters-found')
  await page.reload()
  assert.equal(await page.getByLabel('搜索事项').inputValue(), title.slice(1))
  await page.getByLabel('搜索事项').fill('绝不会有的事项名称')
  await page.getByText('没有符合条件的事项').waitFor()
  await clerk.leave()
})

test('on a phone: to-dos, a matter, slips, notifications and a form fit the screen', async () => {
  const lead = await (await browser.visit({ viewport: PHONE })).logIn('stb.clerk')
  const clerk = await (await browser.visit()).logIn('office.clerk')
  const matter = await registered(clerk)
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
  await clerk.leave()
})

test('what one may not see is not found, with a way back', async () => {
  const stranger = await (await browser.visit()).logIn('boshan.clerk')
  stranger.foresee(404, '/api/v1/matters')
  const { page } = stranger
  await page.goto('/matters/00000000-0000-4000-8000-000000000000')
  await page.getByText('没有找到').waitFor()
  await stranger.look('not-found')
  await page.goto('/nowhere')
  await page.getByRole('link', { name: '返回工作台' }).click()
  await page.getByRole('heading', { name: '工作台' }).waitFor()
  await stranger.leave()
})
