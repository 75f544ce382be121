import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as contract from '@tidemark/core/accounts/contract.ts'
import {
  addOrganisation,
  openAccountsApp,
  signedIn,
  turnOnSecondFactor,
  type AccountsTestApp,
} from '../testing-accounts.ts'
import { personalData } from './service.ts'

let app: AccountsTestApp
beforeAll(async () => {
  app = await openAccountsApp()
})
afterAll(() => app?.close())

/** Every row of the schema as one text. */
async function everything(): Promise<string> {
  const { rows } = await sql<{
    name: string
  }>`select tablename as name from pg_tables where schemaname = 'accounts'`.execute(app.db.kysely)
  const texts = await Promise.all(
    rows.map(async ({ name }) => {
      const found = await sql<{ text: string }>`select t::text as text from ${sql.table(`accounts.${name}`)} t`.execute(
        app.db.kysely,
      )
      return found.rows.map((row) => row.text).join('\n')
    }),
  )
  return texts.join('\n')
}

test('everything of a person is exported without a secret, and after erasing nothing of them is left', async () => {
  const organisation_id = await addOrganisation(app)
  const owner = await signedIn(app, { organisation_id, role: 'owner' })
  const ada = await signedIn(app, { organisation_id, role: 'operator', name: 'Zanzibarquux Ada' })
  await turnOnSecondFactor(app, ada)
  await ada.fetch(contract.setConsent, { body: { purpose: 'product_news', given: true } })
  const { body: made } = await ada.fetch(contract.createKey, {
    body: { kind: 'organisation', name: 'Machines', scopes: ['footprint.read'] },
  })
  const data = await personalData.exportOf(app.ctx, { kind: 'person', id: ada.person_id })
  expect(Object.fromEntries(Object.entries(data).map(([name, rows]) => [name, rows?.length]))).toMatchObject({
    'accounts.person': 1,
    'accounts.memberships': 1,
    'accounts.sessions': 1,
    'accounts.consents': 1,
    'accounts.keys': 1,
  })
  expect(JSON.stringify(data)).not.toMatch(/argon2|token_hash|secret_hash|"seed"/)
  await personalData.erase(app.ctx, { kind: 'person', id: ada.person_id })
  const left = await everything()
  for (const trace of [ada.person_id, ada.email, 'Zanzibarquux']) expect(left).not.toContain(trace)
  const { keys } = (await owner.fetch(contract.listKeys)).body
  expect(
    keys.map((key) => [key.key_id, key.state]),
    'machines go on',
  ).toEqual([[made.key.key_id, 'active']])
  expect(await personalData.erase(app.ctx, { kind: 'person', id: ada.person_id }), 'twice is once').toEqual({})
})

test('an organisation goes with its members’ roles, invitations and keys; its people stay', async () => {
  const organisation_id = await addOrganisation(app, 'Zanzibarquux Holding')
  const owner = await signedIn(app, { organisation_id, role: 'owner' })
  await owner.fetch(contract.invite, {
    params: { organisation_id },
    body: { email: 'eve@example.org', role: 'reader' },
  })
  await owner.fetch(contract.createKey, { body: { name: 'Key', scopes: ['footprint.read'] } })
  const data = await personalData.exportOf(app.ctx, { kind: 'organisation', id: organisation_id })
  expect([
    data['accounts.members']?.length,
    data['accounts.invitations']?.length,
    data['accounts.keys']?.length,
  ]).toEqual([1, 1, 1])
  await personalData.erase(app.ctx, { kind: 'organisation', id: organisation_id })
  const left = await everything()
  for (const trace of [organisation_id, 'Zanzibarquux Holding', 'eve@example.org']) expect(left).not.toContain(trace)
  expect(await owner.me()).toMatchObject({ organisation_id: null, memberships: [] })
})

test('the role of requests reads no table of accounts, whatever it asks', async () => {
  const { rows } = await sql<{
    name: string
  }>`select tablename as name from pg_tables where schemaname = 'accounts'`.execute(app.db.kysely)
  expect(rows.length).toBeGreaterThan(12)
  const scoped = app.db.scopedTo(await addOrganisation(app))
  for (const { name } of rows)
    await expect(sql`select * from ${sql.table(`accounts.${name}`)}`.execute(scoped.kysely), name).rejects.toThrow(
      /permission denied/,
    )
})
