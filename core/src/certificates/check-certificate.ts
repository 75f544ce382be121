import { pointer } from '../lib/problem.ts'
import { canonicalize, profileFaults } from './canonical.ts'
import { certificateHash, certificateIdOf } from './certificate.ts'
import { ProofForm, unsignedForms, type UnsignedCertificate } from './document.ts'
import { isObject, type Findings, type Members } from './findings.ts'
import { ed25519BytesOf, findKey, type Jwk, type Jwks } from './keys.ts'
import type { Kind } from './kinds/kind.ts'
import { certificateKinds, kindOf, kinds, type CertificateKind } from './kinds/kinds.ts'
import { detachProof, signedBytes, verifyEd25519 } from './proof.ts'
import * as say from './sentences.ts'
import type { LosslessValue } from './strict-json.ts'

/** What a certificate turned out to be, for the checks that compare other things with it. */
export interface CheckedCertificate {
  signature: 'passed' | 'failed' | 'unknown'
  /** What it calls itself; one of a kind that nobody knows is held against the first. */
  kind: CertificateKind
  /** Undefined when it does not have the form of its kind. */
  document: UnsignedCertificate | undefined
}

export interface CertificateSource {
  lossless: Map<string, LosslessValue>
  plain: Members
  /** JSON Pointer to the certificate in the file. */
  path: string
  trusted: Jwks
  /** Keys that came with the file. */
  carried?: Jwks
}

/** Checks form, proof, key and signature of a certificate in its native form. */
export function checkCertificate(
  { lossless, plain, path, trusted, carried }: CertificateSource,
  findings: Findings,
): CheckedCertificate {
  const { signature, ...detached } = detachProof(plain)
  const document = detached.document as Members
  findings.state({ ...statedBy(document), certificate_hash: certificateHash(document) })

  const in_profile = checkProfile(lossless, path, findings)
  const sound_proof = checkProof(plain, signature, path, findings)
  const kid = kidOf(detached.options['verificationMethod'])
  findings.state({ kid })
  const known = kid === undefined ? undefined : findKey(trusted, kid, 'certificate')
  const key = known ?? (kid !== undefined && carried ? findKey(carried, kid, 'certificate') : undefined)
  const matches = signature && key ? verifies(signature, document, detached.options, key) : undefined

  if (known) findings.pass('key', say.trustedKey(known.kid ?? ''))
  else {
    const words =
      kid === undefined ? say.fixed.noKeyNamed : matches ? say.untrustedButConsistent(kid) : say.untrustedKey(kid)
    findings.fail('key', 'untrusted_key', words, { path: `${path}/proof/verificationMethod`, found: kid })
  }
  if (matches === true && known && in_profile && sound_proof) findings.trust()
  noteSignature(matches, known !== undefined, document, path, findings)
  const kind = kindOf(document) ?? 'emission_calculation'
  return {
    signature: matches === undefined ? 'unknown' : matches ? 'passed' : 'failed',
    kind,
    document: checkShape(document, kind, path, matches === true, findings),
  }
}

function checkProfile(lossless: Map<string, LosslessValue>, path: string, findings: Findings): boolean {
  const faults = profileFaults(lossless)
  for (const fault of faults.slice(0, 20)) {
    findings.fail('profile', 'altered', say.outsideProfile(fault.message), { path: path + fault.path })
  }
  if (faults.length === 0) findings.pass('profile', say.fixed.profile)
  return faults.length === 0
}

function checkProof(signed: Members, signature: Uint8Array | undefined, path: string, findings: Findings): boolean {
  const wrong = wrongInProof(signed) ?? (signature ? undefined : { said: say.fixed.proofValue, path: '/proofValue' })
  if (wrong) findings.fail('proof', 'altered', wrong.said, { path: `${path}/proof${wrong.path}` })
  else findings.pass('proof', say.fixed.proof)
  return wrong === undefined
}

/** The proof must be of the one suite, by the document's own issuer, in the document's own context, and hold nothing else. */
function wrongInProof(signed: Members): { said: say.Said; path: string } | undefined {
  const proof = signed['proof']
  if (proof === undefined) return { said: say.fixed.noProof, path: '' }
  const shape = ProofForm.safeParse(proof)
  if (!shape.success) {
    const issue = shape.error.issues[0]
    return { said: say.wrongProof(issue?.message ?? ''), path: pointer(issue?.path ?? []) }
  }
  const issuer = signed['issuer']
  const issuer_id = isObject(issuer) ? issuer['id'] : issuer
  if (shape.data.verificationMethod.split('#')[0] !== issuer_id) {
    return { said: say.fixed.foreignKey, path: '/verificationMethod' }
  }
  if (canonicalize(shape.data['@context']) !== canonicalize(signed['@context'] ?? null)) {
    return { said: say.fixed.foreignContext, path: '/@context' }
  }
  return undefined
}

function noteSignature(
  matches: boolean | undefined,
  trusted: boolean,
  document: Members,
  path: string,
  findings: Findings,
): void {
  if (matches === undefined) findings.skip('signature', say.fixed.signatureUnchecked)
  else if (matches) findings.pass('signature', trusted ? say.fixed.signedByTrusted : say.fixed.signedByCarried)
  else {
    findings.fail('signature', 'altered', say.fixed.signatureFails)
    // With evidence beside it, comparing says which figure it is; of a lone certificate the sum may give it away.
    const sum = path === '' ? wrongSum(document) : undefined
    if (sum) findings.fail('agreement', 'altered', sum, { path: '/credentialSubject/totals' })
  }
}

function checkShape(
  document: Members,
  name: CertificateKind,
  path: string,
  signed: boolean,
  findings: Findings,
): UnsignedCertificate | undefined {
  const kind: Kind = kinds[name]
  const shape = unsignedForms[name].safeParse(document)
  if (shape.success) {
    const known = shape.data as UnsignedCertificate
    const wrong = kind.contradictionIn?.(known.credentialSubject)
    if (!wrong) findings.pass('certificate', say.rightCertificate(kind.called))
    else {
      findings.fail(
        'certificate',
        signed ? 'unreadable' : 'altered',
        say.wrongCertificate(kind.called, wrong.message),
        {
          path: `${path}/credentialSubject${wrong.path}`,
        },
      )
    }
    const [statement_en, statement_fr] = kind.says(known.credentialSubject)
    findings.state({ kind: name, record_id: kind.recordIdOf(known.credentialSubject), statement_en, statement_fr })
    return known
  }
  const actual = certificateKinds.find((each) => kinds[each].Stated.safeParse(document['credentialSubject']).success)
  const issue = shape.error.issues[0]
  const other = actual !== undefined && actual !== name
  const said = other ? say.anotherKind(kinds[actual].called) : say.wrongCertificate(kind.called, issue?.message ?? '')
  // A trusted key may sign kinds of certificate that this version does not know.
  findings.fail('certificate', signed ? 'unreadable' : 'altered', said, {
    path: path + (other ? '/type/1' : pointer(issue?.path ?? [])),
  })
  return undefined
}

function verifies(signature: Uint8Array, document: object, options: object, key: Jwk): boolean {
  const public_key = ed25519BytesOf(key)
  return public_key !== undefined && verifyEd25519(signature, signedBytes(document, options), public_key)
}

function kidOf(method: unknown): string | undefined {
  const kid = typeof method === 'string' ? method.slice(method.indexOf('#') + 1) : ''
  return /^[A-Za-z0-9_-]{43}$/.test(kid) ? kid : undefined
}

function statedBy(document: Members) {
  const subject = isObject(document['credentialSubject']) ? document['credentialSubject'] : {}
  const totals = isObject(subject['totals']) ? subject['totals'] : {}
  const issuer = isObject(document['issuer']) ? document['issuer'] : {}
  return {
    certificate_id: typeof document['id'] === 'string' ? certificateIdOf({ id: document['id'] }) : undefined,
    issuer_name: issuer['name'],
    issued_at: document['validFrom'],
    calculation_id: subject['calculationId'],
    emissions_kg_co2e: totals['emissions'],
  }
}

/** Location-based scopes add up to the total. Consulted only when the signature failed, to find out where. */
function wrongSum(document: Members): say.Said | undefined {
  const subject = document['credentialSubject']
  const totals = isObject(subject) ? subject['totals'] : undefined
  if (!isObject(totals)) return undefined
  const [total, ...scopes] = ['emissions', 'scope1', 'scope2Location', 'scope3'].map((key) => Number(totals[key]))
  const sum = scopes.reduce((whole, scope) => whole + scope, 0)
  if (total === undefined || Math.abs(total - sum) <= 1e-9 * Math.max(Math.abs(total), 1)) return undefined
  return say.scopesDoNotAddUp(sum, total)
}
