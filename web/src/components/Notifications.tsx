import { useQueryClient } from '@tanstack/react-query'
import { Button, Drawer } from 'antd'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { api, ask, once, type Problem, type Schemas } from '../api/client'
import { problemOf } from '../api/problem'
import { useNotifications } from '../api/queries'
import { moment } from '../format'
import { t } from '../text'
import { Failure, Loading, Nothing, ProblemAlert } from './States'

/** Where what concerns no matter is seen to, by kind. */
const pages: Record<string, string> = {
  incident: '/operations',
  proposed: '/admin/organisations',
  departed: '/admin/people',
  disabled: '/admin/people',
}

/** What is new for me, latest first; opening one marks it as read. */
export default function Notifications({ open, close }: { open: boolean; close: () => void }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const query = useNotifications(open)
  const [problem, setProblem] = useState<Problem>()
  const items = query.data?.pages.flatMap((page) => page.items)
  const unread = query.data?.pages[0]?.unread ?? 0

  const read = async (body: Schemas['ReadNotifications']) => {
    setProblem(undefined)
    try {
      await ask(api.POST('/api/v1/notifications/read', { params: once(), body }))
      await Promise.all([client.invalidateQueries({ queryKey: ['notifications'] }), client.invalidateQueries({ queryKey: ['me'] })])
    } catch (error) {
      setProblem(problemOf(error))
    }
  }
  const visit = (item: Schemas['Notification']) => {
    if (!item.read) void read({ ids: [item.id] })
    const to = item.matter ? `/matters/${item.matter}` : pages[item.kind]
    if (!to) return
    close()
    void navigate(to)
  }

  return (
    <Drawer
      open={open}
      onClose={close}
      title={t('notifications')}
      size={Math.min(420, window.innerWidth)}
      extra={
        unread > 0 && items?.[0] ? (
          <Button size="small" onClick={() => void read({ upTo: items[0]!.id })}>
            {t('read-all')}
          </Button>
        ) : null
      }
    >
      {problem && <ProblemAlert problem={problem} />}
      {query.error && !items && <Failure error={query.error} again={() => void query.refetch()} />}
      {!items && !query.error && <Loading />}
      {items?.length === 0 && <Nothing title={t('no-notifications')} />}
      <ul className="news">
        {items?.map((item) => (
          <li key={item.id} className={item.read ? 'news-item' : 'news-item news-unread'}>
            <button type="button" onClick={() => visit(item)}>
              <span className="news-title">
                {!item.read && <span className="tag tag-unread">{t('unread')}</span>}
                {item.urgent && <span className="tag tag-red">{t('urgent')}</span>}
                {item.title}
              </span>
              <time dateTime={item.at}>{moment(item.at)}</time>
            </button>
          </li>
        ))}
      </ul>
      {query.hasNextPage && (
        <Button block onClick={() => void query.fetchNextPage()} loading={query.isFetchingNextPage}>
          {t('load-more')}
        </Button>
      )}
    </Drawer>
  )
}
