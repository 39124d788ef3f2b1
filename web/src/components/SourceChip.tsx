import type { Schemas } from '../api/client'
import { t } from '../text'

/** The article a rule comes from, for the reader; who set it where the regulation is silent. */
export function SourceChip({ source, title, setBy }: { source?: string; title?: string; setBy?: string }) {
  if (!source && !title && !setBy) return null
  if (!source && !title) return <span className="chip chip-set">{t('set-by')}</span>
  return (
    <span className="chip" title={source}>
      {title || source}
    </span>
  )
}

export const AuthorityChip = ({ authority }: { authority?: Schemas['Authority'] }) =>
  authority ? <SourceChip source={authority.source} title={authority.sourceTitle} setBy={authority.setBy} /> : null
