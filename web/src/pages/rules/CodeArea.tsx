import { useEffect, useImperativeHandle, useMemo, useRef, useState, type KeyboardEvent, type Ref } from 'react'
import type { RulebookProblem } from './queries'
import { t } from './text'
import { completion, schemaAt, type Schema } from './yaml'

export type Caret = { line: number; column: number } // from 0
export type CodeAreaHandle = { go: (line: number, column: number) => void; insert: (key: string) => void }

type Props = {
  text: string
  change: (text: string) => void
  problems: readonly RulebookProblem[]
  schema: Schema | undefined
  caret: (caret: Caret) => void
  handle: Ref<CodeAreaHandle>
}

const LINE = 20 // pixels, as in the stylesheet

/** A plain text area with what a text of rules needs: numbered lines, the checker's words beside them, keys completed. */
export function CodeArea({ text, change, problems, schema, caret, handle }: Props) {
  const area = useRef<HTMLTextAreaElement>(null)
  const under = useRef<HTMLDivElement>(null)
  const gutter = useRef<HTMLDivElement>(null)
  const [offered, setOffered] = useState<{ keys: string[]; at: number; line: number; indent: number; begun: string }>()
  const lines = useMemo(() => text.split('\n'), [text])
  const wrong = useMemo(() => {
    const byLine = new Map<number, RulebookProblem[]>()
    for (const problem of problems) if (problem.here) byLine.set(problem.line, [...(byLine.get(problem.line) ?? []), problem])
    return byLine
  }, [problems])

  const follow = () => {
    const { scrollTop, scrollLeft } = area.current!
    under.current!.style.transform = `translate(${-scrollLeft}px, ${-scrollTop}px)`
    gutter.current!.style.transform = `translateY(${-scrollTop}px)`
  }
  useEffect(follow, [text])

  const where = (): Caret => {
    const before = area.current!.value.slice(0, area.current!.selectionStart)
    const line = before.split('\n').length - 1
    return { line, column: before.length - (before.lastIndexOf('\n') + 1) }
  }
  const offer = (asked: boolean) => {
    const at = where()
    const found = schema && completion(area.current!.value.split('\n'), at.line, at.column)
    if (!found || (!asked && found.begun === '')) return setOffered(undefined)
    const properties = Object.keys(schemaAt(schema, found.path)?.properties ?? {})
    const keys = properties.filter((key) => key.startsWith(found.begun) && !found.there.includes(key))
    setOffered(keys.length > 0 && !(keys.length === 1 && keys[0] === found.begun) ? { ...found, keys, at: 0, line: at.line } : undefined)
  }
  const replace = (from: number, to: number, by: string) => {
    area.current!.focus()
    area.current!.setSelectionRange(from, to)
    document.execCommand('insertText', false, by) // as one who types does, so that Ctrl+Z takes it back
  }
  const take = (key: string) => {
    const end = area.current!.selectionStart
    replace(end - (offered?.begun.length ?? 0), end, `${key}: `)
    setOffered(undefined)
  }
  useImperativeHandle(handle, () => ({
    go: (line, column) => {
      const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0)
      const at = start + Math.max(0, Math.min(column - 1, lines[line - 1]?.length ?? 0))
      area.current!.focus()
      area.current!.setSelectionRange(at, start + (lines[line - 1]?.length ?? 0))
      area.current!.scrollTop = Math.max(0, (line - 8) * LINE)
      area.current!.scrollLeft = 0
      follow()
      caret({ line: line - 1, column: column - 1 })
    },
    insert: (key) => {
      const { line, column } = where()
      const indent = /^\s*/.exec(lines[line] ?? '')![0]
      const end = area.current!.selectionStart - column + (lines[line]?.length ?? 0)
      const by = lines[line]?.trim() === '' ? `${key}: ` : `\n${indent}${key}: `
      replace(end, end, by)
    },
  }))
  const key = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing) return // the input method's own
    if (event.ctrlKey && event.key === ' ') {
      event.preventDefault()
      return offer(true)
    }
    if (offered) {
      const move = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
      if (move !== 0) {
        event.preventDefault()
        return setOffered({ ...offered, at: (offered.at + move + offered.keys.length) % offered.keys.length })
      }
      if (event.key === 'Enter' || event.key === 'Tab') {
        event.preventDefault()
        return take(offered.keys[offered.at]!)
      }
      if (event.key === 'Escape') {
        event.preventDefault()
        return setOffered(undefined)
      }
    }
    if (event.key === 'Enter' && !event.ctrlKey) {
      event.preventDefault()
      const { line, column } = where()
      const indent = /^\s*/.exec((lines[line] ?? '').slice(0, column))![0]
      replace(area.current!.selectionStart, area.current!.selectionEnd, `\n${indent}${/:\s*$/.test((lines[line] ?? '').slice(0, column)) ? '  ' : ''}`)
    }
  }
  return (
    <div className="code">
      <div className="code-gutter" aria-hidden="true">
        <div ref={gutter}>
          {lines.map((_, i) => (
            <div key={i} className={wrong.has(i + 1) ? 'code-n code-n-wrong' : 'code-n'} title={wrong.get(i + 1)?.map((one) => one.message).join(' ')}>
              {i + 1}
            </div>
          ))}
        </div>
      </div>
      <div className="code-body">
        <div className="code-under" aria-hidden="true">
          <div ref={under}>
            {[...wrong].map(([line, all]) => (
              <div key={line} className="code-wrong" style={{ top: (line - 1) * LINE }}>
                <span className="code-ghost">{lines[line - 1]}</span>
                <span className="code-note">{all[0]!.message}</span>
              </div>
            ))}
          </div>
        </div>
        <textarea
          ref={area}
          className="code-text"
          aria-label={t('editor')}
          aria-describedby="editor-hint"
          aria-autocomplete="list"
          aria-controls={offered ? 'editor-keys' : undefined}
          aria-activedescendant={offered ? `editor-key-${offered.keys[offered.at]}` : undefined}
          spellCheck={false}
          autoComplete="off"
          wrap="off"
          value={text}
          onChange={(event) => {
            change(event.target.value)
            offer(false)
          }}
          onScroll={follow}
          onKeyDown={key}
          onSelect={() => caret(where())}
          onBlur={() => setOffered(undefined)}
        />
        {offered && (
          <ul
            id="editor-keys"
            className="code-keys"
            role="listbox"
            aria-label={t('help-keys')}
            style={{ top: (offered.line + 1) * LINE + 6 - (area.current?.scrollTop ?? 0), left: `calc(8px + ${offered.indent}ch)` }}
          >
            {offered.keys.slice(0, 12).map((one, i) => (
              <li
                key={one}
                id={`editor-key-${one}`}
                role="option"
                aria-selected={i === offered.at}
                className={i === offered.at ? 'code-key-on' : undefined}
                onMouseDown={(event) => (event.preventDefault(), take(one))}
              >
                {one}
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  )
}
