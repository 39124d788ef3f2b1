import type { Matter } from '../../api/client'
import { Due } from '../../components/Colour'
import { heldBy } from '../../components/PostField'
import { AuthorityChip, SourceChip } from '../../components/SourceChip'
import { moment, workingTime } from '../../format'
import { actionName, coded, t } from '../../text'

/** Who the matter itself waits on stands before who signs for a slip or is to see to a delay. */
const ACTS: readonly string[] = ['act', 'vote', 'grant']

/** Who has to do something now, what comes next, and what happens if nobody acts. */
export function Clock({ matter, explain }: { matter: Matter; explain: (limit: number) => void }) {
  const waiting = matter.assignments.filter((one) => !one.waits && ACTS.includes(one.duty)).concat(matter.assignments.filter((one) => !one.waits && !ACTS.includes(one.duty)))
  const titles = articles(matter)
  const later = matter.assignments.filter((one) => one.waits)
  return (
    <div className="clock">
      <section aria-label={t('holds')}>
        <h2>{t('holds')}</h2>
        {matter.suspension ? (
          <p className="warn">
            {t('suspended-by', {
              post: matter.suspension.by.title,
              since: moment(matter.suspension.since),
              reason: matter.suspension.reason,
            })}
          </p>
        ) : null}
        {waiting.length === 0 && !matter.suspension && <p className="dim">{t(matter.closed ? 'holds-closed' : 'holds-nobody')}</p>}
        <ul className="holders">
          {waiting.slice(0, 6).map((one) => (
            <li key={one.id} className={one.mine ? 'holder holder-mine' : 'holder'}>
              <span>
                {one.post.title}
                <span className={one.post.holders.length === 0 ? 'warn' : 'dim'}>{heldBy(one.post)}</span>
                {one.mine && <span className="tag tag-mine">{t('mine')}</span>}
              </span>
              <span className="dim">
                {coded('duty', one.duty)}
                {one.how && one.how !== 'start' ? ` · ${actionName(one.how)}` : ''}
                {t('since', { at: moment(one.opened) })}
                {one.claimed && ` · ${t('claimed-by', { name: one.claimed.name })}`}
              </span>
            </li>
          ))}
        </ul>
        {waiting.length > 6 && <p className="dim">{t('more-holders', { n: waiting.length - 6 })}</p>}
        {later.length > 0 && <p className="dim">{t('later-holders', { posts: later.map((one) => one.post.title).join('、') })}</p>}
      </section>
      <section aria-label={t('limits')}>
        <h2>{t('limits')}</h2>
        {matter.limits.length === 0 && <p className="dim">{t('no-limits')}</p>}
        <ul className="limits">
          {matter.limits.map((limit) => (
            <li key={limit.id}>
              <span className="limit-title">{limit.title}</span>
              <Due due={limit.due} colour={limit.colour} now={new Date(matter.now)} />
              <span className="dim">{limit.term}</span>
              <button type="button" className="link why-link" onClick={() => explain(limit.id)}>
                {t('why-this-day')}
                <span className="sr-only">{limit.title}</span>
              </button>
              <AuthorityChip authority={limit.authority} short />
              {limit.provisional && <span className="tag tag-amber">{t('provisional')}</span>}
            </li>
          ))}
        </ul>
      </section>
      <section aria-label={t('next')}>
        <h2>{t('next')}</h2>
        <p>
          {matter.next.sentence} <SourceChip source={matter.next.source} title={titles.get(matter.next.source ?? '')} />
        </p>
        <AllPosts posts={matter.next.posts} />
        {matter.ifNobodyActs.length > 0 && (
          <>
            <h3>{t('if-nobody-acts')}</h3>
            <ol className="upcoming">
              {matter.ifNobodyActs.slice(0, 5).map((one, i) => (
                <li key={i}>
                  {one.sentence} <SourceChip source={one.source} title={titles.get(one.source ?? '')} />
                  <AllPosts posts={one.posts} />
                </li>
              ))}
            </ol>
          </>
        )}
      </section>
    </div>
  )
}

/** Every post of a sentence that names only the first of them. */
const AllPosts = ({ posts }: { posts: string[] | undefined }) =>
  posts ? (
    <details className="all-posts">
      <summary>{t('all-posts', { n: posts.length })}</summary>
      <p>{posts.join('、')}</p>
    </details>
  ) : null

/** The articles a matter's rules come from, as the reader knows them. */
function articles(matter: Matter): Map<string, string> {
  const rules = [matter, ...matter.stages, ...matter.limits].map((rule) => rule.authority)
  return new Map(rules.map((rule) => [rule.source ?? '', rule.sourceTitle ?? '']))
}

/** How long each held the clock. */
export function HeldTable({ matter }: { matter: Matter }) {
  return (
    <div className="scroll-x">
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">{t('held-by')}</th>
            <th scope="col">{t('held-from')}</th>
            <th scope="col">{t('held-to')}</th>
            <th scope="col">{t('held-time')}</th>
          </tr>
        </thead>
        <tbody>
          {matter.held.map((one, i) => (
            <tr key={i}>
              <td>{one.title}</td>
              <td>{moment(one.from)}</td>
              <td>{one.to ? moment(one.to) : t('now')}</td>
              <td>{one.workingMinutes === undefined ? '' : workingTime(one.workingMinutes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
