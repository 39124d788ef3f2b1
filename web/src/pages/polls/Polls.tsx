import { useInfiniteQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { Link } from 'react-router'
import catalogue from '../../../../internal/message/zh-CN/web-polls.json'
import { api, ask } from '../../api/client'
import { Page, Section } from '../../components/Page'
import { Failure, Loading, Nothing } from '../../components/States'
import { moment } from '../../format'
import { texts } from '../../text'

const t = texts(catalogue)

/** Votes of my units and of matters I may see. */
export default function Polls() {
  const query = useInfiniteQuery({
    queryKey: ['polls'],
    queryFn: ({ pageParam }) => ask(api.GET('/api/v1/polls', { params: { query: { cursor: pageParam || undefined } } })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next || undefined,
  })
  const polls = query.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Page title={t('title')}>
      {query.isPending && <Loading />}
      {query.isError && <Failure error={query.error} again={() => void query.refetch()} />}
      {query.isSuccess && polls.length === 0 && <Nothing title={t('none')} />}
      {polls.map((poll) => (
        <Section key={poll.id} title={poll.title} aside={<Link to={`/polls/${poll.id}`}>{t(poll.state === 'open' && poll.mine.some((voter) => voter.mayVote) ? 'vote' : 'see')}</Link>}>
          <p>
            {t(`state-${poll.state}`)}
            {poll.rehearsal && ` · ${t('rehearsal')}`} · {t('opens')} {moment(poll.opens)} · {t('closes')} {moment(poll.closes)}
          </p>
          <p>
            {t('units')} {t('of', { voted: poll.unitsVoted, roll: poll.units })}
            {poll.eligible > 0 && ` · ${t('public')} ${t('of', { voted: poll.publicVoted, roll: poll.eligible })}`}
          </p>
        </Section>
      ))}
      {query.hasNextPage && <Button onClick={() => void query.fetchNextPage()}>{t('more')}</Button>}
    </Page>
  )
}
