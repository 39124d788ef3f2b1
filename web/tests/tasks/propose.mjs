import { propose } from '../harness/forms.mjs'
import { proposed, textFile } from '../harness/matters.mjs'
import { task } from '../harness/task.mjs'

task('submitting a proposal with attachments', {
  as: 'zhangdian.clerk',
  prepare: () => proposed(undefined, { form: {}, submit: false }), // a draft in January of its own clock
  async perform(person, { title }) {
    await person.take(title)
    await person.press('提交', { within: '.action-buttons' })
    await propose(person)
    await person.press('同时修改事项内容')
    await person.attach('选择文件（可多选）', [textFile('做法'), textFile('成效')])
    await person.look('task-propose')
    await person.press('确认提交')
    await person.stage('提报单位筛选')
    await person.see('成效.txt', { within: '.form-view' })
  },
})
