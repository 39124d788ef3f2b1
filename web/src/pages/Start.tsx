import { Link } from 'react-router'
import type { Startable } from '../api/client'
import { useStartable } from '../api/queries'
import { Page, Section } from '../components/Page'
import { AuthorityChip } from '../components/SourceChip'
import { Failure, Loading, Nothing } from '../components/States'
import { t } from '../text'

/** Month and day as the rulebook writes them, "01-31", for the reader. */
const yearly = (monthDay: string) => {
  const [month, day] = monthDay.split('-').map(Number)
  return t('yearly-day', { month: month ?? 0, day: day ?? 0 })
}

/** What I may start, by rulebook; what is closed says when it opens. */
export default function Start() {
  const query = useStartable()
  const books = new Map<string, Startable[]>()
  for (const one of query.data?.items ?? []) books.set(one.rulebookTitle, [...(books.get(one.rulebookTitle) ?? []), one])
  return (
    <Page title={t('start')}>
      {query.error && !query.data && <Failure error={query.error} again={() => void query.refetch()} />}
      {!query.data && !query.error && <Loading />}
      {query.data?.items.length === 0 && <Nothing title={t('empty-start')}>{t('empty-start-hint')}</Nothing>}
      {[...books].map(([title, items]) => (
        <Section key={title} title={title}>
          <ul className="startables">
            {items.map((one) => (
              <li key={one.procedure} className={one.open ? 'startable' : 'startable startable-closed'}>
                {one.open ? (
                  <Link to={`/start/${one.rulebook}/${one.procedure}`} className="startable-title">
                    {one.title}
                  </Link>
                ) : (
                  <span className="startable-title">{one.title}</span>
                )}
                <AuthorityChip authority={one.authority} />
                {one.intake && (
                  <span className="dim">{t('intake', { opens: yearly(one.intake.opens), closes: yearly(one.intake.closes) })}</span>
                )}
                {!one.open && (
                  <p className="warn">
                    {one.closed?.message ?? t('closed')} <AuthorityChip authority={one.closed} />
                  </p>
                )}
              </li>
            ))}
          </ul>
        </Section>
      ))}
    </Page>
  )
}
