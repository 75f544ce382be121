import { resendVerification, signUp } from '@tidemark/core/accounts/contract.ts'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { stateQuery } from '../lib/me.ts'
import { paths } from '../lib/paths.ts'
import { Form, Submit } from '../ui/fields.tsx'
import { ActionButton } from '../ui/ActionButton.tsx'
import { Notice, StepHeading } from '../ui/Notice.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { AuthPage } from './AuthPage.tsx'
import { PersonFields, usePersonDraft } from './PersonFields.tsx'

export function SignUpPage() {
  const { t, language } = useWords()
  const asked = useQuery(stateQuery())
  const form = usePersonDraft()
  const send = useMutation({ mutationFn: () => call(signUp, { ...form.draft, locale: language }) })
  const closed = asked.data?.instance.open_registration === false
  return (
    <AuthPage title={t('accounts.signUp.title')}>
      {closed ? (
        <p>{t('accounts.signUp.closed')}</p>
      ) : send.data ? (
        <LookInYourMail email={form.draft.email} />
      ) : (
        <Form className="space-y-5" refused={send.error ?? form.tries} onSubmit={() => form.ready() && send.mutate()}>
          <PersonFields form={form} error={send.error} />
          {send.error && <ProblemPanel error={send.error} />}
          <Submit busy={send.isPending}>{t('accounts.signUp.do')}</Submit>
        </Form>
      )}
      <p className="mt-6 border-t border-rule pt-5">
        <Link to={paths.signIn} className="link">
          {t('accounts.signUp.haveOne')}
        </Link>
      </p>
    </AuthPage>
  )
}

function LookInYourMail({ email }: { email: string }) {
  const { t } = useWords()
  const again = useMutation({ mutationFn: () => call(resendVerification, { email }) })
  return (
    <div>
      <StepHeading>{t('accounts.signUp.mail')}</StepHeading>
      <p className="mt-2">{t('accounts.signUp.mailSays', { email })}</p>
      <ActionButton className="button button-plain mt-5" busy={again.isPending} onClick={() => again.mutate()}>
        {t('accounts.signUp.again')}
      </ActionButton>
      {again.data && <Notice>{t('accounts.signUp.sentAgain')}</Notice>}
      {again.error && <ProblemPanel error={again.error} />}
    </div>
  )
}
