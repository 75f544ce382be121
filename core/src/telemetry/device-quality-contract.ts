import { z } from 'zod'
import { route } from '../lib/contract.ts'
import { addDevice, Device, Finding } from './contract.ts'

/** As much of each measure as one look takes: of what reads often, the newest. */
export const READINGS_EACH_MAX = 2_000
export const FLAGGED_SHOWN_MAX = 50

const Instant = z.iso.datetime({ offset: true })
const Share = z.number().min(0).max(1)
export const QualityDimensions = z
  .object({ completeness: Share, accuracy: Share, consistency: Share, timeliness: Share, validity: Share })
  .meta({ id: 'QualityDimensions' })

export const DeviceQuality = z
  .object({
    from: Instant,
    to: Instant,
    weights: QualityDimensions.describe('How much each dimension counts.'),
    quality: z
      .object({
        score: Share.describe('Over all readings.'),
        details: QualityDimensions.describe(
          'completeness: what came of what was to come. accuracy: the confidence, from battery, signal and calibration as they are now. consistency: not far from what its hour usually shows. timeliness: how old readings were when they came. validity: nothing was found.',
        ),
        score_valid_readings: Share.describe('Over valid readings alone, as published.'),
        data_coverage: Share.describe('Share of valid readings.'),
        valid: z.number().int(),
        suspect: z.number().int(),
        invalid: z.number().int(),
      })
      .nullable()
      .describe('Null where nothing came.'),
    assumed: z
      .array(z.enum(['battery_level', 'signal_strength', 'calibration_date']))
      .describe('What the device does not say, and is counted as if it were well: the published rule.'),
    series: z.array(
      z.object({
        series_id: z.number().int(),
        measure: z.string(),
        interval_s: z.number().describe('How often it is meant to be read, or usually is.'),
        came: z.number().int(),
        expected: z.number().int(),
      }),
    ),
    flagged: z
      .array(
        z.object({
          series_id: z.number().int(),
          measure: z.string(),
          unit: z.string(),
          at: Instant,
          received_at: Instant,
          value: z.number(),
          verdict: z.enum(['suspect', 'invalid']),
          checks: z.array(Finding.shape.check).describe('What found something.'),
        }),
      )
      .describe(`Readings that were not simply valid, the newest ${FLAGGED_SHOWN_MAX}.`),
  })
  .meta({ id: 'DeviceQuality' })
export type DeviceQuality = z.infer<typeof DeviceQuality>

export const deviceQuality = route({
  name: 'telemetry.deviceQuality',
  method: 'GET',
  path: '/api/v1/devices/{device_id}/quality',
  summary: 'How far a device can be trusted: five dimensions, and which readings were doubted',
  description: `Of each measure the newest ${READINGS_EACH_MAX} readings of the days that are asked for.`,
  needs: 'telemetry.read',
  params: z.object({ device_id: Device.shape.device_id }),
  query: z.object({ days: z.coerce.number().int().min(1).max(90).default(7) }),
  output: DeviceQuality,
  problems: ['accounts/not-signed-in', 'accounts/not-allowed', 'telemetry/unknown-device'],
  examples: [
    { summary: 'The mast', after: { route: addDevice.name, fill: { device_id: 'device_id' } } },
    { summary: 'No such device', params: { device_id: 'dev_00000000000000000000000000' }, status: 404 },
  ],
})
