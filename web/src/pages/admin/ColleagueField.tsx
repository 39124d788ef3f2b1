import { Select } from 'antd'
import { usePosts } from '../../api/queries'
import { t } from './text'

type Props = { id?: string; organisation: string; not: string; value: string | undefined; set: (person: string | undefined) => void }

/** Somebody who holds a post in the organisation, found by name or post: for those who may not list everybody. */
export function ColleagueField({ organisation, not, value, set, ...aria }: Props) {
  const posts = usePosts(organisation)
  const options = (posts.data?.items ?? [])
    .flatMap((post) => post.holders.map((one) => ({ value: one.id, label: one.name === post.title ? one.name : t('person-option', { name: one.name, login: post.title }) })))
    .filter((one, i, all) => one.value !== not && all.findIndex((other) => other.value === one.value) === i)
  return (
    <Select
      {...aria}
      className="fill"
      value={value}
      onChange={(next: string | undefined) => set(next)}
      showSearch={{ optionFilterProp: 'label' }}
      allowClear
      placeholder={t('choose-colleague')}
      loading={posts.isLoading}
      options={options}
    />
  )
}
