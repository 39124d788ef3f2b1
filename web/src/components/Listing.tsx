import type { UseInfiniteQueryResult, InfiniteData } from '@tanstack/react-query'
import { Button } from 'antd'
import type { ReactNode } from 'react'
import { Failure, Loading } from './States'
import { t } from '../text'

/** A column; a cell may look at the item of the row before. */
export type Column<T> = { title: string; cell: (item: T, before?: T) => ReactNode; className?: string }

type Table<T> = {
  columns: Column<T>[]
  keyOf: (item: T) => string
  caption: string
  rowClass?: (item: T) => string | undefined
  className?: string
}

type Props<T, P extends { items: T[] }> = Table<T> & {
  query: UseInfiniteQueryResult<InfiniteData<P>>
  empty: ReactNode
}

/** A list read page by page. */
export function Listing<T, P extends { items: T[] }>({ query, empty, className = '', ...table }: Props<T, P>) {
  if (query.error && !query.data) return <Failure error={query.error} again={() => void query.refetch()} />
  if (!query.data) return <Loading />
  const items = query.data.pages.flatMap((page) => page.items)
  return (
    <>
      {query.isRefetchError && <Failure error={query.error} again={() => void query.refetch()} />}
      {items.length === 0 ? (
        empty
      ) : (
        <Rows {...table} items={items} busy={query.isFetching} className={query.isPlaceholderData ? `${className} listing-stale` : className} />
      )}
      {query.hasNextPage && (
        <div className="more">
          <Button onClick={() => void query.fetchNextPage()} loading={query.isFetchingNextPage}>
            {t('load-more')}
          </Button>
        </div>
      )}
    </>
  )
}

/** Items as a table on a desk, as cards on a phone. */
export function Rows<T>({ items, columns, keyOf, caption, rowClass, className = '', busy }: Table<T> & { items: T[]; busy?: boolean }) {
  return (
    <table className={`listing ${className}`.trim()} aria-busy={busy}>
      <caption className="sr-only">{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.title} scope="col" className={column.className}>
              {column.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {items.map((item, i) => (
          <tr key={keyOf(item)} className={rowClass?.(item)}>
            {columns.map((column) => (
              <td key={column.title} className={column.className} data-label={column.title}>
                {column.cell(item, items[i - 1])}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
