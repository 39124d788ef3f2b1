// The administration: the three administrators, each with their own part, and one's own account.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { named } from '../harness/matters.mjs'
import { person, visit } from '../harness/suite.mjs'

/** Somebody entered and activated over the API. */
async function entered(admin, name) {
  const login = `p${Math.random().toString(36).slice(2, 10)}`
  const created = await admin.api('POST', '/api/v1/people', { login, name })
  await admin.api('POST', '/api/v1/activations', { token: created.activation.token, password: admin.site.password })
  return { ...created.person, login }
}

const holding = (security, id, post) => security.api('POST', `/api/v1/people/${id}/holdings`, { post })

test('a person is entered by one administrator, given a post by another, and sets a password by the link', async () => {
  const admin = await person('sysadmin')
  const name = named('新任经办人')
  const login = `n${Math.random().toString(36).slice(2, 10)}`
  await admin.press('管理')
  await admin.press('登记人员')
  await admin.fill('账号', login, { within: '.ant-modal' })
  await admin.fill('姓名', name, { within: '.ant-modal' })
  await admin.look('admin-enter')
  await admin.press('登记', { within: '.ant-modal' })
  await admin.see('仅在此处显示一次')
  const link = await admin.page.getByLabel('启用链接').inputValue()
  await admin.look('admin-entered')
  await admin.press('关闭', { within: '.ant-modal-footer' })
  await admin.fill('姓名或账号', login)
  await admin.see(name)
  await admin.look('admin-people')

  const newcomer = await visit()
  await newcomer.open(link)
  await newcomer.see('密码', { within: 'form' })
  await newcomer.look('activate')
  await newcomer.fill('新密码', admin.site.password)
  await newcomer.fill('再次输入新密码', admin.site.password)
  await newcomer.press('设置密码')
  await newcomer.page.waitForURL(/\/login/)
  await newcomer.leave()

  const security = await person('secadmin')
  await security.press('管理')
  await security.fill('姓名或账号', login)
  await security.press(name)
  await security.see('未担任岗位')
  assert.equal(await security.page.getByRole('button', { name: '停用账号' }).count(), 0, 'accounts are the other administrator\'s')
  await security.press('任命岗位')
  await security.choose('岗位', '博山区', { within: '.ant-modal' })
  await security.press('保存', { within: '.ant-modal' })
  await security.see('起', { within: '.slip-list' })
  await security.look('admin-person')
  await security.leave()
  await admin.leave()
})

test('a departure: what waits is shown, a successor chosen, and the auditor finds it with its reason', async () => {
  const [admin, security] = [await person('sysadmin'), await person('secadmin')]
  const [leaver, heir] = [await entered(admin, named('离任人')), await entered(admin, named('接任人'))]
  await holding(security, leaver.id, 'linzi/clerk')
  await security.open(`/admin/people/${leaver.id}`)
  await security.press('办理离任交接')
  await security.see(`${leaver.name}离任交接`)
  await security.choose('临淄区', heir.login)
  await security.fill('事由', '工作调动')
  await security.look('admin-departure')
  await security.press('确认交接')
  await security.see('已全部交接')
  await security.open(`/admin/people/${heir.id}`)
  await security.see('起', { within: '.slip-list' })
  await security.leave()
  await admin.leave()

  const auditor = await person('auditor')
  await auditor.press('管理')
  await auditor.see('办理离任交接')
  await auditor.see('事由：工作调动')
  await auditor.look('admin-audit')
  await auditor.leave()
})

test("a year's notice: wrong lines are named, its effect is shown first, then it holds", async () => {
  const admin = await person('sysadmin')
  await admin.press('管理')
  await admin.press('工作日历')
  await admin.fill('年份', '2031')
  await admin.fill('放假日', '2031-02-30 春节')
  await admin.see('第1行：日期不存在')
  await admin.fill('放假日', '2031-01-01 元旦')
  await admin.press('预览影响')
  await admin.see('没有在办事项等待此年度安排')
  await admin.look('admin-calendar')
  await admin.press('确认导入2031年安排')
  await admin.see('2031-01-01 元旦', { within: '.plain' })

  // How far the matters are re-planned is said until all are.
  let pending = 3
  await admin.page.route('**/api/v1/calendar/years', async (route) => {
    const response = await route.fetch()
    const json = await response.json()
    Object.assign(json.items.find((one) => one.year === 2031), { told: 5, pending })
    await route.fulfill({ response, json })
  })
  await admin.page.reload()
  await admin.see('已核定 2 个事项的时限，共 5 个')
  await admin.look('admin-calendar-replanning')
  pending = 0
  await admin.miss('已核定 2 个事项的时限')
  await admin.page.unroute('**/api/v1/calendar/years')
  await admin.press('组织机构')
  await admin.see('个单位')
  await admin.look('admin-organisations')
  await admin.press('通知渠道')
  await admin.see('尚未配置邮件服务器')
  await admin.look('admin-channels')
  await admin.leave()
})

test("one's own account: sessions are seen and ended, a deputy is named", async () => {
  const clerk = await person('zichuan.clerk')
  const elsewhere = await person('zichuan.clerk')
  await clerk.open('/account')
  await clerk.see('当前会话')
  await clerk.look('account')
  await clerk.press('结束会话')
  await clerk.page.getByRole('button', { name: '结束会话' }).waitFor({ state: 'detached' })
  elsewhere.foresee(401, '/api/v1')
  await elsewhere.page.reload()
  await elsewhere.page.getByLabel('账号').waitFor()
  await elsewhere.leave()
  await clerk.press('指定代理人')
  await clerk.choose('代理人', '淄川区', { within: '.ant-modal' })
  const until = new Date(Date.now() + 20 * 24 * 3600_000).toISOString().slice(0, 10)
  await clerk.date('代理截止日', until, { within: '.ant-modal' })
  await clerk.press('保存', { within: '.ant-modal' })
  const [, month, day] = until.split('-').map(Number)
  await clerk.see(`${month}月${day}日`, { within: '.slip-list' })
  await clerk.leave()
})

test('a unit is added by one administrator and confirmed by another, who sees what follows; and it is ended', async () => {
  const [admin, security] = [await person('sysadmin'), await person('secadmin')]
  const name = named('市数据局')
  await admin.open('/admin/organisations')
  await admin.press('增设单位')
  await admin.choose('参照单位', '市司法局', { within: '.ant-modal' })
  await admin.fill('单位名称', name, { within: '.ant-modal' })
  assert.equal(await admin.page.getByLabel('岗位1名称').inputValue(), `${name}主要负责人`, "posts are called by the new unit's name")
  await admin.fill('事由', '机构改革方案', { within: '.ant-modal' })
  await admin.look('admin-unit-add')
  await admin.press('提交确认', { within: '.ant-modal' })
  await admin.see('等待安全管理员确认', { within: '.unit-change' })
  await admin.look('admin-unit-proposed')
  assert.equal(await admin.page.getByRole('button', { name: '确认生效' }).count(), 0, 'nobody confirms their own')

  await security.open('/admin/organisations')
  await security.see(`增设“${name}”`)
  await security.look('admin-unit-confirm')
  await security.press('确认生效', { within: '.unit-change' })
  await security.see(name, { within: '.plain' })

  await admin.page.reload()
  await admin.press('调整', { row: name })
  await admin.press('撤销单位')
  await admin.fill('事由', '职责并入市司法局', { within: '.ant-modal' })
  await admin.press('提交确认', { within: '.ant-modal' })
  await security.page.reload()
  await security.see('现有待办0件')
  await security.press('确认生效', { within: '.unit-change' })
  await security.see(`已撤销：`)
  await security.look('admin-units')
  await security.leave()
  await admin.leave()
})
