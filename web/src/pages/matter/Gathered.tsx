import type { Schemas } from '../../api/client'
import { Section } from '../../components/Page'
import { moment } from '../../format'
import { t, type Key } from '../../text'

type Gathering = Schemas['Gathering']

const DONE: Record<string, Key> = { collect: 'gathered-collect', poll: 'gathered-poll', score: 'gathered-score' }
const OWED: Record<string, Key> = { collect: 'owed-collect', poll: 'owed-poll', score: 'owed-score' }

/** What came in of a stage that waits for many, and who is missing: those first. */
export function Gathered({ gathering }: { gathering: Gathering }) {
  const { title, kind, done, parts } = gathering
  const owed = parts.filter((one) => !one.done)
  const came = parts.filter((one) => one.done)
  return (
    <Section
      title={t('gathered', { stage: title })}
      aside={
        <span className={owed.length > 0 ? 'warn' : 'ok'}>{t('gathered-n', { done, all: parts.length })}</span>
      }
    >
      {owed.length > 0 && (
        <p>
          <b>{t(OWED[kind] ?? 'owed-collect', { n: owed.length })}</b>
          {owed.map((one) => one.unitName + (one.missed ? t('missed') : '')).join('、')}
        </p>
      )}
      {came.length > 0 && (
        <details open={came.length <= 6}>
          <summary>{t(DONE[kind] ?? 'gathered-collect', { n: came.length })}</summary>
          <ul className="gathered">
            {came.map((one) => (
              <li key={one.unit}>
                {one.unitName} <span className="dim">{moment(one.done!)}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </Section>
  )
}
