import { z } from 'zod'
import { route } from '../lib/contract.ts'
import type { ProblemTable } from '../lib/problem.ts'
import { SiteId, SiteRef } from './contract.ts'
import { componentNames } from './forecast-component.ts'
import { targetNames } from './forecast-fit.ts'

const Instant = z.iso.datetime({ offset: true })
const byRole = ['accounts/not-signed-in', 'accounts/not-allowed'] as const

export const horizons = ['24h', '7d'] as const
export const forecastLevels = ['full', 'baseline', 'class_model', 'flatliner'] as const
/** Whose past a forecast rests on. */
export const forecastBases = ['own_history', 'class_model', 'last_day'] as const
/** Forecast weather that a site can be told of. */
export const weatherColumns = ['global_irradiance_w_per_m2', 'air_temperature_c'] as const

const Score = z.object({
  slots: z.number(),
  mae_kw: z.number(),
  naive_mae_kw: z.number().describe('Of repeating the day before, at the same origins.'),
  mase: z
    .number()
    .nullable()
    .describe('Error over that of repeating the day before within the history; below 1 is better.'),
  skill: z.number().nullable().describe('1 less the error as a share of that of repeating the day before.'),
  bias_kw: z.number().describe('Predicted less measured.'),
})

export const ForecastBacktest = z
  .object({
    origins: z.number(),
    day: Score,
    week: Score.nullable(),
    coverage95: z
      .number()
      .nullable()
      .describe('Of bands measured on the first half of the origins, on the other half.'),
    coverage_slots: z.number(),
    width95_kw: z.number().nullable(),
  })
  .meta({ id: 'ForecastBacktest' })

export const CoverageSoFar = z
  .object({
    forecasts: z.number(),
    slots: z.number().describe('Nights of a solar plant, where nothing can be off, do not count.'),
    covered95: z.number().nullable(),
    covered80: z.number().nullable(),
    mae_kw: z.number().nullable(),
    since: Instant,
  })
  .meta({ id: 'ForecastCoverage' })

const TargetInfo = z
  .object({
    fallback_level: z.enum(forecastLevels),
    basis: z.enum(forecastBases),
    methods: z.partialRecord(z.enum(componentNames), z.object({ day: z.string(), week: z.string() })),
    backtest: ForecastBacktest.nullable().describe('null where nothing could be measured: of a flatliner.'),
    coverage_so_far: CoverageSoFar.nullable().describe('Day-ahead forecasts of the last 60 days against what came.'),
  })
  .meta({ id: 'ForecastTarget' })

const kw = z.number().nullable()
const Point = z.object({
  timestamp: Instant,
  predictedPower: z.string().describe('kW, of the target that was asked for.'),
  confidence: z
    .string()
    .nullable()
    .describe(
      'How often in the backtest, at such a lead and time, what came was within a tenth of the highest power; null where that was not measured.',
    ),
  lower95: z.string().nullable(),
  upper95: z.string().nullable(),
  load_kw: kw,
  load_lower95_kw: kw,
  load_upper95_kw: kw,
  generation_kw: kw,
  generation_lower95_kw: kw,
  generation_upper95_kw: kw,
  net_kw: kw,
  net_lower95_kw: kw,
  net_upper95_kw: kw,
})

export const ForecastAnswer = z
  .object({
    success: z.literal(true),
    siteId: SiteId,
    horizon: z.enum(horizons),
    data: z.array(Point),
    target: z.enum(targetNames).describe('What predictedPower speaks of.'),
    unit: z.literal('kW'),
    step_s: z.number(),
    made_at: Instant.describe('The beginning of the first slot; nothing of later was looked at.'),
    simulated: z.boolean(),
    modelId: z
      .string()
      .nullable()
      .describe('In the registry, /ai/models/{modelId}; of what merely repeats an id of its own; null of a flatliner.'),
    modelName: z.string().nullable().describe('Its key in the registry; null of what repeats.'),
    modelVersion: z.number().int().nullable(),
    basis: z.enum(forecastBases).describe('Whose past it rests on: `class_model` is that of other sites.'),
    classBasis: z
      .array(
        z.object({
          component: z.enum(componentNames),
          class: z.string(),
          modelName: z.string(),
          modelVersion: z.number().int(),
          sites: z.number().int().describe('Sites of the organisation that it was learnt from.'),
          error: z.number().describe('Mean absolute error on sites left out in turn, as a share of their size.'),
          spread: z.number().describe('Deviation of that between sites.'),
          lower95: z.number().describe('How far the band reaches, as a share of the size of the site.'),
          upper95: z.number(),
        }),
      )
      .nullable()
      .describe('Of a class model: which classes, and from how many sites.'),
    trainedAt: Instant.nullable(),
    trainingRange: z.object({ from: Instant, to: Instant }).nullable(),
    nTrain: z.number().nullable().describe('Known slots that were learnt from, of all components of the target.'),
    method: z.string(),
    fallbackLevel: z.enum(forecastLevels),
    backtest: ForecastBacktest.nullable(),
    passed_over: z
      .array(z.object({ level: z.enum(forecastLevels), reason: z.string() }))
      .describe('Why no better level was used.'),
    targets: z.partialRecord(z.enum(targetNames), TargetInfo),
    not_known: z.partialRecord(z.enum(targetNames), z.string()).describe('Why there is no forecast of it.'),
    ranking: z
      .partialRecord(z.enum(componentNames), z.array(z.object({ name: z.string(), mae_kw: z.number() })))
      .describe('Everything that was tried for the day ahead, the best first.'),
    weather_used: z.array(z.string()),
    notes: z.array(z.string()),
  })
  .meta({ id: 'Forecast' })
export type ForecastAnswer = z.infer<typeof ForecastAnswer>

export const forecast = route({
  name: 'sites.forecast',
  method: 'GET',
  path: '/api/v1/forecast',
  summary: 'What a site will use and generate, with 95 % bands, and how far such forecasts were to be trusted so far',
  description:
    'predictedPower is generation where the site generates, else load, unless a target is named; all three stand beside it in kW. Below the full model it falls back to one that repeats, then to the middle of the last day, and says so; a site with less than that is answered with how much is missing.',
  needs: 'sites.read',
  query: z.object({
    siteId: SiteRef,
    horizon: z.enum(horizons).default('24h'),
    target: z.enum(targetNames).optional(),
  }),
  output: ForecastAnswer,
  problems: [...byRole, 'sites/unknown-site', 'sites/insufficient-data'],
  examples: [
    {
      summary: 'A site that has not been heard of',
      after: { route: 'sites.add', fill: { siteId: 'id' } },
      status: 409,
    },
    { summary: 'No such site', query: { siteId: 'site_00000000000000000000000000' }, status: 404 },
  ],
})

export const WEATHER_VALUES_MAX = 5_000

export const tellWeather = route({
  name: 'sites.weather',
  method: 'POST',
  path: '/api/v1/sites/{id}/weather',
  summary: 'Tells a site of forecast weather, which its forecasts use once they have seen enough of it',
  description:
    'Hours or quarters of an hour. What was forecast before counts too, with the instant at which it was issued: forecasters learn from forecast weather, not from weather as it came.',
  needs: 'sites.operate',
  params: z.object({ id: SiteRef }),
  body: z.strictObject({
    issued_at: Instant.optional().describe('When it was forecast; now unless said.'),
    values: z
      .array(
        z.strictObject({
          at: Instant,
          global_irradiance_w_per_m2: z.number().min(0).max(1_500).optional(),
          air_temperature_c: z.number().min(-90).max(60).optional(),
        }),
      )
      .min(1)
      .max(WEATHER_VALUES_MAX),
  }),
  output: z.object({ stored: z.number(), issued_at: Instant }),
  status: 201,
  problems: [...byRole, 'sites/unknown-site', 'sites/not-a-forecast'],
  examples: [
    {
      summary: 'Two hours of a summer’s day',
      after: { route: 'sites.add', fill: { id: 'id' } },
      body: {
        issued_at: '2026-06-30T18:00:00Z',
        values: [
          { at: '2026-07-01T10:00:00Z', global_irradiance_w_per_m2: 780, air_temperature_c: 27.5 },
          { at: '2026-07-01T11:00:00Z', global_irradiance_w_per_m2: 840, air_temperature_c: 29 },
        ],
      },
    },
    {
      summary: 'Weather that had come already',
      after: { route: 'sites.add', fill: { id: 'id' } },
      body: { issued_at: '2026-07-01T18:00:00Z', values: [{ at: '2026-07-01T10:00:00Z', air_temperature_c: 27.5 }] },
      status: 422,
    },
    {
      summary: 'No such site',
      params: { id: 'site_00000000000000000000000000' },
      body: { values: [{ at: '2026-07-01T10:00:00Z', air_temperature_c: 27.5 }] },
      status: 404,
    },
  ],
})

export const forecastProblems = {
  'sites/not-a-forecast': { status: 422, title: 'Weather is told before it comes' },
} as const satisfies ProblemTable
