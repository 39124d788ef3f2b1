// Forms that several tests fill in, by a person's own means.

const PRINCIPLES = ['坚持以人民为中心', '符合四个有利于标准', '突出重点', '坚持问题导向', '以信息化引领']

/** What the office registers of any superior document that has arrived. */
export async function arrive(who, { title, number, issuer = '省委全面深化改革委员会' }) {
  await who.fill('事项名称', title)
  await who.fill('文号', number)
  await who.fill('发文机关', issuer)
  await who.date('收文日期', '2026-11-20')
  await who.choose('牵头部门', '市科学技术局')
  await who.fill('牵头领导', '分管副市长')
  await who.choose('起草单位', '市科学技术局')
}

/** What it registers of a provincial one besides, but for its timetable. */
export async function arriveFromTheProvince(who, document) {
  await arrive(who, document)
  await who.choose('参与部门', '市财政局')
  await who.page.keyboard.press('Escape')
  await who.choose('专项小组', '经济体制')
  await who.fill('责任人', '市科学技术局分管负责人')
}

/** What a proposal must say, of a city's department or inside a bureau. */
export async function propose(who) {
  await who.choose('所属类别', '经济体制')
  await who.press('已有创新成果')
  for (const principle of PRINCIPLES) await who.answer(principle, '是')
  await who.fill('内容摘要', '一窗受理，并联审批')
}
