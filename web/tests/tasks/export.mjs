import assert from 'node:assert/strict'
import { entered, named } from '../harness/matters.mjs'
import { readSpreadsheet } from '../harness/sheet.mjs'
import { caller } from '../harness/suite.mjs'
import { task } from '../harness/task.mjs'

const DUE = String(Date.parse('2099-06-30') / 86_400_000 + 25_569) // as a spreadsheet counts days

task('filtering and exporting a ledger', {
  as: 'office.clerk',
  async prepare() {
    const leader = named('牵头领导')
    const titles = [named('台账一'), named('台账二')]
    for (const title of titles) await entered(title, { leaderInCharge: leader })
    await entered(named('别的单位'), { leaderInCharge: leader, unit: 'boshan' })
    const clerk = await caller('office.clerk')
    await clerk.api('PUT', '/api/v1/me/columns', { columns: ['due', 'title', 'stage', 'owner'] })
    return { leader, titles }
  },
  async perform(person, { leader, titles }) {
    await person.press('台账', { within: '.places' })
    await person.choose('牵头领导', leader)
    await person.see('3', { within: '.ledger-total' })
    await person.look('task-ledger')
    await person.press('市财政局', { within: '.ledger' })
    await person.see('事项', { within: 'h1' })
    for (const title of titles) await person.see(title, { within: '.listing' })
    await person.miss('别的单位', { within: '.listing' })
    await person.press('选择列')
    await person.press('完成时限', { within: '.columns' })
    await person.press('当前环节', { within: '.columns' })
    await person.look('task-columns')
    await person.press('保存')
    await person.see('2099年6月30日', { within: '.listing' })
    const [head, ...rows] = readSpreadsheet(await person.download(() => person.press('导出表格')))
    await person.see('导出完成，共2条')
    await person.look('task-export')
    assert.deepEqual(head, ['时限', '事项名称', '责任单位', '完成时限'])
    assert.deepEqual(rows.map(([, title, owner, term]) => [title, owner, term]).sort(), titles.map((title) => [title, '市财政局', DUE]).sort())
    await person.press('关闭', { within: '.ant-modal-footer' })
  },
})
