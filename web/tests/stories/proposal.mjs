// Innovation proposals: a department's from submission to tracking, and one that begins inside the S&T bureau (001 art. 12,
// 000 art. 11). Their own clocks begin in January and run a day a second.
import { test } from 'node:test'
import { propose } from '../harness/forms.mjs'
import { named, textFile } from '../harness/matters.mjs'
import { person } from '../harness/suite.mjs'

const CLOCK = { begins: '2027-01-04', pace: 86_400 }

/** A draft with the rehearsal's clock, which only the API can give. */
const draft = (who, rulebook, procedure, title, clock = CLOCK) => who.api('POST', '/api/v1/matters', { rulebook, procedure, title, form: {}, ...clock })

test('a department’s proposal: submitted, reviewed, signed, re-reviewed, approved, changed, briefed, tracked by the month', async () => {
  const applicant = await person('stb.clerk')
  const title = named('创新券一码通兑')
  await applicant.openMatter(await draft(applicant, 'zibo-city', 'innovation-proposal', title))
  await applicant.act('提交', async () => {
    await propose(applicant)
    await applicant.press('同时修改事项内容')
    await applicant.attach('选择文件（可多选）', [textFile('做法'), textFile('成效')])
  })
  await applicant.stage('提报单位筛选')

  const office = await person('office.clerk')
  for (const [login, action, field, words] of [
    ['stb.head', '同意提报'],
    ['economy.liaison', '同意', '专项小组初审意见', '做法成熟，建议列入'],
    ['economy.leader', '审核签字'],
    ['office.clerk', '同意', '改革办复审意见', '建议补充跨区县结算办法'],
    ['office.director', '审定', '审定意见', '同意，按复审意见完善后实施'],
  ]) {
    const reviewer = login === 'office.clerk' ? office : await person(login)
    await reviewer.take(title)
    await reviewer.act(action, async () => field && (await reviewer.fill(field, words)))
    if (reviewer !== office) await reviewer.leave()
  }

  await applicant.stage('按审定意见完善')
  await applicant.see('按复审意见完善后实施', { within: '.form-view' })
  await applicant.act('报送修改稿', () => applicant.fill('修改说明', '已补充跨区县结算办法'))
  await office.take(title)
  await office.act('核对无误')
  await office.see('淄改办简', { within: '.slip-list' })
  await office.see('已办结')
  await office.look('story-briefed')

  await applicant.press(`追踪：${title}`, { within: '.slip-list' })
  await applicant.see(`追踪：${title}`, { within: 'h1' })
  const tracking = await applicant.matter()
  await applicant.act('报送计划', () => applicant.fill('实施计划', '三月底前全市推开'))
  await applicant.stage('等待当月汇总')
  await applicant.see('一月一汇总', { within: '.stage-current', patience: 60_000 })
  await applicant.act('报送汇总', () => applicant.fill('本月进展', '已在六个区县开通'))
  await office.openMatter(tracking)
  await office.act('点评并续跟', () => office.fill('改革办点评', '进度符合计划，请扩大覆盖'))
  await office.stage('等待当月汇总')
  await office.see('进度符合计划', { within: '.form-view' })
  await office.miss('已退回', { within: '.stages' }) // going round by the month is no return
  await office.look('story-tracked')
  await office.leave()
  await applicant.leave()
})

test('inside the bureau its own leading group first, then the city’s matter, whose fate the bureau’s follows', async () => {
  const section = await person('stb-hightech.clerk')
  const title = named('科研仪器先用后付')
  await section.openMatter(await draft(section, 'zibo-stb', 'bureau-proposal', title, { ...CLOCK, pace: 2 }))
  await section.act('提交', () => propose(section))
  for (const [login, action, field, words] of [
    ['stb-hightech.head', '同意'],
    ['stb-office.clerk', '同意'],
    ['stb-leading.leader', '初审通过', '局深改领导小组初审意见', '同意提报'],
  ]) {
    const reviewer = await person(login)
    await reviewer.take(title)
    await reviewer.act(action, async () => field && (await reviewer.fill(field, words)))
    await reviewer.leave()
  }
  await section.stage('等待市级审核审定')
  await section.see(title, { within: '.slip-list' })
  await section.look('story-bureau-waits')

  const head = await person('stb.head') // the bureau as the city's rules see it
  await head.take(title)
  await head.see('探索创新事项', { within: '.matter-facts' })
  await head.act('同意提报')
  await head.leave()
  const liaison = await person('economy.liaison')
  await liaison.take(title)
  await liaison.act('不予通过', () => liaison.fill('意见', '与既有做法重复'))
  await liaison.see('未通过')
  await liaison.leave()

  await section.stage('未予采纳的反馈')
  await section.see('未通过', { within: '.slip-list' })
  await section.look('story-bureau-follows')
  await section.leave()
})
