import type { LightMyRequestResponse } from 'fastify'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { scopes } from '@tidemark/core/accounts/permissions.ts'
import { capabilities } from './app.ts'
import { addPeople, as, BOB, ORG_A, ORG_B, personIn, testAccess, testAccounts } from './platform/testing-access.ts'
import { formOf, openTestApp, runExample, type TestApp } from './platform/testing.ts'
import { faultIn } from './testing-attacks.ts'

/**
 * Every operation of the OpenAPI document is sent what nobody should send. Whatever it is, the answer is one: no crash, no
 * word about our insides, nothing of another organisation, and soon. The same seed sends the same requests; a finding
 * prints the one that made it.
 *
 * In `npm test` each operation gets twenty requests, in `.ci/run` two hundred on PostgreSQL.
 *
 *   npm run fuzz                    2000 requests to each operation
 *   FUZZ_SEED=7 npm run fuzz        others
 */
const requests_each = Number(process.env.FUZZ_REQUESTS ?? 20)
const seed = Number(process.env.FUZZ_SEED ?? 20261121)
const ANSWER_MS_MAX = 10_000
const AT_ONCE = 4

interface Operation {
  method: string
  path: string
  params: Record<string, string>
  query: Record<string, string>
  /** Bodies of the examples, or fields of forms; undefined when it takes none, bytes when it takes a file. */
  bodies: unknown[]
  takes: 'json' | 'file' | 'form'
}

let app: TestApp
const bugs: string[] = []
const statuses = new Map<string, number>()
/** What only organisation A may see, and what of it everybody may know: an id in an address. */
const secrets: string[] = []
const ids: string[] = []

beforeAll(async () => {
  const has_accounts = capabilities.some(({ name }) => name === 'accounts')
  app = await openTestApp({
    seed: true,
    access: testAccess,
    capabilities: has_accounts ? capabilities : [testAccounts, ...capabilities],
    onLog: (line) => {
      if (line.includes('"level":"error"')) bugs.push(briefly(line))
    },
  })
  await addPeople(app)
  await plantSecrets()
}, 120_000)
afterAll(() => app?.close())

/** Whoever asks has just confirmed that it is them: what is sensitive is reached. Requests end this session now and then. */
async function confirmAnew(): Promise<void> {
  const { session_id } = personIn(ORG_B, 'owner')
  const now = app.ctx.now()
  await sql`insert into accounts.session (session_id, token_hash, person_id, organisation_id, created_at, last_seen_at,
    expires_at, stepped_up_at, ip_prefix, user_agent) values (${session_id}, ${Buffer.from(session_id)}, ${BOB}, ${ORG_B}, ${now},
    ${now}, ${new Date(now.getTime() + 86_400_000)}, ${now}, '', '') on conflict do nothing`.execute(app.db.kysely)
}

async function plantSecrets(): Promise<void> {
  const owner = as(personIn(ORG_A, 'owner'))
  const calculate = app.app.routes.find(({ name }) => name === 'footprint.calculate')
  const example = calculate?.examples[0]
  if (!calculate || !example) throw new Error('There is nothing to calculate, so nothing to find.')
  const organisation = { name: 'Zanzibarquux Holding', country: 'FR' }
  const body = { ...(example.body as object), organisation }
  const made = (await runExample(app, app.app.routes, calculate, { ...example, body }, owner)).body as Record<string, string> // oxfmt-ignore
  ids.push(String(made.calculation_id), String(made.certificate_id))
  // The id of the factor holds its name in small letters, and ids are sent: what is secret is written as nobody else writes it.
  secrets.push(organisation.name, 'Zanzibarquux', String(made.certificate_hash))
  const custom = { name: 'Zanzibarquux steam', value: 1.5, unit: 'kWh', source: 'Own measurement' }
  const kept = await app.fetch('/api/v1/factors/custom', { method: 'POST', body: custom, headers: owner })
  expect(kept.status, kept.bytes.toString().slice(0, 300)).toBeLessThan(300)
  ids.push(String((kept.body as { id?: string }).id))
}

const hostileTexts: string[] = [
  '', ' ', '\0', 'a\0b', '\uFEFF', '\uD800', '\u202Egnp.exe', 'ＡＢＣ', 'ﷺ'.repeat(50), '👩‍👩‍👧‍👦'.repeat(20), 'e\u0301'.repeat(100), 'İ', 'ß',
  "'", "''", '"', '`', '\\', "' or 1=1 --", "'; drop table footprint.calculation; --", "1' union select version() --", '$1', '${7*7}', '{{7*7}}', '%s%n', '%00', '%zz', '..', '../../../../etc/passwd', '..%2f..%2f', 'C:\\x',
  '<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', 'javascript:alert(1)', "=cmd|' /C calc'!A0", '@SUM(1)',
  'x\r\nset-cookie: a=b', 'x\nlocation: https://evil.example', '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty',
  'null', 'undefined', 'true', 'NaN', 'Infinity', '-0', '1e999', '-1', '0', '9007199254740993', '99999999999999999999999999', '0x10', '1,5', '١٢٣', '1.0000000000000000000001',
  '2024-02-30', '0000-00-00', '9999-12-31', '-271821-04-20', '2024-01-01T00:00:00+99:99', 'calc_', 'cert_00000000000000000000000000', 'org_00000000000000000000000000',
  'a'.repeat(300), 'a'.repeat(10_000), 'é'.repeat(100_000), '((((((((((a+)+)+)+)+)+)+)+)+)+$', 'a & b | !c <-> d:*', 'kg/'.repeat(500), '(((((kg', '['.repeat(2_000),
] // oxfmt-ignore

const hostileValues: unknown[] = [
  null, true, false, 0, -0, -1, 0.1 + 0.2, 1e308, -1e308, 5e-324, 2 ** 53, 2 ** 64, 1e21, [], {}, [null], [[]], [{}], { a: { b: { c: {} } } },
  { length: 1e9 }, JSON.parse('{"then":1}'), { toString: 1 }, { constructor: { prototype: {} } }, { $ne: null }, { '': '' }, { id: { id: 1 } },
  Array.from({ length: 2_000 }, (_, index) => index), Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`k${index}`, index])),
] // oxfmt-ignore

/** Bodies that no serialiser would write. */
const rawBodies: (string | Buffer)[] = [
  '', ' ', '{', '}', '[', '"', 'null', 'true', '1', '"text"', '[]', '{}', '{"a":1,}', "{'a':1}", '{"a":1}{"b":2}', '{"a":NaN}', '{"a":1e999}', '{"a":01}', '{"a":1,"a":2}',
  '{"__proto__":{"admin":true}}', '{"constructor":{"prototype":{"admin":true}}}', '{"\\u005f\\u005fproto\\u005f\\u005f":1}', '{"a":"\\ud800"}', '{"a":"\\u0000"}', '\uFEFF{}', '{"a":\t1}\0',
  `${'['.repeat(20_000)}${']'.repeat(20_000)}`, `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`, `{"a":"${'x'.repeat(900_000)}"}`, `[${'1,'.repeat(200_000)}1]`, `{"a":${'9'.repeat(50_000)}}`,
  Buffer.from([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]), Buffer.from([0xc0, 0xaf]), Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d]), Buffer.from([0x1f, 0x8b, 8, 0, 0, 0]), Buffer.alloc(70_000), Buffer.from('PK\x03\x04not a zip at all'), Buffer.from('name;value\n"never closed'), Buffer.from('%PDF-1.7'), Buffer.from('\x89PNG\r\n\x1a\n'),
] // oxfmt-ignore

const hostileHeaders: Record<string, string>[] = [
  { 'content-type': 'application/json; charset=utf-7' }, { 'content-type': 'text/html' }, { 'content-type': 'application/x-www-form-urlencoded' }, { 'content-type': 'multipart/form-data' }, { 'content-type': '' }, { 'content-type': 'application/json\r\nx-a: b' }, { 'content-type': `a/${'b'.repeat(5_000)}` },
  { 'content-encoding': 'gzip' }, { 'content-length': '99999999999' }, { 'content-length': '-1' }, { 'transfer-encoding': 'chunked' }, { accept: '*/*;q=NaN' }, { 'accept-encoding': 'br;q=9, *;q=x' }, { 'accept-language': 'x'.repeat(5_000) },
  { 'x-request-id': 'a\r\nset-cookie: b=c' }, { 'x-request-id': '../../x' }, { origin: 'null' }, { origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }, { host: 'evil.example' }, { 'x-forwarded-for': "'; drop table x; --" }, { 'x-forwarded-host': 'evil.example' }, { 'x-http-method-override': 'DELETE' },
  { cookie: 'tidemark=x; tidemark=y' }, { cookie: '='.repeat(5_000) }, { cookie: '__Host-tidemark=\u0001' }, { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' }, { authorization: 'Bearer ' }, { authorization: `Basic ${'A'.repeat(5_000)}` }, { authorization: 'Bearer tm_live_00000000_x_000000' }, { range: 'bytes=0-,0-,0-' }, { 'if-none-match': '"\0"' }, { expect: '200-maybe' }, { 'user-agent': '\u0000'.repeat(10) },
] // oxfmt-ignore

/** Small, known and the same everywhere: mulberry32. */
function diceOf(start: number) {
  let state = start >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (count: number) => Math.floor(next() * count)
  return {
    below,
    chance: (share: number) => next() < share,
    one: <T>(list: readonly T[]): T => list[below(list.length)] as T,
  }
}
type Dice = ReturnType<typeof diceOf>

interface Sent {
  method: string
  url: string
  headers: Record<string, string>
  payload?: string | Buffer
}

function hostileRequest(operation: Operation, dice: Dice): Sent {
  const text = () => (dice.chance(0.15) ? dice.one(ids) : dice.one(hostileTexts))
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encode(dice.chance(0.6) ? text() : (operation.params[name] ?? 'x')),
  )
  // Some are left out: one that is refused hides what the others would have done.
  const query = Object.fromEntries(Object.entries(operation.query).filter(() => dice.chance(0.5)))
  for (const name of Object.keys(query)) if (dice.chance(0.4)) query[name] = text()
  const pairs = Object.entries(query).map(([name, value]) => `${encode(name)}=${encode(value)}`)
  if (dice.chance(0.15)) pairs.push(`${encode(text())}=${encode(text())}`)
  if (dice.chance(0.05)) pairs.push(...pairs)
  const headers: Record<string, string> = {
    'content-type': { json: 'application/json', file: 'application/octet-stream', form: FORM_TYPE }[operation.takes],
    ...dice.one([as(personIn(ORG_B, 'owner')), as(personIn(ORG_B, 'owner', { admin: true })), as(personIn(ORG_B, 'reader')), as({ kind: 'key', key_id: 'key_b', organisation_id: ORG_B, scopes }), {}]), // oxfmt-ignore
    ...(dice.chance(0.2) ? dice.one(hostileHeaders) : {}),
  }
  const url = `${path}${pairs.length > 0 ? `?${pairs.join('&')}` : ''}${dice.chance(0.02) ? '#x' : ''}`
  const method = operation.method.toUpperCase()
  if (method === 'GET' && dice.chance(0.9)) return { method, url, headers: withoutType(headers) }
  return { method, url, headers, payload: hostileBody(operation, dice) }
}

function hostileBody({ bodies, takes }: Operation, dice: Dice): string | Buffer {
  if (takes === 'file' || bodies.length === 0 || dice.chance(0.15)) return dice.one(rawBodies)
  let body = structuredClone(dice.one(bodies))
  for (let changes = 1 + dice.below(3); changes > 0; changes -= 1) body = spoil(body, dice)
  return takes === 'form' ? hostileForm(body, dice) : (JSON.stringify(body) ?? '')
}

/** The fields as a form with a file or two, now and then cut off. */
function hostileForm(body: unknown, dice: Dice): Buffer {
  const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : { x: body }
  const files = Array.from({ length: dice.below(3) }, () => ({ name: dice.one(hostileTexts).slice(0, 500), media_type: 'image/png', base64: Buffer.from(dice.one(rawBodies)).toString('base64') })) // oxfmt-ignore
  const { bytes } = formOf({ form: { files_field: 'files', files_max: 1, file_bytes_max: 1 } }, fields, files)
  return dice.chance(0.2) ? bytes.subarray(0, dice.below(bytes.length)) : bytes
}

const FORM_TYPE = formOf({}, {}, []).headers['content-type']

/** The value with one thing in it made wrong: somewhere between the whole and its innermost part. */
function spoil(value: unknown, dice: Dice): unknown {
  const wrong = () =>
    dice.chance(0.5) ? (dice.chance(0.1) ? dice.one(ids) : dice.one(hostileTexts)) : dice.one(hostileValues)
  if (typeof value !== 'object' || value === null || dice.chance(0.08)) return wrong()
  if (Array.isArray(value)) {
    if (value.length === 0 || dice.chance(0.1)) return [...value, wrong()]
    const index = dice.below(value.length)
    return value.map((item: unknown, at) => (at === index ? spoil(item, dice) : item))
  }
  const names = Object.keys(value)
  if (names.length === 0 || dice.chance(0.1)) return { ...value, [dice.one(hostileTexts) || 'x']: wrong() }
  const name = dice.one(names)
  if (dice.chance(0.1)) return Object.fromEntries(Object.entries(value).filter(([each]) => each !== name))
  // An own field of that name, as JSON.parse makes it: the spread would set the prototype.
  return Object.fromEntries(
    Object.entries(value).map(([each, inner]) => [each, each === name ? spoil(inner, dice) : inner]),
  )
}

function encode(text: string): string {
  return encodeURIComponent(text.slice(0, 4_000).toWellFormed()) || '%20'
}

function withoutType({ 'content-type': _type, ...headers }: Record<string, string>): Record<string, string> {
  return headers
}

function faultOf(sent: Sent, answer: LightMyRequestResponse): string | undefined {
  const { statusCode: status, headers, payload, rawPayload: bytes } = answer
  const fault = faultIn({ status, headers, bytes })
  if (fault !== undefined) return fault
  const all = `${JSON.stringify(headers)}${payload}`
  const said = JSON.stringify(sent)
  const secret = secrets.find((each) => all.includes(each) && !said.includes(each))
  if (secret !== undefined) return `told B what is A's: ${secret}`
  const cookies = headers['set-cookie']
  if (cookies !== undefined && /b=c|a=b/.test(String(cookies))) return 'set the cookie of the request'
  return undefined
}

async function send(sent: Sent): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => (timer = setTimeout(() => resolve('late'), ANSWER_MS_MAX)))
  try {
    const answer = await Promise.race([app.inject(sent as never), late])
    if (answer === 'late') return `gave no answer within ${ANSWER_MS_MAX / 1000} s`
    const group = `${Math.floor(answer.statusCode / 100)}xx`
    statuses.set(group, (statuses.get(group) ?? 0) + 1)
    return faultOf(sent, answer)
  } catch (error) {
    // What was sent may break the connection of whoever sent it; an answer that breaks off half way is ours.
    return `broke off: ${String(error).slice(0, 200)}`
  } finally {
    clearTimeout(timer)
  }
}

test('whatever is sent to any operation is answered, without a crash and without a word too many', async () => {
  const started_ms = performance.now()
  const operations = operationsOf(app.app.openapi)
  const findings: string[] = []
  let sent_count = 0
  for (const [index, operation] of operations.entries()) {
    const dice = diceOf(seed + index * 7919)
    await confirmAnew()
    for (let left = requests_each; left > 0; left -= AT_ONCE) {
      const batch = Array.from({ length: Math.min(AT_ONCE, left) }, () => hostileRequest(operation, dice))
      sent_count += batch.length
      const faults = await Promise.all(batch.map(send))
      for (const [at, fault] of faults.entries())
        if (fault !== undefined && findings.length < 12)
          findings.push(`${fault}\n  sent: ${JSON.stringify(batch[at], (_, value: unknown) => (typeof value === 'string' ? value.slice(0, 120) : value))}`) // oxfmt-ignore
    }
  }
  const took_s = (performance.now() - started_ms) / 1000
  console.info(
    `fuzz: ${sent_count} requests to ${operations.length} operations, ${requests_each} each: ${[...statuses]
      .sort()
      .map(([group, count]) => `${count} × ${group}`)
      .join(', ')}; ${findings.length} findings; ${took_s.toFixed(1)} s, seed ${seed}`,
  )
  expect(findings.join('\n\n') + (findings.length > 0 ? `\n\n${[...new Set(bugs)].slice(0, 6).join('\n')}` : '')).toBe(
    '',
  )
  // The service is as well as before, and the planted secret was there to be found all the time.
  expect((await app.fetch('/health')).status).toBe(200)
  const own = await app.fetch(`/api/v1/trace/${ids[0]}`, { headers: as(personIn(ORG_A, 'owner')) })
  expect(own.bytes.toString()).toContain('Zanzibarquux Holding')
}, 3_600_000)

function operationsOf(document: Record<string, unknown>): Operation[] {
  const paths = document.paths as Record<string, Record<string, OpenApiOperation>>
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]) => {
      const of = (place: string) =>
        Object.fromEntries(parameters.filter((each) => each.in === place).map(({ name, example }) => [name, String(example ?? 'x')])) // oxfmt-ignore
      const content = requestBody?.content ?? {}
      const form = content['multipart/form-data']
      const examples = Object.values((form ?? content['application/json'])?.examples ?? {}).map(({ value }) => value)
      const takes = form ? 'form' : 'application/octet-stream' in content ? 'file' : 'json'
      return { method, path, params: of('path'), query: of('query'), bodies: examples, takes }
    }),
  )
}

/** What a bug was, without what was sent. */
function briefly(line: string): string {
  const { err } = JSON.parse(line) as { err?: { message?: string; code?: string; stack?: string } }
  return `${err?.code ?? ''} ${err?.message?.slice(0, 200)} ${err?.stack?.split('\n').slice(-8).join(' ').slice(0, 900)}`
}

interface OpenApiOperation {
  parameters?: { name: string; in: string; example?: unknown }[]
  requestBody?: { content: Record<string, { examples?: Record<string, { value: unknown }> }> }
}
