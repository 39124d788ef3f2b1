// Incidents as an administrator meets them: a mail server that does not answer, a PostgreSQL that stands still for half a
// minute, and a worker built with a changed workflow. Each is seen within a minute; what can be mended from the page is, for a
// reason, and audited.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as passed } from 'node:timers/promises'
import { DESK, PHONE, openBrowser } from '../harness/browser.mjs'
import { Caller } from '../harness/caller.mjs'
import { FORM, named } from '../harness/matters.mjs'
import { openParts } from '../harness/parts.mjs'

const VISIBLE = { patience: 60_000 } // an incident is in the list within a minute

test('what is stuck is seen, mended from the page, and audited', async () => {
  const site = await openParts({ DUBAN_SMTP_HOST: '127.0.0.1', DUBAN_SMTP_PORT: '9', DUBAN_SMTP_FROM: 'duban@duban.example', DUBAN_SMTP_TLS: 'none' })
  const browser = await openBrowser(site)
  try {
    const [clerk, admins, security] = await Promise.all(['office.clerk', 'sysadmin', 'secadmin'].map((login) => new Caller(site).logIn(login)))
    const login = `m${Math.random().toString(36).slice(2, 10)}`
    const { person } = await admins.api('POST', '/api/v1/people', { login, name: '收件人', email: `${login}@duban.example` })
    await security.api('POST', `/api/v1/people/${person.id}/holdings`, { post: 'stb/clerk' })
    const register = (title, more) =>
      clerk.api('POST', '/api/v1/matters', { rulebook: 'zibo-city', procedure: 'provincial-document', title: named(title), form: FORM, submit: true, ...more })
    await register('演练中的文件', { pace: 2, begins: '2027-01-05' }) // whose mail does not wait for working hours
    const [again, anew, over] = [await register('换回程序后重试的文件'), await register('按记录重建的文件'), await register('不再需要的文件')]

    const admin = await (await browser.visit()).logIn('sysadmin')
    await admin.press('流程运行')
    await admin.see('邮件发不出去', { within: '.ops-table', ...VISIBLE })
    await admin.see('连接不上邮件服务器')
    await admin.look('operations-mail')
    await admin.press('立即重试', { within: '.ops-table' })
    await admin.fill('理由', '邮件服务器已检查')
    await admin.press('确认执行', { within: '.ant-modal' })
    await admin.see('理由：邮件服务器已检查', VISIBLE)

    // Every running matter says where it stands, and when its clock rings.
    await admin.press('在办流程')
    await admin.see(again.title)
    await admin.look('operations-running')
    await admin.press('定时一览')
    await admin.see('还有')
    await admin.see('将自动发起的事项')
    await admin.see('创新改革经验推广推介成效评估')
    await admin.look('operations-timers')

    // PostgreSQL stands still: the page itself says so, keeps what it showed, and says afterwards for how long.
    await admin.press('运行异常')
    await admin.see('理由：邮件服务器已检查')
    admin.foresee(503, '/api/')
    const thaw = await site.freeze()
    const outage = passed(30_000)
    try {
      await admin.see('平台没有应答', { within: '[role=alert]', ...VISIBLE })
      await admin.see('最近一次应答', { within: '[role=alert]' })
      await admin.see('理由：邮件服务器已检查')
      await admin.look('operations-away')
      await admin.page.setViewportSize(PHONE)
      await admin.look('phone-operations-away')
      await admin.page.setViewportSize(DESK)
      await outage
    } finally {
      thaw()
    }
    await admin.miss('平台没有应答', VISIBLE)
    await admin.see('中断', { row: '数据库曾中断', ...VISIBLE })
    await admin.look('operations-outage')

    await site.stop('worker')
    await site.change()
    for (const { id } of [again, anew, over]) {
      await clerk.api('POST', `/api/v1/matters/${id}/actions`, { action: 'comment', opinion: '请抓紧' })
    }
    await admin.press('运行异常')
    for (const { title } of [again, anew, over]) await admin.see('流程无法继续', { row: title, ...VISIBLE })
    await admin.look('operations-stuck')

    const mend = async (matter, repair, reason, said) => {
      await admin.open(`/operations/matters/${matter.id}`)
      await admin.see('流程原始记录')
      await admin.press(repair, { within: '.ops-repairs' })
      await admin.at('.ops-preview li') // by now the dialog stands still
      await admin.fill('理由', reason)
      await admin.look(`operations-${matter.id === over.id ? 'terminate' : matter.id === anew.id ? 'restart' : 'retry'}`)
      await admin.press('确认执行', { within: '.ant-modal' })
      await admin.see(said, { within: '.problem-info' })
    }
    await mend(anew, '按记录重建流程', '程序已经变更', '已按记录重建流程')
    await mend(over, '终止', '重复登记', '已终止')
    await admin.see('已于')
    await admin.look('operations-matter')

    // Tried again before the right program is back, or else it would have gone on by itself some time or other.
    await site.stop('changed')
    await mend(again, '立即重试', '已换回正确的程序', '已从出错处重新开始运行')
    await site.start('worker', [site.program, 'worker'])
    await admin.press('运行异常')
    await admin.see('理由：已换回正确的程序', VISIBLE)
    await admin.look('operations-mended')
    await admin.leave()

    const auditor = await (await browser.visit()).logIn('auditor')
    await auditor.open(`/operations/matters/${anew.id}`)
    await auditor.see('程序已经变更')
    assert.equal(await auditor.page.getByRole('group', { name: '处置' }).count(), 0, 'who audits sees without the buttons')
    await auditor.look('operations-auditor')
    await auditor.open('/admin/audit')
    await auditor.see('处置运行异常')
    await auditor.leave()

    const other = await (await browser.visit()).logIn('office.clerk')
    assert.equal(await other.page.getByRole('link', { name: '流程运行' }).count(), 0)
    await other.leave()
  } finally {
    await browser.close()
    await site.close()
  }
})
