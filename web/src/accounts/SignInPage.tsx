import { demo, signIn, type Me } from '@tidemark/core/accounts/contract.ts'
import { isEmail } from '@tidemark/core/accounts/email.ts'
import { useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate, useRouter } from '@tanstack/react-router'
import { useEffect, useEffectEvent, useState } from 'react'
import { ApiProblem, call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { stateQuery, type Instance } from '../lib/me.ts'
import { knowsPasskeys, signInByPasskey } from '../lib/passkeys.ts'
import { paths } from '../lib/paths.ts'
import { Form, Submit, TextField } from '../ui/fields.tsx'
import { ActionButton } from '../ui/ActionButton.tsx'
import { Loading } from '../ui/Loading.tsx'
import { PasswordField } from '../ui/PasswordField.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { useArrival, useChallenge } from './arrival.ts'
import { AuthPage } from './AuthPage.tsx'
import { ProviderLinks } from './ProviderLinks.tsx'
import { SecondFactorForm } from './SecondFactorForm.tsx'

const route = getRouteApi(paths.signIn)

export function SignInPage() {
  const { t } = useWords()
  const { return_to, problem } = route.useSearch()
  const asked = useQuery(stateQuery())
  // A provider that was believed leaves the challenge of the second factor behind `#`.
  const [challenge, setChallenge] = useState(useChallenge())
  const arrive = useArrival(return_to)
  const [arriving, setArriving] = useState(false)
  // Somebody may come here signed in, by a link that was kept. Whoever looks at the demonstration may want their own account.
  const in_already = asked.data?.me?.person.is_demo === false && !arriving
  if (asked.isPending) return <Loading />
  if (in_already) return problem === undefined ? <GoOn to={return_to} /> : <NothingChanged />
  const go = (me: Me) => {
    setArriving(true)
    arrive(me)
  }
  const lead = t(return_to === undefined ? 'accounts.signIn.says' : 'accounts.signIn.whyBack')
  return (
    <AuthPage title={t('accounts.signIn.title')} lead={challenge ? undefined : lead}>
      {asked.error && <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />}
      {problem !== undefined && !challenge && <FromProvider problem={problem} />}
      {challenge ? (
        <SecondFactorForm challenge={challenge} onDone={go} onBack={() => setChallenge(undefined)} />
      ) : (
        <>
          {asked.data?.instance.demo && <DemoEntry onDone={go} />}
          <PasswordForm onDone={go} onChallenge={setChallenge} />
          {asked.data && <OtherWays instance={asked.data.instance} return_to={return_to} onDone={go} />}
        </>
      )}
    </AuthPage>
  )
}

/** Whoever is signed in already goes on to where they wanted to be. */
function GoOn({ to }: { to: string | undefined }) {
  const navigate = useNavigate()
  const { history } = useRouter()
  const go = useEffectEvent(() => {
    if (to === undefined) void navigate({ to: paths.profile, replace: true })
    else history.replace(to)
  })
  useEffect(() => go(), [])
  return <Loading />
}

/** A provider was to be added to the account that is open, and that did not come about. */
function NothingChanged() {
  const { t } = useWords()
  const { return_to = paths.security, problem = '' } = route.useSearch()
  return (
    <AuthPage title={t('accounts.identities.title')} lead={t('accounts.signIn.signedInProblem')}>
      <FromProvider problem={problem} />
      <Link to={return_to} className="button button-main">
        {t('accounts.signIn.goBack')}
      </Link>
    </AuthPage>
  )
}

/** Why a provider sent somebody back as they had come. What stands in the address names a problem, and nothing else is shown. */
function FromProvider({ problem }: { problem: string }) {
  const { t } = useWords()
  if (problem === 'accounts/has-account') {
    return (
      <p role="alert" className="mb-5 rounded-card border border-sand bg-sand-wash p-4">
        {t('accounts.signIn.hasAccount')}
      </p>
    )
  }
  const known = [
    'accounts/registration-closed',
    'accounts/locked',
    'accounts/invitation-for-another',
    'accounts/link-not-valid',
    'accounts/step-up-needed',
  ] as const
  const type = known.find((each) => each === problem) ?? 'accounts/provider-refused'
  return (
    <div className="mb-5">
      <ProblemPanel error={new ApiProblem({ type, title: type, status: 0 })} />
    </div>
  )
}

type Done = (me: Me) => void

/** One click, where the server offers it: on this machine, until somebody has claimed the installation. */
function DemoEntry({ onDone }: { onDone: Done }) {
  const { t } = useWords()
  const enter = useMutation({ mutationFn: () => call(demo, {}), onSuccess: onDone })
  return (
    <section className="mb-7 border-b border-rule pb-6" aria-labelledby="demo-title">
      <h2 id="demo-title" className="text-xl">
        {t('accounts.signIn.demo')}
      </h2>
      <p className="mt-1 text-soft">{t('accounts.signIn.demoSays')}</p>
      <ActionButton className="button button-plain mt-3" busy={enter.isPending} onClick={() => enter.mutate()}>
        {t('accounts.signIn.demoDo')}
      </ActionButton>
      {enter.error && <ProblemPanel error={enter.error} />}
    </section>
  )
}

function PasswordForm({ onDone, onChallenge }: { onDone: Done; onChallenge: (challenge: string) => void }) {
  const { t } = useWords()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [tries, setTries] = useState(0)
  const send = useMutation({
    mutationFn: () => call(signIn, { email, password }),
    onSuccess: (answer) => (answer.next === 'signed_in' ? onDone(answer.me) : onChallenge(answer.challenge)),
  })
  const email_fault = isEmail(email.trim()) ? undefined : t('signed.emailFault')
  const password_fault = password === '' ? t('signed.required') : undefined
  return (
    <Form
      className="space-y-5"
      refused={tries}
      onSubmit={() => {
        setTries(tries + 1)
        if (!email_fault && !password_fault) send.mutate()
      }}
    >
      <TextField
        label={t('accounts.email')}
        type="email"
        name="email"
        autoComplete="username"
        value={email}
        fault={tries > 0 ? email_fault : undefined}
        onChange={setEmail}
      />
      <PasswordField
        label={t('accounts.password')}
        value={password}
        fault={tries > 0 ? password_fault : undefined}
        onChange={setPassword}
      />
      {send.error && <ProblemPanel error={send.error} />}
      <div className="flex flex-wrap items-center justify-between gap-3">
        <Submit busy={send.isPending}>{t('accounts.signIn.do')}</Submit>
        <Link to={paths.forgot} className="link inline-flex min-h-11 items-center">
          {t('accounts.signIn.forgot')}
        </Link>
      </div>
    </Form>
  )
}

function OtherWays({
  instance,
  return_to,
  onDone,
}: {
  instance: Instance
  return_to: string | undefined
  onDone: Done
}) {
  const { t } = useWords()
  const query = return_to === undefined ? '' : `?${new URLSearchParams({ return_to })}`
  const { usable, open_at } = instance.passkeys
  const passkeys = instance.claimed && knowsPasskeys() && (usable || open_at !== null)
  return (
    <>
      {(passkeys || instance.providers.length > 0) && (
        <div className="mt-6 space-y-3 border-t border-rule pt-6">
          {passkeys && usable && <PasskeyEntry onDone={onDone} />}
          <ProviderLinks query={return_to === undefined ? {} : { return_to }} label="provider" />
          {passkeys && !usable && (
            <a href={`${open_at}${paths.signIn}${query}`} className="link text-[0.9375rem]">
              {t('accounts.signIn.passkeysAt', { address: open_at ?? '' })}
            </a>
          )}
        </div>
      )}
      <p className="mt-6 border-t border-rule pt-5 text-soft">
        {!instance.claimed ? (
          t('accounts.signIn.unclaimed')
        ) : instance.open_registration ? (
          <Link to={paths.signUp} className="link">
            {t('accounts.signIn.signUp')}
          </Link>
        ) : (
          t('accounts.signIn.closed')
        )}
      </p>
    </>
  )
}

/** Nothing is typed: the device shows which accounts it knows here. */
function PasskeyEntry({ onDone }: { onDone: Done }) {
  const { t } = useWords()
  const enter = useMutation({ mutationFn: signInByPasskey, onSuccess: onDone })
  return (
    <>
      <ActionButton className="button button-plain w-full" busy={enter.isPending} onClick={() => enter.mutate()}>
        {t(enter.isPending ? 'app.sending' : 'accounts.signIn.passkey')}
      </ActionButton>
      {enter.error && (
        <div className="mt-4">
          <ProblemPanel error={enter.error} />
        </div>
      )}
    </>
  )
}
