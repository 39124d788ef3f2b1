import { useQueryClient } from '@tanstack/react-query'
import { App, Input, Modal, Select } from 'antd'
import { useState } from 'react'
import { api, ask, type Schemas } from '../../api/client'
import { useTask } from '../../api/task'
import { Field } from '../../components/Field'
import { ProblemAlert } from '../../components/States'
import { t } from './text'
import { retitled } from './units'

export type Change = Schemas['NewOrganisationChange']['kind']
type Unit = Schemas['Unit']
type Title = Schemas['PostTitle']

const TITLES: Record<Change, string> = { add: t('unit-add'), rename: t('unit-rename'), move: t('unit-move'), end: t('unit-end') }

type Props = { organisation: string; change: Change; unit: Unit | undefined; units: Unit[]; posts: Schemas['PostRef'][]; close: () => void }

/** A change of a unit, to be confirmed by the other administrator. A new unit is furnished as another one is. */
export function UnitForm({ organisation, change, unit, units, posts, close }: Props) {
  const client = useQueryClient()
  const { message } = App.useApp()
  const { busy, problem, run } = useTask()
  const [like, setLike] = useState<string>()
  const [name, setName] = useState(unit?.name ?? '')
  const [parent, setParent] = useState(unit?.parent)
  const [typed, setTyped] = useState<Record<string, string>>({})
  const [reason, setReason] = useState('')
  const model = change === 'add' ? units.find((one) => one.id === like) : unit
  const titles: Title[] = posts
    .filter((post) => post.unit === model?.id)
    .map((post) => ({ role: post.post.slice(post.unit.length + 1), title: post.title }))
    .map(({ role, title }) => ({ role, title: typed[role] ?? retitled(title, model!.name, name.trim()) }))
  const asksName = change === 'add' || change === 'rename'
  const asksParent = change === 'add' || change === 'move'
  const ready = reason.trim() !== '' && (!asksName || (name.trim() !== '' && model !== undefined && titles.every((post) => post.title.trim() !== '')))

  const propose = async () => {
    const body: Schemas['NewOrganisationChange'] = { kind: change, reason: reason.trim() }
    if (change !== 'add') body.unit = unit!.id
    if (asksName) Object.assign(body, { name: name.trim(), posts: titles })
    if (asksParent) body.parent = parent
    if (change === 'add') Object.assign(body, { unitKind: model!.kind, head: model!.head })
    const done = await run(({ header }) =>
      ask(api.POST('/api/v1/organisations/{organisation}/changes', { params: { path: { organisation }, header }, body })),
    )
    if (!done) return
    void message.success(t('change-proposed'))
    await client.invalidateQueries({ queryKey: ['unit-changes'] })
    close()
  }
  return (
    <Modal
      open
      width={600}
      title={unit ? `${TITLES[change]}：${unit.name}` : TITLES[change]}
      onCancel={close}
      onOk={() => void propose()}
      okText={t('change-propose')}
      okButtonProps={{ disabled: !ready, loading: busy }}
    >
      <p className="dim intro">{t('change-hint')}</p>
      {problem && <ProblemAlert problem={problem} />}
      {change === 'add' && (
        <Field label={t('unit-like')} required hint={t('unit-like-hint')}>
          {(aria) => (
            <Select
              {...aria}
              className="fill"
              showSearch={{ optionFilterProp: 'label' }}
              placeholder={t('unit-like-choose')}
              value={like}
              onChange={(id: string) => (setLike(id), setParent(units.find((one) => one.id === id)?.parent), setTyped({}))}
              options={units.map((one) => ({ value: one.id, label: one.name }))}
            />
          )}
        </Field>
      )}
      {asksName && (
        <Field label={t('unit-name')} required>
          {(aria) => <Input {...aria} value={name} onChange={(event) => setName(event.target.value)} maxLength={100} />}
        </Field>
      )}
      {asksName &&
        titles.map(({ role, title }, i) => (
          <Field key={role} label={t('post-n', { n: i + 1 })} required>
            {(aria) => (
              <Input {...aria} value={title} onChange={(event) => setTyped((all) => ({ ...all, [role]: event.target.value }))} maxLength={100} />
            )}
          </Field>
        ))}
      {asksParent && (
        <Field label={t('col-above')} hint={t('above-hint')}>
          {(aria) => (
            <Select
              {...aria}
              className="fill"
              allowClear
              showSearch={{ optionFilterProp: 'label' }}
              value={parent || undefined}
              onChange={(id: string | undefined) => setParent(id)}
              options={units.filter((one) => one.id !== unit?.id).map((one) => ({ value: one.id, label: one.name }))}
            />
          )}
        </Field>
      )}
      {change === 'end' && <p className="warn">{t('unit-end-hint')}</p>}
      <Field label={t('reason')} required hint={t('reason-hint')}>
        {(aria) => <Input.TextArea {...aria} value={reason} onChange={(event) => setReason(event.target.value)} maxLength={500} rows={2} />}
      </Field>
    </Modal>
  )
}
