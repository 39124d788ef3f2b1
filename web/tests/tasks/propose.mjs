import { proposed, textFile } from '../harness/matters.mjs'
import { task } from '../harness/task.mjs'

task('submitting a proposal with attachments', {
  as: 'zhangdian.clerk',
  prepare: () => proposed(undefined, { form: {}, submit: false }), // a draft in January of its own clock
  async perform(person, { title }) {
    await person.take(title)
    await person.press('提交', { within: '.action-buttons' })
    await person.choose('所属类别', '经济体制')
    await person.press('已有创新成果')
    for (const principle of ['坚持以人民为中心', '符合四个有利于标准', '突出重点', '坚持问题导向', '以信息化引领']) await person.press(principle)
    await person.fill('内容摘要', '一窗受理，并联审批')
    await person.press('同时修改事项内容')
    await person.attach('选择文件（可多选）', [textFile('做法'), textFile('成效')])
    await person.look('task-propose')
    await person.press('确认提交')
    await person.stage('提报单位筛选')
    await person.see('成效.txt', { within: '.form-view' })
  },
})
