// What each person sees: what waits on them with the nearest limit first, what they did, started and were copied, and at a
// matter what comes next, who holds the clock, and why something may not be done.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { acted, entered, named, registered } from '../harness/matters.mjs'
import { person } from '../harness/suite.mjs'

test('to-dos by the nearest limit with its colour; what I did, started, was copied; the whole of a matter', async () => {
  const clerk = await person('office.clerk')
  const late = await entered(named('早已到期的任务'), { unit: 'stb', due: '2026-01-30' })
  const fresh = await registered(named('今天收到的文件'))
  await acted('office.clerk', fresh, 'copy', { posts: ['zichuan/clerk'] })
  const lead = await person('stb.clerk')
  for (const { title } of [late, fresh]) await lead.see(title, { within: '.listing' })
  const rows = await lead.page.evaluate(() => [...document.querySelectorAll('.listing tbody tr')].map((row) => [row.className, row.innerText]))
  assert.ok(rows.every(([colour]) => /row-(red|amber|green|grey)/.test(colour)))
  const place = ({ title }) => rows.findIndex(([, text]) => text.includes(title))
  assert.ok(place(late) < place(fresh), 'the nearest limit is first')
  assert.match(rows[place(late)][0], /row-red/)
  const found = (await lead.api('GET', '/api/v1/assignments?limit=100')).items.filter((one) => [late.id, fresh.id].includes(one.matter))
  assert.ok(found.length > 2, 'the document asks for its draft and for a signature')
  assert.deepEqual(found.map((one) => one.due), found.map((one) => one.due).sort(), 'later limits come later')
  assert.match(await lead.page.locator('.views a', { hasText: '待签收' }).innerText(), /待签收\s*[1-9]/)
  await lead.look('story-desk')

  await lead.press('签收', { row: fresh.title })
  await lead.press('确认签收')
  await lead.miss('签收', { row: fresh.title })
  await lead.press('我办理的')
  await lead.see(fresh.title, { within: '.listing' })
  await clerk.press('我发起的')
  await clerk.see(late.title, { within: '.listing' })
  const copied = await person('zichuan.clerk')
  await copied.press('抄送我的')
  await copied.press(fresh.title, { within: '.listing' })
  await copied.see('抄送', { within: '.story' })
  await copied.leave()

  await lead.openMatter(fresh)
  await lead.see('当前由谁办理')
  await lead.see('市科学技术局改革联络员', { within: '.holders' })
  await lead.see('若无人办理，系统将')
  await lead.press('暂不能办理的操作')
  await lead.see('您不能代为操作', { within: '.refused' })
  assert.match(await lead.page.locator('.refused').innerText(), /现在由.*改革办.*办理/, 'who may is named')
  await lead.leave()
  await clerk.leave()
})
