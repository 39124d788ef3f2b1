import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { MatterSummary } from '../api/client'
import { useMatters, type MatterFilter } from '../api/queries'
import { moment } from '../format'
import { t } from '../text'
import { Due, StateTag } from './Colour'
import { Listing, type Column } from './Listing'

const columns: Column<MatterSummary>[] = [
  {
    title: t('col-due'),
    className: 'col-due',
    cell: (one) => (one.closed ? <StateTag state={one.state} /> : <Due due={one.due} colour={one.colour} since={one.started} />),
  },
  {
    title: t('col-matter'),
    className: 'col-main',
    cell: (one) => (
      <>
        <Link to={`/matters/${one.id}`} className="row-title">
          {one.title}
        </Link>
        <span className="dim">{one.procedureTitle}</span>
      </>
    ),
  },
  {
    title: t('col-stage'),
    className: 'col-mid',
    cell: (one) => (
      <>
        {!one.closed && one.state !== 'open' && <StateTag state={one.state} />}
        {one.closed ? moment(one.closed) : one.stageTitle}
      </>
    ),
  },
  { title: t('col-holders'), className: 'col-post', cell: (one) => holdersOf(one) },
  { title: t('col-unit'), className: 'col-post', cell: (one) => one.unitName },
  { title: t('col-started'), className: 'col-time', cell: (one) => moment(one.started) },
]

/** The posts a matter waits on, shortened where they are many. */
function holdersOf({ holders }: MatterSummary): string {
  const [first, second, ...rest] = holders.map((holder) => holder.title)
  if (!first) return ''
  return rest.length > 0 ? t('and-others', { first, n: holders.length }) : [first, second].filter(Boolean).join('、')
}

export function MatterTable({ filter, empty }: { filter: MatterFilter; empty: ReactNode }) {
  const query = useMatters(filter)
  return (
    <Listing
      query={query}
      columns={columns}
      keyOf={(one) => one.id}
      rowClass={(one) => `row-${one.closed ? 'grey' : one.colour}`}
      caption={t('matters-caption')}
      empty={empty}
    />
  )
}
