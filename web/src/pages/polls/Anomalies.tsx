import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Input, Modal } from 'antd'
import { useRef, useState } from 'react'
import { Link, useParams } from 'react-router'
import catalogue from '../../../../internal/message/zh-CN/web-polls.json'
import { api, ask, type Schemas } from '../../api/client'
import { newKey } from '../../api/key'
import { Field } from '../../components/Field'
import { Page, Section } from '../../components/Page'
import { Failure, Loading } from '../../components/States'
import { moment } from '../../format'
import { texts } from '../../text'
import { usePoll } from './queries'

const t = texts(catalogue)

type Anomaly = Schemas['Anomaly']
type Kind = Anomaly['kind']

const KINDS: [Kind, string][] = [
  ['minute', t('kind-minute')],
  ['segment', t('kind-segment')],
  ['address', t('kind-address')],
]

/** What many ballots of the public have in common, for who oversees the vote to decide about. For whom they are is not here. */
export default function Anomalies() {
  const { poll = '' } = useParams()
  const [considered, consider] = useState<Anomaly>()
  const vote = usePoll(poll)
  const query = useQuery({
    queryKey: ['anomalies', poll],
    queryFn: ({ signal }) =>
      Promise.all(KINDS.map(([kind]) => ask(api.GET('/api/v1/polls/{poll}/anomalies', { params: { path: { poll }, query: { kind } }, signal })))),
    placeholderData: undefined,
  })
  const lists = query.data
  if (!vote.data || !lists) {
    const error = vote.error ?? query.error
    return error ? <Failure error={error} again={() => void Promise.all([vote.refetch(), query.refetch()])} /> : <Loading />
  }
  const { summary } = vote.data
  const decided = lists[0]?.exclusions ?? []
  const undecided = ['open', 'review', 'counting'].includes(summary.state)
  return (
    <Page title={t('anomalies')} aside={<Link to={`/polls/${poll}`}>{t('back')}</Link>}>
      <p>{summary.title}</p>
      <p>{t('blind')}</p>
      {undecided && summary.counts && <p>{t('until', { at: moment(summary.counts) })}</p>}
      {KINDS.map(([kind, title], i) => (
        <Section key={kind} title={title}>
          <Table found={lists[i]?.items ?? []} consider={undecided ? consider : undefined} />
        </Section>
      ))}
      <Section title={t('exclusions')}>
        <div className="exclusions">
          {decided.length === 0 && <p>{t('no-exclusions')}</p>}
          {decided.map((each) => (
            <p key={each.id}>
              {moment(each.at)} {t('excluded', { id: each.id, ballots: each.ballots, reason: each.reason })}
            </p>
          ))}
        </div>
      </Section>
      {considered && <Exclude poll={poll} anomaly={considered} close={() => consider(undefined)} />}
    </Page>
  )
}

/** What of one kind was found; the tags tell one from another and nothing else. */
function Table({ found, consider }: { found: Anomaly[]; consider?: (anomaly: Anomaly) => void }) {
  if (found.length === 0) return <p>{t('no-anomalies')}</p>
  return (
    <table className={`plain anomalies ${found[0]?.kind}`}>
      <thead>
        <tr>
          <th scope="col">{t('common')}</th>
          <th scope="col">{t('ballots')}</th>
          <th scope="col">{t('first')}</th>
          <th scope="col">{t('last')}</th>
          <th scope="col">{t('decision')}</th>
        </tr>
      </thead>
      <tbody>
        {found.map((each) => (
          <tr key={each.tag}>
            <th scope="row">{each.kind === 'minute' ? moment(each.tag) : each.tag}</th>
            <td>{each.ballots}</td>
            <td>{moment(each.first)}</td>
            <td>{moment(each.last)}</td>
            <td>{consider && <Button onClick={() => consider(each)}>{t('exclude')}</Button>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** A person's decision, with its reason, which is published. */
function Exclude({ poll, anomaly, close }: { poll: string; anomaly: Anomaly; close: () => void }) {
  const [reason, setReason] = useState('')
  const key = useRef(newKey())
  const client = useQueryClient()
  const exclude = useMutation({
    mutationFn: () =>
      ask(
        api.POST('/api/v1/polls/{poll}/exclusions', {
          params: { path: { poll }, header: { 'Idempotency-Key': key.current } },
          body: { kind: anomaly.kind, tag: anomaly.tag, reason: reason.trim() },
        }),
      ),
    onSuccess: () => {
      close()
      return client.invalidateQueries({ queryKey: ['anomalies', poll] })
    },
  })
  return (
    <Modal
      open
      title={t('exclude-title', { ballots: anomaly.ballots })}
      okText={t('exclude-confirm')}
      cancelText={t('cancel')}
      onCancel={close}
      onOk={() => exclude.mutate()}
      okButtonProps={{ danger: true, disabled: reason.trim().length < 2, loading: exclude.isPending }}
    >
      <p>{t('exclude-note')}</p>
      <Field label={t('reason')} required hint={t('reason-hint')}>
        {(aria) => (
          <Input.TextArea
            {...aria}
            value={reason}
            maxLength={500}
            rows={3}
            onChange={(event) => {
              key.current = newKey()
              setReason(event.target.value)
            }}
          />
        )}
      </Field>
      {exclude.isError && <Failure error={exclude.error} again={() => exclude.mutate()} />}
    </Modal>
  )
}
