import { Button, Checkbox, Modal } from 'antd'
import { useState } from 'react'
import type { Problem } from '../../api/client'
import type { MatterColumn } from '../../api/ledgers'
import { problemOf } from '../../api/problem'
import { MATTER_COLUMNS } from '../../components/matterColumns'
import { ProblemAlert } from '../../components/States'
import { texts } from '../../text'
import catalogue from '../../../../internal/message/zh-CN/web-matters.json'
import { COLUMNS, USUAL } from './filters'

const t = texts(catalogue)

/** Which columns a list shows and in which order; kept for me. */
export function Chooser({ chosen, choose }: { chosen: readonly MatterColumn[]; choose: (columns: MatterColumn[]) => Promise<void> }) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t('columns')}</Button>
      {open && <Choosing chosen={chosen} choose={choose} close={() => setOpen(false)} />}
    </>
  )
}

type Props = { chosen: readonly MatterColumn[]; choose: (columns: MatterColumn[]) => Promise<void>; close: () => void }

function Choosing({ chosen, choose, close }: Props) {
  const [order, setOrder] = useState<MatterColumn[]>([...chosen, ...COLUMNS.filter((one) => !chosen.includes(one))])
  const [shown, setShown] = useState<ReadonlySet<MatterColumn>>(new Set(chosen))
  const [problem, setProblem] = useState<Problem>()
  const toggle = (one: MatterColumn) => {
    const next = new Set(shown)
    if (!next.delete(one)) next.add(one)
    setShown(next)
  }
  const move = (at: number, by: number) => {
    const next = [...order]
    const [one] = next.splice(at, 1)
    next.splice(at + by, 0, one!)
    setOrder(next)
  }
  const keep = (columns: MatterColumn[]) => choose(columns).then(close, (error: unknown) => setProblem(problemOf(error)))
  return (
    <Modal
      open
      title={t('columns')}
      onCancel={close}
      okText={t('save')}
      cancelText={t('not-now')}
      okButtonProps={{ disabled: shown.size === 0 }}
      onOk={() => void keep(order.filter((one) => shown.has(one)))}
    >
      {problem && <ProblemAlert problem={problem} />}
      <p className="dim">{t('columns-hint')}</p>
      <ul className="columns">
        {order.map((one, at) => (
          <li key={one}>
            <Checkbox checked={shown.has(one)} onChange={() => toggle(one)}>
              {MATTER_COLUMNS[one].title}
            </Checkbox>
            <span>
              <Button size="small" type="text" disabled={at === 0} onClick={() => move(at, -1)} aria-label={t('column-up', { column: MATTER_COLUMNS[one].title })}>
                ↑
              </Button>
              <Button size="small" type="text" disabled={at === order.length - 1} onClick={() => move(at, 1)} aria-label={t('column-down', { column: MATTER_COLUMNS[one].title })}>
                ↓
              </Button>
            </span>
          </li>
        ))}
      </ul>
      <Button size="small" onClick={() => void keep([...USUAL])}>
        {t('columns-usual')}
      </Button>
    </Modal>
  )
}
