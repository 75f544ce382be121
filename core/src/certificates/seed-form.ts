import { shiftDecimal } from './canonical.ts'
import { certificateHash, certificateIdOf } from './certificate.ts'
import type { EmissionCertificate, SeedForm, Subject, UnsignedEmissionCertificate } from './contract.ts'
import { base64Of, sha256Hex, utf8 } from './encoding.ts'
import { pythonJson } from './python-json.ts'
import { parseStrict, type LosslessValue } from './strict-json.ts'

/**
 * The flat form of an emission certificate, field by field as the first Python service of this kind wrote it, with the
 * RSA-PSS signature that its readers expect. Added are the certificate's id, the key, the algorithm, and the hash of
 * the native document, which binds both forms to one another.
 */
export type UnsignedSeedForm = Omit<SeedForm, 'digital_signature' | 'certificate_hash'>

const UNSIGNED_MEMBERS = new Set(['digital_signature', 'certificate_hash'])

/**
 * Restates a certificate in the flat form. Emissions are in tonnes, shifted by three places exactly; scope 2 is the
 * location-based figure, so that the scopes add up to the total.
 *
 * Every number is written so that any JSON tool reads and writes it back unchanged: `25`, where Python would also accept
 * `25.0`, because JavaScript would turn the second into the first and so break the signature.
 */
export function seedFormOf(
  document: UnsignedEmissionCertificate | EmissionCertificate,
  subject: Subject,
  kid: string,
): UnsignedSeedForm {
  const { credentialSubject: stated } = document
  const tonnes = (kg: string): number => Number(shiftDecimal(kg, -3))
  const score = stated.dataQualityScore / 100
  return {
    certificate_id: certificateIdOf(document),
    certificate_type: 'emission_calculation',
    version: '1.0',
    issued_by: document.issuer.name,
    issue_timestamp: document.validFrom,
    key_id: kid,
    signature_algorithm: 'RSASSA-PSS-SHA256-MGF1-SHA256-SALT-MAX',
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
