import { useQueryClient } from '@tanstack/react-query'
import { App, Input, Modal, Select } from 'antd'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { api, ask, once, reply, type Matter, type Schemas } from '../../api/client'
import { useCommand, type Sent } from '../../api/command'
import { CommandProgress } from '../../components/CommandProgress'
import { Field } from '../../components/Field'
import { DateField } from '../../form/DateField'
import { civilDay } from '../../format'
import type { Book } from './queries'
import { t } from './text'

type Props = {
  book: Book
  text: string
  base: string
  change: NonNullable<Schemas['RulebookVersions']['change']>
  matter: string | undefined // into which the text goes; else a matter is started
  close: () => void
  done: () => Promise<void>
}

type Asked = { title: string; reason: string; effectiveOn: string; unit: string }

/** A text becomes a matter: kept under its digest, and named by the matter that proposes it. */
export function Submit({ book, text, base, change, matter, close, done }: Props) {
  const navigate = useNavigate()
  const client = useQueryClient()
  const { message } = App.useApp()
  const [asked, setAsked] = useState<Asked>({
    title: t('submit-title-default', { title: book.title }),
    reason: '',
    effectiveOn: civilDay(new Date()),
    unit: change.units[0]!.id,
  })
  const [wrong, setWrong] = useState<Partial<Record<keyof Asked, string>>>({})
  const { progress, run } = useCommand(
    async (body: Asked, key: string): Promise<Sent<Matter>> => {
      const kept = await ask(
        api.POST('/api/v1/rulebooks/{rulebook}/changes', { params: { path: { rulebook: book.key }, ...once() }, body: { base, text } }),
      )
      const header = { 'Idempotency-Key': key }
      const { data, response } = matter
        ? await reply(
            api.POST('/api/v1/matters/{matter}/actions', {
              params: { path: { matter }, header },
              body: { action: 'fill', fields: { [change.field]: kept.id } },
            }),
          )
        : await reply(
            api.POST('/api/v1/matters', {
              params: { header },
              body: {
                rulebook: book.key,
                procedure: change.procedure,
                title: body.title,
                unit: body.unit,
                form: { [change.field]: kept.id, reason: body.reason, effectiveOn: body.effectiveOn },
                submit: false,
              },
            }),
          )
      return response.status === 202 ? { accepted: data as Schemas['CommandStatus'] } : { done: data as Matter }
    },
    (sent) => {
      void done().catch(() => undefined) // the draft has become the matter's; one that stays does no harm
      void client.invalidateQueries()
      void message.success(t(matter ? 'submitted-into' : 'submitted'))
      void navigate(`/matters/${'done' in sent ? sent.done.id : sent.accepted.matter}`)
    },
  )
  const busy = progress.at === 'sending' || progress.at === 'accepted'
  const submit = () => {
    const missing: typeof wrong = {}
    if (!matter) {
      if (!asked.title.trim()) missing.title = t('submit-need', { field: t('submit-title') })
      if (!asked.reason.trim()) missing.reason = t('submit-need', { field: t('submit-reason') })
      if (!asked.effectiveOn) missing.effectiveOn = t('submit-need', { field: t('submit-on') })
    }
    setWrong(missing)
    if (Object.keys(missing).length === 0) run({ ...asked, title: asked.title.trim(), reason: asked.reason.trim() })
  }
  const set = (part: Partial<Asked>) => setAsked((before) => ({ ...before, ...part }))
  return (
    <Modal open title={t(matter ? 'submit-into' : 'submit')} okText={t('submit-go')} onOk={submit} onCancel={close} confirmLoading={busy} width={620}>
      <p className="dim">{t('submit-hint')}</p>
      {!matter && (
        <div className="form">
          <Field label={t('submit-title')} required error={wrong.title}>
            {(aria) => <Input {...aria} value={asked.title} maxLength={200} onChange={(event) => set({ title: event.target.value })} />}
          </Field>
          <Field label={t('submit-reason')} required error={wrong.reason}>
            {(aria) => <Input.TextArea {...aria} rows={4} maxLength={4000} value={asked.reason} onChange={(event) => set({ reason: event.target.value })} />}
          </Field>
          <Field label={t('submit-on')} required error={wrong.effectiveOn}>
            {(aria) => <DateField {...aria} value={asked.effectiveOn} set={(day) => set({ effectiveOn: day ?? '' })} />}
          </Field>
          {change.units.length > 1 && (
            <Field label={t('submit-unit')} required>
              {(aria) => (
                <Select {...aria} value={asked.unit} onChange={(unit: string) => set({ unit })} options={change.units.map((unit) => ({ value: unit.id, label: unit.name }))} />
              )}
            </Field>
          )}
        </div>
      )}
      <CommandProgress progress={progress} />
    </Modal>
  )
}
