import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOf } from '@tidemark/core/certificates/canonical.ts'
import { addCustom } from '@tidemark/core/factors/contract.ts'
import { calculate } from '@tidemark/core/footprint/contract.ts'
import * as certificatesContract from '@tidemark/core/certificates/contract.ts'
import * as contract from '@tidemark/core/privacy/contract.ts'
import * as webhooksContract from '@tidemark/core/webhooks/contract.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contactsOf, noteDeletionDue, refuseDeletion } from '../accounts/standing.ts'
import { personalData as accountsData } from '../accounts/service.ts'
import { audit } from '../audit/http.ts'
import { nameActor, record, verifyChain } from '../audit/service.ts'
import { createCertificates } from '../certificates/http.ts'
import { factors } from '../factors/http.ts'
import { footprint } from '../footprint/http.ts'
import { evidenceOf } from '../footprint/service.ts'
import type { Context } from '../platform/context.ts'
import { openDatabase } from '../platform/database/database.ts'
import { migrate, readMigrations } from '../platform/database/migrate.ts'
import { makeSnapshot } from '../platform/database/snapshot.ts'
import { createLog } from '../platform/log.ts'
import { listMails, sendMail } from '../platform/mail.ts'
import { openTestApp, type TestApp } from '../platform/testing.ts'
import { ANN, as, BOB, ORG_A, ORG_B, personIn, testAccess, testAccounts } from '../platform/testing-access.ts'
import { webhooks } from '../webhooks/http.ts'
import { createPrivacy } from './http.ts'
import { carryOutDue, reapplyTombstones, sweep, type PrivacySources } from './service.ts'
import { compact } from './store.ts'

let stepped_up = true
const capabilities = [
  audit,
  webhooks,
  factors,
  createCertificates({ evidence: { emission_calculation: evidenceOf } }),
  footprint,
]
const sources: PrivacySources = {
  holders: [...capabilities.flatMap(({ personal_data }) => personal_data ?? []), accountsData],
  requireStepUp: async () => {
    if (!stepped_up) throw new Problem('accounts/step-up-needed')
  },
  refuseDeletion,
  contactsOf,
  noteDeletionDue,
}

const DAY_MS = 86_400_000
let now = new Date('2026-11-21T12:00:00.000Z')
let app: TestApp
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-privacy-'))
  app = await openTestApp({
    capabilities: [testAccounts, ...capabilities, createPrivacy(sources)],
    access: testAccess,
    now: () => now,
    config: { data_dir: folder },
    seed: true,
  })
  await seedAccounts()
})
afterAll(async () => {
  await app?.close()
  await rm(folder, { recursive: true, force: true })
})

/** Strings that occur nowhere else, with what breaks careless code: quotes, accents, HTML, other scripts. */
const secrets = {
  name: 'Zoé “Quetzalcoatl” <b>O’Vanishing</b>',
  email: 'zoe.quetzalcoatl@vanishing.example',
  agent: 'QuetzalBrowser/9',
  organisation: 'Vanishing Åland; drop table 酒蔵 & Co',
  description: 'Quetzal hook 消える',
  hook: 'https://vanishing.example/quetzal',
  factor: 'Quetzal fuel from Åland',
  key: 'Quetzal key',
  invitee: 'somebody.else@vanishing.example',
  line: 'Quetzal line of Åland',
} as const
/** What every one of them shares with another, so that a part is found as well. */
const fragments = ['quetzal', 'vanishing', '酒蔵', '消える', 'åland;', 'of åland']

async function seedAccounts(): Promise<void> {
  const run = (query: ReturnType<typeof sql>) => query.execute(app.db.kysely)
  for (const [id, name, email] of [
    [ANN, secrets.name, secrets.email],
    [BOB, 'Bob', 'bob@example.org'],
  ] as const)
    await run(sql`insert into accounts.person (person_id, email, name, locale, created_at)
      values (${id}, ${email}, ${name}, 'fr', ${now})`)
  for (const [id, name] of [
    [ORG_A, secrets.organisation],
    [ORG_B, 'Example Ltd'],
  ] as const)
    await run(sql`insert into accounts.organisation (organisation_id, name, country, created_at)
      values (${id}, ${name}, 'FI', ${now})`)
  for (const [person, organisation] of [
    [ANN, ORG_A],
    [BOB, ORG_B],
  ] as const)
    await run(sql`insert into accounts.membership (organisation_id, person_id, role, joined_at)
      values (${organisation}, ${person}, 'owner', ${now})`)
  await run(sql`insert into accounts.session (session_id, token_hash, person_id, organisation_id, created_at, last_seen_at,
    expires_at, ip_prefix, user_agent) values ('ses_01KAHX3V9M8Q2R5T7W0Y4Z6B1A', '\\x01', ${ANN}, ${ORG_A}, ${now}, ${now},
    ${now}, '203.0.113.0/24', ${secrets.agent})`)
  await run(sql`insert into accounts.api_key (key_id, kind, prefix, secret_hash, name, organisation_id, person_id, scopes,
    created_at, expires_at) values ('key_01KAHX3V9M8Q2R5T7W0Y4Z6B1A', 'organisation', 'tm_a', '\\x01', ${secrets.key},
    ${ORG_A}, ${ANN}, '', ${now}, ${now})`)
  await run(sql`insert into accounts.invitation (invitation_id, organisation_id, email, role, token_hash, invited_by,
    created_at, expires_at) values ('inv_01KAHX3V9M8Q2R5T7W0Y4Z6B1A', ${ORG_A}, ${secrets.invitee}, 'reader', '\\x01', ${ANN},
    ${now}, ${now})`)
  await run(sql`insert into accounts.email_token (token_hash, purpose, email, pending, created_at, expires_at)
    values ('\\x02', 'sign_up', ${secrets.email}, ${JSON.stringify({ name: secrets.name })}, ${now}, ${now})`)
  await run(sql`insert into accounts.consent (person_id, purpose, given, text_version, text_digest, at)
    values (${ANN}, 'product_news', true, '1', 'sha256:0', ${now})`)
}

const ann = as(personIn(ORG_A, 'owner'))
const bob = as(personIn(ORG_B, 'owner'))

function by(actor: ReturnType<typeof personIn>): Context {
  return { ...app.ctx, db: app.db.scopedTo(actor.organisation_id), actor, client: { address: '203.0.113.9' } }
}

/** Uses everything that there is, in the name of Ann. */
async function useEverything(): Promise<string> {
  const inventory = structuredClone(calculate.examples[0]!.body) as {
    organisation: Record<string, unknown>
    lines: Record<string, unknown>[]
  }
  inventory.organisation = { name: secrets.organisation, country: 'FR' }
  inventory.lines[0]!.label = secrets.line
  const calculated = await app.fetch(calculate, { headers: ann, body: inventory })
  expect(calculated.status, calculated.bytes.toString().slice(0, 500)).toBe(201)
  const custom = structuredClone(addCustom.examples[0]!.body) as { name: unknown }
  custom.name = typeof custom.name === 'string' ? secrets.factor : { en: secrets.factor, fr: secrets.factor }
  const added = await app.fetch(addCustom, { headers: ann, body: custom })
  expect(added.status, added.bytes.toString().slice(0, 500)).toBeLessThan(300)
  const body = { url: secrets.hook, events: ['calculation.created'], description: secrets.description }
  const hook = await app.fetch(webhooksContract.create, { headers: ann, body })
  await app.fetch(webhooksContract.ping, { headers: ann, params: { endpoint_id: hook.body.endpoint_id } })
  await app.fetch(calculate, { headers: ann, body: inventory })
  await nameActor(app.ctx, 'person', ANN, secrets.name)
  await record(by(personIn(ORG_A, 'owner')), { action: 'accounts.signed_in', after: { name: secrets.name } })
  const key = { kind: 'key' as const, key_id: 'key_01KAHX3V9M8Q2R5T7W0Y4Z6B1A', organisation_id: ORG_A, scopes: [] }
  await record({ ...by(personIn(ORG_A, 'owner')), actor: key }, { action: 'footprint.calculated' })
  await nameActor(app.ctx, 'key', key.key_id, secrets.key)
  await sendMail(app.ctx, { kind: 'invitation', to: secrets.email, subject: secrets.organisation, text: secrets.name })
  await app.fetch(contract.setRetention, { headers: ann, body: { calculations_months: 120, deliveries_days: 7 } })
  return calculated.body.certificate_id
}

/** Every table of every schema, the queue's included, whose rows show the fragment in text, JSON or bytes. */
async function tablesWith(fragment: string): Promise<string[]> {
  const { rows: tables } = await sql<{
    name: string
  }>`select quote_ident(schemaname) || '.' || quote_ident(tablename) as name
    from pg_tables where schemaname not in ('pg_catalog', 'information_schema') order by 1`.execute(app.db.kysely)
  expect(tables.length).toBeGreaterThan(30)
  const hex = Buffer.from(fragment).toString('hex')
  const found: string[] = []
  for (const { name } of tables) {
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from ${sql.raw(name)} t
      where lower(t::text) like ${`%${fragment}%`} or lower(t::text) like ${`%${hex}%`}`.execute(app.db.kysely)
    if ((rows[0]?.n ?? 0) > 0) found.push(name)
  }
  return found
}

async function filesWith(directory: string, fragment: string): Promise<string[]> {
  const found: string[] = []
  for (const name of await readdir(directory, { recursive: true })) {
    const path = join(directory, name)
    if (!(await stat(path)).isFile()) continue
    if ((await readFile(path)).toString('utf8').toLowerCase().includes(fragment)) found.push(name)
  }
  return found
}

describe('a copy of everything', () => {
  test('is asked for by somebody who confirmed that it is them, made in the background and fetched for a day', async () => {
    stepped_up = false
    expect((await app.fetch(contract.exportMine, { headers: ann })).problem.type).toBe(
      '/problems/accounts/step-up-needed',
    )
    stepped_up = true
    await useEverything()
    const asked = await app.fetch(contract.exportMine, { headers: ann })
    expect(asked).toMatchObject({ status: 202, body: { state: 'making', of: 'person' } })
    const params = { export_id: asked.body.export_id }
    const early = await app.fetch(contract.fetchExport, { headers: ann, params })
    expect(early.problem).toMatchObject({ status: 409, type: '/problems/privacy/export-not-ready' })
    await app.app.jobs.drain()
    const file = await app.fetch(contract.fetchExport, { headers: ann, params })
    expect(file.status).toBe(200)
    const document = contract.ExportDocument.parse(file.body)
    for (const [name, items] of Object.entries(document.collections))
      expect(document.digests[name], name).toBe(digestOf(items))
    const { collections } = document
    expect(collections['accounts.person']).toMatchObject([{ name: secrets.name, email: secrets.email }])
    expect(collections['accounts.sessions']).toMatchObject([{ user_agent: secrets.agent }])
    expect(collections['accounts.consents']).toMatchObject([{ purpose: 'product_news', given: true }])
    expect(JSON.stringify(collections['audit.events'])).toContain('accounts.signed_in')
    expect(file.bytes.toString()).not.toMatch(/password_hash|token_hash|secret_hash/)
    const listed = (await app.fetch(contract.listExports, { headers: ann })).body.exports
    expect(listed).toMatchObject([{ state: 'ready', bytes: file.bytes.length, digest: digestOf(file.body) }])
    // Nobody else, and not for longer than said.
    const foreign = await app.fetch(contract.fetchExport, { headers: bob, params })
    expect(foreign.problem).toMatchObject({ status: 404, type: '/problems/privacy/unknown-export' })
    now = new Date(now.getTime() + DAY_MS)
    const late = await app.fetch(contract.fetchExport, { headers: ann, params })
    expect(late.problem).toMatchObject({ status: 410, type: '/problems/privacy/export-expired' })
    now = new Date(now.getTime() + 2 * DAY_MS)
    await sweep(app.ctx, sources)
    expect((await app.fetch(contract.listExports, { headers: ann })).body.exports).toEqual([])
  })

  test('of an organisation holds what every capability keeps, and lies encrypted', async () => {
    const params = { organisation_id: ORG_A }
    const asked = await app.fetch(contract.exportOrganisation, { headers: ann, params })
    await app.app.jobs.drain()
    const file = await app.fetch(contract.fetchExport, { headers: ann, params: { export_id: asked.body.export_id } })
    const { collections } = contract.ExportDocument.parse(file.body)
    expect(Object.keys(collections).sort()).toEqual([
      'accounts.invitations',
      'accounts.keys',
      'accounts.members',
      'accounts.organisation',
      'audit.events',
      'certificates.certificates',
      'factors.own',
      'footprint.calculations',
      'webhooks.deliveries',
      'webhooks.endpoints',
    ])
    for (const [name, items] of Object.entries(collections)) expect(items.length, name).toBeGreaterThan(0)
    expect(JSON.stringify(collections['certificates.certificates'])).toContain(secrets.organisation)
    expect(file.bytes.toString()).not.toContain('whsec_')
    expect(await tablesWith('酒蔵')).not.toContain('privacy.export')
    const foreign = await app.fetch(contract.exportOrganisation, { headers: bob, params })
    expect(foreign.problem.type).toBe('/problems/accounts/unknown-organisation')
  })
})

describe('being forgotten', () => {
  test('an only owner is told to hand over first, and the organisation by name', async () => {
    const refused = await app.fetch(contract.deleteMe, { headers: ann })
    expect(refused.problem).toMatchObject({ status: 409, type: '/problems/accounts/last-owner' })
    expect(refused.problem.detail).toContain(secrets.organisation)
  })

  test('is scheduled with a mail, said with its day and what stays, and can be undone', async () => {
    const params = { organisation_id: ORG_A }
    const before = (await listMails(app.ctx, 50)).length
    const asked = await app.fetch(contract.deleteOrganisation, { headers: ann, params })
    expect(asked).toMatchObject({
      status: 202,
      body: { state: 'scheduled', due_at: new Date(now.getTime() + 30 * DAY_MS).toISOString() },
    })
    expect(asked.body.stays.map(({ what }) => what).sort()).toEqual(['audit.event', 'certificates.certificate'])
    expect(await listMails(app.ctx, 50)).toHaveLength(before + 1)
    const again = await app.fetch(contract.deleteOrganisation, { headers: ann, params })
    expect(again.problem).toMatchObject({ status: 409, type: '/problems/privacy/already-scheduled' })
    const profile = await sql<{
      due: Date
    }>`select deletion_due_at as due from accounts.organisation where organisation_id = ${ORG_A}`.execute(app.db.kysely)
    expect(profile.rows[0]!.due).toEqual(new Date(asked.body.due_at))
    expect((await app.fetch(contract.keepOrganisation, { headers: ann, params })).body.state).toBe('undone')
    const none = await app.fetch(contract.keepOrganisation, { headers: ann, params })
    expect(none.problem).toMatchObject({ status: 404, type: '/problems/privacy/no-deletion' })
    now = new Date(now.getTime() + 31 * DAY_MS)
    expect(await carryOutDue(app.ctx, sources)).toBe(0)
  })

  test('the drill: after thirty days not one byte of it is in any table, nor in any file', async () => {
    const certificate_id = await useEverything()
    const params = { organisation_id: ORG_A }
    expect((await app.fetch(contract.exportOrganisation, { headers: ann, params })).status).toBe(202)
    await app.app.jobs.drain()
    expect((await app.fetch(contract.deleteOrganisation, { headers: ann, params })).status).toBe(202)
    // Closing the organisation, its only owner may go too.
    expect((await app.fetch(contract.deleteMe, { headers: ann })).status).toBe(202)
    for (const fragment of fragments) expect((await tablesWith(fragment)).length, fragment).toBeGreaterThan(0)
    now = new Date(now.getTime() + 29 * DAY_MS)
    expect(await carryOutDue(app.ctx, sources)).toBe(0)
    now = new Date(now.getTime() + DAY_MS)
    expect(await carryOutDue(app.ctx, sources)).toBe(2)
    for (const fragment of fragments) {
      expect(await tablesWith(fragment), fragment).toEqual([])
      expect(await filesWith(folder, fragment), fragment).toEqual([])
    }
    // What stays is whole: the certificate verifies and names nobody, the log holds and names nobody.
    const stayed = await app.fetch(certificatesContract.get, { headers: ann, params: { id: certificate_id } })
    expect(stayed.status).toBe(200)
    const verified = await app.fetch(certificatesContract.verify, {
      body: Buffer.from(JSON.stringify(stayed.body)),
    })
    expect(verified.body.outcome).toBe('valid')
    expect((await verifyChain(app.ctx)).intact).toBe(true)
    expect(await tablesWith(ANN.toLowerCase())).toEqual(['privacy.deletion', 'privacy.tombstone'])
    // Everybody else is untouched.
    const bobs = await sql`select * from accounts.person where person_id = ${BOB}`.execute(app.db.kysely)
    expect(bobs.rows).toHaveLength(1)
  })

  test('a restored backup is forgotten again at the next start', async () => {
    await sql`delete from privacy.tombstone`.execute(app.db.kysely)
    await sql`insert into accounts.person (person_id, email, name, locale, created_at)
      values (${ANN}, ${secrets.email}, ${secrets.name}, 'fr', ${now})`.execute(app.db.kysely)
    expect(await reapplyTombstones(app.ctx, sources)).toBe(2)
    expect(await tablesWith('quetzal')).toEqual([])
    expect(await reapplyTombstones(app.ctx, sources)).toBe(0)
    expect(await readFile(join(folder, 'erased.ndjson'), 'utf8')).not.toContain('@')
  })
})

test.skipIf(process.env.TEST_DATABASE_URL !== undefined)(
  'on the embedded database what was deleted is in no file either, once the tables are written anew',
  async () => {
    const data_dir = await mkdtemp(join(tmpdir(), 'tidemark-compact-'))
    const log = createLog('silent')
    const db = await openDatabase({ config: { data_dir }, log, snapshot_file: await makeSnapshot() })
    try {
      await migrate(db, log, await readMigrations())
      await sql`insert into accounts.person (person_id, email, name, locale, created_at)
        values (${ANN}, ${secrets.email}, ${secrets.name}, 'fr', ${now})`.execute(db.kysely)
      await sql`update accounts.person set name = 'Quetzal II'`.execute(db.kysely)
      await sql`checkpoint`.execute(db.kysely)
      expect((await filesWith(data_dir, 'quetzal')).length).toBeGreaterThan(0)
      await sql`delete from accounts.person`.execute(db.kysely)
      await compact(db)
      expect(await filesWith(data_dir, 'quetzal')).toEqual([])
      const { rows } = await sql<{ n: number }>`select count(*)::int as n from audit.head`.execute(db.kysely)
      expect(rows).toEqual([{ n: 1 }])
    } finally {
      await db.close()
      await rm(data_dir, { recursive: true, force: true })
    }
  },
)

test('what an organisation does not want kept goes the next night', async () => {
  const inventory = calculate.examples[0]!.body
  await app.fetch(calculate, { headers: bob, body: inventory })
  await app.fetch(contract.setRetention, { headers: bob, body: { calculations_months: 12, deliveries_days: 1 } })
  const count = async () =>
    (
      await sql<{
        n: number
      }>`select count(*)::int as n from footprint.calculation where organisation_id = ${ORG_B}`.execute(app.db.kysely)
    ).rows[0]!.n
  now = new Date(now.getTime() + 364 * DAY_MS)
  await sweep(app.ctx, sources)
  expect(await count()).toBe(1)
  now = new Date(now.getTime() + 3 * DAY_MS)
  await sweep(app.ctx, sources)
  expect(await count()).toBe(0)
  expect((await app.fetch(contract.showRetention, { headers: bob })).body).toEqual({
    calculations_months: 12,
    deliveries_days: 1,
  })
})

test('who may not is refused, and the demonstration stays', async () => {
  expect((await app.fetch(contract.exportMine, {})).status).toBe(401)
  const editor = as(personIn(ORG_B, 'editor'))
  const params = { organisation_id: ORG_B }
  for (const route of [contract.exportOrganisation, contract.deleteOrganisation, contract.setRetention])
    expect(
      (await app.fetch(route, { headers: editor, params, body: contract.defaultRetention })).status,
      route.name,
    ).toBe(403)
  await sql`update accounts.person set is_demo = true where person_id = ${BOB}`.execute(app.db.kysely)
  for (const route of [contract.deleteMe, contract.exportMine])
    expect((await app.fetch(route, { headers: bob })).problem.type).toBe('/problems/accounts/demo-stays')
})
