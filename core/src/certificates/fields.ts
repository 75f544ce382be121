import { z } from 'zod'

/** The forms of single values that certificates, their evidence and their routes share. */

export const Text = z.string().min(1).max(400)
export const IsoDate = z.iso.date()
/** RFC 3339 in UTC: one zone, one meaning. */
export const Instant = z.iso.datetime()
/** `sha256:` and 64 lower-case hex digits. */
export const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)
export const CertificateHash = z.string().regex(/^[0-9a-f]{64}$/)
export const CertificateId = z.string().regex(/^cert_[0-9A-HJKMNP-TV-Z]{26}$/)
export const CalculationId = z.string().regex(/^calc_[0-9A-HJKMNP-TV-Z]{26}$/)
export const ValidationId = z.string().regex(/^val_[0-9A-HJKMNP-TV-Z]{26}$/)
/** An id of something that another capability keeps. It stands in the signed document, so it is no name of anybody. */
export const RecordId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,79}$/)
/** A word of a closed list that another capability owns, such as a class of evidence. */
export const Label = z.string().regex(/^[a-z][a-z0-9_]{0,59}$/)
/** An RFC 7638 thumbprint. */
export const Kid = z.string().regex(/^[A-Za-z0-9_-]{43}$/)
/** A decimal number as text, without exponent: signed documents hold no fractions as numbers. */
export const Decimal = z
  .string()
  .regex(/^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$/)
  .max(60)
/** A decimal from 0 to 1. */
export const Share = z
  .string()
  .regex(/^(?:0(?:\.[0-9]+)?|1(?:\.0+)?)$/)
  .max(60)
export const Counted = z.strictObject({ count: z.int().min(0), digest: Digest })
/** The program that came to a result: its name, its version, and the digest of its source. */
export const Method = z.strictObject({ name: Text, version: Text, engine_digest: Digest })
export const JsonObject = z.record(z.string(), z.unknown())
