import { useQueryClient } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useState, type FormEvent } from 'react'
import { api, once, reply, type Me, type Problem } from '../api/client'
import { problemOf } from '../api/problem'
import { t } from '../text'
import { Field } from './Field'
import { ProblemAlert } from './States'

/** Login and password. With `login` given only the password is asked for: the same person goes on. */
export function LoginForm({ login: fixed, done }: { login?: string; done: (me: Me) => void }) {
  const client = useQueryClient()
  const [login, setLogin] = useState(fixed ?? '')
  const [password, setPassword] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem>()

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    setProblem(undefined)
    try {
      const body = { login: login.trim(), password }
      const { data } = await reply(api.POST('/api/v1/sessions', { params: once(), body }))
      client.setQueryData<Me>(['me'], data)
      done(data)
    } catch (error) {
      setProblem(problemOf(error))
    } finally {
      setBusy(false)
    }
  }

  return (
    <form onSubmit={(event) => void submit(event)} className="login-form">
      {problem && <ProblemAlert problem={problem} />}
      <Field label={t('login')}>
        {(aria) => (
          <Input
            {...aria}
            value={login}
            readOnly={fixed !== undefined}
            onChange={(event) => setLogin(event.target.value)}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            autoFocus={fixed === undefined}
            maxLength={64}
            required
          />
        )}
      </Field>
      <Field label={t('password')}>
        {(aria) => (
          <Input.Password
            {...aria}
            value={password}
            onChange={(event) => setPassword(event.target.value)}
            autoComplete="current-password"
            autoFocus={fixed !== undefined}
            maxLength={256}
            required
          />
        )}
      </Field>
      <Button type="primary" htmlType="submit" block loading={busy} disabled={!login.trim() || !password}>
        {t('log-in')}
      </Button>
    </form>
  )
}
