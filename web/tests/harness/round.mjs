// A platform of its own with a vote that is open, and both browsers to look at it with.
import { openBrowser } from './browser.mjs'
import { Caller } from './caller.mjs'
import { named, PROPOSAL } from './matters.mjs'
import { openParts } from './parts.mjs'

export async function openRound(settings) {
  const site = await openParts(settings)
  const browsers = []
  const close = async () => {
    for (const browser of browsers) await browser.close()
    await site.close()
  }
  try {
    const clerk = await new Caller(site).logIn('zhangdian.clerk')
    const matter = await clerk.api('POST', '/api/v1/matters', {
      rulebook: 'zibo-city', procedure: 'innovation-proposal', title: named('政务服务一窗受理'), submit: true, pace: 2, begins: '2027-01-05',
      form: { ...PROPOSAL, measures: '一个窗口收件，后台并联审批，统一送达。\n群众少跑腿，部门不互相等。' },
    })
    await site.vote('open', matter.id)
    for (const old of [false, true]) browsers.push(await openBrowser(site, { old }))
    return { site, matter, round: `${matter.id}.vote.1`, browsers, close }
  } catch (error) {
    await close()
    throw error
  }
}
