import { END, flowOf, ROW, type Edge, type Flow as Picture } from './flow'
import type { ProcedureView } from './queries'
import { t } from './text'

const WIDTH = 210
const BOX = 36
const LANE = 16
const EDGE = 10

/** A procedure as a picture. Whoever cannot see it has the list of stages, which says the same and more. */
export function Flow({ procedure }: { procedure: ProcedureView }) {
  const flow = flowOf(procedure.stages, t('picture-end'))
  const left = EDGE + flow.left * LANE + LANE
  const width = left + WIDTH + LANE + flow.right * LANE + EDGE
  const row = new Map(flow.nodes.map((node) => [node.key, node.y]))
  return (
    <figure className="flow">
      <svg width={width} height={flow.height} viewBox={`0 0 ${width} ${flow.height}`} role="img" aria-label={t('picture', { title: procedure.title })}>
        <defs>
          {(['on', 'over', 'back'] as const).map((way) => (
            <marker key={way} id={`flow-${way}`} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
              <path d="M0 0L8 4L0 8z" className={`flow-head-${way}`} />
            </marker>
          ))}
        </defs>
        {flow.edges.map((edge) => (
          <path
            key={`${edge.from}-${edge.to}`}
            d={pathOf(edge, row, left)}
            className={`flow-way flow-${edge.way}`}
            markerEnd={`url(#flow-${edge.way})`}
          />
        ))}
        {flow.nodes.map((node) => (
          <Box key={node.key} node={node} left={left} />
        ))}
      </svg>
      <figcaption className="dim">{t('picture-hint')}</figcaption>
    </figure>
  )
}

function Box({ node, left }: { node: Picture['nodes'][number]; left: number }) {
  const end = node.key === END
  const title = node.title.length > 13 ? `${node.title.slice(0, 12)}…` : node.title
  return (
    <g className={end ? 'flow-box flow-end' : 'flow-box'} onClick={end ? undefined : () => document.getElementById(`stage-${node.key}`)?.scrollIntoView({ block: 'center' })}>
      <title>{end ? node.title : t('picture-stage', { title: node.title })}</title>
      <rect x={left} y={node.y + 8} width={WIDTH} height={BOX} rx={end ? BOX / 2 : 4} />
      <text x={left + WIDTH / 2} y={node.y + 8 + BOX / 2} textAnchor="middle" dominantBaseline="central">
        {title}
      </text>
    </g>
  )
}

function pathOf(edge: Edge, row: Map<string, number>, left: number): string {
  const from = (row.get(edge.from) ?? 0) + 8
  const to = (row.get(edge.to) ?? row.get(END)!) + 8
  const middle = left + WIDTH / 2
  if (edge.way === 'on') return `M${middle} ${from + BOX}V${from + ROW - 2}`
  const out = LANE * (edge.lane + 1)
  const [x, far] = edge.way === 'over' ? [left + WIDTH, left + WIDTH + out] : [left, left - out]
  const [a, b] = edge.way === 'over' ? [from + BOX - 8, to + 10] : [from + 8, to + BOX - 10]
  return `M${x} ${a}H${far}V${b}H${edge.way === 'over' ? x + 2 : x - 2}`
}
