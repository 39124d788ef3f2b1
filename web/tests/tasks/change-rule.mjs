import { named } from '../harness/matters.mjs'
import { caller } from '../harness/suite.mjs'
import { task } from '../harness/task.mjs'

task('changing a rule', {
  as: 'stb-office.clerk',
  async prepare() {
    const clerk = await caller('stb-office.clerk')
    const { version } = await clerk.api('GET', '/api/v1/rulebooks/zibo-stb')
    const { text } = await clerk.api('GET', `/api/v1/rulebooks/zibo-stb/versions/${version}`)
    const lines = text.split('\n')
    const stage = lines.indexOf('      confirm:')
    return { title: named('修订实施细则'), line: lines.findIndex((one, n) => n > stage && one.includes('within: 1 workday')) }
  },
  async perform(person, { title, line }) {
    person.foresee(404, '/api/v1/rulebooks/zibo-stb/draft') // nobody has drafted a change yet
    const { keyboard } = person.page
    await person.press('规则', { within: '.places' })
    await person.press('市科技局全面深化改革实施细则', { within: '.listing' })
    await person.press('第一时间传达学习', { within: '.rules-side' })
    await person.see('科室负责人确认', { within: '.rule-stages' })
    await person.press('修订', { within: '.views' })
    await person.see('检查通过')
    await person.focus('规则文本')
    await keyboard.press('Control+Home')
    for (let down = 0; down < line; down++) await keyboard.press('ArrowDown')
    await keyboard.press('End')
    await keyboard.press('Shift+Home')
    await keyboard.insertText('        within: 2 workdoys')
    await person.see(`第${line + 1}行`, { within: '.found' })
    await person.at('.code-note')
    await person.look('task-rule-wrong')
    await keyboard.press('Shift+Home')
    await keyboard.insertText('        within: 2 workdays')
    await person.see('检查通过')
    await person.see('2个工作日内', { within: '.diff-table' })
    await person.press('提交规则修订')
    await person.fill('事项标题', title)
    await person.fill('修订理由', '与实际用时一致')
    await person.date('施行日期', '2027-01-04')
    await person.look('task-rule-submit')
    await person.press('提交', { within: '.ant-modal-footer' })
    await person.see(title, { within: 'h1' })
    await person.see('2个工作日内', { within: '.change' })
    await person.press('提交审定', { within: '.action-buttons' })
    await person.press('确认提交审定')
    await person.see('提交审定', { within: '.story' })
  },
})
