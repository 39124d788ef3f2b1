import { NavLink, useParams } from 'react-router'
import { useRulebooks } from '../../api/queries'
import { Section } from '../../components/Page'
import { AuthorityChip } from '../../components/SourceChip'
import { actionName, coded } from '../../text'
import NotFound from '../NotFound'
import { END } from './flow'
import { Flow } from './Flow'
import type { Book, LimitRule, ProcedureView, StageRule } from './queries'
import { t } from './text'
import { Timetable } from './Timetable'

/** A rulebook's procedures: one at a time, as a picture, stage by stage, and counted out from a day. */
export function Procedures({ book }: { book: Book }) {
  const { procedure: key } = useParams()
  const procedure = book.procedures.find((one) => one.key === key)
  return (
    <div className="rules">
      <nav className="rules-side" aria-label={t('procedures')}>
        <ul>
          {book.procedures.map((one) => (
            <li key={one.key}>
              <NavLink to={`/rules/${book.key}/procedures/${one.key}`}>{one.title}</NavLink>
            </li>
          ))}
        </ul>
      </nav>
      <div className="rules-main">{procedure ? <One key={procedure.key} book={book} procedure={procedure} /> : <NotFound />}</div>
    </div>
  )
}

function One({ book, procedure }: { book: Book; procedure: ProcedureView }) {
  const rulebooks = useRulebooks()
  const whose = procedure.rulebook !== book.key ? rulebooks.data?.items.find((one) => one.key === procedure.rulebook)?.title : undefined
  return (
    <>
      <div className="rules-head">
        <h2>{procedure.title}</h2>
        <AuthorityChip authority={procedure.authority} />
        {whose && <span className="tag">{t('inherited-from', { book: whose })}</span>}
        {procedure.intake && (
          <span>
            {t('intake', { opens: procedure.intake.opens, closes: procedure.intake.closes })} <AuthorityChip authority={procedure.intake.authority} short />
          </span>
        )}
      </div>
      <div className="rules-pair">
        <Flow procedure={procedure} />
        <div className="rules-words">
          <Section title={t('stages')}>
            <ol className="rule-stages">
              {procedure.stages.map((stage, i) => (
                <Stage key={stage.key} n={i + 1} stage={stage} procedure={procedure} />
              ))}
            </ol>
          </Section>
          {procedure.limits.length > 0 && (
            <Section title={t('spanning')}>
              <Limits limits={procedure.limits} />
            </Section>
          )}
        </div>
      </div>
      <Timetable rulebook={book.key} procedure={procedure.key} />
    </>
  )
}

function Stage({ n, stage, procedure }: { n: number; stage: StageRule; procedure: ProcedureView }) {
  const titleOf = (key: string) => (key === END ? t('picture-end') : (procedure.stages.find((one) => one.key === key)?.title ?? key))
  return (
    <li id={`stage-${stage.key}`}>
      <div className="rule-stage-head">
        <strong>
          {n}. {stage.title}
        </strong>
        <span className="tag">{stage.kindTitle}</span>
        <AuthorityChip authority={stage.authority} short />
      </div>
      {stage.whoTitle && (
        <p>
          {stage.whoTitle}
          {stage.mode && stage.mode !== 'any' && `（${coded('mode', stage.mode)}）`}
        </p>
      )}
      {stage.does && <p>{stage.does}</p>}
      <Limits limits={stage.limits} />
      <p className="dim rule-ways">
        {stage.leads.map((lead) => (
          <span key={lead.action + lead.to.join()}>
            {t('to', { action: lead.label || (lead.action ? actionName(lead.action) : t('next')), to: lead.to.map(titleOf).join('、') })}
          </span>
        ))}
      </p>
    </li>
  )
}

function Limits({ limits }: { limits: readonly LimitRule[] }) {
  return (
    <ul className="rule-limits">
      {limits.map((limit) => (
        <li key={limit.key}>
          <span className="rule-term">{limit.term}</span> {limit.title} <AuthorityChip authority={limit.authority} short />
          {limit.alarms.length > 0 && (
            <details>
              <summary>
                {t('alarms')} {limit.alarms.length}
              </summary>
              <ul>
                {limit.alarms.map((alarm, i) => (
                  <li key={i}>
                    {alarm.sentence} <AuthorityChip authority={alarm.authority} short />
                  </li>
                ))}
              </ul>
            </details>
          )}
        </li>
      ))}
    </ul>
  )
}
