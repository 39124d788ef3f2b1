import { useEffect, useRef } from 'react'
import type { Matter, Schemas } from '../../api/client'
import { AuthorityChip } from '../../components/SourceChip'
import { moment } from '../../format'
import { coded, t } from '../../text'

type Stage = Schemas['MatterStage']

/** The path of a matter as a picture: each stage a step, the current one marked and in view, its clock beneath. */
export function Stages({ matter, explain }: { matter: Matter; explain: (limit: number) => void }) {
  const current = useRef<HTMLLIElement>(null)
  useEffect(() => {
    const step = current.current
    const path = step?.parentElement
    if (step && path) path.scrollLeft = step.offsetLeft - path.offsetLeft - (path.clientWidth - step.clientWidth) / 2
  }, [matter.stage])
  const done = matter.stages.filter((stage) => stage.state === 'done').length
  return (
    <ol className="stages" tabIndex={0} aria-label={t('stages-label', { done, all: matter.stages.length })}>
      {matter.stages.map((stage) => (
        <li
          key={stage.key}
          ref={stage.state === 'current' ? current : undefined}
          className={`stage stage-${stage.state}`}
          aria-current={stage.state === 'current' ? 'step' : undefined}
        >
          <span className="stage-mark" aria-hidden="true">
            {MARKS[stage.state]}
          </span>
          <span className="stage-title">{stage.title}</span>
          <span className="stage-state">
            {coded('stage', stage.state)}
            {stage.rounds > 1 && stage.state !== 'ahead' && t('rounds', { n: stage.rounds })}
          </span>
          <span className="stage-who">{whoOf(stage)}</span>
          {stage.left ? (
            <span className="stage-time">{moment(stage.left)}</span>
          ) : stage.limit !== undefined ? (
            <button type="button" className="link" onClick={() => explain(stage.limit!)}>
              {stage.term || t('limit')}
            </button>
          ) : (
            stage.term && <span className="stage-time">{stage.term}</span>
          )}
          <AuthorityChip authority={stage.authority} short />
        </li>
      ))}
    </ol>
  )
}

const MARKS: Record<Stage['state'], string> = { done: '✓', current: '●', ahead: '', skipped: '–', returned: '↩', unfinished: '×' }

/** Who acts in a stage, shortened where many do. */
function whoOf(stage: Stage): string {
  const posts = stage.who.map((post) => post.title)
  if (posts.length === 0) return ''
  const shown = posts.length > 2 ? t('and-others', { first: posts[0]!, n: posts.length }) : posts.join('、')
  return posts.length > 1 && stage.mode ? `${shown}（${coded('mode', stage.mode)}）` : shown
}
