import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { apiKeyText, parseApiKey } from '@tidemark/core/accounts/api-key.ts'
import * as contract from '@tidemark/core/accounts/contract.ts'
import { may, roles, scopes, scopesOf, type Permission, type Role } from '@tidemark/core/accounts/permissions.ts'
import { personalData } from '../accounts/service.ts'
import { access, capabilities } from '../app.ts'
import type { Actor } from '../platform/context.ts'
import { share } from '../platform/testing-extent.ts'
import { claim, expectedOutcome, outcomeOf, probe, probes } from '../platform/testing-access.ts'
import {
  addOrganisation,
  addPerson,
  anotherSession,
  openAccountsApp,
  PASSWORD,
  signedIn,
  type AccountsTestApp,
  type TestPerson,
} from '../testing-accounts.ts'

/**
 * The matrix of `access.test.ts` with real people who show real credentials: cookies, access tokens, keys of their own and
 * keys of their organisation, and everything that looks like one and is none.
 */
type Headers = Record<string, string>
interface Shown {
  name: string
  headers: Headers
  /** Who they are by the table; undefined for what opens nothing anywhere. */
  actor?: Actor
}

const routes = capabilities.flatMap(({ bindings }) => bindings.map(({ route }) => route))
const valid: Shown[] = []
const refused: Shown[] = []
/** Credentials that are good, of people who have lost what they had: they are who they are now. */
const reduced: Shown[] = []

const cookie = (value: string): Headers => ({ cookie: `tidemark=${value}`, 'sec-fetch-site': 'same-origin' })
const bearer = (text: string): Headers => ({ authorization: `Bearer ${text}` })

let app: AccountsTestApp
let home: string
let admin: TestPerson
beforeAll(async () => {
  app = await openAccountsApp({ capabilities: [...capabilities, probe], access })
  home = await addWithoutLimits('Home')
  admin = await signedIn(app, { instance_admin: true })
  await claim(app)
  await addExpired()
  await addPeople()
  await addRevoked()
  await addSuspended()
  await addRemoved()
  await addOfClosedOrganisation()
  await addForged()
})
afterAll(() => app?.close())

/** What a plan includes is not what is asked here. */
async function addWithoutLimits(name: string): Promise<string> {
  const organisation_id = await addOrganisation(app, name)
  await sql`update accounts.organisation set plan = 'enterprise' where organisation_id = ${organisation_id}`.execute(
    app.db.kysely,
  )
  return organisation_id
}

type Tokens = { access_token: string; refresh_token: string }
async function tokensOf(person: TestPerson): Promise<Tokens> {
  const answer = await app.fetch(contract.token, { body: { email: person.email, password: PASSWORD } })
  if (answer.status !== 200) throw new Error(answer.bytes.toString())
  return answer.body
}

async function keyOf(person: TestPerson, given: readonly string[], more: object = {}): Promise<string> {
  const body = { name: 'A key', scopes: given, ...more } as never
  const answer = await person.fetch(contract.createKey, { body })
  if (answer.status !== 201) throw new Error(answer.bytes.toString())
  return answer.body.secret
}

/** Everything that somebody who is signed in can show, each of its own. */
async function everythingOf(person: TestPerson, role: Role, given: readonly string[] = scopesOf(role)) {
  const { access_token, refresh_token } = await tokensOf(person)
  const shown = [
    ['cookie', cookie(person.session)],
    ['access token', bearer(access_token)],
    ['personal key', bearer(await keyOf(person, given))],
    ...(may(role, 'accounts.manage_keys')
      ? [['key of the organisation', bearer(await keyOf(person, given, { kind: 'organisation' }))] as const]
      : []),
  ] as [name: string, headers: Headers][]
  return { shown, access_token, refresh_token }
}

function actorFor(kind: string, person_id: string, role: Role | undefined, given: readonly string[]): Actor {
  if (kind.includes('key')) return { kind: 'key', key_id: '', organisation_id: home, scopes: given }
  const acting = role === undefined ? {} : { organisation_id: home, role }
  return { kind: 'person', person_id, session_id: '', instance_admin: false, via: 'token', ...acting }
}

async function addPeople(): Promise<void> {
  for (const role of roles) {
    const person = await signedIn(app, { organisation_id: home, role })
    const { shown } = await everythingOf(person, role)
    for (const [kind, headers] of shown)
      valid.push({ name: `${kind}, ${role}`, headers, actor: actorFor(kind, person.person_id, role, scopesOf(role)) })
  }
  const operator = await signedIn(app, { organisation_id: home, role: 'owner' })
  for (const scope of scopes)
    valid.push({ name: `key for ${scope}`, headers: bearer(await keyOf(operator, [scope])), actor: actorFor('key', '', undefined, [scope]) }) // oxfmt-ignore
  const homeless = await signedIn(app)
  valid.push(
    { name: 'cookie, in no organisation', headers: cookie(homeless.session), actor: actorFor('cookie', homeless.person_id, undefined, []) },
    { name: 'access token, in no organisation', headers: bearer((await tokensOf(homeless)).access_token), actor: actorFor('token', homeless.person_id, undefined, []) },
  ) // oxfmt-ignore
  const instance_admin = { ...actorFor('cookie', admin.person_id, undefined, []), instance_admin: true } as Actor
  admin = await signedIn(app, { instance_admin: true })
  valid.push(
    { name: 'cookie, administrator of the instance', headers: cookie(admin.session), actor: instance_admin },
    { name: 'access token, administrator of the instance', headers: bearer((await tokensOf(admin)).access_token), actor: instance_admin },
  ) // oxfmt-ignore
}

/** The clock goes on for a day, past sessions without a request, access tokens and a key of one day. */
async function addExpired(): Promise<void> {
  const owner = await signedIn(app, { organisation_id: home, role: 'owner' })
  const { access_token } = await tokensOf(owner)
  const key = await keyOf(owner, scopes, { expires_in_days: 1 })
  const key_of_all = await keyOf(owner, scopes, { expires_in_days: 1, kind: 'organisation' })
  app.clock.pass(86_401)
  const old = await signedIn(app, { organisation_id: home, role: 'owner' })
  await sql`update accounts.session set expires_at = ${app.clock.now()} where person_id = ${old.person_id}`.execute(
    app.db.kysely,
  )
  refused.push(
    { name: 'cookie: twelve hours without a request', headers: cookie(owner.session) },
    { name: 'cookie: older than thirty days', headers: cookie(old.session) },
    { name: 'access token: expired', headers: bearer(access_token) },
    { name: 'personal key: expired', headers: bearer(key) },
    { name: 'key of the organisation: expired', headers: bearer(key_of_all) },
  )
}

async function addRevoked(): Promise<void> {
  const owner = await signedIn(app, { organisation_id: home, role: 'owner' })
  const ended = await anotherSession(app, owner)
  await owner.fetch(contract.endSession, { params: { session_id: (await ended.me()).session_id } })
  const { access_token, refresh_token } = await tokensOf(owner)
  await app.fetch(contract.revoke, { body: { refresh_token } })
  refused.push(
    { name: 'cookie: ended in the list', headers: cookie(ended.session) },
    { name: 'access token: its refresh token was revoked', headers: bearer(access_token) },
  )
  for (const kind of ['personal', 'organisation']) {
    const secret = await keyOf(owner, scopes, { kind })
    const { keys } = (await owner.fetch(contract.listKeys)).body
    const key_id = keys.find(({ prefix }) => secret.startsWith(`${prefix}_`))?.key_id ?? ''
    await owner.fetch(contract.revokeKey, { params: { key_id } })
    refused.push({ name: `${kind} key: revoked`, headers: bearer(secret) })
  }
  const left = await signedIn(app, { organisation_id: home, role: 'owner' })
  const of_before = await tokensOf(left)
  const [one, other] = [left.session, (await anotherSession(app, left)).session]
  await left.fetch(contract.signOutEverywhere)
  refused.push(
    { name: 'cookie: signed out everywhere', headers: cookie(one) },
    { name: 'another cookie: signed out everywhere', headers: cookie(other) },
    { name: 'access token: signed out everywhere', headers: bearer(of_before.access_token) },
  )
}

async function addSuspended(): Promise<void> {
  const person = await signedIn(app, { organisation_id: home, role: 'owner' })
  const { shown } = await everythingOf(person, 'owner')
  await admin.fetch(contract.adminUpdatePerson, { params: { person_id: person.person_id }, body: { suspended: true } })
  for (const [kind, headers] of shown) refused.push({ name: `${kind}: of a suspended person`, headers })
}

/** Removed: their own keys end, and they are nobody in particular. Made a reader: so are their keys. */
async function addRemoved(): Promise<void> {
  const owner = await signedIn(app, { organisation_id: home, role: 'owner' })
  const [removed, lowered] = [
    await signedIn(app, { organisation_id: home, role: 'admin' }),
    await signedIn(app, { organisation_id: home, role: 'admin' }),
  ]
  const of_removed = await everythingOf(removed, 'admin')
  const of_lowered = await everythingOf(lowered, 'admin')
  const member = (person: TestPerson) => ({ organisation_id: home, person_id: person.person_id })
  await owner.fetch(contract.removeMember, { params: member(removed) })
  await owner.fetch(contract.changeRole, { params: member(lowered), body: { role: 'reader' } })
  for (const [kind, headers] of of_removed.shown) {
    const name = `${kind}: of a removed member`
    // Whoever removed them answers for the keys of the organisation from now on.
    if (kind === 'key of the organisation')
      reduced.push({ name, headers, actor: actorFor(kind, '', 'owner', scopesOf('admin')) })
    else if (kind === 'personal key') refused.push({ name, headers })
    else reduced.push({ name, headers, actor: actorFor(kind, removed.person_id, undefined, []) })
  }
  for (const [kind, headers] of of_lowered.shown)
    reduced.push({ name: `${kind}: of an admin who is a reader now`, headers, actor: actorFor(kind, lowered.person_id, 'reader', scopesOf('reader')) }) // oxfmt-ignore
}

async function addOfClosedOrganisation(): Promise<void> {
  const organisation_id = await addWithoutLimits('Closed')
  const owner = await signedIn(app, { organisation_id, role: 'owner' })
  const { shown } = await everythingOf(owner, 'owner')
  await app.ctx.system_db.transaction((tx) =>
    personalData.erase({ ...app.ctx, db: tx, system_db: tx }, { kind: 'organisation', id: organisation_id }),
  )
  for (const [kind, headers] of shown) {
    const name = `${kind}: of an organisation that is deleted`
    if (kind.includes('key')) refused.push({ name, headers })
    else reduced.push({ name, headers, actor: actorFor(kind, owner.person_id, undefined, []) })
  }
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const read = (token: string, index: number) =>
  JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString()) as Record<string, unknown>

async function addForged(): Promise<void> {
  const owner = await signedIn(app, { organisation_id: home, role: 'owner' })
  const { access_token, refresh_token } = await tokensOf(owner)
  const me = await owner.me()
  for (const [name, token] of Object.entries(await forgedTokens(access_token)))
    refused.push({ name: `access token: ${name}`, headers: bearer(token) })
  const key = await keyOf(owner, scopes)
  const elsewhere = await keyOf(owner, scopes, { ip_list: ['192.0.2.0/24'] })
  const parts = parseApiKey(key)
  if (!parts) throw new Error('no key')
  const confused: Record<string, Headers> = {
    'refresh token as access token': bearer(refresh_token),
    'refresh token as cookie': cookie(refresh_token),
    'access token as cookie': cookie(access_token),
    'cookie as access token': bearer(owner.session),
    'id of the session as key': bearer(me.session_id),
    'id of the session as cookie': cookie(me.session_id),
    'key as cookie': cookie(key),
    'key in Basic': { authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` },
    'two credentials in one header': { authorization: `Bearer ${key}, Bearer ${access_token}` },
    'cookie, one character altered': cookie(altered(owner.session, 10)),
    'cookie, made up': cookie('A'.repeat(43)),
    'cookie, twice': { ...cookie(`${owner.session}; tidemark=${'A'.repeat(43)}`) },
    'cookie, under the name for https': { cookie: `__Host-tidemark=${owner.session}` },
    'key, its checksum altered': bearer(altered(key, key.length - 1)),
    'key, its secret altered': bearer(apiKeyText({ ...parts, secret: altered(parts.secret, 3) })),
    'key, its name altered': bearer(apiKeyText({ ...parts, name: altered(parts.name, 0, '0', '1') })),
    'key, of another kind': bearer(apiKeyText({ ...parts, kind: 'demo' })),
    'key, its prefix alone': bearer(key.slice(0, 16)),
    'key, in capitals': bearer(key.toUpperCase()),
    'key, from another network than its own': bearer(elsewhere),
    'a good cookie beside a bad key': { ...cookie(owner.session), ...bearer(altered(key, key.length - 1)) },
    nothing: {},
  }
  for (const [name, headers] of Object.entries(confused)) refused.push({ name, headers })
  valid.push({ name: 'the key that was altered', headers: bearer(key), actor: actorFor('key', '', 'owner', scopes) })
}

function altered(text: string, at: number, ...instead: string[]): string {
  const [one = 'x', other = 'y'] = instead
  return `${text.slice(0, at)}${text[at] === one ? other : one}${text.slice(at + 1)}`
}

async function forgedTokens(token: string): Promise<Record<string, string>> {
  const [header, claims] = [read(token, 0), read(token, 1)]
  const signature = token.split('.')[2] ?? ''
  const kid = String(header.kid)
  const foreign = generateKeyPairSync('ed25519')
  const strangers = (head: object, body: object) =>
    `${part(head)}.${part(body)}.${sign(null, Buffer.from(`${part(head)}.${part(body)}`), foreign.privateKey).toString('base64url')}`
  const ours = async (head: object, body: object, use: 'session-jwt' | 'certificate' = 'session-jwt') => {
    const text = `${part(head)}.${part(body)}`
    return `${text}.${Buffer.from(await app.ctx.keyring.sign(use, Buffer.from(text))).toString('base64url')}`
  }
  const spki = app.ctx.keyring.publicKey('session-jwt', kid)?.export({ type: 'spki', format: 'pem' }).toString() ?? ''
  const hs256 = `${part({ ...header, alg: 'HS256' })}.${part(claims)}`
  return {
    'alg none': `${part({ ...header, alg: 'none' })}.${part(claims)}.`,
    'alg none, signature left in': `${part({ ...header, alg: 'none' })}.${part(claims)}.${signature}`,
    'HS256 under the public key': `${hs256}.${createHmac('sha256', spki).update(hs256).digest('base64url')}`,
    'another key under our name': strangers(header, claims),
    'a name of no key': strangers({ ...header, kid: 'A'.repeat(43) }, claims),
    'the key of certificates': await ours({ ...header, kid: app.ctx.keyring.activeKey('certificate')?.kid }, claims, 'certificate'), // oxfmt-ignore
    'a key that it brings along': strangers({ ...header, jwk: foreign.publicKey.export({ format: 'jwk' }) }, claims),
    'another audience': await ours(header, { ...claims, aud: 'somebody' }),
    'another issuer': await ours(header, { ...claims, iss: 'https://evil.example' }),
    'another type': await ours({ ...header, typ: 'JWT' }, claims),
    'a session that is not there': await ours(header, { ...claims, sid: 'ses_01KAHX3V9M8Q2R5T7W0Y4Z6B1C' }),
    'a cookie’s session': await ours(header, { ...claims, sid: (await admin.me()).session_id }),
    'claims exchanged': `${part(header)}.${part({ ...claims, sub: admin.person_id })}.${signature}`,
    'signature cut off': `${token.split('.').slice(0, 2).join('.')}.`,
    'signature altered': altered(token, token.length - 10),
  }
}

const ask = async (path: (typeof probes)[number], headers: Headers) => outcomeOf(await app.fetch(path, { headers }))

test('real people with real credentials are admitted as the table says, for every right', async () => {
  const wrong: string[] = []
  for (const [turn, { name, headers, actor }] of [...valid, ...reduced].entries())
    for (const route of share(probes, 4, turn)) {
      const [want, got] = [expectedOutcome(route.needs, actor), await ask(route, headers)]
      if (want !== got) wrong.push(`${name} at ${route.needs}: ${got}, expected ${want}`)
    }
  expect(wrong).toEqual([])
  // Not everything is refused, and not everything is let in.
  const owner = valid.find(({ name }) => name === 'cookie, owner')
  expect(await ask(probes[0] as never, owner?.headers ?? {})).toBe('admitted')
})

test('what is expired, revoked, forged or somebody else’s opens nothing, and every right hears the same', async () => {
  const wrong: string[] = []
  for (const [turn, { name, headers }] of refused.entries())
    for (const route of share(probes, 4, turn)) {
      const got = await ask(route, headers)
      if (got !== 'not signed in') wrong.push(`${name} at ${route.needs}: ${got}`)
    }
  expect(wrong).toEqual([])
})

test('and at every real route, whoever the table refuses is refused', async () => {
  const wrong: string[] = []
  let asked = 0
  const people = valid.filter(({ name }) => /^(?:cookie|access token|personal key), /.test(name))
  for (const [turn, route] of routes.entries()) {
    const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')
    const params = Object.fromEntries(names.map((name) => [name, 'unknown']))
    for (const { name, headers, actor } of share(people, 4, turn)) {
      const want = expectedOutcome(route.needs, actor)
      if (want === 'admitted') continue
      asked += 1
      const got = outcomeOf(await app.fetch(route, { params, headers }))
      if (got !== want) wrong.push(`${route.name} by ${name}: ${got}, expected ${want}`)
    }
  }
  expect(wrong).toEqual([])
  const at_probes = (valid.length + reduced.length + refused.length) * probes.length
  console.info(
    `attacks: credentials: ${valid.length} good, ${reduced.length} of people who lost rights, ${refused.length} bad × ${probes.length} rights = ${at_probes}, and ${asked} refusals at ${routes.length} real routes`,
  )
}, 120_000)

test('a scope beyond the role of whoever answers for the key was never handed out, and is not in force', async () => {
  const reader = await signedIn(app, { organisation_id: home, role: 'reader' })
  const beyond = scopes.filter((scope: Permission) => !may('reader', scope))
  for (const scope of beyond) {
    const answer = await reader.fetch(contract.createKey, { body: { name: 'More', scopes: [scope] } })
    expect([scope, answer.problem.type]).toEqual([scope, '/problems/accounts/beyond-your-role'])
  }
  // Written into the database by somebody who can: the role decides all the same.
  const secret = await keyOf(reader, scopesOf('reader'))
  await sql`update accounts.api_key set scopes = ${[...scopes, 'instance.admin', 'accounts.self'].join(' ')}
    where prefix = ${secret.slice(0, 16)}`.execute(app.db.kysely)
  for (const route of probes)
    expect([route.needs, await ask(route, bearer(secret))]).toEqual([
      route.needs,
      scopesOf('reader').some((scope) => scope === route.needs) ? 'admitted' : 'not allowed',
    ])
})

test('a refresh token is spent at its own door alone, and nothing else is taken there', async () => {
  const person = await addPerson(app, { organisation_id: home, role: 'owner' })
  const { access_token } = await tokensOf(person)
  const { session } = await anotherSession(app, person)
  for (const refresh_token of [access_token, session, 'A'.repeat(43)]) {
    const { status } = await app.fetch(contract.refresh, { body: { refresh_token } })
    expect([401, 422]).toContain(status)
  }
})
