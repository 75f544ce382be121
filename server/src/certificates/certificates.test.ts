import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { evidenceDigestsOf } from '@tidemark/core/certificates/bundle.ts'
import { decimalOf } from '@tidemark/core/certificates/canonical.ts'
import { certificateHash, commitmentOf } from '@tidemark/core/certificates/certificate.ts'
import * as contract from '@tidemark/core/certificates/contract.ts'
import example from '@tidemark/core/certificates/vectors/example-bundle.json' with { type: 'json' }
import kinds from '@tidemark/core/certificates/vectors/kinds.json' with { type: 'json' }
import { newId } from '../platform/ids.ts'
import { openTestApp, type TestApp } from '../platform/testing.ts'
import { createCertificates } from './http.ts'
import {
  eraseSubject,
  issueCertificate,
  refuseLostKeys,
  type FactsToCertify,
  type IssuedCertificate,
} from './service.ts'

const evidence: contract.Evidence = example.evidence
const certified = new Set<string>()
const capability = createCertificates({
  evidence: {
    emission_calculation: async (_ctx, calculation_id) => (certified.has(calculation_id) ? evidence : undefined),
    project_analysis: async () => kinds.project_analysis.bundle.evidence,
  },
  replayers: {
    emission_calculation: async () => ({ same: true, result_digest: evidenceDigestsOf(evidence).result }),
  },
})

let app: TestApp
let folder: string
beforeAll(async () => {
  app = await openTestApp({ capabilities: [capability] })
  folder = await mkdtemp(join(tmpdir(), 'tidemark-certificates-'))
})
afterAll(async () => {
  await app.close()
  await rm(folder, { recursive: true, force: true })
})

function factsToCertify(
  subject: contract.Subject = { id: 'org-1', name: 'Atelier Marée', country: 'FR', sector: '62.01Z' },
): FactsToCertify<'emission_calculation'> {
  const digests = evidenceDigestsOf(evidence)
  const { result } = example.evidence
  const calculation_id = newId('calc', app.ctx.now())
  certified.add(calculation_id)
  return {
    calculation_id,
    subject,
    reporting_period: example.evidence.inventory.reporting_period,
    totals: {
      emissions_kg_co2e: decimalOf(result.emissions_kg_co2e),
      scope_1_kg_co2e: decimalOf(result.scopes['1']),
      scope_2_location_kg_co2e: decimalOf(result.scopes['2_location']),
      scope_2_market_kg_co2e: decimalOf(result.scopes['2_market']),
      scope_3_kg_co2e: decimalOf(result.scopes['3']),
      biogenic_kg_co2: decimalOf(result.biogenic_kg_co2),
      interval_95: { low_kg_co2e: decimalOf(result.interval_95.low), high_kg_co2e: decimalOf(result.interval_95.high) },
    },
    method: {
      name: 'tidemark-footprint',
      engine_version: result.engine_version,
      engine_digest: `sha256:${'0'.repeat(64)}`,
      gwp_set: result.gwp_set,
    },
    factors: { count: 0, digest: digests.factors },
    inputs: { count: 3, digest: digests.inventory },
    result_digest: digests.result,
    data_quality_score: Math.round(result.data_quality_score),
  }
}

async function issue(subject?: contract.Subject): Promise<IssuedCertificate<'emission_calculation'>> {
  return app.db.transaction((tx) =>
    issueCertificate({ ...app.ctx, db: tx }, 'emission_calculation', factsToCertify(subject)),
  )
}

function find(id: string, query: Record<string, string> = {}) {
  return app.fetch(contract.get, { params: { id }, query })
}

async function check(document: unknown, query: Record<string, string> = {}): Promise<contract.Report> {
  const body = typeof document === 'string' ? document : JSON.stringify(document)
  const answer = await app.fetch(contract.verify, {
    body: Buffer.from(body),
    query,
    headers: { 'content-type': 'application/json' },
  })
  expect(answer.status).toBe(200)
  return answer.body
}

describe('a certificate that was issued', () => {
  test('is served as it was signed, and verifies', async () => {
    const issued = await issue()
    const { status, body } = await find(issued.certificate_id)
    expect(status).toBe(200)
    expect(body).toEqual(issued.document)
    expect(certificateHash(body)).toBe(issued.certificate_hash)
    expect(await check(body)).toMatchObject({
      outcome: 'valid',
      form: 'certificate',
      stated: { certificate_id: issued.certificate_id },
    })
  })

  test('names nobody, neither in the document nor in the database', async () => {
    const { certificate_id } = await issue({ name: 'Somebody Unmistakable' })
    expect(JSON.stringify((await find(certificate_id)).body)).not.toContain('Unmistakable')
    const rows = await sql<{
      text: string
    }>`select c::text || s::text as text from certificates.certificate c join certificates.subject s using (subject_ref)`.execute(
      app.db.kysely,
    )
    const hex = Buffer.from('Unmistakable').toString('hex')
    expect(rows.rows.length).toBeGreaterThan(0)
    for (const { text } of rows.rows) expect(text.includes('Unmistakable') || text.includes(hex)).toBe(false)
  })

  test('comes as a bundle with evidence, disclosure, flat form and keys, and all of it verifies, replay included', async () => {
    const { certificate_id } = await issue()
    const bundle = contract.Bundle.parse((await find(certificate_id, { format: 'bundle' })).body)
    expect(bundle.disclosure?.subject.name).toBe('Atelier Marée')
    const report = await check(bundle, { replay: '1' })
    expect(report).toMatchObject({ outcome: 'valid', form: 'bundle' })
    const passed = report.checks.filter((each) => each.status === 'passed').map((each) => each.name)
    expect(passed).toEqual(
      expect.arrayContaining([
        'signature',
        'disclosure',
        'inventory',
        'factors',
        'result',
        'agreement',
        'hash',
        'seed_form',
        'replay',
      ]),
    )
  })

  test('comes in the flat form, with and without its hash', async () => {
    const { certificate_id, certificate_hash } = await issue()
    const form = (await find(certificate_id, { format: 'seed' })).body as contract.EmissionSeedForm
    expect(form.verification.native_certificate_hash).toBe(certificate_hash)
    expect(await check(form)).toMatchObject({ outcome: 'valid', form: 'seed' })
    const bare = (await find(certificate_id, { format: 'seed', bare: '1' })).body as contract.EmissionSeedForm
    expect(bare.certificate_hash).toBeUndefined()
    expect(await check(bare)).toMatchObject({ outcome: 'valid' })
  })

  test('is listed, newest first, and no more than asked for', async () => {
    const at = (text: string) =>
      issueCertificate({ ...app.ctx, now: () => new Date(text) }, 'emission_calculation', factsToCertify())
    const later = await at('2030-01-02T00:00:00.000Z')
    const sooner = await at('2030-01-01T00:00:00.000Z')
    const { body } = await app.fetch(contract.list, { query: { limit: '2' } })
    expect(body.certificates.map((each) => each.certificate_id)).toEqual([later.certificate_id, sooner.certificate_id])
  })

  test('cannot be changed, deleted or truncated, not even by SQL', async () => {
    await issue()
    for (const statement of [
      "update certificates.certificate set document = '{}'",
      'delete from certificates.certificate',
      'truncate certificates.certificate',
    ]) {
      await expect(sql.raw(statement).execute(app.db.kysely)).rejects.toThrow(/never changes/)
    }
    expect((await app.fetch(contract.list)).body.certificates.length).toBeGreaterThan(0)
  })
})

describe('a certificate of another kind', () => {
  const { project_analysis, credit_decision } = kinds
  const factsOf = ({ facts }: { facts: object }) => {
    const {
      certificate_id: _,
      issuer: __,
      valid_from: ___,
      subject_commitment: ____,
      ...stated
    } = facts as Record<string, unknown>
    return { ...stated, subject: { id: 'delta-north', name: 'Delta North' } }
  }

  test('is issued in the caller’s transaction, listed by kind with what it says, and comes with its evidence', async () => {
    const { analysis, decision } = await app.db.transaction(async (tx) => {
      const ctx = { ...app.ctx, db: tx }
      const made = await issueCertificate(ctx, 'project_analysis', factsOf(project_analysis) as never)
      const facts = { ...factsOf(credit_decision), analysis_certificate_hash: made.certificate_hash }
      return { analysis: made, decision: await issueCertificate(ctx, 'credit_decision', facts as never) }
    })
    expect((await find(analysis.certificate_id)).body).toEqual(analysis.document)
    const listed = await app.fetch(contract.list, { query: { kind: 'credit_decision' } })
    expect(listed.body.certificates).toMatchObject([
      {
        certificate_id: decision.certificate_id,
        record_id: 'dec_01JEXAMP1E0000000000000000',
        says_en: expect.stringContaining('approved in part for 21.5 tCO2e, by 2 reviewers'),
        says_fr: expect.stringContaining('approuvé en partie'),
      },
    ])
    const bundle = contract.Bundle.parse((await find(analysis.certificate_id, { format: 'bundle' })).body)
    expect(bundle).toMatchObject({
      evidence: project_analysis.bundle.evidence,
      disclosure: { subject: { name: 'Delta North' } },
    })
    expect(bundle.seed_form).toBeUndefined()
    const report = await check(bundle, { replay: '1' })
    expect(report.checks.filter(({ status }) => status === 'failed')).toEqual([])
    expect(report).toMatchObject({ outcome: 'valid', not_replayed: true, stated: { kind: 'project_analysis' } })
    await expect(issueCertificate(app.ctx, 'project_analysis', factsOf(project_analysis) as never)).rejects.toThrow(
      /certificate_once_a_record/,
    )
    expect(await find(decision.certificate_id, { format: 'seed' })).toMatchObject({
      status: 404,
      problem: { type: '/problems/certificates/no-flat-form' },
    })
  })
})

describe('issuing', () => {
  test('joins the caller’s transaction: undone with it', async () => {
    const before = (await app.fetch(contract.list, { query: { limit: '200' } })).body.certificates.length
    const undone = app.db.transaction(async (tx) => {
      await issueCertificate({ ...app.ctx, db: tx }, 'emission_calculation', factsToCertify())
      throw new Error('the caller changed its mind')
    })
    await expect(undone).rejects.toThrow('the caller changed its mind')
    expect((await app.fetch(contract.list, { query: { limit: '200' } })).body.certificates.length).toBe(before)
  })

  test('a calculation is certified once', async () => {
    const facts = factsToCertify()
    await issueCertificate(app.ctx, 'emission_calculation', facts)
    await expect(issueCertificate(app.ctx, 'emission_calculation', facts)).rejects.toThrow(/certificate_once_a_record/)
  })

  test('twenty at once for one new subject: twenty certificates, one key', async () => {
    const subject = { id: 'org-many', name: 'Many' }
    const issued = await Promise.all(Array.from({ length: 20 }, () => issue(subject)))
    expect(new Set(issued.map((each) => each.certificate_hash)).size).toBe(20)
    for (const { certificate_id } of issued) {
      expect(
        contract.Bundle.parse((await find(certificate_id, { format: 'bundle' })).body).disclosure?.subject,
      ).toEqual(subject)
    }
  })

  test('a name in decomposed Unicode is signed composed, so that it has one spelling', async () => {
    const { certificate_id, document } = await issue({ name: 'Mare\u0301e' })
    const { disclosure } = contract.Bundle.parse((await find(certificate_id, { format: 'bundle' })).body)
    expect(disclosure?.subject.name).toBe('Mar\u00e9e')
    expect(disclosure && commitmentOf(disclosure.subject, disclosure.salt)).toBe(
      document.credentialSubject.subjectCommitment,
    )
  })

  test('a name with a control character is refused by name', async () => {
    await expect(issue({ name: 'A\u0007B' })).rejects.toMatchObject({
      type: 'certificates/outside-profile',
      details: { faults: [{ path: '/name' }] },
    })
  })
})

describe('erasing a subject', () => {
  test('the certificate stays valid, and the name is gone for good', async () => {
    const subject = { id: 'org-erased', name: 'To Be Forgotten' }
    const { certificate_id, document } = await issue(subject)
    expect(await eraseSubject(app.ctx, subject)).toBe(true)
    expect(await eraseSubject(app.ctx, subject)).toBe(false)
    expect(await check(document)).toMatchObject({ outcome: 'valid' })
    const seed = await find(certificate_id, { format: 'seed' })
    expect(seed).toMatchObject({ status: 410, problem: { type: '/problems/certificates/no-disclosure' } })
    const bundle = contract.Bundle.parse((await find(certificate_id, { format: 'bundle' })).body)
    expect(bundle.disclosure).toBeUndefined()
    expect(bundle.seed_form).toBeUndefined()
  })

  test('a later certificate of the same subject has a new key, which opens nothing from before', async () => {
    const subject = { id: 'org-returned', name: 'Returned' }
    const before = await issue(subject)
    await eraseSubject(app.ctx, subject)
    const after = await issue(subject)
    expect(
      contract.Bundle.parse((await find(after.certificate_id, { format: 'bundle' })).body).disclosure?.subject,
    ).toEqual(subject)
    expect(
      contract.Bundle.parse((await find(before.certificate_id, { format: 'bundle' })).body).disclosure,
    ).toBeUndefined()
  })
})

describe('verifying over HTTP', () => {
  test('a repeated key is seen, although every JSON parser would hide it', async () => {
    const { document } = await issue()
    const text = JSON.stringify(document).replace('"scope1"', '"emissions":"1","scope1"')
    expect(await check(text)).toMatchObject({ outcome: 'unreadable' })
  })

  test('what another server signed is not proven here', async () => {
    expect(await check(example)).toMatchObject({ outcome: 'untrusted_key' })
  })

  test('an altered total is named', async () => {
    const { certificate_id } = await issue()
    const bundle = structuredClone((await find(certificate_id, { format: 'bundle' })).body) as typeof example
    bundle.certificate.credentialSubject.totals.emissions = '1'
    const report = await check(bundle)
    expect(report).toMatchObject({ outcome: 'altered' })
    expect(report.says_en).toContain('/certificate/credentialSubject/totals/emissions')
  })

  test.each([
    '',
    '{',
    'null',
    '[]',
    '"x"',
    '1',
    '{"proof":{}}',
    '{"format":"tidemark-bundle"}',
    '{"digital_signature":1}',
    '[['.repeat(5000),
    '{"proof":null,"credentialSubject":[]}',
    '{"certificate_type":"emission_calculation","key_id":7,"digital_signature":"AAAA"}',
  ])('hostile body %.60j gets a report, never valid, never a bug', async (text) => {
    expect((await check(text)).outcome).not.toBe('valid')
  })

  test('400: bytes that are no text', async () => {
    const answer = await app.fetch(contract.verify, {
      body: Buffer.from([0xff, 0xfe, 0x7b]),
      headers: { 'content-type': 'application/json' },
    })
    expect(answer).toMatchObject({ status: 400, problem: { type: '/problems/certificates/unreadable-json' } })
  })

  test('404: no such certificate, no such key', async () => {
    expect(await find(newId('cert', new Date(0)))).toMatchObject({
      status: 404,
      problem: { type: '/problems/certificates/unknown-certificate' },
    })
    expect(await app.fetch(contract.pem, { params: { kid: 'A'.repeat(43) } })).toMatchObject({
      status: 404,
      problem: { type: '/problems/certificates/unknown-key' },
    })
  })
})

describe('public keys', () => {
  test('JWKS, DID document and PEM speak of the same keys', async () => {
    const { document } = await issue()
    const jwks = (await app.fetch(contract.jwks)).body
    const did = (await app.fetch(contract.did)).body
    expect(jwks.keys.map((key) => key.tidemark_use)).toEqual(['certificate', 'certificate-seed'])
    expect(did.id).toBe(document.issuer.id)
    expect(did.verificationMethod.map((method) => method.id)).toEqual([document.proof.verificationMethod])
    for (const { kid } of jwks.keys) {
      const pem = await app.fetch(contract.pem, { params: { kid } })
      expect(pem.bytes.toString()).toMatch(/^-----BEGIN PUBLIC KEY-----\n/)
    }
  })
})

test('the context that a certificate names is served, and the issuer’s own', async () => {
  const { document } = await issue()
  const { body } = await app.fetch(contract.vocabulary)
  expect(body['@context']['@vocab']).toBe(`${document['@context'][1]}#`)
})

test('a start with another keyring than the one that signed is refused', async () => {
  await issue()
  await expect(
    refuseLostKeys({ ...app.ctx, keyring: Object.assign(Object.create(app.ctx.keyring), { has: () => false }) }),
  ).rejects.toThrow(/Restore the folder "keys"/)
  await expect(refuseLostKeys(app.ctx)).resolves.toBeUndefined()
})

describe('with other people’s tools', () => {
  const openssl = runs('openssl', 'version')
  const jq = runs('jq', '--version')
  const curl = runs('curl', '--version')
  const python = runs('python3', '-c', 'import cryptography')

  /** The blocks under "By hand", in order: fetching, native form, detached RSA, flat form, commitment. */
  const recipes = [
    ...readFileSync(join(import.meta.dirname, '../../../docs/methods/certificates.md'), 'utf8').matchAll(
      /^```sh\n([\s\S]+?)^```$/gm,
    ),
  ].map((block) => block[1] ?? '')
  const follow = (recipe: number) => {
    const { status, stdout } = spawnSync('sh', ['-ec', recipes[recipe] ?? 'false'], { cwd: folder })
    return { status, out: stdout.toString() }
  }
  const put = (name: string, content: unknown) =>
    writeFile(join(folder, name), content instanceof Uint8Array ? content : JSON.stringify(content, null, 2))
  const pem = async (kid: string) => (await app.fetch(contract.pem, { params: { kid } })).bytes
  const tools = openssl && jq && runs('python3', '--version')

  test('the recipe has the five parts that are followed here', () => {
    expect(recipes).toHaveLength(5)
  })

  test.skipIf(!tools || !curl)(
    'the recipe fetches what the other parts need (skipped: curl, openssl, jq or python3 not there)',
    async () => {
      const { certificate_id, document } = await issue()
      const issuer = await app.app.http.listen({ host: '127.0.0.1', port: 0 })
      const env = { ...process.env, id: certificate_id, issuer }
      // Not `spawnSync`: the server must answer while curl asks.
      await promisify(execFile)('sh', ['-ec', recipes[0] ?? 'false'], { cwd: folder, env })
      expect([1, 2, 3].map((recipe) => follow(recipe).status)).toEqual([0, 0, 0])
      expect(follow(4).out.trim()).toBe(document.credentialSubject.subjectCommitment)
    },
  )

  test.skipIf(!tools)(
    'the recipe verifies the native form, and refuses it altered (skipped: openssl, jq or python3 not there)',
    async () => {
      const { document, certificate_hash } = await issue()
      await put('certificate.json', document)
      await put('issuer.pub.pem', await pem(document.proof.verificationMethod.split('#')[1] ?? ''))
      const { status, out } = follow(1)
      expect(out).toContain(certificate_hash)
      expect(out).toContain('Signature Verified Successfully')
      expect(status).toBe(0)
      await put('certificate.json', { ...document, validFrom: '2020-01-01T00:00:00.000Z' })
      expect(follow(1).status).not.toBe(0)
    },
  )

  test.skipIf(!tools)(
    'the recipe verifies the detached RSA signature, and refuses it over an altered document (skipped: openssl, jq or python3 not there)',
    async () => {
      const { certificate_id, document } = await issue()
      const rsa = (await app.fetch(contract.jwks)).body.keys.find((key) => key.tidemark_use === 'certificate-seed')
      await put('certificate.json', document)
      await put(
        'certificate.ps256.sig',
        (await app.fetch(contract.signature, { params: { id: certificate_id } })).bytes,
      )
      await put('seed.pub.pem', await pem(rsa?.kid ?? ''))
      expect(follow(2)).toEqual({ status: 0, out: 'Verified OK\n' })
      await put('certificate.json', { ...document, validFrom: '2020-01-01T00:00:00.000Z' })
      expect(follow(2).status).not.toBe(0)
    },
  )

  test.skipIf(!tools)(
    'the recipe verifies the flat form, and refuses it altered (skipped: openssl, jq or python3 not there)',
    async () => {
      const { certificate_id } = await issue({ name: 'Ünïcödé 😂 Ltd' })
      const form = (await find(certificate_id, { format: 'seed' })).body as contract.EmissionSeedForm
      await put('flat.json', form)
      await put('seed.pub.pem', await pem(form.key_id))
      expect(follow(3)).toEqual({ status: 0, out: 'Verified OK\n' })
      await put('flat.json', { ...form, version: '1.1' })
      expect(follow(3).status).not.toBe(0)
    },
  )

  test.skipIf(!tools)('the recipe opens the commitment (skipped: openssl, jq or python3 not there)', async () => {
    const { certificate_id, document } = await issue({ id: 'o-1', name: 'Ünïcödé 😂 "Ltd"' })
    await put('bundle.json', (await find(certificate_id, { format: 'bundle' })).body)
    expect(follow(4).out.trim()).toBe(document.credentialSubject.subjectCommitment)
  })

  test.skipIf(!python)(
    'Python’s cryptography verifies the flat form, and refuses each altered field (skipped: python3 or cryptography not there)',
    async () => {
      const { certificate_id } = await issue({ id: 'ü', name: 'Ünïcödé 😂 Ltd' })
      const form = (await find(certificate_id, { format: 'seed' })).body as contract.EmissionSeedForm
      const bare = (await find(certificate_id, { format: 'seed', bare: '1' })).body as contract.EmissionSeedForm
      await put('seed.pub.pem', await pem(form.key_id))
      const ask = async (document: unknown): Promise<string> => {
        await put('seed.json', document)
        const script = join(import.meta.dirname, 'verify-seed-form.py')
        return spawnSync('python3', [script, 'seed.json', 'seed.pub.pem'], { cwd: folder }).stdout.toString().trim()
      }
      expect(await ask(form)).toBe('valid')
      expect(await ask(bare)).toBe('valid')
      expect(await ask({ ...form, version: '1.1' })).toBe('another hash')
      expect(await ask({ ...bare, version: '1.1' })).toBe('another signature')
      expect(await ask({ ...bare, calculation: { ...bare.calculation, total_emissions_tons_co2e: 1 } })).toBe(
        'another signature',
      )
      expect(await ask({ ...bare, company: { ...bare.company, name: 'X' } })).toBe('another signature')
    },
  )

  function runs(program: string, ...args: string[]): boolean {
    return spawnSync(program, args, { stdio: 'ignore' }).status === 0
  }
})
