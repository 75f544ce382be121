import { demo, signIn } from '@tidemark/core/accounts/contract.ts'
import { isEmail } from '@tidemark/core/accounts/email.ts'
import { useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { stateQuery, type Instance } from '../lib/me.ts'
import { paths } from '../lib/paths.ts'
import { Form, Submit, TextField } from '../ui/fields.tsx'
import { Loading } from '../ui/Loading.tsx'
import { PasswordField } from '../ui/PasswordField.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { useArrival } from './arrival.ts'
import { AuthPage } from './AuthPage.tsx'
import { SecondFactorForm } from './SecondFactorForm.tsx'

const route = getRouteApi(paths.signIn)

export function SignInPage() {
  const { t } = useWords()
  const { return_to, problem } = route.useSearch()
  const asked = useQuery(stateQuery())
  const [challenge, setChallenge] = useState<string>()
  const arrive = useArrival(return_to)
  const [arriving, setArriving] = useState(false)
  const navigate = useNavigate()
  // Somebody may come here signed in, by a link that was kept. Whoever looks at the demonstration may want their own account.
  const in_already = asked.data?.me?.person.is_demo === false && !arriving
  useEffect(() => {
    if (in_already) void navigate({ to: paths.profile, replace: true })
  }, [in_already, navigate])
  if (asked.isPending || in_already) return <Loading />
  const go = (me: Parameters<typeof arrive>[0]) => {
    setArriving(true)
    arrive(me)
  }
  return (
    <AuthPage title={t('accounts.signIn.title')} lead={challenge ? undefined : t('accounts.signIn.says')}>
      {asked.error && <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />}
      {problem !== undefined && !challenge && (
        <p role="alert" className="mb-5 font-semibold text-bad">
          {t('accounts.signIn.providerProblem')}
        </p>
      )}
      {challenge ? (
        <SecondFactorForm challenge={challenge} onDone={go} onBack={() => setChallenge(undefined)} />
      ) : (
        <>
          {asked.data?.instance.demo && <DemoEntry onDone={go} />}
          <PasswordForm onDone={go} onChallenge={setChallenge} />
          {asked.data && <OtherWays instance={asked.data.instance} return_to={return_to} />}
        </>
      )}
    </AuthPage>
  )
}

type Done = ReturnType<typeof useArrival>

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
      <button
        type="button"
        className="button button-plain mt-3"
        disabled={enter.isPending}
        onClick={() => enter.mutate()}
      >
        {t('accounts.signIn.demoDo')}
      </button>
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

function OtherWays({ instance, return_to }: { instance: Instance; return_to: string | undefined }) {
  const { t } = useWords()
  const query = return_to === undefined ? '' : `?${new URLSearchParams({ return_to })}`
  return (
    <>
      {instance.providers.length > 0 && (
        <ul className="mt-6 space-y-3 border-t border-rule pt-6">
          {instance.providers.map(({ id, name }) => (
            <li key={id}>
              {/* Not a link of the router: the server sends the browser to the provider. */}
              <a href={`/api/v1/auth/oidc/${encodeURIComponent(id)}${query}`} className="button button-plain w-full">
                {t('accounts.signIn.provider', { name })}
              </a>
            </li>
          ))}
        </ul>
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
