import { Button, Tooltip } from 'antd'
import { useId, useState } from 'react'
import type { Matter, Offer } from '../../api/client'
import { AuthorityChip } from '../../components/SourceChip'
import { t } from '../../text'
import { ActionDialog } from './ActionDialog'
import { about, GRAVE, offerKey } from './actions'

const FIRST: readonly Offer['action'][] = ['approve', 'score', 'finish', 'sign', 'acknowledge']
const isFirst = (offer: Offer) => FIRST.includes(offer.action)

/** What I can do here as buttons; what I can not, greyed, with the reason and the article. */
export function Actions({ matter }: { matter: Matter }) {
  const [chosen, setChosen] = useState<Offer>()
  const possible = matter.offers.filter((offer) => !offer.refusal)
  const open = [...possible.filter(isFirst), ...possible.filter((offer) => !isFirst(offer))]
  const refused = matter.offers.filter((offer) => offer.refusal)
  return (
    <aside className="actions" aria-label={t('actions')}>
      <h2>{t('actions')}</h2>
      {open.length === 0 && <p className="dim">{t(matter.closed ? 'nothing-to-do-closed' : 'nothing-to-do')}</p>}
      <div className="action-buttons">
        {open.map((offer) => (
          <Button
            key={offerKey(offer)}
            type={isFirst(offer) ? 'primary' : 'default'}
            danger={GRAVE.includes(offer.action)}
            onClick={() => setChosen(offer)}
          >
            {offer.label}
            {about(matter, offer) && <small className="action-about">{about(matter, offer)}</small>}
          </Button>
        ))}
      </div>
      {refused.length > 0 && (
        <details className="refused">
          <summary>{t('refused-actions', { n: refused.length })}</summary>
          <ul>
            {refused.map((offer) => (
              <RefusedOffer key={offerKey(offer)} offer={offer} note={about(matter, offer)} />
            ))}
          </ul>
        </details>
      )}
      {chosen && <ActionDialog matter={matter} offer={chosen} close={() => setChosen(undefined)} />}
    </aside>
  )
}

function RefusedOffer({ offer, note }: { offer: Offer; note?: string }) {
  const id = useId()
  const refusal = offer.refusal!
  return (
    <li>
      <Tooltip title={refusal.message}>
        <button type="button" className="refused-button" aria-disabled="true" aria-describedby={id}>
          {offer.label}
          {note && ` ${note}`}
        </button>
      </Tooltip>
      <span id={id}>
        {refusal.message} <AuthorityChip authority={refusal} />
      </span>
    </li>
  )
}
