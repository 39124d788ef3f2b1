import { registered } from '../harness/matters.mjs'
import { task } from '../harness/task.mjs'

task('signing for a slip', {
  as: 'stb.clerk',
  prepare: () => registered(),
  async perform(person, { title }) {
    await person.press('督办单')
    await person.see(title, { within: '.listing' })
    await person.look('task-slips')
    await person.press('淄改办交', { row: title })
    await person.see(title, { within: '.paper' })
    await person.look('task-slip')
    await person.press('签收此督办单')
    await person.press('确认签收')
    await person.see('已签收1/2')
  },
})
