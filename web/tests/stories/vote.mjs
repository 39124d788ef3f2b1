// A vote as a unit and as the public meet it: on the phone, in today's browser and in that of 2020, from the list of votes to
// the receipt that is found again in the result. The round is opened on the program's data; everything else is pressed.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { PHONE } from '../harness/browser.mjs'
import { openRound } from '../harness/round.mjs'

const TITLE = '2026年下半年创新改革经验推广推介评选'
const FOUND = { patience: 60_000 } // proof of work takes a slow machine its time
const SCRIPTS = 50 << 10 // bytes of script a public page may load

describe('a vote from the first ballot to the verified result', () => {
  const codes = new Map() // what the gateway was to send, by number
  let gateway, site, matter, round, browsers, close

  before(async () => {
    gateway = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      const { number, code } = JSON.parse(body)
      codes.set(number, code)
      response.writeHead(202).end()
    })
    await new Promise((resolve) => gateway.listen(0, '127.0.0.1', resolve))
    ;({ site, matter, round, browsers, close } = await openRound({ DUBAN_SMS_URL: `http://127.0.0.1:${gateway.address().port}` }))
  })

  after(async () => {
    await close?.()
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

  ways('once it is closed anybody reads what is fixed and when the result comes, and no result', async (browser, i) => {
    if (i === 0) await site.vote('close', matter.id)
    const reader = await browser.visit({ viewport: PHONE })
    await reader.open(`/vote/${round}/result`)
    await reader.see('封账待核')
    await reader.see('封账凭证')
    await reader.see('看不到票数')
    await reader.miss('入选名单', { within: 'main' })
    await reader.look('public-review')
    await reader.leave()
  })

  test('who oversees sees a burst, closed and not yet counted, without seeing for whom, and leaves it out with a reason', async () => {
    const director = await (await browsers[0].visit()).logIn('office.director')
    await director.open(`/polls/${round}`)
    await director.see('封账待核')
    await director.press('异常核查')
    await director.see('届时自动计票')
    await director.see('30', { within: '.anomalies.address' }) // in one minute with them somebody may have voted who is no machine
    await director.look('vote-anomalies')
    await director.press('不计入', { within: '.anomalies.address' })
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

  test('the vote is counted', () => site.vote('count', matter.id))

  ways('after the counting anybody reads the result and verifies it, with a receipt or without', async (browser, i) => {
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

  // Who serves changed files and has no key: each lie, and what is said of it. What only the signature shows is not seen in the old browser.
  const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex')
  const LIES = {
    'a ballot for another': { files: { 'ballots.csv': (text) => text.replace('option-4', 'option-5') }, says: 'ballots.csv 与封账凭证所载的校验值不符' },
    'a ballot replaced, with its digest': {
      files: { 'ballots.csv': (text) => text.replace(',counted', ',replaced'), 'closing.txt': (text, all) => text.replace(/.{64} ballots/, `${sha256(all['ballots.csv'])} ballots`) },
      says: '与重新计算的不符|区县 .* 的票数与可投票人数或选票不符',
    },
    'a leaf of another ballot': { files: { 'leaves.txt': (text) => text.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) }, says: 'leaves.txt 与封账凭证所载的校验值不符' },
    'a head of another log, with its digest': {
      files: {
        'heads.txt': (text) => text.replace(/^(.*\n.*\n.*\n)./, (lines, before) => `${before}${lines.endsWith('A') ? 'B' : 'A'}`),
        'closing.txt': (text, all) => text.replace(/.{64} heads/, `${sha256(all['heads.txt'])} heads`),
      },
      says: 'heads.txt 中有日志凭证与日志不符',
    },
    'another winner': { files: { 'result.json': (text) => text.replace('"wins": false', '"wins": true') }, says: 'result.json 与封账凭证所载的校验值不符' },
    'a closing signed by nobody': { files: { 'closing.txt': (text) => text.replace(/(\n.*T.*)(\d)(Z\n)/, (_, before, last, end) => before + (9 - last) + end) }, says: '签名与公钥不符', unseen: true },
    'a signature of something else': { files: { 'closing.txt': (text) => text.replace(/.{8}==?\n$|.{8}\n$/, (end) => `AAAAAAAA${end.slice(8)}`) }, says: '签名与公钥不符', unseen: true },
  }

  ways('whatever is changed in the published files is found', async (browser, i) => {
    const reader = await browser.visit({ viewport: PHONE })
    await reader.open(`/vote/${round}/verify`)
    const published = {}
    for (const name of ['ballots.csv', 'leaves.txt', 'heads.txt', 'result.json', 'closing.txt']) {
      published[name] = await (await reader.context.request.get(`/vote/${round}/files/${name}`)).text()
    }
    for (const [lie, { files, says, unseen }] of Object.entries(LIES)) {
      const told = { ...published }
      for (const [name, change] of Object.entries(files)) told[name] = change(published[name], told)
      assert.notDeepEqual(told, published, lie)
      await reader.page.route('**/files/*', (route) => {
        const name = route.request().url().split('/').pop()
        return name in told ? route.fulfill({ body: told[name], contentType: 'text/plain; charset=utf-8' }) : route.continue()
      })
      await reader.open(`/vote/${round}/verify`)
      await reader.press('开始核验')
      await reader.page.waitForFunction(() => document.querySelector('#report .wrong, #report .right + .right'))
      const said = await reader.page.textContent('#report')
      assert.equal(said.includes('核验通过：'), Boolean(unseen) && i === 1, lie) // nothing is called right beside what is wrong
      assert.match(said, new RegExp(unseen && i === 1 ? '不能核验签名' : says), `${lie}: ${said}`)
      await reader.page.unroute('**/files/*')
    }
    await reader.look('public-forged')
    await reader.leave()
  })

  test('the pages fit a desk\'s screen too', async () => {
    const reader = await browsers[0].visit()
    for (const [name, where] of Object.entries({ 'public-list': '', 'public-round': `/${round}`, 'public-practice': `/${round}/practices/${matter.id}`, 'public-how': `/${round}/how`,
      'public-result': `/${round}/result`, 'public-verify': `/${round}/verify` })) {
      await reader.open(`/vote${where}`)
      assert.equal(/[A-Za-z]{12,}/.test((await reader.page.textContent('main')).replace(/[0-9a-f-]{36}/g, '')), false, name)
      await reader.look(`${name}-desk`)
    }
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
})
