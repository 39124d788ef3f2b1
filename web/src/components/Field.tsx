import { useId, type ReactNode } from 'react'
import { t } from '../text'

type Aria = { id: string; 'aria-describedby'?: string; 'aria-invalid'?: boolean; 'aria-required'?: boolean }

type Props = {
  label: string
  required?: boolean
  error?: string
  hint?: string
  group?: boolean // several controls under one label
  children: (aria: Aria) => ReactNode
}

/** A control with its label, hint and error, tied together for those who hear the page. */
export function Field({ label, required, error, hint, group, children }: Props) {
  const id = useId()
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined
  const aria: Aria = { id, 'aria-describedby': described }
  if (error) aria['aria-invalid'] = true
  if (required && !group) aria['aria-required'] = true
  const Wrapper = group ? 'fieldset' : 'div'
  return (
    <Wrapper className={error ? 'field field-wrong' : 'field'} {...(group ? { 'aria-describedby': described } : {})}>
      {group ? (
        <legend>
          {label}
          {required && <RequiredMark />}
        </legend>
      ) : (
        <label htmlFor={id}>
          {label}
          {required && <RequiredMark />}
        </label>
      )}
      {children(aria)}
      {hint && (
        <div className="field-hint" id={`${id}-hint`}>
          {hint}
        </div>
      )}
      {error && (
        <div className="field-error" id={`${id}-error`} role="alert">
          {error}
        </div>
      )}
    </Wrapper>
  )
}

export const RequiredMark = () => <span className="required">{t('required-mark')}</span>
