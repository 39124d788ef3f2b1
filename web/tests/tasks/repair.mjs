import assert from 'node:assert/strict'
import { registered } from '../harness/matters.mjs'
import { caller } from '../harness/suite.mjs'
import { task } from '../harness/task.mjs'

task('repairing a stuck matter', {
  as: 'sysadmin',
  prepare: () => registered(), // and whoever holds it is away
  async perform(person, { id, title }) {
    await person.press('流程运行')
    await person.press('在办流程')
    await person.fill('按事项名称查找', title)
    await person.page.waitForURL(/text=/) // the list is searched when one has stopped typing
    await person.see('市科学技术局改革联络员', { row: title })
    await person.look('task-running')
    await person.press(title, { within: '.listing' })
    await person.press('改派', { within: '.ops-repairs' })
    await person.choose('改派给岗位', '市科学技术局分管负责人')
    await person.see('市科学技术局分管负责人', { within: '.ops-preview li' })
    await person.fill('理由', '改革联络员病休')
    await person.look('task-repair')
    await person.press('确认执行')
    await person.see('市科学技术局分管负责人', { within: '.ops-facts' })
    await person.see('理由：改革联络员病休')
    await person.look('task-repaired')
    const auditor = await caller('auditor')
    const { items } = await auditor.api('GET', '/api/v1/audit?limit=20')
    assert.ok(items.some((one) => JSON.stringify(one).includes(id)), 'the repair is not audited')
  },
})
