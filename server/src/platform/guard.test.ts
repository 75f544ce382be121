import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { route } from '@tidemark/core/lib/contract.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import type { Access } from './access.ts'
import { bind, bindFile, bindUpload, type Capability } from './capability.ts'
import { readConfig } from './config.ts'
import { anonymous, type Person } from './context.ts'
import { organisationOf } from './tenancy.ts'
import { openTestApp, type TestApp } from './testing.ts'

const common = { summary: 'For a test', problems: [], examples: [] } as const
const output = z.unknown()
const see = route({ ...common, name: 'gate.see', method: 'GET', path: '/api/v1/gate', needs: 'public', output })
const change = route({ ...common, name: 'gate.change', method: 'POST', path: '/api/v1/gate', needs: 'public', body: z.unknown(), output }) // oxfmt-ignore
const file = route({ ...common, name: 'gate.file', method: 'PUT', path: '/api/v1/gate', needs: 'public', accepts: 'file', output }) // oxfmt-ignore
const upload = route({ ...common, name: 'gate.upload', method: 'POST', path: '/api/v1/gate/upload', needs: 'public', accepts: 'form', form: { files_field: 'files', files_max: 1, file_bytes_max: 9 }, body_bytes_max: 99, body: z.strictObject({}), output }) // oxfmt-ignore
const login = route({ ...common, name: 'gate.login', method: 'POST', path: '/api/v1/gate/login', needs: 'public', limit: 'login', output }) // oxfmt-ignore
const secret = route({ ...common, name: 'gate.secret', method: 'POST', path: '/api/v1/gate/secret', needs: 'gate.open', body: z.unknown(), body_bytes_max: 10_000_000, output }) // oxfmt-ignore

const gate: Capability = {
  name: 'gate',
  problems: {
    'gate/no-entry': { status: 403, title: 'No entry' },
    'gate/wrong-key': { status: 401, title: 'The key does not fit' },
  },
  bindings: [
    bind(see, async ({ client, actor }) => ({ client, actor })),
    bindUpload(upload, async () => ({})),
    bind(change, async (ctx) => ({ organisation_id: organisationOf(ctx) })),
    bindFile(file, async () => ({ ok: true })),
    bind(login, async ({ reply }) => {
      reply.setCookie({ name: 'tidemark', value: 'new', secure: false, max_age_s: 60 })
      reply.setCookie({ name: 'other', value: 'too', secure: false })
      throw new Problem('gate/no-entry')
    }),
    bind(secret, async () => ({ ok: true })),
  ],
}
const ann: Person = { kind: 'person', person_id: 'per_1', session_id: 'ses_1', instance_admin: false, via: 'cookie' }
const access: Access = {
  authenticate: async ({ cookies, authorization }) => {
    if (authorization?.startsWith('Bearer wrong')) throw new Problem('gate/wrong-key')
    if (authorization !== undefined) return { ...ann, via: 'token' }
    return cookies.has('tidemark') ? ann : anonymous
  },
  authorise: async () => {
    throw new Problem('gate/no-entry')
  },
}

let app: TestApp
const open = (config = {}) => openTestApp({ capabilities: [gate], access, config })
beforeAll(async () => {
  app = await open({ port: 3000, public_origin: 'https://carbon.example' })
})
afterAll(() => app?.close())

describe('a request for a host that is not ours is refused, so that no foreign name can lead here', () => {
  const statusFor = async (host: string, on = app) => (await on.fetch(see, { headers: { host } })).status

  test.each(['localhost', 'localhost:3000', 'LOCALHOST', '127.0.0.1:3000', '[::1]', '[::1]:3000', 'carbon.example', 'carbon.example:443'])('%s is ours', async (host) => expect(await statusFor(host)).toBe(200)) // oxfmt-ignore

  test.each([
    'evil.example',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'evil.example:3000',
    '10.0.0.1',
    '[fd00::1]',
    'carbon.example.evil',
    'a@localhost',
    'localhost/evil',
    'localhost:3000:1',
    ' ',
  ])('"%s" is not', async (host) => {
    // oxfmt-ignore
    const answer = await app.fetch(see, { headers: { host } })
    expect([answer.status, answer.problem.type]).toEqual([421, '/problems/request/unknown-host'])
  })

  test('nor is it for what is no route: pages, health, addresses that do not exist', async () => {
    for (const path of ['/health', '/docs', '/', '/nothing'])
      expect((await app.fetch(path, { headers: { host: 'evil.example' } })).status, path).toBe(421)
  })

  test('beyond loopback addresses are answered, and names only when a setting says so', async () => {
    const outside = await open({ host: '0.0.0.0', port: 80 })
    try {
      expect(await statusFor('10.0.0.1', outside)).toBe(200)
      expect(await statusFor('carbon.example', outside)).toBe(421)
    } finally {
      await outside.close()
    }
  })
})

describe('what another site sends through a browser is refused', () => {
  const cookie = { cookie: 'tidemark=x' }
  const post = (headers: Record<string, string>) => app.fetch(change, { body: {}, headers })
  const ours = { origin: 'http://localhost:3000', host: 'localhost:3000' }

  test.each([
    ['same origin', { ...ours }],
    ['same origin, said twice', { ...ours, 'sec-fetch-site': 'same-origin' }],
    ['said by the browser alone', { 'sec-fetch-site': 'same-origin' }],
    ['the public origin', { origin: 'https://carbon.example' }],
  ])('with a cookie, %s: goes on', async (_name, headers) => {
    // This person is in no organisation, and is told so: the request has passed.
    expect((await post({ ...cookie, ...headers })).problem.type).toBe('/problems/request/no-organisation')
  })

  const foreign: [string, Record<string, string>][] = [
    ['another origin', { origin: 'https://evil.example' }],
    ['another port', { ...ours, origin: 'http://localhost:4000' }],
    ['another scheme', { ...ours, origin: 'https://localhost:3000' }],
    ['an origin that begins like ours', { origin: 'https://carbon.example.evil' }],
    ['no origin of its own', { origin: 'null' }],
    ['cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['a sister site', { 'sec-fetch-site': 'same-site' }],
    ['cross-site though the origin is ours', { ...ours, 'sec-fetch-site': 'cross-site' }],
  ]
  test.each(foreign)('with a cookie or without, %s: refused', async (_name, headers) => {
    for (const given of [{ ...cookie, ...headers }, headers]) {
      const answer = await post(given)
      expect([answer.status, answer.problem.type]).toEqual([403, '/problems/request/cross-site'])
    }
  })

  test('with a cookie and no word on where it comes from: refused; a program with a token needs none', async () => {
    expect((await post(cookie)).problem.type).toBe('/problems/request/cross-site')
    expect((await post({ authorization: 'Bearer x' })).problem.type).toBe('/problems/request/no-organisation')
    expect((await post({})).status).toBe(200)
  })

  test('with a cookie, what a plain form can send is no body', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      const headers = { ...cookie, ...ours, 'content-type': type }
      expect((await app.fetch(file, { body: Buffer.from('x'), headers })).status, type).toBe(415)
      expect((await app.fetch(change, { body: Buffer.from('{}'), headers })).status, type).toBe(415)
    }
    // A form for a route that takes one: with the header that no plain form can send.
    const form = 'multipart/form-data; boundary=x'
    const sent = { ...cookie, ...ours, 'content-type': form }
    const sendForm = async (more: object) => (await app.fetch(upload, { body: Buffer.from('--x--\r\n'), headers: { ...sent, ...more } })).status // oxfmt-ignore
    expect([await sendForm({}), await sendForm({ 'x-tidemark-form': '1' })]).toEqual([415, 200])
    expect((await app.fetch(file, { body: Buffer.from('x'), headers: { ...sent, 'x-tidemark-form': '1' } })).status).toBe(415) // oxfmt-ignore
    const headers = { ...cookie, ...ours, 'content-type': 'text/csv' }
    expect((await app.fetch(file, { body: Buffer.from('x'), headers })).status).toBe(200)
  })

  test('reading is free: a link from elsewhere works', async () => {
    expect((await app.fetch(see, { headers: { ...cookie, 'sec-fetch-site': 'cross-site' } })).status).toBe(200)
  })
})

describe('where a request comes from', () => {
  const clientOf = async (on: TestApp, headers = {}) =>
    ((await on.fetch(see, { headers })).body as { client: { address: string } }).client

  test('is the address of the connection, whatever the headers say', async () => {
    const headers = { 'x-forwarded-for': '192.0.2.9', 'user-agent': 'curl/8', forwarded: 'for=192.0.2.9' }
    expect(await clientOf(app, headers)).toEqual({
      address: '127.0.0.1',
      cookies: {},
      host: 'localhost:80',
      user_agent: 'curl/8',
    })
  })

  test('is what a configured proxy says, and what lies before that proxy is not believed', async () => {
    const behind = await open({
      trusted_proxies: ['127.0.0.0/8', '192.0.2.1'],
      public_origin: 'https://carbon.example',
    })
    try {
      const said = { 'x-forwarded-for': '203.0.113.66, 198.51.100.7, 192.0.2.1', 'x-forwarded-host': 'carbon.example' }
      expect((await clientOf(behind, said)).address).toBe('198.51.100.7')
      const foreign = { headers: { 'x-forwarded-host': 'evil.example' } }
      expect((await behind.fetch(see, foreign)).status).toBe(421)
    } finally {
      await behind.close()
    }
  })
})

describe('limits', () => {
  let limited: TestApp
  beforeEach(async () => {
    const text =
      '{"api":{"address":{"count":3,"window_s":60},"person":{"count":1,"window_s":60}},"login":{"address":{"count":1,"window_s":60}}}'
    limited = await open({ rate_limits: readConfig({ RATE_LIMITS: text }).rate_limits })
    return () => limited.close()
  })

  test('are told with every answer, and a refusal says how long to wait', async () => {
    const answers = []
    for (let i = 0; i < 4; i += 1) answers.push(await limited.fetch(see))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429])
    expect(answers.map(({ headers }) => headers.ratelimit)).toEqual(['"api";r=2;t=20', '"api";r=1;t=40', '"api";r=0;t=60', '"api";r=0;t=60']) // oxfmt-ignore
    expect(answers[3]?.headers).toMatchObject({ 'retry-after': '20', 'ratelimit-policy': '"api";q=3;w=60' })
    expect(answers[3]?.problem).toMatchObject({ type: '/problems/request/too-many', retry_after_s: 20 })
  })

  test('count a person wherever they are, beside the address', async () => {
    const headers = { authorization: 'Bearer x' }
    expect((await limited.fetch(see, { headers })).status).toBe(200)
    expect((await limited.fetch(see, { headers })).status).toBe(429)
    expect((await limited.fetch(see)).status).toBe(200)
  })

  test('count whoever tries keys that do not fit, until trying is all they could do', async () => {
    const tries = []
    for (let i = 0; i < 4; i += 1)
      tries.push((await limited.fetch(see, { headers: { authorization: `Bearer wrong ${i}` } })).status)
    expect(tries).toEqual([401, 401, 401, 429])
  })

  test('refuse before a body is read', async () => {
    await limited.fetch(login, { body: {} })
    const answer = await limited.fetch(login, { body: '{"broken', headers: { 'content-type': 'application/json' } })
    expect(answer.status).toBe(429)
  })
})

test('rights are asked for before a body is read', async () => {
  const answer = await app.fetch(secret, {
    body: Buffer.from('{"broken'),
    headers: { 'content-type': 'application/json' },
  })
  expect([answer.status, answer.problem.type]).toEqual([403, '/problems/gate/no-entry'])
})

test('cookies go with the answer, with a refusal as well', async () => {
  const answer = await app.fetch(login, { method: 'POST' })
  expect(answer.status).toBe(403)
  expect(answer.headers['set-cookie']).toEqual([
    'tidemark=new; Path=/; Max-Age=60; HttpOnly; SameSite=Lax',
    'other=too; Path=/; HttpOnly; SameSite=Lax',
  ])
})
