import { Link } from 'react-router'
import { Page } from '../components/Page'
import { Nothing } from '../components/States'
import { t } from '../text'

export default function NotFound() {
  return (
    <Page title={t('no-page')}>
      <Nothing title={t('no-page-hint')}>
        <Link to="/">{t('back-to-desk')}</Link>
      </Nothing>
    </Page>
  )
}
