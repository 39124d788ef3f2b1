import { useQueryClient } from '@tanstack/react-query'
import { Button, Modal } from 'antd'
import { useRef, useState } from 'react'
import { api, ask, reply, type Assignment, type CommandStatus, type Matter } from '../../api/client'
import { leavesOpen, problemOf } from '../../api/problem'
import { t as common, texts } from '../../text'
import catalogue from '../../../../internal/message/zh-CN/web-desk.json'
import { approveAll, items, type Item, type Outcome, type Steps } from './batch'

const t = texts(catalogue)
const OUTCOMES: Record<Outcome['at'], string> = {
  waiting: t('batch-waiting'),
  sending: t('batch-sending'),
  done: t('batch-done'),
  accepted: t('batch-accepted'),
  refused: t('batch-refused'),
  unknown: t('batch-unknown'),
  left: t('batch-left'),
}

const steps: Steps = {
  read: (matter) => ask(api.GET('/api/v1/matters/{matter}', { params: { path: { matter } } })),
  send: async (matter, action, key) => {
    const { data, response } = await reply(
      api.POST('/api/v1/matters/{matter}/actions', {
        params: { path: { matter: matter.id }, header: { 'Idempotency-Key': key, 'If-Match': `"${matter.sequence}"` } },
        body: action,
      }),
    )
    return response.status === 202 ? ({ ...(data as CommandStatus), accepted: true } as CommandStatus) : (data as Matter)
  },
  accepted: (sent) => sent !== undefined && 'accepted' in sent,
  failed: (error) => ({ at: leavesOpen(error) ? 'unknown' : 'refused', why: problemOf(error).title }),
  gone: common('no-longer-waiting'),
}

/** Several to-dos approved after one confirmation that names them; each is a command by itself, with its own outcome. */
export function Batch({ chosen, close }: { chosen: Assignment[]; close: () => void }) {
  const client = useQueryClient()
  const [all, setAll] = useState<Item[]>(() => items(chosen))
  const [running, setRunning] = useState(false)
  const stop = useRef(false)
  const open = all.filter((item) => item.outcome.at === 'waiting' || item.outcome.at === 'unknown').length
  const begun = all.some((item) => item.outcome.at !== 'waiting')
  const ended = all.length - open

  const run = async () => {
    stop.current = false
    setRunning(true)
    await approveAll(all, steps, setAll, () => stop.current)
    setRunning(false)
    for (const key of ['assignments', 'matter', 'matters', 'me', 'overdue', 'ledger']) void client.invalidateQueries({ queryKey: [key] })
  }
  return (
    <Modal
      open
      title={t('batch-title', { n: all.length })}
      onCancel={close}
      closable={!running}
      keyboard={!running}
      className="dialog"
      footer={
        <>
          {running ? (
            <Button onClick={() => (stop.current = true)}>{t('batch-stop')}</Button>
          ) : (
            <Button onClick={close}>{common(begun ? 'close' : 'cancel')}</Button>
          )}
          {(open > 0 || running) && (
            <Button type="primary" loading={running} onClick={() => void run()}>
              {begun && !running ? common('again') : t('batch-confirm', { n: all.length })}
            </Button>
          )}
        </>
      }
    >
      <p>{t('batch-hint')}</p>
      {begun && <progress className="progress" aria-label={t('batch-progress', { done: ended, n: all.length })} max={all.length} value={ended} />}
      <ul className="batch" aria-live="polite">
        {all.map(({ assignment, outcome }) => (
          <li key={`${assignment.matter}.${assignment.id}`} className={`batch-${outcome.at}`}>
            <span>
              {assignment.matterTitle}
              <span className="dim">{assignment.stageTitle}</span>
            </span>
            {begun && (
              <span className="batch-outcome">
                {OUTCOMES[outcome.at]}
                {'why' in outcome && <span className="dim">{outcome.why}</span>}
              </span>
            )}
          </li>
        ))}
      </ul>
    </Modal>
  )
}
