import { z } from 'zod'
import { route } from '../lib/contract.ts'
import { severities } from './anomaly-severity.ts'
import { anomalyTypes, causes, detectionMethods } from './anomaly-watch.ts'
import { SiteId, SiteRef } from './contract.ts'

const Instant = z.iso.datetime({ offset: true })
export const AnomalyId = z.string().regex(/^ano_[0-9A-HJKMNP-TV-Z]{26}$/)
const Count = z.object({ found: z.number().int(), correct: z.number().int() })

/** Of a seed's eight fields, named as it names them; what stands beside them has our names. */
export const SiteAnomaly = z
  .object({
    id: AnomalyId,
    type: z.enum(anomalyTypes),
    severity: z.enum(severities),
    timestamp: Instant.describe('When it began.'),
    value: z.number().nullable().describe('Null where nothing came.'),
    expectedValue: z.number().nullable().describe('Null where nothing could be expected.'),
    deviation: z.number().nullable().describe('In percent of what `deviation_of` names.'),
    confidence: z.number().min(0).max(1).describe('How often such findings were right; see `confidence_basis`.'),
    deviation_of: z.enum(['expected', 'rating']).nullable(),
    asset_id: z.string().nullable().describe('Null for what concerns the whole site.'),
    sensor_id: z.string().nullable(),
    measure: z.string().nullable(),
    unit: z.string().nullable(),
    until: Instant,
    found_at: Instant.describe('When it became certain, by the readings that were there.'),
    is_open: z.boolean().describe('It still was so in the latest readings.'),
    cause: z.enum(causes),
    method: z.enum(detectionMethods).describe('The detector that explains most of it.'),
    strength: z.number().describe('How far beyond the detector’s threshold it stood; 1 is on it.'),
    p_value: z.number().nullable().describe('How rare so strange a slot was in what the detector learnt from.'),
    evidence: z.array(
      z.object({
        method: z.enum(detectionMethods),
        type: z.enum(anomalyTypes),
        measure: z.string().nullable(),
        strength: z.number(),
        p_value: z.number().nullable(),
      }),
    ),
    window: z.object({ from: Instant, to: Instant }).describe('The stretch to look at.'),
    loss: z.object({
      energy_kwh: z.number().nullable().describe('Not made, or used beyond what is usual.'),
      money: z.number().nullable(),
      currency: z.string().nullable(),
      unmeasured_kwh: z.number().nullable().describe('What passed while its device could not be believed.'),
    }),
    confidence_basis: z.object({
      simulated: Count.describe('Findings on simulated plants, and how many of them were faults.'),
      judged: Count.describe('Findings of this type that people of the organisation judged.'),
      level: z.enum(['type_and_strength', 'type', 'all']),
    }),
    verdict: z.enum(['correct', 'false_alarm']).nullable(),
    simulated: z.boolean(),
  })
  .meta({ id: 'SiteAnomaly' })
export type SiteAnomaly = z.infer<typeof SiteAnomaly>

const JudgedLine = z.object({
  method: z.enum(detectionMethods),
  asset_id: z.string().nullable(),
  measure: z.string().nullable(),
  slots_judged: z.number().int(),
  threshold: z.number().nullable(),
  needs: z.string().nullable().describe('What is missing when nothing was judged.'),
})

export const Detection = z
  .object({
    ran_at: Instant,
    checked_at: Instant.describe('When it was last made sure what there is: now, unless readings came since ran_at.'),
    readings_since: z
      .number()
      .int()
      .describe('Values that came after ran_at and are not judged yet; looked at again after 30 s.'),
    from: Instant,
    to: Instant,
    alarms_per_week: z.number().describe('The budget of false alarms by which thresholds are set.'),
    is_current: z.boolean().describe('False while readings came since; they are looked at within minutes.'),
    looked_at: z.array(JudgedLine),
  })
  .meta({ id: 'Detection' })

export const ANOMALIES_MAX = 1_000

export const listAnomalies = route({
  name: 'sites.anomalies',
  method: 'GET',
  path: '/api/v1/anomalies',
  summary: 'What is not as it should be on a site, the latest first',
  description:
    'Looks at what came since it last looked. `detection` says what was looked at, and what could not be judged for lack of readings.',
  needs: 'sites.read',
  query: z.object({
    siteId: SiteRef,
    assetId: z.string().max(80).optional(),
    from: Instant.optional().describe('Anomalies that lasted beyond this.'),
    to: Instant.optional().describe('Anomalies that began before this.'),
    limit: z.coerce.number().int().min(1).max(ANOMALIES_MAX).default(200),
  }),
  output: z.object({
    success: z.literal(true),
    siteId: SiteId,
    timestamp: Instant,
    data: z.array(SiteAnomaly),
    detection: Detection,
  }),
  problems: [
    'accounts/not-signed-in',
    'accounts/not-allowed',
    'sites/unknown-site',
    'sites/unknown-asset',
    'sites/insufficient-data',
  ],
  examples: [
    { summary: 'No such site', query: { siteId: 'site_00000000000000000000000000' }, status: 404 },
    {
      summary: 'A site from which nothing came yet',
      after: { route: 'sites.add', fill: { siteId: 'id' } },
      status: 409,
    },
  ],
})
