import { Select } from 'antd'
import type { Schemas } from '../api/client'
import { usePosts } from '../api/queries'
import { t } from '../text'

type Props = { id?: string; many: boolean; organisation: string; value: string[]; set: (posts: string[]) => void }

/** Who holds a post, where that says more than its title. */
export function heldBy(post: Schemas['PostRef']): string {
  if (post.holders.length === 0) return t('vacant')
  const names = post.holders.map((one) => one.name).filter((name) => name !== post.title)
  return names.length > 0 ? t('in-brackets', { text: names.join('、') }) : ''
}

/** Posts of an organisation, found by post, unit or the name of who holds it. */
export function PostField({ many, organisation, value, set, ...aria }: Props) {
  const posts = usePosts(organisation)
  return (
    <Select
      {...aria}
      mode={many ? 'multiple' : undefined}
      value={many ? value : value[0]}
      onChange={(next: string | string[] | undefined) => set(next === undefined ? [] : Array.isArray(next) ? next : [next])}
      allowClear
      placeholder={t('choose-post')}
      loading={posts.isLoading}
      notFoundContent={t(posts.error ? 'posts-failed' : posts.isLoading ? 'loading' : 'no-match')}
      showSearch={{ optionFilterProp: 'label' }}
      options={posts.data?.items.map((post) => ({
        value: post.post,
        label: post.title + heldBy(post),
      }))}
    />
  )
}
