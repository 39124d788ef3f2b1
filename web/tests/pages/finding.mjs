// Finding matters; what is not there or cannot be read.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { entered, named } from '../harness/matters.mjs'
import { person } from '../harness/suite.mjs'

test('finding a matter by its words and filters, which stand in the address', async () => {
  const clerk = await person('office.clerk')
  const title = named('产教融合')
  await entered(title) // which starts no other that is called after it
  const { page } = clerk
  await page.getByRole('link', { name: '事项', exact: true }).click()
  await page.getByLabel('搜索事项').fill(title.slice(1))
  await page.getByRole('link', { name: title }).waitFor()
  await page.locator('.listing tbody tr').nth(1).waitFor({ state: 'detached' })
  await clerk.look('matters-found')
  await page.reload()
  assert.equal(await page.getByLabel('搜索事项').inputValue(), title.slice(1))
  await page.getByLabel('搜索事项').fill('绝不会有的事项名称')
  await page.getByText('没有符合条件的事项').waitFor()
  await clerk.leave()
})

test('the server away: said, with a way on, and found again by itself', async () => {
  const clerk = await person('office.clerk')
  clerk.foresee(503, '/api/v1/matters')
  const { page } = clerk
  const away = (route) =>
    route.fulfill({
      status: 503,
      contentType: 'application/problem+json',
      json: { type: 'urn:duban:database-unavailable', title: '数据库暂时无法访问，请稍后重试。', status: 503, code: 'database-unavailable', traceId: 'x' },
    })
  await page.route('**/api/v1/matters?**', away)
  await page.getByRole('link', { name: '事项', exact: true }).click()
  await page.getByText('数据库暂时无法访问，请稍后重试。').waitFor()
  await clerk.look('away')
  await page.unroute('**/api/v1/matters?**', away)
  await page.getByRole('button', { name: '重试' }).click()
  await page.locator('.listing').waitFor()
  await clerk.leave()
})

test('what one may not see is not found, with a way back', async () => {
  const stranger = await person('boshan.clerk')
  stranger.foresee(404, '/api/v1/matters')
  const { page } = stranger
  await page.goto('/matters/00000000-0000-4000-8000-000000000000')
  await page.getByText('没有找到').waitFor()
  await stranger.look('not-found')
  await page.goto('/nowhere')
  await page.getByRole('link', { name: '返回工作台' }).waitFor()
  await stranger.look('nowhere')
  await page.getByRole('link', { name: '返回工作台' }).click()
  await page.getByRole('heading', { name: '工作台' }).waitFor()
  await stranger.leave()
})

test('a page whose script file is gone says so, keeps the way to the others, and comes after a reload', async () => {
  const clerk = await person('office.clerk')
  clerk.foresee(404, '/assets/Ledger')
  const { page } = clerk
  const gone = (route) => route.fulfill({ status: 404, body: '' })
  await page.route('**/assets/Ledger*.js', gone)
  await clerk.press('台账', { within: '.places' })
  await clerk.see('程序可能已更新', { within: 'main' })
  await clerk.look('program-updated')
  await clerk.press('事项', { within: '.places' })
  await clerk.see('事项', { within: 'h1' })
  await clerk.press('台账', { within: '.places' })
  await clerk.see('程序可能已更新', { within: 'main' })
  await page.unroute('**/assets/Ledger*.js', gone)
  await clerk.press('刷新')
  await clerk.see('台账', { within: 'h1' })
  await clerk.leave()
})
