import { acted, proposed } from '../harness/matters.mjs'
import { task } from '../harness/task.mjs'

task('asking for an extension', {
  as: 'economy.liaison',
  async prepare() {
    const matter = await proposed()
    await acted('zhangdian.head', matter, 'approve')
    return matter
  },
  async perform(person, { title }) {
    await person.take(title)
    await person.press('申请延期', { within: '.action-buttons' })
    await person.fill('意见', '需要实地核实')
    await person.fill('延期天数', '3')
    await person.look('task-extend')
    await person.press('确认申请延期')
    await person.see('需要实地核实', { within: '.story' })
    await person.see('审批延期', { within: '.holders' })
  },
})
