import { z } from 'zod'
import { route } from '../lib/contract.ts'
import { assetKinds, SiteId } from './contract.ts'
import { indicatorIds } from './maintenance-indicators.ts'

const Instant = z.iso.datetime({ offset: true })
const Bilingual = z.object({ en: z.string(), fr: z.string() })
const byRole = ['accounts/not-signed-in', 'accounts/not-allowed'] as const
const nowhere = 'site_00000000000000000000000000'

export const healthStatuses = ['healthy', 'watch', 'degrading', 'act_now', 'insufficient_evidence'] as const
/** As far back as is looked. */
export const HISTORY_DAYS = 366
/** As many assets as one answer holds. */
export const MAINTENANCE_ASSETS_MAX = 50

const Dates = z
  .object({
    p10: Instant,
    p50: Instant,
    p90: Instant.nullable().describe('null where the later end cannot be bounded.'),
  })
  .meta({ id: 'FailureDates' })

const Indicator = z
  .object({
    id: z.enum(indicatorIds),
    name: Bilingual,
    unit: z.string().describe('1 for a share or a ratio.'),
    worse: z.enum(['up', 'down']),
    status: z.enum(healthStatuses),
    reason: z.string().nullable().describe('Why there are no values.'),
    missing_values: z.number().describe('So many more values are needed before it is judged.'),
    reference: z.number().nullable().describe('The median of the first values: what is usual for this asset.'),
    now: z.number().nullable().describe('The median of the newest five.'),
    limit: z.number().nullable(),
    limit_basis: z.string().nullable().describe('Where the limit comes from.'),
    progress: z.number().nullable().describe('Share of the way from the reference to the limit.'),
    onset_at: Instant.nullable().describe('Since when it has been worse than usual.'),
    noticed_at: Instant.nullable().describe('When there was enough to say so.'),
    trend: z
      .object({ per_day: z.number(), low: z.number(), high: z.number(), values: z.number() })
      .nullable()
      .describe(
        'Worsening since the onset by Theil and Sen with its 95 % interval: in the unit, or of the logarithm where the scale is one.',
      ),
    scale: z.enum(['linear', 'log']),
    dates: Dates.nullable(),
    recovered: z.array(z.object({ from: Instant, to: Instant })).describe('Episodes that passed.'),
    series: z.array(z.object({ at: Instant, value: z.number() })),
  })
  .meta({ id: 'HealthIndicator' })

const MaintenanceItem = z
  .object({
    assetId: z.string(),
    assetName: z.string(),
    assetKind: z.enum(assetKinds),
    type: z
      .enum(['corrective', 'predictive', 'preventive', 'routine'])
      .describe(
        'corrective: a limit is passed; predictive: a date is told; preventive: something moved; routine: nothing did.',
      ),
    priority: z.enum(['low', 'medium', 'high', 'critical']),
    status: z.enum(healthStatuses),
    predictedFailureDate: Instant.nullable().describe(
      'When the limit is as likely reached as not: p50. null where there is no onset, no sure trend, or the limit is passed already.',
    ),
    daysUntilMaintenance: z
      .number()
      .nullable()
      .describe('Whole days until p10, so that nine of ten limits are reached later; 0 where the limit is passed.'),
    confidence: z
      .number()
      .nullable()
      .describe(
        'Of such dates on simulated plants, the share whose p10 to p90 held the truth; null where that was not measured.',
      ),
    confidence_basis: z
      .object({ from_progress: z.number(), dates: z.number(), held: z.number() })
      .nullable()
      .describe('The dates that were counted.'),
    recommendation: z.string().describe('In English; recommendations has both languages.'),
    recommendations: Bilingual,
    moved: z.enum(indicatorIds).nullable().describe('The indicator that status, date and recommendation come from.'),
    dates: Dates.nullable(),
    indicators: z.array(Indicator),
    context: z.array(
      z.object({ id: z.enum(['clipping_share', 'runtime_h_per_day', 'swings_per_day']), value: z.number() }),
    ),
    evidence: z.object({
      from: Instant,
      to: Instant,
      history_days: z.number().describe('Days on which any of its indicators had a value.'),
      waveforms: z.number(),
      method: z.string(),
    }),
    prior: z
      .object({
        shape: z.number(),
        scale_years: z.number(),
        failed_after_5_years: z.number(),
        failed_after_10_years: z.number(),
        basis: z.string(),
      })
      .nullable()
      .describe(
        'How long such things last in general. Shown where too little was measured; never a date of this asset.',
      ),
  })
  .meta({ id: 'MaintenanceItem' })
export type MaintenanceItem = z.infer<typeof MaintenanceItem>

export const maintenance = route({
  name: 'sites.maintenance',
  method: 'GET',
  path: '/api/v1/maintenance',
  summary: 'How the assets of a site are, since when they have been getting worse, and until when they may last',
  description: `From the last ${HISTORY_DAYS} days. Meters are not looked at. A date needs an onset and a sure trend towards a limit; without them there is none.`,
  needs: 'sites.read',
  query: z.object({
    siteId: SiteId,
    assetId: z.string().max(80).optional(),
    offset: z.coerce
      .number()
      .int()
      .min(0)
      .max(500)
      .default(0)
      .describe(`At most ${MAINTENANCE_ASSETS_MAX} assets at a time.`),
  }),
  output: z.object({
    success: z.literal(true),
    data: z.array(MaintenanceItem),
    siteId: SiteId,
    total: z.number(),
    simulated: z.boolean(),
  }),
  problems: [...byRole, 'sites/unknown-site', 'sites/unknown-asset'],
  examples: [
    { summary: 'A site that has not been heard of', after: { route: 'sites.add', fill: { siteId: 'id' } } },
    { summary: 'No such site', query: { siteId: nowhere }, status: 404 },
  ],
})
