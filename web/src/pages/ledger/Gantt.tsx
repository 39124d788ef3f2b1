import { useNavigate } from 'react-router'
import type { ChartMatter } from '../../api/ledgers'
import { day, moment } from '../../format'
import { coded, texts } from '../../text'
import catalogue from '../../../../internal/message/zh-CN/web-ledger.json'
import { bars, extent, fit, nowOf, place, ticks, type Extent } from './chart'

const t = texts(catalogue)
type Props = { items: readonly ChartMatter[]; over?: Extent; width: number; row?: number; size?: number; now: Date; label: string }

/** The chart of some matters: above in each row the plan by the rules, below the stages as they went, and today's line. */
export function Gantt({ items, over, width, row = 40, size = 13, now, label }: Props) {
  const navigate = useNavigate()
  const left = Math.min(Math.round(width * 0.3), 24 * size)
  const right = width - 10
  const span = over ?? extent(items, now.getTime())
  const head = Math.round(size * 3) // of two lines above the rows: today, and the scale
  const height = head + items.length * row + 4
  const today = place(now.getTime(), span, left, right)
  const open = (id: string) => void navigate(`/matters/${id}`)
  return (
    <svg className="gantt" viewBox={`0 0 ${width} ${height}`} width="100%" role="group" aria-label={label} fontSize={size}>
      {ticks(span, ((right - left) * 13) / size, { day: (month, date) => t('tick-day', { month, day: date }), month: (year, month) => t('tick-month', { year, month }) }).map((tick) => {
        const x = place(tick.at, span, left, right)
        return (
          <g key={tick.at}>
            <line x1={x} x2={x} y1={head - 6} y2={height} className={tick.strong ? 'gantt-tick gantt-tick-strong' : 'gantt-tick'} />
            <text x={x + 3} y={head - 10} className="gantt-scale" fontSize={size - 1}>
              {tick.label}
            </text>
          </g>
        )
      })}
      {items.map((one, i) => {
        const y = head + i * row
        const here = nowOf(one, now.getTime())
        const colour = one.matter.closed ? 'grey' : one.matter.colour
        const inner = row - 8
        const shown = fit(one.matter.title, left - 16, size)
        return (
          <g key={one.matter.id}>
            <rect x={0} y={y} width={width} height={row} className={i % 2 === 0 ? 'gantt-row' : 'gantt-row gantt-row-odd'} />
            <rect x={0} y={y + 3} width={4} height={row - 6} className={`gantt-mark gantt-${colour}`} />
            <a
              href={`/matters/${one.matter.id}`}
              onClick={(event) => {
                event.preventDefault()
                open(one.matter.id)
              }}
              aria-label={[...new Set([shown, one.matter.title]), coded('colour', one.matter.colour)].join('，')} // what is shown, and whole
            >
              <text x={12} y={y + row * 0.42} className="gantt-title">
                {shown}
                <title>{one.matter.title}</title>
              </text>
            </a>
            <text x={12} y={y + row * 0.82} className="gantt-who" fontSize={size - 1.5}>
              {fit([one.matter.ownerName, one.matter.closed ? coded('state', one.matter.state) : one.matter.stageTitle].filter(Boolean).join(' · '), left - 16, size - 1.5)}
            </text>
            {bars(one.plan, here, span, left, right).map((bar) => (
              <rect key={`p${bar.from}${bar.title}`} x={bar.x} y={y + 4} width={bar.width} height={inner * 0.36} className="gantt-plan">
                <title>{t('plan-of', { stage: bar.title, from: moment(new Date(bar.from)), to: moment(new Date(bar.to)) })}</title>
              </rect>
            ))}
            {bars(one.progress, here, span, left, right).map((bar) => (
              <g key={`r${bar.from}${bar.title}`}>
                <rect
                  x={bar.x}
                  y={y + 4 + inner * 0.42}
                  width={bar.width}
                  height={inner * 0.54}
                  rx={2}
                  className={`gantt-done gantt-${bar.late ? 'red' : bar.open ? colour : 'past'}${bar.open ? ' gantt-open' : ''}`}
                >
                  <title>
                    {t(bar.open ? 'progress-open' : 'progress-of', { stage: bar.title, from: moment(new Date(bar.from)), to: moment(new Date(bar.to)) })}
                    {bar.late ? t('progress-late') : ''}
                  </title>
                </rect>
                {bar.width > size * 4 && (
                  <text x={bar.x + 5} y={y + 4 + inner * 0.84} className="gantt-stage" fontSize={size - 2}>
                    {fit(bar.title, bar.width, size - 2)}
                  </text>
                )}
              </g>
            ))}
            {one.now && <line x1={place(here, span, left, right)} x2={place(here, span, left, right)} y1={y} y2={y + row} className="gantt-now gantt-now-own" />}
          </g>
        )
      })}
      <line x1={today} x2={today} y1={head - 6} y2={height} className="gantt-now" />
      <text x={today + 3} y={size} className="gantt-today" fontSize={size - 1}>
        {t('today', { day: day(now) })}
      </text>
    </svg>
  )
}

/** What the colours and lines of the chart mean. */
export const Legend = () => (
  <ul className="legend" aria-label={t('legend')}>
    <li className="legend-plan">{t('legend-plan')}</li>
    <li className="legend-past">{t('legend-past')}</li>
    <li className="legend-green">{coded('colour', 'green')}</li>
    <li className="legend-amber">{coded('colour', 'amber')}</li>
    <li className="legend-red">{t('legend-late')}</li>
    <li className="legend-now">{t('legend-now')}</li>
  </ul>
)
