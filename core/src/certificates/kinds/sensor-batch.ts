import { z } from 'zod'
import { digestOf } from '../canonical.ts'
import { Counted, Decimal, Digest, Instant, JsonObject, Method, ValidationId } from '../fields.ts'
import { formInDocument, type Kind } from './kind.ts'

const Count = z.int().min(0)

/** What a batch of sensor readings was found to be when it was validated. */
export const SensorBatchFacts = z.strictObject({
  validation_id: ValidationId,
  validated_at: Instant,
  validation_level: z.enum(['basic', 'standard', 'strict']),
  /** First and last instant of the readings that could be read. */
  captured: z.strictObject({ from: Instant, to: Instant }),
  counts: z.strictObject({
    total: Count.min(1),
    accepted: Count.min(1).describe('Valid at the level of validation; what is not counts for no score.'),
    valid: Count,
    suspect: Count,
    invalid: Count,
    refused: Count,
    unusual: Count.describe('Called unusual for the device: the anomalies.'),
    late: Count.describe('Captured before what was known already: held against limits alone.'),
    dated_ahead: Count.describe('Dated after they were received.'),
    against_own_past: Count,
    simulated: z.literal(0).describe('What a program plays is not certified.'),
  }),
  quality: z.strictObject({
    score: Decimal,
    score_all_readings: Decimal,
    data_coverage: Decimal,
    completeness: Decimal,
    accuracy: Decimal,
    consistency: Decimal,
    timeliness: Decimal,
    validity: Decimal,
  }),
  sensors: Counted,
  method: Method,
  inputs: Counted,
  past: Counted,
  result_digest: Digest,
  subject_commitment: Digest,
})
export type SensorBatchFacts = z.infer<typeof SensorBatchFacts>

export const SensorBatchStated = formInDocument(SensorBatchFacts)
export type SensorBatchStated = z.infer<typeof SensorBatchStated>

/** What a validation was made from and came to; the capability that validates gives its parts their types. */
export const SensorBatchEvidence = z
  .strictObject({
    request: z.strictObject({
      validation_id: ValidationId,
      validated_at: Instant,
      validation_level: z.enum(['basic', 'standard', 'strict']),
      engine_digest: Digest,
    }),
    /** What is read of each reading, as JSON text: a reading may hold anything, also what is no reading. */
    readings: z.array(z.string()),
    /** What was known of each series before: its rules, its learnt profile and what it remembered. */
    past: z.array(JsonObject),
    result: JsonObject,
  })
  .meta({ id: 'SensorBatchEvidence' })
export type SensorBatchEvidence = z.infer<typeof SensorBatchEvidence>

/** The digests that a certificate must hold for this evidence, as its facts name them. */
export function sensorBatchDigests({ request, readings, past, result }: SensorBatchEvidence): {
  inputs: { count: number; digest: string }
  past: { count: number; digest: string }
  result_digest: string
} {
  return {
    inputs: { count: readings.length, digest: digestOf({ request, readings }) },
    past: { count: past.length, digest: digestOf(past) },
    result_digest: digestOf(result),
  }
}

/** As a sentence says it; the certificate holds every digit. */
function toHundredths(score: string): string {
  return String(Math.round(Number(score) * 100) / 100)
}

const counted = ['total', 'accepted', 'valid', 'suspect', 'invalid', 'refused', 'unusual', 'late'] as const
const scores = ['completeness', 'accuracy', 'consistency', 'timeliness', 'validity'] as const

export const sensorBatch: Kind<SensorBatchStated, SensorBatchEvidence> = {
  vc_type: 'SensorBatchCertificate',
  called: ['a certificate of a sensor batch', 'un certificat de lot de relevés'],
  Stated: SensorBatchStated,
  Evidence: SensorBatchEvidence,
  entry: ['reading', 'le relevé'],
  faults_at: '/evidence',
  recordIdOf: ({ validationId }) => validationId,
  says: ({ counts: { total, accepted }, sensors, quality, validatedAt }) => [
    `${accepted} of ${total} readings of ${sensors.count} ${sensors.count === 1 ? 'sensor' : 'sensors'} were found valid at ${validatedAt}; quality score ${toHundredths(quality.score)}.`,
    `${accepted} relevés sur ${total}, de ${sensors.count} ${sensors.count === 1 ? 'capteur' : 'capteurs'}, jugés valides le ${validatedAt} ; score de qualité ${toHundredths(quality.score)}.`,
  ],
  digestsStated: ({ inputs, past, resultDigest }) => ({
    readings: inputs.digest,
    past: past.digest,
    result: resultDigest,
  }),
  digestsOf: (evidence) => {
    const { inputs, past, result_digest } = sensorBatchDigests(evidence)
    return { readings: inputs.digest, past: past.digest, result: result_digest }
  },
  statedTwice: () => [
    ['/validationId', '/request/validation_id', 'text'],
    ['/validatedAt', '/request/validated_at', 'text'],
    ['/validationLevel', '/request/validation_level', 'text'],
    ['/method/engineDigest', '/request/engine_digest', 'text'],
    ['/method/name', '/result/method/name', 'text'],
    ['/method/version', '/result/method/version', 'text'],
    ['/captured/from', '/result/captured/from', 'text'],
    ['/captured/to', '/result/captured/to', 'text'],
    ...counted.map((each) => [`/counts/${each}`, `/result/counts/${each}`, 'text'] as const),
    ['/counts/datedAhead', '/result/counts/dated_ahead', 'text'],
    ['/counts/againstOwnPast', '/result/counts/against_own_past', 'text'],
    ['/counts/simulated', '/result/counts/simulated', 'text'],
    ['/quality/score', '/result/quality_score/score', 'decimal'],
    ['/quality/scoreAllReadings', '/result/quality_score/score_all_readings', 'decimal'],
    ['/quality/dataCoverage', '/result/quality_score/data_coverage', 'decimal'],
    ...scores.map((each) => [`/quality/${each}`, `/result/quality_score/details/${each}`, 'decimal'] as const),
    ['/sensors/count', '/result/sensors/count', 'text'],
    ['/sensors/digest', '/result/sensors/digest', 'text'],
    ['/inputs/count', '/readings', 'length'],
    ['/past/count', '/past', 'length'],
  ],
}
