import { useQuery, useQueryClient } from '@tanstack/react-query'
import { App, Button, Input, InputNumber, Modal, Radio } from 'antd'
import { useEffect, useState, type ReactNode } from 'react'
import { api, reply, type Action, type CommandStatus, type Matter, type Offer } from '../../api/client'
import { useCommand, type Sent } from '../../api/command'
import { readStory } from '../../api/queries'
import { CommandProgress } from '../../components/CommandProgress'
import { Field } from '../../components/Field'
import { PostField } from '../../components/PostField'
import { changed, check, fieldsOf, fromServer, isEmpty, type Values } from '../../form/schema'
import { SchemaForm } from '../../form/SchemaForm'
import { Uploading, useUploading } from '../../form/uploading'
import { actionName, t } from '../../text'
import { about, ASKS, GRAVE } from './actions'
import { StoryList } from './Story'

const DAYS = 5 // working days a dialog for an extension starts with

type Props = { matter: Matter; offer: Offer; close: () => void; children?: ReactNode }

/**
 * One action: what it asks for, then its outcome. It is decided on the matter as it was when the dialog opened; what
 * happened since is shown and must be seen before going on, and nothing typed is lost.
 */
export function ActionDialog({ matter, offer, close, children }: Props) {
  const client = useQueryClient()
  const { message } = App.useApp()
  const asks = ASKS[offer.action]
  const [seen, setSeen] = useState(matter.sequence)
  const [opinion, setOpinion] = useState('')
  const [to, setTo] = useState(offer.to?.length === 1 ? offer.to[0]!.stage : undefined)
  const [posts, setPosts] = useState<string[]>([])
  const [days, setDays] = useState<number | null>(asks.days ? DAYS : null)
  const [before] = useState<Values>(matter.form)
  const [typed, setTyped] = useState<Values>({})
  const [errors, setErrors] = useState<Record<string, string>>({})
  const { uploading, tell } = useUploading()

  // A field nobody touched here follows the matter; one that was touched keeps what was typed.
  const scoring = offer.action === 'score'
  const values = { ...matter.form, ...offer.values, ...typed }
  const all = asks.fields ? fieldsOf(matter.formSchema, scoring ? (offer.fields ?? []) : matter.fields) : []
  const required = scoring ? (offer.fields ?? []) : matter.needs.filter((name) => matter.fields.includes(name))
  // Passing a stage asks only for what is still missing; the rest can be opened. Filling shows everything.
  const [missing] = useState(() => required.filter((name) => isEmpty(matter.form[name])))
  const [whole, setWhole] = useState(offer.action === 'fill' || offer.action === 'score')
  const fields = whole ? all : all.filter((field) => missing.includes(field.name) || field.name in errors)
  const passes = offer.action === 'approve' || offer.action === 'finish'
  const name = offer.label || actionName(offer.action)

  // What was seen is no part of the wish: asked for again after a lost answer, it is the same one, under the same key.
  const { progress, run, reset } = useCommand(
    async (body: Action, key: string): Promise<Sent<Matter>> => {
      const { data, response } = await reply(
        api.POST('/api/v1/matters/{matter}/actions', {
          params: { path: { matter: matter.id }, header: { 'Idempotency-Key': key, 'If-Match': `"${seen}"` } },
          body,
        }),
      )
      return response.status === 202 ? { accepted: data as CommandStatus } : { done: data as Matter }
    },
    (sent) => {
      if ('done' in sent) client.setQueryData(['matter', matter.id], sent.done)
      for (const key of ['matter', 'events', 'assignments', 'matters', 'slips', 'slip', 'me', 'explanation']) {
        void client.invalidateQueries({ queryKey: [key] })
      }
      void message.success(t('action-done', { action: name }))
      close()
    },
  )
  const busy = progress.at === 'sending' || progress.at === 'accepted'
  // Until it is known whether it was done, the news may be of this very action: asking again comes first.
  const movedOn = matter.sequence > seen && !busy && progress.at !== 'unknown'
  const refused = progress.at === 'refused' ? progress.problem : undefined
  const overtaken = refused?.code === 'changed-meanwhile'
  const shown = { ...fromServer(refused?.errors), ...errors }

  const submit = () => {
    const wrong = check(matter.formSchema, all, values, required, passes)
    if (asks.opinion === 'required' && !opinion.trim()) wrong.$opinion = t('need-text', { field: t('opinion') })
    if (asks.to && !to) wrong.$to = t('need-choice', { field: t('return-to') })
    if ((asks.post || asks.posts) && posts.length === 0) wrong.$posts = t('need-choice', { field: t('post') })
    if (asks.days && !days) wrong.$days = t('need-text', { field: t('days') })
    setErrors(wrong)
    if (Object.keys(wrong).length > 0) return
    const action: Action = { action: offer.action, assignment: offer.assignment, slip: offer.slip }
    if (opinion.trim()) action.opinion = opinion.trim()
    if (asks.to) action.to = to
    if (asks.post) action.post = posts[0]
    if (asks.posts) action.posts = posts
    if (asks.days && days) action.days = days
    if (asks.fields) {
      const touched = all.filter((field) => field.name in typed)
      const change = changed(touched, before, values)
      if (!isEmpty(Object.keys(change))) action.fields = change
    }
    run(action)
  }
  const proceed = (upTo: number) => {
    setSeen(Math.max(seen, upTo))
    if (overtaken) reset()
  }
  useEffect(() => {
    if (overtaken) void client.invalidateQueries({ queryKey: ['matter', matter.id] })
  }, [client, matter.id, overtaken])

  return (
    <Modal
      open
      title={`${name}${about(matter, offer) ? `：${about(matter, offer)}` : ''}`}
      onCancel={close}
      className="dialog"
      width={all.length > 0 ? 720 : 560}
      footer={
        <>
          {uploading && (
            <span className="dim footer-hint" role="status">
              {t('upload-first')}
            </span>
          )}
          <Button onClick={close}>{t(progress.at === 'accepted' ? 'close' : 'cancel')}</Button>
          <Button
            type="primary"
            danger={GRAVE.includes(offer.action)}
            onClick={submit}
            loading={busy}
            disabled={movedOn || overtaken || uploading}
            autoFocus={asks.opinion === 'none' && fields.length === 0}
          >
            {progress.at === 'unknown' ? t('again') : t('confirm', { action: name })}
          </Button>
        </>
      }
    >
      <p className="dialog-matter">{matter.title}</p>
      {children}
      {(movedOn || overtaken) && <MovedOn key={matter.sequence} matter={matter} seen={seen} proceed={proceed} />}
      {asks.to && (
        <Field group label={t('return-to')} required error={shown.$to}>
          {() => (
            <Radio.Group
              aria-label={t('return-to')}
              vertical
              value={to}
              onChange={(event) => setTo(event.target.value as string)}
              options={(offer.to ?? []).map((stage) => ({ value: stage.stage, label: stage.title }))}
            />
          )}
        </Field>
      )}
      {(asks.post || asks.posts) && (
        <Field label={t('post')} required error={shown.$posts} hint={t('post-hint')}>
          {(aria) => <PostField {...aria} many={asks.posts === true} organisation={matter.organisation} value={posts} set={setPosts} />}
        </Field>
      )}
      {asks.days && (
        <Field label={t('days')} required error={shown.$days} hint={t('days-hint')}>
          {(aria) => <InputNumber {...aria} min={1} max={366} precision={0} value={days} onChange={setDays} className="number" />}
        </Field>
      )}
      {fields.length > 0 && (
        <Uploading value={tell}>
          <SchemaForm
            form={matter.formSchema}
            fields={fields}
            required={required}
            values={values}
            errors={shown}
            organisation={matter.organisation}
            matter={matter.id}
            change={(field, value) => {
              setTyped((all) => ({ ...all, [field]: value }))
              setErrors(({ [field]: _, ...rest }) => rest)
            }}
          />
        </Uploading>
      )}
      {fields.length < all.length && (
        <p>
          <button type="button" className="link" onClick={() => setWhole(true)}>
            {t('edit-fields')}
          </button>
        </p>
      )}
      {asks.opinion !== 'none' && (
        <Field label={t('opinion')} required={asks.opinion === 'required'} error={shown.$opinion}>
          {(aria) => (
            <Input.TextArea
              {...aria}
              value={opinion}
              onChange={(event) => setOpinion(event.target.value)}
              rows={3}
              maxLength={4000}
              autoFocus={asks.opinion === 'required' && !asks.to}
            />
          )}
        </Field>
      )}
      {!overtaken && <CommandProgress progress={progress} />}
    </Modal>
  )
}

/** What others did since the dialog opened; bookkeeping alone holds nobody up. */
function MovedOn({ matter, seen, proceed }: { matter: Matter; seen: number; proceed: (upTo: number) => void }) {
  const news = useQuery({
    queryKey: ['events', matter.id, 'after', seen, matter.sequence],
    queryFn: ({ signal }) => readStory(matter.id, seen, signal),
    placeholderData: undefined,
  })
  const last = news.data?.[news.data.length - 1]?.sequence ?? matter.sequence
  const onlyMinor = news.data !== undefined && news.data.length > 0 && news.data.every((event) => event.minor)
  useEffect(() => {
    if (onlyMinor) proceed(last)
  })
  return onlyMinor ? null : (
    <div className="moved-on" role="alert">
      <p>
        <b>{t('moved-on')}</b>
      </p>
      {news.data && <StoryList events={news.data.filter((event) => !event.minor)} />}
      <Button size="small" onClick={() => proceed(last)} disabled={news.isPending}>
        {t('moved-on-seen')}
      </Button>
    </div>
  )
}
