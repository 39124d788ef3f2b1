import { Button, Input } from 'antd'
import { useState } from 'react'
import type { Schemas } from '../../api/client'
import { moment } from '../../format'
import { t } from './text'

/** A one-time link, shown only now, to be handed to the person. */
export function ActivationLink({ link }: { link: Schemas['ActivationLink'] }) {
  const [copied, setCopied] = useState(false)
  const address = window.location.origin + (link.path ?? '')
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(address)
      setCopied(true)
    } catch {
      setCopied(false) // over plain http the browser gives no clipboard: the address stands there to be marked
    }
  }
  return (
    <div className="problem problem-info">
      <p>{t('link-once', { until: moment(link.expires) })}</p>
      <div className="file">
        <Input value={address} readOnly aria-label={t('link')} onFocus={(event) => event.target.select()} />
        <Button onClick={() => void copy()}>{t(copied ? 'copied' : 'copy')}</Button>
      </div>
    </div>
  )
}
