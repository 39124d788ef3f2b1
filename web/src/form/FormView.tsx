import type { Values, Field } from './schema'
import { fieldsOf, isEmpty } from './schema'
import { useUnits } from '../api/queries'
import { fullDay } from '../format'
import { t } from '../text'
import { Boundary, apart } from '../components/Boundary'
import { FileLink } from './FileField'

const ChangeView = apart(() => import('../pages/rules/ChangeView'))

type Props = { form: unknown; values: Values; organisation: string; matter: string; marked?: readonly string[] }

/** A filled form to read; fields nobody filled are left out. Marked fields are those still missing. */
export function FormView({ form, values, organisation, matter, marked = [] }: Props) {
  const fields = fieldsOf(form)
  const filled = fields.filter((field) => !isEmpty(values[field.name]))
  const missing = fields.filter((field) => isEmpty(values[field.name]) && marked.includes(field.name))
  return (
    <>
      {filled.length === 0 && <p className="dim">{t('form-empty')}</p>}
      <dl className="form-view">
        {filled.map((field) => (
          <div key={field.name} className={field.kind === 'long-text' || field.kind === 'list' || field.kind === 'change' ? 'form-view-wide' : undefined}>
            <dt>{field.title}</dt>
            <dd>
              <ValueView field={field} value={values[field.name]} organisation={organisation} matter={matter} />
            </dd>
          </div>
        ))}
      </dl>
      {missing.length > 0 && <p className="warn">{t('form-missing', { fields: missing.map((field) => field.title).join('、') })}</p>}
    </>
  )
}

/** A field's value to read. */
export function ValueView({ field, value, organisation, matter }: { field: Field; value: unknown; organisation: string; matter: string }) {
  const units = useUnits(field.kind === 'unit' || field.kind === 'units' ? organisation : undefined)
  const unitName = (id: string) => units.data?.items.find((unit) => unit.id === id)?.name ?? id
  const choice = (one: unknown) => field.choices?.find(({ value: v }) => v === String(one))?.title ?? String(one)
  const all = Array.isArray(value) ? value : [value]
  switch (field.kind) {
    case 'check':
      return <>{t(value ? 'yes' : 'no')}</>
    case 'date':
      return <>{fullDay(String(value))}</>
    case 'unit':
    case 'units':
      return <>{all.map((id) => unitName(String(id))).join('、')}</>
    case 'choice':
    case 'choices':
      return <>{all.map(choice).join('、')}</>
    case 'file':
    case 'files':
      return (
        <ul className="file-list">
          {all.map((id, i) => (
            <li key={String(id)}>
              <FileLink id={String(id)} n={i + 1} matter={matter} />
            </li>
          ))}
        </ul>
      )
    case 'change':
      return (
        <Boundary>
          <ChangeView matter={matter} change={String(value)} />
        </Boundary>
      )
    case 'list': {
      const columns = field.item!.filter((inner) => (all as Values[]).some((item) => !isEmpty(item[inner.name]))) // what nobody filled is left out
      return (
        <div className="scroll-x">
          <table className="plain">
            <thead>
              <tr>
                {columns.map((inner) => (
                  <th key={inner.name} scope="col">
                    {inner.title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {(all as Values[]).map((item, i) => (
                <tr key={i}>
                  {columns.map((inner) => (
                    <td key={inner.name}>
                      {!isEmpty(item[inner.name]) && (
                        <ValueView field={inner} value={item[inner.name]} organisation={organisation} matter={matter} />
                      )}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )
    }
    default:
      return <span className="pre">{String(value)}</span>
  }
}
