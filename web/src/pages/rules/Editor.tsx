import { App, Button, Select } from 'antd'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useSearchParams } from 'react-router'
import { api, ask, once } from '../../api/client'
import { problemOf } from '../../api/problem'
import { Section } from '../../components/Page'
import { Failure, Loading, ProblemAlert } from '../../components/States'
import { moment } from '../../format'
import { useSession } from '../../session'
import { t as common } from '../../text'
import { CodeArea, type Caret, type CodeAreaHandle } from './CodeArea'
import { Differences, Lines } from './Differences'
import { isMoved, useDraft } from './draft'
import { useSchema, useVersions, type Book, type RulebookCheck } from './queries'
import { Submit } from './Submit'
import { help, short, t } from './text'
import { keyAt, schemaAt, valuesOf, type Schema } from './yaml'

const QUIET = 700 // milliseconds without typing after which the text is checked

/** The text of a rulebook, to be changed: checked as it is written, and proposed as a matter that has to be approved. */
export function Editor({ book }: { book: Book }) {
  const { me } = useSession()
  const [search] = useSearchParams()
  const matter = search.get('matter') ?? undefined
  const { modal } = App.useApp()
  const from = search.get('from') ?? undefined
  const draft = useDraft(me.person.id, book.key, book.version, from)
  const versions = useVersions(book.key)
  const schema = useSchema().data as Schema | undefined
  const [caret, setCaret] = useState<Caret>({ line: 0, column: 0 })
  const [submitting, setSubmitting] = useState(false)
  const [rebased, setRebased] = useState(false)
  const area = useRef<CodeAreaHandle>(null)
  const text = draft.state?.text
  const checked = useCheck(book.key, book.version, text)
  const check = checked.of === text ? checked.check : undefined

  if (draft.error && !draft.state) return <Failure error={draft.error} again={() => void draft.load()} />
  if (!draft.state || text === undefined) return <Loading />
  const { state } = draft
  const stale = state.base !== book.version
  const may = versions.data?.change
  const sound = check !== undefined && check.problems.length === 0

  return (
    <>
      {!may && versions.data && <p className="dim">{t('editor-read-nobody')}</p>}
      {stale && (
        <div className="problem problem-warn" role="alert">
          <div className="problem-head">
            <span>{t('draft-stale', { base: short(state.base), inForce: short(book.version) })}</span>
            <Button size="small" onClick={() => (draft.write({ base: book.version, text }), setRebased(true))}>
              {t('rebase')}
            </Button>
          </div>
        </div>
      )}
      {from && state.found && <p className="warn">{t('draft-found')}</p>}
      {rebased && !stale && <p className="warn">{t('rebase-note', { inForce: short(book.version) })}</p>}
      {state.problem && (
        <ProblemAlert
          problem={state.problem}
          action={
            isMoved(state.problem) ? (
              <span className="rules-bar">
                <Button size="small" onClick={draft.reload}>
                  {t(state.problem.code === 'draft-gone' ? 'draft-drop' : 'draft-load')}
                </Button>
                <Button size="small" onClick={() => void draft.save(true)}>
                  {t('draft-keep')}
                </Button>
              </span>
            ) : (
              <Button size="small" onClick={() => void draft.save()} loading={state.saving}>
                {common('again')}
              </Button>
            )
          }
        />
      )}
      <div className="rules-bar editor-bar">
        <Button type="primary" disabled={!sound || stale || !may || text === state.original} onClick={() => setSubmitting(true)}>
          {t(matter ? 'submit-into' : 'submit')}
        </Button>
        <Button
          disabled={text === state.original && state.saved === undefined}
          onClick={() =>
            modal.confirm({ title: t('discard'), content: t('discard-sure'), okText: t('discard-yes'), okButtonProps: { danger: true }, onOk: draft.forget })
          }
        >
          {t('discard')}
        </Button>
        <span className="dim" role="status">
          {state.saving
            ? t('draft-saving')
            : state.dirty
              ? t('draft-local')
              : state.saved
                ? t('draft-saved', { at: moment(state.saved) })
                : t('draft-clean')}
        </span>
        <span className="dim" id="editor-hint">
          {t('editor-hint')}
        </span>
      </div>
      <div className="editor">
        <CodeArea
          text={text}
          change={(next) => draft.write({ base: state.base, text: next })}
          problems={check?.problems ?? checked.check?.problems ?? []}
          schema={schema}
          caret={setCaret}
          handle={area}
        />
        <div className="editor-side">
          <Found check={checked.check} busy={checked.of !== text} error={checked.error} go={(line, column) => area.current?.go(line, column)} />
          {schema && <Help schema={schema} text={text} caret={caret} insert={(key) => area.current?.insert(key)} />}
        </div>
      </div>
      {check && sound && text !== state.original && (
        <>
          <Section title={t('differences')}>
            <Differences of={check.differences} />
          </Section>
          <Section title={t('lines')}>
            <Lines lines={check.lines} />
          </Section>
          <Simulation book={book} text={text} />
        </>
      )}
      {submitting && may && (
        <Submit book={book} text={text} base={state.base} change={may} matter={matter} close={() => setSubmitting(false)} done={draft.forget} />
      )}
    </>
  )
}

/** The checker's word on the text, once nobody has typed for a moment. */
function useCheck(rulebook: string, base: string, text: string | undefined) {
  const [found, setFound] = useState<{ of?: string; check?: RulebookCheck; error?: unknown }>({})
  useEffect(() => {
    if (text === undefined) return
    const controller = new AbortController()
    const timer = setTimeout(() => {
      ask(
        api.POST('/api/v1/rulebooks/{rulebook}/check', {
          params: { path: { rulebook }, ...once() },
          body: { base, text },
          signal: controller.signal,
        }),
      ).then(
        (check) => setFound({ of: text, check }),
        (error: unknown) => {
          if (!controller.signal.aborted) setFound({ of: text, error })
        },
      )
    }, QUIET)
    return () => {
      clearTimeout(timer)
      controller.abort()
    }
  }, [rulebook, base, text])
  return found
}

function Found({ check, busy, error, go }: { check?: RulebookCheck; busy: boolean; error: unknown; go: (line: number, column: number) => void }) {
  return (
    <Section title={t('check-now')} aside={busy ? <span className="dim">{t('checking')}</span> : undefined}>
      <div role="status" aria-live="polite">
        {error ? (
          <ProblemAlert problem={problemOf(error)} />
        ) : check && check.problems.length === 0 ? (
          <p className="ok">{t('check-ok')}</p>
        ) : check ? (
          <p className="wrong">{t('check-problems', { n: check.problems.length })}</p>
        ) : null}
      </div>
      <ol className="found">
        {check?.problems.map((problem, i) => (
          <li key={i}>
            {problem.here ? (
              <button type="button" className="link" onClick={() => go(problem.line, problem.column)}>
                {t('check-at', { line: problem.line, column: problem.column })}
              </button>
            ) : (
              <span className="dim">
                {t('check-at', { line: problem.line, column: problem.column })}
                {t('check-elsewhere', { file: problem.file })}
              </span>
            )}
            <p>{problem.message}</p>
            <p className="dim">{problem.remedy}</p>
          </li>
        ))}
      </ol>
    </Section>
  )
}

function Help({ schema, text, caret, insert }: { schema: Schema; text: string; caret: Caret; insert: (key: string) => void }) {
  const lines = useMemo(() => text.split('\n'), [text])
  const { path, key } = keyAt(lines, caret.line, caret.column)
  const at = schemaAt(schema, path)
  const own = key === undefined ? undefined : schemaAt(schema, [...path, key])
  const known = key !== undefined && at?.properties !== undefined && key in at.properties
  const values = valuesOf(own)
  const others = Object.keys(at?.properties ?? {}).filter((one) => one !== key)
  return (
    <Section title={t('help')}>
      {known && help(key) ? (
        <p>
          <code>{key}</code> {help(key)}
        </p>
      ) : (
        <p className="dim">{t('help-none')}</p>
      )}
      {values.length > 0 && <p>{t('help-values', { values: values.join('、') })}</p>}
      {others.length > 0 && (
        <>
          <h3>{t('help-keys')}</h3>
          <p className="help-keys">
            {others.map((one) => (
              <button key={one} type="button" className="help-key" title={help(one)} aria-label={t('help-insert', { key: one })} onClick={() => insert(one)}>
                {one}
              </button>
            ))}
          </p>
        </>
      )}
    </Section>
  )
}

function Simulation({ book, text }: { book: Book; text: string }) {
  const [procedure, setProcedure] = useState(book.procedures[0]?.key)
  const [state, setState] = useState<{ busy?: boolean; report?: string; broken?: string; error?: unknown }>({})
  const run = async () => {
    setState({ busy: true })
    try {
      const played = await ask(
        api.POST('/api/v1/rulebooks/{rulebook}/simulate', {
          params: { path: { rulebook: book.key }, ...once() },
          body: { procedure: procedure!, text, matters: 100, seed: 1 },
        }),
      )
      setState({ report: played.report, broken: played.broken })
    } catch (error) {
      setState({ error })
    }
  }
  return (
    <Section title={t('simulate')}>
      <div className="rules-bar">
        <Select
          aria-label={t('simulate-procedure')}
          className="filter"
          value={procedure}
          onChange={setProcedure}
          options={book.procedures.map((one) => ({ value: one.key, label: one.title }))}
        />
        <Button onClick={() => void run()} loading={state.busy}>
          {t('simulate-run')}
        </Button>
      </div>
      {state.error !== undefined && <ProblemAlert problem={problemOf(state.error)} />}
      {state.broken && <p className="wrong">{t('simulate-broken', { what: state.broken })}</p>}
      {state.report && <pre className="rules-text">{state.report}</pre>}
    </Section>
  )
}
