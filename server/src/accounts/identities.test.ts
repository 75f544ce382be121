import * as passkeys from '@tidemark/core/accounts/passkeys-contract.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openAccountsApp, signedIn, type AccountsTestApp, type TestPerson } from '../testing-accounts.ts'
import * as store from './store.ts'

let app: AccountsTestApp
beforeAll(async () => {
  const offered = { issuer: 'https://id.example', client_id: 'tidemark', client_secret: 'hush' }
  app = await openAccountsApp({ config: { providers: [{ id: 'oidc', name: 'Example ID', ...offered }] } })
})
afterAll(() => app?.close())

async function link(person: TestPerson, provider: string, subject: string): Promise<void> {
  const identity = { provider, subject, person_id: person.person_id, created_at: app.clock.now() }
  await store.insertIdentity(app.ctx.system_db, identity)
}

async function listOf(person: TestPerson) {
  return (await person.fetch(passkeys.listIdentities)).body.identities
}

test('a person sees the accounts at providers that sign them in, and nobody else’s', async () => {
  const person = await signedIn(app)
  const other = await signedIn(app)
  await link(person, 'oidc', 'subject-1')
  await link(person, 'gone', 'subject-1')
  await link(other, 'oidc', 'subject-2')
  const shown = await listOf(person)
  expect(shown.map(({ provider_name, offered, subject }) => ({ provider_name, offered, subject }))).toEqual([
    { provider_name: 'gone', offered: false, subject: 'subject-1' },
    { provider_name: 'Example ID', offered: true, subject: 'subject-1' },
  ])
  expect(new Set(shown.map(({ identity_id }) => identity_id)).size).toBe(2)
  const params = { identity_id: shown[0]?.identity_id ?? '' }
  const by_other = await other.fetch(passkeys.unlinkIdentity, { params })
  expect([by_other.status, by_other.problem.type]).toEqual([404, '/problems/accounts/unknown-identity'])
})

test('unlinking needs a confirmation, and is in the log', async () => {
  const person = await signedIn(app)
  await link(person, 'oidc', 'subject-3')
  const [identity] = await listOf(person)
  const params = { identity_id: identity?.identity_id ?? '' }
  app.clock.pass(301)
  const late = await person.fetch(passkeys.unlinkIdentity, { params })
  expect([late.status, late.problem.type]).toEqual([403, '/problems/accounts/step-up-needed'])
  app.clock.pass(-301)
  expect((await person.fetch(passkeys.unlinkIdentity, { params })).status).toBe(204)
  expect(await listOf(person)).toEqual([])
  expect((await person.fetch(passkeys.unlinkIdentity, { params })).status).toBe(404)
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from audit.event
    where action = 'accounts.identity_unlinked'`.execute(app.ctx.system_db.kysely)
  expect(rows[0]?.n).toBe(1)
})

test('the last way in stays: without password and passkey an account at a provider that is offered', async () => {
  const person = await signedIn(app)
  await store.savePerson(app.ctx.system_db, person.person_id, { password_hash: null })
  await link(person, 'oidc', 'subject-4')
  await link(person, 'gone', 'subject-4')
  const [gone, offered] = await listOf(person)
  const unlink = (identity_id = '') => person.fetch(passkeys.unlinkIdentity, { params: { identity_id } })
  const refused = await unlink(offered?.identity_id)
  expect([refused.status, refused.problem.type]).toEqual([409, '/problems/accounts/last-way-in'])
  // One at a provider that is no longer offered opens nothing, so it may go.
  expect((await unlink(gone?.identity_id)).status).toBe(204)
  await link(person, 'oidc', 'subject-5')
  const two = await listOf(person)
  const both = await Promise.all(two.map(({ identity_id }) => unlink(identity_id)))
  expect(both.map(({ status }) => status).sort(), 'of two at once one stays').toEqual([204, 409])
})
