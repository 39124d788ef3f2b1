import { texts } from '../../text'
import catalogue from '../../../../internal/message/zh-CN/web-ledger.json'

const t = texts(catalogue)

/** Minutes as 3天2小时, a day being as long as said: nine hours of work, or twenty-four. */
export function span(minutes: number, day: number): string {
  const whole = Math.round(minutes)
  if (whole < 60) return t('minutes', { n: whole })
  const days = Math.floor(whole / day)
  const hours = Math.floor((whole - days * day) / 60)
  if (days === 0) return t('hours', { n: hours })
  return hours === 0 || days >= 10 ? t('days', { n: days }) : t('days-hours', { days, hours })
}
