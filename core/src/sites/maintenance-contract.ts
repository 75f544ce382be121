import { z } from 'zod'
import { route } from '../lib/contract.ts'
import type { ProblemTable } from '../lib/problem.ts'
import { assetKinds, SiteRef } from './contract.ts'
import { indicatorIds } from './maintenance-indicators.ts'
import { RATE_HZ_MAX, RATE_HZ_MIN, SAMPLES_MAX, SAMPLES_MIN, WAVEFORM_BYTES_MAX, waveformUnits } from './waveform.ts'

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
    siteId: SiteRef,
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
    siteId: z.string(),
    total: z.number(),
    simulated: z.boolean(),
  }),
  problems: [...byRole, 'sites/unknown-site', 'sites/unknown-asset'],
  examples: [
    { summary: 'A site that has not been heard of', after: { route: 'sites.add', fill: { siteId: 'id' } } },
    { summary: 'No such site', query: { siteId: nowhere }, status: 404 },
  ],
})

export const maintenanceProblems = {
  'sites/waveform-unreadable': { status: 422, title: 'This is no waveform that can be looked at' },
  'sites/waveform-there': { status: 409, title: 'There is another waveform of that instant' },
  'sites/unknown-waveform': { status: 404, title: 'There is no such waveform' },
  'sites/waveform-let-go': { status: 410, title: 'Only what was found in this waveform is still kept' },
  'sites/too-many-waveforms': { status: 409, title: 'There are as many waveforms as there may be' },
} as const satisfies ProblemTable

/** Of each asset: what was found in so many waveforms, and the samples of the newest. */
export const WAVEFORMS_MAX = 2_000
export const WAVEFORMS_WITH_SAMPLES = 50

const AssetRef = z.string().min(1).max(80)
const WaveformId = z.string().regex(/^wav_[0-9A-HJKMNP-TV-Z]{26}$/)
const Sign = z.object({ hz: z.number(), times_noise: z.number() })

const Features = z
  .object({
    rms: z.number(),
    peak: z.number(),
    crest_factor: z.number(),
    kurtosis: z.number().describe('3 for noise; shocks raise it.'),
    speed_rms_mm_per_s: z.number().nullable().describe('From 10 to 1,000 Hz; null where the recording does not reach.'),
    bands: z.array(z.object({ from_hz: z.number(), to_hz: z.number(), rms: z.number() })),
    bearing: z
      .object({ outer_race: Sign, inner_race: Sign, rolling_element: Sign, cage: Sign })
      .nullable()
      .describe(
        'Amplitude in the envelope at each part’s frequency, times the noise around; null without rpm or geometry.',
      ),
  })
  .meta({ id: 'WaveformFeatures' })

export const WaveformRecord = z
  .object({
    id: WaveformId,
    asset_id: z.string(),
    captured_at: Instant,
    sample_rate_hz: z.number(),
    rpm: z.number().nullable(),
    unit: z.enum(waveformUnits),
    sample_count: z.number(),
    has_samples: z.boolean().describe('Of older waveforms only what was found is kept.'),
    features: Features,
  })
  .meta({ id: 'Waveform' })
export type WaveformRecord = z.infer<typeof WaveformRecord>

const underway = { id: nowhere, asset_id: 'wind' }
const ofAsset = [...byRole, 'sites/unknown-site', 'sites/unknown-asset'] as const

export const addWaveform = route({
  name: 'sites.addWaveform',
  method: 'POST',
  path: '/api/v1/sites/{id}/assets/{asset_id}/waveforms',
  summary: 'Takes a recording of vibration and tells what is in it',
  description: `WAV (one channel), JSON {samples, sample_rate_hz, rpm, unit}, or CSV (values, or seconds and values). From ${SAMPLES_MIN} to ${SAMPLES_MAX} samples. The same recording twice is one; the samples of the newest ${WAVEFORMS_WITH_SAMPLES} are kept.`,
  needs: 'telemetry.ingest',
  limit: 'upload',
  accepts: 'file',
  body_bytes_max: WAVEFORM_BYTES_MAX,
  params: z.object({ id: SiteRef, asset_id: AssetRef }),
  query: z.object({
    captured_at: Instant.optional().describe('Now unless said.'),
    sample_rate_hz: z.coerce.number().min(RATE_HZ_MIN).max(RATE_HZ_MAX).optional(),
    rpm: z.coerce.number().positive().max(100_000).optional(),
    unit: z.enum(waveformUnits).optional(),
    full_scale: z.coerce.number().positive().max(1e6).optional().describe('What full scale of a WAV file stands for.'),
  }),
  output: WaveformRecord,
  status: 201,
  problems: [...ofAsset, 'sites/waveform-unreadable', 'sites/waveform-there', 'sites/too-many-waveforms'],
  examples: [
    {
      summary: 'Two samples are too few',
      after: { route: 'sites.add', fill: { id: 'id' } },
      params: { asset_id: 'inv-1' },
      query: { sample_rate_hz: '12000', unit: 'g' },
      body: '0.1\n-0.2\n',
      status: 422,
    },
    { summary: 'No such site', params: underway, body: '0.1\n-0.2\n', status: 404 },
  ],
})

export const listWaveforms = route({
  name: 'sites.listWaveforms',
  method: 'GET',
  path: '/api/v1/sites/{id}/assets/{asset_id}/waveforms',
  summary: 'What was found in the waveforms of an asset, the newest first',
  needs: 'sites.read',
  params: z.object({ id: SiteRef, asset_id: AssetRef }),
  query: z.object({ limit: z.coerce.number().int().min(1).max(500).default(100) }),
  output: z.object({ waveforms: z.array(WaveformRecord), total: z.number() }),
  problems: ofAsset,
  examples: [
    {
      summary: 'Of an inverter that was never listened to',
      after: { route: 'sites.add', fill: { id: 'id' } },
      params: { asset_id: 'inv-1' },
    },
    { summary: 'No such site', params: underway, status: 404 },
  ],
})

const Lines = z.object({ step_hz: z.number(), values: z.array(z.number()) })

export const waveformSpectrum = route({
  name: 'sites.waveformSpectrum',
  method: 'GET',
  path: '/api/v1/sites/{id}/assets/{asset_id}/waveforms/{waveform_id}/spectrum',
  summary: 'The spectrum of a waveform, that of its envelope, and where damage of the bearing would show',
  needs: 'sites.read',
  params: z.object({ id: SiteRef, asset_id: AssetRef, waveform_id: WaveformId }),
  output: z.object({
    waveform: WaveformRecord,
    spectrum: Lines.describe('Power density in unit² per Hz by Welch’s method; the first value stands at 0 Hz.'),
    envelope: Lines.extend({
      from_hz: z.number(),
      to_hz: z.number(),
      impulsiveness: z.number().describe('Spectral kurtosis of the band: 0 for noise.'),
    }).describe('Amplitudes of the envelope in the most impulsive band, up to 2,000 values.'),
    frequencies: z
      .object({
        shaft_hz: z.number(),
        outer_race_hz: z.number(),
        inner_race_hz: z.number(),
        rolling_element_hz: z.number(),
        cage_hz: z.number(),
      })
      .nullable()
      .describe('null without rpm or the geometry of the bearing.'),
  }),
  problems: [...ofAsset, 'sites/unknown-waveform', 'sites/waveform-let-go'],
  examples: [
    { summary: 'No such site', params: { ...underway, waveform_id: 'wav_00000000000000000000000000' }, status: 404 },
  ],
})

export const removeWaveform = route({
  name: 'sites.removeWaveform',
  method: 'DELETE',
  path: '/api/v1/sites/{id}/assets/{asset_id}/waveforms/{waveform_id}',
  summary: 'Removes a waveform that should not count',
  needs: 'sites.operate',
  params: z.object({ id: SiteRef, asset_id: AssetRef, waveform_id: WaveformId }),
  output: z.undefined(),
  status: 204,
  problems: [...ofAsset, 'sites/unknown-waveform'],
  examples: [
    { summary: 'No such site', params: { ...underway, waveform_id: 'wav_00000000000000000000000000' }, status: 404 },
  ],
})

const Limits = z.partialRecord(z.enum(indicatorIds), z.number().gt(-1e6).lt(1e6))

export const setMaintenanceLimits = route({
  name: 'sites.setMaintenanceLimits',
  method: 'PUT',
  path: '/api/v1/sites/{id}/assets/{asset_id}/maintenance-limits',
  summary: 'Says how far an asset’s indicators may go, each in its own unit',
  description:
    'Dates are told for these limits instead of the general ones. What is left out goes back to the general limit.',
  needs: 'sites.manage',
  params: z.object({ id: SiteRef, asset_id: AssetRef }),
  body: z.strictObject({ limits: Limits }),
  output: z.object({ asset_id: z.string(), limits: Limits }),
  problems: ofAsset,
  examples: [
    {
      summary: 'An inverter that may run 8 K warmer than usual',
      after: { route: 'sites.add', fill: { id: 'id' } },
      params: { asset_id: 'inv-1' },
      body: { limits: { temperature: 8 } },
    },
    { summary: 'No such site', params: underway, body: { limits: { vibration: 4.5 } }, status: 404 },
  ],
})
