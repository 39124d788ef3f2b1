import { QueryCache, useQueryClient } from '@tanstack/react-query'
import { Modal } from 'antd'
import { createContext, use, useEffect, useState, type ReactNode } from 'react'
import { Navigate, useLocation } from 'react-router'
import type { Me } from './api/client'
import { Refused } from './api/problem'
import { useMe } from './api/queries'
import { useStream } from './api/stream'
import { LoginForm } from './components/LoginForm'
import { Failure, Loading } from './components/States'
import { t } from './text'

type Current = { me: Me; live: boolean }
const CurrentSession = createContext<Current | undefined>(undefined)

/** Who is logged in, and whether changes arrive as they happen. Only inside [Session]. */
export function useSession(): Current {
  const current = use(CurrentSession)
  if (!current) throw new Error('useSession outside Session')
  return current
}

const notLoggedIn = (error: unknown) => error instanceof Refused && error.problem.status === 401

/** Tells when any query is answered that nobody is logged in. */
function useExpiry(): [boolean, (expired: boolean) => void] {
  const client = useQueryClient()
  const [expired, setExpired] = useState(false)
  useEffect(() => {
    const cache: QueryCache = client.getQueryCache()
    return cache.subscribe((event) => {
      if (event.type === 'updated' && event.action.type === 'error' && notLoggedIn(event.action.error)) setExpired(true)
    })
  }, [client])
  return [expired, setExpired]
}

/**
 * What stands behind a login. Nobody logged in: the login page, and back. A session that ends while one works is asked
 * for again over the page, so that nothing typed is lost.
 */
export function Session({ children }: { children: ReactNode }) {
  const me = useMe()
  const client = useQueryClient()
  const location = useLocation()
  const [expired, setExpired] = useExpiry()
  const live = useStream(me.data !== undefined && !me.data.passwordExpired && !expired)

  if (!me.data) {
    if (notLoggedIn(me.error)) {
      const from = location.pathname + location.search
      return <Navigate to={from === '/' ? '/login' : `/login?from=${encodeURIComponent(from)}`} replace />
    }
    return me.error ? <Failure error={me.error} again={() => void me.refetch()} /> : <Loading />
  }
  if (me.data.passwordExpired && location.pathname !== '/password') return <Navigate to="/password" replace />
  return (
    <CurrentSession value={{ me: me.data, live }}>
      {children}
      <Modal open={expired} title={t('session-ended')} footer={null} closable={false} keyboard={false}>
        <p>{t('session-ended-hint')}</p>
        <LoginForm
          login={me.data.login}
          done={() => {
            setExpired(false)
            void client.invalidateQueries()
          }}
        />
      </Modal>
    </CurrentSession>
  )
}
