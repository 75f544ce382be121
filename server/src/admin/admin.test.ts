import * as contract from '@tidemark/core/admin/contract.ts'
import { DEMO_ORGANISATION_ID } from '@tidemark/core/accounts/demo.ts'
import { planTable } from '@tidemark/core/admin/plans.ts'
import { addCustom } from '@tidemark/core/factors/contract.ts'
import { calculate } from '@tidemark/core/footprint/contract.ts'
import { create as createWebhook } from '@tidemark/core/webhooks/contract.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { countsOf, planOf, population } from '../accounts/standing.ts'
import { audit } from '../audit/http.ts'
import { createCertificates } from '../certificates/http.ts'
import { createFactors } from '../factors/http.ts'
import { createFootprint } from '../footprint/http.ts'
import { evidenceOf } from '../footprint/service.ts'
import { sendMail } from '../platform/mail.ts'
import { openTestApp, TEST_NOW, type TestApp } from '../platform/testing.ts'
import { ANN, as, ORG_A, ORG_B, personIn, testAccess, testAccounts } from '../platform/testing-access.ts'
import { createWebhooks } from '../webhooks/http.ts'
import { createAdmin } from './http.ts'
import { refuseCalculationBeyondPlan, refuseOwnFactorBeyondPlan, refuseWebhookBeyondPlan } from './service.ts'

let app: TestApp
beforeAll(async () => {
  const sources = { planOf, population, countsOf }
  app = await openTestApp({
    capabilities: [
      testAccounts,
      audit,
      createWebhooks({ beforeCreate: (ctx) => refuseWebhookBeyondPlan(ctx, sources) }),
      createFactors({ beforeAdd: (ctx) => refuseOwnFactorBeyondPlan(ctx, sources) }),
      createCertificates({ evidence: { emission_calculation: evidenceOf } }),
      createFootprint({ beforeCalculate: (ctx) => refuseCalculationBeyondPlan(ctx, sources) }),
      createAdmin(sources),
    ],
    access: testAccess,
    seed: true,
  })
  for (const id of [ORG_A, ORG_B])
    await sql`insert into accounts.organisation (organisation_id, name, country, created_at)
      values (${id}, ${`Company ${id.at(-1) ?? ''}`}, 'FR', ${TEST_NOW})`.execute(app.db.kysely)
})
afterAll(() => app?.close())

const ann = as(personIn(ORG_A, 'owner'))
const admin = as(personIn(ORG_B, 'reader', { admin: true }))
const example = calculate.examples[0]!.body

test('only an administrator of the installation is let in, whatever their role', async () => {
  for (const route of [contract.health, contract.jobs, contract.usage, contract.audit, contract.outbox]) {
    expect((await app.fetch(route, {})).status, route.name).toBe(401)
    expect((await app.fetch(route, { headers: ann })).status, route.name).toBe(403)
    const answered = await app.fetch(route, { headers: admin })
    expect(answered.status, `${route.name} ${answered.bytes.toString().slice(0, 300)}`).toBe(200)
  }
})

test('health says what a person on duty wants to know', async () => {
  const { body } = await app.fetch(contract.health, { headers: admin })
  expect(body).toMatchObject({
    database: { reachable: true, writable: true },
    jobs: { failed: 0 },
    mail: { server: false },
  })
  expect(body.audit.hash).toMatch(/^[0-9a-f]{64}$/)
})

test('the outbox shows mails that nobody sent', async () => {
  await sendMail(app.ctx, { kind: 'reset-password', to: 'ann@example.org', subject: 'Hello', text: 'a link' })
  const { body } = await app.fetch(contract.outbox, { headers: admin })
  expect(body.mails).toMatchObject([{ to: 'ann@example.org', subject: 'Hello', text: 'a link' }])
})

test('usage and funnel are counted from the rows, step by step, the demonstration left out', async () => {
  const before = await app.fetch(contract.usage, { headers: admin })
  expect(before.body.funnel).toEqual([
    { step: 'signed_up', organisations: 2 },
    { step: 'first_calculation', organisations: 0 },
    { step: 'certificate', organisations: 0 },
    { step: 'colleague_invited', organisations: 0 },
    { step: 'colleague_joined', organisations: 0 },
    { step: 'key_used', organisations: 0 },
  ])
  expect((await app.fetch(calculate, { headers: ann, body: example })).status).toBe(201)
  const { body } = await app.fetch(contract.usage, { headers: admin })
  expect(body.funnel.map(({ organisations }) => organisations)).toEqual([2, 1, 1, 0, 0, 0])
  expect(before.body.totals).toMatchObject({ calculations: 0, certificates: 0 })
  expect(body.totals).toMatchObject({ calculations: 1, certificates: 1 })
  expect(body.by_month).toEqual([{ month: '2026-11', calculations: 1, organisations: 1 }])
  expect(body.over_limit).toEqual([])
})

test('the funnel goes on: who invites, is joined by a colleague and uses a key is counted at each step', async () => {
  const at = TEST_NOW
  await sql`insert into accounts.person (person_id, email, name, locale, created_at)
    values (${ANN}, 'ann@example.org', 'Ann', 'en', ${at})`.execute(app.db.kysely)
  const stepsNow = async () =>
    (await app.fetch(contract.usage, { headers: admin })).body.funnel.map(({ organisations }) => organisations)
  await sql`insert into accounts.invitation
    (invitation_id, organisation_id, email, role, token_hash, invited_by, created_at, expires_at)
    values ('inv_01KAHX3V9M8Q2R5T7W0Y4Z6B1C', ${ORG_A}, 'bob@example.org', 'reader', '\x01', ${ANN}, ${at},
      ${new Date(at.getTime() + 1000)})`.execute(app.db.kysely)
  expect(await stepsNow()).toEqual([2, 1, 1, 1, 0, 0])
  await sql`update accounts.invitation set accepted_at = ${at}`.execute(app.db.kysely)
  expect(await stepsNow()).toEqual([2, 1, 1, 1, 1, 0])
  await sql`insert into accounts.api_key
    (key_id, kind, prefix, secret_hash, name, organisation_id, person_id, scopes, created_at, expires_at, last_used_at)
    values ('key_01KAHX3V9M8Q2R5T7W0Y4Z6B1C', 'personal', 'tm_live_AAAAAAAA', '\x01', 'K', ${ORG_A}, ${ANN},
      'footprint.read', ${at}, ${new Date(at.getTime() + 1000)}, ${at})`.execute(app.db.kysely)
  expect(await stepsNow()).toEqual([2, 1, 1, 1, 1, 1])
})

test('an organisation sees what it has of what its plan includes, and nobody else’s', async () => {
  const params = { organisation_id: ORG_A }
  const { body } = await app.fetch(contract.organisationUsage, { headers: ann, params })
  expect(body.plan).toBe('free')
  expect(body.features.map(({ feature, used, limit }) => [feature, used, limit])).toEqual([
    ['calculations_per_month', 1, planTable.free.calculations_per_month],
    ['own_factors', 0, planTable.free.own_factors],
    ['webhooks', 0, planTable.free.webhooks],
    ['members', 0, planTable.free.members],
    ['api_keys', 1, planTable.free.api_keys],
  ])
  const other = await app.fetch(contract.organisationUsage, { headers: as(personIn(ORG_B, 'owner')), params })
  expect([other.status, other.problem.type]).toEqual([404, '/problems/accounts/unknown-organisation'])
})

test('webhooks and factors of one’s own end where the plan ends, and the demonstration has no end', async () => {
  const add = (organisation: string) =>
    app.fetch(createWebhook, {
      headers: as(personIn(organisation, 'owner')),
      body: { url: 'https://hooks.example.org/', events: ['ping'] },
    })
  const made = [await add(ORG_B), await add(ORG_B), await add(ORG_B)]
  expect(made.map(({ status }) => status)).toEqual([201, 201, 403])
  expect(made[2]?.problem).toMatchObject({ type: '/problems/admin/plan-limit', feature: 'webhooks', limit: 2, used: 2 })
  for (let i = 0; i < 3; i++) expect((await add(DEMO_ORGANISATION_ID)).status).toBe(201)

  const factor = addCustom.examples[0]?.body
  const bob = as(personIn(ORG_B, 'owner'))
  expect((await app.fetch(addCustom, { headers: bob, body: factor })).status).toBe(201)
  const limit = planTable.free.own_factors ?? 0
  await sql`insert into factors.own_factor select (jsonb_populate_record(null::factors.own_factor, to_jsonb(f) || jsonb_build_object('id', 'own:' || n))).*
    from (select * from factors.own_factor where organisation_id = ${ORG_B} limit 1) f, generate_series(2, ${limit}) n`.execute(
    app.db.kysely,
  )
  const refused = await app.fetch(addCustom, { headers: bob, body: factor })
  expect(refused.problem).toMatchObject({
    type: '/problems/admin/plan-limit',
    feature: 'own_factors',
    limit,
    used: limit,
  })
  const { body } = await app.fetch(contract.usage, { headers: admin })
  expect(body.over_limit).toEqual([
    { organisation_id: ORG_B, feature: 'own_factors', used: limit, limit },
    { organisation_id: ORG_B, feature: 'webhooks', used: 2, limit: 2 },
  ])
  await sql`delete from factors.own_factor where organisation_id = ${ORG_B}`.execute(app.db.kysely)
  await sql`delete from webhooks.endpoint`.execute(app.db.kysely)
})

test('an organisation calculates as often in a month as its plan includes, and is told what it used', async () => {
  const limit = planTable.free.calculations_per_month!
  await sql`insert into footprint.calculation select 'calc_' || lpad(n::text, 26, '0') as id, c.calculated_at,
      c.certificate_id || n, c.certificate_hash, c.organisation_name, c.start_date, c.end_date, c.emissions_kg_co2e,
      c.engine_version, c.input_digest, c.result_digest, c.inventory, c.factors, c.airports, c.result, c.organisation_id
    from (select * from footprint.calculation where organisation_id = ${ORG_A} limit 1) c, generate_series(2, ${limit}) n`.execute(
    app.db.kysely,
  )
  const refused = await app.fetch(calculate, { headers: ann, body: example })
  expect(refused.problem).toMatchObject({
    status: 403,
    type: '/problems/admin/plan-limit',
    limit,
    used: limit,
    plan: 'free',
  })
  const usage = await app.fetch(contract.usage, { headers: admin })
  expect(usage.body.over_limit).toEqual([
    { organisation_id: ORG_A, feature: 'calculations_per_month', used: limit, limit },
  ])
  // Others, and the demonstration that nobody signed in to, go on.
  expect((await app.fetch(calculate, { headers: as(personIn(ORG_B, 'editor')), body: example })).status).toBe(201)
  await sql`update accounts.organisation set plan = 'enterprise' where organisation_id = ${ORG_A}`.execute(
    app.db.kysely,
  )
  expect((await app.fetch(calculate, { headers: ann, body: example })).status).toBe(201)
})

test('the log of the installation shows every organisation', async () => {
  const { body } = await app.fetch(contract.audit, { headers: admin, query: { action: 'footprint.calculated' } })
  const organisations = new Set(body.events.map(({ organisation_id }) => organisation_id))
  expect(organisations).toContain(ORG_A)
  expect(organisations).toContain(ORG_B)
  const one = await app.fetch(contract.audit, { headers: admin, query: { organisation_id: ORG_A, limit: '200' } })
  expect(new Set(one.body.events.map(({ organisation_id }) => organisation_id))).toEqual(new Set([ORG_A]))
})

test('the plans are there for everybody to read', async () => {
  const { body } = await app.fetch(contract.listPlans, {})
  expect(body.plans.map(({ plan }) => plan)).toEqual(['free', 'pro', 'enterprise'])
})
