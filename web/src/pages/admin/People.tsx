import { useQueryClient } from '@tanstack/react-query'
import { Button, Input, Modal } from 'antd'
import { useDeferredValue, useState } from 'react'
import { Link } from 'react-router'
import { api, ask, type Schemas } from '../../api/client'
import { useTask } from '../../api/task'
import { Field } from '../../components/Field'
import { Listing, type Column } from '../../components/Listing'
import { Nothing, ProblemAlert } from '../../components/States'
import { useSession } from '../../session'
import { ActivationLink } from './ActivationLink'
import { usePeople } from './queries'
import { t } from './text'

type Person = Schemas['Person']

const now = () => new Date().toISOString()
const standing = (one: { from: string; to?: string }) => one.from <= now() && (!one.to || one.to > now())

const columns: Column<Person>[] = [
  {
    title: t('col-person'),
    className: 'col-main',
    cell: (person) => (
      <>
        <Link to={`/admin/people/${person.id}`} className="row-title">
          {person.name}
        </Link>
        <span className="dim">{person.login}</span>
      </>
    ),
  },
  {
    title: t('col-posts'),
    className: 'col-mid-wide',
    cell: (person) => {
      const posts = person.holdings.filter(standing).map((one) => one.title)
      return posts.length > 0 ? posts.join('、') : <span className="tag tag-amber">{t('no-post')}</span>
    },
  },
  { title: t('col-email'), className: 'col-post', cell: (person) => person.email },
  {
    title: t('col-state'),
    className: 'col-time',
    cell: (person) => <span className={`tag ${person.active ? 'tag-green' : 'tag-amber'}`}>{t(person.active ? 'active' : 'inactive')}</span>,
  },
]

/** Everybody with an account, and entering another. */
export function People() {
  const { me } = useSession()
  const [text, setText] = useState('')
  const [entering, setEntering] = useState(false)
  const query = usePeople(useDeferredValue(text.trim()))
  return (
    <>
      <div className="filters" role="search">
        <Input
          className="filter-text"
          value={text}
          onChange={(event) => setText(event.target.value)}
          placeholder={t('people-search')}
          aria-label={t('people-search')}
          maxLength={100}
          allowClear
        />
        {me.roles.includes('administrator') && (
          <Button type="primary" onClick={() => setEntering(true)}>
            {t('enter-person')}
          </Button>
        )}
      </div>
      <Listing query={query} columns={columns} keyOf={(person) => person.id} caption={t('people')} empty={<Nothing title={t('empty-people')} />} />
      {entering && <EnterPerson close={() => setEntering(false)} />}
    </>
  )
}

function EnterPerson({ close }: { close: () => void }) {
  const client = useQueryClient()
  const task = useTask()
  const [login, setLogin] = useState('')
  const [name, setName] = useState('')
  const [email, setEmail] = useState('')
  const [entered, setEntered] = useState<Schemas['CreatedPerson']>()
  const save = () =>
    task.run(async (params) => {
      const body = { login: login.trim(), name: name.trim(), email: email.trim() || undefined }
      setEntered(await ask(api.POST('/api/v1/people', { params, body })))
      await client.invalidateQueries({ queryKey: ['people'] })
    })
  if (entered) {
    return (
      <Modal open title={t('entered', { name: entered.person.name })} onCancel={close} footer={<Button onClick={close}>{t('close')}</Button>}>
        <ActivationLink link={entered.activation} />
        <p>
          <Link to={`/admin/people/${entered.person.id}`}>{t('give-post-next')}</Link>
        </p>
      </Modal>
    )
  }
  return (
    <Modal
      open
      title={t('enter-person')}
      onCancel={close}
      onOk={() => void save()}
      okText={t('enter')}
      okButtonProps={{ disabled: !login.trim() || !name.trim(), loading: task.busy }}
    >
      {task.problem && <ProblemAlert problem={task.problem} />}
      <Field label={t('login')} required hint={t('login-hint')}>
        {(aria) => <Input {...aria} value={login} onChange={(event) => setLogin(event.target.value)} maxLength={63} autoComplete="off" />}
      </Field>
      <Field label={t('name')} required>
        {(aria) => <Input {...aria} value={name} onChange={(event) => setName(event.target.value)} maxLength={64} autoComplete="off" />}
      </Field>
      <Field label={t('email')} hint={t('email-hint')}>
        {(aria) => <Input {...aria} type="email" value={email} onChange={(event) => setEmail(event.target.value)} maxLength={254} autoComplete="off" />}
      </Field>
    </Modal>
  )
}
