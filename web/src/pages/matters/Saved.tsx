import { Button, Input, Modal } from 'antd'
import { useState, type FormEvent } from 'react'
import { useNavigate } from 'react-router'
import type { Problem } from '../../api/client'
import { useFilters, type SavedFilter } from '../../api/ledgers'
import { problemOf } from '../../api/problem'
import { Field } from '../../components/Field'
import { Nothing, ProblemAlert } from '../../components/States'
import { texts } from '../../text'
import catalogue from '../../../../internal/message/zh-CN/web-matters.json'

const t = texts(catalogue)

/** The filters I keep: one click shows one; they are named, renamed and dropped here. */
export function Saved({ query, filtered }: { query: string; filtered: boolean }) {
  const { filters, save, change, drop } = useFilters()
  const navigate = useNavigate()
  const [editing, setEditing] = useState<'new' | 'all'>()
  return (
    <div className="saved" role="group" aria-label={t('saved')}>
      {filters.map((one) => (
        <button
          key={one.id}
          type="button"
          className="view"
          aria-pressed={one.query === query}
          onClick={() => void navigate(one.query ? `/matters?${one.query}` : '/matters')}
        >
          {one.name}
        </button>
      ))}
      {filtered && !filters.some((one) => one.query === query) && (
        <Button size="small" onClick={() => setEditing('new')}>
          {t('save-filter')}
        </Button>
      )}
      {filters.length > 0 && (
        <Button size="small" type="text" onClick={() => setEditing('all')}>
          {t('manage-filters')}
        </Button>
      )}
      {editing === 'new' && <Naming close={() => setEditing(undefined)} save={(name) => save(name, query)} />}
      {editing === 'all' && <Managing filters={filters} change={change} drop={drop} close={() => setEditing(undefined)} />}
    </div>
  )
}

function Naming({ save, close }: { save: (name: string) => Promise<void>; close: () => void }) {
  const [name, setName] = useState('')
  const [problem, setProblem] = useState<Problem>()
  const [busy, setBusy] = useState(false)
  const submit = async (event?: FormEvent) => {
    event?.preventDefault()
    if (!name.trim() || busy) return
    setBusy(true)
    try {
      await save(name.trim())
      close()
    } catch (error) {
      setProblem(problemOf(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal open title={t('save-filter')} onCancel={close} onOk={() => void submit()} okText={t('save')} cancelText={t('not-now')} confirmLoading={busy} okButtonProps={{ disabled: !name.trim() }}>
      <form onSubmit={(event) => void submit(event)}>
        {problem && <ProblemAlert problem={problem} />}
        <Field label={t('filter-name')} hint={t('filter-name-hint')}>
          {(aria) => <Input {...aria} value={name} onChange={(event) => setName(event.target.value)} maxLength={40} autoFocus />}
        </Field>
      </form>
    </Modal>
  )
}

type ManagingProps = { filters: SavedFilter[]; change: (one: SavedFilter) => Promise<void>; drop: (id: string) => Promise<void>; close: () => void }

function Managing({ filters, change, drop, close }: ManagingProps) {
  const [names, setNames] = useState<Record<string, string>>({})
  const [problem, setProblem] = useState<Problem>()
  const carry = (done: Promise<void>) => {
    setProblem(undefined)
    done.catch((error: unknown) => setProblem(problemOf(error)))
  }
  return (
    <Modal open title={t('manage-filters')} onCancel={close} footer={null}>
      {problem && <ProblemAlert problem={problem} />}
      {filters.length === 0 && <Nothing title={t('no-filters')} />}
      <ul className="saved-list">
        {filters.map((one) => {
          const name = names[one.id] ?? one.name
          const renamed = name.trim() !== '' && name.trim() !== one.name
          return (
            <li key={one.id}>
              <Input
                aria-label={t('filter-name')}
                value={name}
                maxLength={40}
                onChange={(event) => setNames({ ...names, [one.id]: event.target.value })}
                onPressEnter={() => renamed && carry(change({ ...one, name: name.trim() }))}
              />
              <Button size="small" disabled={!renamed} onClick={() => carry(change({ ...one, name: name.trim() }))}>
                {t('rename')}
              </Button>
              <Button size="small" danger onClick={() => carry(drop(one.id))}>
                {t('drop')}
                <span className="sr-only">{one.name}</span>
              </Button>
            </li>
          )
        })}
      </ul>
    </Modal>
  )
}
