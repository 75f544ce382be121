import { requestReset } from '@tidemark/core/accounts/contract.ts'
import { isEmail } from '@tidemark/core/accounts/email.ts'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { Form, Submit, TextField } from '../ui/fields.tsx'
import { StepHeading } from '../ui/Notice.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { AuthPage } from './AuthPage.tsx'

export function ForgotPage() {
  const { t } = useWords()
  const [email, setEmail] = useState('')
  const [tries, setTries] = useState(0)
  const send = useMutation({ mutationFn: () => call(requestReset, { email }) })
  const fault = isEmail(email.trim()) ? undefined : t('signed.emailFault')
  return (
    <AuthPage title={t('accounts.forgot.title')} lead={send.data ? undefined : t('accounts.forgot.says')}>
      {send.data ? (
        <div>
          <StepHeading>{t('accounts.signUp.mail')}</StepHeading>
          <p className="mt-2">{t('accounts.forgot.sent', { email })}</p>
        </div>
      ) : (
        <Form
          className="space-y-5"
          refused={tries}
          onSubmit={() => {
            setTries(tries + 1)
            if (!fault) send.mutate()
          }}
        >
          <TextField
            label={t('accounts.email')}
            type="email"
            name="email"
            autoComplete="username"
            value={email}
            fault={tries > 0 ? fault : undefined}
            onChange={setEmail}
          />
          {send.error && <ProblemPanel error={send.error} />}
          <Submit busy={send.isPending}>{t('accounts.forgot.do')}</Submit>
        </Form>
      )}
      <p className="mt-6 border-t border-rule pt-5">
        <Link to={paths.signIn} className="link">
          {t('accounts.forgot.back')}
        </Link>
      </p>
    </AuthPage>
  )
}
