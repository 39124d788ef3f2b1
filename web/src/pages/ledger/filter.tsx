import type { ReactNode } from 'react'
import { useSearchParams } from 'react-router'
import { Button } from 'antd'
import type { LineFilter } from '../../api/ledgers'
import { t as common } from '../../text'
import { Filters } from '../matters/Filters'
import { filtered, readFilter, writeFilter } from '../matters/filters'

/** The filter the three views share; it stands in the address. `keep` are a view's own parameters. */
export function useLineFilter(): { filter: LineFilter; own: (name: string) => string | undefined; setOwn: (name: string, value: string | undefined) => void; bar: (tools?: ReactNode) => ReactNode } {
  const [search, setSearch] = useSearchParams()
  const all = readFilter(search)
  const { order: _order, ...filter } = all
  const write = (next: LineFilter, own: Record<string, string>) => {
    const written = writeFilter(next)
    for (const [name, value] of Object.entries(own)) written.set(name, value)
    setSearch(written, { replace: true })
  }
  const owns = () => Object.fromEntries(['by'].flatMap((name) => (search.get(name) ? [[name, search.get(name)!]] : []))) as Record<string, string>
  return {
    filter,
    own: (name) => search.get(name) ?? undefined,
    setOwn: (name, value) => {
      const next = owns()
      if (value) next[name] = value
      else delete next[name]
      write(filter, next)
    },
    bar: (tools) => (
      <form className="filters no-print" role="search" onSubmit={(event) => event.preventDefault()}>
        <Filters filter={filter} set={(next) => write(next, owns())} />
        {filtered(filter) && <Button onClick={() => write({}, owns())}>{common('clear-filters')}</Button>}
        {tools}
      </form>
    ),
  }
}
