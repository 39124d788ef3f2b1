import { useQuery } from '@tanstack/react-query'
import { Select } from 'antd'
import { useSearchParams } from 'react-router'
import { api, ask } from '../../api/client'
import { usePosts } from '../../api/queries'
import { heldBy } from '../../components/PostField'
import { Section } from '../../components/Page'
import { Failure, Loading } from '../../components/States'
import { useOrganisations } from './queries'
import { t } from './text'

/** Each organisation's units with their posts and who holds them; vacant posts stand out. */
export function Organisations() {
  const [search, setSearch] = useSearchParams()
  const organisations = useOrganisations()
  const first = organisations.data?.items[0]?.id
  const chosen = search.get('organisation') ?? first
  if (organisations.error && !organisations.data) return <Failure error={organisations.error} again={() => void organisations.refetch()} />
  if (!chosen) return <Loading />
  return (
    <>
      <div className="filters">
        <Select
          className="filter-text"
          aria-label={t('organisation')}
          value={chosen}
          onChange={(value: string) => setSearch({ organisation: value }, { replace: true })}
          options={organisations.data?.items.map((one) => ({ value: one.id, label: one.title }))}
        />
      </div>
      <Units organisation={chosen} />
    </>
  )
}

function Units({ organisation }: { organisation: string }) {
  const units = useQuery({
    queryKey: ['units', organisation],
    queryFn: ({ signal }) => ask(api.GET('/api/v1/organisations/{organisation}/units', { params: { path: { organisation } }, signal })),
  })
  const posts = usePosts(organisation)
  const failed = units.error ?? posts.error
  if (failed) return <Failure error={failed} again={() => void Promise.all([units.refetch(), posts.refetch()])} />
  if (!units.data || !posts.data) return <Loading />
  const vacant = posts.data.items.filter((post) => post.holders.length === 0)
  return (
    <>
      <p className={vacant.length > 0 ? 'warn' : 'ok'}>
        {t('staffing', { units: units.data.items.length, posts: posts.data.items.length, vacant: vacant.length })}
      </p>
      <p className="dim intro">{t('organisation-hint')}</p>
      <Section title={t('units')}>
        <div className="scroll-x">
          <table className="plain">
            <thead>
              <tr>
                <th scope="col">{t('col-unit')}</th>
                <th scope="col">{t('col-posts-holders')}</th>
              </tr>
            </thead>
            <tbody>
              {units.data.items.map((unit) => (
                <tr key={unit.id}>
                  <td>
                    {unit.name}{' '}
                    {unit.oversees && <span className="tag tag-mine">{t('oversees')}</span>}
                  </td>
                  <td>
                    {posts.data.items
                      .filter((post) => post.unit === unit.id)
                      .map((post) => (
                        <div key={post.post}>
                          {post.title}
                          {post.holders.length === 0 ? <span className="tag tag-amber">{t('vacant')}</span> : <span className="dim">{heldBy(post)}</span>}
                        </div>
                      ))}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Section>
    </>
  )
}
