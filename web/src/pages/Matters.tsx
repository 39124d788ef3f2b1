import { Button, Input, Select } from 'antd'
import { useEffect, useState } from 'react'
import { useSearchParams } from 'react-router'
import { useRulebooks, type MatterFilter } from '../api/queries'
import { MatterTable } from '../components/MatterTable'
import { Page } from '../components/Page'
import { Nothing } from '../components/States'
import { coded, t } from '../text'

const TYPING = 350 // milliseconds after the last key before the list is searched
const COLOURS = ['red', 'amber', 'green', 'grey'] as const
const STATES = ['open', 'closed', 'completed', 'rejected', 'withdrawn', 'terminated'] as const

/** All matters I may see, by words and filters that stand in the address, so that a list can be kept and sent on. */
export default function Matters() {
  const [search, setSearch] = useSearchParams()
  const rulebooks = useRulebooks()
  const [text, setText] = useState(search.get('text') ?? '')

  const set = (name: string, value: string | undefined) =>
    setSearch(
      (before) => {
        if (value) before.set(name, value)
        else before.delete(name)
        return before
      },
      { replace: true },
    )
  useEffect(() => {
    const timer = setTimeout(() => set('text', text.trim() || undefined), TYPING)
    return () => clearTimeout(timer)
  }, [text])

  const [rulebook, procedure] = (search.get('procedure') ?? '').split('/')
  const filter: MatterFilter = {
    text: search.get('text') ?? undefined,
    rulebook: rulebook || undefined,
    procedure: procedure || undefined,
    colour: COLOURS.find((one) => one === search.get('colour')),
    state: STATES.find((one) => one === search.get('state')),
  }
  const order = search.get('order') === 'nearest' ? 'nearest' : 'newest'
  const filtered = Object.values(filter).some(Boolean)
  const clear = () => {
    setText('')
    setSearch({}, { replace: true })
  }

  return (
    <Page title={t('matters')} wide>
      <form className="filters" role="search" onSubmit={(event) => (event.preventDefault(), set('text', text.trim() || undefined))}>
        <Input
          className="filter-text"
          value={text}
          onChange={(event) => setText(event.target.value)}
          placeholder={t('search-hint')}
          aria-label={t('search')}
          maxLength={100}
          allowClear
        />
        <Select
          className="filter"
          aria-label={t('filter-procedure')}
          placeholder={t('filter-procedure')}
          allowClear
          value={search.get('procedure') ?? undefined}
          onChange={(value: string | undefined) => set('procedure', value)}
          popupMatchSelectWidth={false}
          options={rulebooks.data?.items.map((book) => ({
            label: book.title,
            options: book.procedures.map((one) => ({ value: `${book.key}/${one.key}`, label: one.title })),
          }))}
        />
        <Select
          className="filter"
          aria-label={t('filter-colour')}
          placeholder={t('filter-colour')}
          allowClear
          value={filter.colour}
          onChange={(value: string | undefined) => set('colour', value)}
          options={COLOURS.map((value) => ({ value, label: coded('colour', value) }))}
        />
        <Select
          className="filter"
          aria-label={t('filter-state')}
          placeholder={t('filter-state')}
          allowClear
          value={filter.state}
          onChange={(value: string | undefined) => set('state', value)}
          options={STATES.map((value) => ({ value, label: coded('state', value) }))}
        />
        <Select
          className="filter"
          aria-label={t('order')}
          value={order}
          onChange={(value: string) => set('order', value === 'newest' ? undefined : value)}
          options={[
            { value: 'newest', label: t('order-newest') },
            { value: 'nearest', label: t('order-nearest') },
          ]}
        />
        {filtered && <Button onClick={clear}>{t('clear-filters')}</Button>}
      </form>
      <MatterTable filter={{ ...filter, order }} empty={<Nothing title={t(filtered ? 'empty-search' : 'empty-matters')} />} />
    </Page>
  )
}
