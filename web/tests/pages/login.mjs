// Coming in, and being asked for the password again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { registered } from '../harness/matters.mjs'
import { person, site, visit } from '../harness/suite.mjs'

test('logging in: a wrong password is told, a link asked for is gone back to', async () => {
  const stranger = await visit()
  stranger.foresee(401, '/api/v1/sessions')
  const { page } = stranger
  await page.goto('/matters')
  await page.getByLabel('账号').fill('office.clerk')
  await page.getByLabel('密码', { exact: true }).fill('不是这个口令')
  await page.keyboard.press('Enter')
  assert.match(await page.getByRole('alert').first().innerText(), /账号或密码不正确/)
  await stranger.look('login-refused')
  await page.getByLabel('密码', { exact: true }).fill((await site()).password)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: '事项', exact: true }).waitFor()
  await page.getByRole('button', { name: '市委改革办综合科经办人' }).click()
  await page.getByRole('menuitem', { name: '退出登录' }).click()
  await page.getByLabel('账号').waitFor()
  await stranger.leave()
})

test('a session that ends is asked for again over the page', async () => {
  const clerk = await person('office.clerk')
  clerk.foresee(401, '/api/v1/')
  const matter = await registered()
  const { page } = clerk
  await page.goto(`/matters/${matter.id}`)
  await page.getByRole('button', { name: '批注' }).click()
  await page.getByLabel('意见').fill('登录过期前写的')
  await clerk.context.clearCookies()
  await page.getByRole('button', { name: '确认批注' }).click()
  await page.getByText('登录已过期', { exact: true }).waitFor()
  await clerk.look('session-ended')
  await page.getByLabel('密码', { exact: true }).fill((await site()).password)
  await page.getByRole('button', { name: '登录', exact: true }).click()
  await page.getByRole('button', { name: '确认批注' }).click()
  await page.locator('.story blockquote', { hasText: '登录过期前写的' }).waitFor()
  await clerk.leave()
})

test('what one person has typed is not shown to the next at the same browser', async () => {
  const one = await person('zhangdian.clerk')
  const { page } = one
  const form = '/start/zibo-city/practice-recommendation'
  await one.open(form)
  await one.fill('事项名称', '只写了一半')
  await page.reload()
  await page.getByLabel('事项名称').waitFor()
  assert.equal(await page.getByLabel('事项名称').inputValue(), '只写了一半')
  await page.getByRole('button', { name: '张店区委改革办经办人' }).click()
  await page.getByRole('menuitem', { name: '退出登录' }).click()
  await page.getByLabel('账号').waitFor()
  assert.deepEqual(await page.evaluate(() => Object.keys(sessionStorage)), [])

  await page.evaluate(([key, typed]) => sessionStorage.setItem(key, typed), ['kept:somebody:zibo-city/practice-recommendation', '{"title":"别人的"}'])
  await one.logIn('boshan.clerk')
  await one.open(form)
  await page.getByLabel('事项名称').waitFor()
  assert.equal(await page.getByLabel('事项名称').inputValue(), '')
  await one.leave()
})
