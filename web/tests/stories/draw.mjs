// A draw as anybody meets it before its lists are fixed: from the matter or the list of votes to what it is committed to.
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { PHONE } from '../harness/browser.mjs'
import { named } from '../harness/matters.mjs'
import { caller, person, visit } from '../harness/suite.mjs'

describe('a public draw', () => {
  const title = named('推广推介成效评估')
  let matter

  before(async () => {
    const clerk = await caller('office.clerk')
    matter = await clerk.api('POST', '/api/v1/matters', {
      rulebook: 'zibo-city', procedure: 'practice-evaluation', title, submit: true, pace: 2, begins: '2027-03-01',
      form: {
        practices: [{ title: '一窗受理', unit: 'zhangdian', lead: 'stb' }, { title: '先用后付', unit: 'boshan', lead: 'approval' }],
        plan: '按方案评估', evaluator: '第三方机构',
      },
    })
  })

  test('the staff finds its page from the matter', async () => {
    const clerk = await person('office.clerk')
    await clerk.open(`/matters/${matter.id}`)
    await clerk.see('校验值已公布，名单未定')
    await clerk.page.locator('#draws').scrollIntoViewIfNeeded()
    await clerk.look('draw-matter')
    await clerk.press(`${title}：随机抽取现场评估项目`, { within: '#draws' })
    await clerk.see('名单尚未确定')
    await clerk.leave()
  })

  for (const [way, options] of Object.entries({ 'on a phone': { viewport: PHONE }, 'on a phone in Chromium 86': { viewport: PHONE, old: true }, 'at a desk': {} })) {
    test(`anybody reads what it is committed to, ${way}`, async () => {
      const reader = await visit(options)
      const at = way === 'at a desk' ? 'desk' : 'phone'
      await reader.open('/vote')
      await reader.look(`public-votes-${at}`)
      await reader.press('公开抽签')
      await reader.see('尚未抽取')
      await reader.look(`public-draws-${at}`)
      await reader.press(title)
      await reader.see('种子不能再更换')
      assert.match(await reader.page.textContent('main code'), /^[0-9a-f]{64}$/)
      assert.equal(await reader.page.getByText('下载抽签文件').count(), 0)
      await reader.look(`public-draw-${at}`)
      await reader.leave()
    })
  }
})
