import { Button } from 'antd'
import { useState } from 'react'
import { Link, useParams } from 'react-router'
import type { Schemas } from '../api/client'
import { useMatter, useSlip } from '../api/queries'
import { Page, Section } from '../components/Page'
import { Signed, SlipLinks } from '../components/SlipTable'
import { AuthorityChip, SourceChip } from '../components/SourceChip'
import { Failure, Loading } from '../components/States'
import { civilDay, fullDay, moment } from '../format'
import { t } from '../text'
import { ActionDialog } from './matter/ActionDialog'

/** A slip as the document it is, who signed for it, and signing for it oneself. */
export default function SlipPage() {
  const { matter, number } = useParams()
  const query = useSlip(`${matter}.${number}`)
  if (query.data) return <Document slip={query.data} />
  return (
    <Page title={t('slip')}>
      {query.error ? <Failure error={query.error} again={() => void query.refetch()} /> : <Loading />}
    </Page>
  )
}

function Document({ slip }: { slip: Schemas['Slip'] }) {
  const { summary, receipts } = slip
  const matter = useMatter(summary.matter)
  const [signing, setSigning] = useState<Schemas['Offer']>()
  const offers = matter.data?.offers.filter((offer) => offer.action === 'sign' && offer.slip === summary.slip) ?? []
  return (
    <Page
      title={`${summary.kindTitle} ${summary.number}`}
      aside={
        <div className="matter-facts">
          <Signed slip={summary} />
          <Link to={`/matters/${summary.matter}`}>{summary.matterTitle}</Link>
          <SlipLinks slip={summary} />
        </div>
      }
    >
      {matter.error && !matter.data && <Failure error={matter.error} again={() => void matter.refetch()} />}
      {offers.map((offer) =>
        offer.refusal ? (
          <p className="dim" key={`${offer.assignment}`}>
            {offer.refusal.message} <AuthorityChip authority={offer.refusal} />
          </p>
        ) : (
          <p key={`${offer.assignment}`} className="paper-do">
            <Button type="primary" onClick={() => setSigning(offer)}>
              {t('sign-this')}
            </Button>
          </p>
        ),
      )}
      <article className="paper" aria-label={summary.title}>
        <p className="paper-head">{summary.unitName}</p>
        <p className="paper-number">{summary.number}</p>
        <hr />
        <h2>{summary.title}</h2>
        <p className="paper-to">{receipts.map((receipt) => receipt.post.title).join('、')}：</p>
        {slip.body
          .split('\n')
          .filter((line) => line.trim())
          .map((line, i) => (
            <p key={i} className="paper-body">
              {line.trim()}
            </p>
          ))}
        {(slip.source || slip.sourceTitle) && (
          <p className="paper-body">
            {t('slip-basis')} <SourceChip source={slip.source} title={slip.sourceTitle} />
          </p>
        )}
        <p className="paper-sign">
          {summary.unitName}
          <br />
          {fullDay(civilDay(summary.at))}
        </p>
      </article>
      <Section title={t('receipts')}>
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">{t('addressee')}</th>
              <th scope="col">{t('signed-at')}</th>
            </tr>
          </thead>
          <tbody>
            {receipts.map((receipt) => (
              <tr key={receipt.post.post}>
                <td>{receipt.post.title}</td>
                <td>{receipt.signedAt ? moment(receipt.signedAt) : <span className="tag tag-amber">{t('unsigned')}</span>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Section>
      {signing && matter.data && <ActionDialog matter={matter.data} offer={signing} close={() => setSigning(undefined)} />}
    </Page>
  )
}
