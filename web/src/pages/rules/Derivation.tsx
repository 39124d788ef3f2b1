import { Section } from '../../components/Page'
import { article } from '../../components/SourceChip'
import { Failure, Loading, Nothing } from '../../components/States'
import type { Schemas } from '../../api/client'
import { Changes } from './Differences'
import { useDerivation, type Book } from './queries'
import { how, t } from './text'

type Item = Schemas['RulebookDiff']['items'][number]
type Part = { item: Item; changes: Item[] }

/** What a rulebook inherits, overrides, adds and drops of the one it derives from. */
export function Derivation({ book }: { book: Book }) {
  const query = useDerivation(book.key)
  if (query.error && !query.data) return <Failure error={query.error} again={() => void query.refetch()} />
  if (!query.data) return <Loading />
  if (!book.extends) return <Nothing title={t('diff-none')} />
  return (
    <Section title={t('place-derivation')}>
      {parts(query.data.items).map(({ own, stages }) => {
        const same = stages.filter((stage) => stage.item.how === 'inherited')
        return (
          <div key={own.item.path} className="diff-procedure">
            <Head part={own} strong />
            {stages
              .filter((stage) => stage.item.how !== 'inherited')
              .map((stage) => (
                <div key={stage.item.path} className="diff-stage">
                  <Head part={stage} />
                </div>
              ))}
            {same.length > 0 && <p className="dim">{t('same-stages', { stages: same.map((stage) => stage.item.sentence).join('、') })}</p>}
          </div>
        )
      })}
    </Section>
  )
}

function Head({ part: { item, changes }, strong }: { part: Part; strong?: boolean }) {
  return (
    <>
      <p className="diff-head">
        <span className={`tag tag-${item.how}`}>{how(item.how)}</span>
        {strong ? <strong>{item.sentence}</strong> : <span>{item.sentence}</span>}
        {item.source && <span className="dim">{article(item.source)}</span>}
      </p>
      <Changes changes={changes.map((change) => ({ what: change.sentence, from: change.from ?? '', to: change.to ?? '', toSource: change.source }))} />
    </>
  )
}

/** The flat list by procedure and stage: an entry that says from and to is a change of the entry before it. */
function parts(items: readonly Item[]): { own: Part; stages: Part[] }[] {
  const all: { own: Part; stages: Part[] }[] = []
  let last: Part | undefined
  for (const item of items) {
    if (last && last.item.path === item.path && item.from !== undefined) {
      last.changes.push(item)
      continue
    }
    last = { item, changes: [] }
    if (item.path.includes('.')) all[all.length - 1]?.stages.push(last)
    else all.push({ own: last, stages: [] })
  }
  return all
}
