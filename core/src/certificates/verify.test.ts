import { ed25519 } from '@noble/curves/ed25519.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { invariant } from '../lib/invariant.ts'
import { Problem } from '../lib/problem.ts'
import { evidenceDigestsOf } from './bundle.ts'
import { digestOf } from './canonical.ts'
import { buildCertificate, certificateHash, commitmentOf, proofOptionsFor, type IssuingFacts } from './certificate.ts'
import { EmissionCertificate, Report, type EmissionSeedForm } from './contract.ts'
import { base64urlOf, sha256Bytes } from './encoding.ts'
import { rsaPssWith, thumbprintOf, type Jwks } from './keys.ts'
import type { FactsOf } from './kinds/kinds.ts'
import { attachProof, signedBytes } from './proof.ts'
import { seedFormOf, seedHash } from './seed-form.ts'
import { verifyCertificate, type ReplayAnswer, type VerifyOptions } from './verify.ts'
import vectors from './vectors/certificates.json' with { type: 'json' }
import bundle from './vectors/example-bundle.json' with { type: 'json' }
import certificate from './vectors/example-certificate.json' with { type: 'json' }
import example from './vectors/example-facts.json' with { type: 'json' }

const keys: Jwks = bundle.keys
const [ed_key, rsa_key] = bundle.keys.keys
const verifyRsaPss = rsaPssWith(globalThis.crypto.subtle)
const options: VerifyOptions = { trusted_keys: keys, verifyRsaPss }
const secret = sha256Bytes(example.key_sentence)

const trusts: Record<string, Jwks> = {
  example: keys,
  none: { keys: [] },
  other_use: { keys: bundle.keys.keys.map((key) => ({ ...key, tidemark_use: 'log' })) },
  mislabelled: { keys: [{ ...ed_key, kty: 'OKP', x: base64urlOf(ed25519.getPublicKey(sha256Bytes('another key'))) }] },
}

interface Edit {
  set?: string
  value?: unknown
  remove?: string
  find?: string
  replace?: string
  minify?: boolean
  reverse_keys?: boolean
  reverse_list?: string
  truncate?: number
  append?: string
  wrap?: boolean
  replace_all?: unknown
  rehash?: boolean
}

describe('the vectors', () => {
  test('hold more invalid cases than valid ones', () => {
    const valid = vectors.cases.filter((each) => each.expect.outcome === 'valid').length
    expect(vectors.cases.length - valid).toBeGreaterThan(5 * valid)
  })

  test.each(vectors.cases)('$of: $desc → $expect.outcome', async ({ of, edit, expect: wanted, trust }) => {
    const source = { certificate, bundle, seed: bundle.seed_form }[of as 'certificate' | 'bundle' | 'seed']
    const text = edited(JSON.stringify(source, null, 1), edit)
    const report = await verifyCertificate(text, {
      ...options,
      trusted_keys: trusts[trust ?? 'example'] ?? { keys: [] },
    })
    expect(report.outcome, JSON.stringify(report.checks, null, 1)).toBe(wanted.outcome)
    const named = report.checks.filter((check) => check.status === 'failed').map((check) => check.path)
    expect(
      wanted.path === undefined || named.includes(wanted.path),
      `${wanted.path} should be among ${named.join(', ')}`,
    ).toBe(true)
    expect(Report.parse(report)).toEqual(report)
  })
})

describe('the example certificate', () => {
  test('is what its facts and its key give, byte for byte', () => {
    const facts = example.facts satisfies IssuingFacts & FactsOf<'emission_calculation'>
    const document = buildCertificate('emission_calculation', facts)
    const proof = proofOptionsFor(document, String(ed_key?.kid), facts.valid_from)
    const signed = attachProof(document, proof, ed25519.sign(signedBytes(document, proof), secret))
    expect(signed).toEqual(certificate)
    expect(EmissionCertificate.parse(signed)).toEqual(certificate)
  })

  test('has the hash that is the second half of the signed bytes', () => {
    const { proof, ...document } = certificate
    const { proofValue: _, ...rest } = proof
    expect(Buffer.from(signedBytes(document, rest).slice(32)).toString('hex')).toBe(certificateHash(certificate))
  })

  test('names nobody', () => {
    expect(JSON.stringify(certificate)).not.toMatch(/Marée|org-1|62\.01Z/)
  })

  test('states in its flat form what it states itself, in tonnes', () => {
    const form = seedFormOf.emission_calculation({
      document: EmissionCertificate.parse(certificate),
      subject: bundle.disclosure.subject,
      kid: String(rsa_key?.kid),
    }) as EmissionSeedForm
    const { digital_signature: _, certificate_hash: __, ...stated } = bundle.seed_form
    expect(form).toEqual(stated)
    expect(form.calculation.total_emissions_tons_co2e).toBe(9.27521645)
  })
})

describe('a report', () => {
  test('says in the headline which total was altered', async () => {
    const changed = structuredClone(bundle)
    changed.certificate.credentialSubject.totals.emissions = '1'
    const report = await verifyCertificate(changed, options)
    expect(report.says_en).toContain(
      '/certificate/credentialSubject/totals/emissions was altered: the certificate says 1, the evidence 9275.21645',
    )
    expect(report.says_fr).toContain('Altéré')
  })

  test('says that a carried key proves nothing, and that the signature is consistent with it', async () => {
    const report = await verifyCertificate(bundle, { ...options, trusted_keys: { keys: [] } })
    expect(report.outcome).toBe('untrusted_key')
    expect(report.checks).toContainEqual(
      expect.objectContaining({
        name: 'key',
        status: 'failed',
        says_en: expect.stringContaining('consistent with the key carried'),
      }),
    )
    expect(report.checks).toContainEqual(expect.objectContaining({ name: 'signature', status: 'passed' }))
  })

  test('does not call a flat form valid where RSA cannot be checked', async () => {
    const report = await verifyCertificate(bundle.seed_form, { trusted_keys: keys })
    expect(report.outcome).toBe('unreadable')
  })

  test('calls a document unreadable that a trusted key signed and that is no emission certificate', async () => {
    const { proof: _, ...document } = { ...certificate, type: ['VerifiableCredential', 'SomethingElse'] }
    const proof = proofOptionsFor(
      buildCertificate('emission_calculation', example.facts),
      String(ed_key?.kid),
      '2025-01-31T09:30:00.000Z',
    )
    const report = await verifyCertificate(
      attachProof(document, proof, ed25519.sign(signedBytes(document, proof), secret)),
      options,
    )
    expect(report.outcome).toBe('unreadable')
  })

  test('a certificate by another key in the same issuer’s name is not proven', async () => {
    const other = sha256Bytes('a key of somebody else')
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: base64urlOf(ed25519.getPublicKey(other)) }
    const kid = String(thumbprintOf(jwk))
    const document = buildCertificate('emission_calculation', {
      ...example.facts,
      totals: { ...example.facts.totals, emissions_kg_co2e: '1' },
    })
    const proof = proofOptionsFor(document, kid, '2025-01-31T09:30:00.000Z')
    const forged = attachProof(document, proof, ed25519.sign(signedBytes(document, proof), other))
    const carried = { keys: [{ ...jwk, kid, tidemark_use: 'certificate' }] }
    const report = await verifyCertificate(
      { format: 'tidemark-bundle', version: 1, certificate: forged, keys: carried },
      options,
    )
    expect(report.outcome).toBe('untrusted_key')
  })

  test('reads a flat form without key id, as an older service signed it, with floats and all', async () => {
    const { subtle } = globalThis.crypto
    const pair = await subtle.generateKey(
      { name: 'RSA-PSS', modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1), hash: 'SHA-256' },
      true,
      ['sign', 'verify'],
    )
    const jwk = await subtle.exportKey('jwk', pair.publicKey)
    const key = { kty: 'RSA', n: jwk.n, e: jwk.e }
    // Written as Python would: sorted, 25.0 kept, non-ASCII escaped.
    const signed =
      '{"calculation":{"scope3_emissions":25.0,"total_emissions_tons_co2e":150.5},"certificate_type":"emission_calculation","company":{"name":"Mar\\u00e9e"}}'
    const signature = Buffer.from(
      await subtle.sign({ name: 'RSA-PSS', saltLength: 222 }, pair.privateKey, Buffer.from(signed)),
    ).toString('base64')
    const text = `${signed.slice(0, -1)},"digital_signature":"${signature}"}`
    const trusted_keys = { keys: [{ ...key, kid: String(thumbprintOf(key)), tidemark_use: 'certificate-seed' }] }
    expect(await verifyCertificate(text, { trusted_keys, verifyRsaPss })).toMatchObject({
      outcome: 'valid',
      form: 'seed',
    })
    expect(await verifyCertificate(text.replace('25.0', '25'), { trusted_keys, verifyRsaPss })).toMatchObject({
      outcome: 'altered',
    })
    expect(await verifyCertificate(text.replace('Mar\\u00e9e', 'Marée'), { trusted_keys, verifyRsaPss })).toMatchObject(
      { outcome: 'valid' },
    )
  })
})

describe('a replay', () => {
  const certified = evidenceDigestsOf(bundle.evidence).result
  const answers = (answer: ReplayAnswer): VerifyOptions => ({
    ...options,
    replayers: { emission_calculation: async () => answer },
  })

  test('that gives the same digits is said to', async () => {
    const report = await verifyCertificate(bundle, answers({ same: true, result_digest: certified }))
    expect(report.outcome).toBe('valid')
    expect(report.checks).toContainEqual(expect.objectContaining({ name: 'replay', status: 'passed' }))
  })

  test('that differs names the first differing line', async () => {
    const first_difference = { path: '/lines/1/emissions_kg_co2e', line_id: 'grid', expected: 1271, found: 1300 }
    const report = await verifyCertificate(
      bundle,
      answers({ same: false, result_digest: digestOf(1), first_difference }),
    )
    expect(report.outcome).toBe('replay_differs')
    expect(report.checks).toContainEqual(
      expect.objectContaining({
        name: 'replay',
        status: 'failed',
        line_id: 'grid',
        path: '/evidence/result/lines/1/emissions_kg_co2e',
        expected: '1271',
        found: '1300',
      }),
    )
  })

  test('that claims to be the same with another digest is not believed', async () => {
    expect(await verifyCertificate(bundle, answers({ same: true, result_digest: digestOf(1) }))).toMatchObject({
      outcome: 'replay_differs',
    })
  })

  test('that refuses the evidence is a finding, with the place', async () => {
    const replay = async (): Promise<never> => {
      throw new Problem('footprint/invalid-inventory', {
        detail: 'A line has a fault.',
        faults: [{ path: '/lines/0/unit', code: 'unknown-unit', message: 'no' }],
      })
    }
    const report = await verifyCertificate(bundle, { ...options, replayers: { emission_calculation: replay } })
    expect(report.outcome).toBe('replay_differs')
    expect(report.checks).toContainEqual(
      expect.objectContaining({ name: 'replay', status: 'failed', path: '/evidence/inventory/lines/0/unit' }),
    )
  })

  test('that crashes is a bug, and stays one', async () => {
    const replay = async (): Promise<never> => {
      throw new TypeError('a bug')
    }
    await expect(
      verifyCertificate(bundle, { ...options, replayers: { emission_calculation: replay } }),
    ).rejects.toThrow(TypeError)
  })
})

describe('random changes', () => {
  /** Places of a document, leaves and branches, as paths. */
  const places = (node: unknown, path: string[] = []): string[][] => [
    ...(path.length > 0 ? [path] : []),
    ...(typeof node === 'object' && node !== null
      ? Object.entries(node).flatMap(([key, member]) => places(member, [...path, key]))
      : []),
  ]
  const change = (
    source: object,
    path: readonly string[],
    how: { kind: string; value: unknown; at: number },
  ): unknown => {
    const copy = structuredClone(source) as Record<string, unknown>
    const parent = path
      .slice(0, -1)
      .reduce<Record<string, unknown>>((node, key) => node[key] as Record<string, unknown>, copy)
    const key = path.at(-1) ?? ''
    const old = parent[key]
    if (how.kind === 'remove') {
      if (Array.isArray(parent)) parent.splice(Number(key), 1)
      else delete parent[key]
    } else if (how.kind === 'add' && typeof old === 'object' && old !== null)
      (old as Record<string, unknown>)[Array.isArray(old) ? String(old.length) : 'added'] = how.value
    else if (typeof old === 'string' && how.kind === 'edit') {
      const i = how.at % Math.max(old.length, 1)
      parent[key] = old.slice(0, i) + String.fromCharCode(33 + (how.at % 94)) + old.slice(i + (how.at % 2))
    } else parent[key] = how.value
    return copy
  }
  const how = fc.record({
    kind: fc.constantFrom('remove', 'add', 'edit', 'replace'),
    value: fc.jsonValue({ maxDepth: 2 }),
    at: fc.nat(10_000),
  })

  test('of a certificate are never valid: 2,500 of them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places(certificate)), how, async (path, edit) => {
        const changed = change(certificate, path, edit)
        fc.pre(digestOf(changed) !== digestOf(certificate))
        expect((await verifyCertificate(changed as object, options)).outcome).not.toBe('valid')
      }),
      { numRuns: 2500 },
    )
  })

  test('of what a bundle holds are never valid: 1,000 of them', async () => {
    const { keys: carried, ...rest } = bundle
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places(rest).filter((path) => path.length > 1)), how, async (path, edit) => {
        const changed = change(rest, path, edit) as typeof rest
        fc.pre(digestOf(changed) !== digestOf(rest))
        // The flat form may go without its own hash: it is then the bare form.
        fc.pre(!(path.join('/') === 'seed_form/certificate_hash' && edit.kind === 'remove'))
        // So may the result without the digest of itself: the certificate holds it.
        fc.pre(!(path.join('/') === 'evidence/result/result_digest' && edit.kind === 'remove'))
        expect((await verifyCertificate({ ...changed, keys: carried }, options)).outcome).not.toBe('valid')
      }),
      { numRuns: 1000 },
    )
  })

  test('of a flat form are never valid: 1,000 of them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...places(bundle.seed_form)), how, async (path, edit) => {
        fc.pre(!(path[0] === 'certificate_hash' && edit.kind === 'remove'))
        const changed = change(bundle.seed_form, path, edit)
        fc.pre(digestOf(changed) !== digestOf(bundle.seed_form))
        expect((await verifyCertificate(changed as object, options)).outcome).not.toBe('valid')
      }),
      { numRuns: 1000 },
    )
  })

  test('of single characters of the text are never valid unless they mean the same: 2,000 of them', async () => {
    const text = JSON.stringify(certificate, null, 1)
    await fc.assert(
      fc.asyncProperty(
        fc.nat(text.length - 1),
        fc.constantFrom(...'"{}[]:,\\0123456789eE+-. \nzAtrufalsn\u00e9'),
        fc.constantFrom(0, 1),
        async (i, character, removed) => {
          const changed = text.slice(0, i) + character + text.slice(i + removed)
          const report = await verifyCertificate(changed, options)
          expect(report.outcome !== 'valid' || digestOf(JSON.parse(changed)) === digestOf(certificate), changed).toBe(
            true,
          )
        },
      ),
      { numRuns: 2000 },
    )
  })
})

test('a commitment opens with its salt and subject, and with no other', () => {
  const { salt, subject } = bundle.disclosure
  expect(commitmentOf(subject, salt)).toBe(certificate.credentialSubject.subjectCommitment)
  expect(commitmentOf({ ...subject, name: 'Atelier Maree' }, salt)).not.toBe(
    certificate.credentialSubject.subjectCommitment,
  )
  expect(() => commitmentOf(subject, 'ab')).toThrow(/salt/)
})

test.each(['\u0000', 'e\u0301', '\u0085', '\u007f'])(
  'an issuer whose name holds %j is refused before anything is signed',
  (text) => {
    expect(() =>
      buildCertificate('emission_calculation', {
        ...example.facts,
        issuer: { ...example.facts.issuer, name: `X${text}` },
      }),
    ).toThrow(Problem)
  },
)

/** Applies a vector's edits to the text of a document. */
function edited(text: string, edits: readonly Edit[]): string {
  return edits.reduce((before, edit) => {
    if (edit.find !== undefined) {
      invariant(before.includes(edit.find), `a vector looks for ${edit.find}, which is not there`)
      return before.replace(edit.find, () => edit.replace ?? '')
    }
    if (edit.truncate !== undefined) return before.slice(0, edit.truncate)
    if (edit.append !== undefined) return before + edit.append
    const value: unknown = JSON.parse(before)
    if (edit.minify) return JSON.stringify(value)
    if (edit.wrap) return JSON.stringify([value])
    if (edit.reverse_keys) return JSON.stringify(reversed(value), null, 1)
    if (edit.replace_all !== undefined) return JSON.stringify(edit.replace_all)
    if (edit.rehash)
      return JSON.stringify({ ...(value as object), certificate_hash: seedHash(value as object) }, null, 1)
    const path = (edit.set ?? edit.remove ?? edit.reverse_list ?? '').split('/').slice(1)
    const parent = path
      .slice(0, -1)
      .reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], value) as Record<string, unknown>
    const key = path.at(-1) ?? ''
    if (edit.reverse_list !== undefined) (parent[key] as unknown[]).reverse()
    else if (edit.set !== undefined)
      parent[key] =
        typeof edit.value === 'string'
          ? edit.value.replace('{rsa_kid}', String(rsa_key?.kid)).replace('{ed_kid}', String(ed_key?.kid))
          : edit.value
    else if (Array.isArray(parent)) parent.splice(Number(key), 1)
    else delete parent[key]
    return JSON.stringify(value, null, 1)
  }, text)
}

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, reversed(member)]),
  )
}
