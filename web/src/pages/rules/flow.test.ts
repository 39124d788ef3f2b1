import { describe, expect, it } from 'vitest'
import { flowOf, type Edge } from './flow'

const stage = (key: string, leads: Record<string, string[]>) => ({
  key,
  title: key,
  leads: Object.entries(leads).map(([action, to]) => ({ action: action as 'approve', to })),
})

describe('the picture of a procedure', () => {
  const flow = flowOf(
    [
      stage('draft', { approve: ['check'], withdraw: ['closed'] }),
      stage('check', { approve: ['sign'], return: ['draft'] }),
      stage('sign', { approve: ['closed'], return: ['check', 'draft'], finish: ['closed'] }),
      stage('late', { approve: ['closed'] }),
    ],
    'end',
  )
  const found = (from: string, to: string): Edge | undefined => flow.edges.find((edge) => edge.from === from && edge.to === to)

  it('goes on to what follows, over what lies between, and back', () => {
    expect(found('draft', 'check')?.way).toBe('on')
    expect(found('sign', 'closed')?.way).toBe('over')
    expect(found('sign', 'draft')?.way).toBe('back')
    expect(found('late', 'closed')?.way).toBe('on')
  })

  it('draws each way once, and no end that is none of completion', () => {
    expect(flow.edges.filter((edge) => edge.from === 'sign' && edge.to === 'closed')).toHaveLength(1)
    expect(found('draft', 'closed')).toBeUndefined()
  })

  it('gives ways that would meet lanes of their own', () => {
    const rows = new Map(flow.nodes.map((node, i) => [node.key, i]))
    for (const [i, one] of flow.edges.entries())
      for (const other of flow.edges.slice(i + 1)) {
        if (one.way === 'on' || one.way !== other.way || one.lane !== other.lane) continue
        const [a, b] = [one, other].map((edge) => [rows.get(edge.from)!, rows.get(edge.to)!].sort((x, y) => x - y)) as [[number, number], [number, number]]
        expect(a[1] <= b[0] || b[1] <= a[0]).toBe(true)
      }
    expect(flow.left).toBe(2)
  })
})
