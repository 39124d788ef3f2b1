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
    await person.fill('事项名称', title)
    await person.fill('文号', '鲁改发〔2026〕41号')
    await person.fill('发文机关', '省委全面深化改革委员会')
    await person.date('收文日期', '2026-11-20')
    await person.choose('牵头部门', '市科学技术局')
    await person.choose('参与部门', '市财政局')
    await person.page.keyboard.press('Escape')
    await person.choose('专项小组', '经济体制')
    await person.fill('牵头领导', '分管副市长')
    await person.choose('起草单位', '市科学技术局')
    await person.fill('责任人', '市科学技术局分管负责人')
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
