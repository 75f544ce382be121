import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { route } from '@tidemark/core/lib/contract.ts'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { bind, bindFile, RawReply, type Capability } from './capability.ts'
import { createHttp } from './http.ts'
import { openTestApp, type TestApp } from './testing.ts'

const common = { needs: 'public', summary: 'For a test', problems: [], examples: [{ summary: 'None needed' }] } as const

const echo = route({
  ...common,
  name: 'sample.echo',
  method: 'POST',
  path: '/api/v1/sample/{id}',
  params: z.object({ id: z.string().max(20) }),
  query: z.object({ limit: z.coerce.number().int().min(1).max(10).default(5) }),
  body: z.object({
    label: z.string(),
    amount_kg: z.number().positive().optional(),
    lines: z.array(z.object({ unit: z.enum(['kg', 't']) })).default([]),
    when: z.union([z.object({ day: z.iso.date() }), z.object({ year: z.number() })]).optional(),
    anything: z.unknown().optional(),
  }),
  output: z.object({ id: z.string(), limit: z.number(), label: z.string(), lines: z.number() }),
  status: 201,
})
const free = route({
  ...common,
  name: 'sample.free',
  method: 'POST',
  path: '/api/v1/free',
  body: z.unknown(),
  output: z.unknown(),
})
const breach = route({
  ...common,
  name: 'sample.breach',
  method: 'GET',
  path: '/api/v1/breach',
  output: z.object({ secret_count: z.number() }),
})
const bug = route({ ...common, name: 'sample.bug', method: 'GET', path: '/api/v1/bug', output: z.unknown() })
const refusal = route({
  ...common,
  name: 'sample.refusal',
  method: 'GET',
  path: '/api/v1/refusal',
  output: z.unknown(),
})
const extra = route({
  ...common,
  name: 'sample.extra',
  method: 'GET',
  path: '/api/v1/extra',
  output: z.object({ shown: z.string() }),
})
const raw = route({
  ...common,
  name: 'sample.raw',
  method: 'GET',
  path: '/api/v1/raw',
  output: z.string(),
  produces: 'text/csv',
})
const upload = route({
  ...common,
  name: 'sample.upload',
  method: 'POST',
  path: '/api/v1/files/{name}',
  params: z.object({ name: z.string() }),
  accepts: 'file',
  body_bytes_max: 1000,
  output: z.object({ name: z.string(), bytes: z.number(), media_type: z.string() }),
})
const nothing = route({
  ...common,
  name: 'sample.nothing',
  method: 'DELETE',
  path: '/api/v1/sample/{id}',
  params: z.object({ id: z.string() }),
  output: z.undefined(),
  status: 204,
})

const sample: Capability = {
  name: 'sample',
  problems: { 'sample/too-heavy': { status: 409, title: 'It is too heavy' } },
  bindings: [
    bind(echo, async (_ctx, { id, limit, label, lines }) => ({ id, limit, label, lines: lines.length })),
    bind(free, async () => ({ ok: true })),
    bind(breach, async () => ({ secret_count: 'the password is hush' }) as never),
    bind(bug, async () => invariant(false, 'the password is hush') as never),
    bind(refusal, async () => {
      throw new Problem('sample/too-heavy', {
        detail: '12 kg is more than 10 kg.',
        limit_kg: 10,
        status: 200,
        nan: Number.NaN,
      })
    }),
    bind(extra, async () => ({ shown: 'yes', password_hash: 'hush' })),
    bind(
      raw,
      async () =>
        new RawReply({
          body: Readable.from(['a,b\n', '1,2\n']),
          media_type: 'text/csv',
          headers: { 'content-disposition': 'attachment' },
        }),
    ),
    bindFile(upload, async (_ctx, { name, file, file_media_type }) => ({
      name,
      bytes: (await text(file)).length,
      media_type: file_media_type,
    })),
    bind(nothing, async () => undefined),
  ],
}

let app: TestApp
const logged: string[] = []
beforeAll(async () => {
  app = await openTestApp({ capabilities: [sample], onLog: (line) => logged.push(line) })
})
afterAll(() => app?.close())

const send = (body: unknown, query = {}) => app.fetch(echo, { params: { id: 'a1' }, query, body })
const sendText = (body: string | Buffer, headers = {}) =>
  app.inject({
    method: 'POST',
    url: '/api/v1/free',
    headers: { 'content-type': 'application/json', ...headers },
    payload: body,
  })

test('parameters, query and body arrive side by side, defaults filled in', async () => {
  const answer = await send({ label: 'x' })
  expect([answer.status, answer.body]).toEqual([201, { id: 'a1', limit: 5, label: 'x', lines: 0 }])
})

test('all faults come back at once, each with the path to the field, what was sent and what would be right', async () => {
  const { status, problem, headers } = await send(
    { label: 7, amount_kg: -2, lines: [{ unit: 't' }, { unit: 'ton' }, {}] },
    { limit: '99' },
  )
  expect(status).toBe(422)
  expect(headers['content-type']).toMatch(/^application\/problem\+json/)
  expect(problem).toMatchObject({
    type: '/problems/request/invalid',
    status: 422,
    instance: '/api/v1/sample/a1',
    detail: '5 things in the request are not as expected.',
  })
  expect(problem.faults).toEqual([
    expect.objectContaining({ path: '/label', code: 'wrong-type', value: 7, expected: 'string' }),
    expect.objectContaining({ path: '/amount_kg', code: 'too-small', value: -2, expected: { more_than: 0 } }),
    expect.objectContaining({ path: '/lines/1/unit', code: 'unknown-value', value: 'ton', expected: ['kg', 't'] }),
    expect.objectContaining({
      path: '/lines/2/unit',
      code: 'missing-field',
      message: 'This field is needed.',
      expected: ['kg', 't'],
    }),
    expect.objectContaining({ path: '/limit', code: 'too-big', value: '99', expected: { max: 10 } }),
  ])
})

test('of several forms the one that was meant is explained', async () => {
  const { problem } = await send({ label: 'x', when: { day: '2026-02-30' } })
  expect(problem.faults).toEqual([
    expect.objectContaining({ path: '/when/day', code: 'wrong-format', value: '2026-02-30' }),
  ])
})

test('fifty thousand wrong lines come back as a hundred faults and a count', async () => {
  const { status, problem } = await send({ label: 'x', lines: Array.from({ length: 50_000 }, () => ({ unit: 'q' })) })
  expect([status, problem.faults?.length, problem]).toMatchObject([422, 100, { faults_found: 50_000 }])
})

test('no body where one is needed is a missing body, not a bug', async () => {
  const { status, problem } = await app.fetch(echo, { params: { id: 'a1' } })
  expect([status, problem.faults?.[0]]).toMatchObject([422, { path: '', code: 'missing-field' }])
})

describe('hostile JSON is refused by name', () => {
  test.each([
    ['NaN', '{"a": NaN}', 400, 'request/malformed-json'],
    ['Infinity', '[Infinity]', 400, 'request/malformed-json'],
    ['a number beyond all doubles', '{"a": [1, 1e999]}', 422, 'request/invalid'],
    ['the same, written out', `{"a": -${'9'.repeat(400)}}`, 422, 'request/invalid'],
    ['a prototype', '{"a": {"__proto__": {"admin": true}}}', 422, 'request/invalid'],
    ['a prototype in disguise', String.raw`{"\u005f_pr\u006fto__": 1}`, 422, 'request/invalid'],
    ['10 000 lists within one another', '['.repeat(10_000) + ']'.repeat(10_000), 400, 'request/too-deep'],
    ['65 objects within one another', '{"a":'.repeat(65) + '1' + '}'.repeat(65), 400, 'request/too-deep'],
    ['half a document', '{"a": ', 400, 'request/malformed-json'],
    ['nothing', '', 400, 'request/malformed-json'],
    ['two documents', '{} {}', 400, 'request/malformed-json'],
    ['a comment', '{} // yes', 400, 'request/malformed-json'],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 400, 'request/malformed-json'],
    ['a half of a surrogate in bytes', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 400, 'request/malformed-json'],
    ['UTF-16', Buffer.from('{"a":1}', 'utf16le'), 400, 'request/malformed-json'],
  ])('%s', async (_name, body, status, type) => {
    const answer = await sendText(body)
    expect([answer.statusCode, answer.json().type]).toEqual([status, `/problems/${type}`])
  })

  test('the depth that is allowed, brackets in strings and long numbers pass', async () => {
    for (const body of [
      '['.repeat(64) + ']'.repeat(64),
      JSON.stringify('['.repeat(500) + String.raw`\"`),
      '1e308',
      `0.${'1'.repeat(400)}`,
      '"__proto__"',
    ]) {
      expect((await sendText(body)).statusCode).toBe(200)
    }
  })

  test('the place where it stops being JSON is named by line and column', async () => {
    const answer = await sendText('{\n  "a": 1,\n  b: 2\n}')
    expect(answer.json().detail).toBe('The body stops being JSON at line 3, column 3.')
  })

  test('a number beyond all doubles is pointed at', async () => {
    expect((await sendText('{"a": [1, 1e999]}')).json().faults).toEqual([
      expect.objectContaining({ path: '/a/1', code: 'not-finite' }),
    ])
  })
})

test('any bytes at all, and any JSON with a piece cut out of it, are read or refused, never a bug', async () => {
  const cut = fc
    .tuple(fc.json(), fc.nat(), fc.nat())
    .map(([json, at, length]) => json.slice(0, at % (json.length + 1)) + json.slice((at + length) % (json.length + 1)))
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 200 }).map(Buffer.from), fc.json(), cut), async (body) => {
      expect([200, 400, 422]).toContain((await sendText(body as string)).statusCode)
    }),
    { numRuns: 500 },
  )
})

test('415: another media type, and 413: more than a mebibyte', async () => {
  const xml = await sendText('<a/>', { 'content-type': 'text/xml' })
  expect([xml.statusCode, xml.json().type]).toEqual([415, '/problems/request/unsupported-media-type'])
  const large = await sendText(JSON.stringify('x'.repeat(1024 * 1024)))
  expect([large.statusCode, large.json().type]).toEqual([413, '/problems/request/too-large'])
})

test('405 with Allow for a known address, 404 for any other, both as problems', async () => {
  const known = await app.fetch('/api/v1/sample/a1', { method: 'PATCH' })
  expect([known.status, known.headers.allow, known.problem.type]).toEqual([
    405,
    'DELETE, POST',
    '/problems/request/method-not-allowed',
  ])
  const unknown = await app.fetch('/api/v1/no/such?password=hush')
  expect([unknown.status, unknown.problem]).toMatchObject([
    404,
    { type: '/problems/request/not-found', instance: '/api/v1/no/such' },
  ])
  expect((await app.fetch('/%zz')).status).toBe(404)
  expect((await app.fetch('/api/v1/sample/a1', { method: 'OPTIONS' })).headers.allow).toBe('DELETE, POST')
})

test('HEAD answers as GET without a body', async () => {
  const head = await app.fetch('/api/v1/extra', { method: 'HEAD' })
  expect([head.status, head.bytes.length]).toEqual([200, 0])
})

test('a refusal says what was and what would be right; its facts cannot replace the status', async () => {
  const { status, problem } = await app.fetch(refusal)
  expect([status, problem]).toMatchObject([
    409,
    {
      type: '/problems/sample/too-heavy',
      title: 'It is too heavy',
      status: 409,
      detail: '12 kg is more than 10 kg.',
      limit_kg: 10,
      nan: 'NaN',
    },
  ])
})

test('404: the type of a problem is the address of its description, and one that is none is system/unknown-problem', async () => {
  const known = await app.fetch('/problems/sample/too-heavy')
  expect(known).toMatchObject({ status: 200, body: { type: '/problems/sample/too-heavy', status: 409 } })
  for (const path of ['/problems/sample/none', '/problems/constructor/prototype', '/problems/request/__proto__']) {
    expect((await app.fetch(path)).problem).toMatchObject({ status: 404, type: '/problems/system/unknown-problem' })
  }
})

test.each([
  ['an answer that breaks the contract', breach],
  ['a state that cannot be', bug],
])('500: %s shows a request id and nothing else, and the log has the rest', async (_name, target) => {
  logged.length = 0
  const { status, problem, bytes } = await app.fetch(target)
  expect([status, problem.type]).toEqual([500, '/problems/server/bug'])
  expect(bytes.toString()).not.toMatch(/hush|secret|invariant|\.ts/i)
  expect(logged.some((line) => line.includes(problem.request_id) && line.includes('"err"'))).toBe(true)
})

test('fields that the contract does not promise do not leave', async () => {
  expect((await app.fetch(extra)).body).toEqual({ shown: 'yes' })
})

test('a reply of another media type is streamed as it is', async () => {
  const { bytes, headers } = await app.fetch(raw)
  expect([bytes.toString(), headers['content-type'], headers['content-disposition']]).toEqual([
    'a,b\n1,2\n',
    'text/csv',
    'attachment',
  ])
})

test('204 has no body', async () => {
  const answer = await app.fetch(nothing, { params: { id: 'a1' } })
  expect([answer.status, answer.bytes.length]).toEqual([204, 0])
})

describe('a file', () => {
  const sendFile = (body: unknown, headers = {}) =>
    app.fetch(upload, { params: { name: 'f' }, body, headers: { 'content-type': 'Text/CSV; charset=x', ...headers } })

  test('arrives as a stream, of whatever media type', async () => {
    const answer = await sendFile('x'.repeat(1000))
    expect([answer.status, answer.body]).toEqual([200, { name: 'f', bytes: 1000, media_type: 'text/csv' }])
    expect((await sendFile('{"a":', { 'content-type': 'application/json' })).body).toMatchObject({ bytes: 5 })
  })

  test('too large is refused before it is read when it says so, and while it is read when it does not', async () => {
    expect((await sendFile('x'.repeat(1001))).problem.type).toBe('/problems/request/too-large')
    const streamed = await sendFile(Readable.from(['x'.repeat(600), 'x'.repeat(600)]))
    expect([streamed.status, streamed.problem.type]).toEqual([413, '/problems/request/too-large'])
  })
})

test('a request id of the caller is kept when it is sane, and replaced when not', async () => {
  expect((await app.fetch(extra, { headers: { 'x-request-id': 'trace-12345' } })).headers['x-request-id']).toBe(
    'trace-12345',
  )
  expect((await app.fetch(extra, { headers: { 'x-request-id': 'short' } })).headers['x-request-id']).toMatch(
    /^[0-9a-f-]{36}$/,
  )
  expect(
    (await app.fetch(extra, { headers: { 'x-request-id': 'a b\\n{"level":"error"}' } })).headers['x-request-id'],
  ).toMatch(/^[0-9a-f-]{36}$/)
})

test('every answer, refusals included, carries the strict policy; the documentation alone may write styles', async () => {
  for (const url of ['/api/v1/extra', '/nowhere', '/api/v1/bug']) {
    const { headers } = await app.fetch(url)
    expect(headers['content-security-policy']).toMatch(/default-src 'none';script-src 'self';style-src 'self';/)
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' })
    expect(headers['strict-transport-security']).toBeUndefined()
  }
  for (const url of ['/docs/', '/redoc']) {
    expect((await app.fetch(url)).headers['content-security-policy']).toMatch(
      /script-src 'self';style-src 'self' 'unsafe-inline';.*frame-ancestors 'none'/,
    )
  }
})

test('the documentation loads nothing from elsewhere', async () => {
  const pages = ['/docs/', '/redoc', '/redoc/redoc.standalone.js', '/docs/static/swagger-initializer.js']
  for (const url of pages) {
    const { status, bytes } = await app.fetch(url)
    expect([url, status]).toEqual([url, 200])
    expect(bytes.toString()).not.toMatch(/(src|href)="https?:|cdn\.redoc/)
  }
})

test('long text is compressed when the caller can read it', async () => {
  const { headers, bytes } = await app.fetch('/openapi.json', { headers: { 'accept-encoding': 'gzip' } })
  expect(headers['content-encoding']).toBe('gzip')
  expect(JSON.parse(gunzipSync(bytes).toString())).toMatchObject({ openapi: '3.1.1' })
})

describe('over a real socket', () => {
  let origin = ''
  beforeAll(async () => {
    origin = await app.app.listen()
  })

  test('what is not HTTP is told so, and the next caller is served', async () => {
    const { hostname, port } = new URL(origin)
    const socket = connect(Number(port), hostname)
    socket.write('this is not http\r\n\r\n')
    const answer = await text(socket)
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[^]*application\/problem\+json[^]*"status":400/)
    expect((await fetch(`${origin}/version`)).status).toBe(200)
  })

  test('a sender that goes away in the middle of a file harms nobody', async () => {
    logged.length = 0
    const { hostname, port } = new URL(origin)
    const sending = httpRequest({
      hostname,
      port,
      method: 'POST',
      path: '/api/v1/files/f',
      headers: { 'content-type': 'text/csv', 'content-length': '900' },
    })
    sending.on('error', () => undefined)
    sending.write('x'.repeat(100))
    await expect.poll(() => sending.socket?.bytesWritten ?? 0).toBeGreaterThan(100)
    sending.destroy()
    await expect.poll(() => logged.filter((line) => line.includes('the sender went away')).length).toBe(1)
    expect(logged.filter((line) => line.includes('"level":"error"'))).toEqual([])
    expect((await fetch(`${origin}/health`)).status).toBe(200)
  })
})

describe('a compressed body', () => {
  const sendPacked = (encoding: string, payload: Buffer) =>
    sendText(payload, { 'content-encoding': encoding, 'content-type': 'application/json' })

  test('is read', async () => {
    expect((await sendPacked('gzip', gzipSync('{"label":"x"}'))).statusCode).toBe(200)
  })

  test.each([
    ['is not what its headers say', 'gzip', Buffer.from('{"label":"x"}'), 400, 'request/malformed-body'],
    ['is packed in a way nobody knows', 'zip', Buffer.from('{}'), 415, 'request/unsupported-media-type'],
    [
      'unpacks to more than is accepted',
      'gzip',
      gzipSync(Buffer.alloc(64 * 1024 * 1024, 32)),
      413,
      'request/too-large',
    ],
  ])('that %s is refused', async (_name, encoding, payload, status, type) => {
    const answer = await sendPacked(encoding, payload)
    expect([answer.statusCode, answer.json<{ type: string }>().type]).toEqual([status, `/problems/${type}`])
  })
})

test('an address that is too long leads nowhere, and that is no bug', async () => {
  const answer = await app.fetch(`/api/v1/sample/${'a'.repeat(2_000)}`, { method: 'POST', body: { label: 'x' } })
  expect([answer.status, answer.problem.type]).toEqual([404, '/problems/request/not-found'])
})

test('a route whose right nobody checks does not start', async () => {
  const guarded = { ...extra, name: 'sample.guarded', path: '/api/v1/guarded', needs: 'credits:retire' }
  const { config, log, limits } = app.ctx
  const options = { problems: {}, context: () => app.ctx, config, log, limits }
  await expect(createHttp({ ...options, bindings: [bind(guarded, async () => ({ shown: '' }))] })).rejects.toThrow(
    'sample.guarded needs "credits:retire"',
  )
})

describe('the web application', () => {
  let folder = ''
  let web: TestApp
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidemark-web-'))
    await mkdir(join(folder, 'assets'))
    await writeFile(join(folder, 'index.html'), '<!doctype html><title>Tidemark</title>')
    await writeFile(join(folder, 'assets/app-1a2b3c.js'), 'export {}')
    web = await openTestApp({ capabilities: [sample], web_dir: folder })
  })
  afterAll(async () => {
    await web?.close()
    await rm(folder, { recursive: true, force: true })
  })
  const page = (url: string, method = 'GET') => web.fetch(url, { method, headers: { accept: 'text/html,*/*;q=0.8' } })

  test('hashed files are kept for ever, the page is asked for each time', async () => {
    expect((await page('/assets/app-1a2b3c.js')).headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect((await page('/')).headers['cache-control']).toBe('no-cache')
  })

  test('an address that only the application knows gives its page', async () => {
    const answer = await page('/result/calc_1')
    expect([answer.status, answer.headers['content-type'], answer.bytes.toString()]).toEqual([
      200,
      'text/html; charset=utf-8',
      '<!doctype html><title>Tidemark</title>',
    ])
  })

  test('an address of the interface, a missing file, or a program’s request never gets a page', async () => {
    for (const url of ['/api/v1/none', '/assets/gone-9z.js', '/docs/none', '/problems/a/b'])
      expect((await page(url)).status).toBe(404)
    expect((await web.fetch('/result/calc_1', { headers: { accept: 'application/json' } })).status).toBe(404)
    expect((await page('/api/v1/free')).status).toBe(405)
    expect((await page('/result/calc_1', 'POST')).status).toBe(404)
    expect((await page('/../../package.json')).bytes.toString()).not.toContain('workspaces')
    expect((await page('/..%2f..%2fpackage.json')).bytes.toString()).not.toContain('workspaces')
  })
})
