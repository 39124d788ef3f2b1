import { drafted } from '../harness/matters.mjs'
import { task } from '../harness/task.mjs'

task('returning with a reason', {
  as: 'economy.liaison',
  prepare: () => drafted(),
  async perform(person, { title }) {
    await person.take(title)
    await person.press('退回', { within: '.action-buttons' })
    await person.press('确认退回')
    await person.see('请填写意见。')
    await person.look('task-return')
    await person.fill('意见', '任务分解缺少责任时限，请补充')
    await person.press('确认退回')
    await person.stage('修改初稿')
    await person.see('任务分解缺少责任时限', { within: '.story' })
    await person.look('task-returned')
  },
})
