import { task } from '../harness/task.mjs'

task('logging in and out', {
  async perform(person) {
    person.foresee(401, '/api/v1/sessions')
    await person.open('/')
    await person.see('首次使用')
    await person.look('task-login')
    await person.fill('账号', 'office.clerk')
    await person.fill('密码', '不是这个口令')
    await person.press('登录')
    await person.see('账号或密码不正确')
    await person.fill('密码', person.site.password)
    await person.press('登录')
    await person.see('工作台', { within: 'h1' })
    await person.look('task-desk')
    await person.press('市委改革办综合科经办人')
    await person.press('退出登录')
    await person.see('首次使用')
  },
})
