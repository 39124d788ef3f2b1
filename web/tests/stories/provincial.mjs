// A provincial document from its arrival to its ledger entries, each step by somebody at a screen (001 art. 4, 5, 18).
import { test } from 'node:test'
import { arriveFromTheProvince } from '../harness/forms.mjs'
import { handedIn, named, registered, textFile } from '../harness/matters.mjs'
import { person } from '../harness/suite.mjs'

test('a provincial document: registered, assigned and signed for, drafted, reviewed, deliberated, issued, in the ledger', async () => {
  const clerk = await person('office.clerk')
  const title = named('关于优化科技成果转化服务的若干措施')
  await clerk.press('登记申报')
  await clerk.press('省改革文件配套')
  await arriveFromTheProvince(clerk, { title, number: '鲁改发〔2026〕31号' })
  await clerk.fill('时间进度', '两周内形成上会初稿，一个月内印发')
  await clerk.attach('选择文件', textFile('来文'))
  await clerk.press('提交')
  await clerk.see(title, { within: 'h1' })
  await clerk.stage('起草上会初稿')
  await clerk.see('淄改办交', { within: '.slip-list' })
  await clerk.see('一个月内印发配套文件', { within: '.limits' })

  const lead = await person('stb.clerk')
  await lead.press('签收', { row: title })
  await lead.press('确认签收')
  await lead.take(title)
  await lead.act('报送初稿', async () => {
    await lead.attach('选择文件 上会初稿', textFile('上会初稿'))
    for (const [n, task, unit] of [[1, '建设技术转移服务平台', '市科学技术局'], [2, '设立成果转化引导资金', '市财政局']]) {
      const where = { within: `.list-item:nth-child(${n})` }
      await lead.press('增加一项')
      await lead.fill('任务', task, where)
      await lead.choose('责任单位', unit, where)
      await lead.date('完成时限', '2099-03-31', where) // of a year that is not this one, which would not be said
    }
    await lead.look('story-draft')
  })
  await lead.stage('专项小组审核')
  await clerk.stage('专项小组审核') // seen without a reload

  for (const [login, stage, action] of [
    ['economy.liaison', '专项小组审核', '同意'],
    ['economy.leader', '改革办复审', '同意'],
    ['office.clerk', '改革办主任审定', '同意'],
    ['office.director', '领导小组审议', '同意'],
  ]) {
    const reviewer = login === 'office.clerk' ? clerk : await person(login)
    await reviewer.take(title)
    await reviewer.act(action, () => reviewer.fill('意见', '符合改革方向'))
    await reviewer.stage(stage)
    if (reviewer !== clerk) await reviewer.leave()
  }

  // Nothing is put into implementation before the leading group has approved it.
  const secretary = await person('leading.secretary')
  secretary.foresee(409, '/api/v1/matters')
  await secretary.take(title)
  await secretary.press('记录审议结果', { within: '.action-buttons' })
  await secretary.fill('审议会议', '市委深改领导小组会议')
  await secretary.date('审议日期', '2026-12-05')
  await secretary.press('修改后再议')
  await secretary.press('确认记录审议结果')
  await secretary.see('不得印发实施', { within: '.problem' })
  await secretary.see('第18条', { within: '.problem' })
  await secretary.look('story-gate')
  await secretary.press('审定通过')
  await secretary.press('确认记录审议结果')
  await secretary.stage('定稿')
  await secretary.leave()

  await clerk.take(title)
  await clerk.act('定稿印发', async () => {
    await clerk.attach('选择文件', textFile('印发文本'))
  })
  await clerk.see('已办结')
  await clerk.see('淄改办发', { within: '.slip-list' })
  await clerk.look('story-issued')
  await clerk.press('建设技术转移服务平台', { within: '.slip-list' })
  await clerk.stage('组织落实')
  await clerk.see('市科学技术局', { within: '.form-view' })
  await clerk.see('2099年3月31日', { within: '.limits' })
  await clerk.look('story-ledger-entry')

  // The owner finds the entry among what waits on them, and signs for the circular.
  await lead.take('建设技术转移服务平台')
  await lead.stage('组织落实')
  await lead.press('工作台')
  await lead.press('签收', { row: title })
  await lead.press('确认签收')
  await lead.miss('签收', { row: title })
  await lead.leave()
  await clerk.leave()
})

test('three weeks without a draft bring an urging slip, a month the director, as the matter’s own clock runs', async () => {
  const clerk = await person('office.clerk')
  const matter = await registered(named('未按时报送的文件'), { pace: 200_000 })
  const director = await person('office.director')
  await clerk.openMatter(matter)
  await clerk.see('演练')
  await clerk.see('淄改办催', { within: '.slip-list', patience: 60_000 })
  await clerk.look('story-urged')
  await clerk.see('不再有自动的提醒、催办和升级', { within: '.clock', patience: 60_000 })
  await director.press('阅处', { row: matter.title })
  await director.fill('意见', '请牵头部门本周内报送初稿')
  await director.look('story-escalated')
  await director.press('确认阅处')
  await clerk.see('请牵头部门本周内报送初稿', { within: '.story' })
  await clerk.see('已逾期')

  // The draft comes at last; why it was late is still explained.
  await handedIn(matter)
  await clerk.press('为什么是这一天', { within: '.story' })
  await clerk.see('到期', { within: '.why' })
  await clerk.see('起算', { within: '.why' })
  await clerk.look('story-why-late')
  await clerk.leave()
  await director.leave()
})
