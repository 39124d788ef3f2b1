import type { Progress } from '../api/command'
import { t } from '../text'
import { ProblemAlert } from './States'

/** Where a command stands, as far as the reader must know. */
export function CommandProgress({ progress }: { progress: Progress }) {
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
