import { resetPassword } from '@tidemark/core/accounts/contract.ts'
import { useMutation } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useState } from 'react'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { Form, Submit, useFaultAt } from '../ui/fields.tsx'
import { StepHeading } from '../ui/Notice.tsx'
import { NewPasswordField, useNewPasswordFault } from '../ui/PasswordField.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { useLinkToken } from './arrival.ts'
import { AuthPage, CutLink } from './AuthPage.tsx'

const route = getRouteApi(paths.reset)

export function ResetPage() {
  const { t } = useWords()
  const token = useLinkToken(route.useSearch().token)
  const [done, setDone] = useState(false)
  return (
    <AuthPage title={t('accounts.reset.title')}>
      {done ? (
        <>
          <StepHeading>{t('accounts.reset.done')}</StepHeading>
          <p className="mt-2 mb-5">{t('accounts.reset.doneSays')}</p>
          <Link to={paths.signIn} className="button button-main">
            {t('accounts.signIn.do')}
          </Link>
        </>
      ) : token === undefined ? (
        <CutLink>
          <Link to={paths.forgot} className="button button-plain mt-4">
            {t('accounts.forgot.do')}
          </Link>
        </CutLink>
      ) : (
        <ResetForm token={token} onDone={() => setDone(true)} />
      )}
    </AuthPage>
  )
}

function ResetForm({ token, onDone }: { token: string; onDone: () => void }) {
  const { t } = useWords()
  const [password, setPassword] = useState('')
  const [tries, setTries] = useState(0)
  const faultOf = useNewPasswordFault()
  // Whether a second factor stands beside it is known to the server alone, which then asks for less.
  const context = { second_factor: false }
  const send = useMutation({ mutationFn: () => call(resetPassword, { token, password }), onSuccess: onDone })
  const faultAt = useFaultAt(send.error)
  return (
    <Form
      className="space-y-5"
      refused={send.error ?? tries}
      onSubmit={() => {
        setTries(tries + 1)
        if (!faultOf(password, context)) send.mutate()
      }}
    >
      <NewPasswordField
        label={t('accounts.newPassword')}
        value={password}
        context={context}
        tried={tries > 0}
        fault={faultAt('password')}
        onChange={setPassword}
      />
      {send.error && <ProblemPanel error={send.error} />}
      <Submit busy={send.isPending}>{t('accounts.reset.do')}</Submit>
    </Form>
  )
}
