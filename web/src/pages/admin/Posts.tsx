import { useQueryClient } from '@tanstack/react-query'
import { Button, Input, Modal } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { api, ask, type Schemas } from '../../api/client'
import { useTask } from '../../api/task'
import { Field } from '../../components/Field'
import { Section } from '../../components/Page'
import { ProblemAlert } from '../../components/States'
import { DateField } from '../../form/DateField'
import { day } from '../../format'
import { AnyPostField } from './AnyPostField'
import { ColleagueField } from './ColleagueField'
import { PersonField } from './PersonField'
import { t } from './text'

type Person = Schemas['Person']

const past = (to: string | undefined) => to !== undefined && to <= new Date().toISOString()
const span = (from: string, to: string | undefined) => (to ? t('from-to', { from: day(from), to: day(to) }) : t('from-on', { from: day(from) }))
/** A civil day begins and ends at midnight, UTC+8. */
const startOf = (date: string) => `${date}T00:00:00+08:00`

function useChange(person: string) {
  const client = useQueryClient()
  const task = useTask()
  const change: typeof task.run = (what) =>
    task.run(async (keyed) => {
      await what(keyed)
      await Promise.all([['person', person], ['people'], ['posts']].map((queryKey) => client.invalidateQueries({ queryKey })))
    })
  return { ...task, change }
}

/** The posts a person holds and held. */
export function Holdings({ person, mayChange }: { person: Person; mayChange: boolean }) {
  const { busy, problem, change } = useChange(person.id)
  const [giving, setGiving] = useState(false)
  const end = (holding: string) =>
    change(() => ask(api.DELETE('/api/v1/people/{person}/holdings/{holding}', { params: { path: { person: person.id, holding } } })))
  const stands = person.holdings.some((one) => !past(one.to))
  return (
    <Section
      title={t('posts')}
      aside={
        mayChange && (
          <span className="links">
            {stands && <Link to={`/admin/people/${person.id}/departure`}>{t('departure')}</Link>}
            <Button onClick={() => setGiving(true)}>{t('give-post')}</Button>
          </span>
        )
      }
    >
      {problem && <ProblemAlert problem={problem} />}
      {person.holdings.length === 0 && <p className="dim">{t('no-post')}</p>}
      <ul className="slip-list">
        {person.holdings.map((one) => (
          <li key={one.id} className={past(one.to) ? 'dim' : undefined}>
            <b>{one.title}</b>
            <span>{span(one.from, one.to)}</span>
            {mayChange && !past(one.to) && (
              <Button size="small" loading={busy} onClick={() => void end(one.id)}>
                {t('end-post')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {giving && <GivePost person={person} close={() => setGiving(false)} />}
    </Section>
  )
}

function GivePost({ person, close }: { person: Person; close: () => void }) {
  const { busy, problem, change } = useChange(person.id)
  const [post, setPost] = useState<string>()
  const [from, setFrom] = useState<string>()
  const [to, setTo] = useState<string>()
  const save = async () => {
    const done = await change(({ header }) =>
      ask(
        api.POST('/api/v1/people/{person}/holdings', {
          params: { path: { person: person.id }, header },
          body: { post: post!, from: from && startOf(from), to: to && startOf(to) },
        }),
      ),
    )
    if (done) close()
  }
  return (
    <Modal open title={t('give-post')} onCancel={close} onOk={() => void save()} okText={t('save')} okButtonProps={{ disabled: !post, loading: busy }}>
      {problem && <ProblemAlert problem={problem} />}
      <Field label={t('col-post')} required>
        {(aria) => <AnyPostField {...aria} value={post} set={setPost} />}
      </Field>
      <Field label={t('from')} hint={t('from-hint')}>
        {(aria) => <DateField {...aria} value={from} set={setFrom} />}
      </Field>
      <Field label={t('to')} hint={t('to-hint')}>
        {(aria) => <DateField {...aria} value={to} set={setTo} />}
      </Field>
    </Modal>
  )
}

/** Who acts for a person in which post, and until when. */
export function Deputies({ person, mayChange, organisation }: { person: Person; mayChange: boolean; organisation?: string }) {
  const { busy, problem, change } = useChange(person.id)
  const [naming, setNaming] = useState(false)
  const end = (deputy: string) =>
    change(() => ask(api.DELETE('/api/v1/people/{person}/deputies/{deputy}', { params: { path: { person: person.id, deputy } } })))
  const posts = person.holdings.filter((one) => !past(one.to))
  return (
    <Section title={t('deputies')} aside={mayChange && posts.length > 0 && <Button onClick={() => setNaming(true)}>{t('name-deputy')}</Button>}>
      {problem && <ProblemAlert problem={problem} />}
      {person.deputies.length === 0 && <p className="dim">{t('no-deputy')}</p>}
      <ul className="slip-list">
        {person.deputies.map((one) => (
          <li key={one.id} className={past(one.to) ? 'dim' : undefined}>
            <b>{one.deputy.name}</b>
            <span>{one.title}</span>
            <span>{span(one.from, one.to)}</span>
            {one.reason && <span className="dim">{one.reason}</span>}
            {mayChange && !past(one.to) && (
              <Button size="small" loading={busy} onClick={() => void end(one.id)}>
                {t('end-deputy')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {naming && <NameDeputy person={person} posts={posts} organisation={organisation} close={() => setNaming(false)} />}
    </Section>
  )
}

type Naming = { person: Person; posts: Schemas['Holding'][]; organisation: string | undefined; close: () => void }

/** Within an organisation one chooses among colleagues; the security administrator, without one, among everybody. */
function NameDeputy({ person, posts, organisation, close }: Naming) {
  const { busy, problem, change } = useChange(person.id)
  const [post, setPost] = useState<string | undefined>(posts[0]?.post)
  const [deputy, setDeputy] = useState<string>()
  const [to, setTo] = useState<string>()
  const [reason, setReason] = useState('')
  const save = async () => {
    const done = await change(({ header }) =>
      ask(
        api.POST('/api/v1/people/{person}/deputies', {
          params: { path: { person: person.id }, header },
          body: { post: post!, deputy: deputy!, to: startOf(to!), reason: reason.trim() || undefined },
        }),
      ),
    )
    if (done) close()
  }
  return (
    <Modal
      open
      title={t('name-deputy')}
      onCancel={close}
      onOk={() => void save()}
      okText={t('save')}
      okButtonProps={{ disabled: !post || !deputy || !to, loading: busy }}
    >
      {problem && <ProblemAlert problem={problem} />}
      <Field label={t('col-post')} required>
        {(aria) => <AnyPostField {...aria} among={posts} value={post} set={setPost} />}
      </Field>
      <Field label={t('deputy')} required>
        {(aria) =>
          organisation ? (
            <ColleagueField {...aria} organisation={organisation} not={person.id} value={deputy} set={setDeputy} />
          ) : (
            <PersonField {...aria} value={deputy} set={setDeputy} />
          )
        }
      </Field>
      <Field label={t('deputy-to')} required hint={t('deputy-to-hint')}>
        {(aria) => <DateField {...aria} value={to} set={setTo} />}
      </Field>
      <Field label={t('reason')}>{(aria) => <Input {...aria} value={reason} onChange={(event) => setReason(event.target.value)} maxLength={400} />}</Field>
    </Modal>
  )
}
