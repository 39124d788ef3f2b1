import { useQueryClient } from '@tanstack/react-query'
import { App, Button, Input, InputNumber } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { api, ask, type Schemas } from '../../api/client'
import { useTask } from '../../api/task'
import { Field } from '../../components/Field'
import { Section } from '../../components/Page'
import { Failure, Loading, ProblemAlert } from '../../components/States'
import { moment } from '../../format'
import { useSession } from '../../session'
import { readNotice, writeNotice, type Fault } from './notice'
import { useCalendarYears } from './queries'
import { t } from './text'

type Preview = Schemas['CalendarPreview']

/** The years' special days, and entering a year's notice: first what it would move, then for good. */
export function Calendar() {
  const { me } = useSession()
  const query = useCalendarYears()
  if (query.error && !query.data) return <Failure error={query.error} again={() => void query.refetch()} />
  if (!query.data) return <Loading />
  const years = [...query.data.items].sort((a, b) => b.year - a.year)
  return (
    <>
      {years.map((one) => (
        <Replanning key={one.year} year={one} />
      ))}
      {me.roles.includes('administrator') && <EnterYear years={years} />}
      <Section title={t('years')}>
        <div className="scroll-x">
          <table className="plain">
            <thead>
              <tr>
                <th scope="col">{t('col-year')}</th>
                <th scope="col">{t('col-off')}</th>
                <th scope="col">{t('col-work')}</th>
              </tr>
            </thead>
            <tbody>
              {years.map((one) => (
                <tr key={one.year}>
                  <th scope="row">{t('year', { year: one.year })}</th>
                  <td className="pre">{writeNotice(one.off)}</td>
                  <td className="pre">{writeNotice(one.work)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Section>
    </>
  )
}

/** How far the running matters are re-planned by the year's notice. */
function Replanning({ year: { year, told = 0, pending = 0 } }: { year: Schemas['CalendarYear'] }) {
  if (pending === 0) return null
  const all = Math.max(told, pending)
  return (
    <Section title={t('replanning', { year })}>
      <div role="status">{t('replanned', { done: all - pending, all })}</div>
      <progress className="progress" aria-label={t('replanning', { year })} max={all} value={all - pending} />
    </Section>
  )
}

function EnterYear({ years }: { years: Schemas['CalendarYear'][] }) {
  const client = useQueryClient()
  const { message } = App.useApp()
  const task = useTask()
  const next = (years[0]?.year ?? new Date().getFullYear()) + 1
  const [year, setYear] = useState(next)
  const [off, setOff] = useState('')
  const [work, setWork] = useState('')
  const [preview, setPreview] = useState<Preview>()

  const holidays = readNotice(off, year)
  const workdays = readNotice(work, year)
  const body = { off: holidays.days, work: workdays.days }
  const ready = off.trim() !== '' && holidays.faults.length + workdays.faults.length === 0
  const change = (set: (text: string) => void) => (text: string) => {
    set(text)
    setPreview(undefined)
  }
  const choose = (chosen: number) => {
    const known = years.find((one) => one.year === chosen)
    setYear(chosen)
    setOff(known ? writeNotice(known.off) : '')
    setWork(known ? writeNotice(known.work) : '')
    setPreview(undefined)
  }
  const look = () =>
    task.run(async ({ header }) => {
      setPreview(await ask(api.POST('/api/v1/calendar/years/{year}/preview', { params: { path: { year }, header }, body })))
    })
  const save = () =>
    task.run(async () => {
      const { replanned, pending } = await ask(api.PUT('/api/v1/calendar/years/{year}', { params: { path: { year } }, body }))
      await client.invalidateQueries()
      setPreview(undefined)
      void message.success(t(pending > 0 ? 'year-entered-pending' : 'year-entered', { year, replanned, pending }))
    })
  return (
    <Section title={t('enter-year')}>
      <p className="dim">{t('enter-year-hint')}</p>
      <Field label={t('col-year')} required>
        {(aria) => <InputNumber {...aria} className="number" min={2007} max={2100} value={year} onChange={(value) => value && choose(value)} />}
      </Field>
      <Days label={t('col-off')} hint={t('off-hint')} value={off} set={change(setOff)} faults={holidays.faults} />
      <Days label={t('col-work')} hint={t('work-hint')} value={work} set={change(setWork)} faults={workdays.faults} />
      {task.problem && <ProblemAlert problem={task.problem} />}
      <div className="form-actions">
        <Button type={preview ? 'default' : 'primary'} disabled={!ready} loading={task.busy} onClick={() => void look()}>
          {t('preview')}
        </Button>
      </div>
      {preview && (
        <div className="preview" role="status">
          <p>{t(preview.matters === 0 ? 'preview-none' : 'preview-some', { matters: preview.matters, moved: preview.moved })}</p>
          {preview.items.length > 0 && <Moved items={preview.items} />}
          {preview.moved > preview.items.length && <p className="dim">{t('preview-more', { n: preview.items.length })}</p>}
          <Button type="primary" loading={task.busy} onClick={() => void save()}>
            {t('enter-year-do', { year })}
          </Button>
        </div>
      )}
    </Section>
  )
}

const Moved = ({ items }: { items: Preview['items'] }) => (
  <table className="plain">
    <thead>
      <tr>
        <th scope="col">{t('col-matter')}</th>
        <th scope="col">{t('col-limit')}</th>
        <th scope="col">{t('col-before')}</th>
        <th scope="col">{t('col-after')}</th>
      </tr>
    </thead>
    <tbody>
      {items.map((one) => (
        <tr key={one.matter + one.limit}>
          <td>
            <Link to={`/matters/${one.matter}`}>{one.title}</Link>
          </td>
          <td>{one.limit}</td>
          <td>{moment(one.from)}</td>
          <td>{moment(one.to)}</td>
        </tr>
      ))}
    </tbody>
  </table>
)

function Days({ label, hint, value, set, faults }: { label: string; hint: string; value: string; set: (text: string) => void; faults: Fault[] }) {
  const error = faults.map((fault) => t('notice-fault', { line: fault.line, why: t(`fault-${fault.why}`) })).join('\n')
  return (
    <Field label={label} hint={hint} error={error || undefined}>
      {(aria) => <Input.TextArea {...aria} value={value} onChange={(event) => set(event.target.value)} autoSize={{ minRows: 3, maxRows: 14 }} maxLength={8000} />}
    </Field>
  )
}
