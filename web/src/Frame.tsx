import { App, Button, Dropdown } from 'antd'
import { useState } from 'react'
import { Link, NavLink, Outlet, useNavigate } from 'react-router'
import { api, ask } from './api/client'
import { problemOf } from './api/problem'
import { Boundary, apart } from './components/Boundary'
import { forgetKept } from './kept'
import { useSession } from './session'
import { coded, t } from './text'
import { setLargeType, useLargeType } from './typesize'

const Notifications = apart(() => import('./components/Notifications'))

/** The frame of every page: where one can go, what is new, who one is. */
export function Frame() {
  const { me, live } = useSession()
  const navigate = useNavigate()
  const { message } = App.useApp()
  const large = useLargeType()
  const [news, setNews] = useState<'never' | 'open' | 'closed'>('never')

  const leave = async () => {
    try {
      await ask(api.DELETE('/api/v1/sessions/current'))
    } catch (error) {
      const { status, title } = problemOf(error)
      if (status !== 401) return void message.error(title) // whoever comes next would still be this person
    }
    forgetKept()
    window.location.assign('/login') // a fresh page: nothing read or typed by one person is left for the next
  }
  const places: [string, string][] = [
    ['/', t('desk')],
    ['/matters', t('matters')],
    ['/ledger', t('ledger')],
    ['/start', t('start')],
    ['/slips', t('slips')],
    ['/polls', t('polls')],
    ['/rules', t('rules')],
    ...(me.roles.length > 0 ? [['/admin', t('admin')] as [string, string]] : []),
    ...(me.roles.some((role) => role !== 'security') ? [['/operations', t('operations')] as [string, string]] : []),
  ]
  const posts = me.posts.map((post) => post.title + (post.deputyFor ? t('deputy-for', { name: post.deputyFor.name }) : ''))
  const roles = me.roles.map((role) => coded('role', role))

  return (
    <div className="frame">
      <a className="skip" href="#main">
        {t('skip')}
      </a>
      <header className="top">
        <Link className="brand" to="/">
          {t('app')}
        </Link>
        <nav className="places" aria-label={t('places')}>
          {places.map(([to, title]) => (
            <NavLink key={to} to={to} end={to === '/'}>
              {title}
              {to === '/' && me.counts.total > 0 && <span className="count">{me.counts.total}</span>}
            </NavLink>
          ))}
        </nav>
        <div className="top-right">
          <Button
            type="text"
            className="top-button"
            onClick={() => setNews('open')}
            aria-label={t('notifications-label', { n: me.unreadNotifications })}
          >
            {t('notifications')}
            {me.unreadNotifications > 0 && <span className="count count-news">{Math.min(me.unreadNotifications, 999)}</span>}
          </Button>
          <Dropdown
            trigger={['click']}
            menu={{
              items: [
                {
                  key: 'posts',
                  type: 'group',
                  label: t('my-posts'),
                  children: [...posts, ...roles].map((title, i) => ({ key: `post-${i}`, label: title, disabled: true })),
                },
                { type: 'divider' },
                { key: 'type', label: t(large ? 'normal-type' : 'large-type'), onClick: () => setLargeType(!large) },
                { key: 'account', label: t('account'), onClick: () => void navigate('/account') },
                { key: 'password', label: t('change-password'), onClick: () => void navigate('/password') },
                { key: 'leave', label: t('log-out'), onClick: () => void leave() },
              ],
            }}
          >
            <Button type="text" className="top-button" aria-haspopup="menu">
              <span className="me-name">{me.person.name}</span>
            </Button>
          </Dropdown>
        </div>
      </header>
      {me.demo && (
        <aside className="strip" aria-label={t('demo-label')}>
          {t('demo')}
        </aside>
      )}
      {!live && (
        <div className="strip strip-warn" role="status">
          {t('not-live')}
        </div>
      )}
      {news !== 'never' && (
        <Boundary waiting={null}>
          <Notifications open={news === 'open'} close={() => setNews('closed')} />
        </Boundary>
      )}
      <main id="main" tabIndex={-1}>
        <Boundary>
          <Outlet />
        </Boundary>
      </main>
    </div>
  )
}
