import type { Colour } from './api/client'
import { t } from './text'

const ZONE = 8 * 3600_000 // civil time is UTC+8 all year
const DAY = 24 * 3600_000
const WEEKDAYS = '日一二三四五六'

const civil = (instant: string | Date) => new Date(new Date(instant).getTime() + ZONE)
const two = (n: number) => String(n).padStart(2, '0')

/** Civil day of an instant, as 2026-01-31. */
export function civilDay(instant: string | Date): string {
  return civil(instant).toISOString().slice(0, 10)
}

/** 2026年1月31日; the year is left out in the current one. */
export function day(instant: string | Date, now: Date = new Date()): string {
  const at = civil(instant)
  const short = `${at.getUTCMonth() + 1}月${at.getUTCDate()}日`
  return at.getUTCFullYear() === civil(now).getUTCFullYear() ? short : `${at.getUTCFullYear()}年${short}`
}

/** 2026年1月31日 of a date written 2026-01-31. */
export function fullDay(date: string): string {
  const [year, month, dayOfMonth] = date.slice(0, 10).split('-').map(Number)
  return `${year}年${month}月${dayOfMonth}日`
}

/** 星期六 of a civil day. */
export function weekday(date: string): string {
  return `星期${WEEKDAYS[new Date(`${date.slice(0, 10)}T00:00:00Z`).getUTCDay()]}`
}

/** 1月31日 14:05. */
export function moment(instant: string | Date, now: Date = new Date()): string {
  const at = civil(instant)
  return `${day(instant, now)} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`
}

/**
 * How far a limit is, as 剩3天 or 逾期2天. Nothing where the wall's clock contradicts the colour or comes before the
 * beginning: the matter is a rehearsal and runs on a clock of its own.
 */
export function distance(due: string | undefined, colour: Colour, now: Date = new Date(), since?: string): string {
  if (!due || colour === 'grey' || (since && new Date(since) > now)) return ''
  const left = new Date(due).getTime() - now.getTime()
  if ((colour === 'red') !== left < 0) return ''
  const days = Math.floor(Math.abs(left) / DAY)
  if (left < 0) return days === 0 ? t('late-today') : t('late-days', { days })
  if (civilDay(due) === civilDay(now)) return t('due-today')
  return days === 0 ? t('left-under-a-day') : t('left-days', { days })
}

/** Working time as 3小时20分. */
export function workingTime(minutes: number): string {
  if (minutes < 60) return t('minutes', { minutes })
  const hours = Math.floor(minutes / 60)
  return minutes % 60 ? t('hours-minutes', { hours, minutes: minutes % 60 }) : t('hours', { hours })
}

/** A file's size as 1.4 MB. */
export function fileSize(bytes: number): string {
  if (bytes < 1024) return t('bytes', { bytes })
  const kb = bytes / 1024
  return kb < 1024 ? `${Math.round(kb)} KB` : `${(kb / 1024).toFixed(1)} MB`
}
