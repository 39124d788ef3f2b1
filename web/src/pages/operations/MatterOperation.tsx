import { Button } from 'antd'
import { useState } from 'react'
import { Link, useParams } from 'react-router'
import type { Schemas } from '../../api/client'
import { Section } from '../../components/Page'
import { Failure, Loading } from '../../components/States'
import { moment } from '../../format'
import { coded } from '../../text'
import { Countdown } from './Countdown'
import { Fault } from './Fault'
import { History } from './History'
import { Done, IncidentTable } from './Incidents'
import { useMayRepair } from './repairing'
import { useOperation, type Repair } from './queries'
import { REPAIRS, RepairForm } from './RepairForm'
import { t } from './text'

type Detail = Schemas['OperationDetail']

/** How one matter runs: where it stands, what its workflow does, what was done to it, and the repairs. */
export function MatterOperation() {
  const { matter = '' } = useParams()
  const query = useOperation(matter)
  if (query.error && !query.data) return <Failure error={query.error} again={() => void query.refetch()} />
  if (!query.data) return <Loading />
  const detail = query.data
  return (
    <>
      <Standing detail={detail} />
      {detail.incidents.length > 0 && (
        <Section title={t('incidents')}>
          <IncidentTable items={detail.incidents} caption={t('incidents')} />
        </Section>
      )}
      <Workflow detail={detail} />
      <Section title={t('done')}>
        <Done items={detail.done} />
      </Section>
      <History matter={matter} />
    </>
  )
}

function Standing({ detail }: { detail: Detail }) {
  const { matter } = detail
  const may = useMayRepair()
  const [open, setOpen] = useState<[Repair, string]>()
  const [said, setSaid] = useState('')
  const closed = ['completed', 'rejected', 'withdrawn', 'terminated'].includes(matter.state)
  const offered = REPAIRS.filter(([repair]) => {
    if (repair === 'reproject') return true
    if (closed) return false
    return repair === 'suspend' ? matter.state !== 'suspended' : repair === 'resume' ? matter.state === 'suspended' : true
  })
  return (
    <Section title={matter.title} aside={matter.state !== 'draft' && <Link to={`/matters/${matter.id}`}>{t('matter-page')}</Link>}>
      <p className="ops-sentence">{matter.sentence}</p>
      <dl className="ops-facts">
        <dt>{t('procedure')}</dt>
        <dd>
          {matter.procedureTitle}（{coded('state', matter.state)}）
        </dd>
        <dt>{t('col-next')}</dt>
        <dd>
          {matter.wake ? (
            <>
              <Countdown at={matter.wake} /> {moment(matter.wake)} {matter.timer}
            </>
          ) : (
            t('no-timer')
          )}
        </dd>
        <dt>{t('col-holders')}</dt>
        <dd>
          {detail.assignments.length === 0 && t('nobody')}
          {detail.assignments.map((one) => (
            <p key={one.id}>
              {one.title}：{coded('duty', one.duty)}
              <span className="dim"> {t('since', { at: moment(one.since) })}</span>
              {one.waits && <span className="dim"> {t('waits')}</span>}
            </p>
          ))}
        </dd>
      </dl>
      {said && (
        <div className="problem problem-info" role="status">
          <div className="problem-head">{said}</div>
        </div>
      )}
      {may && (
        <div className="ops-repairs" role="group" aria-label={t('repairs')}>
          {offered.map(([repair, title]) => (
            <Button key={repair} danger={repair === 'terminate'} onClick={() => setOpen([repair, title])}>
              {title}
            </Button>
          ))}
        </div>
      )}
      {open && (
        <RepairForm
          detail={detail}
          repair={open[0]}
          title={open[1]}
          close={() => setOpen(undefined)}
          done={(sentence) => {
            setSaid(sentence)
            setOpen(undefined)
          }}
        />
      )}
    </Section>
  )
}

function Workflow({ detail: { workflow, workflowProblem, matter } }: { detail: Detail }) {
  if (!workflow?.run)
    return (
      <Section title={t('workflow')}>
        <p className="warn">{workflowProblem}</p>
      </Section>
    )
  return (
    <Section title={t('workflow')}>
      <dl className="ops-facts">
        <dt>{t('status')}</dt>
        <dd>
          {workflow.statusTitle} {t('since', { at: moment(workflow.since) })} {t('events', { n: workflow.events })}
        </dd>
        {workflow.timer && (
          <>
            <dt>{t('own-timer')}</dt>
            <dd>
              <Countdown at={workflow.timer} /> {moment(workflow.timer)}{' '}
              {matter.wake && <span className="dim">{t(agree(workflow.timer, matter.wake) ? 'timers-agree' : 'timers-differ')}</span>}
            </dd>
          </>
        )}
        {workflow.task && (
          <>
            <dt>{t('failing-task')}</dt>
            <dd>
              <p>
                {t('attempts', { n: workflow.task.attempt })} {t('since', { at: moment(workflow.task.since) })}
              </p>
              <Fault failure={workflow.task.failure} more={[workflow.task.cause]} />
            </dd>
          </>
        )}
        {workflow.activities.map((one) => (
          <Activity key={one.name + one.since} one={one} />
        ))}
        <dt>{t('runs')}</dt>
        <dd>
          {workflow.runs.map((run, i) => (
            <p key={run.id}>
              {t('run-number', { n: workflow.runs.length - i })} {run.statusTitle} {moment(run.since)}
              {run.ended && ` - ${moment(run.ended)}`} {t('events', { n: run.events })}
              <span className="dim"> {run.id}</span>
            </p>
          ))}
        </dd>
      </dl>
    </Section>
  )
}

function Activity({ one }: { one: NonNullable<Detail['workflow']>['activities'][number] }) {
  return (
    <>
      <dt>{one.title}</dt>
      <dd>
        <p>
          {t('attempts', { n: one.attempt })} {t('since', { at: moment(one.since) })} {one.next && <Countdown at={one.next} label={t('next-try')} />}
        </p>
        {one.failure?.message && <Fault failure={one.failure} more={[one.name]} />}
      </dd>
    </>
  )
}

const AGREE = 2_000 // milliseconds: the workflow server counts from when it was asked

const agree = (one: string, other: string) => Math.abs(new Date(one).getTime() - new Date(other).getTime()) < AGREE
