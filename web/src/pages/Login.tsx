import { useEffect } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import { LoginForm } from '../components/LoginForm'
import { t } from '../text'

/** Only a path of this site is gone back to. */
export const backTo = (from: string | null): string => (from && /^\/(?![/\\])/.test(from) ? from : '/')

export default function Login() {
  const navigate = useNavigate()
  const [search] = useSearchParams()
  useEffect(() => {
    document.title = `${t('log-in')} - ${t('app')}`
  }, [])
  return (
    <main className="door">
      <div className="door-card">
        <h1>{t('app-full')}</h1>
        {search.has('activated') && <p className="ok">{t('activated')}</p>}
        <LoginForm done={(me) => void navigate(me.passwordExpired ? '/password' : backTo(search.get('from')), { replace: true })} />
        <p className="dim">{t('login-help')}</p>
      </div>
    </main>
  )
}
