// Lists: filters that are kept, columns, spreadsheets in and out, batches, the ledger and the wall chart.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { acted, entered, named } from '../harness/matters.mjs'
import { spreadsheet } from '../harness/sheet.mjs'
import { person } from '../harness/suite.mjs'

const PHONE = { width: 390, height: 844 }

/** Picks an option of a filter. */
async function filter(page, label, option) {
  await page.getByRole('combobox', { name: label, exact: true }).click()
  await page.keyboard.type(option)
  await page.locator('.ant-select-dropdown:not(.ant-select-dropdown-hidden) .ant-select-item-option', { hasText: option }).first().click()
}

test('a list is filtered, its columns chosen, kept under a name, and written out as it is shown', async () => {
  const clerk = await person('office.clerk')
  const { page } = clerk
  const leader = named('牵头领导')
  await entered(named('清单一'), { leaderInCharge: leader })
  await entered(named('清单二'), { leaderInCharge: leader, unit: 'boshan' })
  await clerk.open('/matters')
  await filter(page, '牵头领导', leader)
  await page.waitForURL(/leader=/)
  await page.locator('.listing tbody tr').nth(2).waitFor({ state: 'detached' }) // others' matters are gone
  await page.locator('.listing tbody tr').nth(1).waitFor()
  assert.equal(await page.locator('.listing tbody tr').count(), 2)
  await filter(page, '责任单位', '市财政局')
  await page.locator('.listing tbody tr').nth(1).waitFor({ state: 'detached' })
  const shared = new URL(page.url())
  assert.equal(shared.searchParams.get('owner'), 'finance')
  assert.equal(shared.searchParams.get('leader'), leader)

  await clerk.press('选择列')
  await clerk.look('columns')
  await page.getByRole('checkbox', { name: '完成时限' }).check()
  await clerk.press('保存')
  await page.getByRole('columnheader', { name: '完成时限' }).waitFor()
  await clerk.see('2099年6月30日')

  const kept = named('财政')
  await clerk.press('保存此筛选')
  await clerk.fill('筛选名称', kept)
  await clerk.press('保存')
  await clerk.press('清除筛选')
  await page.waitForURL(/\/matters$/)
  await clerk.press(kept)
  await page.waitForURL(/owner=finance/)
  await clerk.look('matters-filtered')

  const saved = page.waitForEvent('download')
  await clerk.press('导出表格')
  const file = await saved
  assert.match(file.suggestedFilename(), /^事项清单.*\.xlsx$/)
  assert.equal((await readFile(await file.path())).subarray(0, 2).toString(), 'PK')
  await clerk.see('导出完成，共1条')
  await clerk.look('exported')
  await clerk.press('关闭', { within: '.ant-modal-footer' })

  await clerk.press('管理筛选')
  await page.getByRole('button', { name: `删除 ${kept}` }).click()
  await page.getByRole('button', { name: kept, exact: true }).waitFor({ state: 'detached' })
  await clerk.leave()
})

test('several to-dos of a step marked as safe are approved after one confirmation, each with its outcome', async () => {
  const clerk = await person('office.clerk')
  const titles = [named('成批甲'), named('成批乙')]
  for (const title of titles) await acted('finance.clerk', await entered(title), 'approve', { fields: { result: '已完成' } })
  const { page } = clerk
  await clerk.open('/')
  for (const title of titles) await page.getByRole('checkbox', { name: `选择“${title}”` }).check()
  await clerk.press('成批通过（2）')
  for (const title of titles) await clerk.see(title)
  await clerk.look('batch')
  await clerk.press('确认通过2件')
  await page.locator('.batch-done').nth(1).waitFor()
  await clerk.look('batch-done')
  await clerk.press('关闭', { within: '.ant-modal-footer' })
  for (const title of titles) await page.getByRole('link', { name: title }).waitFor({ state: 'detached' })
  await clerk.leave()
})

test('a head sees what is overdue and whose clock it is without scrolling; on a phone too', async () => {
  const clerk = await person('office.clerk')
  const title = named('逾期任务')
  await entered(title, { due: '2026-01-30', unit: 'housing' })
  const head = await person('housing.head')
  await head.see('逾期事项')
  await head.see(title, { within: '.overdue' })
  await head.see('市住房和城乡建设局改革联络员', { within: '.overdue' })
  const { bottom } = await head.page.evaluate(() => document.querySelector('.overdue').getBoundingClientRect())
  assert.ok(bottom < 768, `the panel ends at ${bottom}`)
  await head.look('desk-head')
  const phone = await person('housing.head', { viewport: PHONE })
  await phone.see(title, { within: '.overdue' })
  await phone.look('desk-head-phone')
  await clerk.leave()
  await head.leave()
  await phone.leave()
})

test('a ledger is imported only when every row is right', async () => {
  const clerk = await person('office.clerk')
  const { page } = clerk
  const title = named('导入任务')
  const heads = ['事项名称', '责任单位', '完成时限', '牵头领导', '任务来源', '审定会议', '审定日期']
  const row = (n, unit, due) => [`${title}${n}`, unit, due, '秘书长', '市委文件', '领导小组会议', '2026-01-05']
  await clerk.open('/matters')
  await clerk.press('从表格导入')
  await clerk.see('从表格导入台账', { within: 'h1' })
  await clerk.look('import')
  const choose = page.locator('input[type=file]')
  await choose.setInputFiles(spreadsheet('台账.xlsx', [heads, row(1, '市财政局', '2099-06-30'), row(2, '市外星局', '年底')]))
  await clerk.see('第3行“责任单位”')
  await clerk.see('第3行“完成时限”')
  await clerk.look('import-wrong')
  await choose.setInputFiles(spreadsheet('台账.xlsx', [heads, row(1, '市财政局', '2099-06-30'), row(2, '博山区', '2099年7月31日')]))
  await clerk.see('2行全部正确')
  await clerk.look('import-right')
  await clerk.press('开始导入2件')
  await clerk.press('开始导入2件')
  await clerk.see('已登记2件，共2件')
  await clerk.look('imported')
  await clerk.open(`/matters?text=${encodeURIComponent(title)}`)
  await page.locator('.listing tbody tr').nth(1).waitFor()
  assert.equal(await page.locator('.listing tbody tr').count(), 2)
  await clerk.leave()
})

test('the ledger leads to its matters; the chart, who has the clock, and the wall show the same', async () => {
  const clerk = await person('office.clerk')
  const { page } = clerk
  const leader = named('台账领导')
  const title = named('台账任务')
  await entered(title, { leaderInCharge: leader })
  await clerk.open(`/ledger?by=leader&leader=${encodeURIComponent(leader)}`)
  await page.getByRole('rowheader', { name: leader }).waitFor()
  await clerk.look('ledger')
  await page.getByRole('row', { name: leader }).getByRole('link', { name: '1', exact: true }).first().click()
  await clerk.see(title, { within: '.listing' })
  await page.goBack()
  await clerk.press('挂图')
  await page.locator('.gantt').waitFor()
  await page.locator('.gantt-title', { hasText: title }).waitFor()
  await clerk.look('chart')
  await page.emulateMedia({ media: 'print' })
  await clerk.look('chart-print')
  await page.emulateMedia({ media: null })
  await clerk.press('卡在谁手里')
  await clerk.see('合计工作时间')
  await clerk.look('held')
  await clerk.open(`/wall?leader=${encodeURIComponent(leader)}`)
  await page.locator('.gantt-title', { hasText: title }).waitFor()
  await clerk.look('wall')
  // Somebody else's new matter comes onto the wall by itself.
  const other = await person('office.clerk')
  const second = named('新上墙')
  await entered(second, { leaderInCharge: leader })
  await page.locator('.gantt-title', { hasText: second }).waitFor()
  await clerk.leave()
  await other.leave()
})

test('the chart says how much of the whole it shows, prints the whole, and the wall says so too', async () => {
  const clerk = await person('office.clerk')
  const { page } = clerk
  const leader = named('挂图领导')
  const titles = [named('挂图任务'), named('挂图任务')]
  for (const title of titles) await entered(title, { leaderInCharge: leader })
  // One matter to a page, as if there were more than are read at once.
  await page.route('**/api/v1/chart?**', (route) => route.continue({ url: route.request().url().replace(/limit=\d+/, 'limit=1') }))
  await page.addInitScript(() => {
    window.print = () => (window.printed = document.querySelector('main').textContent)
  })
  await clerk.open(`/ledger/chart?leader=${encodeURIComponent(leader)}`)
  await clerk.see('本图1项，共2项')
  await clerk.look('chart-part')
  await clerk.press('打印')
  await page.waitForFunction(() => window.printed)
  const printed = await page.evaluate(() => window.printed)
  for (const text of [...titles, '本图2项，共2项']) assert.ok(printed.includes(text), `not printed: ${text}`)
  await clerk.see('本图1项，共2项')
  await clerk.open(`/wall?leader=${encodeURIComponent(leader)}`)
  await clerk.see('本图1项，共2项')
  await clerk.look('wall-part')
  await clerk.leave()
})
