import type { ReactNode } from 'react'
import type { MatterColumn } from '../api/ledgers'
import { useMatters, type MatterFilter } from '../api/queries'
import { t } from '../text'
import { Listing } from './Listing'
import { matterColumns } from './matterColumns'

const OF_MINE: readonly MatterColumn[] = ['due', 'title', 'stage', 'holders', 'unit', 'started']

export function MatterTable({ filter, empty, shown = OF_MINE }: { filter: MatterFilter; empty: ReactNode; shown?: readonly MatterColumn[] }) {
  const query = useMatters(filter)
  return (
    <Listing
      query={query}
      columns={matterColumns(shown)}
      keyOf={(one) => one.id}
      rowClass={(one) => `row-${one.closed ? 'grey' : one.colour}`}
      caption={t('matters-caption')}
      empty={empty}
    />
  )
}
