import { invariant } from '../lib/invariant.ts'
import { Problem, pointer } from '../lib/problem.ts'
import { evidenceDigestsOf } from './bundle.ts'
import { canonicalize, profileFaults } from './canonical.ts'
import { certificateHash, certificateIdOf, commitmentOf } from './certificate.ts'
import {
  Bundle,
  EmissionCertificate,
  UnsignedEmissionCertificate,
  type Check,
  type Evidence,
  type Outcome,
  type Report,
  type Subject,
} from './contract.ts'
import { bytesOfBase64, utf8 } from './encoding.ts'
import {
  ed25519BytesOf,
  findKey,
  keysOfUse,
  longestSalt,
  modulusBitsOf,
  type Jwk,
  type Jwks,
  type VerifyRsaPss,
} from './keys.ts'
import { detachProof, signedBytes, verifyEd25519 } from './proof.ts'
import { seedFormOf, seedHashOfLossless, seedSignedText } from './seed-form.ts'
import { parseStrict, plainOf, type JsonValue, type LosslessValue } from './strict-json.ts'

export interface VerifyOptions {
  /** Keys known from elsewhere than the file: the only ones that prove anything. */
  trusted_keys: Jwks
  /** Needed for the flat form; `rsaPssWith(crypto.subtle)`. */
  verifyRsaPss?: VerifyRsaPss
  /** Computes the evidence again. Without it a replay is skipped, and the report says so. */
  replay?: (evidence: Evidence) => Promise<ReplayAnswer>
}

export interface ReplayAnswer {
  /** Whether the computation gave what `evidence.result` holds. */
  same: boolean
  result_digest: string
  first_difference?: { path: string; line_id?: string; expected: unknown; found: unknown }
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
  let file: LosslessValue
  let plain: JsonValue
  try {
    file = parseStrict(typeof input === 'string' ? input : JSON.stringify(input))
    plain = plainOf(file)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    findings.fail('json', 'unreadable', says('json', error.message), { path: error.details.faults?.[0]?.path })
    return findings.report('unknown')
  }
  findings.pass('json', 'The file is JSON with a single meaning.', 'Le fichier est du JSON à sens unique.')
  if (!(file instanceof Map) || !isObject(plain)) {
    findings.fail('form', 'unreadable', says('form', ''))
    return findings.report('unknown')
  }
  if (file.has('format')) {
    await checkBundle(file, plain, options, findings)
    return findings.report('bundle')
  }
  if (file.has('proof') || file.has('credentialSubject')) {
    checkNative(file, plain, '', options.trusted_keys, undefined, findings)
    return findings.report('certificate')
  }
  if (file.has('digital_signature') || file.get('certificate_type') === 'emission_calculation') {
    await checkSeedForm(file, plain, '', options, undefined, findings)
    return findings.report('seed')
  }
  findings.fail('form', 'unreadable', says('form', ''))
  return findings.report('unknown')
}

type Members = { [key: string]: JsonValue }
type Said = readonly [en: string, fr: string]

/** What the checks found, and what follows from it. */
class Findings {
  readonly checks: Check[] = []
  stated: NonNullable<Report['stated']> = {}
  private readonly effects = new Set<Exclude<Outcome, 'valid'>>()
  private signed_by_trusted_key = false

  pass(name: Check['name'], says_en: string, says_fr: string, more: Partial<Check> = {}): void {
    this.checks.push({ name, status: 'passed', says_en, says_fr, ...more })
  }

  skip(name: Check['name'], says_en: string, says_fr: string): void {
    this.checks.push({ name, status: 'skipped', says_en, says_fr })
  }

  fail(
    name: Check['name'],
    effect: Exclude<Outcome, 'valid'>,
    [says_en, says_fr]: Said,
    more: Partial<Check> = {},
  ): void {
    this.effects.add(effect)
    const present = Object.fromEntries(Object.entries(more).filter(([, value]) => value !== undefined))
    this.checks.push({ name, status: 'failed', says_en, says_fr, ...present })
  }

  trust(): void {
    this.signed_by_trusted_key = true
  }

  get trusted(): boolean {
    return this.signed_by_trusted_key
  }

  report(form: Report['form']): Report {
    const outcome =
      (['unreadable', 'altered', 'untrusted_key', 'replay_differs'] as const).find((effect) =>
        this.effects.has(effect),
      ) ?? 'valid'
    // Whatever else went well: nothing is valid that no trusted key signed.
    invariant(outcome !== 'valid' || this.signed_by_trusted_key, 'a certificate was called valid without a signature')
    const reason = outcome === 'altered' ? this.mostTelling() : undefined
    const [en, fr] = HEADLINES[outcome]
    return {
      outcome,
      says_en: reason ? `${en} ${reason.says_en}` : en,
      says_fr: reason ? `${fr} ${reason.says_fr}` : fr,
      form,
      checks: this.checks,
      ...(Object.keys(this.stated).length > 0 ? { stated: this.stated } : {}),
    }
  }

  /** The failed check that says most precisely what was altered. */
  private mostTelling(): Check | undefined {
    const failed = this.checks.filter((check) => check.status === 'failed')
    return MOST_TELLING_FIRST.map((name) => failed.find((check) => check.name === name)).find(
      (check) => check !== undefined,
    )
  }
}

const HEADLINES: Record<Outcome, Said> = {
  valid: [
    'Valid: this is what the trusted key signed, unchanged.',
    'Valide : c’est ce que la clé de confiance a signé, sans changement.',
  ],
  altered: ['Altered: this is not what was signed.', 'Altéré : ce n’est pas ce qui a été signé.'],
  untrusted_key: [
    'Not proven: the key that signed it is not on your list of trusted keys.',
    'Non prouvé : la clé qui a signé n’est pas dans votre liste de clés de confiance.',
  ],
  unreadable: ['This file cannot be judged.', 'Ce fichier ne peut pas être jugé.'],
  replay_differs: [
    'Signed and unchanged, but computing it again gives something else.',
    'Signé et inchangé, mais le recalcul donne autre chose.',
  ],
}

const MOST_TELLING_FIRST: readonly Check['name'][] = [
  'agreement',
  'disclosure',
  'profile',
  'certificate',
  'proof',
  'inventory',
  'factors',
  'airports',
  'result',
  'keys',
  'hash',
  'signature',
  'seed_form',
]

function says(name: 'json' | 'form', detail: string): Said {
  return name === 'json'
    ? [`The text is not JSON with a single meaning: ${detail}`, `Le texte n’est pas du JSON à sens unique : ${detail}`]
    : [
        `This is neither a certificate nor a bundle nor a flat-form certificate. ${detail}`.trimEnd(),
        `Ce n’est ni un certificat, ni un dossier de certificat, ni un certificat à plat. ${detail}`.trimEnd(),
      ]
}

/** What a native certificate turned out to be, for the checks that compare other things with it. */
interface Native {
  signature: 'passed' | 'failed' | 'unknown'
  hash: string
  document: UnsignedEmissionCertificate | undefined
}

function checkNative(
  lossless: Map<string, LosslessValue>,
  signed: Members,
  at: string,
  trusted: Jwks,
  carried: Jwks | undefined,
  findings: Findings,
): Native {
  const { signature, ...detached } = detachProof(signed)
  const document = detached.document as Members
  const options = detached.options as Members
  const hash = certificateHash(document)
  const shape = UnsignedEmissionCertificate.safeParse(document)
  findings.stated = { ...findings.stated, ...statedBy(document), certificate_hash: hash }

  const faults = profileFaults(lossless)
  for (const fault of faults.slice(0, 20)) {
    findings.fail(
      'profile',
      'altered',
      [
        `No certificate is ever signed with such a value: ${fault.message}`,
        `Aucun certificat n’est signé avec une telle valeur : ${fault.message}`,
      ],
      { path: at + fault.path },
    )
  }
  if (faults.length === 0)
    findings.pass(
      'profile',
      'Every value has the only form in which it is signed.',
      'Chaque valeur a la seule forme sous laquelle elle est signée.',
    )

  const wrong = wrongInProof(signed)
  if (wrong) findings.fail('proof', 'altered', wrong.says, { path: `${at}/proof${wrong.path}` })
  else if (!signature) {
    findings.fail(
      'proof',
      'altered',
      [
        'The proof value is not a signature: it must be z and 64 bytes in base58.',
        'La valeur de preuve n’est pas une signature : z et 64 octets en base58.',
      ],
      { path: `${at}/proof/proofValue` },
    )
  } else
    findings.pass(
      'proof',
      'The proof is one eddsa-jcs-2022 proof by the issuer.',
      'La preuve est une preuve eddsa-jcs-2022 de l’émetteur.',
    )

  const kid = kidOf(options['verificationMethod'])
  if (kid) findings.stated.kid = kid
  const known = kid === undefined ? undefined : findKey(trusted, kid, 'certificate')
  const key = known ?? (kid !== undefined && carried ? findKey(carried, kid, 'certificate') : undefined)
  const outcome = signature && key ? verifies(signature, document, options, key) : undefined

  if (known)
    findings.pass('key', `Signed in the name of the trusted key ${kid}.`, `Signé au nom de la clé de confiance ${kid}.`)
  else {
    findings.fail('key', 'untrusted_key', untrustedSays(kid, outcome), {
      path: `${at}/proof/verificationMethod`,
      found: kid,
    })
  }

  if (outcome === true) {
    if (known && !wrong && faults.length === 0) findings.trust()
    const whose = known
      ? (['the trusted key', 'la clé de confiance'] as const)
      : ([
          'the key carried in the file, which proves nothing about who made it',
          'la clé contenue dans le fichier, ce qui ne prouve pas qui l’a fait',
        ] as const)
    findings.pass('signature', `The signature matches ${whose[0]}.`, `La signature correspond à ${whose[1]}.`)
  } else if (outcome === false) {
    findings.fail('signature', 'altered', [
      'The signature does not match the certificate: the certificate or its signature was altered after signing.',
      'La signature ne correspond pas au certificat : le certificat ou sa signature a été altéré après signature.',
    ])
    // With evidence beside it, comparing says which one.
    const sum = at === '' ? wrongSum(document) : undefined
    if (sum) findings.fail('agreement', 'altered', sum, { path: `${at}/credentialSubject/totals` })
  } else
    findings.skip(
      'signature',
      'Not checked: there is no key or no signature to check with.',
      'Non vérifié : il manque la clé ou la signature.',
    )

  if (shape.success)
    findings.pass(
      'certificate',
      'It states everything an emission certificate states.',
      'Il énonce tout ce qu’énonce un certificat d’émissions.',
    )
  else {
    const issue = shape.error.issues[0]
    const path = at + pointer(issue?.path ?? [])
    findings.fail(
      'certificate',
      outcome === true ? 'unreadable' : 'altered',
      [
        `It does not have the form of an emission certificate: ${issue?.message ?? ''}`,
        `Il n’a pas la forme d’un certificat d’émissions : ${issue?.message ?? ''}`,
      ],
      { path },
    )
  }
  return {
    signature: outcome === undefined ? 'unknown' : outcome ? 'passed' : 'failed',
    hash,
    document: shape.success ? shape.data : undefined,
  }
}

function untrustedSays(kid: string | undefined, outcome: boolean | undefined): Said {
  if (kid === undefined) return ['It does not name the key that signed it.', 'Il ne nomme pas la clé qui l’a signé.']
  if (outcome === true) {
    return [
      `The key ${kid} is not on your list of trusted keys. The signature is consistent with the key carried in the file, which shows only that nothing changed since somebody signed it.`,
      `La clé ${kid} n’est pas dans votre liste de clés de confiance. La signature concorde avec la clé contenue dans le fichier, ce qui montre seulement que rien n’a changé depuis que quelqu’un l’a signé.`,
    ]
  }
  return [
    `The key ${kid} is not on your list of trusted keys.`,
    `La clé ${kid} n’est pas dans votre liste de clés de confiance.`,
  ]
}

function verifies(signature: Uint8Array, document: object, options: object, key: Jwk): boolean {
  const public_key = ed25519BytesOf(key)
  return public_key !== undefined && verifyEd25519(signature, signedBytes(document, options), public_key)
}

function kidOf(method: unknown): string | undefined {
  const kid = typeof method === 'string' ? method.slice(method.indexOf('#') + 1) : ''
  return /^[A-Za-z0-9_-]{43}$/.test(kid) ? kid : undefined
}

/** The proof must be of the one suite, by the document's own issuer, in the document's own context, and hold nothing else. */
function wrongInProof(signed: Members): { says: Said; path: string } | undefined {
  const proof = signed['proof']
  if (proof === undefined) return { says: ['There is no proof.', 'Il n’y a pas de preuve.'], path: '' }
  const shape = EmissionCertificate.shape.proof.safeParse(proof)
  if (!shape.success) {
    const issue = shape.error.issues[0]
    const path = pointer(issue?.path ?? [])
    return {
      says: [
        `The proof is not an eddsa-jcs-2022 proof: ${issue?.message ?? ''}`,
        `La preuve n’est pas une preuve eddsa-jcs-2022 : ${issue?.message ?? ''}`,
      ],
      path,
    }
  }
  const issuer = signed['issuer']
  const issuer_id = isObject(issuer) ? issuer['id'] : issuer
  if (shape.data.verificationMethod.split('#')[0] !== issuer_id) {
    return {
      says: [
        'The key named by the proof is not the issuer’s.',
        'La clé nommée par la preuve n’est pas celle de l’émetteur.',
      ],
      path: '/verificationMethod',
    }
  }
  if (canonicalize(shape.data['@context']) !== canonicalize(signed['@context'] ?? null)) {
    return {
      says: [
        'The proof was made in another context than the document’s.',
        'La preuve a été faite dans un autre contexte que celui du document.',
      ],
      path: '/@context',
    }
  }
  return undefined
}

function statedBy(document: Members): NonNullable<Report['stated']> {
  const subject = isObject(document['credentialSubject']) ? document['credentialSubject'] : {}
  const totals = isObject(subject['totals']) ? subject['totals'] : {}
  const issuer = isObject(document['issuer']) ? document['issuer'] : {}
  const stated: Record<string, JsonValue | undefined> = {
    certificate_id: typeof document['id'] === 'string' ? certificateIdOf({ id: document['id'] }) : undefined,
    issuer_name: issuer['name'],
    issued_at: document['validFrom'],
    calculation_id: subject['calculationId'],
    emissions_kg_co2e: totals['emissions'],
  }
  return Object.fromEntries(Object.entries(stated).filter(([, value]) => typeof value === 'string'))
}

/** Location-based scopes add up to the total. Consulted only when the signature failed, to find out where. */
function wrongSum(document: Members): Said | undefined {
  const subject = document['credentialSubject']
  const totals = isObject(subject) ? subject['totals'] : undefined
  if (!isObject(totals)) return undefined
  const [all, ...parts] = ['emissions', 'scope1', 'scope2Location', 'scope3'].map((key) => Number(totals[key]))
  const sum = parts.reduce((whole, part) => whole + part, 0)
  if (all === undefined || Math.abs(all - sum) <= 1e-9 * Math.max(Math.abs(all), 1)) return undefined
  return [
    `The scopes add up to ${sum} kgCO2e and the total says ${all}: one of these was altered.`,
    `Les scopes totalisent ${sum} kgCO2e et le total indique ${all} : l’un d’eux a été altéré.`,
  ]
}

async function checkBundle(
  file: Map<string, LosslessValue>,
  plain: Members,
  options: VerifyOptions,
  findings: Findings,
): Promise<void> {
  const shape = Bundle.safeParse(plain)
  const certificate = file.get('certificate')
  if (!shape.success || !(certificate instanceof Map)) {
    const issue = shape.success ? undefined : shape.error.issues[0]
    const path = pointer(issue?.path ?? [])
    findings.fail('form', 'unreadable', says('form', issue ? `${path}: ${issue.message}` : ''), { path })
    return
  }
  const bundle = shape.data
  const native = checkNative(
    certificate,
    bundle.certificate as Members,
    '/certificate',
    options.trusted_keys,
    bundle.keys,
    findings,
  )
  checkCarriedKeys(bundle.keys, options.trusted_keys, findings)
  if (native.document) {
    if (bundle.disclosure) {
      checkDisclosure(bundle.disclosure, native.document, native.signature, findings)
      findings.stated.subject_name = bundle.disclosure.subject.name
    } else
      findings.skip(
        'disclosure',
        'The file does not say whom the certificate speaks of.',
        'Le fichier ne dit pas de qui parle le certificat.',
      )
    if (bundle.evidence) await checkEvidence(bundle.evidence, native.document, native.signature, options, findings)
    else
      findings.skip(
        'replay',
        'The file holds no evidence to compute again.',
        'Le fichier ne contient pas de quoi recalculer.',
      )
  }
  const seed = file.get('seed_form')
  if (seed instanceof Map && bundle.seed_form) {
    await checkSeedForm(
      seed,
      bundle.seed_form as Members,
      '/seed_form',
      options,
      { native, subject: bundle.disclosure?.subject },
      findings,
    )
  }
}

/** A key that travels under a trusted name but is another key is a sign of forgery, even if nothing depends on it. */
function checkCarriedKeys(carried: Jwks, trusted: Jwks, findings: Findings): void {
  for (const [i, key] of carried.keys.entries()) {
    const known = trusted.keys.find((each) => each.kid === key.kid)
    if (known && (known.x !== key.x || known.n !== key.n || known.e !== key.e)) {
      findings.fail(
        'keys',
        'altered',
        [
          `The file carries another key under the trusted name ${key.kid}.`,
          `Le fichier contient une autre clé sous le nom de confiance ${key.kid}.`,
        ],
        { path: `/keys/keys/${i}` },
      )
    }
  }
}

function checkDisclosure(
  disclosure: { salt: string; subject: Subject },
  document: UnsignedEmissionCertificate,
  signature: Native['signature'],
  findings: Findings,
): void {
  const found = commitmentOf(disclosure.subject, disclosure.salt)
  const expected = document.credentialSubject.subjectCommitment
  if (found === expected) {
    findings.pass(
      'disclosure',
      `The certificate speaks of ${disclosure.subject.name}.`,
      `Le certificat parle de ${disclosure.subject.name}.`,
    )
    return
  }
  const blame = signature === 'failed' ? '/certificate/credentialSubject/subjectCommitment' : '/disclosure'
  findings.fail(
    'disclosure',
    'altered',
    [
      'The certificate was not issued to the subject that the file names: name, details or salt were altered.',
      'Le certificat n’a pas été délivré au sujet que nomme le fichier : nom, détails ou sel ont été altérés.',
    ],
    { path: blame, expected, found },
  )
}

async function checkEvidence(
  evidence: Evidence,
  document: UnsignedEmissionCertificate,
  signature: Native['signature'],
  options: VerifyOptions,
  findings: Findings,
): Promise<void> {
  const { credentialSubject: stated } = document
  const digests = evidenceDigestsOf(evidence)
  // With a broken signature either side may be the altered one; the side that still agrees with itself is the witness.
  const result_is_sound = digests.result === stated.resultDigest
  const compare = (
    name: 'inventory' | 'factors' | 'airports' | 'result',
    expected: string,
    found: string,
    subject: Said,
  ): void => {
    if (expected === found) findings.pass(name, `${subject[0]}: as certified.`, `${subject[1]} : comme certifié.`)
    else {
      findings.fail(
        name,
        'altered',
        [`${subject[0]}: not what was certified.`, `${subject[1]} : pas ce qui a été certifié.`],
        { path: `/evidence/${name}`, expected, found },
      )
    }
  }
  compare('inventory', stated.inputs.digest, digests.inventory, ['The inventory', 'L’inventaire'])
  compare('factors', stated.factors.digest, digests.factors, ['The emission factors', 'Les facteurs d’émission'])
  compare('result', stated.resultDigest, digests.result, ['The result', 'Le résultat'])
  if (stated.airports && digests.airports !== undefined)
    compare('airports', stated.airports.digest, digests.airports, ['The airports', 'Les aéroports'])
  else if (digests.airports !== undefined || stated.airports) {
    findings.fail(
      'airports',
      'altered',
      [
        'Certificate and evidence do not both speak of airports: the list was added or removed.',
        'Certificat et preuves ne parlent pas tous deux d’aéroports : la liste a été ajoutée ou retirée.',
      ],
      { path: '/evidence/airports' },
    )
  }
  const blame_certificate = signature === 'failed' && result_is_sound
  const differences = disagreements(evidence, document)
  for (const { of_certificate, of_evidence, expected, found } of differences) {
    const path = blame_certificate ? `/certificate${of_certificate}` : `/evidence${of_evidence}`
    findings.fail(
      'agreement',
      'altered',
      [
        `${path} was altered: the certificate says ${expected}, the evidence ${found}.`,
        `${path} a été altéré : le certificat indique ${expected}, les preuves ${found}.`,
      ],
      { path, expected, found },
    )
  }
  if (differences.length === 0)
    findings.pass(
      'agreement',
      'Certificate and result state the same totals.',
      'Certificat et résultat énoncent les mêmes totaux.',
    )
  await checkReplay(evidence, stated.resultDigest, options, findings)
}

async function checkReplay(
  evidence: Evidence,
  certified: string,
  { replay }: VerifyOptions,
  findings: Findings,
): Promise<void> {
  if (!replay) {
    findings.skip(
      'replay',
      'Not computed again: no replay was asked for.',
      'Non recalculé : le recalcul n’a pas été demandé.',
    )
    return
  }
  let answer: ReplayAnswer
  try {
    answer = await replay(evidence)
  } catch (error) {
    // A rule that refuses the evidence is a finding; anything else is a bug and not for this function to hide.
    if (!(error instanceof Problem)) throw error
    const fault = error.details.faults?.[0]
    findings.fail(
      'replay',
      'replay_differs',
      [
        `The evidence cannot be computed again: ${error.message}`,
        `Les preuves ne peuvent pas être recalculées : ${error.message}`,
      ],
      {
        path: `/evidence/inventory${fault?.path ?? ''}`,
      },
    )
    return
  }
  if (answer.same && answer.result_digest === certified) {
    findings.pass('replay', 'Computed again, digit for digit.', 'Recalculé, au chiffre près.')
    return
  }
  const first = answer.first_difference
  const line = first?.line_id
  findings.fail(
    'replay',
    'replay_differs',
    first
      ? [
          `Computed again, ${line === undefined ? first.path : `line ${line}`} comes to ${shownValue(first.found)} where the file says ${shownValue(first.expected)}.`,
          `Au recalcul, ${line === undefined ? first.path : `la ligne ${line}`} donne ${shownValue(first.found)} là où le fichier indique ${shownValue(first.expected)}.`,
        ]
      : [
          'Computed again, the result is not the certified one.',
          'Au recalcul, le résultat n’est pas celui qui a été certifié.',
        ],
    {
      path: `/evidence/result${first?.path ?? ''}`,
      expected: first ? shownValue(first.expected) : certified,
      found: first ? shownValue(first.found) : answer.result_digest,
      line_id: line,
    },
  )
}

function shownValue(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}

interface Disagreement {
  of_certificate: string
  of_evidence: string
  expected: string
  found: string
}

/** Every statement that stands both in the certificate and in the evidence, and differs. */
function disagreements(evidence: Evidence, { credentialSubject: stated }: UnsignedEmissionCertificate): Disagreement[] {
  const { totals } = stated
  const number = (text: string): number => Number(text)
  const pairs: [of_certificate: string, of_evidence: string, expected: string | number, found: unknown][] = [
    [
      '/totals/emissions',
      '/result/emissions_kg_co2e',
      number(totals.emissions),
      at(evidence, 'result', 'emissions_kg_co2e'),
    ],
    ['/totals/scope1', '/result/scopes/1', number(totals.scope1), at(evidence, 'result', 'scopes', '1')],
    [
      '/totals/scope2Location',
      '/result/scopes/2_location',
      number(totals.scope2Location),
      at(evidence, 'result', 'scopes', '2_location'),
    ],
    [
      '/totals/scope2Market',
      '/result/scopes/2_market',
      number(totals.scope2Market),
      at(evidence, 'result', 'scopes', '2_market'),
    ],
    ['/totals/scope3', '/result/scopes/3', number(totals.scope3), at(evidence, 'result', 'scopes', '3')],
    [
      '/totals/interval95/low',
      '/result/interval_95/low',
      number(totals.interval95.low),
      at(evidence, 'result', 'interval_95', 'low'),
    ],
    [
      '/totals/interval95/high',
      '/result/interval_95/high',
      number(totals.interval95.high),
      at(evidence, 'result', 'interval_95', 'high'),
    ],
    ['/totals/biogenic', '/result/biogenic_kg_co2', number(totals.biogenic), at(evidence, 'result', 'biogenic_kg_co2')],
    ['/method/gwpSet', '/result/gwp_set', stated.method.gwpSet, at(evidence, 'result', 'gwp_set')],
    [
      '/method/engineVersion',
      '/result/engine_version',
      stated.method.engineVersion,
      at(evidence, 'result', 'engine_version'),
    ],
    ['/resultDigest', '/result/result_digest', stated.resultDigest, at(evidence, 'result', 'result_digest')],
    ['/inputs/digest', '/result/input_digest', stated.inputs.digest, at(evidence, 'result', 'input_digest')],
    ['/calculationId', '/result/calculation_id', stated.calculationId, at(evidence, 'result', 'calculation_id')],
    [
      '/reportingPeriod/startDate',
      '/inventory/reporting_period/start_date',
      stated.reportingPeriod.startDate,
      at(evidence, 'inventory', 'reporting_period', 'start_date'),
    ],
    [
      '/reportingPeriod/endDate',
      '/inventory/reporting_period/end_date',
      stated.reportingPeriod.endDate,
      at(evidence, 'inventory', 'reporting_period', 'end_date'),
    ],
    [
      '/reportingPeriod/startDate',
      '/result/reporting_period/start_date',
      stated.reportingPeriod.startDate,
      at(evidence, 'result', 'reporting_period', 'start_date'),
    ],
    [
      '/reportingPeriod/endDate',
      '/result/reporting_period/end_date',
      stated.reportingPeriod.endDate,
      at(evidence, 'result', 'reporting_period', 'end_date'),
    ],
    ['/factors/count', '/factors', stated.factors.count, evidence.factors.length],
    ['/inputs/count', '/inventory/lines', stated.inputs.count, lengthOf(at(evidence, 'inventory', 'lines'))],
    [
      '/dataQualityScore',
      '/result/data_quality_score',
      stated.dataQualityScore,
      roundedScore(at(evidence, 'result', 'data_quality_score')),
    ],
  ]
  return pairs
    .filter(([, , expected, found]) => found !== undefined && found !== expected)
    .map(([of_certificate, of_evidence, expected, found]) => ({
      of_certificate: `/credentialSubject${of_certificate}`,
      of_evidence,
      expected: shownValue(expected),
      found: shownValue(found),
    }))
}

function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>(
    (node, key) => (typeof node === 'object' && node !== null ? (node as Record<string, unknown>)[key] : undefined),
    value,
  )
}

function lengthOf(value: unknown): number | undefined {
  return Array.isArray(value) ? value.length : undefined
}

/** The certificate states the score as a whole number. */
function roundedScore(value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value) : value
}

/** What a flat form that travels in a bundle must agree with. */
interface Beside {
  native: Native
  subject: Subject | undefined
}

async function checkSeedForm(
  lossless: Map<string, LosslessValue>,
  form: Members,
  path: string,
  { trusted_keys, verifyRsaPss }: VerifyOptions,
  beside: Beside | undefined,
  findings: Findings,
): Promise<void> {
  const name = beside ? 'seed_form' : 'signature'
  const text = seedSignedText(lossless)
  if (!beside) findings.stated = { ...findings.stated, ...statedBySeedForm(form) }

  if (form['certificate_hash'] === undefined) {
    findings.skip(
      'hash',
      'The flat form does not carry its own hash.',
      'La forme à plat ne porte pas sa propre empreinte.',
    )
  } else {
    const found = seedHashOfLossless(lossless)
    if (form['certificate_hash'] === found)
      findings.pass('hash', 'The hash in the flat form is its own.', 'L’empreinte de la forme à plat est la sienne.')
    else {
      findings.fail(
        'hash',
        'altered',
        [
          'The hash in the flat form is not its own: the hash or what it covers was altered.',
          'L’empreinte n’est pas celle de la forme à plat : elle ou ce qu’elle couvre a été altéré.',
        ],
        {
          path: `${path}/certificate_hash`,
          expected: found,
          found: shownValue(form['certificate_hash']),
        },
      )
    }
  }

  const signature = typeof form['digital_signature'] === 'string' ? bytesOfBase64(form['digital_signature']) : undefined
  if (!signature) {
    findings.fail(
      'proof',
      'altered',
      ['The digital signature is not base64.', 'La signature numérique n’est pas du base64.'],
      { path: `${path}/digital_signature` },
    )
  }
  const kid = form['key_id']
  // A form without a key id, as older services wrote it, may be by any of the trusted keys.
  const candidates =
    typeof kid === 'string'
      ? [findKey(trusted_keys, kid, 'certificate-seed')].filter((key) => key !== undefined)
      : kid === undefined
        ? keysOfUse(trusted_keys, 'certificate-seed')
        : []
  if (candidates.length === 0) {
    findings.fail('key', 'untrusted_key', untrustedSays(typeof kid === 'string' ? kid : undefined, undefined), {
      path: `${path}/key_id`,
    })
  }
  if (signature && candidates.length > 0) {
    if (!verifyRsaPss) {
      const said: Said = [
        'The RSA signature cannot be checked here.',
        'La signature RSA ne peut pas être vérifiée ici.',
      ]
      if (beside) findings.skip(name, ...said)
      else findings.fail(name, 'unreadable', said)
    } else if (await anyVerifies(candidates, utf8(text), signature, verifyRsaPss)) {
      if (!beside) findings.trust()
      findings.pass(
        name,
        'The RSA signature matches the trusted key.',
        'La signature RSA correspond à la clé de confiance.',
      )
    } else {
      findings.fail(
        name,
        'altered',
        [
          'The RSA signature does not match: the flat form or its signature was altered after signing.',
          'La signature RSA ne correspond pas : la forme à plat ou sa signature a été altérée après signature.',
        ],
        beside ? { path } : {},
      )
    }
  }
  if (beside) checkBothForms(form, path, beside, findings)
}

async function anyVerifies(
  keys: readonly Jwk[],
  message: Uint8Array,
  signature: Uint8Array,
  verifyRsaPss: VerifyRsaPss,
): Promise<boolean> {
  for (const key of keys) {
    if (await verifyRsaPss(key, message, signature, longestSalt(modulusBitsOf(key)))) return true
  }
  return false
}

function statedBySeedForm(form: Members): NonNullable<Report['stated']> {
  const calculation = isObject(form['calculation']) ? form['calculation'] : {}
  const company = isObject(form['company']) ? form['company'] : {}
  const stated: Record<string, JsonValue | undefined> = {
    certificate_id: form['certificate_id'],
    kid: form['key_id'],
    issuer_name: form['issued_by'],
    issued_at: form['issue_timestamp'],
    calculation_id: calculation['calculation_id'],
    subject_name: company['name'],
  }
  return Object.fromEntries(Object.entries(stated).filter(([, value]) => typeof value === 'string'))
}

/** Both forms of one certificate must say the same, field by field. */
function checkBothForms(form: Members, path: string, { native, subject }: Beside, findings: Findings): void {
  if (!native.document) return
  // Without a disclosure the flat form's own company is taken, so that everything else can still be compared.
  const company = isObject(form['company']) ? form['company'] : {}
  const assumed: Subject = subject ?? {
    id: String(company['id']),
    name: String(company['name']),
    sector: String(company['industry']),
  }
  const expected = seedFormOf(native.document, assumed, String(form['key_id']))
  const { digital_signature: _, certificate_hash: __, ...stated } = form
  const difference = firstDifference(expected, stated, '')
  if (!difference) return
  findings.fail(
    'seed_form',
    'altered',
    [
      `The two forms disagree at ${difference.path}: ${difference.expected} against ${difference.found}.`,
      `Les deux formes divergent en ${difference.path} : ${difference.expected} contre ${difference.found}.`,
    ],
    { ...difference, path: path + difference.path },
  )
}

function firstDifference(
  expected: unknown,
  found: unknown,
  path: string,
): { path: string; expected: string; found: string } | undefined {
  if (isObject(expected) && isObject(found)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(found)])) {
      const difference = firstDifference(expected[key], found[key], `${path}/${key}`)
      if (difference) return difference
    }
    return undefined
  }
  return expected === found ? undefined : { path, expected: shownValue(expected), found: shownValue(found) }
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
