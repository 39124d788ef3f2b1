// A central document: its notice slip goes out at once (001 art. 5(1)).
import { test } from 'node:test'
import { arrive } from '../harness/forms.mjs'
import { named } from '../harness/matters.mjs'
import { person } from '../harness/suite.mjs'

test('a central document: the notice slip at once, signed for, the preparation reported and accepted', async () => {
  const clerk = await person('office.clerk')
  const title = named('关于加强基础研究的意见')
  await clerk.press('登记申报')
  await clerk.press('中央改革文件')
  await arrive(clerk, { title, number: '中发〔2026〕9号', issuer: '中央全面深化改革委员会' })
  await clerk.fill('时间进度', '两周内完成对接')
  await clerk.press('提交')
  await clerk.see(title, { within: 'h1' })
  await clerk.see('淄改办示', { within: '.slip-list' })
  await clerk.press('淄改办示', { within: '.slip-list' })
  await clerk.see(title, { within: '.paper' })
  await clerk.look('story-notice-slip')

  const lead = await person('stb.clerk')
  await lead.press('签收', { row: title })
  await lead.press('确认签收')
  await clerk.see('已全部签收')
  await lead.take(title)
  await lead.act('报送准备情况', async () => {
    await lead.fill('与上级衔接情况', '已与省科技厅对接')
    await lead.fill('调研谋划情况', '已完成三家院所调研')
  })
  await clerk.take(title)
  await clerk.act('同意')
  await clerk.see('已办结')
  await lead.leave()
  await clerk.leave()
})
