// Matters prepared over the API, where getting them there is not what a test shows.
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
export async function registered(clerk, title = named('省级文件'), more = {}) {
  return clerk.api('POST', '/api/v1/matters', { rulebook: 'zibo-city', procedure: 'provincial-document', title, form: FORM, submit: true, ...more })
}

/** The lead unit's draft handed in, so that the special group reviews it. */
export async function drafted(lead, matter) {
  const file = await lead.context.request.post('/api/v1/attachments', {
    headers: { 'Idempotency-Key': crypto.randomUUID(), Origin: lead.site.url },
    multipart: { file: textFile('初稿', '初稿正文') },
  })
  const { id: draft } = await file.json()
  const fields = { draft, tasks: [{ title: '建设服务平台', unit: 'stb', due: '2027-03-31' }] }
  return acted(lead, matter, 'approve', { fields })
}

/** An action by somebody it is offered to. */
export async function acted(person, matter, action, more = {}) {
  const now = await person.api('GET', `/api/v1/matters/${matter.id}`)
  const offer = now.offers.find((one) => one.action === action && !one.refusal)
  if (!offer) throw new Error(`${action} is not offered at ${now.stage}`)
  const { assignment, slip } = offer
  return person.api('POST', `/api/v1/matters/${matter.id}/actions`, { action, assignment, slip, ...more })
}

/** Picks an option of a list by Playwright's own means. */
export async function choose(page, label, option) {
  await page.getByLabel(label).click()
  await page.keyboard.type(option)
  await page.locator('.ant-select-dropdown:not(.ant-select-dropdown-hidden) .ant-select-item-option', { hasText: option }).first().click()
}
