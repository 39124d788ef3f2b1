import { Link } from 'react-router'
import type { MatterSummary } from '../api/client'
import type { MatterColumn } from '../api/ledgers'
import { fullDay, moment } from '../format'
import { t } from '../text'
import { Due, StateTag } from './Colour'
import type { Column } from './Listing'

const procedureToo = (one: MatterSummary) => <span className="dim">{one.procedureTitle}</span>

const title = (procedure: boolean): Column<MatterSummary> => ({
  title: t('col-matter'),
  className: 'col-main',
  cell: (one) => (
    <>
      <Link to={`/matters/${one.id}`} className="row-title">
        {one.title}
      </Link>
      {procedure && procedureToo(one)}
    </>
  ),
})

/** Every column a list of matters can show. */
export const MATTER_COLUMNS: Record<MatterColumn, Column<MatterSummary>> = {
  due: {
    title: t('col-due'),
    className: 'col-due',
    cell: (one) => (one.closed ? <StateTag state={one.state} /> : <Due due={one.due} colour={one.colour} since={one.started} />),
  },
  title: title(false),
  procedure: { title: t('col-procedure'), className: 'col-post', cell: (one) => one.procedureTitle },
  state: { title: t('col-state'), className: 'col-time', cell: (one) => <StateTag state={one.state} /> },
  stage: {
    title: t('col-stage'),
    className: 'col-mid',
    cell: (one) => (
      <>
        {!one.closed && one.state !== 'open' && <StateTag state={one.state} />}
        {one.closed ? t('ended-on', { at: moment(one.closed) }) : one.stageTitle}
      </>
    ),
  },
  holders: { title: t('col-holders'), className: 'col-post', cell: (one) => holdersOf(one) },
  owner: { title: t('col-owner'), className: 'col-post', cell: (one) => one.ownerName },
  leader: { title: t('col-leader'), className: 'col-leader', cell: (one) => one.leader },
  term: { title: t('col-term'), className: 'col-time', cell: (one) => (one.term ? fullDay(one.term) : '') },
  unit: { title: t('col-unit'), className: 'col-post', cell: (one) => one.unitName },
  starter: { title: t('col-starter'), className: 'col-post', cell: (one) => one.starter.name },
  started: { title: t('col-started'), className: 'col-time', cell: (one) => moment(one.started) },
  closed: { title: t('col-closed'), className: 'col-time', cell: (one) => (one.closed ? moment(one.closed) : '') },
}

/** The columns chosen; the procedure stands under the title where it has no column of its own. */
export const matterColumns = (chosen: readonly MatterColumn[]): Column<MatterSummary>[] =>
  chosen.map((column) => (column === 'title' ? title(!chosen.includes('procedure')) : MATTER_COLUMNS[column]))

/** The posts a matter waits on, shortened where they are many. */
function holdersOf({ holders }: MatterSummary): string {
  const [first, second, ...rest] = holders.map((holder) => holder.title)
  if (!first) return ''
  return rest.length > 0 ? t('and-others', { first, n: holders.length }) : [first, second].filter(Boolean).join('、')
}
