import { Select } from 'antd'
import { useUnits } from '../api/queries'
import { t } from '../text'

type Props = {
  id?: string
  many: boolean
  kinds?: string[]
  organisation: string | undefined
  value: unknown
  set: (next: unknown) => void
}

/** One unit or several of an organisation, found by typing part of a name. */
export function UnitField({ many, kinds, organisation, value, set, ...aria }: Props) {
  const units = useUnits(organisation)
  const chosen = [value].flat()
  const offered = units.data?.items.filter((unit) => (!kinds || kinds.includes(unit.kind)) && (!unit.ended || chosen.includes(unit.id))) ?? []
  return (
    <Select
      {...aria}
      mode={many ? 'multiple' : undefined}
      value={many ? ((value as string[] | undefined) ?? []) : (value as string | undefined)}
      onChange={(next: unknown) => set(next ?? undefined)}
      allowClear
      placeholder={t(many ? 'choose-units' : 'choose-unit')}
      loading={units.isLoading}
      status={units.error ? 'error' : undefined}
      notFoundContent={t(units.error ? 'units-failed' : units.isLoading ? 'loading' : 'no-match')}
      showSearch={{ optionFilterProp: 'label' }}
      options={offered.map((unit) => ({ value: unit.id, label: unit.name }))}
    />
  )
}
