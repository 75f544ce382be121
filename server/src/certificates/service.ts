import { randomBytes } from 'node:crypto'
import { assertProfile, canonicalize } from '@tidemark/core/certificates/canonical.ts'
import {
  buildCertificate,
  certificateHash,
  commitmentOf,
  normalizedSubject,
  originOf,
  proofOptionsFor,
  type IssuingFacts,
} from '@tidemark/core/certificates/certificate.ts'
import type {
  Bundle,
  Disclosure,
  get as getRoute,
  list as listRoute,
  Report,
  SeedForm,
  Subject,
  verify as verifyRoute,
} from '@tidemark/core/certificates/contract.ts'
import type { SignedCertificate, UnsignedCertificate } from '@tidemark/core/certificates/document.ts'
import { utf8 } from '@tidemark/core/certificates/encoding.ts'
import { rsaPssWith } from '@tidemark/core/certificates/keys.ts'
import type { Kind, Part } from '@tidemark/core/certificates/kinds/kind.ts'
import { kinds, type CertificateKind, type EvidenceOf, type FactsOf } from '@tidemark/core/certificates/kinds/kinds.ts'
import { attachProof, signedBytes } from '@tidemark/core/certificates/proof.ts'
import {
  flatKinds,
  sealSeedForm,
  seedFormOf,
  seedSignedBytes,
  type SeedFormSource,
  type UnsignedSeedForm,
} from '@tidemark/core/certificates/seed-form.ts'
import { verifyCertificate, type Replayers } from '@tidemark/core/certificates/verify.ts'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { publicOrigin, type Config } from '../platform/config.ts'
import type { Context } from '../platform/context.ts'
import { newId } from '../platform/ids.ts'
import { organisationOf } from '../platform/tenancy.ts'
import { aead, didOf, KeyringError } from '../platform/keyring.ts'
import * as store from './store.ts'

type EvidenceKeepers = {
  [K in CertificateKind]?: (ctx: Context, record_id: string) => Promise<EvidenceOf<K> | undefined>
}

/** What the capabilities above hand in: they know what was certified, certificates know that it was signed. */
export interface CertificateSources {
  /** What a record of each kind was computed from and came to, or undefined when it is not kept. */
  evidence?: EvidenceKeepers
  /** Computes evidence again. */
  replayers?: Replayers
}

/** What a certificate is to state, and whom it speaks of. */
export type FactsToCertify<K extends CertificateKind> = Omit<FactsOf<K>, 'subject_commitment'> & { subject: Subject }

export interface IssuedCertificate<K extends CertificateKind = CertificateKind> {
  certificate_id: string
  certificate_hash: string
  document: SignedCertificate<K>
}

/**
 * Signs and stores a certificate. Joins the transaction of `ctx.db`: what is certified and its certificate are there
 * together or not at all. A record is certified once; the database refuses a second time.
 * @throws Problem `certificates/outside-profile` when a text among the facts cannot be signed as it is.
 */
export async function issueCertificate<K extends CertificateKind>(
  ctx: Context,
  kind: K,
  { subject, ...facts }: FactsToCertify<K>,
): Promise<IssuedCertificate<K>> {
  const issued_at = ctx.now()
  const certificate_id = newId('cert', issued_at)
  const disclosure = { salt: randomBytes(32).toString('hex'), subject: normalizedSubject(subject) }
  assertProfile(disclosure.subject)
  const document = buildCertificate(kind, {
    ...facts,
    certificate_id,
    issuer: issuerOf(ctx.config),
    valid_from: issued_at.toISOString(),
    subject_commitment: commitmentOf(disclosure.subject, disclosure.salt),
  } as unknown as IssuingFacts & FactsOf<K>)
  const { signed, kid } = await signDocument(ctx, document, issued_at)
  const certificate_hash = certificateHash(document)
  const organisation_id = organisationOf(ctx)
  const of_kind: Kind = kinds[kind]
  await ctx.db.transaction(async (tx) => {
    const subject_ref = subjectRef(ctx, disclosure.subject)
    const key = await subjectKey({ ...ctx, db: tx }, organisation_id, subject_ref, issued_at)
    await store.insertCertificate(tx, {
      certificate_id,
      organisation_id,
      kind,
      record_id: of_kind.recordIdOf(document.credentialSubject),
      certificate_hash,
      kid,
      issued_at,
      document: canonicalize(signed),
      subject_ref,
      disclosure: aead.encrypt(key, utf8(certificate_id), utf8(canonicalize(disclosure))),
    })
  })
  return { certificate_id, certificate_hash, document: signed }
}

async function signDocument<K extends CertificateKind>(
  { keyring }: Context,
  document: UnsignedCertificate<K>,
  at: Date,
): Promise<{ signed: SignedCertificate<K>; kid: string }> {
  const kid = keyring.activeKey('certificate')?.kid
  if (kid === undefined)
    throw new KeyringError(
      'There is no active key for certificates. Make one with: tidemark signing-keys rotate certificate',
    )
  const options = proofOptionsFor(document, kid, at.toISOString())
  const signature = await keyring.sign('certificate', signedBytes(document, options))
  return { signed: attachProof(document, options, signature) as SignedCertificate<K>, kid }
}

/** Host and port under which this server is known. */
export function hostOf(config: Pick<Config, 'host' | 'port' | 'public_origin'>): string {
  const { hostname, port } = new URL(publicOrigin(config))
  // did:web allows names only; an address that means "this machine" has one.
  const name = /^(?:127\.|0\.0\.0\.0$|\[::1?\]$)/.test(hostname) ? 'localhost' : hostname
  return port === '' || port === '443' ? name : `${name}:${port}`
}

export function issuerOf(config: Pick<Config, 'host' | 'port' | 'public_origin'>): { id: string; name: string } {
  return { id: didOf(hostOf(config)), name: 'Tidemark' }
}

/** What identifies a subject: the id its holder gave it, else its name and country. */
function subjectRef({ keyring }: Context, { id, name, country }: Subject): string {
  return keyring.pseudonymOf('certificates.subject', canonicalize(id === undefined ? { name, country } : { id }))
}

/** The subject's own key, made at its first certificate and again after an erasure. */
async function subjectKey(ctx: Context, organisation_id: string, subject_ref: string, at: Date): Promise<Uint8Array> {
  const label = `certificates.subject:${subject_ref}`
  const kept = await store.findSubjectKey(ctx.db, organisation_id, subject_ref)
  const wrapped =
    kept ??
    (await store.keepSubjectKey(ctx.db, organisation_id, subject_ref, ctx.keyring.wrap(label, randomBytes(32)), at))
  return ctx.keyring.unwrap(label, wrapped)
}

/**
 * Forgets whom certificates speak of: the subject's key is destroyed, and with it every disclosure, in backups made
 * from now on too. The certificates stay valid and name nobody. Returns whether there was anything to forget.
 */
export async function eraseSubject(ctx: Context, subject: Subject): Promise<boolean> {
  return store.eraseSubjectKey(ctx.db, subjectRef(ctx, normalizedSubject(subject)), ctx.now())
}

/** The same for everybody of whom an organisation has certificates. Returns how many were forgotten. */
export async function eraseSubjectsOf(ctx: Context, organisation_id: string): Promise<number> {
  return store.eraseSubjectKeysOf(ctx.db, organisation_id, ctx.now())
}

/** Every certificate of an organisation, each with what its holder needs to show whom it speaks of. */
export async function certificatesOf(
  ctx: Context,
  organisation_id: string,
): Promise<{ certificate: SignedCertificate; disclosure?: Disclosure }[]> {
  const stored = await store.certificatesOf(ctx.db, organisation_id)
  return Promise.all(
    stored.map(async (each) => {
      const disclosure = await discloses(ctx, each)
      return { certificate: documentOf(each), ...(disclosure ? { disclosure } : {}) }
    }),
  )
}

/** How many certificates each organisation has; for the administrators of the installation. */
export async function countByOrganisation(ctx: Context): Promise<{ organisation_id: string; count: number }[]> {
  return store.countByOrganisation(ctx.system_db)
}

export async function get(
  ctx: Context,
  { id, format, bare }: InputOf<typeof getRoute>,
  sources: CertificateSources = {},
): Promise<OutputOf<typeof getRoute>> {
  const stored = await load(ctx, id)
  const certificate = documentOf(stored)
  if (format === 'vc') return certificate as OutputOf<typeof getRoute>
  const disclosure = await discloses(ctx, stored)
  if (format === 'seed') refuseFlatForm(stored, disclosure)
  const evidence = await evidenceFor(ctx, stored, sources)
  if (format === 'bundle') return bundleOf(ctx, stored, { disclosure, evidence })
  invariant(disclosure !== undefined, 'without a disclosure the flat form was refused')
  return seedForm(ctx, stored, { subject: disclosure.subject, evidence, bare: bare === '1' })
}

function hasFlatForm(kind: CertificateKind): kind is (typeof flatKinds)[number] {
  return flatKinds.some((each) => each === kind)
}

function refuseFlatForm({ certificate_id, kind }: store.StoredCertificate, disclosure: Disclosure | undefined): void {
  if (!hasFlatForm(kind)) {
    throw new Problem('certificates/no-flat-form', {
      detail: `${certificate_id} is a certificate of the kind ${kind}; ${flatKinds.join(' and ')} have a flat form.`,
      certificate_id,
    })
  }
  if (!disclosure) {
    throw new Problem('certificates/no-disclosure', {
      detail: `The flat form shows a name, and the name behind ${certificate_id} was erased.`,
      certificate_id,
    })
  }
}

/** What was certified, as whoever computed it keeps it: it must be what the certificate says. */
async function evidenceFor(
  ctx: Context,
  stored: store.StoredCertificate,
  sources: CertificateSources,
): Promise<EvidenceOf<CertificateKind> | undefined> {
  const evidence = await sources.evidence?.[stored.kind]?.(ctx, stored.record_id)
  if (!evidence) return undefined
  const kind: Kind = kinds[stored.kind]
  const certified = kind.digestsStated(documentOf(stored).credentialSubject)
  const found = kind.digestsOf(evidence)
  const parts = [...new Set([...Object.keys(certified), ...Object.keys(found)])] as Part[]
  const altered = parts.filter((part) => certified[part] !== found[part])
  invariant(altered.length === 0, `${altered.join(', ')} stored for ${stored.certificate_id} is not what was certified`)
  return evidence
}

/** The flat form is made when it is asked for: it holds a name, which is kept under the subject's key only. */
async function seedForm(
  ctx: Context,
  stored: store.StoredCertificate,
  { subject, evidence, bare }: { subject: Subject; evidence: EvidenceOf<CertificateKind> | undefined; bare: boolean },
): Promise<SeedForm> {
  await ctx.keyring.ready()
  const kid = ctx.keyring.activeKey('certificate-seed')?.kid
  if (kid === undefined)
    throw new KeyringError(
      'There is no active key for the flat form. Make one with: tidemark signing-keys rotate certificate-seed',
    )
  invariant(hasFlatForm(stored.kind), 'other kinds were refused')
  const make: (source: SeedFormSource<never>) => UnsignedSeedForm = seedFormOf[stored.kind]
  const form = make({ document: documentOf(stored), subject, kid, evidence } as SeedFormSource<never>)
  return sealSeedForm(form, await ctx.keyring.sign('certificate-seed', seedSignedBytes(form)), { bare })
}

async function bundleOf(
  ctx: Context,
  stored: store.StoredCertificate,
  { disclosure, evidence }: { disclosure: Disclosure | undefined; evidence: EvidenceOf<CertificateKind> | undefined },
): Promise<Bundle> {
  const flat = disclosure && hasFlatForm(stored.kind)
  const seed_form = flat && (await seedForm(ctx, stored, { subject: disclosure.subject, evidence, bare: false }))
  await ctx.keyring.ready()
  return {
    format: 'tidemark-bundle',
    version: 1,
    certificate: documentOf(stored) as unknown as Bundle['certificate'],
    ...(seed_form ? { seed_form } : {}),
    ...(disclosure ? { disclosure } : {}),
    ...(evidence ? { evidence } : {}),
    keys: ctx.keyring.jwks() as Bundle['keys'],
  }
}

async function load(ctx: Context, id: string): Promise<store.StoredCertificate> {
  const stored = await store.findCertificate(ctx.db, id)
  if (!stored)
    throw new Problem('certificates/unknown-certificate', {
      detail: `No certificate ${id} was issued here.`,
      certificate_id: id,
    })
  return stored
}

function documentOf(stored: store.StoredCertificate): SignedCertificate {
  return JSON.parse(stored.document) as SignedCertificate
}

/** Salt and subject, or undefined once the subject's key is gone. */
async function discloses(
  ctx: Context,
  { certificate_id, organisation_id, subject_ref, disclosure }: store.StoredCertificate,
): Promise<Disclosure | undefined> {
  const wrapped = await store.findSubjectKey(ctx.db, organisation_id, subject_ref)
  if (!wrapped) return undefined
  const key = ctx.keyring.unwrap(`certificates.subject:${subject_ref}`, wrapped)
  // A key made after an erasure opens what came after it, and nothing from before.
  const opened = aead.decrypt(key, utf8(certificate_id), disclosure)
  return opened && (JSON.parse(opened.toString('utf8')) as Disclosure)
}

export async function list(ctx: Context, input: InputOf<typeof listRoute>): Promise<OutputOf<typeof listRoute>> {
  const rows = await store.listCertificates(ctx.db, input)
  return {
    certificates: rows.map((row) => {
      const stated = documentOf(row).credentialSubject
      const kind: Kind = kinds[row.kind]
      const [says_en, says_fr] = kind.says(stated)
      return {
        certificate_id: row.certificate_id,
        kind: row.kind,
        record_id: row.record_id,
        certificate_hash: row.certificate_hash,
        kid: row.kid,
        issued_at: row.issued_at.toISOString(),
        says_en,
        says_fr,
        ...('totals' in stated ? { calculation_id: row.record_id, emissions_kg_co2e: stated.totals.emissions } : {}),
      }
    }),
  }
}

/** Checks with this server's own keys; a replay is computed when it is asked for and possible. */
export async function verify(
  ctx: Context,
  { bytes, replay }: { bytes: Uint8Array } & Pick<InputOf<typeof verifyRoute>, 'replay'>,
  sources: CertificateSources = {},
): Promise<Report> {
  await ctx.keyring.ready()
  return verifyCertificate(textOf(bytes), {
    trusted_keys: ctx.keyring.jwks(),
    verifyRsaPss: rsaPssWith(globalThis.crypto.subtle),
    ...(replay === '1' ? { replayers: sources.replayers ?? {} } : {}),
  })
}

/**
 * Reads UTF-8 as it stands: bytes that are no text are refused, and a byte-order mark is not dropped.
 * @throws Problem `certificates/unreadable-json`
 */
export function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new Problem('certificates/unreadable-json', { detail: 'The file is not UTF-8 text.' })
  }
}

/** RSA-PSS with a salt of 32 bytes over the canonical document, which any openssl checks in one line. */
export async function detachedSignature(ctx: Context, { id }: { id: string }): Promise<Uint8Array> {
  const { proof: _, ...document } = documentOf(await load(ctx, id))
  return ctx.keyring.sign('certificate-seed', utf8(canonicalize(document)), { salt: 'digest' })
}

export async function publicKeys({ keyring }: Context): Promise<Bundle['keys']> {
  await keyring.ready()
  return keyring.jwks() as Bundle['keys']
}

export async function did({ keyring, config }: Context) {
  return keyring.did(hostOf(config))
}

/** Every term that the credentials context does not define is one of ours. */
export async function vocabulary({ config }: Context) {
  return { '@context': { '@vocab': `${originOf(issuerOf(config).id)}/ns/v1#` } }
}

export async function pem({ keyring }: Context, { kid }: { kid: string }): Promise<string> {
  await keyring.ready()
  const text = keyring.pem(kid)
  if (text === undefined)
    throw new Problem('certificates/unknown-key', { detail: `No key ${kid} is published here.`, kid })
  return text
}

/**
 * Refuses to go on when a stored certificate was signed by a key that is not in the keyring: the data folder was lost or
 * mixed up, and new certificates would hide it.
 * @throws KeyringError
 */
export async function refuseLostKeys({ db, keyring }: Context): Promise<void> {
  const lost = (await store.listKids(db)).filter((kid) => !keyring.has(kid))
  if (lost.length > 0) {
    throw new KeyringError(
      `The database holds certificates signed by ${lost.join(', ')}, and the keyring does not know ${lost.length === 1 ? 'that key' : 'those keys'}. Restore the folder "keys" of the data folder from a backup.`,
    )
  }
}
