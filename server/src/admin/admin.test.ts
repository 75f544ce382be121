import * as contract from '@tidemark/core/admin/contract.ts'
import { planTable } from '@tidemark/core/admin/plans.ts'
import { calculate } from '@tidemark/core/footprint/contract.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { planOf, population } from '../accounts/standing.ts'
import { audit } from '../audit/http.ts'
import { createCertificates } from '../certificates/http.ts'
import { factors } from '../factors/http.ts'
import { createFootprint } from '../footprint/http.ts'
import { evidenceOf } from '../footprint/service.ts'
import { sendMail } from '../platform/mail.ts'
import { openTestApp, TEST_NOW, type TestApp } from '../platform/testing.ts'
import { as, ORG_A, ORG_B, personIn, testAccess, testAccounts } from '../platform/testing-access.ts'
import { webhooks } from '../webhooks/http.ts'
import { createAdmin } from './http.ts'
import { refuseCalculationBeyondPlan } from './service.ts'

let app: TestApp
beforeAll(async () => {
  const sources = { planOf, population }
  app = await openTestApp({
    capabilities: [
      testAccounts,
      audit,
      webhooks,
      factors,
      createCertificates({ evidenceOf }),
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
  ])
  expect((await app.fetch(calculate, { headers: ann, body: example })).status).toBe(201)
  const { body } = await app.fetch(contract.usage, { headers: admin })
  expect(body.funnel.map(({ organisations }) => organisations)).toEqual([2, 1, 1])
  expect(body.totals.calculations).toBe((before.body.totals.calculations ?? 0) + 1)
  expect(body.by_month).toMatchObject([{ month: '2026-11', organisations: 2 }])
  expect(body.over_limit).toEqual([])
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
