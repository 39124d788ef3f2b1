import { useEffect } from 'react'
import { useLocation, useNavigate } from 'react-router'
import { api, ask, once } from '../api/client'
import { NewPassword } from '../components/NewPassword'
import { t } from '../text'

/** Setting one's password by a one-time link; the token stands behind the number sign, where no server or log sees it. */
export default function Activate() {
  const navigate = useNavigate()
  const token = decodeURIComponent(useLocation().hash.slice(1))
  useEffect(() => {
    document.title = `${t('activate')} - ${t('app')}`
  }, [])
  const save = async (password: string) => {
    await ask(api.POST('/api/v1/activations', { params: once(), body: { token, password } }))
    void navigate('/login?activated', { replace: true })
  }
  return (
    <main className="door">
      <div className="door-card">
        <h1>{t('activate')}</h1>
        {token ? <NewPassword action={t('activate-save')} save={save} /> : <p className="warn">{t('activate-no-token')}</p>}
      </div>
    </main>
  )
}
