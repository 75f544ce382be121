import { acceptInvitation, signUp } from '@tidemark/core/accounts/contract.ts'
import { useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { call, type AnswerOf } from '../lib/api.ts'
import type { showInvitation } from '@tidemark/core/accounts/contract.ts'
import { roleSentences } from '@tidemark/core/accounts/permissions.ts'
import { useWords } from '../lib/i18n.ts'
import { useMe } from '../lib/me.ts'
import { paths } from '../lib/paths.ts'
import { roleName } from '../lib/rights.ts'
import { Form, Submit } from '../ui/fields.tsx'
import { ActionButton } from '../ui/ActionButton.tsx'
import { Loading } from '../ui/Loading.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { useArrival, useLinkToken } from './arrival.ts'
import { AuthPage, CutLink } from './AuthPage.tsx'
import { ProviderLinks } from './ProviderLinks.tsx'
import { PersonFields, usePersonDraft } from './PersonFields.tsx'
import { invitationQuery } from './queries.ts'

const route = getRouteApi(paths.invitation)

export function InvitationPage() {
  const { t } = useWords()
  const token = useLinkToken(route.useSearch().token)
  return (
    <AuthPage title={t('accounts.invitation.title')}>
      {token === undefined ? <CutLink /> : <Offer token={token} />}
    </AuthPage>
  )
}

function Offer({ token }: { token: string }) {
  const { t, format, language } = useWords()
  const asked = useQuery(invitationQuery(token))
  const me = useMe()
  if (asked.error) return <ProblemPanel error={asked.error} />
  if (!asked.data || me === undefined) return <Loading />
  const { organisation_name, role, invited_by, expires_at, has_account, email } = asked.data
  const signed_in = me !== null && !me.person.is_demo
  return (
    <>
      <p className="text-lg">{t('accounts.invitation.says', { organisation: organisation_name, by: invited_by })}</p>
      <p className="mt-2 mb-6 text-soft">
        {t('accounts.invitation.role', { role: roleName(role, language) })} {roleSentences[role][language]}{' '}
        {t('accounts.invitation.until', { day: format.day(expires_at) })}
      </p>
      {signed_in ? (
        <AcceptForm token={token} as={me.person.email} />
      ) : has_account ? (
        <>
          <p>{t('accounts.invitation.signInFirst', { email })}</p>
          <Link
            to={paths.signIn}
            search={{ return_to: `${paths.invitation}#${token}` }}
            className="button button-main mt-4"
          >
            {t('accounts.signIn.do')}
          </Link>
        </>
      ) : (
        <JoinForm token={token} invitation={asked.data} />
      )}
    </>
  )
}

function AcceptForm({ token, as }: { token: string; as: string }) {
  const { t } = useWords()
  const arrive = useArrival(undefined)
  const accept = useMutation({ mutationFn: () => call(acceptInvitation, { token }), onSuccess: arrive })
  return (
    <>
      <p className="mb-3 text-soft">{t('accounts.invitation.as', { email: as })}</p>
      <ActionButton className="button button-main" busy={accept.isPending} onClick={() => accept.mutate()}>
        {t('accounts.invitation.accept')}
      </ActionButton>
      {accept.error && (
        <div className="mt-4">
          <ProblemPanel error={accept.error} />
        </div>
      )}
    </>
  )
}

/** The link proved the address: an account is made and signed in at once. */
function JoinForm({ token, invitation }: { token: string; invitation: AnswerOf<typeof showInvitation> }) {
  const { t, language } = useWords()
  const form = usePersonDraft(invitation.email)
  const arrive = useArrival(undefined)
  const send = useMutation({
    mutationFn: () => call(signUp, { ...form.draft, locale: language, invitation: token }),
    onSuccess: ({ me }) => me && arrive(me),
  })
  return (
    <Form className="space-y-5" refused={send.error ?? form.tries} onSubmit={() => form.ready() && send.mutate()}>
      <PersonFields form={form} error={send.error} email_fixed />
      {send.error && <ProblemPanel error={send.error} />}
      <Submit busy={send.isPending}>{t('accounts.invitation.join')}</Submit>
      <ProviderLinks query={{ invitation: token }} label="join" />
    </Form>
  )
}
