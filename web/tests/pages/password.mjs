// One's password: changed because one wants to, and because it is past its age.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { named } from '../harness/matters.mjs'
import { caller, site, visit } from '../harness/suite.mjs'

const FRESH = 'Xin-Mima-2026!'

/** Somebody new, who holds no post: their password is nobody else's in these tests. */
async function newcomer() {
  const admin = await caller('sysadmin')
  const login = `w${Math.random().toString(36).slice(2, 10)}`
  const { activation } = await admin.api('POST', '/api/v1/people', { login, name: named('改密人') })
  await admin.api('POST', '/api/v1/activations', { token: activation.token, password: (await site()).password })
  return login
}

const fields = async (who, current, fresh, again = fresh) => {
  await who.fill('当前密码', current)
  await who.fill('新密码', fresh)
  await who.fill('再次输入新密码', again)
}

test('a password is changed; a wrong one, a weak one and two that differ are told', async () => {
  const login = await newcomer()
  const old = (await site()).password
  const one = await (await visit()).logIn(login)
  one.foresee(422, '/api/v1/me/password')
  const { page } = one
  await page.locator('.top-right button').last().click()
  await one.press('修改密码')
  await one.see('修改密码', { within: 'h1' })
  const change = page.locator('main').getByRole('button', { name: '修改密码' })
  await fields(one, old, FRESH, `${FRESH}?`)
  await one.see('两次输入的密码不一致')
  assert.ok(await change.isDisabled())
  await one.look('password-differs')
  await fields(one, '不是这个口令', FRESH)
  await change.click()
  await one.see('当前密码不正确')
  await one.look('password-wrong')
  await fields(one, old, 'short')
  await change.click()
  await one.see('密码至少', { within: '[role=alert]' })
  await fields(one, old, FRESH)
  await change.click()
  await one.hear('密码已修改')
  await one.see('工作台', { within: 'h1' })
  await one.leave()
  const again = await visit()
  again.foresee(401, '/api/v1/sessions')
  await again.open('/login')
  await again.fill('账号', login)
  await again.fill('密码', old)
  await again.press('登录')
  await again.see('账号或密码不正确')
  await again.fill('密码', FRESH)
  await again.press('登录')
  await again.see('工作台', { within: 'h1' })
  await again.leave()
})

test('a password past its age is changed before anything else', async () => {
  const login = await newcomer()
  const one = await visit()
  const { page } = one
  // The browser has no clock three months on: the server's word is, until the change.
  let expired = true
  const refusing = []
  await page.route('**/api/v1/**', async (route) => {
    const at = new URL(route.request().url()).pathname
    if (at === '/api/v1/stream') return expired ? (refusing.push(at), route.abort()) : route.continue()
    const answer = await route.fetch()
    if (at === '/api/v1/me/password' && answer.ok()) expired = false
    else if (at === '/api/v1/me' || at === '/api/v1/sessions') {
      if (answer.ok()) return route.fulfill({ response: answer, json: { ...(await answer.json()), passwordExpired: expired } })
    } else if (expired) refusing.push(at)
    await route.fulfill({ response: answer })
  })
  await one.open('/matters')
  await one.fill('账号', login)
  await one.fill('密码', (await site()).password)
  await one.press('登录')
  await one.see('您的密码已到期')
  assert.equal(new URL(page.url()).pathname, '/password')
  await one.look('password-expired')
  await one.press('工作台')
  await one.see('您的密码已到期')
  assert.deepEqual(refusing, [], 'asked what is refused until then')
  await fields(one, (await site()).password, FRESH)
  await page.locator('main').getByRole('button', { name: '修改密码' }).click()
  await one.see('工作台', { within: 'h1' })
  await one.leave()
})
