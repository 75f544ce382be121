import * as certificates from '@tidemark/core/certificates/contract.ts'
import { replayers } from '@tidemark/core/replayers.ts'
import * as contract from '@tidemark/core/telemetry/contract.ts'
import { deviceQuality } from '@tidemark/core/telemetry/device-quality-contract.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { audit } from '../audit/http.ts'
import { createCertificates } from '../certificates/http.ts'
import { testAccounts } from '../platform/testing-access.ts'
import { openTestApp, TEST_NOW, type TestApp } from '../platform/testing.ts'
import { telemetry } from './http.ts'
import { learn } from './service.ts'
import { batchEvidenceOf } from './validate.ts'
import { dropEvidenceBefore } from './validation-store.ts'

let app: TestApp
beforeAll(async () => {
  app = await openTestApp({
    capabilities: [
      testAccounts,
      audit,
      createCertificates({ evidence: { sensor_batch: batchEvidenceOf }, replayers }),
      telemetry,
    ],
  })
})
afterAll(() => app.close())

const HOUR_MS = 3_600_000
const NOW_MS = TEST_NOW.getTime()
const instant = (hours_ago: number) => new Date(NOW_MS - hours_ago * HOUR_MS).toISOString()

const add = async (sensor_id: string, rest: object = {}) =>
  (await app.fetch(contract.addDevice, { body: { sensor_id, kind: 'weather_station', ...rest } })).body
const reading = (sensor_id: string, hours_ago: number, measurements: object, rest: object = {}) => ({
  timestamp: instant(hours_ago),
  sensor_id,
  project_id: 'delta-north',
  measurements,
  ...rest,
})
const send = async (...readings: unknown[]) => {
  const answer = await app.fetch(contract.ingest, { body: { readings } })
  expect(answer.status).toBe(202)
  return answer.body
}
const seriesOf = async (device_id: string) =>
  (await app.fetch(contract.getDevice, { params: { device_id } })).body.series

describe('devices', () => {
  it('are made known, listed page by page, changed and retired', async () => {
    const { device_id } = await add('lab-1')
    await add('lab-2', { project_id: 'mangrove' })
    const again = await app.fetch(contract.addDevice, { body: { sensor_id: 'lab-1', kind: 'other' } })
    expect(again.problem).toMatchObject({ status: 409, type: expect.stringContaining('telemetry/sensor-id-taken') })
    const page = await app.fetch(contract.listDevices, { query: { limit: '1' } })
    expect(page.body).toMatchObject({ devices: [{ sensor_id: 'lab-1' }], next: 'lab-1' })
    const ofProject = await app.fetch(contract.listDevices, { query: { project_id: 'mangrove' } })
    expect(ofProject.body.devices.map(({ sensor_id }) => sensor_id)).toEqual(['lab-2'])
    const retired = await app.fetch(contract.changeDevice, {
      params: { device_id },
      body: { name: 'Old', retired: true },
    })
    expect(retired.body).toMatchObject({ name: 'Old', retired_at: TEST_NOW.toISOString() })
    const sent = await send(reading('lab-1', 1, { temperature: 20 }))
    expect(sent.readings[0]?.faults[0]?.code).toBe('device-retired')
  })

  it('409: telemetry/too-many-devices', async () => {
    const crowd = await sql<{ count: number }>`insert into telemetry.device
      (device_id, organisation_id, sensor_id, name, kind, measures, simulated, created_at)
      select 'dev_' || lpad(i::text, 26, '0'), d.organisation_id, 'crowd-' || i, 'c', 'other', '{}', false, now()
      from generate_series(1, 20000) i, (select organisation_id from telemetry.device limit 1) d`.execute(app.db.kysely)
    expect(crowd.numAffectedRows).toBe(20_000n)
    const answer = await app.fetch(contract.addDevice, { body: { sensor_id: 'one-more', kind: 'other' } })
    await sql`delete from telemetry.device where name = 'c'`.execute(app.db.kysely)
    expect(answer.problem.type).toContain('telemetry/too-many-devices')
  })

  it('404: telemetry/unknown-device', async () => {
    const answer = await app.fetch(contract.getDevice, { params: { device_id: 'dev_00000000000000000000000000' } })
    expect(answer.problem.type).toContain('telemetry/unknown-device')
  })
})

describe('POST /api/v1/readings', () => {
  it('202: keeps the good ones and says of each other one what is wrong', async () => {
    await add('mast-1')
    const sent = await send(
      reading('mast-1', 2, { temperature: 20 }),
      reading('mast-1', 1, { temperature: 999 }),
      reading('mast-1', 0.5, { temperature: 'warm' }),
      reading('nobody', 1, { temperature: 20 }),
      reading('mast-1', -2, { temperature: 20 }),
      { ...reading('mast-1', 0, { temperature: 20 }), timestamp: '1970-01-01T00:00:00Z' },
      'half a JSON',
    )
    expect(sent).toMatchObject({ received: 7, stored_values: 2, valid: 1, invalid: 3, refused: 3 })
    expect(sent.readings.map(({ index, outcome }) => [index, outcome])).toEqual([
      [1, 'invalid'],
      [2, 'refused'],
      [3, 'refused'],
      [4, 'invalid'],
      [5, 'invalid'],
      [6, 'refused'],
    ])
    expect(sent.readings[0]?.findings[0]?.message).toBe('temperature value 999 outside range [-50, 70]')
    expect(sent.readings[1]?.faults[0]).toMatchObject({
      path: '/readings/2/measurements/temperature',
      code: 'invalid-number',
      value: 'warm',
    })
  })

  it('202: takes the same batch twice as once, and lets the first of two values stay', async () => {
    const { device_id } = await add('mast-2')
    const batch = [3, 2, 1].map((ago) => reading('mast-2', ago, { temperature: 20 - ago, humidity: 50 }))
    expect(await send(...batch)).toMatchObject({ stored_values: 6, valid: 3 })
    expect(await send(...batch)).toMatchObject({ stored_values: 0, duplicates: 3 })
    expect(await send(batch[0], batch[0], reading('mast-2', 2, { temperature: 5 }))).toMatchObject({
      stored_values: 0,
      duplicates: 2,
      conflicts: 1,
    })
    const [, temperature] = await seriesOf(device_id)
    expect(temperature).toMatchObject({ measure: 'temperature', readings: 3, last_value: 19 })
  })

  it('202: a late reading is added to its hour, and does not move what the series remembers', async () => {
    const { device_id } = await add('mast-3')
    await send(reading('mast-3', 30.5, { temperature: 10 }), reading('mast-3', 0.5, { temperature: 30 }))
    await send(reading('mast-3', 30.25, { temperature: 20 }))
    const [series] = await seriesOf(device_id)
    expect(series).toMatchObject({ readings: 3, last_value: 30, last_at: instant(0.5) })
    const points = await app.fetch(contract.listPoints, {
      params: { series_id: String(series?.series_id) },
      query: { from: instant(48), to: instant(0), points_max: '50' },
    })
    expect(points.body).toMatchObject({
      slot_s: 3_600,
      unit: 'degC',
      points: [
        { at: instant(31), mean: 15, min: 10, max: 20, readings: 2 },
        { at: instant(1), mean: 30, readings: 1 },
      ],
      gaps: [{ from: instant(30), to: instant(1) }],
    })
  })

  it('202: two batches of one device at once count every reading once', async () => {
    const { device_id } = await add('mast-4')
    const batches = Array.from({ length: 6 }, (_, b) =>
      Array.from({ length: 20 }, (__, i) => reading('mast-4', 100 - ((b * 13 + i) % 60), { humidity: 40 })),
    )
    const sent = await Promise.all(batches.map((batch) => send(...batch)))
    const [series] = await seriesOf(device_id)
    expect(sent.reduce((sum, { stored_values }) => sum + stored_values, 0)).toBe(60)
    expect(series?.readings).toBe(60)
    const { rows } = await sql<{ sum: number }>`select sum(readings)::int as sum from telemetry.rollup
      where series_id = ${series?.series_id} and slot_s = 3600`.execute(app.db.kysely)
    expect(rows[0]?.sum).toBe(60)
  })

  it('202: a counter that falls silent and is reset never becomes a spike', async () => {
    const { device_id } = await add('meter-1', {
      kind: 'meter',
      measures: { import_energy_kwh: { interval_s: 3600, hourly_max: 100 } },
    })
    const shown: [number, number][] = [
      [12, 500],
      [11, 540],
      [5, 780],
      [4, 0],
      [3, 840],
      [2, 15],
      [1, 45],
    ]
    await send(...shown.map(([ago, value]) => reading('meter-1', ago, { import_energy_kwh: value })))
    const [series] = await seriesOf(device_id)
    const { body } = await app.fetch(contract.listPoints, {
      params: { series_id: String(series?.series_id) },
      query: { from: instant(13), to: instant(0), points_max: '20' },
    })
    // 40, then 240 over six silent hours, 60 over the two around a glitch to zero, 15 + 30 after the reset.
    expect(body.points.map(({ amount }) => amount && Math.round(amount * 1e6) / 1e6)).toEqual([
      40, 40, 40, 40, 40, 40, 40, 30, 30, 22.5, 22.5, 0,
    ])
  })

  it('202: learns what is usual of a device, and then doubts what is not', async () => {
    const { device_id } = await add('mast-5')
    const past = Array.from({ length: 600 }, (_, i) =>
      reading('mast-5', 700 - i, { temperature: 20 + 5 * Math.sin((i / 12) * Math.PI) + ((i * 7919) % 13) / 20 }),
    )
    await send(...past)
    const [series] = await seriesOf(device_id)
    expect(series?.has_profile).toBe(false)
    await learn(app.ctx, { series_id: series?.series_id ?? 0 })
    const [learnt] = await seriesOf(device_id)
    expect(learnt).toMatchObject({ has_profile: true, profile_needs: null })
    const sent = await send(reading('mast-5', 100, { temperature: 60 }))
    expect(sent).toMatchObject({ suspect: 1 })
    expect(sent.readings[0]?.findings.map(({ check }) => check)).toContain('usual_for_hour')
  })
})

describe('GET /api/v1/devices/{device_id}/quality', () => {
  it('200: five dimensions over what came of what was to come, and each doubted reading with its reason', async () => {
    const { device_id } = await add('mast-q', { measures: { temperature: { interval_s: 3_600, range: [-10, 45] } } })
    const params = { device_id }
    const silent = await app.fetch(deviceQuality, { params })
    expect(silent.body).toMatchObject({ quality: null, series: [], flagged: [] })
    // Every second hour of a day, all told at noon; one of two hours ago is out of its range.
    const hours = Array.from({ length: 12 }, (_, i) => 24 - 2 * i)
    await send(...hours.map((ago) => reading('mast-q', ago, { temperature: ago === 2 ? 50 : 20 }, { metadata: { battery_level: 45 } }))) // oxfmt-ignore
    const { body } = await app.fetch(deviceQuality, { params })
    expect(body.series).toMatchObject([{ measure: 'temperature', interval_s: 3_600, came: 12, expected: 24 }])
    expect(body.quality).toMatchObject({
      valid: 11,
      invalid: 1,
      data_coverage: 11 / 12,
      details: { completeness: 0.5, accuracy: 0.7, consistency: 1, timeliness: expect.closeTo(0.6), validity: 11 / 12 },
    })
    expect(body.assumed).toEqual(['signal_strength', 'calibration_date'])
    expect(body.flagged).toMatchObject([
      { at: instant(2), value: 50, unit: 'degC', verdict: 'invalid', checks: ['range'] },
    ])
    const day = await app.fetch(deviceQuality, { params, query: { days: '90' } })
    expect(day.body.quality).toEqual(body.quality)
  })

  it('404: telemetry/unknown-device', async () => {
    const params = { device_id: 'dev_00000000000000000000000000' }
    expect((await app.fetch(deviceQuality, { params })).status).toBe(404)
  })
})

describe('POST /api/v1/validate-iot-data', () => {
  const metadata = { battery_level: 100, signal_strength: 100, calibration_date: '2026-11-01' }
  const location = { latitude: -6.1, longitude: 106.8 }
  const validate = async (sensor_readings: unknown[], rest: object = {}) =>
    (await app.fetch(contract.validate, { body: { project_id: 'delta-north', sensor_readings, ...rest } })).body

  it('200: scores a batch as published, with the score of all readings beside it', async () => {
    const good = reading('mast-9', 0, { temperature: 21.5 }, { metadata, location })
    const bad = reading('mast-9', 0.01, { temperature: 120 })
    const answer = await validate([good, bad])
    // Valid: 0.2·1 + 0.3·0.8 + 0.2·1 + 0.1·1 + 0.2·1. Invalid: 0.2·0.8 + 0.3·0.8 + 0.2·1 + 0.1·1 + 0.
    expect(answer.quality_score).toMatchObject({
      score: expect.closeTo(0.94, 12),
      score_all_readings: expect.closeTo((0.94 + 0.7) / 2, 12),
      valid_readings: 1,
      total_readings: 2,
      data_coverage: 0.5,
    })
    expect(answer.validation_results.map(({ validation_result }) => validation_result)).toMatchObject([
      { is_valid: true, confidence: 0.8, checked_against: 'limits', range_validation: { valid: true, errors: [] } },
      {
        is_valid: false,
        range_validation: { valid: false, errors: ['temperature value 120 outside range [-50, 70]'] },
      },
    ])
    expect(answer.not_certified).toBeNull()
  })

  it('200: says what cannot be read, and that nothing was valid', async () => {
    const answer = await validate([{ sensor_id: 'x' }, null, 7])
    expect(answer.quality_score).toMatchObject({ score: 0, details: 'No valid readings', valid_readings: 0 })
    expect(answer.validation_results[0]?.validation_result).toMatchObject({ verdict: 'refused', confidence: 0 })
    expect(answer).toMatchObject({ validation_id: null, certificate_id: null, certificate_hash: null })
    expect(answer.not_certified?.says_en).toMatch(/No reading was valid/)
  })

  it('200: no series takes the readings in, and what a program played is not certified', async () => {
    const before = await app.fetch(contract.listDevices)
    const played = await validate([reading('stranger', 0, { temperature: 20 }, { simulated: true })])
    expect(played).toMatchObject({ certificate_id: null, not_certified: { says_en: expect.stringMatching(/played/) } })
    expect((await app.fetch(contract.listDevices)).body).toEqual(before.body)
  })

  it('200: certifies a batch, hostile readings included; the bundle verifies and replays, the first false verdict is named', async () => {
    const good = reading('mast-5', 0, { temperature: 24.5 }, { metadata, location })
    const late = reading('mast-5', 600, { temperature: 19.5 })
    const hostile = [
      null,
      'x',
      { sensor_id: '__proto__', measurements: { '\ud800': -0 } },
      { timestamp: '\ud83d'.repeat(90) },
    ]
    const answer = await validate([late, good, ...hostile], { project_name: 'Delta North', project_location: 'Java' })
    const id = answer.certificate_id ?? ''
    const ask = async (format: string) =>
      (await app.fetch(certificates.get, { params: { id }, query: { format } })).body as Record<string, unknown>
    const bundle = structuredClone(await ask('bundle')) as unknown as certificates.Bundle
    const check = async (file: unknown) =>
      (
        await app.fetch(certificates.verify, {
          body: Buffer.from(JSON.stringify(file)),
          query: { replay: '1' },
          headers: { 'content-type': 'application/json' },
        })
      ).body
    const report = await check(bundle)
    expect(report.checks.filter(({ status }) => status === 'failed')).toEqual([])
    expect(report).toMatchObject({
      outcome: 'valid',
      stated: {
        kind: 'sensor_batch',
        record_id: answer.validation_id,
        certificate_hash: answer.certificate_hash,
        subject_name: 'Delta North',
      },
    })
    expect(report.checks).toContainEqual(expect.objectContaining({ name: 'replay', status: 'passed' }))
    expect(bundle.certificate).toMatchObject({
      credentialSubject: { counts: { total: 6, accepted: 1, suspect: 1, refused: 4, late: 1, againstOwnPast: 1 } },
    })
    expect(JSON.stringify(bundle.certificate)).not.toMatch(/mast-5|delta-north|Delta North/)
    // The flat form, by itself and of the published shape.
    const flat = await ask('seed')
    expect(flat).toMatchObject({
      certificate_type: 'iot_verification',
      project: { id: 'delta-north', name: 'Delta North', type: 'Unknown', location: 'Java' },
      sensor_summary: {
        total_sensors: 2,
        sensor_details: { 'mast-5': { readings_count: 2, valid_readings: 1, anomalies: 0 } },
      },
    })
    expect(await check(flat)).toMatchObject({ outcome: 'valid', form: 'seed' })
    // Somebody with the key certifies what validation does not find.
    const evidence = bundle.evidence as { readings: string[] }
    evidence.readings[1] = JSON.stringify({ ...good, measurements: { temperature: 120 } })
    const altered = await check(bundle)
    expect(altered).toMatchObject({ outcome: 'altered' })
    expect(altered.checks).toContainEqual(
      expect.objectContaining({
        name: 'replay',
        path: '/evidence/result/validation_results/1/validation_result/verdict',
        expected: 'suspect',
        found: 'invalid',
        line_id: expect.stringMatching(/^2 · mast-5 · /),
      }),
    )
    // On record.
    const listed = await app.fetch(contract.listValidations, { query: { sensor_id: 'mast-5' } })
    expect(listed.body.validations).toMatchObject([
      { validation_id: answer.validation_id, certificate_id: id, readings_kept: true },
    ])
    const shown = await app.fetch(contract.getValidation, { params: { validation_id: answer.validation_id ?? '' } })
    expect(shown.body.validation_results).toEqual(answer.validation_results)
    const missing = await app.fetch(contract.getValidation, {
      params: { validation_id: 'val_00000000000000000000000000' },
    })
    expect(missing.problem.type).toContain('telemetry/unknown-validation')
  })

  it('200: after the time that readings are kept, the certificate stays and says that nothing travels with it', async () => {
    const answer = await validate([reading('mast-9', 0, { temperature: 21.5 })])
    await dropEvidenceBefore(app.db, new Date(app.ctx.now().getTime() + 1))
    const kept = await app.fetch(contract.getValidation, { params: { validation_id: answer.validation_id ?? '' } })
    expect(kept.body).toMatchObject({ readings_kept: false, validation_results: null })
    const body = (
      await app.fetch(certificates.get, { params: { id: answer.certificate_id ?? '' }, query: { format: 'bundle' } })
    ).bytes
    const report = (await app.fetch(certificates.verify, { body, query: { replay: '1' } })).body
    expect(report).toMatchObject({ outcome: 'valid' })
    expect(report.checks).toContainEqual(expect.objectContaining({ name: 'replay', status: 'skipped' }))
  })

  it('200: strict believes nothing that has no past to be held against', async () => {
    const good = reading('mast-9', 0, { temperature: 21.5 }, { metadata, location })
    const answer = await validate([good], { validation_level: 'strict' })
    expect(answer.validation_results[0]?.validation_result).toMatchObject({ verdict: 'valid', is_valid: false })
  })
})

describe('GET /api/v1/series/{series_id}/points', () => {
  it('404: telemetry/unknown-series', async () => {
    const answer = await app.fetch(contract.listPoints, {
      params: { series_id: '999999' },
      query: { from: instant(2), to: instant(1) },
    })
    expect(answer.problem.type).toContain('telemetry/unknown-series')
  })
})
