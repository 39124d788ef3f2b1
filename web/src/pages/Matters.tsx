import { Button } from 'antd'
import { Link, useSearchParams } from 'react-router'
import { useColumns, useImports } from '../api/ledgers'
import type { MatterFilter } from '../api/queries'
import { ExportButton } from '../components/ExportButton'
import { MatterTable } from '../components/MatterTable'
import { Page } from '../components/Page'
import { Nothing } from '../components/States'
import { t as common, texts } from '../text'
import catalogue from '../../../internal/message/zh-CN/web-matters.json'
import { Chooser } from './matters/Chooser'
import { Filters } from './matters/Filters'
import { filtered, readFilter, USUAL, writeFilter } from './matters/filters'
import { Saved } from './matters/Saved'

const t = texts(catalogue)

/** All matters I may see, by words and filters that stand in the address, so that a list can be kept and sent on. */
export default function Matters() {
  const [search, setSearch] = useSearchParams()
  const { columns, choose } = useColumns()
  const imports = useImports()
  const filter = readFilter(search)
  const set = (next: MatterFilter) => setSearch(writeFilter(next), { replace: true })
  const shown = columns.length > 0 ? columns : USUAL
  const some = filtered(filter)

  return (
    <Page
      title={common('matters')}
      wide
      aside={
        <span className="page-tools">
          {imports.data && (imports.data.kinds.length > 0 || imports.data.items.length > 0) && <Link to="/matters/import">{t('import')}</Link>}
          <Chooser chosen={shown} choose={choose} />
          <ExportButton what={{ what: 'matters', filter, columns: [...shown] }} />
        </span>
      }
    >
      <Saved query={writeFilter(filter).toString()} filtered={some} />
      <form className="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <Filters filter={filter} set={set} order />
        {some && <Button onClick={() => set({})}>{common('clear-filters')}</Button>}
      </form>
      <div className={shown.length > 6 ? 'many scroll' : undefined}>
        <MatterTable filter={filter} shown={shown} empty={<Nothing title={common(some ? 'empty-search' : 'empty-matters')} />} />
      </div>
    </Page>
  )
}
