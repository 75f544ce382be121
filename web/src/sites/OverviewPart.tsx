import type { SiteMetrics } from '@tidemark/core/sites/metrics-contract.ts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useWords } from '../lib/i18n.ts'
import { paths } from '../lib/paths.ts'
import { SimulatedTag } from '../telemetry/SimulatedTag.tsx'
import { Command } from '../ui/Copyable.tsx'
import { Loading } from '../ui/Loading.tsx'
import { Section } from '../ui/Page.tsx'
import { ProblemPanel } from '../ui/ProblemPanel.tsx'
import { Bill } from './Bill.tsx'
import { energy, instantIn, money, signedPower } from './figures.ts'
import { Figure } from './Figure.tsx'
import { Flows } from './Flows.tsx'
import { PowerChart } from './PowerChart.tsx'
import { metricsQuery } from './queries.ts'
import type { SitePartProps } from './SitePage.tsx'

const route = getRouteApi(paths.site)
const spans_days = { day: 1, week: 7, month: 30, year: 365 } as const
type Span = keyof typeof spans_days
const DAY_MS = 86_400_000
/** The question stays the same for so long, and so does what was answered. */
const STEP_MS = 900_000

/** What the site does now, and what it did over the chosen time. */
export function OverviewPart({ site }: SitePartProps) {
  const { t, format } = useWords()
  const { span: chosen } = route.useSearch()
  const span: Span = chosen !== undefined && chosen in spans_days ? (chosen as Span) : 'day'
  const [from, to] = useMemo(() => stretchOf(span), [span])
  const asked = useQuery(metricsQuery(site.id, { from, to }))
  if (asked.isPending) return <Loading />
  if (asked.error) return <ProblemPanel error={asked.error} retry={() => void asked.refetch()} />
  const metrics = asked.data
  const silent = metrics.energy.load_kwh.value === null && metrics.energy.generation_kwh.coverage === 0
  return (
    <>
      <section aria-labelledby="now-title">
        <h2 id="now-title" className="text-2xl">
          {t('sites.now.title')}
          {metrics.simulated && <SimulatedTag />}
        </h2>
        <Now metrics={metrics} site={site} />
      </section>
      <Section title={t('sites.did.title')} id="did">
        <SpanLinks id={site.id} span={span} />
        <p className="mt-2 mb-5 text-sm text-soft">
          {t('sites.did.stretch', {
            from: instantIn(metrics.from, site.time_zone, format),
            to: instantIn(metrics.to, site.time_zone, format),
            zone: site.time_zone,
          })}
          {metrics.simulated && <SimulatedTag />}
        </p>
        {silent ? <Silent site={site} /> : <Did metrics={metrics} site={site} />}
      </Section>
    </>
  )
}

function stretchOf(span: Span): [from: string, to: string] {
  const to_ms = Math.floor(Date.now() / STEP_MS) * STEP_MS
  return [new Date(to_ms - spans_days[span] * DAY_MS).toISOString(), new Date(to_ms).toISOString()]
}

function SpanLinks({ id, span }: { id: string; span: Span }) {
  const { t } = useWords()
  return (
    <ul aria-label={t('sites.did.span')} className="flex flex-wrap gap-2">
      {(Object.keys(spans_days) as Span[]).map((each) => (
        <li key={each}>
          <Link
            to={paths.site}
            params={{ id }}
            search={each === 'day' ? {} : { span: each }}
            resetScroll={false}
            aria-current={each === span ? 'true' : undefined}
            className={`button button-small ${each === span ? 'button-main' : 'button-plain'}`}
          >
            {t(`sites.did.${each}`)}
          </Link>
        </li>
      ))}
    </ul>
  )
}

function Now({ metrics, site }: { metrics: SiteMetrics } & SitePartProps) {
  const { t, format } = useWords()
  const { now } = metrics
  const known = [now.generation_kw, now.load_kw, now.grid_kw, now.battery_kw].some((each) => each !== null)
  if (!known) return <p className="mt-2 text-soft">{t('sites.now.silentSays')}</p>
  return (
    <>
      {now.at !== null && (
        <p className="text-sm text-soft">{t('sites.now.at', { when: instantIn(now.at, site.time_zone, format) })}</p>
      )}
      <div className="mt-3">
        <Flows now={now} />
      </div>
    </>
  )
}

/** Nothing was measured: what to do about it. */
function Silent({ site }: SitePartProps) {
  const { t } = useWords()
  return (
    <div className="card p-6">
      <p className="text-lg font-semibold">{t('sites.silent.title')}</p>
      <p className="mt-1 max-w-prose text-soft">{t('sites.silent.says')}</p>
      <Link to={paths.site} params={{ id: site.id }} search={{ part: 'devices' }} className="button button-main mt-4">
        {t('sites.silent.do')}
      </Link>
      {site.simulated && (
        <div className="mt-4">
          <Command
            text={`npx tidemark simulate site --url ${location.origin} --name '${site.name.replaceAll("'", "'\\''")}'`}
            label={t('sites.silent.play')}
          />
        </div>
      )}
    </div>
  )
}

function Did({ metrics, site }: { metrics: SiteMetrics } & SitePartProps) {
  const { t, format } = useWords()
  const { energy: flows } = metrics
  const kwh = (value: number) => energy(value, format)
  return (
    <>
      <PowerChart site={site} from={metrics.from} to={metrics.to} />
      <h3 className="mt-8 mb-3 text-lg">{t('sites.did.energy')}</h3>
      <dl className="grid grid-cols-2 gap-3 lg:grid-cols-3">
        <Figure name={t('sites.did.generated')} figure={flows.generation_kwh} say={kwh} />
        <Figure name={t('sites.did.used')} figure={flows.load_kwh} say={kwh} />
        <Figure name={t('sites.did.imported')} figure={flows.import_kwh} say={kwh} />
        <Figure name={t('sites.did.exported')} figure={flows.export_kwh} say={kwh} />
        <Figure name={t('sites.did.charged')} figure={flows.battery_charge_kwh} say={kwh} />
        <Figure name={t('sites.did.discharged')} figure={flows.battery_discharge_kwh} say={kwh} />
      </dl>
      <Performance metrics={metrics} />
      <Footprint metrics={metrics} />
      {metrics.cost === null ? (
        <p className="mt-3 text-soft">
          {t('sites.did.noTariff')}{' '}
          <Link to={paths.editSite} params={{ id: site.id }} hash="tariff" className="link">
            {t('sites.did.addTariff')}
          </Link>
        </p>
      ) : (
        <Bill bill={metrics.cost} />
      )}
    </>
  )
}

function Performance({ metrics }: { metrics: SiteMetrics }) {
  const { t, format } = useWords()
  return (
    <>
      <h3 className="mt-8 mb-3 text-lg">{t('sites.did.performance')}</h3>
      <dl className="grid grid-cols-2 gap-3 lg:grid-cols-3">
        <Figure
          name={t('sites.did.selfConsumption')}
          says={t('sites.did.selfConsumptionSays')}
          figure={metrics.self_consumption}
          say={format.share}
        />
        <Figure
          name={t('sites.did.selfSufficiency')}
          says={t('sites.did.selfSufficiencySays')}
          figure={metrics.self_sufficiency}
          say={format.share}
        />
        <Figure
          name={t('sites.did.ratio')}
          says={t('sites.did.ratioSays')}
          figure={metrics.performance_ratio}
          say={format.share}
          of_daylight
        />
        <Figure
          name={t('sites.did.availability')}
          says={t('sites.did.availabilitySays')}
          figure={metrics.availability}
          say={format.share}
          of_daylight
        />
        <Figure name={t('sites.did.peak')} figure={metrics.peak_import_kw} say={(kw) => signedPower(kw, format)} />
      </dl>
    </>
  )
}

function Footprint({ metrics }: { metrics: SiteMetrics }) {
  const { t, format } = useWords()
  const kg = (value: number) => format.co2e(value).text
  const currency = metrics.cost?.currency
  const factor = metrics.emissions_location_kg_co2e.factor
  return (
    <>
      <h3 className="mt-8 mb-3 text-lg">{t('sites.did.footprint')}</h3>
      <dl className="grid grid-cols-2 gap-3 lg:grid-cols-3">
        <Figure
          name={t('sites.did.emissions')}
          says={
            factor === null
              ? undefined
              : t('sites.did.factor', {
                  value: `${format.factor(factor.kg_co2e_per_kwh)}\u00A0kgCO₂e/kWh`,
                  publisher: factor.publisher,
                  edition: factor.edition,
                })
          }
          figure={metrics.emissions_location_kg_co2e}
          say={kg}
        />
        <Figure name={t('sites.did.hourly')} figure={metrics.emissions_hourly_kg_co2e} say={kg} />
        {currency !== undefined && metrics.cost && (
          <Figure
            name={t('sites.did.cost')}
            says={
              metrics.cost.demand > 0
                ? t('sites.did.costPeak', { value: money(metrics.cost.demand, currency, format) })
                : undefined
            }
            figure={{ value: metrics.cost.total, coverage: metrics.energy.import_kwh.coverage }}
            say={(value) => money(value, currency, format)}
          />
        )}
      </dl>
    </>
  )
}
