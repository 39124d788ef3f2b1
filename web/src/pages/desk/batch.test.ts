import { expect, it } from 'vitest'
import type { Assignment, Matter } from '../../api/client'
import { approveAll, items, type Item, type Steps } from './batch'

const todo = (matter: string, id = 7): Assignment => ({ matter, id, duty: 'act', matterTitle: matter }) as Assignment
const matter = (id: string, offers: object[] = [{ action: 'approve', assignment: undefined }]): Matter => ({ id, offers, slips: [], assignments: [] }) as unknown as Matter

function steps(more: Partial<Steps> = {}): { steps: Steps; sent: string[] } {
  const sent: string[] = []
  return {
    sent,
    steps: {
      read: (id) => Promise.resolve(matter(id)),
      send: (one, action, key) => (sent.push(`${one.id} ${action.action} ${key}`), Promise.resolve(undefined)),
      accepted: () => false,
      failed: (error) => ({ at: 'unknown', why: String(error) }),
      gone: 'gone',
      ...more,
    },
  }
}
const states = (all: Item[]) => all.map((item) => item.outcome.at)

it('approves each under a key of its own and says what became of each', async () => {
  const { steps: use, sent } = steps({ read: (id) => Promise.resolve(id === 'b' ? matter(id, []) : matter(id)) })
  const all = items([todo('a'), todo('b'), todo('c')])
  expect(new Set(all.map((item) => item.key)).size).toBe(3)
  const reports: string[][] = []
  const done = await approveAll(all, use, (now) => reports.push(states(now)), () => false)
  expect(states(done)).toEqual(['done', 'refused', 'done'])
  expect(sent).toEqual([`a approve ${all[0]!.key}`, `c approve ${all[2]!.key}`])
  expect(reports[0]).toEqual(['sending', 'waiting', 'waiting'])
})

it('does not approve what lacks something or is refused', async () => {
  const { steps: use, sent } = steps({
    read: (id) => Promise.resolve(matter(id, [{ action: 'approve', lacks: { code: 'fields-missing', message: '请填写意见' } }])),
  })
  const done = await approveAll(items([todo('a')]), use, () => undefined, () => false)
  expect(done[0]!.outcome).toEqual({ at: 'refused', why: '请填写意见' })
  expect(sent).toEqual([])
})

it('leaves what has not had its turn when cancelled', async () => {
  let stop = false
  const { steps: use } = steps({ send: () => ((stop = true), Promise.resolve(undefined)) })
  const done = await approveAll(items([todo('a'), todo('b'), todo('c')]), use, () => undefined, () => stop)
  expect(states(done)).toEqual(['done', 'left', 'left'])
})

it('asks again under the same key where nobody answered, though the to-do is gone by then', async () => {
  let away = true
  const keys: string[] = []
  const { steps: use } = steps({
    read: (id) => Promise.resolve(away ? matter(id) : matter(id, [])),
    send: (_, __, key) => (keys.push(key), away ? Promise.reject(new Error('away')) : Promise.resolve(undefined)),
  })
  const once = await approveAll(items([todo('a')]), use, () => undefined, () => false)
  expect(states(once)).toEqual(['unknown'])
  away = false
  const twice = await approveAll(once, use, () => undefined, () => false)
  expect(states(twice)).toEqual(['done'])
  expect(keys[0]).toBe(keys[1])
})
