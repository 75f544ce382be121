import { ed25519 } from '@noble/curves/ed25519.js'
import { describe, expect, test } from 'vitest'
import { buildCertificate, proofOptionsFor, type IssuingFacts } from './certificate.ts'
import { Report } from './contract.ts'
import { Certificate } from './document.ts'
import { base64urlOf, sha256Bytes } from './encoding.ts'
import { thumbprintOf } from './keys.ts'
import { amountFits, decisionSentence } from './kinds/credit-decision.ts'
import { certificateKinds, type CertificateKind, type FactsOf } from './kinds/kinds.ts'
import { attachProof, signedBytes } from './proof.ts'
import { verifyCertificate, type Replayers } from './verify.ts'
import emission from './vectors/example-bundle.json' with { type: 'json' }
import example from './vectors/example-facts.json' with { type: 'json' }
import vectors from './vectors/kinds.json' with { type: 'json' }

const { keys } = emission
const kid = String(keys.keys[0]?.kid)
const secret = sha256Bytes(example.key_sentence)
const names = ['sensor_batch', 'project_analysis', 'credit_decision'] as const
type Name = (typeof names)[number]
type Json = { [key: string]: Json } & Json[]

const verify = (file: object, replayers?: Replayers) =>
  verifyCertificate(file, { trusted_keys: keys, ...(replayers ? { replayers } : {}) })
const bundleOf = (name: Name) => ({ ...vectors[name].bundle, keys })
const factsOf = (name: Name) => vectors[name].facts as unknown as IssuingFacts & FactsOf<Name>

function sign(document: object, key = secret): object {
  const { x, crv, kty } = { x: base64urlOf(ed25519.getPublicKey(key)), crv: 'Ed25519', kty: 'OKP' }
  const own = String(thumbprintOf({ kty, crv, x }))
  const options = proofOptionsFor(buildCertificate('credit_decision', factsOf('credit_decision') as never), own, '2026-03-02T08:00:00.000Z') // oxfmt-ignore
  return attachProof(document, options, ed25519.sign(signedBytes(document, options), key))
}

describe.each(names)('a certificate of the kind %s', (name) => {
  const { certificate } = vectors[name].bundle

  test('is what its facts and its key give, byte for byte, has the form that is published, and names nobody', () => {
    const document = buildCertificate(name, factsOf(name))
    const options = proofOptionsFor(document, kid, '2026-03-02T08:00:00.000Z')
    expect(attachProof(document, options, ed25519.sign(signedBytes(document, options), secret))).toEqual(certificate)
    expect(Certificate.parse(certificate)).toEqual(certificate)
    expect(JSON.stringify(certificate)).not.toMatch(/delta|mast-7|Java/i)
  })

  test('is valid alone and with its evidence, and the report says in a sentence what it states', async () => {
    expect(await verify(certificate)).toMatchObject({ outcome: 'valid', stated: { kind: name } })
    const report = await verify(bundleOf(name))
    expect(report.checks.filter(({ status }) => status === 'failed')).toEqual([])
    expect(report).toMatchObject({ outcome: 'valid', stated: { subject_name: 'Delta North' } })
    expect(Report.parse(report)).toEqual(report)
    expect([report.stated?.statement_en, report.stated?.statement_fr]).toEqual(vectors[name].says)
  })

  test('is never valid with any one field altered, added or left out, and the report names the place', async () => {
    const outcomes = await Promise.all(
      places(certificate).flatMap((path) =>
        ['edit', 'add', 'remove'].map(async (how) => {
          const changed = structuredClone(bundleOf(name))
          if (!change(changed.certificate as unknown as Json, path, how)) return []
          const report = await verify(changed)
          const named = report.checks.flatMap((check) => (check.status === 'failed' ? (check.path ?? []) : []))
          const wanted = [`/certificate/${path.join('/')}`, ...(bound[path.slice(1).join('/')]?.(name) ?? [])]
          const at = (place: string) => wanted.some((each) => each.startsWith(place) || place.startsWith(each))
          return report.outcome !== 'valid' && (path[0] !== 'credentialSubject' || named.some(at))
            ? []
            : [`${how} ${path.join('/')}: ${report.outcome}, named ${named.join(' ')}`]
        }),
      ),
    )
    expect(outcomes.flat()).toEqual([])
  })

  test('by another key in the issuer’s name is not proven', async () => {
    const { proof: _, ...document } = certificate
    const report = await verify(sign(document, sha256Bytes('a key of somebody else')))
    expect(report).toMatchObject({ outcome: 'untrusted_key' })
  })

  test('that calls itself another kind is told by what it states', async () => {
    const { proof: _, ...document } = certificate
    const other = { ...document, type: ['VerifiableCredential', 'EmissionCalculationCertificate'] }
    const report = await verify(sign(other))
    expect(report.outcome).toBe('unreadable')
    expect(report.checks).toContainEqual(expect.objectContaining({ name: 'certificate', path: '/type/1' }))
  })

  test('is not called replayed by whoever cannot compute its kind again, in the headline either', async () => {
    const unable = await verify(bundleOf(name), {
      emission_calculation: async () => ({ same: true, result_digest: '' }),
    })
    expect(unable).toMatchObject({ outcome: 'valid', not_replayed: true })
    expect(unable.says_en).toMatch(/Not replayed: this program cannot compute a certificate of/)
    expect(unable.checks).toContainEqual(expect.objectContaining({ name: 'replay', status: 'skipped' }))
    const reason = ['its pictures do not travel with it.', 'ses images ne voyagent pas avec lui.'] as const
    const told = await verify(bundleOf(name), { [name]: async () => ({ not_replayed: reason }) })
    expect(told).toMatchObject({ not_replayed: true, says_fr: expect.stringContaining(`Non rejoué : ${reason[1]}`) })
    expect(told.checks).not.toContainEqual(expect.objectContaining({ name: 'replay', status: 'passed' }))
  })

  test('is compared with what a replay of its kind gives', async () => {
    const result_digest = certificate.credentialSubject.resultDigest
    const good = await verify(bundleOf(name), { [name]: async () => ({ same: true, result_digest }) })
    expect(good.checks).toContainEqual(expect.objectContaining({ name: 'replay', status: 'passed' }))
    const taken_as_given = ['Scores were taken as given.', 'Les scores sont repris.'] as const
    const given = await verify(bundleOf(name), { [name]: async () => ({ same: true, result_digest, taken_as_given }) })
    expect(given.checks).toContainEqual(expect.objectContaining({ says_en: `Computed again, digit for digit. ${taken_as_given[0]}` })) // oxfmt-ignore
    const first_difference = { path: '/x', line_id: '7', expected: 1, found: 2 }
    const bad = await verify(bundleOf(name), { [name]: async () => ({ same: false, result_digest, first_difference }) })
    expect(bad).toMatchObject({ outcome: 'replay_differs' })
  })

  test('does not take the evidence of another kind', async () => {
    const { evidence } = emission
    expect((await verify({ ...bundleOf(name), evidence })).outcome).toBe('unreadable')
  })
})

describe('a credit decision', () => {
  test.each([
    ['approved', '12.5', 'approved for 12.5 tCO2e'],
    ['approved_partial', '3', 'approved in part for 3 tCO2e'],
    ['rejected', '0', 'rejected'],
    ['more_evidence', '0', 'not decided: more evidence is needed'],
  ] as const)('%s says: %s → %s', (decision, amount, sentence) => {
    const facts = { ...factsOf('credit_decision'), decision, approved_t_co2e: amount }
    const document = buildCertificate('credit_decision', facts as never)
    expect(document.credentialSubject.statement).toBe(sentence)
    expect(decisionSentence(decision, amount)).toBe(sentence)
    expect(amountFits(decision, amount === '0' ? '4' : '0.00')).toBe(false)
  })

  test('for an amount that does not fit is not issued, and one that a trusted key signed all the same is not valid', async () => {
    const facts = { ...factsOf('credit_decision'), decision: 'rejected' }
    expect(() => buildCertificate('credit_decision', facts as never)).toThrow(/nothing else is for an amount/)
    const { proof: _, ...document } = vectors.credit_decision.bundle.certificate
    for (const change of [{ statement: 'approved for 999 tCO2e' }, { decision: 'rejected' }]) {
      const credentialSubject = { ...document.credentialSubject, ...change }
      expect((await verify(sign({ ...document, credentialSubject }))).outcome).toBe('unreadable')
    }
  })
})

test('a digest binds a part of the evidence, and an altered part is named', async () => {
  const bundle = structuredClone(bundleOf('project_analysis'))
  const { inputs } = bundle.evidence as { inputs: object[] }
  Object.assign(inputs[0] ?? {}, { value: 99 })
  const report = await verify(bundle)
  expect(report).toMatchObject({ outcome: 'altered' })
  expect(report.checks).toContainEqual(expect.objectContaining({ name: 'inputs', path: '/evidence/inputs' }))
})

test('every kind has a vector, or is the one that the older vectors are of', () => {
  expect([...names, 'emission_calculation'].sort()).toEqual([...certificateKinds].sort() satisfies CertificateKind[])
})

/** What a digest is of: there its change is told. A statement is bound by decision and amount. */
const bound: Record<string, (name: Name) => string[]> = {
  'inputs/digest': (name) => [name === 'sensor_batch' ? '/evidence/readings' : '/evidence/inputs'],
  'past/digest': () => ['/evidence/past'],
  resultDigest: () => ['/evidence/result'],
}

/** Every member of a document, as a path. */
function places(node: unknown, path: string[] = []): string[][] {
  if (typeof node !== 'object' || node === null) return [path]
  const inside = Object.entries(node).flatMap(([key, member]) => places(member, [...path, key]))
  return path.length === 0 ? inside : [path, ...inside]
}

/** Changes one member. Returns false where that means nothing, such as adding to a text. */
function change(document: Json, path: readonly string[], how: string): boolean {
  const parent = path.slice(0, -1).reduce((node, key) => node[key] as Json, document)
  const key = path.at(-1) ?? ''
  const old: unknown = parent[key]
  const is_branch = typeof old === 'object' && old !== null
  if (how === 'remove') {
    if (Array.isArray(parent)) parent.splice(Number(key), 1)
    else delete parent[key]
    return true
  }
  if (how === 'add') {
    if (!is_branch) return false
    if (Array.isArray(old)) (old as unknown[]).push(structuredClone(old[0]))
    else Object.assign(old, { added: '1' })
    return true
  }
  if (is_branch) return false
  const edited = typeof old === 'number' ? old + 1 : old === null ? '7' : otherEnd(String(old))
  Object.assign(parent, { [key]: edited })
  return true
}

function otherEnd(text: string): string {
  const end = text.at(-1) ?? ''
  return text.slice(0, -1) + (/[0-9a-f]/.test(end) ? (end === '7' ? '8' : '7') : 'x')
}
