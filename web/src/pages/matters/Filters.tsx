import { Button, Input, Select } from 'antd'
import { useEffect, useState } from 'react'
import { useLeaders, useOrganisations, useStages } from '../../api/ledgers'
import { useRulebooks, useUnits, type MatterFilter } from '../../api/queries'
import { civilDay, fullDay } from '../../format'
import { coded, t as common, texts } from '../../text'
import catalogue from '../../../../internal/message/zh-CN/web-matters.json'
import { COLOURS, STATES, termsOf, withName, type Term } from './filters'

const t = texts(catalogue)
const TYPING = 350 // milliseconds after the last key before the list is searched
const LEVELS = ['leading-group', 'office', 'special-group', 'district', 'department', 'section'] as const
const LEVEL_NAMES = {
  'leading-group': t('level-leading-group'),
  office: t('level-office'),
  'special-group': t('level-special-group'),
  district: t('level-district'),
  department: t('level-department'),
  section: t('level-section'),
}
const TERM_NAMES: Record<Term['key'], string> = {
  week: t('term-week'),
  month: t('term-month'),
  quarter: t('term-quarter'),
  'half-year': t('term-half-year'),
  year: t('term-year'),
}

type Props = { filter: MatterFilter; set: (filter: MatterFilter) => void; order?: boolean }

/** What lists, ledgers and charts are filtered by. */
export function Filters({ filter, set, order = false }: Props) {
  const rulebooks = useRulebooks()
  const organisations = useOrganisations()
  const leaders = useLeaders()
  const organisation = filter.organisation ?? organisations.data?.items[0]?.id
  const units = useUnits(organisation)
  const stages = useStages(filter.rulebook, filter.procedure)
  const [open, setOpen] = useState(false) // on a phone they are folded away
  const chosen = Object.keys(filter).filter((name) => !['text', 'order', 'rulebook', 'termTo'].includes(name)).length
  const unitOptions = units.data?.items.map((unit) => ({ value: unit.id, label: unit.name }))
  const put = (name: Parameters<typeof withName>[1], value: string | undefined) => set(withName(filter, name, value))
  const terms = termsOf(civilDay(new Date()))
  const term = filter.termFrom || filter.termTo ? `${filter.termFrom ?? ''}/${filter.termTo ?? ''}` : undefined
  const termOptions = terms.map((one) => ({ value: `${one.from}/${one.to}`, label: TERM_NAMES[one.key] }))
  if (term && !termOptions.some((one) => one.value === term)) {
    const [from, to] = term.split('/')
    termOptions.push({ value: term, label: t('term-between', { from: from ? fullDay(from) : '', to: to ? fullDay(to) : '' }) })
  }

  const choice = (label: string, value: string | undefined, options: { value: string; label: string }[] | undefined, change: (value: string | undefined) => void, opened?: () => void) => (
    <Select
      className="filter"
      aria-label={label}
      placeholder={label}
      allowClear
      showSearch={{ optionFilterProp: 'label' }}
      popupMatchSelectWidth={false}
      value={value}
      onChange={change}
      onOpenChange={(open) => open && opened?.()}
      options={options}
      notFoundContent={common('no-match')}
    />
  )
  return (
    <>
      <Words text={filter.text} set={(text) => put('text', text)} />
      <Button className="filter-fold" aria-expanded={open} onClick={() => setOpen(!open)}>
        {t(open ? 'fold-filters' : chosen > 0 ? 'more-filters-n' : 'more-filters', { n: chosen })}
      </Button>
      <div className={open ? 'filter-set filter-set-open' : 'filter-set'}>
        {(organisations.data?.items.length ?? 0) > 1 &&
          choice(
            t('organisation'),
            filter.organisation,
            organisations.data?.items.map((one) => ({ value: one.id, label: one.title })),
            (value) => put('organisation', value),
          )}
        <Select
          className="filter"
          aria-label={common('filter-procedure')}
          placeholder={common('filter-procedure')}
          allowClear
          value={filter.procedure ? `${filter.rulebook ?? ''}/${filter.procedure}` : undefined}
          onChange={(value: string | undefined) => {
            const [rulebook, procedure] = value?.split('/') ?? []
            set(withName(withName(filter, 'rulebook', rulebook), 'procedure', procedure))
          }}
          popupMatchSelectWidth={false}
          options={rulebooks.data?.items.map((book) => ({
            label: book.title,
            options: book.procedures.map((one) => ({ value: `${book.key}/${one.key}`, label: one.title })),
          }))}
        />
        {filter.procedure &&
          choice(
            t('stage'),
            filter.stage,
            stages.data?.map((one) => ({ value: one.key, label: one.title })),
            (value) => put('stage', value),
          )}
        {choice(t('owner'), filter.owner, unitOptions, (value) => put('owner', value))}
        {choice(t('unit'), filter.unit, unitOptions, (value) => put('unit', value))}
        {choice(
          t('level'),
          filter.level,
          LEVELS.map((value) => ({ value, label: LEVEL_NAMES[value] })),
          (value) => put('level', value),
        )}
        {choice(
          t('leader'),
          filter.leader,
          leaders.data?.items.map((value) => ({ value, label: value })),
          (value) => put('leader', value),
          () => void leaders.refetch(), // one who was entered a moment ago is looked for first
        )}
        {choice(t('term'), term, termOptions, (value) => {
          const [from, to] = value?.split('/') ?? []
          set(withName(withName(filter, 'termFrom', from), 'termTo', to))
        })}
        {choice(
          common('filter-colour'),
          filter.colour,
          COLOURS.map((value) => ({ value, label: coded('colour', value) })),
          (value) => put('colour', value),
        )}
        {choice(
          common('filter-state'),
          filter.state,
          STATES.map((value) => ({ value, label: coded('state', value) })),
          (value) => put('state', value),
        )}
        {order && (
          <Select
            className="filter"
            aria-label={common('order')}
            value={filter.order ?? 'newest'}
            onChange={(value: string) => put('order', value === 'newest' ? undefined : value)}
            options={[
              { value: 'newest', label: common('order-newest') },
              { value: 'nearest', label: common('order-nearest') },
            ]}
          />
        )}
      </div>
    </>
  )
}

/** Words typed, searched for once one stops typing; what the address says comes in when it changes from outside. */
function Words({ text, set }: { text: string | undefined; set: (text: string | undefined) => void }) {
  const [typed, setTyped] = useState(text ?? '')
  const [known, setKnown] = useState(text)
  if (known !== text) {
    setKnown(text)
    if ((text ?? '') !== typed.trim()) setTyped(text ?? '')
  }
  useEffect(() => {
    if (typed.trim() === (text ?? '')) return
    const timer = setTimeout(() => set(typed.trim() || undefined), TYPING)
    return () => clearTimeout(timer)
  })
  return (
    <Input
      className="filter-text"
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
      onPressEnter={() => set(typed.trim() || undefined)}
      placeholder={common('search-hint')}
      aria-label={common('search')}
      maxLength={100}
      allowClear
    />
  )
}
