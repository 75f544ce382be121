import { calculate } from '@tidemark/core/footprint/contract.ts'
import type { Me } from '@tidemark/core/accounts/contract.ts'
import { useMutation } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate, useRouter } from '@tanstack/react-router'
import { useState } from 'react'
import { call, type SentTo } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { allowedTo } from '../lib/rights.ts'
import { FactorWall } from '../ui/NoOrganisation.tsx'
import { Notice, StepHeading } from '../ui/Notice.tsx'
import { Page } from '../ui/Page.tsx'
import { GuardedButton } from '../ui/Refusal.tsx'
import { SignedIn } from '../ui/SignedIn.tsx'
import { ActionProblem } from '../ui/StepUp.tsx'
import { keepWelcomed } from './arrival.ts'
import { CreateOrganisationForm } from './CreateOrganisationForm.tsx'

const route = getRouteApi(paths.welcome)
const steps = ['measure', 'why', 'prove', 'together'] as const

/** Once, after the first sign-in: four short steps that can be passed over, and figures to look at without typing any. */
export function WelcomePage() {
  return <SignedIn>{(me) => <Tour me={me} />}</SignedIn>
}

function Tour({ me }: { me: Me }) {
  const { t } = useWords()
  const { return_to } = route.useSearch()
  const navigate = useNavigate()
  const { history } = useRouter()
  const [at, setAt] = useState(0)
  // Once an organisation was made here, the first step begins anew with it.
  const [arrived_in] = useState(me.organisation_id)
  const step = steps[at] ?? 'measure'
  const last = at === steps.length - 1
  const leave = () => {
    keepWelcomed(me)
    if (return_to === undefined) void navigate({ to: paths.calculations })
    else history.push(return_to)
  }
  return (
    <Page title={t('accounts.welcome.title', { name: me.person.name })} lead={t('accounts.welcome.says')}>
      <section className="card p-6 sm:p-8" aria-label={t('accounts.welcome.tour')}>
        <p className="label figures">{t('accounts.welcome.step', { at: String(at + 1), of: String(steps.length) })}</p>
        <div className="mt-1 min-h-44" key={`${step} ${me.organisation_id}`}>
          {at === 0 && me.organisation_id === arrived_in ? (
            <h2 className="text-2xl">{t(`accounts.welcome.${step}`)}</h2>
          ) : (
            <StepHeading>{t(`accounts.welcome.${step}`)}</StepHeading>
          )}
          <p className="mt-2 max-w-prose">{t(`accounts.welcome.${step}Says`)}</p>
          {step === 'measure' && (me.organisation_id === null ? <OwnOrganisation me={me} /> : <Sample me={me} />)}
        </div>
        <div className="mt-6 flex flex-wrap gap-3">
          {at > 0 && (
            <button type="button" className="button button-plain" onClick={() => setAt(at - 1)}>
              {t('accounts.welcome.back')}
            </button>
          )}
          <button type="button" className="button button-main" onClick={() => (last ? leave() : setAt(at + 1))}>
            {t(last ? 'accounts.welcome.start' : 'accounts.welcome.next')}
          </button>
          {!last && (
            <button type="button" className="button button-plain sm:ml-auto" onClick={leave}>
              {t('accounts.welcome.skip')}
            </button>
          )}
        </div>
      </section>
    </Page>
  )
}

/** Whoever came without an invitation needs an organisation before anything can be kept. */
function OwnOrganisation({ me }: { me: Me }) {
  const { t } = useWords()
  if (me.second_factor_required_by !== null) {
    return (
      <div className="mt-5">
        <FactorWall me={me} name={me.second_factor_required_by.name} />
      </div>
    )
  }
  return (
    <div className="mt-5 border-t border-rule pt-4">
      <h3 className="mb-1 text-xl">{t('accounts.organisation.createFirst')}</h3>
      <p className="mb-4 text-soft">{t('signed.noOrganisation.says')}</p>
      <CreateOrganisationForm />
    </div>
  )
}

/** The demonstration company, calculated in the person's own organisation under a name that says what it is. */
function Sample({ me }: { me: Me }) {
  const { t, language } = useWords()
  const allowed = allowedTo('footprint.calculate', me, language)
  const add = useMutation({
    mutationFn: async () => {
      const { default: company } = await import('../../../data/demo/company.json')
      return call(calculate, company as unknown as SentTo<typeof calculate>)
    },
  })
  const there_already = me.memberships.some((each) => each.organisation_id === me.organisation_id && each.is_demo)
  if (there_already) return <p className="mt-4 text-soft">{t('accounts.welcome.sampleThere')}</p>
  if (add.data) {
    return (
      <Notice>
        <p>{t('accounts.welcome.sampleDone')}</p>
        <Link to={paths.calculation} params={{ id: add.data.calculation_id }} className="link">
          {t('accounts.welcome.sampleSee')}
        </Link>
      </Notice>
    )
  }
  return (
    <div className="mt-5 border-t border-rule pt-4">
      <p className="mb-3 text-soft">{t('accounts.welcome.sampleSays')}</p>
      <GuardedButton allowed={allowed} onClick={() => add.mutate()}>
        {add.isPending ? t('app.sending') : t('accounts.welcome.sample')}
      </GuardedButton>
      <ActionProblem action={add} />
    </div>
  )
}
