import { verifyEmail } from '@tidemark/core/accounts/contract.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { stateQuery } from '../lib/me.ts'
import { paths } from '../lib/paths.ts'
import { ActionButton } from '../ui/ActionButton.tsx'
import { Notice } from '../ui/Notice.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { useLinkToken } from './arrival.ts'
import { AuthPage, CutLink } from './AuthPage.tsx'

const route = getRouteApi(paths.verifyEmail)

/** A click is asked for, because programs that look through mails open every link in them. */
export function VerifyEmailPage() {
  const { t } = useWords()
  const token = useLinkToken(route.useSearch().token)
  const client = useQueryClient()
  const confirm = useMutation({
    mutationFn: (secret: string) => call(verifyEmail, { token: secret }),
    onSuccess: () => client.invalidateQueries({ queryKey: stateQuery().queryKey }),
  })
  return (
    <AuthPage title={t('accounts.verifyEmail.title')}>
      {token === undefined && <CutLink />}
      {token !== undefined && !confirm.data && (
        <>
          <p>{t('accounts.verifyEmail.says')}</p>
          <ActionButton
            className="button button-main mt-4"
            busy={confirm.isPending}
            onClick={() => confirm.mutate(token)}
          >
            {t('accounts.verifyEmail.do')}
          </ActionButton>
        </>
      )}
      {confirm.error && (
        <div className="mt-4">
          <ProblemPanel error={confirm.error} />
        </div>
      )}
      {confirm.data && (
        <>
          <Notice>{t('accounts.verifyEmail.done', { email: confirm.data.email })}</Notice>
          <Link to={paths.signIn} className="button button-main">
            {t('accounts.signIn.do')}
          </Link>
        </>
      )}
    </AuthPage>
  )
}
