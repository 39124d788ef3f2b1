import type { Schemas } from '../api/client'
import { t } from '../text'

/** "001 art. 5(3)" for the reader, where the server gave no title. */
export function article(source: string): string {
  return source.replace(/; /g, '；').replace(/, /g, '，').replace(/(\w+) art\. (\d+)((?:\(\w+\))*)/g, (_, document: string, number: string, parts: string) => {
    const part = parts.replace(/\)\(/g, '、').replace(/[()]/g, '')
    return part ? t('article-part', { document, number, part }) : t('article', { document, number })
  })
}

/** Articles with each regulation named once, or not at all. */
export function named(articles: string, short = false): string {
  let last = ''
  return articles.replace(/《[^》]*》/g, (name) => {
    if (short || name === last) return ''
    last = name
    return name
  })
}

/** The article a rule comes from, for the reader; who set it where the regulation is silent. */
export function SourceChip({ source, title, setBy, short }: { source?: string; title?: string; setBy?: string; short?: boolean }) {
  if (!source && !title && !setBy) return null
  if (!source && !title) return <span className="chip chip-set">{t('set-by')}</span>
  return (
    <span className="chip" title={title || source}>
      {named(title || article(source!), short)}
    </span>
  )
}

type AuthorityProps = { authority?: Schemas['Authority']; short?: boolean } // short: without the regulation's name

export const AuthorityChip = ({ authority, short }: AuthorityProps) =>
  authority ? <SourceChip source={authority.source} title={authority.sourceTitle} setBy={authority.setBy} short={short} /> : null
