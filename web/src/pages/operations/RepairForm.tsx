import { useQueryClient } from '@tanstack/react-query'
import { Input, Modal, Select } from 'antd'
import { useState } from 'react'
import { api, reply, type Schemas } from '../../api/client'
import { asProblem, useCommand, type Sent } from '../../api/command'
import { usePosts } from '../../api/queries'
import { CommandProgress } from '../../components/CommandProgress'
import { Field } from '../../components/Field'
import { PostField } from '../../components/PostField'
import { Failure, Loading, ProblemAlert } from '../../components/States'
import { usePreview, type Repair, type Target } from './queries'
import { t } from './text'

export const REPAIRS: [Repair, string][] = [
  ['retry', t('retry')],
  ['restart', t('restart')],
  ['reassign', t('reassign')],
  ['move', t('move')],
  ['suspend', t('suspend')],
  ['resume', t('resume')],
  ['reproject', t('reproject')],
  ['terminate', t('terminate')],
]

type Detail = Schemas['OperationDetail']
type Props = { detail: Detail; repair: Repair; title: string; done: (sentence: string) => void; close: () => void }

/** A repair: what it is done to, what will happen, and why it is done. */
export function RepairForm({ detail, repair, title, done, close }: Props) {
  const client = useQueryClient()
  const { matter } = detail
  const acts = detail.assignments.filter((one) => one.duty !== 'sign')
  const [target, setTarget] = useState<Target>({ assignment: repair === 'reassign' && acts.length === 1 ? acts[0]!.id : undefined })
  const [reason, setReason] = useState('')
  const ready = repair === 'reassign' ? Boolean(target.post && target.assignment) : repair === 'move' ? Boolean(target.stage) : true
  const preview = usePreview(matter.id, repair, target, ready)

  const { progress, run } = useCommand(
    async (body: Schemas['Repair'], key: string): Promise<Sent<Schemas['RepairResult']>> => {
      const { data, response } = await reply(
        api.POST('/api/v1/operations/matters/{matter}/repairs', {
          params: { path: { matter: matter.id }, header: { 'Idempotency-Key': key, 'If-Match': `"${matter.sequence}"` } },
          body,
        }),
      )
      return response.status === 202 ? { accepted: data as Schemas['CommandStatus'] } : { done: data as Schemas['RepairResult'] }
    },
    (result) => {
      void client.invalidateQueries({ queryKey: ['operations'] })
      done('done' in result ? result.done.sentence : t('carried-out'))
    },
  )
  const refused = preview.data?.refusal?.code ? preview.data.refusal : undefined
  return (
    <Modal
      open
      width={640}
      title={title}
      okText={t('confirm')}
      cancelText={t('cancel')}
      onCancel={close}
      onOk={() => run({ repair, reason: reason.trim(), ...target })}
      okButtonProps={{ disabled: !reason.trim() || !preview.data || refused !== undefined, loading: progress.at === 'sending', danger: repair === 'terminate' }}
    >
      {repair === 'reassign' && <Reassign detail={detail} acts={acts} target={target} set={setTarget} />}
      {repair === 'move' && (
        <Field label={t('stage')} required>
          {(aria) => (
            <Select
              {...aria}
              className="fill"
              value={target.stage}
              placeholder={t('choose-stage')}
              onChange={(stage: string) => setTarget({ stage })}
              options={detail.targets.map((one) => ({ value: one.stage, label: one.title }))}
            />
          )}
        </Field>
      )}
      {ready && (
        <section className="ops-preview" tabIndex={0} aria-label={t('preview')}>
          <h3>{t('preview')}</h3>
          {preview.error && <Failure error={preview.error} again={() => void preview.refetch()} />}
          {!preview.data && !preview.error && <Loading />}
          {refused && <ProblemAlert problem={asProblem(refused)} />}
          {preview.data?.warning && <p className="warn">{preview.data.warning}</p>}
          <ol>
            {preview.data?.sentences.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ol>
          {preview.data && !refused && preview.data.told.length > 0 && (
            <>
              <h3>{t('told')}</h3>
              <ul>
                {preview.data.told.map((one) => (
                  <li key={one}>{one}</li>
                ))}
              </ul>
            </>
          )}
        </section>
      )}
      <Field label={t('reason')} required hint={t('reason-hint')}>
        {(aria) => <Input.TextArea {...aria} value={reason} onChange={(event) => setReason(event.target.value)} maxLength={500} rows={2} />}
      </Field>
      <CommandProgress progress={progress} />
    </Modal>
  )
}

type ReassignProps = { detail: Detail; acts: Detail['assignments']; target: Target; set: (target: Target) => void }

function Reassign({ detail, acts, target, set }: ReassignProps) {
  const posts = usePosts(detail.organisation ?? '')
  const people = posts.data?.items.find((one) => one.post === target.post)?.holders ?? []
  return (
    <>
      <Field label={t('assignment')} required>
        {(aria) => (
          <Select
            {...aria}
            className="fill"
            value={target.assignment}
            onChange={(assignment: number) => set({ ...target, assignment })}
            options={acts.map((one) => ({ value: one.id, label: one.title }))}
          />
        )}
      </Field>
      <Field label={t('post')} required>
        {(aria) => (
          <PostField
            {...aria}
            many={false}
            organisation={detail.organisation ?? ''}
            value={target.post ? [target.post] : []}
            set={([post]) => set({ ...target, post, person: undefined })}
          />
        )}
      </Field>
      {people.length > 0 && (
        <Field label={t('person')} hint={t('person-hint')}>
          {(aria) => (
            <Select
              {...aria}
              className="fill"
              allowClear
              value={target.person}
              onChange={(person: string | undefined) => set({ ...target, person })}
              options={people.map((one) => ({ value: one.id, label: one.name }))}
            />
          )}
        </Field>
      )}
    </>
  )
}
