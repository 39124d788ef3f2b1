import { useState } from 'react'
import { Link } from 'react-router'
import { useMatter } from '../../api/queries'
import { Failure, Loading } from '../../components/States'
import { Differences, Lines } from './Differences'
import { useChange } from './queries'
import { short, t } from './text'
import './rules.css'

/** A proposed change of the rules within its matter: what it changes, for whom, and whether it still can. */
export default function ChangeView({ matter, change }: { matter: string; change: string }) {
  const rulebook = useMatter(matter).data?.rulebook
  const query = useChange(matter, rulebook, change)
  const [open, setOpen] = useState(false)
  const data = query.data
  if (query.error && !data) return <Failure error={query.error} again={() => void query.refetch()} />
  if (!data) return <Loading />
  const n = data.check.problems.length
  return (
    <div className="change">
      <p className="rules-bar">
        <span className="tag">{t('change-base', { version: short(data.base) })}</span>
        {data.enacted ? (
          <span className="tag tag-green">{t('change-enacted')}</span>
        ) : data.current ? (
          <span className="tag">{t('change-current')}</span>
        ) : (
          <span className="tag tag-red">{t('change-stale', { base: short(data.base) })}</span>
        )}
        {n > 0 && <span className="tag tag-red">{t('change-problems', { n })}</span>}
      </p>
      {n > 0 && (
        <ol className="found">
          {data.check.problems.map((problem, i) => (
            <li key={i}>
              <span className="dim">
                {problem.file} {t('check-at', { line: problem.line, column: problem.column })}
              </span>
              <p>{problem.message}</p>
              <p className="dim">{problem.remedy}</p>
            </li>
          ))}
        </ol>
      )}
      {n === 0 && <Differences of={data.check.differences} />}
      <details>
        <summary>{t('lines')}</summary>
        <Lines lines={data.check.lines} />
      </details>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{t('change-text')}</summary>
        {open && (
          <pre className="rules-text" tabIndex={0}>
            {data.text}
          </pre>
        )}
      </details>
    </div>
  )
}

/** Where a change is written: on the rules' page, from which it comes back into the matter. */
export function ChangeField({ matter, change }: { matter: string | undefined; change: string | undefined }) {
  const rulebook = useMatter(matter).data?.rulebook
  const to = rulebook ? `/rules/${rulebook}/edit?matter=${matter ?? ''}` : '/rules'
  return (
    <div>
      {matter && change ? <ChangeView matter={matter} change={change} /> : <p className="dim">{t('change-need')}</p>}
      <Link to={to}>{t(change ? 'change-open' : 'change-go')}</Link>
    </div>
  )
}
