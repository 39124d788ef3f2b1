// Somebody who has never seen the platform, before the demonstration: clicks alone, at most three for each answer, and what
// is read there is so.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openBrowser } from '../harness/browser.mjs'
import { Caller } from '../harness/caller.mjs'
import { openSite } from '../harness/site.mjs'

const LAST = '演练“关于健全城乡融合发展机制的实施意见（演练）”' // the longest script; afterwards nobody acts any more
const most = (held) => {
  const all = new Map()
  for (const { title, workingMinutes = 0 } of held) all.set(title, (all.get(title) ?? 0) + workingMinutes)
  return [...all].sort((a, b) => b[1] - a[1])[0]
}

test('a newcomer finds what is overdue and whose, why a date, which article lets the director return, and who was waited for', async () => {
  const site = await openSite({ DUBAN_DEMO: 'true', DUBAN_DEMO_PACE: '216000' })
  const browser = await openBrowser(site)
  try {
    await site.says(LAST)
    const office = await new Caller(site).logIn('office.director')
    const newcomer = await (await browser.visit()).logIn('office.director')
    const { page } = newcomer
    const read = (selector) => page.evaluate((one) => document.querySelector(one).innerText, selector)
    let clicks = 0
    const click = async (...what) => {
      clicks++
      await newcomer.press(...what)
    }
    /** Begins at the desk, as after logging in. */
    const begin = async () => {
      await newcomer.open('/')
      clicks = 0
    }

    // What is overdue, and whose: on the desk.
    await newcomer.see('件逾期', { within: '.overdue' })
    const { items } = await office.api('GET', '/api/v1/overdue')
    const { id, title, colour, holders } = items[0]
    assert.equal(colour, 'red')
    await newcomer.see(holders[0].title, { within: '.overdue', row: title })
    await newcomer.look('newcomer-desk')

    // Why a date: the matter, then the question beside the date.
    await click(title, { within: '.overdue' })
    await newcomer.see(title, { within: 'h1' })
    await click('为什么是这一天')
    await newcomer.see('到期', { within: '.why' })
    assert.ok(clicks <= 3)
    await newcomer.look('newcomer-why')
    const matter = await office.api('GET', `/api/v1/matters/${id}`)
    const { sentence } = await office.api('GET', `/api/v1/matters/${id}/limits/${matter.limits[0].id}/explanation`)
    assert.ok((await read('.why-sentence')).includes(sentence))

    // What it waited for longest: on the same page.
    await begin()
    await click(title, { within: '.overdue' })
    await newcomer.see('等待最久')
    assert.ok(clicks <= 3)
    const [who] = most((await office.api('GET', `/api/v1/matters/${id}`)).held)
    assert.ok((await read('.held-longest')).includes(who))
    await page.evaluate(() => document.querySelector('.held-longest').scrollIntoView())
    await newcomer.look('newcomer-held')

    // Which article allows the director to return a proposal: the rules, the city's, the proposal's.
    await begin()
    await click('规则', { within: '.places' })
    await click('淄博市全面深化改革运行规则', { within: '.listing' })
    await click('探索创新事项', { within: '.rules-side' })
    await newcomer.see('退回', { within: '#stage-approval' })
    assert.ok(clicks <= 3)
    const { procedures } = await office.api('GET', '/api/v1/rulebooks/zibo-city')
    const stage = procedures.find((one) => one.key === 'innovation-proposal').stages.find((one) => one.key === 'approval')
    assert.ok(stage.leads.some((lead) => lead.action === 'return'))
    const said = await read('#stage-approval')
    assert.match(said, /改革办主任/)
    assert.ok(said.includes(/第.*$/.exec(stage.authority.sourceTitle)[0]), `${said} does not name ${stage.authority.sourceTitle}`)
    await page.evaluate(() => document.querySelector('#stage-approval').scrollIntoView())
    await newcomer.look('newcomer-rule')
    await newcomer.leave()
  } finally {
    await browser.close()
    await site.close()
  }
})
