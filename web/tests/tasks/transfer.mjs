import { registered } from '../harness/matters.mjs'
import { task } from '../harness/task.mjs'

task('transferring to somebody else', {
  as: 'stb.clerk',
  prepare: () => registered(),
  async perform(person, { title }) {
    await person.take(title)
    await person.press('转办', { within: '.action-buttons' })
    await person.choose('岗位', '市科学技术局分管负责人')
    await person.fill('意见', '请分管负责人把关')
    await person.look('task-transfer')
    await person.press('确认转办')
    await person.see('市科学技术局分管负责人', { within: '.holders' })
    await person.see('请分管负责人把关', { within: '.story' })
  },
})
