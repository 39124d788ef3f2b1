import { Modal } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import type { Assignment } from '../../api/client'
import { useMatter } from '../../api/queries'
import { AuthorityChip } from '../../components/SourceChip'
import { Failure, Loading } from '../../components/States'
import { t } from '../../text'
import { ActionDialog } from './ActionDialog'
import { answers, offerKey } from './actions'

/** Answering a to-do from the list: one click here, one to confirm. */
export function QuickAction({ assignment, close }: { assignment: Assignment; close: () => void }) {
  const query = useMatter(assignment.matter)
  // The offer stays the one chosen when the matter first came, whatever changes behind the dialog.
  const [chosen, setChosen] = useState<string>()
  const matter = query.data
  const offers = matter ? answers(matter, assignment) : []
  const open = offers.filter((offer) => !offer.refusal)
  const offer = offers.find((one) => offerKey(one) === chosen) ?? open[0]
  const [kept, setKept] = useState(offer)
  if (offer && kept !== offer) setKept(offer)
  if (offer && !chosen) setChosen(offerKey(offer))

  if (matter && kept) {
    return (
      <ActionDialog key={offerKey(kept)} matter={matter} offer={kept} close={close}>
        <p className="dim">
          {assignment.stageTitle} <Link to={`/matters/${matter.id}`}>{t('open-matter')}</Link>
          {open
            .filter((one) => offerKey(one) !== offerKey(kept))
            .map((one) => (
              <button key={offerKey(one)} type="button" className="link" onClick={() => setChosen(offerKey(one))}>
                {one.label}
              </button>
            ))}
        </p>
      </ActionDialog>
    )
  }
  return (
    <Modal open title={assignment.matterTitle} onCancel={close} footer={null}>
      {query.error && !matter ? (
        <Failure error={query.error} again={() => void query.refetch()} />
      ) : !matter ? (
        <Loading />
      ) : (
        <>
          {offers.length === 0 && <p>{t('no-longer-waiting')}</p>}
          {offers.map((one) => (
            <p key={offerKey(one)}>
              {one.label}：{one.refusal?.message} <AuthorityChip authority={one.refusal} />
            </p>
          ))}
          <Link to={`/matters/${matter.id}`}>{t('open-matter')}</Link>
        </>
      )}
    </Modal>
  )
}
