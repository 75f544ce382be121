import * as contract from '@tidemark/core/models/contract.ts'
import * as serving from '@tidemark/core/models/serving-contract.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { audit } from '../audit/http.ts'
import { openTestApp, type TestApp } from '../platform/testing.ts'
import { as, ORG_A, ORG_B, personIn, testAccess, testAccounts } from '../platform/testing-access.ts'
import { createModels } from './http.ts'
import { buildingsSource, recipe } from './testing.ts'

let app: TestApp
const source = buildingsSource()
beforeAll(async () => {
  app = await openTestApp({
    capabilities: [testAccounts, audit, createModels({ source })],
    access: testAccess,
    seed: true,
    now: () => new Date(),
  })
})
afterAll(() => app?.close())

const ann = as(personIn(ORG_A, 'owner'))
const bob = as(personIn(ORG_B, 'owner'))

async function described(settings: object = {}): Promise<string> {
  const body = { title: 'Energy of a building', task: 'regression' as const, recipe: recipe(), settings }
  const made = await app.fetch(contract.create, { headers: ann, body })
  expect(made.status, made.bytes.toString()).toBe(201)
  return made.body.model_id
}

async function trained(model_id: string, body: object = {}): Promise<contract.Run> {
  const asked = await app.fetch(contract.retrain, { headers: ann, params: { model_id }, body })
  expect(asked.status, asked.bytes.toString()).toBe(202)
  await app.app.jobs.drain()
  const { run_id } = asked.body
  return (await app.fetch(contract.getRun, { headers: ann, params: { run_id } })).body.run
}

const promoted = (model_id: string, version: number, more: object = {}) =>
  app.fetch(contract.promote, {
    headers: ann,
    params: { model_id, version: String(version) },
    body: { reason: 'It is better.', ...more },
  })

test('a model is described, trained, promoted, asked and measured on what came true', async () => {
  const model_id = await described()
  const run = await trained(model_id)
  expect(run, run.reason ?? run.verdict?.says).toMatchObject({
    state: 'succeeded',
    result_version: 1,
    verdict: { outcome: 'passed' },
  })
  expect((await promoted(model_id, 1)).body).toMatchObject({ stage: 'champion', aliases: ['champion'] })
  const rows = [
    { area_m2: 400, use: 'school', door: 'red' },
    { area_m2: 400, use: 'hotel', door: null },
  ]
  const answered = await app.fetch(serving.predict, { headers: ann, params: { model_id }, body: { rows } })
  expect(answered.status, answered.bytes.toString()).toBe(200)
  const [school, hotel] = answered.body.predictions
  expect(school).toMatchObject({ version: 1, interval: 'calibrated', unusual: [] })
  expect(hotel!.value).toBeGreaterThan(2 * school!.value!)
  const { prediction_id } = school!
  const told = await app.fetch(serving.reportOutcome, {
    headers: ann,
    params: { prediction_id },
    body: { realised: 36_000, source: 'meter' },
  })
  expect(told.body).toEqual({ prediction_id, known: true })
  const { body: listed } = await app.fetch(serving.listPredictions, { headers: ann, params: { model_id } })
  expect(listed.predictions).toMatchObject([
    { version: 1, alias: 'champion', input: rows[1], outcome: null },
    { version: 1, alias: 'champion', input: rows[0], outcome: { realised: 36_000, source: 'meter' } },
  ])
})
