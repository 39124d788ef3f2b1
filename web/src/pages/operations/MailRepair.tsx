import { useQueryClient } from '@tanstack/react-query'
import { Input, Modal } from 'antd'
import { useState } from 'react'
import { api, ask } from '../../api/client'
import { useCommand } from '../../api/command'
import { CommandProgress } from '../../components/CommandProgress'
import { t } from './text'

/** Sends again now what could not be sent. */
export function MailRepair({ close }: { close: () => void }) {
  const client = useQueryClient()
  const [reason, setReason] = useState('')
  const { progress, run } = useCommand(
    async (body: { reason: string }, key: string) => ({
      done: await ask(api.POST('/api/v1/operations/mail/retries', { params: { header: { 'Idempotency-Key': key } }, body })),
    }),
    () => {
      void client.invalidateQueries({ queryKey: ['operations'] })
      close()
    },
  )
  return (
    <Modal
      open
      title={t('mail-retry')}
      okText={t('confirm')}
      cancelText={t('cancel')}
      onCancel={close}
      onOk={() => run({ reason: reason.trim() })}
      okButtonProps={{ disabled: !reason.trim(), loading: progress.at === 'sending' }}
    >
      <p>{t('mail-retry-hint')}</p>
      <label className="field">
        <span>{t('reason')}</span>
        <Input.TextArea value={reason} onChange={(event) => setReason(event.target.value)} maxLength={500} rows={3} aria-label={t('reason')} />
      </label>
      <CommandProgress progress={progress} />
    </Modal>
  )
}
