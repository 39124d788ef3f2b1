import type { Schemas } from '../../api/client'
import { article } from '../../components/SourceChip'
import { how, t } from './text'

type Item = Schemas['RuleChangeItem']

/** What changes in the rules, in words: of the rulebook, then of those that derive from it. */
export function Differences({ of }: { of: readonly Schemas['RulebookDifference'][] }) {
  if (of.length === 0) return <p className="dim">{t('differences-none')}</p>
  return (
    <>
      {of.map((book) => (
        <section key={book.rulebook} className="diff-book">
          {of.length > 1 && <h3>{t('differences-of', { title: book.title })}</h3>}
          {book.procedures.map((procedure) => (
            <div key={procedure.key} className="diff-procedure">
              <p className="diff-head">
                <span className={`tag tag-${procedure.how}`}>{how(procedure.how)}</span>
                <strong>{procedure.title}</strong>
                {procedure.running ? <span className="dim">{t('differences-running', { n: procedure.running })}</span> : null}
              </p>
              <Changes changes={procedure.changes} />
              {procedure.stages?.map((stage) => (
                <div key={stage.key} className="diff-stage">
                  <p className="diff-head">
                    <span className={`tag tag-${stage.how}`}>{how(stage.how)}</span>
                    <span>{stage.title}</span>
                    {stage.source && <span className="dim">{article(stage.source)}</span>}
                  </p>
                  <Changes changes={stage.changes} />
                </div>
              ))}
            </div>
          ))}
        </section>
      ))}
    </>
  )
}

/** Things said otherwise, each with the authority of both sides. */
export function Changes({ changes }: { changes: readonly Item[] }) {
  if (changes.length === 0) return null
  return (
    <div className="scroll-x">
      <table className="plain diff-table">
        <thead>
          <tr>
            <th scope="col">{t('diff-what')}</th>
            <th scope="col">{t('diff-from')}</th>
            <th scope="col">{t('diff-to')}</th>
          </tr>
        </thead>
        <tbody>
          {changes.map((change) => (
            <tr key={change.what}>
              <th scope="row">{change.what}</th>
              <td>
                <Side text={change.from} source={change.fromSource} />
              </td>
              <td>
                <Side text={change.to} source={change.toSource} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const Side = ({ text, source }: { text: string; source?: string }) => (
  <>
    <span className="pre">{article(text)}</span>
    {source && <span className="dim"> {article(source)}</span>}
  </>
)

/** Two texts line by line. */
export function Lines({ lines }: { lines: readonly Schemas['TextLine'][] }) {
  if (lines.length === 0) return <p className="dim">{t('lines-none')}</p>
  let before = { old: 0, new: 0 }
  return (
    <div className="scroll-x">
      <table className="diff-lines">
        <caption className="sr-only">{t('lines')}</caption>
        <thead className="sr-only">
          <tr>
            <th scope="col">{t('line-old')}</th>
            <th scope="col">{t('line-new')}</th>
            <th scope="col">{t('lines')}</th>
          </tr>
        </thead>
        <tbody>
          {lines.flatMap((line, i) => {
            const gap = (line.old !== undefined && line.old > before.old + 1) || (line.new !== undefined && line.new > before.new + 1)
            before = { old: line.old ?? before.old, new: line.new ?? before.new }
            const kind = line.old === undefined ? 'added' : line.new === undefined ? 'removed' : 'same'
            const row = (
              <tr key={i} className={`line-${kind}`}>
                <td className="line-n">{line.old}</td>
                <td className="line-n">{line.new}</td>
                <td>
                  <span className="line-mark">{kind === 'added' ? t('line-added') : kind === 'removed' ? t('line-removed') : ''}</span>
                  <code>{line.text}</code>
                </td>
              </tr>
            )
            return gap && i > 0
              ? [
                  <tr key={`${i}-gap`} className="line-gap">
                    <td colSpan={3}>{t('lines-gap')}</td>
                  </tr>,
                  row,
                ]
              : [row]
          })}
        </tbody>
      </table>
    </div>
  )
}
