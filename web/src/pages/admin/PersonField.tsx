import { Select } from 'antd'
import { useDeferredValue, useState } from 'react'
import { usePeople } from './queries'
import { t } from './text'

type Props = { id?: string; label?: string; value: string | undefined; set: (person: string | undefined) => void }

/** A person, found by name or login. */
export function PersonField({ label, value, set, ...aria }: Props) {
  const [text, setText] = useState('')
  const people = usePeople(useDeferredValue(text.trim()))
  return (
    <Select
      {...aria}
      aria-label={label}
      className="fill"
      value={value}
      onChange={(next: string | undefined) => set(next)}
      showSearch={{ filterOption: false, onSearch: setText }}
      allowClear
      placeholder={t('choose-person')}
      loading={people.isLoading}
      notFoundContent={t(people.isLoading ? 'loading' : 'empty-people')}
      options={people.data?.pages.flatMap((page) => page.items).map((one) => ({ value: one.id, label: t('person-option', { name: one.name, login: one.login }) }))}
    />
  )
}
