import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { api, ask } from '../../api/client'
import { Page, Section } from '../../components/Page'
import { Failure, Loading } from '../../components/States'
import { useSession } from '../../session'
import { t as common } from '../../text'
import { Deputies, Holdings } from './Posts'
import { usePerson } from './queries'
import { Sessions } from './Sessions'
import { t } from './text'

const endMine = (session: string) => ask(api.DELETE('/api/v1/sessions/{session}', { params: { path: { session } } }))

/** What is one's own: posts, who acts for one, and where one is logged in. */
export default function Account() {
  const { me } = useSession()
  const person = usePerson(me.person.id)
  const sessions = useQuery({ queryKey: ['my-sessions'], queryFn: ({ signal }) => ask(api.GET('/api/v1/sessions', { signal })) })
  const organisation = me.posts.find((post) => !post.deputyFor)?.organisation
  return (
    <Page title={t('account')} aside={<Link to="/password">{common('change-password')}</Link>}>
      <p className="dim">{t('account-hint')}</p>
      {person.error && !person.data && <Failure error={person.error} again={() => void person.refetch()} />}
      {!person.error && !person.data && <Loading />}
      {person.data && (
        <>
          <Holdings person={person.data} mayChange={false} />
          <Deputies person={person.data} mayChange={organisation !== undefined} organisation={organisation} />
        </>
      )}
      <Section title={t('sessions')}>
        <Sessions query={sessions} end={endMine} />
      </Section>
    </Page>
  )
}
