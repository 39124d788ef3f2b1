import { useQueryClient } from '@tanstack/react-query'
import { App, Button, Input } from 'antd'
import { useState } from 'react'
import { Link, useNavigate, useParams } from 'react-router'
import { api, ask } from '../../api/client'
import { useTask } from '../../api/task'
import { Field } from '../../components/Field'
import { Section } from '../../components/Page'
import { Failure, Loading, Nothing, ProblemAlert } from '../../components/States'
import { day } from '../../format'
import { PersonField } from './PersonField'
import { useDeparture } from './queries'
import { t } from './text'

/** Somebody leaves: what waits on them, who follows in each post, and then all of it in one piece. */
export function DeparturePage() {
  const { person = '' } = useParams()
  const query = useDeparture(person)
  const client = useQueryClient()
  const navigate = useNavigate()
  const { message } = App.useApp()
  const task = useTask()
  const [successors, setSuccessors] = useState<Record<string, string | undefined>>({})
  const [reason, setReason] = useState('')
  const left = query.data

  if (query.error && !left) return <Failure error={query.error} again={() => void query.refetch()} />
  if (!left) return <Loading />
  if (left.posts.length === 0) {
    return (
      <Nothing title={t('departure-nothing', { name: left.person.name })}>
        <Link to={`/admin/people/${person}`}>{t('back-to-person')}</Link>
      </Nothing>
    )
  }
  const vacant = left.posts.filter((post) => !successors[post.post] && post.others.length === 0)
  const depart = async () => {
    const chosen = Object.fromEntries(Object.entries(successors).filter((pair): pair is [string, string] => Boolean(pair[1])))
    const done = await task.run(async ({ header }) => {
      await ask(api.POST('/api/v1/people/{person}/departure', { params: { path: { person }, header }, body: { reason: reason.trim(), successors: chosen } }))
      await client.invalidateQueries()
    })
    if (!done) return
    void message.success(t('departed', { name: left.person.name }))
    void navigate(`/admin/people/${person}`)
  }
  return (
    <Section title={t('departure-of', { name: left.person.name })}>
      <p className="dim intro">{t('departure-hint')}</p>
      <table className="listing">
        <thead>
          <tr>
            <th scope="col">{t('col-post')}</th>
            <th scope="col">{t('col-waiting')}</th>
            <th scope="col">{t('col-others')}</th>
            <th scope="col">{t('col-successor')}</th>
          </tr>
        </thead>
        <tbody>
          {left.posts.map((post) => (
            <tr key={post.post}>
              <td>{post.title}</td>
              <td>
                {t('waiting', { n: post.waiting })}
                {post.overdue > 0 && <span className="tag tag-red">{t('overdue', { n: post.overdue })}</span>}
                {post.claimed > 0 && <span className="dim">{t('claimed-left', { n: post.claimed })}</span>}
              </td>
              <td>{post.others.map((one) => one.name).join('、') || t('nobody')}</td>
              <td className="col-mid-wide">
                <PersonField
                  label={t('successor-for', { post: post.title })}
                  value={successors[post.post]}
                  set={(next) => setSuccessors((before) => ({ ...before, [post.post]: next }))}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {left.deputies.length > 0 && (
        <>
          <h3>{t('departure-deputies')}</h3>
          <ul>
            {left.deputies.map((one) => (
              <li key={one.title + one.deputy.id + one.for.id}>
                {t('deputy-line', { deputy: one.deputy.name, for: one.for.name, post: one.title, to: day(one.to) })}
              </li>
            ))}
          </ul>
        </>
      )}
      {vacant.length > 0 && <p className="warn">{t('departure-vacant', { posts: vacant.map((post) => post.title).join('、') })}</p>}
      {task.problem && <ProblemAlert problem={task.problem} />}
      <div className="preview">
        <Field label={t('reason')} required hint={t('reason-hint')}>
          {(aria) => <Input {...aria} value={reason} onChange={(event) => setReason(event.target.value)} maxLength={400} />}
        </Field>
      </div>
      <div className="form-actions">
        <Button type="primary" danger disabled={!reason.trim()} loading={task.busy} onClick={() => void depart()}>
          {t('depart')}
        </Button>
        <Link to={`/admin/people/${person}`}>{t('back-to-person')}</Link>
      </div>
    </Section>
  )
}
