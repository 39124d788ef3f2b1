import { useEffect, useRef } from 'react'
import type { Progress } from '../api/command'
import { t } from '../text'
import { ProblemAlert } from './States'

/** Where a command stands, as far as the reader must know, brought into sight: below a long form nobody would see it. */
export function CommandProgress({ progress }: { progress: Progress }) {
  const told = useRef<HTMLDivElement>(null)
  useEffect(() => {
    told.current?.scrollIntoView?.({ block: 'nearest' }) // what the tests run in shows nothing and cannot scroll
  }, [progress])
  const said = say(progress)
  return said && <div ref={told}>{said}</div>
}

function say(progress: Progress) {
  switch (progress.at) {
    case 'accepted':
      return (
        <div className="problem problem-info" role="status">
          <div className="problem-head">{t('accepted')}</div>
          <p>{t('accepted-hint')}</p>
        </div>
      )
    case 'refused':
      return <ProblemAlert problem={progress.problem} />
    case 'unknown':
      return <ProblemAlert problem={{ ...progress.problem, detail: t('unknown-hint') }} />
    default:
      return null
  }
}
