// A vote as a unit and as the public meet it: on the phone, in today's browser and in that of 2020, from the list of votes to
// the receipt that is found again in the result. The round is opened on the program's data; everything else is pressed.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { openBrowser, PHONE } from '../harness/browser.mjs'
import { Caller } from '../harness/caller.mjs'
import { named, PROPOSAL } from '../harness/matters.mjs'
import { openParts } from '../harness/parts.mjs'

const TITLE = '2026年下半年创新改革经验推广推介评选'
const FOUND = { patience: 60_000 } // proof of work takes a slow machine its time
const SCRIPTS = 50 << 10 // bytes of script a public page may load

const codes = new Map() // what the gateway was to send, by number
let gateway, site, matter, round
const browsers = []

before(async () => {
  gateway = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const { number, code } = JSON.parse(body)
    codes.set(number, code)
    response.writeHead(202).end()
  })
  await new Promise((resolve) => gateway.listen(0, '127.0.0.1', resolve))
  site = await openParts({ DUBAN_SMS_URL: `http://127.0.0.1:${gateway.address().port}` })
  const clerk = await new Caller(site).logIn('zhangdian.clerk')
  matter = await clerk.api('POST', '/api/v1/matters', {
    rulebook: 'zibo-city', procedure: 'innovation-proposal', title: named('政务服务一窗受理'), submit: true, pace: 2, begins: '2027-01-05',
    form: { ...PROPOSAL, measures: '一个窗口收件，后台并联审批，统一送达。\n群众少跑腿，部门不互相等。' },
  })
  round = `${matter.id}.vote.1`
  await site.vote('open', matter.id)
  for (const old of [false, true]) browsers.push(await openBrowser(site, { old }))
})

after(async () => {
  for (const browser of browsers) await browser.close()
  await site?.close()
  await new Promise((resolve) => gateway.close(resolve))
})

/** The same in either browser. */
const ways = (title, perform) => {
  for (const [i, way] of ['today', 'in Chromium 86'].entries()) test(`${title}, ${way}`, () => perform(browsers[i], i))
}

/** What a page loads of scripts, in bytes. */
const scripts = (visit) =>
  visit.page.evaluate(async () => {
    let size = 0
    for (const { src } of document.scripts) size += (await (await fetch(src)).text()).length
    return size
  })

ways('a unit casts its ballot, and its own practice cannot be chosen', async (browser) => {
  const clerk = await (await browser.visit({ viewport: PHONE })).logIn('zhangdian.clerk')
  await clerk.open(`/polls/${round}`)
  await clerk.see('本单位经验，按规定回避')
  const own = clerk.page.locator('.choices li', { hasText: '按规定回避' }).locator('input')
  assert.equal(await own.isDisabled(), true)
  await clerk.press('科研仪器先用后付', { within: '.choices' })
  await clerk.look('vote-unit')
  await clerk.press('提交选票')
  await clerk.see('请保存回执')
  await clerk.see('张店区已投票')
  assert.equal(await clerk.page.locator('text=单位票').count() > 0, true)
  await clerk.miss('得票', { within: 'main' })
  await clerk.look('vote-unit-cast')
  await clerk.leave()
})

test('who oversees sees a burst without seeing for whom, and leaves it out with a reason', async () => {
  const director = await (await browsers[0].visit()).logIn('office.director')
  await director.open(`/polls/${round}`)
  await director.press('异常核查')
  await director.see('30', { within: '.anomalies' })
  await director.look('vote-anomalies')
  await director.press('不计入', { within: '.anomalies' })
  await director.fill('理由', '同一网络地址在一分钟内投出三十张选票，经核实为机器投票')
  await director.look('vote-exclude')
  await director.press('确认不计入')
  await director.see('第 1 号决定', { within: '.exclusions' })
  await director.leave()
  const auditor = await (await browsers[0].visit()).logIn('auditor')
  await auditor.open('/admin/audit')
  await auditor.see('排除选票')
  await auditor.leave()
  const clerk = await (await browsers[0].visit()).logIn('zhangdian.clerk')
  await clerk.open(`/polls/${round}`)
  await clerk.see('各单位投票情况')
  assert.equal(await clerk.page.getByText('异常核查').count(), 0)
  await clerk.leave()
})

const receipts = []

ways('somebody of the public reads, votes, and gets a receipt', async (browser, i) => {
  const voter = await browser.visit({ viewport: PHONE })
  await voter.open(`/vote/${round}`)
  await voter.see('正在投票')
  await voter.look('public-round')
  await voter.press('政务服务“一窗受理、并联审批”')
  await voter.see('一个窗口收件')
  await voter.look('public-practice')
  await voter.press('投票规则')
  await voter.see('任何人都可以核验的')
  await voter.look('public-how')
  await voter.press('结果')
  await voter.see('看不到票数')
  await voter.look('public-waiting')
  await voter.press('投票', { within: '.places' })
  await voter.see('已选 0 项')
  assert.ok((await scripts(voter)) < SCRIPTS)
  voter.foresee(422, `/vote/${round}`)
  const number = `1380000000${i}`
  await voter.press('政务服务“一窗受理、并联审批”')
  await voter.press('社区矛盾联调')
  await voter.see('已选 2 项')
  await voter.page.evaluate(() => (document.getElementById('district').value = 'zhangdian')) // the old browser's lists open outside the page
  await voter.fill('手机号码', '138')
  await voter.press('获取验证码')
  await voter.see('请输入十一位手机号码', FOUND)
  await voter.fill('手机号码', number)
  await voter.press('获取验证码')
  await voter.see('验证码已发送', FOUND)
  await voter.fill('短信验证码', codes.get(number) === '000000' ? '111111' : '000000')
  await voter.press('提交选票')
  await voter.see('验证码不对')
  await voter.see('已选 2 项') // nothing filled in is lost
  await voter.look('public-ballot')
  await voter.fill('短信验证码', codes.get(number))
  await voter.press('提交选票')
  await voter.see('选票已收到')
  await voter.look('public-receipt')
  receipts.push(await voter.page.textContent('.receipt code'))
  await voter.leave()
})

test('the pages can be read with scripts off', async () => {
  const reader = await browsers[0].visit({ viewport: PHONE, scripts: false })
  for (const [where, words] of [['', '参评经验'], ['/how', '投票规则'], [`/practices/${matter.id}`, '一个窗口收件'], ['/result', '看不到票数'], ['/ballot', '需要启用'], ['/verify', '任何人都可以核验的']]) {
    await reader.open(`/vote/${round}${where}`)
    assert.ok((await reader.page.textContent('main')).includes(words), where)
  }
  await reader.open('/vote')
  assert.ok((await reader.page.textContent('main')).length > 0)
  await reader.leave()
})

test('the vote is closed', () => site.vote('end', matter.id))

ways('after the closing anybody reads the result and verifies it, with a receipt or without', async (browser, i) => {
  const reader = await browser.visit({ viewport: PHONE })
  await reader.open(`/vote/${round}/result`)
  await reader.see('入选名单')
  await reader.see('经核实为机器投票')
  await reader.look('public-result')
  await reader.open(`/vote/${round}/verify#${receipts[i]}`)
  assert.ok((await scripts(reader)) < SCRIPTS)
  await reader.press('开始核验')
  await reader.see('核验通过')
  await reader.see('已计入', { within: '#report' })
  await reader.see(i === 0 ? '签名核验通过' : '不能核验签名', { within: '#report' })
  await reader.look('public-verify')
  await reader.fill('回执（可不填）', receipts[i].replace(/.$/, (last) => (last === '2' ? '3' : '2')))
  await reader.press('开始核验')
  await reader.see('输错', { within: '#report' })
  await reader.look('public-mistyped')
  await reader.leave()
})

test('the staff sees the result too', async () => {
  const clerk = await (await browsers[0].visit()).logIn('zhangdian.clerk')
  await clerk.press('投票')
  await clerk.see(TITLE)
  await clerk.look('vote-list')
  await clerk.open(`/polls/${round}`)
  await clerk.see('公众票')
  await clerk.look('vote-result')
  await clerk.leave()
})
