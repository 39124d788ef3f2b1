import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Checkbox } from 'antd'
import { useRef, useState } from 'react'
import { Link, useParams } from 'react-router'
import catalogue from '../../../../internal/message/zh-CN/web-polls.json'
import { api, ask, type Schemas } from '../../api/client'
import { newKey } from '../../api/key'
import { Page, Section } from '../../components/Page'
import { article } from '../../components/SourceChip'
import { Failure, Loading } from '../../components/States'
import { moment } from '../../format'
import { texts } from '../../text'
import { usePoll } from './queries'

const t = texts(catalogue)

type Poll = Schemas['Poll']
type Voter = Schemas['PollVoter']

/** One vote: my units' ballots while it is open, who has voted, and the result when it is counted. */
export default function PollPage() {
  const { poll = '' } = useParams()
  const query = usePoll(poll)
  const { data } = query
  if (!data) return query.error ? <Failure error={query.error} again={() => void query.refetch()} /> : <Loading />
  const { summary } = data
  return (
    <Page
      title={summary.title}
      aside={
        <>
          <Link to={`/matters/${summary.matter}`}>{t('matter')}</Link>
          {summary.eligible > 0 && <a href={`/vote/${poll}`}>{t('public-pages')}</a>}
          {data.overseen && summary.eligible > 0 && <Link to={`/polls/${poll}/anomalies`}>{t('anomalies')}</Link>}
        </>
      }
    >
      {query.isRefetchError && <Failure error={query.error} again={() => void query.refetch()} />}
      <p>
        {t(`state-${summary.state}`)} · {t('opens')} {moment(summary.opens)} · {t('closes')} {moment(summary.closes)} · {article(data.source)}
      </p>
      <p>
        {summary.state !== 'counted' && t('hidden')}
        {t(data.secret ? 'secret' : 'open')}
      </p>
      {summary.state === 'void' && <p>{t('void')}</p>}
      {summary.state === 'review' && summary.counts && <p>{t('review', { at: moment(summary.counts) })}</p>}
      {summary.mine.map((voter) => (
        <Ballot key={summary.id + voter.unit} poll={data} voter={voter} />
      ))}
      {data.result && <Result poll={data} result={data.result} />}
      <Section title={t('turnout')}>
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{t('unit')}</th>
              <th scope="col">{t('voted')}</th>
            </tr>
          </thead>
          <tbody>
            {data.voters.map((voter) => (
              <tr key={voter.unit}>
                <th scope="row">{voter.unitName}</th>
                <td>{t(voter.voted ? 'yes' : 'no')}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {summary.eligible > 0 && (
          <p>
            {t('public')} {t('of', { voted: summary.publicVoted, roll: summary.eligible })}
          </p>
        )}
      </Section>
    </Page>
  )
}

/** A unit's ballot while the vote is open. What is its own stands there and cannot be chosen; a receipt, given once, stays. */
function Ballot({ poll, voter }: { poll: Poll; voter: Voter }) {
  const [chosen, setChosen] = useState<string[]>([])
  const key = useRef(newKey()) // the same until it is in, so that sending again is the same ballot
  const client = useQueryClient()
  const cast = useMutation({
    mutationFn: () =>
      ask(
        api.POST('/api/v1/polls/{poll}/ballots', {
          params: { path: { poll: poll.summary.id }, header: { 'Idempotency-Key': key.current } },
          body: { unit: voter.unit, choices: chosen },
        }),
      ),
    onSuccess: () => {
      key.current = newKey()
      return client.invalidateQueries({ queryKey: ['polls'] })
    },
  })
  const choose = (option: string, on: boolean) => {
    key.current = newKey()
    setChosen((before) => (on ? [...before, option] : before.filter((other) => other !== option)))
  }
  const receipt = cast.isSuccess && (
    <p role="status">
      {t('receipt', { leaf: cast.data.leaf })}
      <strong>{cast.data.receipt}</strong>
      {cast.data.replaced && <> {t('replaced')}</>}
    </p>
  )
  if (poll.summary.state !== 'open') return receipt
  if (!voter.mayVote) return <p>{t('cannot', { unit: voter.unitName })}</p>
  const good = chosen.length >= poll.least && chosen.length <= poll.most
  return (
    <Section title={t('choose', { unit: voter.unitName, least: poll.least, most: poll.most, winners: poll.winners })}>
      {voter.voted && <p>{t('again', { unit: voter.unitName })}</p>}
      <ul className="choices">
        {poll.options.map((option) => {
          const own = voter.own.includes(option.id)
          return (
            <li key={option.id}>
              <Checkbox
                disabled={own || (!chosen.includes(option.id) && chosen.length >= poll.most)}
                checked={chosen.includes(option.id)}
                onChange={(event) => choose(option.id, event.target.checked)}
              >
                {option.title}
                {own ? `（${t('own')}）` : option.owners.length > 0 && `（${t('owner', { names: option.owners.join('、') })}）`}
              </Checkbox>
            </li>
          )
        })}
      </ul>
      <p aria-live="polite">{t('chosen', { n: chosen.length })}</p>
      <Button type="primary" disabled={!good} loading={cast.isPending} onClick={() => cast.mutate()}>
        {t('cast')}
      </Button>
      {cast.isError && <Failure error={cast.error} again={() => cast.mutate()} />}
      {receipt}
    </Section>
  )
}

/** The result, with every tie and the rule that broke it. */
function Result({ poll, result }: { poll: Poll; result: Schemas['PollResult'] }) {
  const titles = new Map(poll.options.map((option) => [option.id, option.title]))
  const named = (group: string[]) => group.map((id) => t('quoted', { title: titles.get(id) ?? id })).join(t('and'))
  return (
    <Section title={t('result')}>
      <h3>{t('winners')}</h3>
      <ol className="winners">
        {result.winners.map((id) => (
          <li key={id}>{titles.get(id)}</li>
        ))}
      </ol>
      <h3>{t('rows')}</h3>
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">{t('place')}</th>
            <th scope="col">{t('practice')}</th>
            <th scope="col">{t('unit-votes')}</th>
            <th scope="col">{t('public-votes')}</th>
            <th scope="col">{t('score')}</th>
            <th scope="col">{t('wins')}</th>
          </tr>
        </thead>
        <tbody>
          {result.rows.map((row) => (
            <tr key={row.option}>
              <td>{row.place}</td>
              <th scope="row">{titles.get(row.option)}</th>
              <td>{row.unit}</td>
              <td>{row.public}</td>
              <td>{(row.score / 10_000).toFixed(4)}</td>
              <td>{row.wins && t('wins')}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {result.ties.map((tie, i) => (
        <p key={i}>
          {t(tie.in === 'score' ? 'tie' : 'tie-list', { place: tie.place, rule: t(`rule-${tie.rule}`), order: tie.groups.map(named).join(t('before')) })}
        </p>
      ))}
      {result.exclusions.map((each) => (
        <p key={each.id}>{t('excluded', { id: each.id, ballots: each.ballots, reason: each.reason })}</p>
      ))}
    </Section>
  )
}
