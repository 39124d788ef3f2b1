// A vote whose public is known by single sign-on: nobody is asked for a number, and who came back from the provider votes once.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { PHONE } from '../harness/browser.mjs'
import { Caller } from '../harness/caller.mjs'
import { openProvider } from '../harness/provider.mjs'
import { openRound } from '../harness/round.mjs'

describe('a vote whose public signs on', () => {
  let provider, site, round, matter, browsers, close

  before(async () => {
    provider = await openProvider('duban')
    ;({ site, round, matter, browsers, close } = await openRound({ DUBAN_OIDC_ISSUER: provider.url, DUBAN_OIDC_CLIENT_ID: 'duban', DUBAN_OIDC_CLIENT_SECRET: 's' }))
  })

  after(async () => {
    await close?.()
    await provider?.close()
  })

  for (const [i, way] of ['today', 'in Chromium 86'].entries()) {
    test(`who signs on with the provider votes, ${way}`, async () => {
      provider.subject = `person-${i}`
      const voter = await browsers[i].visit({ viewport: PHONE })
      voter.trust(provider.url)
      await voter.open(`/vote/${round}/how`)
      await voter.see('经统一身份认证后投票')
      assert.equal(/手机|短信/.test(await voter.page.textContent('main')), false)
      await voter.press('投票', { within: '.places' })
      await voter.look('sign-on-before')
      await voter.press('通过统一身份认证登录')
      await voter.press('确认登录')
      await voter.see('已通过统一身份认证')
      await voter.press('社区矛盾联调')
      await voter.page.evaluate(() => (document.getElementById('district').value = 'zhangdian')) // the old browser's lists open outside the page
      await voter.look('sign-on-ballot')
      await voter.press('提交选票')
      await voter.see('选票已收到')
      await voter.leave()
    })
  }

  test('whose sign-on has lapsed loses nothing filled in, with scripts off too, and a false return is refused', async () => {
    const voter = await browsers[0].visit({ viewport: PHONE, scripts: false })
    voter.trust(provider.url)
    voter.foresee(403, '/vote/')
    await voter.open(`/vote/${round}/ballot`)
    const main = () => voter.page.textContent('main')
    await voter.page.getByText('通过统一身份认证登录').click()
    await voter.page.getByText('确认登录').click()
    await voter.context.clearCookies()
    await voter.page.getByText('社区矛盾联调').click()
    await voter.page.getByLabel('您所在的区县').selectOption('zhangdian')
    await voter.page.getByText('提交选票').click()
    assert.ok((await main()).includes('尚未通过统一身份认证'))
    assert.equal(await voter.page.getByLabel('社区矛盾联调').isChecked(), true)
    const [anew] = await Promise.all([voter.context.waitForEvent('page'), voter.page.getByText('重新登录').click()])
    await anew.getByText('确认登录').click()
    await anew.getByText('已通过统一身份认证').waitFor()
    await voter.page.getByText('提交选票').click()
    assert.ok((await main()).includes('选票已收到'))
    await voter.open('/vote/signed-on?code=c&state=forged')
    assert.ok((await main()).includes('统一身份认证没有完成'))
    await voter.leave()
  })

  test('a vote whose matter is ended early says that it is void', async () => {
    const operator = await new Caller(site).logIn('sysadmin')
    await operator.api('POST', `/api/v1/operations/matters/${matter.id}/repairs`, { repair: 'terminate', reason: '重复登记，予以终止' })
    const reader = await browsers[0].visit({ viewport: PHONE })
    for (const where of ['', '/ballot', '/result', '/verify']) {
      await reader.open(`/vote/${round}${where}`)
      await reader.see('作废')
    }
    await reader.open(`/vote/${round}/result`)
    await reader.look('public-void')
    await reader.leave()
  })
})
