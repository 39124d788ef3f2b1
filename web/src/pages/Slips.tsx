import { Checkbox } from 'antd'
import { useSearchParams } from 'react-router'
import { useSlips } from '../api/queries'
import { Listing } from '../components/Listing'
import { Page } from '../components/Page'
import { slipColumns } from '../components/SlipTable'
import { Nothing } from '../components/States'
import { t } from '../text'

/** Slips of the matters I may see, latest first. */
export default function Slips() {
  const [search, setSearch] = useSearchParams()
  const on = (name: string) => search.get(name) === '1'
  const set = (name: string, value: boolean) =>
    setSearch(
      (before) => {
        if (value) before.set(name, '1')
        else before.delete(name)
        return before
      },
      { replace: true },
    )
  const query = useSlips({ mine: on('mine') || undefined, unsigned: on('unsigned') || undefined })
  return (
    <Page title={t('slips')} wide>
      <div className="filters">
        <Checkbox checked={on('mine')} onChange={(event) => set('mine', event.target.checked)}>
          {t('slips-mine')}
        </Checkbox>
        <Checkbox checked={on('unsigned')} onChange={(event) => set('unsigned', event.target.checked)}>
          {t('slips-unsigned')}
        </Checkbox>
      </div>
      <Listing query={query} columns={slipColumns} keyOf={(slip) => slip.id} caption={t('slips-caption')} empty={<Nothing title={t('empty-slips')} />} />
    </Page>
  )
}
