import { useEffect, useState } from 'react'
import { moment } from '../../format'
import { t } from './text'

const SECOND = 1000

/** How long it is until then, as 3天4小时 or 2分05秒. */
export function remaining(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / SECOND))
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  const days = Math.floor(hours / 24)
  if (days > 0) return t('days-hours', { days, hours: hours % 24 })
  if (hours > 0) return t('hours-minutes', { hours, minutes: minutes % 60 })
  if (minutes > 0) return t('minutes-seconds', { minutes, seconds: seconds % 60 })
  return t('seconds', { seconds })
}

export const lasted = (began: string, ended?: string) => remaining((ended ? new Date(ended) : new Date()).getTime() - new Date(began).getTime())

/** An instant, and how long it is until then; it counts down while one looks. */
export function Countdown({ at, label }: { at: string; label?: string }) {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), SECOND)
    return () => clearInterval(timer)
  }, [])
  const left = new Date(at).getTime() - now
  return (
    <time dateTime={at} title={moment(at)} className={left < 0 ? 'ops-count warn' : 'ops-count'}>
      {label}
      {left < 0 ? t('overdue', { time: remaining(-left) }) : t('in', { time: remaining(left) })}
    </time>
  )
}
