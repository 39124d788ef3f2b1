import { useEffect } from 'react'
import { useNavigate, useParams, useSearchParams } from 'react-router'
import { api, ask, once } from '../api/client'
import { NewPassword } from '../components/NewPassword'
import { t } from '../text'

/** Setting one's password by a one-time link; the token stands in the path, the query or behind the #. */
export default function Activate() {
  const params = useParams()
  const [search] = useSearchParams()
  const navigate = useNavigate()
  const token = params.token ?? search.get('token') ?? window.location.hash.replace(/^#(token=)?/, '')
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
