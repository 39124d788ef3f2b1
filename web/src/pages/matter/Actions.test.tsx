import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import type { Matter } from '../../api/client'
import { t } from '../../text'
import { Actions } from './Actions'

afterEach(cleanup)

it('says of what a rule of the office refuses that the office set the rule', () => {
  const refusal = { code: 'not-yours-to-urge', message: '不能催办', setBy: 'office' }
  render(<Actions matter={{ offers: [{ action: 'urge', label: '催办', refusal }], slips: [], assignments: [] } as unknown as Matter} />)
  expect(screen.getByText(t('set-by'))).toBeTruthy()
})
