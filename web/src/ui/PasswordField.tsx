import { passwordFaults, type PasswordContext } from '@tidemark/core/accounts/password.ts'
import { useState } from 'react'
import { useWords } from '../lib/i18n.ts'
import { faultWords, TextField } from './fields.tsx'

/** A password that is typed to sign in: no rule is applied, pasting and password managers work. */
export function PasswordField({
  label,
  value,
  fault,
  help,
  autoComplete = 'current-password',
  onChange,
}: {
  label: string
  value: string
  fault?: string | undefined
  help?: React.ReactNode
  autoComplete?: 'current-password' | 'new-password'
  onChange: (value: string) => void
}) {
  const { t } = useWords()
  const [shown, setShown] = useState(false)
  return (
    <div>
      <TextField
        label={label}
        help={help}
        fault={fault}
        value={value}
        onChange={onChange}
        type={shown ? 'text' : 'password'}
        name={autoComplete}
        autoComplete={autoComplete}
        autoCapitalize="none"
        spellCheck={false}
        maxLength={512}
      />
      <label className="mt-1 flex min-h-9 w-fit items-center gap-2 text-[0.9375rem] text-soft">
        <input
          type="checkbox"
          className="size-4 accent-tide"
          checked={shown}
          onChange={(event) => setShown(event.target.checked)}
        />
        {t('signed.showPassword')}
      </label>
    </div>
  )
}

/** What speaks against a new password, in the reader's words; undefined when nothing does. */
export function useNewPasswordFault(): (password: string, context: PasswordContext) => string | undefined {
  const { t } = useWords()
  return (password, context) => {
    const [fault] = passwordFaults(password, context)
    return fault && faultWords(fault, t)
  }
}

/**
 * A password that is chosen. The same rules as the server's say at once what is missing, without a word while it is still
 * being typed for the first time.
 */
export function NewPasswordField({
  label,
  value,
  context,
  tried,
  fault,
  onChange,
}: {
  label: string
  value: string
  context: PasswordContext
  /** Whether the form was sent: from then on a fault is shown as one. */
  tried: boolean
  fault?: string | undefined
  onChange: (value: string) => void
}) {
  const { t } = useWords()
  const faultOf = useNewPasswordFault()
  const now = faultOf(value, context)
  return (
    <div>
      <PasswordField
        label={label}
        value={value}
        autoComplete="new-password"
        help={t(context.second_factor ? 'signed.passwordRuleShort' : 'signed.passwordRule')}
        fault={fault ?? (tried ? now : undefined)}
        onChange={onChange}
      />
      <p role="status" className="min-h-6 text-[0.9375rem] text-soft">
        {value !== '' && !tried && (now ?? t('signed.passwordGood'))}
      </p>
    </div>
  )
}
