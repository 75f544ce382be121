import type { Optimization } from '@tidemark/core/sites/schedule-contract.ts'
import { realisedPlan } from '@tidemark/core/sites/schedule-contract.ts'
import type { Site } from '@tidemark/core/sites/contract.ts'
import { useQuery } from '@tanstack/react-query'
import i18next from 'i18next'
import { call } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { Section } from '../ui/Page.tsx'
import { money } from './figures.ts'

/** What each assumption contributes, how the plan fares when the forecast is wrong, and what came true. */
export function PlanReasons({ plan }: { plan: Optimization; site: Site }) {
  const { t, format } = useWords()
  // What is less than half a cent is nothing, and nothing has no sign.
  const say = (value: number) => money(Math.abs(value) < 0.005 ? 0 : value, plan.currency, format)
  const largest = Math.max(1e-9, ...plan.contributions.map(({ contribution }) => Math.abs(contribution)))
  return (
    <Section title={t('sites.plan.why')} says={t('sites.plan.whySays')} id="why">
      <ul className="space-y-2">
        {plan.contributions.map(({ without, contribution }) => (
          <li key={without} className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-4">
            <span>{withoutWords(without)}</span>
            <span className="figures font-semibold">{say(contribution)}</span>
            <span aria-hidden="true" className="col-span-2 h-1.5 rounded-full bg-wash">
              <span
                className={`block h-full rounded-full ${contribution < 0 ? 'bg-bad' : 'bg-tide'}`}
                style={{ width: `${(100 * Math.abs(contribution)) / largest}%` }}
              />
            </span>
          </li>
        ))}
      </ul>
      <h3 className="mt-6 text-lg">{t('sites.plan.scenarios')}</h3>
      <div className="overflow-x-auto" role="region" tabIndex={0} aria-label={t('sites.plan.scenarios')}>
        <table className="figures mt-2 w-full text-[0.9375rem]">
          <thead>
            <tr className="text-left text-soft">
              <th className="py-1 pr-3 font-normal">{t('sites.plan.whenLoad')}</th>
              <th className="py-1 pr-3 font-normal">{t('sites.plan.whenGeneration')}</th>
              <th className="py-1 text-right font-normal">{t('sites.plan.saved')}</th>
            </tr>
          </thead>
          <tbody>
            {plan.scenarios.map(({ load, generation, savings }) => (
              <tr key={`${load} ${generation}`} className="border-t border-rule">
                <td className="py-1 pr-3">{t(`sites.plan.case.${load as 'p50'}`)}</td>
                <td className="py-1 pr-3">{t(`sites.plan.case.${generation as 'p50'}`)}</td>
                <td className="py-1 text-right">{say(savings)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <CameTrue plan={plan} />
      <details className="mt-6">
        <summary className="font-semibold">{t('sites.plan.assumes')}</summary>
        <ul className="mt-2 list-disc pl-5 text-[0.9375rem]" lang="en">
          {plan.assumptions.map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ul>
        <p className="mt-2 text-[0.9375rem] text-soft">
          {t('sites.plan.solver', {
            status: t(`sites.plan.solved.${plan.solver.status}`),
            method: plan.forecast.load.method,
          })}
        </p>
      </details>
    </Section>
  )
  function withoutWords(without: string): string {
    const key = `sites.plan.without.${without}`
    if (i18next.exists(key)) return t(key as 'sites.plan.without.battery')
    return t('sites.plan.shifting', { name: without.replace(/^shifting /, '') })
  }
}

/** What it really saved, once its time has passed. */
function CameTrue({ plan }: { plan: Optimization }) {
  const { t, format } = useWords()
  const asked = useQuery({
    queryKey: ['sites', 'realised', plan.plan_id],
    queryFn: ({ signal }) => call(realisedPlan, { plan_id: plan.plan_id }, signal),
  })
  const realised = asked.data?.realised
  if (!realised) return <p className="mt-4 text-soft">{t('sites.plan.notYet')}</p>
  const say = (value: number) => money(value, plan.currency, format)
  return (
    <p className="mt-4">
      {t('sites.plan.came', {
        actual: say(realised.savings_actual.money),
        followed: say(realised.savings_plan_followed.money),
        measured: realised.measured_slots,
        slots: realised.slots,
      })}
    </p>
  )
}
