import { randomOf } from '@tidemark/core/learn/random.ts'
import * as models from '@tidemark/core/models/contract.ts'
import { performance } from '@tidemark/core/models/serving-contract.ts'
import { replayers } from '@tidemark/core/replayers.ts'
import * as contract from '@tidemark/core/telemetry/contract.ts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { audit } from '../audit/http.ts'
import { createCertificates } from '../certificates/http.ts'
import { createModels } from '../models/http.ts'
import { testAccounts } from '../platform/testing-access.ts'
import { openTestApp, TEST_NOW, type TestApp } from '../platform/testing.ts'
import { observeDetectors } from './detectors.ts'
import { telemetry } from './http.ts'
import { batchEvidenceOf } from './validate.ts'

let app: TestApp
let now = TEST_NOW
const certificates = createCertificates({ evidence: { sensor_batch: batchEvidenceOf }, replayers })
beforeAll(async () => {
  app = await openTestApp({
    capabilities: [testAccounts, audit, createModels(), certificates, telemetry],
    now: () => now,
  })
  await app.fetch(contract.addDevice, { body: { sensor_id: 'mast', kind: 'weather_station' } })
  await app.fetch(contract.addDevice, { body: { sensor_id: 'played', kind: 'weather_station', simulated: true } })
})
afterAll(() => app.close())

const QUARTER_MS = 900_000
const random = randomOf(7)
let weather = 0

/** The next quarter of an hour of a mast in weather: the warmer than usual, the drier. */
function quarter(at_ms: number) {
  weather = 0.95 * weather + 0.3 * random.normal()
  const temperature = 20 + Math.sin((2 * Math.PI * (at_ms % 86_400_000)) / 86_400_000) + weather
  const measurements = { temperature, humidity: 60 - 4 * weather + 0.2 * random.normal() }
  return { timestamp: new Date(at_ms).toISOString(), sensor_id: 'mast', project_id: 'delta', measurements }
}
const validate = async (reading: object) => {
  const body = { project_id: 'delta', sensor_readings: [reading] }
  const answer = await app.fetch(contract.validate, { body })
  return { ...answer.body.validation_results[0]?.validation_result, validation_id: answer.body.validation_id }
}
const next_ms = TEST_NOW.getTime() - QUARTER_MS

it('no reading is scored before there is enough accepted history, and the answer says how much there is', async () => {
  const nothing = await validate(quarter(next_ms))
  expect(nothing).toMatchObject({ verdict: 'valid', anomaly_score: null, anomaly_model: null })
  expect(nothing.anomaly_reason).toContain('0 accepted readings over 0.0 days')
  expect(nothing.anomaly_reason).toContain('2000 over 7 days are needed')
})

it('then a forest of the class is grown, scores readings, and doubts one that rules let pass', async () => {
  const first_ms = next_ms - 24 * 96 * QUARTER_MS
  const readings = Array.from({ length: 24 * 96 }, (_, at) => quarter(first_ms + at * QUARTER_MS))
  await app.fetch(contract.ingest, { body: { readings } })
  await app.app.jobs.drain()
  const usual = quarter(next_ms)
  const fine = await validate(usual)
  expect(fine).toMatchObject({
    verdict: 'valid',
    anomaly_model: 'detector-weather-station, version 1',
    anomaly_reason: null,
  })
  expect(fine.anomaly_score).toBeGreaterThan(0)
  // Ordinary for the hour each, and impossible in one weather.
  const { temperature, humidity } = usual.measurements
  const odd = { ...usual, measurements: { temperature: temperature + 0.6, humidity: humidity + 2.4 } }
  const doubted = await validate(odd)
  expect(doubted).toMatchObject({ verdict: 'suspect', is_valid: false, is_anomaly: true })
  expect(doubted.anomaly_score).toBeLessThan(0)
  const impossible = await validate({ ...usual, measurements: { temperature: 400 } })
  expect(impossible).toMatchObject({ verdict: 'invalid', anomaly_score: null })
  expect(impossible.anomaly_reason).toContain('A rule found it impossible')
  const taken = await app.fetch(contract.ingest, { body: { readings: [odd] } })
  expect(taken.body.readings[0]).toMatchObject({ outcome: 'suspect', findings: [{ check: 'isolation_forest' }] })
})

it('what is played is scored by no forest of what is real', async () => {
  const played = await validate({ ...quarter(next_ms), sensor_id: 'played' })
  expect(played.anomaly_reason).toContain('0 accepted readings')
})

it('the forest is in the registry with its class, series and figures, and is told what it doubts', async () => {
  const key = { model_id: 'detector-weather-station' }
  const { body } = await app.fetch(models.get, { params: key })
  expect(body).toMatchObject({
    task: 'anomaly',
    champion: 1,
    cadence: 'weekly',
    kept: { keeper: 'telemetry', kind: 'detector', device_kind: 'weather_station', simulated: false },
  })
  expect(body.kept?.series).toHaveLength(2)
  expect(body.version_list[0]?.record).toMatchObject({ dataset_id: null, readings: { count: 2_304 } })
  now = new Date(TEST_NOW.getTime() + 86_400_000)
  await observeDetectors({ ...app.ctx, now: () => now })
  const seen = await app.fetch(performance, { params: key })
  expect(seen.body).toMatchObject({ state: 'measured', coverage: { level: null } })
  expect(seen.body.metrics.loss).toBeLessThan(0.2)
})
