import { Problem, pointer } from '../lib/problem.ts'
import { commitmentOf } from './certificate.ts'
import { checkCertificate, type CheckedCertificate } from './check-certificate.ts'
import { checkEvidence, type Replayers } from './check-evidence.ts'
import { checkSeedForm } from './check-seed-form.ts'
import { Bundle, type Disclosure, type Report } from './contract.ts'
import type { UnsignedCertificate } from './document.ts'
import { Findings, isObject, type Members } from './findings.ts'
import type { Jwks, VerifyRsaPss } from './keys.ts'
import { certificateKinds, kindOf, kinds, type CertificateKind } from './kinds/kinds.ts'
import * as say from './sentences.ts'
import { parseStrict, plainOf, type JsonValue, type LosslessValue } from './strict-json.ts'

export type { NotReplayed, Replay, ReplayAnswer, Replayers } from './check-evidence.ts'

export interface VerifyOptions {
  /** Keys known from elsewhere than the file: the only ones that prove anything. */
  trusted_keys: Jwks
  /** Needed for the flat form; `rsaPssWith(crypto.subtle)`. */
  verifyRsaPss?: VerifyRsaPss
  /** Computes evidence again, each kind by its own. Without them no replay is asked for, and the report says so. */
  replayers?: Replayers
}

/**
 * Checks a certificate, a bundle or a flat form, and says exactly what was altered. Never throws for anything that the
 * file holds: what cannot be read is an outcome too.
 *
 * @param input the file's text, in which a repeated key or a number written otherwise can still be seen; or a value that
 * was parsed already, in which they cannot.
 */
export async function verifyCertificate(input: string | object, options: VerifyOptions): Promise<Report> {
  const findings = new Findings()
  const file = read(typeof input === 'string' ? input : JSON.stringify(input), findings)
  if (!file) return findings.report('unknown')
  const { lossless, plain } = file
  const { trusted_keys: trusted, verifyRsaPss } = options
  if (lossless.has('format')) {
    await checkBundle(lossless, plain, options, findings)
    return findings.report('bundle')
  }
  if (lossless.has('proof') || lossless.has('credentialSubject')) {
    checkCertificate({ lossless, plain, path: '', trusted }, findings)
    return findings.report('certificate')
  }
  if (lossless.has('digital_signature') || flatKinds.has(plain['certificate_type'])) {
    await checkSeedForm({ lossless, plain, path: '', trusted, verifyRsaPss }, findings)
    return findings.report('seed')
  }
  findings.fail('form', 'unreadable', say.unknownForm())
  return findings.report('unknown')
}

const flatKinds = new Set<JsonValue | undefined>(['emission_calculation', 'iot_verification'])

/** Evidence has the form of what the certificate calls itself. */
const bundleForms = Object.fromEntries(
  certificateKinds.map((name) => [name, Bundle.extend({ evidence: kinds[name].Evidence.optional() })]),
) as Record<CertificateKind, typeof Bundle>

function read(text: string, findings: Findings): { lossless: Map<string, LosslessValue>; plain: Members } | undefined {
  let lossless: LosslessValue
  let plain: JsonValue
  try {
    lossless = parseStrict(text)
    plain = plainOf(lossless)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    findings.fail('json', 'unreadable', say.unreadableJson(error.message), { path: error.details.faults?.[0]?.path })
    return undefined
  }
  findings.pass('json', say.fixed.json)
  if (lossless instanceof Map && isObject(plain)) return { lossless, plain }
  findings.fail('form', 'unreadable', say.unknownForm())
  return undefined
}

async function checkBundle(
  lossless: Map<string, LosslessValue>,
  plain: Members,
  options: VerifyOptions,
  findings: Findings,
): Promise<void> {
  const { trusted_keys: trusted, verifyRsaPss, replayers } = options
  const stated = plain['certificate']
  const kind = kindOf(isObject(stated) ? stated : {}) ?? 'emission_calculation'
  const shape = bundleForms[kind].safeParse(plain)
  const signed = lossless.get('certificate')
  if (!shape.success || !(signed instanceof Map)) {
    const issue = shape.success ? undefined : shape.error.issues[0]
    const path = pointer(issue?.path ?? [])
    return findings.fail('form', 'unreadable', say.unknownForm(issue && `${path}: ${issue.message}`), { path })
  }
  const { certificate, disclosure, evidence, keys, seed_form } = shape.data
  const source = { lossless: signed, plain: certificate as Members, path: '/certificate', trusted, carried: keys }
  const checked = checkCertificate(source, findings)
  checkCarriedKeys(keys, trusted, findings)
  const { document } = checked
  if (document) {
    checkDisclosure(disclosure, document, checked.signature, findings)
    if (evidence) await checkEvidence(evidence, { ...checked, document }, replayers, findings)
    else findings.skip('replay', say.fixed.noEvidence)
  }
  const flat = lossless.get('seed_form')
  if (flat instanceof Map && seed_form) {
    const beside = { certificate: checked, subject: disclosure?.subject, evidence }
    await checkSeedForm(
      { lossless: flat, plain: seed_form as Members, path: '/seed_form', trusted, verifyRsaPss, beside },
      findings,
    )
  }
}

/** A key that travels under a trusted name but is another key is a sign of forgery, even if nothing depends on it. */
function checkCarriedKeys(carried: Jwks, trusted: Jwks, findings: Findings): void {
  for (const [i, key] of carried.keys.entries()) {
    const known = trusted.keys.find((each) => each.kid === key.kid)
    if (known && (known.x !== key.x || known.n !== key.n || known.e !== key.e)) {
      findings.fail('keys', 'altered', say.exchangedKey(key.kid ?? ''), { path: `/keys/keys/${i}` })
    }
  }
}

function checkDisclosure(
  disclosure: Disclosure | undefined,
  document: UnsignedCertificate,
  signature: CheckedCertificate['signature'],
  findings: Findings,
): void {
  if (!disclosure) return findings.skip('disclosure', say.fixed.noDisclosure)
  findings.state({ subject_name: disclosure.subject.name })
  const found = commitmentOf(disclosure.subject, disclosure.salt)
  const expected = document.credentialSubject.subjectCommitment
  if (found === expected) return findings.pass('disclosure', say.speaksOf(disclosure.subject.name))
  const path = signature === 'failed' ? '/certificate/credentialSubject/subjectCommitment' : '/disclosure'
  findings.fail('disclosure', 'altered', say.fixed.disclosureFails, { path, expected, found })
}
