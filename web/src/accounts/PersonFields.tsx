import type { PasswordContext } from '@tidemark/core/accounts/password.ts'
import { isEmail } from '@tidemark/core/accounts/email.ts'
import { useState } from 'react'
import { useWords } from '../lib/i18n.ts'
import { TextField, useFaultAt } from '../ui/fields.tsx'
import { NewPasswordField, useNewPasswordFault } from '../ui/PasswordField.tsx'

export interface PersonDraft {
  name: string
  email: string
  password: string
}

/** The fields of a new account, and whether they can be sent. */
export function usePersonDraft(email = '') {
  const { t } = useWords()
  const [draft, setDraft] = useState<PersonDraft>({ name: '', email, password: '' })
  const [tries, setTries] = useState(0)
  const passwordFault = useNewPasswordFault()
  const context: PasswordContext = { second_factor: false, email: draft.email, name: draft.name }
  const faults = {
    name: draft.name.trim() === '' ? t('signed.required') : undefined,
    email: isEmail(draft.email.trim()) ? undefined : t('signed.emailFault'),
    password: passwordFault(draft.password, context),
  }
  return {
    draft,
    setDraft,
    context,
    faults: tries > 0 ? faults : ({} as Partial<typeof faults>),
    tries,
    /** Counts a try; true when nothing speaks against it. */
    ready: () => {
      setTries(tries + 1)
      return !faults.name && !faults.email && !faults.password
    },
  }
}

export function PersonFields({
  form,
  error,
  email_fixed = false,
}: {
  form: ReturnType<typeof usePersonDraft>
  error: unknown
  email_fixed?: boolean
}) {
  const { t } = useWords()
  const { draft, setDraft, faults } = form
  const faultAt = useFaultAt(error)
  return (
    <>
      <TextField
        label={t('accounts.name')}
        name="name"
        autoComplete="name"
        maxLength={120}
        value={draft.name}
        fault={faults.name ?? faultAt('name')}
        onChange={(name) => setDraft({ ...draft, name })}
      />
      <TextField
        label={t('accounts.email')}
        type="email"
        name="email"
        autoComplete="username"
        readOnly={email_fixed}
        value={draft.email}
        fault={faults.email ?? faultAt('email')}
        onChange={(email) => setDraft({ ...draft, email })}
      />
      <NewPasswordField
        label={t('accounts.password')}
        value={draft.password}
        context={form.context}
        tried={form.tries > 0}
        fault={faultAt('password')}
        onChange={(password) => setDraft({ ...draft, password })}
      />
    </>
  )
}
