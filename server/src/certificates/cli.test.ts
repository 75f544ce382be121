import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import bundle from '@tidemark/core/certificates/vectors/example-bundle.json' with { type: 'json' }
import certificate from '@tidemark/core/certificates/vectors/example-certificate.json' with { type: 'json' }
import kinds from '@tidemark/core/certificates/vectors/kinds.json' with { type: 'json' }

/** A program with this one command, in a process of its own; `--replay` answers that line "grid" differs. */
const program = `
  import { Command } from 'commander'
  import { addVerifyCommand } from './cli.ts'
  const first_difference = { path: '/lines/1/emissions_kg_co2e', line_id: 'grid', expected: 1271, found: 1300 }
  const tidemark = new Command('tidemark')
  const emission_calculation = async () => ({ same: false, result_digest: 'sha256:0', first_difference })
  addVerifyCommand(tidemark, { replayers: { emission_calculation } })
  await tidemark.parseAsync(process.argv.slice(1), { from: 'user' })
`

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-verify-'))
  const altered = structuredClone(bundle)
  altered.certificate.credentialSubject.totals.scope1 = '1'
  await mkdir(join(folder, 'data', 'keys'), { recursive: true })
  const files: Record<string, string> = {
    'certificate.json': JSON.stringify(certificate),
    'bundle.json': JSON.stringify(bundle),
    'decision.json': JSON.stringify({ ...kinds.credit_decision.bundle, keys: bundle.keys }),
    'seed.json': JSON.stringify(bundle.seed_form),
    'altered.json': JSON.stringify(altered),
    'cut.json': JSON.stringify(certificate).slice(0, 300),
    'trust.json': JSON.stringify(bundle.keys),
    'nobody.json': '{"keys":[]}',
    'data/keys/jwks.json': JSON.stringify(bundle.keys),
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  await writeFile(join(folder, 'binary.json'), Buffer.from([0x7b, 0xff, 0x7d]))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

function tidemark(args: string[], options: { data?: string; input?: string } = {}) {
  const env = { ...process.env, TIDEMARK_DATA: join(folder, options.data ?? 'no-such-folder'), NO_COLOR: '1' }
  const run = [
    '--input-type=module-typescript',
    '--eval',
    program,
    '--',
    ...args.map((arg) => (arg.endsWith('.json') ? join(folder, arg) : arg)),
  ]
  const { status, stdout, stderr } = spawnSync(process.execPath, run, {
    cwd: import.meta.dirname,
    env,
    input: options.input ?? '',
  })
  return { status, out: stdout.toString(), err: stderr.toString() }
}

test('0: valid, with the keys that were named', () => {
  for (const file of ['certificate.json', 'bundle.json', 'seed.json']) {
    const { status, out } = tidemark(['verify', file, '--trust', 'trust.json'])
    expect(out).toMatch(/^Valid: /)
    expect(status).toBe(0)
  }
})

test('0: valid, with the public keys of the local data folder, without opening the database', () => {
  expect(tidemark(['verify', 'certificate.json'], { data: 'data' })).toMatchObject({ status: 0, err: '' })
})

test('0: from standard input, in French', () => {
  const answer = tidemark(['verify', '-', '--language', 'fr'], { data: 'data', input: JSON.stringify(certificate) })
  expect(answer).toMatchObject({ status: 0, out: expect.stringMatching(/^Valide : /) })
})

test('1: altered, and the output says which field', () => {
  const { status, out } = tidemark(['verify', 'altered.json', '--trust', 'trust.json'])
  expect(out).toMatch(
    /^Altered: .*\/certificate\/credentialSubject\/totals\/scope1 was altered: the certificate says 1, the evidence 7544.71645/,
  )
  expect(status).toBe(1)
})

test('4: valid, but of a kind that cannot be computed again here, and says so first', () => {
  const { status, out } = tidemark(['verify', 'decision.json', '--trust', 'trust.json', '--replay'])
  expect(out).toMatch(
    /^Valid: .+ Not replayed: this program cannot compute a certificate of a credit decision again\.$/m,
  )
  expect(out).toContain('approved in part for 21.5 tCO2e')
  expect(status).toBe(4)
})

test('1: replayed to something else, and the output names the line', () => {
  const { status, out } = tidemark(['verify', 'bundle.json', '--trust', 'trust.json', '--replay'])
  expect(out).toContain('line grid comes to 1300 where the file says 1271')
  expect(status).toBe(1)
})

test('2: cut, binary, missing, or a trust list that is none', () => {
  expect(tidemark(['verify', 'cut.json', '--trust', 'trust.json']).status).toBe(2)
  expect(tidemark(['verify', 'binary.json', '--trust', 'trust.json'])).toMatchObject({
    status: 2,
    err: expect.stringContaining('UTF-8'),
  })
  expect(tidemark(['verify', 'missing.json'])).toMatchObject({
    status: 2,
    err: expect.stringContaining('cannot be read'),
  })
  expect(tidemark(['verify', 'certificate.json', '--trust', 'certificate.json'])).toMatchObject({
    status: 2,
    err: expect.stringContaining('JWKS'),
  })
})

test('3: a key that nobody trusts, even though the bundle carries it', () => {
  expect(tidemark(['verify', 'bundle.json', '--trust', 'nobody.json']).status).toBe(3)
  expect(tidemark(['verify', 'bundle.json']).status).toBe(3)
})

test('--json prints the report for programs', () => {
  const { out } = tidemark(['verify', 'altered.json', '--trust', 'trust.json', '--json'])
  expect(JSON.parse(out)).toMatchObject({ outcome: 'altered', form: 'bundle' })
})
