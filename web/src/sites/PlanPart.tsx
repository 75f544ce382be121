import type { Optimization } from '@tidemark/core/sites/schedule-contract.ts'
import type { Site } from '@tidemark/core/sites/contract.ts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { isProblem } from '../lib/api.ts'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { SimulatedTag } from '../telemetry/SimulatedTag.tsx'
import { Loading } from '../ui/Loading.tsx'
import { Section } from '../ui/Page.tsx'
import { instantIn, money, signedPower } from './figures.ts'
import { HorizonLinks } from './HorizonLinks.tsx'
import { NotEnough } from './NotEnough.tsx'
import { PlanCharts } from './PlanCharts.tsx'
import { PlanReasons } from './PlanReasons.tsx'
import { planQuery } from './queries.ts'
import type { SitePartProps } from './SitePage.tsx'

const route = getRouteApi(paths.site)

/** When to charge and when to run what can wait: before and after, what it saves, and what it rests on. */
export function PlanPart({ site }: SitePartProps) {
  const { t } = useWords()
  const horizon = route.useSearch().span === '7d' ? '7d' : '24h'
  const asked = useQuery(planQuery(site.id, horizon))
  if (asked.isPending) return <Loading />
  if (isProblem(asked.error, 'sites/no-tariff')) return <NoTariff site={site} />
  if (asked.error)
    return <NotEnough error={asked.error} retry={() => void asked.refetch()} says={t('sites.plan.notEnough')} />
  return (
    <>
      <HorizonLinks id={site.id} part="plan" horizon={horizon} />
      <Plan plan={asked.data} site={site} />
    </>
  )
}

function NoTariff({ site }: { site: Site }) {
  const { t } = useWords()
  return (
    <div className="card border-sand p-6">
      <p className="text-lg font-semibold">{t('sites.plan.noTariff')}</p>
      <p className="mt-1 max-w-prose text-soft">{t('sites.plan.noTariffSays')}</p>
      <Link to={paths.editSite} params={{ id: site.id }} hash="tariff" className="button button-main mt-4">
        {t('sites.did.addTariff')}
      </Link>
    </div>
  )
}

function Plan({ plan, site }: { plan: Optimization; site: Site }) {
  const { t, format } = useWords()
  const { money: saved, share, emissions_kg_co2e } = plan.savings.against_idle
  // A battery loses on the way: what saves money may draw more, where the grid is as clean at every hour.
  const is_more = emissions_kg_co2e !== null && emissions_kg_co2e < 0
  const so_far_kw = Math.max(0, ...plan.peaks.map((peak) => peak.so_far_kw))
  const expected_kw = Math.max(0, ...plan.peaks.map((peak) => peak.expected_kw ?? 0))
  // Below what the month has reached already, or will reach anyway, a higher draw costs nothing.
  const peakWords = () => {
    const peak_kw = plan.costs.plan.peak_import_kw
    if (peak_kw <= so_far_kw) return t('sites.plan.peakFree', { value: signedPower(so_far_kw, format) })
    if (peak_kw <= expected_kw) return t('sites.plan.peakExpected', { value: signedPower(expected_kw, format) })
    return t('sites.plan.insteadOf', { value: signedPower(plan.costs.idle.peak_import_kw, format) })
  }
  return (
    <>
      <p className="mt-2 text-sm text-soft">
        {t('sites.forecast.made', { when: instantIn(plan.made_at, site.time_zone, format), zone: site.time_zone })}
        {plan.simulated && <SimulatedTag />}
      </p>
      <dl className="mt-4 grid grid-cols-2 gap-3 lg:grid-cols-4" data-testid="savings">
        <Big
          name={t('sites.plan.saved')}
          value={money(saved, plan.currency, format)}
          says={share === null ? '' : t('sites.plan.ofIdle', { share: format.share(share) })}
        />
        <Big
          name={t(is_more ? 'sites.plan.emissionsMore' : 'sites.plan.emissions')}
          value={emissions_kg_co2e === null ? '–' : format.co2e(Math.abs(emissions_kg_co2e)).text}
          says={t(emissions_kg_co2e === null ? 'sites.plan.noFactor' : is_more ? 'sites.plan.more' : 'sites.plan.less')}
        />
        <Big
          name={t('sites.plan.peak')}
          value={signedPower(plan.costs.plan.peak_import_kw, format)}
          says={peakWords()}
        />
        <Big
          name={t('sites.plan.cost')}
          value={money(plan.costs.plan.total, plan.currency, format)}
          says={t('sites.plan.insteadOf', { value: money(plan.costs.idle.total, plan.currency, format) })}
        />
      </dl>
      <Recommendations plan={plan} site={site} />
      <PlanCharts plan={plan} site={site} />
      <PlanReasons plan={plan} site={site} />
    </>
  )
}

function Big({ name, value, says }: { name: string; value: string; says: string }) {
  return (
    <div className="card min-w-0 p-3 sm:p-4">
      <dt className="label">{name}</dt>
      <dd className="mt-1">
        <span className="figures block font-display text-lg font-semibold sm:text-2xl">{value}</span>
        <span className="block text-sm text-soft">{says}</span>
      </dd>
    </div>
  )
}

function Recommendations({ plan, site }: { plan: Optimization; site: Site }) {
  const { t, format, language } = useWords()
  const clock = (iso: string | null) => (iso === null ? '' : instantIn(iso, site.time_zone, format))
  return (
    <Section title={t('sites.plan.todo')} id="todo">
      {plan.nothing_to_gain !== null && (
        <p className="text-soft">
          {t('sites.plan.nothing')} <span lang="en">{plan.nothing_to_gain}</span>
        </p>
      )}
      <ul className="grid gap-3 lg:grid-cols-2">
        {plan.recommendations.map((each) => (
          <li key={`${each.type} ${each.title}`} className="card p-4">
            <p className="font-semibold">{language === 'en' ? each.title : t(`sites.plan.type.${each.type}`)}</p>
            <p className="figures mt-1 text-[0.9375rem] text-soft">
              {each.from !== null && t('sites.plan.between', { from: clock(each.from), to: clock(each.to) })}
              {each.power_kw !== null && ` · ${signedPower(each.power_kw, format)}`}
            </p>
            <p className="figures mt-2">
              <strong className="text-good">
                {t('sites.plan.brings', { value: money(each.potentialSavings, plan.currency, format) })}
              </strong>
              {each.confidence !== null && (
                <span className="text-soft"> · {t('sites.plan.cases', { share: format.share(each.confidence) })}</span>
              )}
            </p>
            <details className="mt-1 text-[0.9375rem]">
              <summary className="text-soft">{t('sites.plan.assumes')}</summary>
              <ul className="list-disc pl-5" lang="en">
                {each.assumptions.map((assumption) => (
                  <li key={assumption}>{assumption}</li>
                ))}
              </ul>
            </details>
          </li>
        ))}
      </ul>
    </Section>
  )
}
