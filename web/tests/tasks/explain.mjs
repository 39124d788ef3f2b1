import { registered } from '../harness/matters.mjs'
import { task } from '../harness/task.mjs'

task('finding out why a limit falls on its day', {
  as: 'stb.clerk',
  prepare: () => registered(),
  async perform(person, { title }) {
    await person.take(title)
    await person.press('为什么是这一天')
    await person.see('起算', { within: '.month' })
    await person.see('到期', { within: '.cell-due' })
    await person.look('task-explain')
    await person.page.keyboard.press('Escape')
    await person.miss('起算', { within: '.months' })
  },
})
