import { Button, Input } from 'antd'
import { useState, type FormEvent, type ReactNode } from 'react'
import type { Problem } from '../api/client'
import { problemOf } from '../api/problem'
import { t } from '../text'
import { Field } from './Field'
import { ProblemAlert } from './States'

type Props = { action: string; children?: ReactNode; ready?: boolean; save: (password: string) => Promise<void> }

/** A new password, typed twice; the server's rules for it come back as errors. */
export function NewPassword({ action, children, ready = true, save }: Props) {
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const differ = again !== '' && again !== password

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (busy || differ) return
    setBusy(true)
    setProblem(undefined)
    try {
      await save(password)
    } catch (error) {
      setProblem(problemOf(error))
    } finally {
      setBusy(false)
    }
  }
  return (
    <form onSubmit={(event) => void submit(event)} className="login-form">
      {problem && <ProblemAlert problem={problem} />}
      {children}
      <Field label={t('new-password')} hint={t('password-hint')}>
        {(aria) => (
          <Input.Password
            {...aria}
            value={password}
            onChange={(event) => setPassword(event.target.value)}
            autoComplete="new-password"
            maxLength={256}
            required
          />
        )}
      </Field>
      <Field label={t('password-again')} error={differ ? t('passwords-differ') : undefined}>
        {(aria) => (
          <Input.Password
            {...aria}
            value={again}
            onChange={(event) => setAgain(event.target.value)}
            autoComplete="new-password"
            maxLength={256}
            required
          />
        )}
      </Field>
      <Button type="primary" htmlType="submit" block loading={busy} disabled={!ready || !password || password !== again}>
        {action}
      </Button>
    </form>
  )
}
