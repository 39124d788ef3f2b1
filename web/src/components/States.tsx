import { Button, Spin } from 'antd'
import { useEffect, useState, type ReactNode } from 'react'
import { Link } from 'react-router'
import type { Problem } from '../api/client'
import { problemOf } from '../api/problem'
import { t } from '../text'
import { AuthorityChip } from './SourceChip'

const SLOW = 4_000 // milliseconds after which a person is told that it is slow

/** Something is being read. After a while it says that it takes long. */
export function Loading() {
  const [slow, setSlow] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), SLOW)
    return () => clearTimeout(timer)
  }, [])
  return (
    <div className="loading" role="status">
      <Spin />
      <span>{t(slow ? 'loading-slow' : 'loading')}</span>
    </div>
  )
}

/** Nothing is there, and what to do then. */
export function Nothing({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="nothing">
      <p className="nothing-title">{title}</p>
      {children}
    </div>
  )
}

/** What is wrong with a request: why, which article says so, which fields, and the number to quote. */
export function ProblemAlert({ problem, action }: { problem: Problem; action?: ReactNode }) {
  const ours = problem.status === 0 || problem.status >= 500
  return (
    <div className={ours ? 'problem problem-warn' : 'problem'} role="alert">
      <div className="problem-head">
        <span>{problem.title}</span>
        {action}
      </div>
      {problem.detail && problem.detail !== problem.title && <p>{problem.detail}</p>}
      {problem.errors && problem.errors.length > 0 && (
        <ul>
          {problem.errors.map((error) => (
            <li key={error.field + error.message}>{error.message}</li>
          ))}
        </ul>
      )}
      {problem.retryAfter ? <p>{t('retry-after', { seconds: problem.retryAfter })}</p> : null}
      <AuthorityChip authority={problem} />
      {problem.status >= 500 && problem.traceId && <p className="dim">{t('trace', { trace: problem.traceId })}</p>}
    </div>
  )
}

/** A page or part that could not be read, with a way to try again. */
export function Failure({ error, again, label = t('again') }: { error: unknown; again: () => void; label?: string }) {
  const problem = problemOf(error)
  return (
    <div className="failure">
      <ProblemAlert
        problem={problem}
        action={
          problem.status === 404 ? (
            <Link to="/">{t('back-to-desk')}</Link>
          ) : (
            <Button size="small" onClick={again}>
              {label}
            </Button>
          )
        }
      />
    </div>
  )
}
