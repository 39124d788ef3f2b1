// A matter's page as a whole: what changed since a return, versions of files, on paper, in large type, at twice the size.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PHONE } from '../harness/browser.mjs'
import { acted, drafted, textFile } from '../harness/matters.mjs'
import { caller, person } from '../harness/suite.mjs'

/** A document returned by the special group and handed in again with another draft and note. */
async function handedInAgain() {
  const matter = await drafted()
  await acted('economy.liaison', matter, 'return', { to: 'revise', opinion: '请补充数据' })
  const lead = await caller('stb.clerk')
  const draft = await lead.upload(textFile('修改稿'))
  await acted('stb.clerk', matter, 'approve', { fields: { draft, draftNote: '已征求四个部门意见' } })
  return matter
}

test('what changed since the return, and the versions of the files', async () => {
  const liaison = await person('economy.liaison')
  await liaison.openMatter(await handedInAgain())
  const since = { within: 'section[aria-label="退回后的修改"]' }
  await liaison.see('请补充数据', since)
  await liaison.see('已征求四个部门意见', since)
  await liaison.see('修改稿.txt', since)
  await liaison.see('初稿.txt', { within: 'section[aria-label="附件版本"]' })
  await liaison.see('被替换', { within: 'section[aria-label="附件版本"]' })
  await liaison.page.locator('section[aria-label="退回后的修改"]').scrollIntoViewIfNeeded()
  await liaison.look('matter-changes')
  const old = await liaison.page.locator('section[aria-label="附件版本"] a').first().getAttribute('href')
  assert.equal(await (await liaison.context.request.get(old)).text(), '初稿')
  await liaison.leave()
})

test('a matter on paper: no buttons, nothing cut off', async () => {
  const clerk = await person('office.clerk', { viewport: { width: 700, height: 1000 } }) // an A4 sheet between its margins
  await clerk.openMatter(await handedInAgain())
  await clerk.see('请补充数据', { within: '.story' })
  await clerk.page.emulateMedia({ media: 'print' })
  assert.equal(await clerk.page.locator('button:visible').count(), await clerk.page.locator('.stages button:visible').count())
  assert.ok(await clerk.page.evaluate(() => [...document.querySelectorAll('.stage')].every((stage) => stage.getBoundingClientRect().right <= innerWidth)))
  await clerk.page.screenshot({ path: `${clerk.shots}/matter-print.png`, fullPage: true })
  assert.equal((await clerk.page.pdf({ preferCSSPageSize: true })).subarray(0, 5).toString(), '%PDF-')
  await clerk.leave()
})

test('large type is kept in the browser; it, twice the size and a phone lose nothing', async () => {
  const clerk = await person('office.clerk')
  const matter = await handedInAgain()
  await clerk.press('市委改革办综合科经办人')
  await clerk.press('切换到大字版')
  await clerk.openMatter(matter)
  await clerk.at('.story') // which is read by itself
  assert.ok((await clerk.page.evaluate(() => parseFloat(getComputedStyle(document.querySelector('.story')).fontSize))) >= 18)
  await clerk.look('matter-large')
  await clerk.press('批注', { within: '.action-buttons' })
  await clerk.look('dialog-large')
  await clerk.page.keyboard.press('Escape')
  await clerk.open('/')
  await clerk.see('工作台', { within: 'h1' })
  await clerk.look('desk-large')
  await clerk.page.setViewportSize(PHONE)
  await clerk.openMatter(matter)
  await clerk.look('phone-matter-large')
  await clerk.page.setViewportSize({ width: 1366, height: 768 })
  await clerk.press('市委改革办综合科经办人')
  await clerk.press('切换到标准字号')
  await clerk.page.setViewportSize({ width: 683, height: 384 }) // 1366 × 768 at 200 %
  for (const [name, address] of [['matter', `/matters/${matter.id}`], ['desk', '/'], ['matters', '/matters'], ['start', '/start']]) {
    await clerk.open(address)
    await clerk.at('main h1')
    await clerk.miss('正在读取')
    await clerk.look(`${name}-twice`)
  }
  await clerk.leave()
})
