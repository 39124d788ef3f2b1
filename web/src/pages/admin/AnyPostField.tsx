import { useQueries } from '@tanstack/react-query'
import { Select } from 'antd'
import { api, ask } from '../../api/client'
import { useOrganisations } from './queries'
import { coded } from '../../text'
import { t } from './text'

type Props = { id?: string; among?: { post: string; title: string }[]; value: string | undefined; set: (post: string | undefined) => void }

/** A post of any organisation, or one of those named. */
export function AnyPostField({ among, value, set, ...aria }: Props) {
  const organisations = useOrganisations()
  const posts = useQueries({
    queries: (among ? [] : (organisations.data?.items ?? [])).map((one) => ({
      queryKey: ['posts', one.id],
      queryFn: () => ask(api.GET('/api/v1/organisations/{organisation}/posts', { params: { path: { organisation: one.id } } })),
    })),
  })
  const found = among ?? posts.flatMap((query) => query.data?.items ?? [])
  const system = ['administrator', 'security', 'auditor'].map((role) => ({ post: `system/${role}`, title: coded('role', role) }))
  return (
    <Select
      {...aria}
      className="fill"
      value={value}
      onChange={(next: string | undefined) => set(next)}
      showSearch={{ optionFilterProp: 'label' }}
      placeholder={t('choose-post')}
      loading={organisations.isLoading}
      options={(among ? found : [...found, ...system]).map((one) => ({ value: one.post, label: one.title }))}
    />
  )
}
