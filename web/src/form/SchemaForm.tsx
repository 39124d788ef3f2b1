import { Button, Input, InputNumber, Radio, Select } from 'antd'
import { Boundary, apart } from '../components/Boundary'
import { Field as Labelled, RequiredMark } from '../components/Field'
import { t } from '../text'
import { DateField } from './DateField'
import { FileField } from './FileField'
import type { Field, Values } from './schema'
import { itemRequired } from './schema'
import { ScoreTable } from './ScoreTable'
import { UnitField } from './UnitField'

const ChangeField = apart(() => import('../pages/rules/ChangeView').then((page) => ({ default: page.ChangeField })))

type Props = {
  form: unknown // the JSON Schema, for what items of lists require
  fields: readonly Field[]
  required: readonly string[]
  values: Values
  errors: Record<string, string | undefined>
  organisation: string | undefined // whose units are offered
  matter?: string // through which files already there are read
  change: (name: string, value: unknown) => void
}

/** A form drawn from its JSON Schema. A run of yes-or-no questions becomes one checklist. */
export function SchemaForm(props: Props) {
  const groups: Field[][] = []
  for (const field of props.fields) {
    const last = groups[groups.length - 1]
    if (field.kind === 'check' && last?.[0]?.kind === 'check') last.push(field)
    else groups.push([field])
  }
  return (
    <div className="form">
      {groups.map((group) =>
        group[0]!.kind === 'check' ? (
          <Checklist key={group[0]!.name} {...props} fields={group} />
        ) : (
          <One key={group[0]!.name} {...props} field={group[0]!} />
        ),
      )}
    </div>
  )
}

/** Questions to be answered yes or no: not answered yet is neither. */
function Checklist({ fields, required, values, errors, change }: Props) {
  return (
    <Labelled group label={t('checklist')}>
      {() => (
        <div className="checklist">
          {fields.map((field) => (
            <div className={errors[field.name] ? 'question field-wrong' : 'question'} key={field.name}>
              <span>
                {field.title}
                {required.includes(field.name) && <RequiredMark />}
                {field.hint && <span className="dim"> {field.hint}</span>}
              </span>
              {errors[field.name] && (
                <span className="field-error" role="alert">
                  {errors[field.name]}
                </span>
              )}
              <Radio.Group
                aria-label={field.title}
                value={values[field.name]}
                onChange={(event) => change(field.name, event.target.value)}
                options={[
                  { value: true, label: t('yes') },
                  { value: false, label: t('no') },
                ]}
              />
            </div>
          ))}
        </div>
      )}
    </Labelled>
  )
}

function One({ field, ...props }: Props & { field: Field }) {
  const { values, errors, required, organisation, matter, change } = props
  const value = values[field.name]
  const set = (next: unknown) => change(field.name, next)
  const common = { label: field.title, required: required.includes(field.name), error: errors[field.name], hint: field.hint }

  switch (field.kind) {
    case 'list':
      return (
        <Labelled group {...common}>
          {() => <ListField {...props} field={field} items={(value as Values[] | undefined) ?? []} set={set} />}
        </Labelled>
      )
    case 'choice':
      if (field.choices!.length <= 4)
        return (
          <Labelled group {...common}>
            {() => (
              <Radio.Group
                aria-label={field.title}
                value={value}
                onChange={(event) => set(event.target.value)}
                options={field.choices!.map((choice) => ({ value: choice.value, label: choice.title }))}
              />
            )}
          </Labelled>
        )
      return <Labelled {...common}>{(aria) => <ChoiceSelect aria={aria} field={field} value={value} set={set} />}</Labelled>
    case 'choices':
      return (
        <Labelled {...common}>
          {(aria) =>
            field.choices ? (
              <ChoiceSelect aria={aria} field={field} value={value} set={set} />
            ) : (
              <Select {...aria} mode="tags" open={false} suffixIcon={null} value={(value as string[]) ?? []} onChange={set} />
            )
          }
        </Labelled>
      )
    case 'file':
    case 'files':
      return (
        <Labelled group {...common}>
          {() => (
            <FileField
              title={field.title}
              many={field.kind === 'files'}
              most={field.most}
              matter={matter}
              value={Array.isArray(value) ? (value as string[]) : value ? [value as string] : []}
              set={(ids) => set(field.kind === 'files' ? ids : ids[0])}
            />
          )}
        </Labelled>
      )
    case 'change':
      return (
        <Labelled group {...common}>
          {() => (
            <Boundary waiting={null}>
              <ChangeField matter={matter} change={value as string | undefined} />
            </Boundary>
          )}
        </Labelled>
      )
    case 'unit':
    case 'units':
      return (
        <Labelled {...common}>
          {(aria) => (
            <UnitField {...aria} many={field.kind === 'units'} kinds={field.unitKinds} organisation={organisation} value={value} set={set} />
          )}
        </Labelled>
      )
    case 'date':
      return <Labelled {...common}>{(aria) => <DateField {...aria} value={value as string | undefined} set={set} />}</Labelled>
    case 'number':
      return (
        <Labelled {...common}>
          {(aria) => (
            <InputNumber
              {...aria}
              value={value as number | undefined}
              precision={field.whole ? 0 : undefined}
              onChange={(next) => set(next ?? undefined)}
              className="number"
            />
          )}
        </Labelled>
      )
    case 'long-text':
      return (
        <Labelled {...common}>
          {(aria) => (
            <Input.TextArea
              {...aria}
              value={(value as string) ?? ''}
              onChange={(event) => set(event.target.value)}
              rows={4}
              showCount={field.most ? { formatter: ({ count }) => `${count}/${field.most}` } : false}
            />
          )}
        </Labelled>
      )
    default:
      return (
        <Labelled {...common}>
          {(aria) => <Input {...aria} value={(value as string) ?? ''} onChange={(event) => set(event.target.value)} />}
        </Labelled>
      )
  }
}

function ChoiceSelect({ aria, field, value, set }: { aria: object; field: Field; value: unknown; set: (next: unknown) => void }) {
  return (
    <Select
      {...aria}
      mode={field.kind === 'choices' ? 'multiple' : undefined}
      value={value}
      onChange={set}
      allowClear
      placeholder={t('choose')}
      showSearch={{ optionFilterProp: 'label' }}
      options={field.choices!.map((choice) => ({ value: choice.value, label: choice.title }))}
    />
  )
}

type ListProps = Props & { field: Field; items: Values[]; set: (items: Values[]) => void }

function ListField({ field, items, set, errors, form, ...props }: ListProps) {
  const inner = itemRequired(form, field.name)
  // Rows that are given are filled in: none is added or removed.
  if (field.item!.some((one) => one.given)) return <ScoreTable field={field} items={items} set={set} errors={errors} />
  return (
    <div className="list-field">
      {items.map((item, i) => {
        const prefix = `${field.name}.${i}.`
        const own = Object.fromEntries(
          Object.entries(errors)
            .filter(([name]) => name.startsWith(prefix))
            .map(([name, text]) => [name.slice(prefix.length), text]),
        )
        return (
          <div className="list-item" key={i} role="group" aria-label={t('item-n', { n: i + 1 })}>
            <div className="list-item-head">
              <span>{t('item-n', { n: i + 1 })}</span>
              <Button size="small" onClick={() => set(items.filter((_, j) => j !== i))} aria-label={t('remove-item-n', { n: i + 1 })}>
                {t('remove')}
              </Button>
            </div>
            <SchemaForm
              {...props}
              form={undefined}
              fields={field.item!}
              required={inner}
              values={item}
              errors={own}
              change={(name, value) => set(items.map((old, j) => (j === i ? { ...old, [name]: value } : old)))}
            />
          </div>
        )
      })}
      <Button onClick={() => set([...items, {}])} disabled={field.most !== undefined && items.length >= field.most}>
        {t('add-item')}
      </Button>
    </div>
  )
}
