import { useQueryClient } from '@tanstack/react-query'
import { App, Button, Input, Modal } from 'antd'
import { useState } from 'react'
import { api, ask, type Schemas } from '../../api/client'
import { useTask } from '../../api/task'
import { Field } from '../../components/Field'
import { Section } from '../../components/Page'
import { Failure, ProblemAlert } from '../../components/States'
import { moment } from '../../format'
import { useSession } from '../../session'
import { useUnitChanges } from './queries'
import { t } from './text'

type Change = Schemas['OrganisationChange']

const STATES: Record<Change['state'], string> = {
  open: t('change-open'),
  confirmed: t('change-confirmed'),
  refused: t('change-refused'),
  withdrawn: t('change-withdrawn'),
}

/** The changes that wait for the other administrator, with what follows of each; those that were decided folded away. */
export function UnitChanges({ organisation }: { organisation: string }) {
  const query = useUnitChanges(organisation)
  if (query.error && !query.data) return <Failure error={query.error} again={() => void query.refetch()} />
  const open = query.data?.items.filter((one) => one.state === 'open') ?? []
  const settled = query.data?.items.filter((one) => one.state !== 'open') ?? []
  if (open.length + settled.length === 0) return null
  return (
    <Section title={t('unit-changes')}>
      {open.length === 0 && <p className="dim">{t('no-open-changes')}</p>}
      {open.map((one) => (
        <Open key={one.id} organisation={organisation} change={one} />
      ))}
      {settled.length > 0 && (
        <details>
          <summary>{t('settled-changes', { n: settled.length })}</summary>
          <ul className="slip-list">
            {settled.map((one) => (
              <li key={one.id}>
                <b>{one.sentence}</b>
                <span className="tag">{STATES[one.state]}</span>
                <span className="dim">{t('change-by', { name: one.by.name, at: moment(one.at), reason: one.reason })}</span>
                {one.settledBy && one.settledAt && (
                  <span className="dim">
                    {t('change-settled', { name: one.settledBy.name, at: moment(one.settledAt) })}
                    {one.answer && t('because', { reason: one.answer })}
                  </span>
                )}
              </li>
            ))}
          </ul>
        </details>
      )}
    </Section>
  )
}

function Open({ organisation, change }: { organisation: string; change: Change }) {
  const { me } = useSession()
  const client = useQueryClient()
  const { message } = App.useApp()
  const { busy, problem, run } = useTask()
  const [refusing, setRefusing] = useState(false)
  const [answer, setAnswer] = useState('')
  const own = change.by.id === me.person.id
  const mayConfirm = me.roles.includes('security') && !own
  const decide = async (confirm: boolean) => {
    const done = await run(({ header }) =>
      ask(
        api.POST('/api/v1/organisations/{organisation}/changes/{change}/decision', {
          params: { path: { organisation, change: change.id }, header },
          body: { confirm, answer: answer.trim() || undefined },
        }),
      ),
    )
    if (!done) return
    void message.success(t(confirm ? 'change-confirmed' : own ? 'change-withdrawn' : 'change-refused'))
    await client.invalidateQueries()
  }
  return (
    <div className="list-item unit-change">
      <div className="list-item-head">
        <span>{change.sentence}</span>
        <span className="tag tag-amber">{STATES.open}</span>
      </div>
      <ul className="unit-effects">
        {change.effects.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
      <p className="dim">{t('change-by', { name: change.by.name, at: moment(change.at), reason: change.reason })}</p>
      {problem && !refusing && <ProblemAlert problem={problem} />}
      <div className="form-actions">
        {mayConfirm && (
          <>
            <Button type="primary" loading={busy} onClick={() => void decide(true)}>
              {t('change-confirm')}
            </Button>
            <Button onClick={() => setRefusing(true)}>{t('change-refuse')}</Button>
          </>
        )}
        {own && (
          <Button loading={busy} onClick={() => void decide(false)}>
            {t('change-withdraw')}
          </Button>
        )}
        {!mayConfirm && <span className="dim">{t('change-awaits')}</span>}
      </div>
      {refusing && (
        <Modal
          open
          title={t('change-refuse')}
          onCancel={() => setRefusing(false)}
          onOk={() => void decide(false)}
          okText={t('change-refuse')}
          okButtonProps={{ disabled: !answer.trim(), loading: busy }}
        >
          {problem && <ProblemAlert problem={problem} />}
          <Field label={t('reason')} required>
            {(aria) => <Input.TextArea {...aria} value={answer} onChange={(event) => setAnswer(event.target.value)} maxLength={500} rows={3} />}
          </Field>
        </Modal>
      )}
    </div>
  )
}
