import type { CheckedCertificate } from './check-certificate.ts'
import type { Subject } from './contract.ts'
import { bytesOfBase64, utf8 } from './encoding.ts'
import { isObject, shownValue, type Findings, type Members } from './findings.ts'
import { findKey, keysOfUse, longestSalt, modulusBitsOf, type Jwk, type Jwks, type VerifyRsaPss } from './keys.ts'
import * as say from './sentences.ts'
import {
  flatKinds,
  seedFormOf,
  seedHashOfLossless,
  seedSignedText,
  type FlatKind,
  type SeedFormSource,
  type UnsignedSeedForm,
} from './seed-form.ts'
import { kinds, type CertificateKind, type EvidenceOf } from './kinds/kinds.ts'
import type { LosslessValue } from './strict-json.ts'

export interface SeedFormFile {
  lossless: Map<string, LosslessValue>
  plain: Members
  /** JSON Pointer to the flat form in the file. */
  path: string
  trusted: Jwks
  verifyRsaPss?: VerifyRsaPss
  /** The certificate that it travels with, and must agree with. */
  beside?: {
    certificate: CheckedCertificate
    subject: Subject | undefined
    evidence: EvidenceOf<CertificateKind> | undefined
  }
}

/** Checks hash, key and RSA signature of a flat form, and that it says what the certificate beside it says. */
export async function checkSeedForm(source: SeedFormFile, findings: Findings): Promise<void> {
  const { plain, path, beside } = source
  if (!beside) findings.state(statedBy(plain))
  checkHash(source, findings)
  const signature =
    typeof plain['digital_signature'] === 'string' ? bytesOfBase64(plain['digital_signature']) : undefined
  if (!signature) findings.fail('proof', 'altered', say.fixed.seedNoSignature, { path: `${path}/digital_signature` })
  const keys = keysFor(plain['key_id'], source.trusted)
  if (keys.length === 0) {
    const kid = plain['key_id']
    const words = typeof kid === 'string' ? say.untrustedKey(kid) : say.fixed.noKeyNamed
    findings.fail('key', 'untrusted_key', words, { path: `${path}/key_id` })
  }
  if (signature && keys.length > 0) await checkSignature(source, signature, keys, findings)
  if (beside) checkAgreement(plain, path, beside, findings)
}

function checkHash({ lossless, plain, path }: SeedFormFile, findings: Findings): void {
  const stated = plain['certificate_hash']
  if (stated === undefined) return findings.skip('hash', say.fixed.seedNoHash)
  const expected = seedHashOfLossless(lossless)
  if (stated === expected) return findings.pass('hash', say.fixed.seedHash)
  findings.fail('hash', 'altered', say.fixed.seedHashFails, {
    path: `${path}/certificate_hash`,
    expected,
    found: shownValue(stated),
  })
}

/** A form without a key id, as older services wrote it, may be by any of the trusted keys. */
function keysFor(kid: unknown, trusted: Jwks): readonly Jwk[] {
  if (kid === undefined) return keysOfUse(trusted, 'certificate-seed')
  const key = typeof kid === 'string' ? findKey(trusted, kid, 'certificate-seed') : undefined
  return key ? [key] : []
}

async function checkSignature(
  { lossless, path, verifyRsaPss, beside }: SeedFormFile,
  signature: Uint8Array,
  keys: readonly Jwk[],
  findings: Findings,
): Promise<void> {
  const name = beside ? 'seed_form' : 'signature'
  if (!verifyRsaPss) {
    // Beside a certificate it is one check of several; alone there is nothing else to believe.
    if (beside) findings.skip(name, say.fixed.rsaUnavailable)
    else findings.fail(name, 'unreadable', say.fixed.rsaUnavailable)
    return
  }
  const message = utf8(seedSignedText(lossless))
  for (const key of keys) {
    if (await verifyRsaPss(key, message, signature, longestSalt(modulusBitsOf(key)))) {
      if (!beside) findings.trust()
      return findings.pass(name, say.fixed.rsa)
    }
  }
  findings.fail(name, 'altered', say.fixed.rsaFails, beside ? { path } : {})
}

/** Both forms of one certificate must say the same, field by field. */
function checkAgreement(
  plain: Members,
  path: string,
  beside: NonNullable<SeedFormFile['beside']>,
  findings: Findings,
): void {
  const { document } = beside.certificate
  if (!document) return
  const { kind } = beside.certificate
  if (!isFlatKind(kind)) {
    return findings.fail('seed_form', 'altered', say.noFlatForm(kinds[kind].called), { path })
  }
  const subject = beside.subject ?? assumedSubject(plain)
  const source = { document, subject, kid: String(plain['key_id']), evidence: beside.evidence }
  const form: (source: SeedFormSource<never>) => UnsignedSeedForm = seedFormOf[kind]
  const expected = form(source as SeedFormSource<never>)
  // Without the readings their summary by sensor cannot be held against anything but the signature.
  if (!beside.evidence && 'sensor_summary' in expected) {
    const summary = isObject(plain['sensor_summary']) ? plain['sensor_summary'] : {}
    expected.sensor_summary.sensor_details = (summary['sensor_details'] ?? null) as null
  }
  const { digital_signature: _, certificate_hash: __, ...stated } = plain
  const difference = firstDifference(expected, stated, '')
  if (!difference) return
  const said = say.formsDisagree(difference.path, difference.expected, difference.found)
  findings.fail('seed_form', 'altered', said, { ...difference, path: path + difference.path })
}

/** Without a disclosure the flat form's own company or project is taken, so that everything else can still be compared. */
function assumedSubject(form: Members): Subject {
  const { company, project } = form
  const named = isObject(company) ? company : isObject(project) ? project : {}
  return {
    id: String(named['id']),
    name: String(named['name']),
    sector: String(named['industry'] ?? named['type']),
    location: String(named['location']),
  }
}

function isFlatKind(kind: CertificateKind): kind is FlatKind {
  return flatKinds.some((each) => each === kind)
}

function firstDifference(
  expected: unknown,
  found: unknown,
  path: string,
): { path: string; expected: string; found: string } | undefined {
  if (!isObject(expected) || !isObject(found)) {
    return expected === found ? undefined : { path, expected: shownValue(expected), found: shownValue(found) }
  }
  for (const key of new Set([...Object.keys(expected), ...Object.keys(found)])) {
    const difference = firstDifference(expected[key], found[key], `${path}/${key}`)
    if (difference) return difference
  }
  return undefined
}

function statedBy(form: Members) {
  const calculation = isObject(form['calculation']) ? form['calculation'] : {}
  const company = isObject(form['company']) ? form['company'] : isObject(form['project']) ? form['project'] : {}
  return {
    certificate_id: form['certificate_id'],
    kid: form['key_id'],
    issuer_name: form['issued_by'],
    issued_at: form['issue_timestamp'],
    calculation_id: calculation['calculation_id'],
    subject_name: company['name'],
  }
}
