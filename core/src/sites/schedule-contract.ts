import { z } from 'zod'
import { route } from '../lib/contract.ts'
import type { ProblemTable } from '../lib/problem.ts'
import { SiteId, SiteRef } from './contract.ts'
import { forecastLevels, horizons } from './forecast-contract.ts'

const Instant = z.iso.datetime({ offset: true })
const byRole = ['accounts/not-signed-in', 'accounts/not-allowed'] as const
export const PlanId = z.string().regex(/^plan_[0-9A-HJKMNP-TV-Z]{26}$/)

const Cost = z
  .object({
    energy: z.number(),
    export_credit: z.number(),
    demand: z.number().describe('For peaks above those that were reached already in the month.'),
    wear: z.number(),
    refill: z.number().describe('To have as much in the batteries as before, at the lowest price; negative for more.'),
    total: z.number(),
    import_kwh: z.number(),
    export_kwh: z.number(),
    curtailed_kwh: z.number(),
    peak_import_kw: z.number(),
    emissions_kg_co2e: z.number().nullable(),
    self_consumption: z.number().nullable(),
    self_sufficiency: z.number().nullable(),
  })
  .meta({ id: 'ScheduleCost' })

const Breach = z
  .object({
    limit: z.enum(['import_kw_max', 'export_kw_max', 'state_of_charge_min']),
    limit_value: z.number().describe('kW, or kWh of what is stored.'),
    worst: z.number(),
    slots: z.number(),
    kwh: z.number(),
    first_at: Instant,
  })
  .meta({ id: 'ScheduleBreach' })

const Savings = z.object({
  money: z.number(),
  share: z.number().nullable().describe('Of what it is compared with; null where that costs nothing.'),
  emissions_kg_co2e: z.number().nullable(),
})

export const recommendationTypes = ['battery_schedule', 'load_shift', 'peak_shaving', 'curtailment'] as const

export const Recommendation = z
  .object({
    type: z.enum(recommendationTypes),
    title: z.string(),
    potentialSavings: z
      .number()
      .describe('In the tariff’s currency over the horizon: what the plan would cost more without it.'),
    savingsPercentage: z.number().describe('Of the cost of doing nothing.'),
    priority: z.enum(['high', 'medium', 'low']),
    confidence: z
      .number()
      .nullable()
      .describe('Share of nine cases, load and generation each at their p10, p50 and p90, in which it saves.'),
    from: Instant.nullable(),
    to: Instant.nullable(),
    power_kw: z.number().nullable(),
    energy_kwh: z.number().nullable(),
    assumptions: z.array(z.string()),
  })
  .meta({ id: 'SiteRecommendation' })
export type Recommendation = z.infer<typeof Recommendation>

const Slot = z.object({
  timestamp: Instant,
  load_kw: z.number().describe('As planned, with what was moved.'),
  generation_kw: z.number(),
  curtailed_kw: z.number(),
  battery_kw: z.number().describe('Positive when it discharges.'),
  state_of_charge_percent: z.number().nullable().describe('Of all batteries together, at the end of the slot.'),
  import_kw: z.number(),
  export_kw: z.number(),
  idle_import_kw: z.number().describe('With nothing done.'),
  idle_load_kw: z.number(),
  import_price_per_kwh: z.number(),
  export_price_per_kwh: z.number(),
})

const Source = z.object({
  fallback_level: z.enum(forecastLevels),
  model_id: z.string().nullable(),
  method: z.string(),
})

export const Optimization = z
  .object({
    success: z.literal(true),
    recommendations: z.array(Recommendation),
    nothing_to_gain: z.string().nullable().describe('Why there is no recommendation.'),
    siteId: SiteId,
    plan_id: PlanId,
    horizon: z.enum(horizons),
    made_at: Instant,
    step_s: z.number(),
    currency: z.string(),
    simulated: z.boolean(),
    schedule: z.array(Slot),
    runs: z.array(
      z.object({
        name: z.string(),
        power_kw: z.number(),
        usual_from: Instant,
        planned: z.array(z.object({ from: Instant, to: Instant })),
      }),
    ),
    breaches: z.array(Breach).describe('Limits that the plan cannot keep, and by how much.'),
    idle_breaches: z.array(Breach),
    costs: z.object({ plan: Cost, idle: Cost, self_consumption_rule: Cost }),
    savings: z.object({ against_idle: Savings, against_self_consumption_rule: Savings }),
    scenarios: z
      .array(
        z.object({ load: z.string(), generation: z.string(), plan: z.number(), idle: z.number(), savings: z.number() }),
      )
      .describe('The same plan when load and generation come at the ends of their 80 % bands.'),
    contributions: z
      .array(z.object({ without: z.string(), savings: z.number(), contribution: z.number() }))
      .describe('Savings against doing nothing when solved again without it. They overlap: they need not add up.'),
    peaks: z.array(
      z.object({
        month: z.string(),
        so_far_kw: z.number(),
        expected_kw: z
          .number()
          .nullable()
          .optional()
          .describe(
            'What the rest of the month is expected to reach anyway, batteries doing their best; null: not known.',
          ),
        idle_kw: z.number(),
        plan_kw: z.number(),
        charge_per_kw: z.number(),
      }),
    ),
    emissions_kg_co2e_per_kwh: z.number().nullable(),
    assumptions: z.array(z.string()),
    forecast: z.object({ load: Source, generation: Source.nullable() }),
    solver: z.object({
      name: z.literal('HiGHS'),
      status: z.enum(['optimal', 'time_limit']),
      binaries: z.number(),
      duration_ms: z.number(),
    }),
  })
  .meta({ id: 'Optimization' })
export type Optimization = z.infer<typeof Optimization>

const Realised = z
  .object({
    slots: z.number(),
    measured_slots: z.number(),
    is_complete: z.boolean(),
    costs: z.object({
      actual: Cost,
      idle: Cost.describe('The load and generation that came, with batteries at rest.'),
      self_consumption_rule: Cost,
      plan_followed: Cost.describe('The load and generation that came, with batteries as planned.'),
    }),
    savings_actual: Savings.describe('Of what was done against doing nothing.'),
    savings_plan_followed: Savings,
    battery_off_kw: z.number().nullable().describe('How far batteries were from the plan, on average.'),
    load_error_kw: z.number(),
    generation_error_kw: z.number(),
    notes: z.array(z.string()),
  })
  .meta({ id: 'RealisedPlan' })
export type Realised = z.infer<typeof Realised>

export const scheduleProblems = {
  'sites/no-tariff': { status: 409, title: 'The site has no tariff to plan by' },
  'sites/unknown-plan': { status: 404, title: 'There is no such plan' },
} as const satisfies ProblemTable

export const optimization = route({
  name: 'sites.optimization',
  method: 'GET',
  path: '/api/v1/optimization',
  summary: 'When to charge, to discharge and to run what can wait, what that saves, and which limits it breaks',
  description:
    'A mixed-integer programme over the forecast, the tariff, batteries and loads that can be moved, solved by HiGHS. Recommendations are read from its solution. Asked again within the same slot it answers with the same plan.',
  needs: 'sites.read',
  query: z.object({ siteId: SiteRef, horizon: z.enum(horizons).default('24h') }),
  output: Optimization,
  problems: [...byRole, 'sites/unknown-site', 'sites/insufficient-data', 'sites/no-tariff'],
  examples: [
    {
      summary: 'A site that has not been heard of',
      after: { route: 'sites.add', fill: { siteId: 'id' } },
      status: 409,
    },
    { summary: 'No such site', query: { siteId: 'site_00000000000000000000000000' }, status: 404 },
  ],
})

export const realisedPlan = route({
  name: 'sites.plan',
  method: 'GET',
  path: '/api/v1/optimization/{plan_id}',
  summary: 'A plan as it was given, and what really happened',
  needs: 'sites.read',
  params: z.object({ plan_id: PlanId }),
  output: z.object({
    plan: Optimization,
    realised: Realised.nullable().describe('null until a slot of it was measured.'),
  }),
  problems: [...byRole, 'sites/unknown-plan'],
  examples: [{ summary: 'No such plan', params: { plan_id: 'plan_00000000000000000000000000' }, status: 404 }],
})
