import { arriveFromTheProvince } from '../harness/forms.mjs'
import { named } from '../harness/matters.mjs'
import { task } from '../harness/task.mjs'

task('registering a document', {
  as: 'office.clerk',
  async perform(person) {
    const title = named('关于优化服务的若干措施')
    await person.press('登记申报')
    await person.see('登记申报', { within: 'h1' })
    await person.look('task-start')
    await person.press('省改革文件配套')
    await arriveFromTheProvince(person, { title, number: '鲁改发〔2026〕41号' })
    await person.look('task-register')
    await person.press('提交')
    await person.see('请填写时间进度。')
    await person.fill('时间进度', '两周内形成上会初稿')
    await person.press('提交')
    await person.see(title, { within: 'h1' })
    await person.stage('起草上会初稿')
    await person.see('时限内')
    await person.look('task-registered')
  },
})
