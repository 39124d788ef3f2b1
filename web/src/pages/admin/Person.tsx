import { useQueryClient } from '@tanstack/react-query'
import { App, Button, Input, Modal } from 'antd'
import { useState } from 'react'
import { Link, useParams } from 'react-router'
import { api, ask, type Schemas } from '../../api/client'
import { useTask } from '../../api/task'
import { Field } from '../../components/Field'
import { Section } from '../../components/Page'
import { Failure, Loading, ProblemAlert } from '../../components/States'
import { useSession } from '../../session'
import { ActivationLink } from './ActivationLink'
import { Deputies, Holdings } from './Posts'
import { usePerson, usePersonSessions } from './queries'
import { Sessions } from './Sessions'
import { t } from './text'

/** One person: account, posts, deputies, sessions; what another administrator changes is shown without the buttons. */
export function PersonPage() {
  const { person: id = '' } = useParams()
  const { me } = useSession()
  const query = usePerson(id)
  const sessions = usePersonSessions(id)
  const person = query.data
  if (query.error && !person) return <Failure error={query.error} again={() => void query.refetch()} />
  if (!person) return <Loading />
  const security = me.roles.includes('security')
  const end = (session: string) =>
    ask(api.DELETE('/api/v1/people/{person}/sessions/{session}', { params: { path: { person: id, session } } }))
  return (
    <>
      <p className="intro">
        <Link to="/admin/people">{t('back-to-people')}</Link>
      </p>
      <Account person={person} mayChange={me.roles.includes('administrator')} />
      <Holdings person={person} mayChange={security} />
      <Deputies person={person} mayChange={security} />
      {!me.roles.includes('auditor') && (
        <Section title={t('sessions')}>
          <Sessions query={sessions} end={end} />
        </Section>
      )}
    </>
  )
}

function Account({ person, mayChange }: { person: Schemas['Person']; mayChange: boolean }) {
  const client = useQueryClient()
  const task = useTask()
  const { modal, message } = App.useApp()
  const [editing, setEditing] = useState(false)
  const [link, setLink] = useState<Schemas['ActivationLink']>()
  const refresh = () => Promise.all(['person', 'people', 'person-sessions'].map((key) => client.invalidateQueries({ queryKey: [key] })))
  const setActive = (active: boolean) =>
    task.run(async () => {
      await ask(api.PUT('/api/v1/people/{person}/active', { params: { path: { person: person.id } }, body: { active } }))
      await refresh()
      void message.success(t(active ? 'restored' : 'barred'))
    })
  const renew = () =>
    task.run(async ({ header }) => {
      setLink(await ask(api.POST('/api/v1/people/{person}/activations', { params: { path: { person: person.id }, header } })))
    })
  const bar = () =>
    modal.confirm({
      title: t('bar-title', { name: person.name }),
      content: t('bar-hint'),
      okText: t('bar'),
      okButtonProps: { danger: true },
      onOk: () => setActive(false).then(() => undefined),
    })
  return (
    <Section
      title={person.name}
      aside={
        mayChange && (
          <span className="links">
            <Button onClick={() => setEditing(true)}>{t('correct')}</Button>
            <Button onClick={() => void renew()} loading={task.busy}>
              {t('new-link')}
            </Button>
            <Button danger onClick={bar}>
              {t('bar')}
            </Button>
            {!person.active && <Button onClick={() => void setActive(true)}>{t('restore')}</Button>}
          </span>
        )
      }
    >
      {task.problem && <ProblemAlert problem={task.problem} />}
      {link && <ActivationLink link={link} />}
      <dl className="form-view">
        <div>
          <dt>{t('login')}</dt>
          <dd>{person.login}</dd>
        </div>
        <div>
          <dt>{t('email')}</dt>
          <dd>{person.email ?? t('nothing-given')}</dd>
        </div>
        <div>
          <dt>{t('col-state')}</dt>
          <dd>{t(person.active ? 'active' : 'inactive')}</dd>
        </div>
      </dl>
      {editing && <Correct person={person} close={() => setEditing(false)} />}
    </Section>
  )
}

function Correct({ person, close }: { person: Schemas['Person']; close: () => void }) {
  const client = useQueryClient()
  const task = useTask()
  const [name, setName] = useState(person.name)
  const [email, setEmail] = useState(person.email ?? '')
  const save = async () => {
    const done = await task.run(async () => {
      const body = { name: name.trim(), email: email.trim() || undefined }
      await ask(api.PUT('/api/v1/people/{person}', { params: { path: { person: person.id } }, body }))
      await client.invalidateQueries()
    })
    if (done) close()
  }
  return (
    <Modal
      open
      title={t('correct')}
      onCancel={close}
      onOk={() => void save()}
      okText={t('save')}
      okButtonProps={{ disabled: !name.trim(), loading: task.busy }}
    >
      {task.problem && <ProblemAlert problem={task.problem} />}
      <Field label={t('name')} required>
        {(aria) => <Input {...aria} value={name} onChange={(event) => setName(event.target.value)} maxLength={64} />}
      </Field>
      <Field label={t('email')} hint={t('email-hint')}>
        {(aria) => <Input {...aria} type="email" value={email} onChange={(event) => setEmail(event.target.value)} maxLength={254} />}
      </Field>
    </Modal>
  )
}
