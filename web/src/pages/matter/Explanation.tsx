import { Modal } from 'antd'
import { useExplanation } from '../../api/queries'
import { AuthorityChip } from '../../components/SourceChip'
import { Failure, Loading } from '../../components/States'
import { civilDay, fullDay, moment, weekday } from '../../format'
import { t } from '../../text'
import { months } from './calendar'

/** Why a limit falls on its day: the sentence, a calendar, and each skipped day with its reason. */
export function Explanation({ matter, limit, close }: { matter: string; limit: number; close: () => void }) {
  const query = useExplanation(matter, limit)
  const data = query.data
  const due = data && civilDay(data.due)
  const skipped = data?.days.filter((day) => !day.counted && day.why !== 'start') ?? []
  let count = 0
  const numbers = new Map(data?.days.map((day) => [day.date, day.counted ? ++count : 0]))
  return (
    <Modal open title={t('why-title', { limit: data?.title ?? '' })} onCancel={close} footer={null} width={760} mask={{ closable: true }}>
      {query.error && !data && <Failure error={query.error} again={() => void query.refetch()} />}
      {!data && !query.error && <Loading />}
      {data && (
        <div className="why">
          <p className="why-sentence">
            {data.sentence} <AuthorityChip authority={data.authority} />
          </p>
          <p className="dim">{t('why-span', { from: moment(data.from), due: moment(data.due), term: data.term })}</p>
          {data.provisional && <p className="warn">{t('why-provisional')}</p>}
          <div className="months">
            {months(data.days).map((month) => (
              <table key={month.key} className="month">
                <caption>{t('month', { year: Number(month.key.slice(0, 4)), month: Number(month.key.slice(5)) })}</caption>
                <thead>
                  <tr>
                    {[...t('weekdays')].map((name) => (
                      <th key={name} scope="col">
                        {name}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {month.weeks.map((week, i) => (
                    <tr key={i}>
                      {week.map((cell, j) => {
                        const day = cell?.of
                        const kind = !day ? 'out' : day.date === due ? 'due' : day.why === 'start' ? 'from' : day.counted ? 'counted' : 'skipped'
                        return (
                          <td key={j} className={`cell cell-${kind}`} title={day?.text}>
                            {cell?.day}
                            {day && (
                              <small>
                                {kind === 'due'
                                  ? t('cell-due')
                                  : kind === 'from'
                                    ? t('cell-from')
                                    : kind === 'counted'
                                      ? t('cell-counted', { n: numbers.get(day.date) ?? 0 })
                                      : t('cell-skipped')}
                              </small>
                            )}
                          </td>
                        )
                      })}
                    </tr>
                  ))}
                </tbody>
              </table>
            ))}
          </div>
          {skipped.length > 0 && (
            <>
              <h3>{t('skipped-days', { n: skipped.length })}</h3>
              <ul className="skipped">
                {skipped.map((day) => (
                  <li key={day.date}>
                    <time dateTime={day.date}>
                      {fullDay(day.date)} {weekday(day.date)}
                    </time>
                    <span>{day.text}</span>
                  </li>
                ))}
              </ul>
            </>
          )}
        </div>
      )}
    </Modal>
  )
}
