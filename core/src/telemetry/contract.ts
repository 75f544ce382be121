import { z } from 'zod'
import { route } from '../lib/contract.ts'
import type { ProblemTable } from '../lib/problem.ts'
import { measures } from './measures.ts'
import { RETENTION_MONTHS_MAX } from './retention.ts'
import { PUBLIC_KEY } from './signature.ts'

/** How many readings one request may bring. A day of a second's step goes through in nine of them. */
export const READINGS_MAX = 10_000
/** As many devices as one organisation has. */
export const DEVICES_MAX = 20_000
/** What a screen can show: a question for more points is answered with a coarser roll-up. */
export const POINTS_MAX = 5_000

const Instant = z.iso.datetime({ offset: true })
const DeviceId = z.string().regex(/^dev_[0-9A-HJKMNP-TV-Z]{26}$/)
const ValidationId = z.string().regex(/^val_[0-9A-HJKMNP-TV-Z]{26}$/)
const validationLevels = ['basic', 'standard', 'strict'] as const
const BatchId = z.string().regex(/^bat_[0-9A-HJKMNP-TV-Z]{26}$/)
const Word = z
  .string()
  .min(1)
  .max(120)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'On one line, without control characters.')
const PublicKey = z.string().regex(PUBLIC_KEY, 'An Ed25519 public key: 32 bytes in base64url, without padding.')
const MeasureId = z.enum([...measures.keys()] as [string, ...string[]])

export const deviceKinds = [
  'weather_station',
  'air_monitor',
  'water_monitor',
  'soil_probe',
  'meter',
  'pv_inverter',
  'battery',
  'genset',
  'hvac',
  'charger',
  'wind_turbine',
  'vibration_sensor',
  'other',
] as const
export type DeviceKind = (typeof deviceKinds)[number]

/** What is known of one measure of one device beyond what holds for every device. */
export const DeclaredMeasure = z
  .strictObject({
    range: z
      .tuple([z.number(), z.number()])
      .refine(([low, high]) => low < high, { error: 'A range goes from the lower to the higher value.' })
      .optional()
      .describe('Narrower than what is possible: values outside are invalid.'),
    interval_s: z
      .number()
      .min(0.1)
      .max(86_400)
      .optional()
      .describe('How often it is meant to be read: what gaps and completeness are told from.'),
    hourly_max: z
      .number()
      .positive()
      .max(1e9)
      .optional()
      .describe('Counters: the most that can be counted in an hour.'),
    rolls_over_at: z.number().positive().max(1e15).optional().describe('Counters: after this value zero comes again.'),
  })
  .meta({ id: 'DeclaredMeasure' })
export type DeclaredMeasure = z.infer<typeof DeclaredMeasure>

const Placement = z
  .strictObject({
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
    height_m: z.number().min(-500).max(9_000).optional(),
  })
  .meta({ id: 'Placement' })

const deviceFields = {
  name: Word,
  kind: z.enum(deviceKinds),
  project_id: Word.nullable(),
  site_id: Word.nullable(),
  placement: Placement.nullable(),
  measures: z.partialRecord(MeasureId, DeclaredMeasure),
  public_key: PublicKey.nullable().describe('With it, readings that the device did not sign are refused.'),
}

export const Device = z
  .object({
    device_id: DeviceId,
    sensor_id: Word.describe('The name that it sends its readings under.'),
    ...deviceFields,
    simulated: z.boolean().describe('It is played by a program; so is every value it sent.'),
    created_at: Instant,
    retired_at: Instant.nullable(),
    last_reading_at: Instant.nullable(),
    battery_level_percent: z.number().nullable(),
    signal_strength_percent: z.number().nullable(),
    calibrated_at: Instant.nullable(),
  })
  .meta({ id: 'Device' })
export type Device = z.infer<typeof Device>

export const Finding = z
  .object({
    check: z.enum([
      'time',
      'range',
      'rate_of_change',
      'stuck',
      'usual_for_hour',
      'drift',
      'clock',
      'cross_sensor',
      'isolation_forest',
    ]),
    severity: z.enum(['impossible', 'unlikely']),
    measure: z.string().nullable(),
    value: z.number().nullable(),
    limit: z.number().nullable(),
    expected: z.number().nullable(),
    message: z.string(),
  })
  .meta({ id: 'ReadingFinding' })

const Fault = z.object({
  path: z.string(),
  code: z.string(),
  message: z.string(),
  value: z.unknown().optional(),
  expected: z.unknown().optional(),
})

/** What became of one reading that is not simply valid and new. */
export const ReadingOutcome = z
  .object({
    index: z.number().int().describe('Its place in the batch, from 0.'),
    sensor_id: z.string().nullable(),
    outcome: z.enum(['valid', 'suspect', 'invalid', 'duplicate', 'conflict', 'refused']),
    findings: z.array(Finding),
    faults: z.array(Fault),
    signature: z
      .enum(['right', 'wrong', 'missing', 'not_checked'])
      .nullable()
      .describe('not_checked: signed, and the device has no key here. Null: not signed, and it need not be.'),
  })
  .meta({ id: 'ReadingOutcome' })
export type ReadingOutcome = z.infer<typeof ReadingOutcome>

export const BatchSummary = z
  .object({
    batch_id: BatchId,
    received_at: Instant,
    received: z.number().int(),
    stored_values: z.number().int().describe('Values that were not there before. A reading may hold several.'),
    valid: z.number().int(),
    suspect: z.number().int().describe('Stored and shown, marked as unlikely.'),
    invalid: z.number().int().describe('Stored and marked; no figure counts them.'),
    duplicates: z.number().int().describe('There already, with the same values.'),
    conflicts: z.number().int().describe('There already with another value: the first one stays.'),
    refused: z
      .number()
      .int()
      .describe('Could not be read, of no known device, or not signed by it. Nothing of them was stored.'),
    signed: z.number().int().describe('Signed by their device, and the signature is right.'),
    readings: z.array(ReadingOutcome).describe('Those that are not simply valid and new, the first 1,000.'),
  })
  .meta({ id: 'ReadingBatch' })
export type BatchSummary = z.infer<typeof BatchSummary>

export const Series = z
  .object({
    series_id: z.number().int(),
    device_id: DeviceId,
    sensor_id: z.string(),
    measure: z.string(),
    unit: z.string(),
    kind: z.enum(['gauge', 'counter']),
    simulated: z.boolean(),
    readings: z.number().int(),
    first_at: Instant.nullable(),
    last_at: Instant.nullable(),
    last_value: z.number().nullable(),
    has_profile: z.boolean().describe('Whether there is enough past to check new values against.'),
    profile_needs: z
      .object({ readings: z.number(), days: z.number() })
      .nullable()
      .describe('How much past is missing until there is a profile.'),
  })
  .meta({ id: 'Series' })
export type Series = z.infer<typeof Series>

export const Point = z
  .object({
    at: Instant.describe('The beginning of the slot; of a single reading, its instant.'),
    mean: z.number().nullable(),
    min: z.number().nullable(),
    max: z.number().nullable(),
    amount: z.number().nullable().describe('Counters: what was counted in the slot.'),
    readings: z.number().int(),
    not_counted: z.number().int().describe('Invalid readings, which no figure counts.'),
  })
  .meta({ id: 'SeriesPoint' })
export type Point = z.infer<typeof Point>

export const problems = {
  'telemetry/unknown-device': { status: 404, title: 'There is no such device' },
  'telemetry/unknown-validation': { status: 404, title: 'There is no such validation' },
  'telemetry/unreadable-evidence': { status: 422, title: 'The evidence of a validation cannot be read' },
  'telemetry/unknown-series': { status: 404, title: 'There is no such series' },
  'telemetry/sensor-id-taken': { status: 409, title: 'Another device sends under this name' },
  'telemetry/not-a-readings-file': { status: 422, title: 'The file is not one of readings' },
  'telemetry/too-many-devices': { status: 409, title: 'There are as many devices as there may be' },
} as const satisfies ProblemTable

const byRole = ['accounts/not-signed-in', 'accounts/not-allowed'] as const
const nowhere = { device_id: 'dev_00000000000000000000000000' }

const reading = {
  timestamp: '2026-03-01T12:00:00Z',
  sensor_id: 'mast-7',
  project_id: 'delta-north',
  measurements: { temperature: 21.5, humidity: 64 },
  metadata: { battery_level: 80, signal_strength: 90, calibration_date: '2026-01-15' },
  location: { latitude: -6.1, longitude: 106.8 },
}

export const listMeasures = route({
  name: 'telemetry.measures',
  method: 'GET',
  path: '/api/v1/measures',
  summary: 'What sensors can measure, in which units and within which limits',
  needs: 'public',
  output: z.object({
    measures: z.array(
      z.object({
        id: z.string(),
        unit: z.string(),
        units: z.array(z.string()).describe('Units that a reading may be sent in.'),
        kind: z.enum(['gauge', 'counter']),
        range: z.tuple([z.number(), z.number()]),
        name: z.object({ en: z.string(), fr: z.string() }),
      }),
    ),
  }),
  problems: [],
  examples: [{ summary: 'All' }],
})

export const addDevice = route({
  name: 'telemetry.addDevice',
  method: 'POST',
  path: '/api/v1/devices',
  summary: 'Makes a device known',
  needs: 'telemetry.manage',
  body: z.strictObject({
    sensor_id: Word.optional().describe('The name that it sends its readings under; its device_id unless said.'),
    name: deviceFields.name.optional(),
    kind: deviceFields.kind,
    project_id: deviceFields.project_id.default(null),
    site_id: deviceFields.site_id.default(null),
    placement: deviceFields.placement.default(null),
    measures: deviceFields.measures.default({}),
    public_key: deviceFields.public_key.default(null),
    calibrated_at: Instant.optional(),
    simulated: z.boolean().default(false),
  }),
  output: Device,
  status: 201,
  problems: [...byRole, 'telemetry/sensor-id-taken', 'telemetry/too-many-devices'],
  examples: [
    {
      summary: 'A weather mast',
      body: {
        name: 'Mast 7, north bank',
        kind: 'weather_station',
        project_id: 'delta-north',
        placement: { latitude: -6.1, longitude: 106.8 },
        measures: { temperature: { interval_s: 900, range: [10, 45] } },
      },
    },
  ],
})

export const listDevices = route({
  name: 'telemetry.listDevices',
  method: 'GET',
  path: '/api/v1/devices',
  summary: 'Devices, by the name they send under',
  needs: 'telemetry.read',
  query: z.object({
    project_id: Word.optional(),
    site_id: Word.optional(),
    after: Word.optional().describe('The last name of the page before.'),
    limit: z.coerce.number().int().min(1).max(500).default(100),
  }),
  output: z.object({ devices: z.array(Device), next: z.string().nullable() }),
  problems: byRole,
  examples: [{ summary: 'The first hundred' }],
})

export const getDevice = route({
  name: 'telemetry.getDevice',
  method: 'GET',
  path: '/api/v1/devices/{device_id}',
  summary: 'One device with its series',
  needs: 'telemetry.read',
  params: z.object({ device_id: DeviceId }),
  output: Device.extend({ series: z.array(Series) }).meta({ id: 'DeviceWithSeries' }),
  problems: [...byRole, 'telemetry/unknown-device'],
  examples: [
    { summary: 'The mast', after: { route: 'telemetry.addDevice', fill: { device_id: 'device_id' } } },
    { summary: 'No such device', params: nowhere, status: 404 },
  ],
})

export const changeDevice = route({
  name: 'telemetry.changeDevice',
  method: 'PATCH',
  path: '/api/v1/devices/{device_id}',
  summary: 'Changes what is known of a device, notes a calibration, or retires it',
  needs: 'telemetry.manage',
  params: z.object({ device_id: DeviceId }),
  body: z.strictObject({
    name: deviceFields.name.optional(),
    kind: deviceFields.kind.optional(),
    project_id: deviceFields.project_id.optional(),
    site_id: deviceFields.site_id.optional(),
    placement: deviceFields.placement.optional(),
    measures: deviceFields.measures.optional(),
    public_key: deviceFields.public_key.optional(),
    calibrated_at: Instant.optional(),
    retired: z.boolean().optional(),
  }),
  output: Device,
  problems: [...byRole, 'telemetry/unknown-device'],
  examples: [
    {
      summary: 'Calibrated',
      after: { route: 'telemetry.addDevice', fill: { device_id: 'device_id' } },
      body: { calibrated_at: '2026-02-01T09:00:00Z' },
    },
    { summary: 'No such device', params: nowhere, body: { name: 'Mast 8' }, status: 404 },
  ],
})

export const ingest = route({
  name: 'telemetry.ingest',
  method: 'POST',
  path: '/api/v1/readings',
  summary: 'Takes readings in: each is read, checked and stored by itself',
  description:
    'What cannot be read is refused with its faults and the rest is kept. A reading that was sent before is recognised ' +
    'by device, instant and measure: it may be sent again after any failure.',
  needs: 'telemetry.ingest',
  body_bytes_max: 10_000_000,
  body: z.strictObject({ readings: z.array(z.unknown()).min(1).max(READINGS_MAX) }),
  output: BatchSummary,
  status: 202,
  problems: byRole,
  examples: [{ summary: 'One reading of a device that nobody made known', body: { readings: [reading] } }],
})

const SeedQuality = z.object({
  score: z.number().describe('Mean over valid readings.'),
  details: z.union([
    z.object({
      completeness: z.number(),
      accuracy: z.number(),
      consistency: z.number(),
      timeliness: z.number(),
      validity: z.number(),
    }),
    z.string(),
  ]),
  score_all_readings: z.number().describe('Mean over all readings: bad ones are not left out.'),
  details_all_readings: z.unknown(),
  valid_readings: z.number().int(),
  total_readings: z.number().int(),
  data_coverage: z.number(),
})

const ReadingVerdict = z
  .object({
    sensor_id: z.string().nullable(),
    timestamp: z.string().nullable(),
    validation_result: z.object({
      is_valid: z.boolean(),
      verdict: z.enum(['valid', 'suspect', 'invalid', 'refused']),
      anomaly_score: z.number().nullable().describe('Below zero is unusual; null while no forest is trained, and why.'),
      anomaly_model: z
        .string()
        .nullable()
        .optional()
        .describe('Which forest of the device class said so, and its version.'),
      anomaly_reason: z
        .string()
        .nullable()
        .optional()
        .describe('Why there is no score: how much is there, and how much is needed.'),
      is_anomaly: z.boolean(),
      range_validation: z.object({ valid: z.boolean(), errors: z.array(z.string()) }),
      trend_validation: z.object({ valid: z.boolean(), warnings: z.array(z.string()) }),
      confidence: z.number(),
      checked_against: z
        .enum(['own_past', 'limits'])
        .describe('`limits` until the device has shown enough: see `profile_needs` of its series.'),
      faults: z.array(Fault),
    }),
  })
  .meta({ id: 'ReadingVerdict' })

export const validate = route({
  name: 'telemetry.validate',
  method: 'POST',
  path: '/api/v1/validate-iot-data',
  summary: 'Checks and scores readings, and certifies what was found',
  description:
    'Readings of a known device are checked against its own past, those of an unknown one against limits that hold for ' +
    'every device. No series takes them in. The validation is kept with its readings and certified, unless no reading ' +
    'was valid or a program played one: then `not_certified` says so.',
  needs: 'telemetry.ingest',
  limit: 'upload',
  body_bytes_max: 10_000_000,
  body: z.object({
    sensor_readings: z.array(z.unknown()).min(1).max(READINGS_MAX),
    project_id: Word,
    validation_level: z.enum(validationLevels).default('standard'),
    project_name: Word.optional().describe('With type and location, what the flat form of the certificate shows.'),
    project_type: Word.optional(),
    project_location: Word.optional(),
  }),
  output: z
    .object({
      success: z.literal(true),
      validation_id: ValidationId.nullable().describe('Null where nothing was certified, and so nothing kept.'),
      quality_score: SeedQuality,
      validation_results: z.array(ReadingVerdict),
      certificate_id: z.string().nullable(),
      certificate_hash: z.string().nullable(),
      not_certified: z
        .object({ says_en: z.string(), says_fr: z.string() })
        .nullable()
        .describe('Why there is no certificate.'),
    })
    .meta({ id: 'SensorValidation' }),
  problems: byRole,
  examples: [
    { summary: 'One reading', body: { project_id: 'delta-north', sensor_readings: [reading] } },
    { summary: 'None at all', body: { project_id: 'delta-north', sensor_readings: [] }, status: 422 },
  ],
})

export const Validation = z
  .object({
    validation_id: ValidationId,
    validated_at: Instant,
    validation_level: z.enum(validationLevels),
    project_id: z.string(),
    sensor_ids: z.array(z.string()),
    total_readings: z.number().int(),
    valid_readings: z.number().int(),
    quality_score: z.number(),
    certificate_id: z.string(),
    certificate_hash: z.string(),
    readings_kept: z.boolean().describe('False once the readings are kept no longer; the certificate stays.'),
  })
  .meta({ id: 'Validation' })
export type Validation = z.infer<typeof Validation>

export const listValidations = route({
  name: 'telemetry.listValidations',
  method: 'GET',
  path: '/api/v1/validations',
  summary: 'Validated batches of readings with their certificates, newest first',
  needs: 'telemetry.read',
  query: z.object({
    sensor_id: Word.optional(),
    project_id: Word.optional(),
    limit: z.coerce.number().int().min(1).max(200).default(20),
  }),
  output: z.object({ validations: z.array(Validation) }),
  problems: byRole,
  examples: [{ summary: 'Of one sensor', query: { sensor_id: 'mast-7' } }],
})

export const getValidation = route({
  name: 'telemetry.getValidation',
  method: 'GET',
  path: '/api/v1/validations/{validation_id}',
  summary: 'One validation with the verdict on each reading',
  needs: 'telemetry.read',
  params: z.object({ validation_id: ValidationId }),
  output: Validation.extend({
    quality: SeedQuality.nullable(),
    validation_results: z.array(ReadingVerdict).nullable().describe('Null once the readings are kept no longer.'),
  }).meta({ id: 'ValidationWithResults' }),
  problems: [...byRole, 'telemetry/unknown-validation'],
  examples: [
    { summary: 'The one just made', after: { route: 'telemetry.validate', fill: { validation_id: 'validation_id' } } },
    { summary: 'No such validation', params: { validation_id: 'val_00000000000000000000000000' }, status: 404 },
  ],
})

export const listPoints = route({
  name: 'telemetry.points',
  method: 'GET',
  path: '/api/v1/series/{series_id}/points',
  summary: 'A series over time, no finer than asked for',
  needs: 'telemetry.read',
  params: z.object({ series_id: z.coerce.number().int().min(1).max(2_147_483_647) }),
  query: z
    .object({
      from: Instant,
      to: Instant,
      points_max: z.coerce.number().int().min(10).max(POINTS_MAX).default(1_000),
    })
    .refine(({ from, to }) => Date.parse(from) < Date.parse(to), { error: 'from is before to.', path: ['to'] }),
  output: z
    .object({
      series_id: z.number().int(),
      measure: z.string(),
      unit: z.string(),
      slot_s: z.number().describe('Length of a slot; 0 for single readings.'),
      points: z.array(Point),
      gaps: z
        .array(z.object({ from: Instant, to: Instant }))
        .describe('Times without readings, longer than three of its intervals.'),
      simulated: z.boolean(),
    })
    .meta({ id: 'SeriesPoints' }),
  problems: [...byRole, 'telemetry/unknown-series'],
  examples: [
    {
      summary: 'No such series',
      params: { series_id: '2147483647' },
      query: { from: '2026-03-01T00:00:00Z', to: '2026-03-02T00:00:00Z' },
      status: 404,
    },
  ],
})

const Row = ReadingOutcome.omit({ index: true }).extend({
  line: z.number().int().describe('Where the reading stands in the file; the heading is line 1.'),
})

export const UploadSummary = BatchSummary.omit({ batch_id: true, readings: true })
  .extend({
    batch_ids: z.array(BatchId).describe('A long file is taken in piece by piece, each in a batch of its own.'),
    form: z.enum(['wide', 'long']).describe('A column for each measure, or a row for each value.'),
    rows: z.array(Row).describe('Those that are not simply valid and new, the first 1,000.'),
    broken_off: z
      .object({ line: z.number().int(), reason: z.string() })
      .nullable()
      .describe('Where the file stops being one. What stands before that was taken in.'),
  })
  .meta({ id: 'ReadingUpload' })
export type UploadSummary = z.infer<typeof UploadSummary>

export const upload = route({
  name: 'telemetry.upload',
  method: 'POST',
  path: '/api/v1/readings/upload',
  summary: 'Takes in a CSV file of readings, of any length',
  description:
    'Columns sensor_id, timestamp and one for each measure, or sensor_id, timestamp, measure, value and perhaps unit; comma, semicolon or tab. A unit may stand in the heading: "temperature [degF]". The file is read as it arrives; sent again, it changes nothing.',
  needs: 'telemetry.ingest',
  limit: 'upload',
  accepts: 'file',
  body_bytes_max: 500_000_000,
  query: z.object({
    project_id: Word.optional().describe('For rows that name none.'),
    decimal: z.enum(['.', ',']).default('.'),
  }),
  output: UploadSummary,
  status: 202,
  problems: [...byRole, 'telemetry/not-a-readings-file'],
  examples: [{ summary: 'A file without the columns that are needed', status: 422 }],
})

export const Retention = z
  .object({
    readings_kept_months: z.number().int().describe('What the organisation says; 0 keeps everything.'),
    installation_kept_months: z.number().int().describe('What this installation says for everybody.'),
    kept_from: Instant.nullable().describe('Single readings before this are dropped, and none are taken in.'),
  })
  .meta({ id: 'ReadingRetention' })
export type Retention = z.infer<typeof Retention>

export const showRetention = route({
  name: 'telemetry.retention',
  method: 'GET',
  path: '/api/v1/telemetry/retention',
  summary: 'How long single readings are kept; sums over slots of time stay',
  needs: 'telemetry.read',
  output: Retention,
  problems: byRole,
  examples: [{ summary: 'As it is' }],
})

export const setRetention = route({
  name: 'telemetry.setRetention',
  method: 'PUT',
  path: '/api/v1/telemetry/retention',
  summary: 'Says how long single readings of the organisation are kept',
  description: 'Whole months before the one that is going on. What is older goes with the next night.',
  needs: 'accounts.manage_organisation',
  body: z.strictObject({ readings_kept_months: z.number().int().min(0).max(RETENTION_MONTHS_MAX) }),
  output: Retention,
  problems: byRole,
  examples: [{ summary: 'Two years', body: { readings_kept_months: 24 } }],
})
