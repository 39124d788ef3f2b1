import type { UseInfiniteQueryResult, InfiniteData } from '@tanstack/react-query'
import { Button } from 'antd'
import type { ReactNode } from 'react'
import { Failure, Loading } from './States'
import { t } from '../text'

export type Column<T> = { title: string; cell: (item: T) => ReactNode; className?: string }

type Props<T, P extends { items: T[] }> = {
  query: UseInfiniteQueryResult<InfiniteData<P>>
  columns: Column<T>[]
  keyOf: (item: T) => string
  caption: string
  empty: ReactNode
  rowClass?: (item: T) => string
}

/** A list read page by page: a table on a desk, cards on a phone. */
export function Listing<T, P extends { items: T[] }>({ query, columns, keyOf, caption, empty, rowClass }: Props<T, P>) {
  if (query.error && !query.data) return <Failure error={query.error} again={() => void query.refetch()} />
  if (!query.data) return <Loading />
  const items = query.data.pages.flatMap((page) => page.items)
  return (
    <>
      {query.isRefetchError && <Failure error={query.error} again={() => void query.refetch()} />}
      {items.length === 0 ? (
        empty
      ) : (
        <table className={query.isPlaceholderData ? 'listing listing-stale' : 'listing'} aria-busy={query.isFetching}>
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
            {items.map((item) => (
              <tr key={keyOf(item)} className={rowClass?.(item)}>
                {columns.map((column) => (
                  <td key={column.title} className={column.className} data-label={column.title}>
                    {column.cell(item)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
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
