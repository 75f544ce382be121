import type { Optimization } from '@tidemark/core/sites/schedule-contract.ts'
import type { Site } from '@tidemark/core/sites/contract.ts'
import { useWords } from '../lib/i18n.ts'
import { Legend } from '../telemetry/Legend.tsx'
import { TimeChart } from '../telemetry/TimeChart.tsx'
import type { Line } from '../telemetry/time-chart-option.ts'
import { Section } from '../ui/Page.tsx'
import { energy, signedPower, instantIn } from './figures.ts'

/** The grid before and after, what the battery does, and the prices that it answers to. */
export function PlanCharts({ plan, site }: { plan: Optimization; site: Site }) {
  const { t } = useWords()
  const { schedule, step_s } = plan
  const at = schedule.map(({ timestamp }) => Date.parse(timestamp))
  const from_ms = at[0] ?? 0
  const to_ms = (at.at(-1) ?? 0) + step_s * 1000
  const line = (of: (slot: Optimization['schedule'][number]) => number | null): Line['points'] =>
    schedule.map((slot, i) => [at[i] ?? 0, of(slot)] as const)
  const shared = { time_zone: site.time_zone, from_ms, to_ms }
  const grid: Line[] = [
    {
      name: t('sites.plan.before'),
      colour: 'soft',
      dashed: true,
      steps: true,
      points: line((slot) => slot.idle_import_kw),
    },
    { name: t('sites.plan.after'), colour: 'tide', steps: true, filled: true, points: line((slot) => slot.import_kw) },
  ]
  const flows: Line[] = [
    { name: t('sites.now.load'), colour: 'scope1', steps: true, points: line((slot) => slot.load_kw) },
    { name: t('sites.now.generation'), colour: 'sand', steps: true, points: line((slot) => slot.generation_kw) },
    { name: t('sites.now.battery'), colour: 'good', steps: true, points: line((slot) => slot.battery_kw) },
  ]
  const charge: Line = {
    name: t('sites.plan.charge'),
    colour: 'good',
    filled: true,
    points: line((slot) => slot.state_of_charge_percent),
  }
  const price: Line = {
    name: t('sites.plan.price'),
    colour: 'sand',
    steps: true,
    points: line((slot) => slot.import_price_per_kwh),
  }
  const has_battery = schedule.some(({ state_of_charge_percent }) => state_of_charge_percent !== null)
  return (
    <Section title={t('sites.plan.schedule')} id="schedule">
      <Legend lines={grid} />
      <TimeChart {...shared} describe={t('sites.plan.gridChart')} lines={grid} unit="kW" />
      <div className="mt-6">
        <Legend lines={flows} />
      </div>
      <TimeChart {...shared} describe={t('sites.plan.flowChart')} lines={flows} unit="kW" />
      <div className="mt-6 grid gap-6 lg:grid-cols-2">
        {has_battery && (
          <div>
            <Legend lines={[charge]} />
            <TimeChart {...shared} describe={t('sites.plan.charge')} height="small" lines={[charge]} unit="%" />
          </div>
        )}
        <div>
          <Legend lines={[price]} />
          <TimeChart
            {...shared}
            describe={t('sites.plan.price')}
            height="small"
            lines={[price]}
            unit={`${plan.currency}/kWh`}
          />
        </div>
      </div>
      <Runs plan={plan} site={site} />
      <Breaches plan={plan} site={site} />
    </Section>
  )
}

function Runs({ plan, site }: { plan: Optimization; site: Site }) {
  const { t, format } = useWords()
  return (
    <ul className="mt-4 space-y-1">
      {plan.runs.map(({ name, power_kw, usual_from, planned }) => (
        <li key={`${name} ${usual_from}`}>
          <strong>{name}</strong>, {signedPower(power_kw, format)}:{' '}
          {planned
            .map(({ from, to }) =>
              t('sites.plan.between', {
                from: instantIn(from, site.time_zone, format),
                to: instantIn(to, site.time_zone, format),
              }),
            )
            .join('; ')}{' '}
          <span className="text-soft">
            {t('sites.plan.usually', { when: instantIn(usual_from, site.time_zone, format) })}
          </span>
        </li>
      ))}
    </ul>
  )
}

/** A plan always comes, with the limits that it cannot keep. */
function Breaches({ plan, site }: { plan: Optimization; site: Site }) {
  const { t, format } = useWords()
  if (plan.breaches.length === 0) return <p className="mt-4 text-good">{t('sites.plan.keeps')}</p>
  return (
    <div className="mt-4 rounded-card border border-bad bg-bad-wash p-4">
      <p className="font-semibold text-bad">{t('sites.plan.breaks')}</p>
      <ul className="figures mt-1 list-disc pl-5">
        {plan.breaches.map(({ limit, limit_value, worst, kwh, first_at }) => {
          const say = (value: number) =>
            limit === 'state_of_charge_min' ? energy(value, format) : signedPower(value, format)
          return (
            <li key={limit}>
              {t(`sites.plan.limit.${limit}`, { limit: say(limit_value), worst: say(worst) })}{' '}
              {t('sites.plan.breach', {
                energy: energy(kwh, format),
                when: instantIn(first_at, site.time_zone, format),
              })}
            </li>
          )
        })}
      </ul>
    </div>
  )
}
