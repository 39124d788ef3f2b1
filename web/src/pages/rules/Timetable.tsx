import { useState } from 'react'
import type { Schemas } from '../../api/client'
import { Section } from '../../components/Page'
import { article, AuthorityChip } from '../../components/SourceChip'
import { Failure, Loading } from '../../components/States'
import { DateField } from '../../form/DateField'
import { fullDay, moment, weekday } from '../../format'
import { useTimetable } from './queries'
import { t } from './text'

/** How a procedure runs from a day on, each day counted or skipped, and why. */
export function Timetable({ rulebook, procedure }: { rulebook: string; procedure: string }) {
  const [from, setFrom] = useState<string>()
  const query = useTimetable(rulebook, procedure, from)
  const data = query.data
  return (
    <Section title={t('timetable')}>
      <div className="rules-bar">
        <label htmlFor="timetable-from">{t('timetable-from')}</label>
        <DateField id="timetable-from" value={from ?? data?.from.slice(0, 10)} set={setFrom} />
        <span className="dim">{t('timetable-hint')}</span>
      </div>
      {query.error && !data && <Failure error={query.error} again={() => void query.refetch()} />}
      {!data && !query.error && <Loading />}
      {data?.provisional && <p className="warn">{t('timetable-provisional')}</p>}
      <ol className="timetable">
        {data?.lines.map((line, i) => (
          <li key={i} className={line.limit ? 'timetable-limit' : undefined}>
            <span>{line.text}</span> {line.limit && <AuthorityChip authority={line.authority} short />}
            {line.who && !line.limit && <span className="dim"> {line.who}</span>}
            {line.does?.map((what) => (
              <p key={what} className="dim">
                {article(what.trim())}
              </p>
            ))}
            {line.alarms && line.alarms.length > 0 && (
              <ul className="timetable-alarms">
                {line.alarms.map((alarm, j) => (
                  <li key={j}>
                    {alarm.at && <time>{moment(alarm.at)}</time>} {alarm.text} {alarm.to}
                  </li>
                ))}
              </ul>
            )}
            {line.days && line.days.length > 0 && <Days days={line.days} />}
          </li>
        ))}
      </ol>
    </Section>
  )
}

function Days({ days }: { days: readonly Schemas['Day'][] }) {
  const [open, setOpen] = useState(false)
  const counted = days.filter((day) => day.counted).length
  let n = 0
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('days-shown', { counted, skipped: days.length - counted })}</summary>
      {open && (
        <div className="scroll-x">
          <table className="plain days">
            <thead>
              <tr>
                <th scope="col">{t('day')}</th>
                <th scope="col">{t('day-how')}</th>
                <th scope="col">{t('day-why')}</th>
              </tr>
            </thead>
            <tbody>
              {days.map((day) => (
                <tr key={day.date} className={day.counted ? undefined : 'day-skipped'}>
                  <td>
                    {fullDay(day.date)} {weekday(day.date)}
                  </td>
                  <td>{day.counted ? t('day-counted', { n: ++n }) : t('day-not')}</td>
                  <td>{day.text}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  )
}
