import type { StageRule } from './queries'

export type Node = { key: string; title: string; y: number }
export type Way = 'on' | 'over' | 'back'
export type Edge = { from: string; to: string; way: Way; lane: number }
export type Flow = { nodes: Node[]; edges: Edge[]; left: number; right: number; height: number }

export const ROW = 62
export const END = 'closed'

const BACKWARD = ['return', 'withdraw', 'reject']

/**
 * The picture of a procedure: one stage under the other, in the order they are written. What leads to the next one is a
 * straight line; what passes over stages runs on the right, what leads back on the left, each in a lane in which it meets
 * no other.
 */
export function flowOf(stages: readonly Pick<StageRule, 'key' | 'title' | 'leads'>[], end: string): Flow {
  const keys = [...stages.map((stage) => stage.key), END]
  const at = new Map(keys.map((key, i) => [key, i]))
  const edges: Edge[] = []
  const lanes: Record<'over' | 'back', [number, number][][]> = { over: [], back: [] }
  const seen = new Set<string>()
  const ways = stages.flatMap((stage) =>
    stage.leads.flatMap((lead) => lead.to.map((to) => ({ from: stage.key, to, backward: BACKWARD.includes(lead.action) }))),
  )
  // Short ways first: they lie inside the long ones.
  ways.sort((a, b) => Math.abs(at.get(a.to)! - at.get(a.from)!) - Math.abs(at.get(b.to)! - at.get(b.from)!))
  for (const { from, to, backward } of ways) {
    const [i, j] = [at.get(from)!, at.get(to) ?? at.get(END)!]
    if (seen.has(`${i}-${j}`) || (backward && to === END)) continue // an end that is no completion is the list's to say
    seen.add(`${i}-${j}`)
    if (j === i + 1) {
      edges.push({ from, to, way: 'on', lane: 0 })
      continue
    }
    const way = j > i ? 'over' : 'back'
    const span: [number, number] = [Math.min(i, j), Math.max(i, j)]
    let lane = lanes[way].findIndex((taken) => taken.every(([a, b]) => b <= span[0] || a >= span[1]))
    if (lane < 0) lane = lanes[way].push([]) - 1
    lanes[way][lane]!.push(span)
    edges.push({ from, to, way, lane })
  }
  return {
    nodes: [...stages.map((stage, i) => ({ key: stage.key, title: stage.title, y: i * ROW })), { key: END, title: end, y: stages.length * ROW }],
    edges,
    left: lanes.back.length,
    right: lanes.over.length,
    height: (stages.length + 1) * ROW,
  }
}
