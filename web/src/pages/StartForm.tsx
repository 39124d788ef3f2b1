import { useQueryClient } from '@tanstack/react-query'
import { App, Button, Input, Select } from 'antd'
import { useEffect, useState } from 'react'
import { Link, useNavigate, useParams } from 'react-router'
import { api, reply, type Matter, type Schemas, type Startable } from '../api/client'
import { useCommand, type Sent } from '../api/command'
import { useRulebooks, useStartable } from '../api/queries'
import { CommandProgress } from '../components/CommandProgress'
import { Field } from '../components/Field'
import { Page } from '../components/Page'
import { AuthorityChip } from '../components/SourceChip'
import { Failure, Loading, Nothing } from '../components/States'
import { check, cleaned, fieldsOf, fromServer, requiredOf, type Values } from '../form/schema'
import { SchemaForm } from '../form/SchemaForm'
import { Uploading, useUploading } from '../form/uploading'
import { keptAt } from '../kept'
import { useSession } from '../session'
import { t } from '../text'

const TITLE_MOST = 200

/** Starting a matter of one procedure. */
export default function StartForm() {
  const { rulebook, procedure } = useParams()
  const query = useStartable()
  const { me } = useSession()
  const startable = query.data?.items.find((one) => one.rulebook === rulebook && one.procedure === procedure)
  const place = keptAt(me.person.id, `${rulebook}/${procedure}`)
  if (startable?.open) return <Filling key={place} place={place} startable={startable} />
  return (
    <Page title={startable?.title ?? t('start')}>
      {query.error && !query.data ? (
        <Failure error={query.error} again={() => void query.refetch()} />
      ) : !query.data ? (
        <Loading />
      ) : (
        <Nothing title={startable?.closed?.message ?? t('not-startable')}>
          <AuthorityChip authority={startable?.closed} />
          <p>
            <Link to="/start">{t('back-to-start')}</Link>
          </p>
        </Nothing>
      )}
    </Page>
  )
}

type Draft = { title: string; unit?: string; form: Values }

/** What a person is typing survives a reload of the tab; it is gone once the matter is started, or the person leaves. */
function useKept(key: string, fresh: Draft): [Draft, (change: (draft: Draft) => Draft) => void, () => void] {
  const [draft, setDraft] = useState<Draft>(() => {
    try {
      return { ...fresh, ...(JSON.parse(sessionStorage.getItem(key) ?? '{}') as Partial<Draft>) }
    } catch {
      return fresh
    }
  })
  useEffect(() => sessionStorage.setItem(key, JSON.stringify(draft)), [key, draft])
  return [draft, setDraft, () => sessionStorage.removeItem(key)]
}

function Filling({ place, startable }: { place: string; startable: Startable }) {
  const navigate = useNavigate()
  const client = useQueryClient()
  const { message } = App.useApp()
  const rulebooks = useRulebooks()
  const organisation = rulebooks.data?.items.find((book) => book.key === startable.rulebook)?.organisation
  const [draft, setDraft, forget] = useKept(place, {
    title: '',
    unit: startable.units.length === 1 ? startable.units[0]!.id : undefined,
    form: {},
  })
  const [errors, setErrors] = useState<Record<string, string>>({})
  const { uploading, tell } = useUploading()
  const fields = fieldsOf(startable.form, startable.fields)
  const required = requiredOf(startable.form, startable.needs)

  const { progress, run } = useCommand(
    async (body: Schemas['NewMatter'], key: string): Promise<Sent<Matter>> => {
      const { data, response } = await reply(
        api.POST('/api/v1/matters', { params: { header: { 'Idempotency-Key': key } }, body }),
      )
      return response.status === 202 ? { accepted: data as Schemas['CommandStatus'] } : { done: data as Matter }
    },
    (sent) => {
      forget()
      void client.invalidateQueries()
      if ('done' in sent) client.setQueryData(['matter', sent.done.id], sent.done)
      void message.success(t('started'))
      void navigate(`/matters/${'done' in sent ? sent.done.id : sent.accepted.matter}`)
    },
  )
  const busy = progress.at === 'sending' || progress.at === 'accepted'
  const refused = progress.at === 'refused' ? progress.problem : undefined
  const server = fromServer(refused?.errors)
  const shown: Record<string, string | undefined> = { ...server, $title: server.title, $unit: server.unit, ...errors }

  const submit = (whole: boolean) => {
    const wrong = check(startable.form, fields, draft.form, required, whole)
    const length = [...draft.title.trim()].length
    if (length === 0) wrong.$title = t('need-text', { field: t('matter-title') })
    if (length > TITLE_MOST) wrong.$title = t('too-long', { field: t('matter-title'), most: TITLE_MOST, length })
    if (startable.units.length > 1 && !draft.unit) wrong.$unit = t('need-choice', { field: t('on-behalf') })
    setErrors(wrong)
    if (Object.keys(wrong).length > 0) {
      requestAnimationFrame(() => document.querySelector('.field-wrong')?.scrollIntoView({ block: 'center' }))
      return
    }
    run({
      rulebook: startable.rulebook,
      procedure: startable.procedure,
      title: draft.title.trim(),
      unit: draft.unit,
      form: cleaned(fields, draft.form),
      submit: whole,
    })
  }
  const change = (name: string, value: unknown) => {
    setDraft((before) => ({ ...before, form: { ...before.form, [name]: value } }))
    setErrors(({ [name]: _, ...rest }) => rest)
  }

  return (
    <Page title={startable.title} aside={<AuthorityChip authority={startable.authority} />}>
      <form className="sheet" onSubmit={(event) => (event.preventDefault(), submit(true))} noValidate>
        <Field label={t('matter-title')} required error={shown.$title}>
          {(aria) => (
            <Input {...aria} value={draft.title} onChange={(event) => setDraft((before) => ({ ...before, title: event.target.value }))} />
          )}
        </Field>
        {startable.units.length > 1 && (
          <Field label={t('on-behalf')} required error={shown.$unit}>
            {(aria) => (
              <Select
                {...aria}
                value={draft.unit}
                placeholder={t('choose-unit')}
                onChange={(unit: string) => setDraft((before) => ({ ...before, unit }))}
                options={startable.units.map((unit) => ({ value: unit.id, label: unit.name }))}
              />
            )}
          </Field>
        )}
        <Uploading value={tell}>
          <SchemaForm
            form={startable.form}
            fields={fields}
            required={required}
            values={draft.form}
            errors={shown}
            organisation={organisation}
            change={change}
          />
        </Uploading>
        <CommandProgress progress={progress} />
        {Object.keys(errors).length > 0 && (
          <p className="field-error" role="alert">
            {t('errors-above', { n: Object.keys(errors).length })}
          </p>
        )}
        <div className="form-actions">
          <Button type="primary" htmlType="submit" loading={busy} disabled={uploading}>
            {t('submit')}
          </Button>
          <Button onClick={() => submit(false)} disabled={busy || uploading}>
            {t('save-draft')}
          </Button>
          <span className="dim" role="status">
            {t(uploading ? 'upload-first' : 'draft-hint')}
          </span>
        </div>
      </form>
    </Page>
  )
}
