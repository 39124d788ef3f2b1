import { useQueryClient } from '@tanstack/react-query'
import { App, Input } from 'antd'
import { useState } from 'react'
import { useNavigate } from 'react-router'
import { api, ask, once } from '../api/client'
import { Field } from '../components/Field'
import { NewPassword } from '../components/NewPassword'
import { Page } from '../components/Page'
import { useSession } from '../session'
import { t } from '../text'

export default function Password() {
  const { me } = useSession()
  const { message } = App.useApp()
  const client = useQueryClient()
  const navigate = useNavigate()
  const [current, setCurrent] = useState('')
  const save = async (password: string) => {
    await ask(api.POST('/api/v1/me/password', { params: once(), body: { current, password } }))
    await client.invalidateQueries({ queryKey: ['me'] })
    void message.success(t('password-changed'))
    void navigate('/', { replace: true })
  }
  return (
    <Page title={t('change-password')}>
      <div className="narrow">
        {me.passwordExpired && <p className="warn">{t('password-expired')}</p>}
        <NewPassword action={t('change-password')} save={save} ready={current !== ''}>
          <Field label={t('current-password')}>
            {(aria) => (
              <Input.Password
                {...aria}
                value={current}
                onChange={(event) => setCurrent(event.target.value)}
                autoComplete="current-password"
                maxLength={256}
                required
              />
            )}
          </Field>
        </NewPassword>
      </div>
    </Page>
  )
}
