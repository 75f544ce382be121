import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { apiKeyText, parseApiKey } from '@tidemark/core/accounts/api-key.ts'
import * as contract from '@tidemark/core/accounts/contract.ts'
import type { Role } from '@tidemark/core/accounts/permissions.ts'
import {
  addOrganisation,
  openAccountsApp,
  signedIn,
  type AccountsTestApp,
  type TestPerson,
} from '../testing-accounts.ts'
import { slowHashRuns } from './secrets.ts'
import { isWithin } from './keys.ts'

let app: AccountsTestApp
let organisation_id: string
let owner: TestPerson
beforeAll(async () => {
  app = await openAccountsApp()
})
afterAll(() => app?.close())
beforeEach(async () => {
  organisation_id = await addOrganisation(app)
  owner = await signedIn(app, { organisation_id, role: 'owner', name: 'Olga Owner' })
})

const scopes = ['footprint.read', 'accounts.read']
const type = (name: string) => `/problems/${name}`

async function makeKey(person: TestPerson, body: object = {}) {
  const answer = await person.fetch(contract.createKey, { body: { name: 'Spreadsheet', scopes, ...body } as never })
  if (answer.status !== 201) throw new Error(answer.bytes.toString())
  return answer.body
}

/** A route that needs `accounts.read`, asked with a key. */
async function profileWith(secret: string, remoteAddress = '127.0.0.1') {
  const headers = { authorization: `Bearer ${secret}` }
  const answer = await app.inject({
    method: 'GET',
    url: `/api/v1/organisations/${organisation_id}`,
    headers,
    remoteAddress,
  })
  return answer.statusCode
}

test('a key is shown once; lists show its prefix; the database holds its hash', async () => {
  const { key, secret } = await makeKey(owner)
  expect(secret.startsWith(`${key.prefix}_`)).toBe(true)
  expect(parseApiKey(secret)?.kind).toBe('live')
  const { keys } = (await owner.fetch(contract.listKeys)).body
  expect(keys).toMatchObject([
    { key_id: key.key_id, state: 'active', scopes_in_force: scopes, answered_for_by: 'Olga Owner' },
  ])
  const own_secret = parseApiKey(secret)?.secret ?? ''
  const { rows } = await sql<{ text: string }>`select k::text as text from accounts.api_key k`.execute(app.db.kysely)
  for (const hidden of [own_secret, Buffer.from(own_secret, 'base64url').toString('hex')])
    expect(JSON.stringify([keys, rows])).not.toContain(hidden)
})

test('a key does what it carries and nothing else, whatever its maker may do', async () => {
  const { secret } = await makeKey(owner)
  expect(await profileWith(secret)).toBe(200)
  const headers = { authorization: `Bearer ${secret}` }
  const params = { organisation_id }
  for (const [route, body] of [
    [contract.updateOrganisation, { name: 'Mine' }],
    [contract.invite, { email: 'x@example.org', role: 'owner' }],
    [contract.createKey, { name: 'More', scopes }],
    [contract.me, undefined],
    [contract.listKeys, undefined],
  ] as const)
    expect((await app.fetch(route, { params, body, headers })).problem.type, route.name).toBe(
      type('accounts/not-allowed'),
    )
  const elsewhere = await addOrganisation(app)
  expect((await app.fetch(contract.getOrganisation, { params: { organisation_id: elsewhere }, headers })).status).toBe(
    404,
  )
})

test('a key follows the role of who answers for it at the next request, and ends with their membership', async () => {
  const editor = await signedIn(app, { organisation_id, role: 'editor' })
  const { key, secret } = await makeKey(editor, { scopes: ['footprint.calculate', 'accounts.read'] })
  const setRole = (role: Role) =>
    owner.fetch(contract.changeRole, { params: { organisation_id, person_id: editor.person_id }, body: { role } })
  await setRole('reader')
  const [listed] = (await editor.fetch(contract.listKeys)).body.keys
  expect(listed).toMatchObject({ scopes: ['footprint.calculate', 'accounts.read'], scopes_in_force: ['accounts.read'] })
  expect(await profileWith(secret)).toBe(200)
  const removed = await owner.fetch(contract.removeMember, { params: { organisation_id, person_id: editor.person_id } })
  expect(removed.body).toEqual({ keys_revoked: [key.key_id], keys_taken_over: [] })
  expect(await profileWith(secret)).toBe(401)
})

test('an organisation’s key outlives who made it: whoever removes them answers for it', async () => {
  const operator = await signedIn(app, { organisation_id, role: 'operator' })
  const { key, secret } = await makeKey(operator, { kind: 'organisation' })
  const removed = await owner.fetch(contract.removeMember, {
    params: { organisation_id, person_id: operator.person_id },
  })
  expect(removed.body).toEqual({ keys_revoked: [], keys_taken_over: [key.key_id] })
  expect(await profileWith(secret)).toBe(200)
  expect((await owner.fetch(contract.listKeys)).body.keys).toMatchObject([{ answered_for_by: 'Olga Owner' }])
})

test('401: a suspended person’s keys are refused', async () => {
  const { secret } = await makeKey(owner)
  await sql`update accounts.person set suspended_at = now() where person_id = ${owner.person_id}`.execute(app.db.kysely)
  expect(await profileWith(secret)).toBe(401)
})

describe('403: nobody makes a key for more than they hold', () => {
  test.each([
    ['reader', { scopes: ['footprint.calculate'] }, 'accounts/beyond-your-role'],
    ['verifier', { scopes: ['webhooks.manage'] }, 'accounts/beyond-your-role'],
    ['editor', { kind: 'organisation' }, 'accounts/not-allowed'],
  ] as const)('%s: %j', async (role, body, refusal) => {
    const person = await signedIn(app, { organisation_id, role })
    const answer = await person.fetch(contract.createKey, { body: { name: 'Key', scopes, ...body } as never })
    expect(answer.problem.type).toBe(type(refusal))
  })
})

test.each([
  [{ scopes: ['instance.admin'] }],
  [{ scopes: ['accounts.invite'] }],
  [{ scopes: [] }],
  [{ expires_in_days: 366 }],
  [{ expires_in_days: 0 }],
  [{ ip_list: ['10.0.0.0/33'] }],
  [{ ip_list: ['localhost'] }],
  [{ person_id: 'per_01KAHX3V9M8Q2R5T7W0Y4Z6B1C' }],
  [{ organisation_id: 'org_01KAHX3V9M8Q2R5T7W0Y4Z6B1C' }],
])('422: %j', async (body) => {
  const answer = await owner.fetch(contract.createKey, { body: { name: 'Key', scopes, ...body } as never })
  expect(answer.status).toBe(422)
})

test('401: mistyped, of another secret, unknown, revoked, expired: one answer, and never a slow hash', async () => {
  const { key, secret } = await makeKey(owner, { expires_in_days: 30 })
  const parts = parseApiKey(secret)
  if (!parts) throw new Error('no key')
  const before = slowHashRuns()
  const refused = [
    `${secret.slice(0, -1)}${secret.endsWith('0') ? '1' : '0'}`,
    apiKeyText({ ...parts, secret: 'A'.repeat(43) }),
    apiKeyText({ ...parts, name: '00000000' }),
    apiKeyText({ ...parts, kind: 'demo' }),
  ]
  const answers = await Promise.all(
    refused.map(async (each) => {
      const { status, problem } = await app.fetch(contract.me, { headers: { authorization: `Bearer ${each}` } })
      return [status, problem.type, problem.detail]
    }),
  )
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  expect(await profileWith(secret)).toBe(200)
  app.clock.pass(30 * 86_400 + 1)
  expect(await profileWith(secret)).toBe(401)
  owner = await signedIn(app, { organisation_id, role: 'owner' })
  const second = await makeKey(owner)
  expect((await owner.fetch(contract.revokeKey, { params: { key_id: second.key.key_id } })).status).toBe(204)
  expect(await profileWith(second.secret)).toBe(401)
  expect((await owner.fetch(contract.revokeKey, { params: { key_id: second.key.key_id } })).status).toBe(404)
  expect(slowHashRuns() - before).toBe(0)
  expect(key.state).toBe('active')
})

test('404: nobody revokes a key that is not theirs to manage', async () => {
  const { key } = await makeKey(owner)
  const admin = await signedIn(app, { organisation_id, role: 'admin' })
  const stranger = await signedIn(app, { organisation_id: await addOrganisation(app), role: 'owner' })
  for (const person of [admin, stranger])
    expect((await person.fetch(contract.revokeKey, { params: { key_id: key.key_id } })).status).toBe(404)
  expect((await admin.fetch(contract.listKeys)).body.keys).toEqual([])
})

test('a key with a list of addresses works from there alone', async () => {
  const { secret } = await makeKey(owner, { ip_list: ['192.0.2.0/24', '2001:db8::/48', '203.0.113.7'] })
  for (const address of ['192.0.2.99', '2001:db8:0:1::5', '203.0.113.7', '::ffff:192.0.2.1'])
    expect(await profileWith(secret, address)).toBe(200)
  for (const address of ['127.0.0.1', '192.0.3.1', '2001:db8:1::5', '203.0.113.8', '::1'])
    expect(await profileWith(secret, address)).toBe(401)
})

test.each([
  ['', ['127.0.0.1'], false],
  ['not an address', ['0.0.0.0/0'], false],
  ['10.1.2.3', ['10.0.0.0/8'], true],
  ['::ffff:10.1.2.3', ['10.0.0.0/8'], true],
  ['fe80::1%eth0', ['fe80::/10'], true],
  ['10.1.2.3', [], true],
])('%j within %j: %s', (address, networks, expected) => {
  expect(isWithin(address, networks)).toBe(expected)
})

test('last use is noted to the minute', async () => {
  const { secret } = await makeKey(owner)
  const lastUse = async () => (await owner.fetch(contract.listKeys)).body.keys[0]?.last_used_at
  expect(await lastUse()).toBeNull()
  await profileWith(secret)
  const first = await lastUse()
  expect(first).toBe(app.clock.now().toISOString())
  app.clock.pass(30)
  await profileWith(secret)
  expect(await lastUse()).toBe(first)
  app.clock.pass(31)
  await profileWith(secret)
  expect(await lastUse()).toBe(app.clock.now().toISOString())
})

test('the administrator of the installation sees every key by its prefix, and people and organisations page by page', async () => {
  const { key } = await makeKey(owner)
  const admin = await signedIn(app, { instance_admin: true })
  const found = (await admin.fetch(contract.adminListKeys, { query: { search: key.prefix } })).body
  expect(found.keys.map((each) => each.key_id)).toEqual([key.key_id])
  const first = (await admin.fetch(contract.adminListPeople, { query: { limit: '2' } })).body
  const second = (await admin.fetch(contract.adminListPeople, { query: { limit: '2', after: first.next ?? '' } })).body
  expect(first.people).toHaveLength(2)
  expect(second.people[0]?.person_id).not.toBe(first.people[1]?.person_id)
  expect(
    (await admin.fetch(contract.adminListPeople, { query: { search: '%' } })).body.people,
    '% is a sign like any other',
  ).toEqual([])
  const plan = await admin.fetch(contract.adminUpdateOrganisation, {
    params: { organisation_id },
    body: { plan: 'pro' },
  })
  expect(plan.body).toMatchObject({ organisation_id, plan: 'pro', members: 1 })
  expect((await owner.fetch(contract.adminListPeople)).status).toBe(403)
})

test('whoever is suspended is out at once; the last administrator stays', async () => {
  const admin = await signedIn(app, { instance_admin: true })
  const person = await signedIn(app)
  const set = (person_id: string, body: object) =>
    admin.fetch(contract.adminUpdatePerson, { params: { person_id }, body: body as never })
  expect((await set(person.person_id, { suspended: true })).body.suspended).toBe(true)
  expect((await person.fetch(contract.me)).status).toBe(401)
  expect((await set(person.person_id, { suspended: false, instance_admin: true })).body.instance_admin).toBe(true)
  await sql`update accounts.person set instance_admin = false where person_id <> ${admin.person_id}`.execute(
    app.db.kysely,
  )
  for (const body of [{ suspended: true }, { instance_admin: false }])
    expect((await set(admin.person_id, body)).problem.type).toBe(type('accounts/last-admin'))
})
