// Matters prepared over the API, where getting them there is not what a test shows.
import { caller } from './suite.mjs'

/** A fresh name, so that several runs on one program do not meet. */
export const named = (title) => `${title}${Math.random().toString(36).slice(2, 8)}`

/** A text file to attach. */
export const textFile = (name, text = name) => ({ name: `${name}.txt`, mimeType: 'text/plain', buffer: Buffer.from(text) })

export const FORM = {
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

/** A provincial document registered by the office's clerk, at the lead unit's drafting; `more` is the rehearsal's clock. */
export async function registered(title = named('省级文件'), more = {}) {
  const clerk = await caller('office.clerk')
  return clerk.api('POST', '/api/v1/matters', { rulebook: 'zibo-city', procedure: 'provincial-document', title, form: FORM, submit: true, ...more })
}

/** An entry of the reform ledger, by the office's clerk. */
export async function entered(title, form = {}) {
  const clerk = await caller('office.clerk')
  const whole = { unit: 'finance', due: '2099-06-30', leaderInCharge: '分管副市长', basis: '市委文件', approvedBy: '领导小组会议', approvedOn: '2026-01-05', ...form }
  return clerk.api('POST', '/api/v1/matters', { rulebook: 'zibo-city', procedure: 'reform-task', title, submit: true, form: whole })
}

/** A provincial document with the lead unit's draft handed in, so that the special group reviews it. */
export const drafted = async (title, more) => handedIn(await registered(title, more))

/** The lead unit's draft of a document. */
export async function handedIn(matter) {
  const lead = await caller('stb.clerk')
  const draft = await lead.upload(textFile('初稿'))
  const tasks = [{ title: '建设服务平台', unit: 'stb', due: '2099-03-31' }]
  return acted('stb.clerk', matter, 'approve', { fields: { draft, tasks } })
}

/** What a proposal must say. */
export const PROPOSAL = {
  category: 'economy', kind: 'practice', summary: '一窗受理，并联审批',
  peopleFirst: true, fourBenefits: true, keyPoints: true, problemDriven: true, informatised: true,
}

/** A department's proposal in January of its own clock, which then goes on as fast as the wall's can be told from it. */
export async function proposed(title = named('创新事项'), { form = PROPOSAL, submit = true } = {}) {
  const clerk = await caller('zhangdian.clerk')
  const body = { rulebook: 'zibo-city', procedure: 'innovation-proposal', title, form, submit, pace: 2, begins: '2027-01-05' }
  return clerk.api('POST', '/api/v1/matters', body)
}

/** An action by somebody it is offered to. */
export async function acted(login, matter, action, more = {}) {
  const who = await caller(login)
  const now = await who.api('GET', `/api/v1/matters/${matter.id}`)
  const offer = now.offers.find((one) => one.action === action && !one.refusal)
  if (!offer) throw new Error(`${action} is not offered to ${login} at ${now.stage}`)
  const { assignment, slip } = offer
  return who.api('POST', `/api/v1/matters/${matter.id}/actions`, { action, assignment, slip, ...more })
}

/** Picks an option of a list by Playwright's own means. */
export async function choose(page, label, option) {
  await page.getByLabel(label).click()
  await page.keyboard.type(option)
  await page.locator('.ant-select-dropdown:not(.ant-select-dropdown-hidden) .ant-select-item-option', { hasText: option }).first().click()
}
