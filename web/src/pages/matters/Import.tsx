import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Select } from 'antd'
import { useRef, useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { api, ask, type Problem, type Schemas } from '../../api/client'
import { useImports } from '../../api/ledgers'
import { newKey } from '../../api/key'
import { problemOf } from '../../api/problem'
import { Page, Section } from '../../components/Page'
import { Failure, Loading, Nothing, ProblemAlert } from '../../components/States'
import { moment } from '../../format'
import { t as common, texts } from '../../text'
import catalogue from '../../../../internal/message/zh-CN/web-import.json'
import { sendSheet } from './sheet'

const t = texts(catalogue)

type Kind = Schemas['ImportKind']
type Check = Schemas['ImportCheck']

/** Reading a ledger in from a spreadsheet: template, check, and only when all rows are right, start. */
export default function Import() {
  const [search] = useSearchParams()
  const query = useImports()
  const asked = search.get('import')
  const kinds = query.data?.kinds ?? []
  return (
    <Page title={t('title')} wide aside={<Link to="/matters">{t('back')}</Link>}>
      {query.error && !query.data && <Failure error={query.error} again={() => void query.refetch()} />}
      {!query.data && !query.error && <Loading />}
      {asked ? <Carrying key={asked} id={asked} /> : query.data && (kinds.length === 0 ? <Nothing title={t('none')} /> : <Choosing kinds={kinds} />)}
      {query.data && query.data.items.length > 0 && !asked && <Earlier items={query.data.items} />}
    </Page>
  )
}

function Choosing({ kinds }: { kinds: Kind[] }) {
  const [, setSearch] = useSearchParams()
  const [at, setAt] = useState(0)
  const kind = kinds[at]!
  const [unit, setUnit] = useState<string>()
  const [check, setCheck] = useState<Check>()
  const [problem, setProblem] = useState<Problem>()
  const [busy, setBusy] = useState(false)
  const file = useRef<HTMLInputElement>(null)

  const upload = async (chosen: File) => {
    setBusy(true)
    setProblem(undefined)
    setCheck(undefined)
    try {
      const found = await sendSheet(chosen, { rulebook: kind.rulebook, procedure: kind.procedure, unit: unit ?? kind.units[0]!.id }, newKey())
      setCheck(found)
    } catch (error) {
      setProblem(problemOf(error))
    } finally {
      setBusy(false)
      if (file.current) file.current.value = ''
    }
  }
  return (
    <>
      <Section title={t('step-template')}>
        <div className="filters">
          {kinds.length > 1 && (
            <Select
              className="filter"
              aria-label={t('kind')}
              popupMatchSelectWidth={false}
              value={at}
              disabled={busy}
              onChange={(next: number) => (setAt(next), setUnit(undefined), setCheck(undefined))}
              options={kinds.map((one, i) => ({ value: i, label: one.title }))}
            />
          )}
          {kind.units.length > 1 && (
            <Select
              className="filter"
              aria-label={common('on-behalf')}
              popupMatchSelectWidth={false}
              value={unit ?? kind.units[0]!.id}
              disabled={busy}
              onChange={(next: string) => (setUnit(next), setCheck(undefined))}
              options={kind.units.map((one) => ({ value: one.id, label: one.name }))}
            />
          )}
          <a href={`/api/v1/imports/template?rulebook=${encodeURIComponent(kind.rulebook)}&procedure=${encodeURIComponent(kind.procedure)}`} download>
            {t('template', { procedure: kind.title })}
          </a>
        </div>
        <table className="plain">
          <caption className="sr-only">{t('columns')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('column')}</th>
              <th scope="col">{t('required')}</th>
              <th scope="col">{t('hint')}</th>
            </tr>
          </thead>
          <tbody>
            {kind.columns.map((one) => (
              <tr key={one.title}>
                <td>{one.title}</td>
                <td>{one.required ? common('yes') : common('no')}</td>
                <td>{one.hint}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Section>
      <Section title={t('step-upload')}>
        <p className="dim">{t('upload-hint')}</p>
        <input
          ref={file}
          type="file"
          accept=".xlsx"
          className="sr-only"
          aria-label={t('choose')}
          tabIndex={-1}
          onChange={(event) => event.target.files?.[0] && void upload(event.target.files[0])}
        />
        <Button type="primary" loading={busy} onClick={() => file.current?.click()}>
          {t('choose')}
        </Button>
        {problem && <ProblemAlert problem={problem} />}
      </Section>
      {check && <Checked check={check} start={(id) => setSearch({ import: id })} />}
    </>
  )
}

/** What a spreadsheet says, and what is wrong with it, row by row. */
function Checked({ check, start }: { check: Check; start: (id: string) => void }) {
  const wrong = new Map<number, Map<string, string>>()
  for (const error of check.errors) {
    const row = wrong.get(error.row) ?? new Map<string, string>()
    row.set(error.column, [row.get(error.column), error.message].filter(Boolean).join(' '))
    wrong.set(error.row, row)
  }
  return (
    <Section title={t('step-check')}>
      {check.errors.length > 0 ? (
        <div className="problem" role="alert">
          <div className="problem-head">{t('wrong', { n: check.errors.length, total: check.total })}</div>
          <ul className="import-errors">
            {check.errors.map((one) => (
              <li key={`${one.row}${one.column}${one.message}`}>
                {one.column ? t('error-at', { row: one.row, column: one.column }) : t('error-row', { row: one.row })}
                {one.message}
              </li>
            ))}
          </ul>
        </div>
      ) : (
        <div className="problem problem-info" role="status">
          <div className="problem-head">
            {t('right', { total: check.total })}
            <Button type="primary" onClick={() => start(check.import!.id)}>
              {t('start', { total: check.total })}
            </Button>
          </div>
        </div>
      )}
      <div className="scroll">
        <table className="listing import-preview">
          <caption className="sr-only">{t('preview')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('row')}</th>
              {check.columns.map((title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {check.rows.map((row) => (
              <tr key={row.row} className={wrong.has(row.row) ? 'row-red' : 'row-green'}>
                <td>{row.row}</td>
                {row.cells.map((cell, i) => {
                  const why = wrong.get(row.row)?.get(check.columns[i]!)
                  return (
                    <td key={i} className={why ? 'cell-wrong' : undefined} title={why}>
                      {cell}
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {check.total > check.rows.length && <p className="dim">{t('preview-first', { n: check.rows.length })}</p>}
    </Section>
  )
}

/** An import being carried out, a few rows a request; broken off anywhere it goes on from there. */
function Carrying({ id }: { id: string }) {
  const client = useQueryClient()
  const [running, setRunning] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const stop = useRef(false)
  const query = useQuery({
    queryKey: ['import', id],
    queryFn: ({ signal }) => ask(api.GET('/api/v1/imports/{import}', { params: { path: { import: id } }, signal })),
    placeholderData: undefined,
  })
  const [now, setNow] = useState<Schemas['Import']>()
  const state = now ?? query.data?.import
  const left = state ? state.total - state.started - state.refused : 0

  const run = async () => {
    stop.current = false
    setRunning(true)
    setProblem(undefined)
    try {
      for (;;) {
        const step = await ask(api.POST('/api/v1/imports/{import}/continue', { params: { path: { import: id }, header: { 'Idempotency-Key': newKey() } } }))
        setNow(step)
        if (stop.current || step.started + step.refused >= step.total) break
      }
    } catch (error) {
      setProblem(problemOf(error))
    } finally {
      setRunning(false)
      for (const key of ['import', 'imports', 'matters', 'ledger', 'overdue', 'me']) void client.invalidateQueries({ queryKey: [key] })
    }
  }
  const cancel = () => {
    stop.current = true
    ask(api.DELETE('/api/v1/imports/{import}', { params: { path: { import: id } } })).then(
      () => (setNow(undefined), void client.invalidateQueries({ queryKey: ['import', id] })),
      (error: unknown) => setProblem(problemOf(error)),
    )
  }
  if (query.error && !query.data) return <Failure error={query.error} again={() => void query.refetch()} />
  if (!state || !query.data) return <Loading />
  return (
    <Section title={t('import-of', { name: state.name, title: state.title })} aside={<Link to="/matters/import">{t('another')}</Link>}>
      {problem && <ProblemAlert problem={problem} />}
      <p role="status">
        {t('progress', { done: state.started, total: state.total })}
        {state.refused > 0 && t('progress-refused', { n: state.refused })}
        {state.cancelled && t('cancelled')}
      </p>
      <progress className="progress" aria-label={t('title')} max={state.total} value={state.started + state.refused} />
      <div className="form-actions">
        {left > 0 && !state.cancelled && !running && (
          <Button type="primary" onClick={() => void run()}>
            {state.started > 0 || problem ? t('go-on', { n: left }) : t('start', { total: left })}
          </Button>
        )}
        {running && <Button onClick={() => (stop.current = true)}>{t('pause')}</Button>}
        {left > 0 && !state.cancelled && (
          <Button danger onClick={cancel}>
            {t('cancel-rest')}
          </Button>
        )}
        {left === 0 && <Link to="/matters">{t('see-matters')}</Link>}
      </div>
      {!running && (
        <ul className="import-rows">
          {query.data.rows
            .filter((row) => row.matter || row.refusal)
            .map((row) => (
              <li key={row.row}>
                {row.matter ? <Link to={`/matters/${row.matter}`}>{row.title}</Link> : t('row-refused', { row: row.row, title: row.title, why: row.refusal ?? '' })}
              </li>
            ))}
        </ul>
      )}
    </Section>
  )
}

function Earlier({ items }: { items: Schemas['Import'][] }) {
  return (
    <Section title={t('earlier')}>
      <ul className="import-rows">
        {items.map((one) => (
          <li key={one.id}>
            <Link to={`/matters/import?import=${one.id}`}>{one.name}</Link> <span className="dim">{moment(one.at)}</span>{' '}
            {t('progress', { done: one.started, total: one.total })}
            {one.cancelled && t('cancelled')}
          </li>
        ))}
      </ul>
    </Section>
  )
}
