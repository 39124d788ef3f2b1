import { useQuery } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useState } from 'react'
import { api, ask, type Schemas } from '../../api/client'
import { useTask } from '../../api/task'
import { Field } from '../../components/Field'
import { Section } from '../../components/Page'
import { Failure, Loading, ProblemAlert } from '../../components/States'
import { useSession } from '../../session'
import { usePerson } from './queries'
import { t } from './text'

const AGAIN = 10_000 // milliseconds between two looks at how the mail fares

/** The channels by which people are told, how they fare, and a mail to try the server. */
export function Channels() {
  const { me } = useSession()
  const query = useQuery({ queryKey: ['channels'], queryFn: ({ signal }) => ask(api.GET('/api/v1/channels', { signal })), refetchInterval: AGAIN })
  if (query.error && !query.data) return <Failure error={query.error} again={() => void query.refetch()} />
  if (!query.data) return <Loading />
  return (
    <>
      {query.data.items.map((channel) => (
        <Section key={channel.key} title={channel.title} aside={<State channel={channel} />}>
          <p>{t(`channel-${channel.key}`)}</p>
          {channel.key === 'mail' && (
            <>
              {channel.on ? (
                <p className={channel.failing ? 'warn' : 'dim'}>
                  {t('mail-figures', { server: channel.address ?? '', waiting: channel.waiting ?? 0, failing: channel.failing ?? 0 })}
                </p>
              ) : (
                <p className="warn">{t('mail-off')}</p>
              )}
              {channel.on && me.roles.includes('administrator') && <Trial person={me.person.id} />}
            </>
          )}
        </Section>
      ))}
    </>
  )
}

const State = ({ channel }: { channel: Schemas['Channel'] }) => {
  const kind = !channel.on ? 'off' : channel.failing ? 'failing' : 'on'
  return <span className={`tag ${kind === 'on' ? 'tag-green' : kind === 'failing' ? 'tag-red' : 'tag-amber'}`}>{t(`channel-is-${kind}`)}</span>
}

function Trial({ person }: { person: string }) {
  const own = usePerson(person).data?.email
  const task = useTask()
  const [to, setTo] = useState<string>()
  const [outcome, setOutcome] = useState<Schemas['MailTrial']>()
  const address = (to ?? own ?? '').trim()
  const send = () => {
    setOutcome(undefined)
    return task.run(async (params) => setOutcome(await ask(api.POST('/api/v1/channels/mail/trials', { params, body: { to: address } }))))
  }
  return (
    <>
      <Field label={t('trial-to')}>
        {(aria) => <Input {...aria} type="email" className="filter-text" value={to ?? own ?? ''} onChange={(event) => setTo(event.target.value)} maxLength={254} />}
      </Field>
      <Button onClick={() => void send()} loading={task.busy} disabled={!address.includes('@')}>
        {t('trial')}
      </Button>
      {task.problem && <ProblemAlert problem={task.problem} />}
      {outcome && (
        <p role="status" className={outcome.accepted ? 'ok' : 'warn'}>
          {outcome.message}
        </p>
      )}
    </>
  )
}
