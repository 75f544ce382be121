import { randomBytes } from 'node:crypto'
import { evidenceDigestsOf } from '@tidemark/core/certificates/bundle.ts'
import { assertProfile, canonicalize } from '@tidemark/core/certificates/canonical.ts'
import {
  buildCertificate,
  certificateHash,
  commitmentOf,
  normalizedSubject,
  originOf,
  proofOptionsFor,
} from '@tidemark/core/certificates/certificate.ts'
import type {
  Bundle,
  CertificateFacts,
  Disclosure,
  EmissionCertificate,
  Evidence,
  get as getRoute,
  list as listRoute,
  Report,
  SeedForm,
  Subject,
  verify as verifyRoute,
} from '@tidemark/core/certificates/contract.ts'
import { utf8 } from '@tidemark/core/certificates/encoding.ts'
import { rsaPssWith } from '@tidemark/core/certificates/keys.ts'
import { attachProof, signedBytes } from '@tidemark/core/certificates/proof.ts'
import { sealSeedForm, seedFormOf, seedSignedBytes } from '@tidemark/core/certificates/seed-form.ts'
import { verifyCertificate, type ReplayAnswer } from '@tidemark/core/certificates/verify.ts'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { publicOrigin, type Config } from '../platform/config.ts'
import type { Context } from '../platform/context.ts'
import { newId } from '../platform/ids.ts'
import { organisationOf } from '../platform/tenancy.ts'
import { aead, didOf, KeyringError } from '../platform/keyring.ts'
import * as store from './store.ts'

/** What the capabilities above hand in: they know what was calculated, certificates know that it was signed. */
export interface CertificateSources {
  /** What a calculation was computed from and came to, or undefined when it is not kept. */
  evidenceOf?: (ctx: Context, calculation_id: string) => Promise<Evidence | undefined>
  /** Computes evidence again. */
  replay?: (evidence: Evidence) => Promise<ReplayAnswer>
}

/** What an emission certificate is to state, and whom it speaks of. */
export type FactsToCertify = Omit<
  CertificateFacts,
  'certificate_id' | 'issuer' | 'valid_from' | 'subject_commitment'
> & {
  subject: Subject
}

export interface IssuedCertificate {
  certificate_id: string
  certificate_hash: string
  document: EmissionCertificate
}

/**
 * Signs and stores a certificate. Joins the transaction of `ctx.db`: what is certified and its certificate are there
 * together or not at all.
 * @throws Problem `certificates/outside-profile` when a text among the facts cannot be signed as it is.
 */
export async function issueEmissionCertificate(
  ctx: Context,
  { subject, ...facts }: FactsToCertify,
): Promise<IssuedCertificate> {
  const issued_at = ctx.now()
  const certificate_id = newId('cert', issued_at)
  const disclosure = { salt: randomBytes(32).toString('hex'), subject: normalizedSubject(subject) }
  assertProfile(disclosure.subject)
  const document = buildCertificate({
    ...facts,
    certificate_id,
    issuer: issuerOf(ctx.config),
    valid_from: issued_at.toISOString(),
    subject_commitment: commitmentOf(disclosure.subject, disclosure.salt),
  })
  const { signed, kid } = await signDocument(ctx, document, issued_at)
  const certificate_hash = certificateHash(document)
  const organisation_id = organisationOf(ctx)
  await ctx.db.transaction(async (tx) => {
    const subject_ref = subjectRef(ctx, disclosure.subject)
    const key = await subjectKey({ ...ctx, db: tx }, organisation_id, subject_ref, issued_at)
    await store.insertCertificate(tx, {
      certificate_id,
      organisation_id,
      calculation_id: facts.calculation_id,
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

async function signDocument(
  { keyring }: Context,
  document: ReturnType<typeof buildCertificate>,
  at: Date,
): Promise<{ signed: EmissionCertificate; kid: string }> {
  const kid = keyring.activeKey('certificate')?.kid
  if (kid === undefined)
    throw new KeyringError(
      'There is no active key for certificates. Make one with: tidemark signing-keys rotate certificate',
    )
  const options = proofOptionsFor(document, kid, at.toISOString())
  const signature = await keyring.sign('certificate', signedBytes(document, options))
  return { signed: attachProof(document, options, signature) as EmissionCertificate, kid }
}

/** Host and port under which this server is known. */
export function hostOf(config: Pick<Config, 'host' | 'port' | 'public_origin'>): string {
  const { hostname, port } = new URL(publicOrigin(config))
  // did:web allows names only; an address that means "this machine" has one.
  const name = /^(?:127\.|0\.0\.0\.0$|\[::1?\]$)/.test(hostname) ? 'localhost' : hostname
  return port === '' || port === '443' ? name : `${name}:${port}`
}

export function issuerOf(config: Pick<Config, 'host' | 'port' | 'public_origin'>): CertificateFacts['issuer'] {
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
): Promise<{ certificate: EmissionCertificate; disclosure?: Disclosure }[]> {
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
  if (format === 'vc') return certificate
  const disclosure = await discloses(ctx, stored)
  if (format === 'seed') {
    if (!disclosure)
      throw new Problem('certificates/no-disclosure', {
        detail: `The flat form shows a name, and the name behind ${id} was erased.`,
        certificate_id: id,
      })
    return seedForm(ctx, certificate, disclosure.subject, bare === '1')
  }
  return bundleOf(ctx, certificate, disclosure, await sources.evidenceOf?.(ctx, stored.calculation_id))
}

/** The flat form is made when it is asked for: it holds a name, which is kept under the subject's key only. */
async function seedForm(
  ctx: Context,
  certificate: EmissionCertificate,
  subject: Subject,
  bare: boolean,
): Promise<SeedForm> {
  await ctx.keyring.ready()
  const kid = ctx.keyring.activeKey('certificate-seed')?.kid
  if (kid === undefined)
    throw new KeyringError(
      'There is no active key for the flat form. Make one with: tidemark signing-keys rotate certificate-seed',
    )
  const form = seedFormOf(certificate, subject, kid)
  return sealSeedForm(form, await ctx.keyring.sign('certificate-seed', seedSignedBytes(form)), { bare })
}

async function bundleOf(
  ctx: Context,
  certificate: EmissionCertificate,
  disclosure: Disclosure | undefined,
  evidence: Evidence | undefined,
): Promise<Bundle> {
  if (evidence) {
    const { inputs, factors, airports, resultDigest } = certificate.credentialSubject
    const digests = evidenceDigestsOf(evidence)
    const same =
      digests.inventory === inputs.digest && digests.factors === factors.digest && digests.result === resultDigest
    invariant(
      same && digests.airports === airports?.digest,
      `what is stored for ${certificate.id} is not what was certified`,
    )
  }
  const seed_form = disclosure && (await seedForm(ctx, certificate, disclosure.subject, false))
  await ctx.keyring.ready()
  return {
    format: 'tidemark-bundle',
    version: 1,
    certificate,
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

function documentOf(stored: store.StoredCertificate): EmissionCertificate {
  return JSON.parse(stored.document) as EmissionCertificate
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

export async function list(ctx: Context, { limit }: InputOf<typeof listRoute>): Promise<OutputOf<typeof listRoute>> {
  const rows = await store.listCertificates(ctx.db, limit)
  return {
    certificates: rows.map((row) => ({
      certificate_id: row.certificate_id,
      calculation_id: row.calculation_id,
      certificate_hash: row.certificate_hash,
      kid: row.kid,
      issued_at: row.issued_at.toISOString(),
      emissions_kg_co2e: documentOf(row).credentialSubject.totals.emissions,
    })),
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
    ...(replay === '1' && sources.replay ? { replay: sources.replay } : {}),
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
