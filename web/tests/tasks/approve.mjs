import { drafted } from '../harness/matters.mjs'
import { task } from '../harness/task.mjs'

task('approving from the list', {
  as: 'economy.liaison',
  prepare: () => drafted(),
  async perform(person, { title }) {
    await person.press('办理', { row: title })
    await person.see('专项小组审核', { within: '[role=dialog]' })
    await person.fill('意见', '符合改革方向，同意')
    await person.look('task-approve')
    await person.press('确认同意')
    await person.miss(title, { within: '.listing' })
  },
})
