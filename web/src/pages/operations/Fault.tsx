import type { Schemas } from '../../api/client'
import { t } from './text'

/** What failed and what to do; what the part itself says of it is a click away. */
export function Fault({ failure, more = [] }: { failure: Schemas['Failure']; more?: string[] }) {
  const { message, type, causes } = failure
  return (
    <div>
      <p className="ops-fault">{failure.sentence}</p>
      <Raw lines={[[...more, type].filter(Boolean).join(' '), message, ...causes.map((cause) => t('cause', { cause }))]} />
    </div>
  )
}

/** An error as a part says it, in the words of programs, for who maintains them. */
export function Raw({ lines }: { lines: string[] }) {
  return (
    <details className="ops-raw">
      <summary>{t('raw')}</summary>
      {lines.filter(Boolean).map((line) => (
        <p key={line}>{line}</p>
      ))}
    </details>
  )
}
