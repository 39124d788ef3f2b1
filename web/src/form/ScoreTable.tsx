import { InputNumber } from 'antd'
import { t } from '../text'
import type { Field, Values } from './schema'
import { scorecard, total } from './score'

type Props = { field: Field; items: Values[]; set: (items: Values[]) => void; errors: Record<string, string | undefined> }

/** A scorecard to fill in: one line for each subject, one column for each indicator, and what the line comes to. */
export function ScoreTable({ field, items, set, errors }: Props) {
  const card = scorecard(field.item!, items)
  const put = (row: number, name: string, value: number | null) =>
    set(items.map((old, i) => (i === row ? { ...old, [name]: value ?? undefined } : old)))
  return (
    <div className="scroll-x">
      <table className="plain score-table">
        <thead>
          <tr>
            <th scope="col">{t('score-subject')}</th>
            {card.indicators.map((one) => (
              <th key={one.key} scope="col">
                {one.title}
                {one.most !== undefined && <span className="dim"> {t('score-most', { n: one.most })}</span>}
              </th>
            ))}
            <th scope="col">{t('score-total')}</th>
          </tr>
        </thead>
        <tbody>
          {card.subjects.map((subject) => (
            <tr key={subject.id}>
              <th scope="row">{subject.title}</th>
              {card.indicators.map((one) => {
                const place = card.at(subject.id, one.key)
                if (!place) return <td key={one.key} />
                const mark = items[place.row]![place.name] as number | undefined
                const wrong = errors[`${field.name}.${place.row}.${place.name}`] ?? (mark !== undefined && one.most !== undefined && mark > one.most ? t('score-over', { n: one.most }) : undefined)
                return (
                  <td key={one.key} className={wrong ? 'field-wrong' : undefined}>
                    <InputNumber
                      className="score-mark"
                      aria-label={`${subject.title} ${one.title}`}
                      aria-invalid={wrong !== undefined}
                      min={0}
                      controls={false}
                      value={mark}
                      onChange={(value) => put(place.row, place.name, value)}
                    />
                    {wrong && (
                      <div className="field-error" role="alert">
                        {wrong}
                      </div>
                    )}
                  </td>
                )
              })}
              <td className="n">{total(card, items, subject.id) ?? ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
