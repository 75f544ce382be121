import { shiftDecimal } from './canonical.ts'
import { certificateHash, certificateIdOf } from './certificate.ts'
import type { EmissionSeedForm, SeedForm, SensorSeedForm, Subject } from './contract.ts'
import type { UnsignedCertificate } from './document.ts'
import { base64Of, sha256Hex, utf8 } from './encoding.ts'
import type { CertificateKind, EvidenceOf } from './kinds/kinds.ts'
import { pythonJson } from './python-json.ts'
import { parseStrict, type LosslessValue } from './strict-json.ts'

/**
 * The flat form of a certificate, field by field as the first Python service of this kind wrote it, with the RSA-PSS
 * signature that its readers expect. It has one for emission calculations and one for batches of sensor readings. Added are the certificate's id, the key, the algorithm, and the hash of
 * the native document, which binds both forms to one another.
 */
type Unsigned<F> = F extends SeedForm ? Omit<F, 'digital_signature' | 'certificate_hash'> : never
export type UnsignedSeedForm = Unsigned<SeedForm>

const UNSIGNED_MEMBERS = new Set(['digital_signature', 'certificate_hash'])

/** What a flat form is made of: the certificate, whom it speaks of, the key, and the evidence where it is at hand. */
export interface SeedFormSource<K extends CertificateKind> {
  document: UnsignedCertificate<K>
  subject: Subject
  kid: string
  evidence?: EvidenceOf<K> | undefined
}

/** The kinds that have a flat form. */
export const flatKinds = ['emission_calculation', 'sensor_batch'] as const satisfies readonly CertificateKind[]
export type FlatKind = (typeof flatKinds)[number]

/**
 * Restates a certificate in the flat form.
 *
 * Every number is written so that any JSON tool reads and writes it back unchanged: `25`, where Python would also accept
 * `25.0`, because JavaScript would turn the second into the first and so break the signature.
 */
export const seedFormOf: { [K in FlatKind]: (source: SeedFormSource<K>) => UnsignedSeedForm } = {
  emission_calculation: emissionForm,
  sensor_batch: sensorForm,
}

function headOf({ document, kid }: Pick<SeedFormSource<FlatKind>, 'document' | 'kid'>) {
  return {
    certificate_id: certificateIdOf(document),
    version: '1.0',
    issued_by: document.issuer.name,
    issue_timestamp: document.validFrom,
    key_id: kid,
    signature_algorithm: 'RSASSA-PSS-SHA256-MGF1-SHA256-SALT-MAX',
  } as const
}

/** Emissions are in tonnes, shifted by three places exactly; scope 2 is by location, so that the scopes add up. */
function emissionForm(source: SeedFormSource<'emission_calculation'>): Unsigned<EmissionSeedForm> {
  const { document, subject } = source
  const { credentialSubject: stated } = document
  const tonnes = (kg: string): number => Number(shiftDecimal(kg, -3))
  const score = stated.dataQualityScore / 100
  return {
    ...headOf(source),
    certificate_type: 'emission_calculation',
    company: { id: subject.id ?? 'Unknown', name: subject.name, industry: subject.sector ?? 'Unknown' },
    calculation: {
      calculation_id: stated.calculationId,
      total_emissions_tons_co2e: tonnes(stated.totals.emissions),
      scope1_emissions: tonnes(stated.totals.scope1),
      scope2_emissions: tonnes(stated.totals.scope2Location),
      scope3_emissions: tonnes(stated.totals.scope3),
      confidence_score: score,
      methodology: stated.method.name,
      reporting_period: { start_date: stated.reportingPeriod.startDate, end_date: stated.reportingPeriod.endDate },
    },
    verification: {
      ai_model_version: stated.method.engineVersion,
      emission_factors_source: stated.factors.digest,
      data_quality_score: score,
      calculation_timestamp: document.validFrom,
      native_certificate_hash: certificateHash(document),
    },
  }
}

/** Valid readings are those that were accepted: they alone make up the score and the coverage. */
function sensorForm(source: SeedFormSource<'sensor_batch'>): Unsigned<SensorSeedForm> {
  const { document, subject, evidence } = source
  const { validationId, validatedAt, counts, quality, sensors, method } = document.credentialSubject
  return {
    ...headOf(source),
    certificate_type: 'iot_verification',
    project: {
      id: subject.id ?? 'Unknown',
      name: subject.name,
      type: subject.sector ?? 'Unknown',
      location: subject.location ?? 'Unknown',
    },
    verification: {
      validation_id: validationId,
      data_quality_score: Number(quality.score),
      total_readings: counts.total,
      valid_readings: counts.accepted,
      data_coverage: Number(quality.dataCoverage),
      anomaly_detection_model: `${method.name} ${method.version}`,
      validation_timestamp: validatedAt,
      native_certificate_hash: certificateHash(document),
    },
    sensor_summary: {
      total_sensors: sensors.count,
      sensor_details: evidence ? sensorDetails(evidence.result['validation_results']) : null,
      overall_validity_rate: counts.accepted / counts.total,
    },
    quality_assessment: {
      completeness: Number(quality.completeness),
      accuracy: Number(quality.accuracy),
      consistency: Number(quality.consistency),
      timeliness: Number(quality.timeliness),
      validity: Number(quality.validity),
    },
  }
}

interface SensorDetail {
  readings_count: number
  valid_readings: number
  anomalies: number
}

/** Readings by the sensor that they name. Those that name none, or whose name no JSON key may have, stand under `null`. */
function sensorDetails(results: unknown): Record<string, SensorDetail> {
  const details = new Map<string, SensorDetail>()
  for (const result of Array.isArray(results) ? (results as unknown[]) : []) {
    const { sensor_id, validation_result: found } = Object(result) as Record<string, unknown>
    const key = typeof sensor_id === 'string' && sensor_id !== '__proto__' ? sensor_id : 'null'
    const { is_valid, is_anomaly } = Object(found) as Record<string, unknown>
    const so_far = details.get(key) ?? { readings_count: 0, valid_readings: 0, anomalies: 0 }
    details.set(key, {
      readings_count: so_far.readings_count + 1,
      valid_readings: so_far.valid_readings + (is_valid === true ? 1 : 0),
      anomalies: so_far.anomalies + (is_anomaly === true ? 1 : 0),
    })
  }
  return Object.fromEntries(details)
}

/** Returns the bytes that are signed: Python's form of everything but the signature and the hash. */
export function seedSignedBytes(form: object): Uint8Array {
  return utf8(seedSignedText(losslessOf(form)))
}

/** Puts the signature in place, and the hash over it. `bare` leaves the hash out, as the first readers need it. */
export function sealSeedForm(
  form: UnsignedSeedForm,
  signature: Uint8Array,
  options: { bare?: boolean } = {},
): SeedForm {
  const signed = { ...form, digital_signature: base64Of(signature) }
  return options.bare ? signed : { ...signed, certificate_hash: seedHash(signed) }
}

/** Hex SHA-256 of Python's form of the signed document without its hash. */
export function seedHash(form: object): string {
  return seedHashOfLossless(losslessOf(form))
}

/** The text that was signed, of a flat form as it was read. */
export function seedSignedText(form: Map<string, LosslessValue>): string {
  return pythonJson(new Map([...form].filter(([key]) => !UNSIGNED_MEMBERS.has(key))))
}

/** The hash of a flat form as it was read. */
export function seedHashOfLossless(form: Map<string, LosslessValue>): string {
  return sha256Hex(pythonJson(new Map([...form].filter(([key]) => key !== 'certificate_hash'))))
}

function losslessOf(form: object): Map<string, LosslessValue> {
  return parseStrict(JSON.stringify(form)) as Map<string, LosslessValue>
}
