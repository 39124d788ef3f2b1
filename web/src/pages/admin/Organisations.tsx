import { Button, Dropdown, Select } from 'antd'
import { useState } from 'react'
import { useSearchParams } from 'react-router'
import type { Schemas } from '../../api/client'
import { usePosts, useUnits } from '../../api/queries'
import { heldBy } from '../../components/PostField'
import { Section } from '../../components/Page'
import { Failure, Loading } from '../../components/States'
import { useSession } from '../../session'
import { useOrganisations } from './queries'
import { t } from './text'
import { UnitChanges } from './UnitChanges'
import { UnitForm, type Change } from './UnitForm'

type Unit = Schemas['Unit']
type Post = Schemas['PostRef']

/** Each organisation's units with their posts and who holds them, and the changes of them that wait or were made. */
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
      <Units key={chosen} organisation={chosen} />
    </>
  )
}

const CHANGES: [Change, string][] = [
  ['rename', t('unit-rename')],
  ['move', t('unit-move')],
  ['end', t('unit-end')],
]

function Units({ organisation }: { organisation: string }) {
  const mayChange = useSession().me.roles.includes('administrator')
  const [form, setForm] = useState<{ change: Change; unit?: Unit }>()
  const units = useUnits(organisation)
  const posts = usePosts(organisation)
  const failed = units.error ?? posts.error
  const failure = failed && <Failure error={failed} again={() => void Promise.all([units.refetch(), posts.refetch()])} />
  if (!units.data || !posts.data) return failure ?? <Loading />
  const here = units.data.items.filter((unit) => !unit.ended)
  const gone = units.data.items.filter((unit) => unit.ended)
  const vacant = posts.data.items.filter((post) => post.holders.length === 0)
  const nameOf = (id: string | undefined) => units.data.items.find((unit) => unit.id === id)?.name
  return (
    <>
      {failure}
      <p className={vacant.length > 0 ? 'warn' : 'ok'}>
        {t('staffing', { units: here.length, posts: posts.data.items.length, vacant: vacant.length })}
      </p>
      <p className="dim intro">{t('organisation-hint')}</p>
      <UnitChanges organisation={organisation} />
      <Section title={t('units')} aside={mayChange && <Button onClick={() => setForm({ change: 'add' })}>{t('unit-add')}</Button>}>
        <div className="scroll-x">
          <table className="plain units-table">
            <thead>
              <tr>
                <th scope="col">{t('col-unit')}</th>
                <th scope="col">{t('col-above')}</th>
                <th scope="col">{t('col-posts-holders')}</th>
                {mayChange && <th scope="col">{t('col-change')}</th>}
              </tr>
            </thead>
            <tbody>
              {here.map((unit) => (
                <tr key={unit.id}>
                  <th scope="row">
                    {unit.name} {unit.oversees && <span className="tag tag-mine">{t('oversees')}</span>}
                  </th>
                  <td>{nameOf(unit.parent)}</td>
                  <td>
                    <Held posts={posts.data.items.filter((post) => post.unit === unit.id)} />
                  </td>
                  {mayChange && (
                    <td>
                      <Dropdown
                        trigger={['click']}
                        menu={{ items: CHANGES.map(([key, label]) => ({ key, label, onClick: () => setForm({ change: key, unit }) })) }}
                      >
                        <Button size="small" aria-haspopup="menu">
                          {t('unit-change')}
                          <span className="sr-only">{unit.name}</span>
                        </Button>
                      </Dropdown>
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {gone.length > 0 && <p className="dim">{t('units-ended', { units: gone.map((unit) => unit.name).join('、') })}</p>}
      </Section>
      {form && (
        <UnitForm
          organisation={organisation}
          change={form.change}
          unit={form.unit}
          units={here}
          posts={posts.data.items}
          close={() => setForm(undefined)}
        />
      )}
    </>
  )
}

function Held({ posts }: { posts: Post[] }) {
  return posts.map((post) => (
    <div key={post.post}>
      {post.title}
      {post.holders.length === 0 ? <span className="tag tag-amber">{t('vacant')}</span> : <span className="dim">{heldBy(post)}</span>}
    </div>
  ))
}
