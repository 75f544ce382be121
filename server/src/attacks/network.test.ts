import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { mkdtemp, mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as contract from '@tidemark/core/accounts/contract.ts'
import type { AnyRoute } from '@tidemark/core/lib/contract.ts'
import { addProject } from '@tidemark/core/projects/contract.ts'
import { addSite } from '@tidemark/core/sites/contract.ts'
import { makeKey } from '../accounts/service.ts'
import { access, capabilities } from '../app.ts'
import { listMails } from '../platform/mail.ts'
import { share } from '../platform/testing-extent.ts'
import { ARRIVAL_MS_MAX } from '../platform/arrivals.ts'
import { claim } from '../platform/testing-access.ts'
import {
  addOrganisation,
  openAccountsApp,
  signedIn,
  type AccountsTestApp,
  type TestPerson,
} from '../testing-accounts.ts'
import { acceptedBody, contentOf, paramsOf } from '../testing-attacks.ts'

/** What reaches the server before any rule of ours does: headers, bytes, paths, other people’s pages. */
const SECRET = 'zanzibarquux lies beside the pages'
let app: AccountsTestApp
let organisation_id: string
let owner: TestPerson
let folder: string
let origin: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-attacks-'))
  await mkdir(join(folder, 'web/assets'), { recursive: true })
  await writeFile(join(folder, 'web/index.html'), '<!doctype html><title>Tidemark</title>')
  await writeFile(join(folder, 'web/assets/app.js'), 'export {}')
  await writeFile(join(folder, 'web/.env'), SECRET)
  await writeFile(join(folder, 'secret.txt'), SECRET)
  app = await openAccountsApp({ capabilities, access, web_dir: join(folder, 'web') })
  await claim(app)
  organisation_id = await addOrganisation(app, 'Home')
  owner = await signedIn(app, { organisation_id, role: 'owner', instance_admin: true })
  origin = await app.app.listen()
})
afterAll(async () => {
  await app?.close()
  await rm(folder, { recursive: true, force: true })
})

const routes = capabilities.flatMap(({ bindings }) => bindings.map(({ route }) => route))
const changing = routes.filter(({ method }) => method !== 'GET')
const own = () => ({ organisation_id })
const cookie = () => ({ cookie: `tidemark=${owner.session}` })
/** With what a page of ours would send, apart from where it comes from. */
const asked = (route: AnyRoute, headers: Record<string, string>) =>
  app.fetch(route, {
    params: paramsOf(route, own()),
    body: route.accepts === 'file' ? Buffer.from('x') : acceptedBody(route),
    headers: { ...(route.accepts === 'file' ? { 'content-type': 'text/csv' } : {}), ...headers },
  })

describe('a page of another site', () => {
  const foreign: [string, Record<string, string>][] = [
    ['another origin', { origin: 'https://evil.example' }],
    ['an origin that begins like ours', { origin: 'http://localhost.evil.example' }],
    ['an origin that ends like ours', { origin: 'http://evil-localhost' }],
    ['another port', { origin: 'http://localhost:1', host: 'localhost:3000' }],
    ['no origin of its own', { origin: 'null' }],
    ['cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['same-site', { 'sec-fetch-site': 'same-site' }],
    ['none, as a bookmark would', { 'sec-fetch-site': 'none' }],
    ['two words about it', { 'sec-fetch-site': 'same-origin, cross-site' }],
    ['nothing about where it comes from', {}],
  ]

  test('changes nothing through the cookie of somebody’s browser, at any route, whatever it says of itself', async () => {
    const before = await contentOf(app)
    const wrong: string[] = []
    for (const [turn, route] of changing.entries())
      for (const [name, headers] of share(foreign, 3, turn)) {
        const { status, problem } = await asked(route, { ...cookie(), ...headers })
        if (problem.type !== '/problems/request/cross-site') wrong.push(`${route.name}, ${name}: ${status} ${problem.type}`)
      }
    expect(wrong).toEqual([])
    expect(await contentOf(app)).toEqual(before)
    console.info(`attacks: cross-site: ${changing.length} routes that change something × ${foreign.length}`)
  }, 60_000)

  test('sends no form that would be read as JSON', async () => {
    const wrong: string[] = []
    for (const [turn, route] of changing.filter((each) => each.body && each.accepts !== 'file').entries())
      for (const type of share(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain; application/json', ''], 2, turn)) {
        const { status } = await app.fetch(route, { params: paramsOf(route, own()), body: JSON.stringify(acceptedBody(route) ?? {}), headers: { ...cookie(), origin: 'http://localhost:3000', host: 'localhost:3000', 'content-type': type } }) // oxfmt-ignore
        // 403: who asks is refused before the body is looked at, where a right is not even the owner's.
        if (status !== 415 && status !== 403) wrong.push(`${route.name} as ${type}: ${status}`)
      }
    expect(wrong).toEqual([])
  })

  test('reads nothing: no answer allows another origin', async () => {
    for (const route of routes.filter(({ method }) => method === 'GET')) {
      const { headers } = await app.fetch(route, { params: paramsOf(route, own()), query: route.examples[0]?.query, headers: { ...cookie(), origin: 'https://evil.example' } }) // oxfmt-ignore
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control-')), route.name).toEqual([])
      expect(headers['cross-origin-resource-policy'], route.name).toBe('same-origin')
    }
  })
}) // oxfmt-ignore

test('every answer of the interface says what it is, and that nothing else may be made of it', async () => {
  const wrong: string[] = []
  for (const route of routes) {
    const answer = await asked(route, {
      ...cookie(),
      'sec-fetch-site': route.method === 'GET' ? 'same-origin' : 'cross-site',
    })
    const { 'content-type': type, 'x-content-type-options': sniff, 'content-security-policy': policy } = answer.headers
    const is_json = /^application\/(?:problem\+json|json)(?:;|$)/.test(String(type))
    const is_file = route.produces !== undefined && !/html|xml|svg/.test(String(type))
    const is_safe = (is_json || is_file || answer.status === 204) && sniff === 'nosniff'
    if (!is_safe || !/default-src 'none';script-src 'self';/.test(String(policy))) wrong.push(`${route.name}: ${String(type)}, ${String(sniff)}`) // oxfmt-ignore
  }
  expect(wrong).toEqual([])
})

describe('the name that a request gives the server', () => {
  const foreign = ['evil.example', 'localhost.evil.example', 'localhost:3000@evil.example', '127.0.0.1.nip.io', 'localhost, evil.example', 'evil.example#localhost'] // oxfmt-ignore

  test('is never one that we do not have, at any route', async () => {
    const wrong: string[] = []
    for (const route of routes)
      for (const host of foreign) {
        const { status } = await app.fetch(route, { params: paramsOf(route, own()), headers: { host } })
        if (![400, 421].includes(status)) wrong.push(`${route.name} for "${host}": ${status}`)
      }
    expect(wrong).toEqual([])
  })

  test('is in no link of a mail, nor is one that a header puts beside it', async () => {
    const lies = { host: 'localhost:3000', 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example;proto=https', 'x-original-host': 'evil.example', 'x-forwarded-proto': 'https' } // oxfmt-ignore
    await app.fetch(contract.requestReset, { body: { email: owner.email }, headers: lies })
    const mail = (await listMails(app.ctx, 1))[0]
    expect(mail?.kind).toBe('reset-password')
    expect(mail?.text).toContain(`${app.ctx.origin()}/auth/reset#`)
    expect(mail?.text).not.toContain('evil')
  })
})

test('nothing leads to another site: no address of ours answers with one that was sent', async () => {
  const wrong: string[] = []
  const bait = ['//evil.example', '/\\evil.example', '/%5cevil.example/..', '/http://evil.example', '/%0d%0alocation:%20https://evil.example', '/docs//evil.example', '/docs/..//evil.example', '//evil.example/%2e%2e', '/docs?/../evil.example'] // oxfmt-ignore
  for (const path of bait) {
    const answer = await raw(
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nConnection: close\r\n\r\n`,
    )
    if (/\r\nlocation: *(?:https?:)?[\\/]{2}/i.test(answer) || /\r\nlocation:[^\r\n]*evil/i.test(answer))
      wrong.push(path)
  }
  for (const route of routes.filter(({ method }) => method === 'GET'))
    for (const name of ['return_to', 'redirect', 'redirect_uri', 'next', 'url']) {
      const { headers } = await app.fetch(route, { params: paramsOf(route, own()), query: { ...route.examples[0]?.query, [name]: 'https://evil.example' } }) // oxfmt-ignore
      if (String(headers.location ?? '').includes('evil')) wrong.push(`${route.name} ?${name}`)
    }
  expect(wrong).toEqual([])
})

describe('a socket that is to stay open', () => {
  const sockets = capabilities.flatMap((capability) => capability.sockets ?? []).map(({ socket }) => socket)
  /** What stands in the address of a socket: something of the owner’s own, so that refusals are not for want of it. */
  const things: Record<string, () => Promise<string>> = {
    project_id: async () => (await app.fetch(addProject, { body: acceptedBody(addProject) as never, headers: { ...cookie(), origin, host: new URL(origin).host } })).body.id, // oxfmt-ignore
    site_id: async () => (await app.fetch(addSite, { body: acceptedBody(addSite), headers: { ...cookie(), origin, host: new URL(origin).host } })).body.id, // oxfmt-ignore
  }
  const addresses: string[] = []
  let stranger: TestPerson
  let powerless: string
  beforeAll(async () => {
    stranger = await signedIn(app, { organisation_id: await addOrganisation(app, 'Elsewhere'), role: 'owner' })
    const wanted = { kind: 'organisation' as const, name: 'Nothing', scopes: ['audit.read'], expires_in_days: 1, ip_list: [], person_id: owner.person_id, organisation_id, role: 'owner' as const } // oxfmt-ignore
    powerless = (await makeKey({ ...app.ctx, db: app.ctx.system_db }, wanted)).secret
    for (const { path } of sockets) {
      let address = path
      for (const [braced, name = ''] of path.matchAll(/\{(\w+)\}/g)) {
        const make = things[name]
        if (!make) throw new Error(`${path} needs a ${name}, and nothing here makes one`)
        address = address.replace(braced, await make())
      }
      addresses.push(address)
    }
  })
  const upgrade = (path: string, more = '') =>
    raw(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${more}\r\n`) // oxfmt-ignore

  const places = () => [...new Set(['/', '/ws', '/socket', '/api/v1/ws', '/api/v1/stream', ...addresses, ...routes.map(filled)])] // oxfmt-ignore
  const opened = async (more: string) => {
    const open: string[] = []
    const left = places()
    const askNext = async (): Promise<void> => {
      for (let path = left.pop(); path !== undefined; path = left.pop())
        if ((await upgrade(path, more)).startsWith('HTTP/1.1 101 ')) open.push(path)
    }
    await Promise.all(Array.from({ length: 16 }, askNext))
    return open
  }

  test('is opened nowhere for nobody, nor for a page of another site with somebody’s cookie', async () => {
    const theirs = 'Origin: https://evil.example\r\n'
    for (const more of ['', theirs, `${theirs}Cookie: tidemark=${owner.session}\r\n`, `Cookie: tidemark=${owner.session}\r\n`])
      expect(await opened(more)).toEqual([])
    console.info(`attacks: sockets: ${places().length} addresses asked to open one × 4`)
  }, 60_000)

  test('is opened for whoever may where one is declared, and nowhere else', async () => {
    const open = await opened(`Origin: http://localhost\r\nCookie: tidemark=${owner.session}\r\n`)
    expect(open.sort()).toEqual([...addresses].sort())
  }, 60_000)

  test('is opened for no other organisation, no key without the right, no page elsewhere whatever it brings, and no ticket that is none', async () => {
    const refused: [string, string, number][] = [
      ['of another organisation', `Origin: http://localhost\r\nCookie: tidemark=${stranger.session}\r\n`, 404],
      ['with a key for something else', `Authorization: Bearer ${powerless}\r\n`, 403],
      ['with a key, from a page elsewhere', `Origin: https://evil.example\r\nAuthorization: Bearer ${powerless}\r\n`, 403],
      ['from no origin of its own', `Origin: null\r\nCookie: tidemark=${owner.session}\r\n`, 403],
      ['from another port', `Origin: http://127.0.0.1:1\r\nCookie: tidemark=${owner.session}\r\n`, 403],
    ]
    for (const [at, address] of addresses.entries()) {
      for (const [who, more, status] of refused)
        // What has no thing in its address belongs to whoever opens it.
        if (status !== 404 || sockets[at]?.path.includes('{'))
          expect(`${who}: ${(await upgrade(address, more)).slice(9, 12)}`).toBe(`${who}: ${status}`)
      expect(await upgrade(`${address}?ticket=none`)).toMatch(/^HTTP\/1\.1 401 /)
    }
  })
}) // oxfmt-ignore

function filled(route: AnyRoute): string {
  const params = paramsOf(route, own())
  return route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? 'x'))
}

describe('a path', () => {
  const climbing = ['/../secret.txt', '/..%2fsecret.txt', '/%2e%2e/secret.txt', '/%2e%2e%2fsecret.txt', '/..%5csecret.txt', '/assets/../../secret.txt', '/assets/..%2f..%2fsecret.txt', '/assets/%252e%252e/%252e%252e/secret.txt', '/assets/....//....//secret.txt', '/assets/..;/..;/secret.txt', '/%c0%ae%c0%ae/secret.txt', '//secret.txt', '/assets/app.js%00.txt', '/assets/app.js/../../../secret.txt', '/.env', '/assets/../.env', '/%2eenv', '/docs/static/../../../../package.json', '/docs/static/..%2f..%2f..%2f..%2fpackage.json', `/${'../'.repeat(20)}etc/passwd`, `/assets/${'%2e%2e%2f'.repeat(20)}etc/passwd`, '/file:///etc/passwd', '/C:/x', '/\\\\evil\\share'] // oxfmt-ignore

  test('leads to no file beside the pages, over a real socket, however it is spelt', async () => {
    const wrong: string[] = []
    for (const path of climbing) {
      const answer = await raw(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
      if (/zanzibarquux|workspaces|root:/.test(answer) || answer.startsWith('HTTP/1.1 5')) wrong.push(`${path}: ${answer.slice(0, 80)}`)
    }
    expect(wrong).toEqual([])
    expect(await raw('GET /assets/app.js HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')).toContain('export {}')
  }) // oxfmt-ignore

  test('in the name of an uploaded file leads nowhere either: it is a label, and nothing is written under it', async () => {
    const name = '../../../../tmp/zanzibarquux.csv'
    const answer = await app.fetch(`/api/v1/factors/import?filename=${encodeURIComponent(name)}`, { method: 'POST', body: Buffer.from('name;value;unit;source\nPeat;1;kg;Us\n'), headers: { ...cookie(), origin: 'http://localhost:3000', host: 'localhost:3000', 'content-type': 'text/csv' } }) // oxfmt-ignore
    expect(answer.status).toBeLessThan(500)
    await expect(stat('/tmp/zanzibarquux.csv')).rejects.toThrow('ENOENT')
  })
})

describe('more than fits', () => {
  const packed: [string, Buffer][] = [
    ['gzip', gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x20))],
    ['br', brotliCompressSync(Buffer.alloc(32 * 1024 * 1024, 0x20))],
    ['deflate', deflateSync(Buffer.alloc(32 * 1024 * 1024, 0x20))],
    ['gzip, gzip', gzipSync(gzipSync(Buffer.alloc(16 * 1024 * 1024, 0x20)))],
    ['gzip', Buffer.from('1f8b0800', 'hex')],
    ['x-unknown', Buffer.from('{}')],
  ]

  test('unpacked: a compressed body stops at what the route accepts', async () => {
    const json = routes.filter(
      (route) => route.body && route.accepts !== 'file' && (route.body_bytes_max ?? 0) <= 1024 * 1024,
    )
    const wrong: string[] = []
    for (const route of json.slice(0, 6))
      for (const [encoding, body] of packed) {
        const { status } = await app.fetch(route, { params: paramsOf(route, own()), body, headers: { ...cookie(), 'sec-fetch-site': 'same-origin', 'content-type': 'application/json', 'content-encoding': encoding } }) // oxfmt-ignore
        if (![400, 413, 415].includes(status)) wrong.push(`${route.name} ${encoding}: ${status}`)
      }
    expect(wrong).toEqual([])
  }, 60_000)

  test('unpacked: a compressed file too', async () => {
    const route = routes.find(({ name }) => name === 'certificates.verify')
    if (!route) throw new Error('no route takes a file')
    const body = gzipSync(Buffer.alloc((route.body_bytes_max ?? 0) + 1024 * 1024, 0x20))
    const { status } = await app.fetch(route, { body, headers: { 'content-type': 'application/octet-stream', 'content-encoding': 'gzip' } }) // oxfmt-ignore
    expect([400, 413, 415]).toContain(status)
  })

  test('in headers, in one line of the request, or in many headers is refused, and the next caller is served', async () => {
    const head = 'GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n'
    for (const [what, text_sent] of [
      ['one header', `${head}x-a: ${'a'.repeat(100_000)}\r\n\r\n`],
      ['many headers', `${head}${Array.from({ length: 5_000 }, (_, index) => `x-${index}: a\r\n`).join('')}\r\n`],
      ['the address', `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`],
      ['the cookie', `${head}cookie: ${'a=b; '.repeat(5_000)}\r\n\r\n`],
    ] as const) {
      const answer = await raw(text_sent)
      expect(answer, what).toMatch(/^HTTP\/1\.1 (?:4\d\d|200) /)
      if (what !== 'the cookie') expect(answer, what).toMatch(/^HTTP\/1\.1 4/)
    }
    expect((await fetch(`${origin}/health`)).status).toBe(200)
  })

  test('two lengths, a length beside pieces, and a line folded or cut are refused: no second request hides in a first', async () => {
    const smuggled = 'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n'
    const post = 'POST /api/v1/auth/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
    for (const bad of [
      `${post}Content-Length: 4\r\nContent-Length: 60\r\n\r\n{}  ${smuggled}`,
      `${post}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
      `${post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${smuggled}`,
      `${post}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${smuggled}`,
      `${post}Content-Length: +4\r\n\r\n{}  ${smuggled}`,
      `${post}X-A: b\r\n c: d\nContent-Length: 2\n\n{}`,
      `${post}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`,
    ]) {
      const answer = await raw(bad)
      expect(answer, bad.slice(90, 160)).toMatch(/^HTTP\/1\.1 4\d\d /)
      expect(answer.match(/HTTP\/1\.1 200/g), bad.slice(90, 160)).toBeNull()
    }
  })

  test('of a body that does not come: the limits on time are set, and others are served meanwhile', async () => {
    const { server } = app.app.http
    expect([server.headersTimeout, server.requestTimeout, server.keepAliveTimeout]).toEqual([
      10_000,
      ARRIVAL_MS_MAX,
      5_000,
    ])
    const { hostname, port } = new URL(origin)
    const slow = Array.from({ length: 50 }, () => {
      const sending = httpRequest({ hostname, port, method: 'POST', path: '/api/v1/auth/sign-in', headers: { 'content-type': 'application/json', 'content-length': '1000' } }) // oxfmt-ignore
      sending.on('error', () => undefined)
      sending.write('{')
      return sending
    })
    expect((await fetch(`${origin}/health`)).status).toBe(200)
    for (const each of slow) each.destroy()
  })
})

/** Bytes as they are, and all that comes back before the connection ends or falls silent. */
async function raw(bytes: string): Promise<string> {
  const { hostname, port } = new URL(origin)
  const socket = connect(Number(port), hostname)
  socket.setTimeout(5_000, () => socket.destroy())
  socket.on('error', () => undefined)
  socket.write(bytes)
  let answer = ''
  socket.on('data', (chunk: Buffer) => {
    answer += chunk.toString('latin1')
    // What upgrades, or stays open for more, is seen by its first line.
    if (/\r\n\r\n/.test(answer) && !/connection: close/i.test(bytes)) setTimeout(() => socket.destroy(), 20)
  })
  await new Promise((resolve) => socket.on('close', resolve))
  return answer
}
