import { Alert } from 'antd'
import type { Progress } from '../api/command'
import { t } from '../text'
import { ProblemAlert } from './States'

/** Where a command stands, as far as the reader must know. */
export function CommandProgress({ progress }: { progress: Progress }) {
  switch (progress.at) {
    case 'accepted':
      return <Alert type="info" role="status" showIcon title={t('accepted')} description={t('accepted-hint')} />
    case 'refused':
      return <ProblemAlert problem={progress.problem} />
    case 'unknown':
      return <ProblemAlert problem={{ ...progress.problem, detail: t('unknown-hint') }} />
    default:
      return null
  }
}
