import { sql } from 'kysely'
import { addSite, Site } from '@tidemark/core/sites/contract.ts'
import { forecast, tellWeather } from '@tidemark/core/sites/forecast-contract.ts'
import * as models from '@tidemark/core/models/contract.ts'
import { performance, predict } from '@tidemark/core/models/serving-contract.ts'
import { simulateSite } from '@tidemark/core/sites/simulate.ts'
import { clearSkyPower_kw, sunAt } from '@tidemark/core/sites/sun.ts'
import { addDevice, ingest } from '@tidemark/core/telemetry/contract.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { audit } from '../audit/http.ts'
import { createModels } from '../models/http.ts'
import { testAccounts } from '../platform/testing-access.ts'
import { openTestApp, TEST_NOW, type TestApp } from '../platform/testing.ts'
import { telemetry } from '../telemetry/http.ts'
import { tendForecasts } from './forecast-jobs.ts'
import { sites } from './http.ts'

const HOUR_MS = 3_600_000
let now = TEST_NOW
let app: TestApp
beforeAll(async () => {
  app = await openTestApp({
    capabilities: [testAccounts, audit, createModels(), telemetry, sites],
    now: () => now,
  })
})
afterAll(() => app.close())

const inverter = {
  asset_id: 'inv',
  name: 'Inverter',
  kind: 'pv_inverter',
  rated_kw: 60,
  tilt_deg: 30,
  azimuth_deg: 180,
}
const place = { latitude: 43.6, longitude: 3.88, time_zone: 'Europe/Paris', country: 'FR' }

/** A site whose devices are named after it. */
async function site(name: string): Promise<Site> {
  const sensors = { inv: `${name}-inv`, load: `${name}-load` }
  const answer = await app.fetch(addSite, {
    body: {
      ...place,
      name,
      simulated: true,
      assets: [
        { ...inverter, sensor_ids: [sensors.inv] },
        { asset_id: 'load', name: 'Load', kind: 'meter', role: 'load', sensor_ids: [sensors.load] },
      ],
    },
  })
  const added = Site.parse(answer.body)
  for (const sensor_id of Object.values(sensors))
    await app.fetch(addDevice, { body: { sensor_id, kind: 'other', site_id: added.id, simulated: true } })
  return added
}

async function play({ assets }: Site, days: number, until = now): Promise<void> {
  const to_ms = until.getTime()
  const span = { from_ms: to_ms - days * 24 * HOUR_MS, to_ms, step_s: 3_600 }
  const steps = simulateSite({ plant: { ...place, assets, load_kw: 90 }, seed: 3, ...span, faults: [] })
  const readings = [...steps].flatMap((step) => step.readings)
  for (let at = 0; at < readings.length; at += 2_000)
    expect((await app.fetch(ingest, { body: { readings: readings.slice(at, at + 2_000) } })).body.refused).toBe(0)
}

/** Warmer by day, from so many hours after now to so many. */
async function tell({ id }: Site, from_h: number, to_h: number, issued_ms: number) {
  const values = Array.from({ length: to_h - from_h }, (_, hour) => ({
    at: new Date(now.getTime() + (from_h + hour) * HOUR_MS).toISOString(),
    air_temperature_c: 10 + (hour % 24) / 3,
  }))
  const body = { issued_at: new Date(issued_ms).toISOString(), values }
  return app.fetch(tellWeather, { params: { id }, body })
}

const ask = async (siteId: string, query: Record<string, string> = {}) =>
  app.fetch(forecast, { query: { siteId, ...query } })

describe('GET /api/v1/forecast', () => {
  it('409: sites/insufficient-data says what is not measured, and later how much is missing', async () => {
    const { id, assets } = await site('empty')
    const nothing = await ask(id)
    expect(nothing.status).toBe(409)
    expect(nothing.problem.type).toContain('sites/insufficient-data')
    expect(nothing.problem.faults?.[0]).toMatchObject({ path: '/generation', code: 'not-measured' })
    const sensor_id = assets[0]?.sensor_ids[0]
    const reading = { timestamp: new Date(now.getTime() - HOUR_MS).toISOString(), sensor_id }
    await app.fetch(ingest, { body: { readings: [{ ...reading, measurements: { generation_power_kw: 5 } }] } })
    const little = await ask(id)
    expect(little.problem.faults?.[0]).toMatchObject({ path: '/solar', value: 1, expected: 3 })
  })

  it('200: of a young site says the middle of its last day, without bands', async () => {
    const young = await site('young')
    await play(young, 1)
    const { status, body } = await ask(young.id, { target: 'load' })
    expect(status).toBe(200)
    expect(body).toMatchObject({ fallbackLevel: 'flatliner', method: 'flatliner', modelId: null, backtest: null })
    expect(body.data[0]).toMatchObject({ lower95: null, upper95: null, confidence: null })
    expect(new Set(body.data.map(({ load_kw }) => load_kw)).size).toBe(1)
  })

  describe('of a site with four weeks of readings', () => {
    let known: Site
    beforeAll(async () => {
      known = await site('known')
      await play(known, 31)
    })

    it('200: repeats with measured bands until forecasters are fitted, then says which was chosen and why', async () => {
      expect((await tell(known, 1, 25, now.getTime())).body).toMatchObject({ stored: 24 })
      const first = await ask(known.id)
      // Weather of one day teaches nothing; of four weeks, told a day ahead, it does.
      expect(first.body.notes.join()).toContain('28 are needed')
      await tell(known, -29 * 24, 1, now.getTime() - 31 * 24 * HOUR_MS)
      expect(first.body).toMatchObject({
        fallbackLevel: 'baseline',
        target: 'generation',
        step_s: 3_600,
        simulated: true,
      })
      expect(first.body.passed_over[0]).toMatchObject({
        level: 'full',
        reason: expect.stringContaining('being fitted'),
      })
      expect(await app.app.jobs.drain()).toMatchObject({ failed: 0 })
      expect((await ask(known.id)).body.weather_used).toEqual(['air_temperature_c'])
      const { body } = await ask(known.id, { horizon: '7d' })
      expect(body).toMatchObject({ fallbackLevel: 'full', passed_over: [], not_known: {} })
      expect(body.data).toHaveLength(168)
      expect(body).toMatchObject({
        basis: 'own_history',
        modelVersion: 1,
        modelName: `forecast-${known.id.toLowerCase()}`,
      })
      expect(body.nTrain).toBeGreaterThan(600)
      expect(body.trainingRange?.to).toBe(body.made_at)
      expect(body.ranking.solar?.map(({ name }) => name)).toContain('seasonal-naive')
      for (const target of ['load', 'generation', 'net'] as const)
        expect(body.targets[target]?.backtest?.day.mase).toBeLessThan(1)
    })

    it('writes the seed’s numbers as text, in a band around them, and nothing beyond a clear sky', async () => {
      const { body } = await ask(known.id)
      expect(body).toMatchObject({ success: true, siteId: known.id, horizon: '24h' })
      for (const { timestamp, predictedPower, lower95, upper95, confidence } of body.data) {
        expect(predictedPower).toMatch(/^\d+\.\d\d$/)
        const [low, point, high] = [lower95, predictedPower, upper95].map(Number)
        expect(low).toBeLessThanOrEqual(point!)
        expect(point).toBeLessThanOrEqual(high!)
        expect(Number(confidence)).toBeLessThanOrEqual(1)
        const at_ms = Date.parse(timestamp)
        const instants = Array.from({ length: 61 }, (_, minute) => at_ms + minute * 60_000)
        const most = Math.max(...instants.map((at) => clearSkyPower_kw(inverter, at, place.latitude, place.longitude)))
        expect(high).toBeLessThanOrEqual(most + 0.01)
        const is_night = instants.every((at) => sunAt(at, place.latitude, place.longitude).elevation_deg < 0)
        if (is_night) expect([lower95, predictedPower, upper95]).toEqual(['0.00', '0.00', '0.00'])
      }
    })

    it('never sees the future: what is stored of later changes nothing', async () => {
      const before = await ask(known.id, { horizon: '7d' })
      const { numAffectedRows } = await sql`insert into telemetry.rollup
          (slot_start, series_id, slot_s, readings, not_counted, sum, low, high, amount, organisation_id)
        select slot_start + interval '30 days', series_id, slot_s, 1, 0, 1e9, 1e9, 1e9, 1e9, organisation_id
        from telemetry.rollup where slot_start + interval '30 days' >= ${now}`.execute(app.ctx.system_db.kysely)
      expect(Number(numAffectedRows)).toBeGreaterThan(500)
      const after = await ask(known.id, { horizon: '7d' })
      expect(after.body.data).toEqual(before.body.data)
      await sql`delete from telemetry.rollup where slot_start >= ${now}`.execute(app.ctx.system_db.kysely)
    })

    it('holds what was told against what came', async () => {
      // First by what repeats, before there was a model; an hour later by the model.
      const told = now
      now = new Date(told.getTime() + HOUR_MS)
      await ask(known.id)
      now = new Date(now.getTime() + 26 * HOUR_MS)
      await play(known, 27 / 24, now)
      await app.app.jobs.drain()
      await tendForecasts({ ...app.ctx, now: () => now })
      const { body } = await ask(known.id)
      const { coverage_so_far } = body.targets.load ?? {}
      expect(coverage_so_far).toMatchObject({ forecasts: 2, slots: 48, since: told.toISOString() })
      expect(coverage_so_far?.covered95).toBeGreaterThan(0.5)
      expect(body.targets.generation?.coverage_so_far?.slots).toBeLessThan(26)
    })

    it('is in the registry: site, series, run, champion, and what came true of it', async () => {
      const key = `forecast-${known.id.toLowerCase()}`
      const { body } = await app.fetch(models.get, { params: { model_id: key } })
      expect(body).toMatchObject({
        task: 'forecast',
        champion: 1,
        kept: { keeper: 'sites', kind: 'forecaster', site: { id: known.id, name: 'known' }, simulated: true },
      })
      expect(body.kept?.series.map(({ measure }) => measure)).toContain('load_power_kw')
      expect(body.last_runs[0]).toMatchObject({ state: 'succeeded', step: 2, steps: 2, cause: 'schedule' })
      expect(body.version_list[0]).toMatchObject({ format: 'readings', verdict: { outcome: 'passed' } })
      expect(body.version_list[0]?.metrics.loss).toBeLessThan(1)
      const seen = await app.fetch(performance, { params: { model_id: key } })
      expect(seen.body).toMatchObject({ state: 'measured', coverage: { level: 0.95 } })
      expect(seen.body.metrics.loss).toBeGreaterThan(0)
      const asked = await app.fetch(predict, { params: { model_id: key }, body: { rows: [{}] } })
      expect(asked.problem).toMatchObject({ status: 422, detail: expect.stringContaining('/api/v1/forecast') })
    })

    it('answers with the version that a person retired no more, and says so', async () => {
      const key = `forecast-${known.id.toLowerCase()}`
      await app.fetch(models.retire, { params: { model_id: key }, body: { reason: 'The plant was rebuilt.' } })
      const { body } = await ask(known.id)
      expect(body).toMatchObject({ fallbackLevel: 'baseline', modelName: null })
      expect(body.passed_over[0]?.reason).toContain('out of use')
    })
  })
})

describe('POST /api/v1/sites/{id}/weather', () => {
  it('422: sites/not-a-forecast for weather that had come already', async () => {
    const { id } = await site('late')
    const values = [{ at: '2026-07-01T10:00:00Z', air_temperature_c: 27.5 }]
    const answer = await app.fetch(tellWeather, { params: { id }, body: { issued_at: '2026-07-01T18:00:00Z', values } })
    expect(answer.status).toBe(422)
    expect(answer.problem.type).toContain('sites/not-a-forecast')
  })
})

describe('a site without a past', () => {
  it('begins with the class of two others, says so, and a wider band; a load tells its size first', async () => {
    await play(await site('other'), 15)
    const fresh = await site('fresh')
    await ask(fresh.id)
    await app.app.jobs.drain()
    const { body } = await ask(fresh.id)
    expect(body).toMatchObject({
      fallbackLevel: 'class_model',
      basis: 'class_model',
      modelName: 'class-solar-simulated',
    })
    expect(body.classBasis).toMatchObject([{ component: 'solar', class: 'solar', sites: 2, modelVersion: 1 }])
    const noon = body.data.find(({ timestamp }) => new Date(timestamp).getUTCHours() === 11)
    expect(noon?.generation_kw).toBeGreaterThan(1)
    expect(noon?.generation_upper95_kw).toBeGreaterThan(1.2 * (noon?.generation_kw ?? Infinity))
    expect(body.not_known.load).toBeDefined()
    await play(fresh, 1)
    await ask(fresh.id, { target: 'load' })
    await app.app.jobs.drain()
    expect((await ask(fresh.id, { target: 'load' })).body).toMatchObject({
      fallbackLevel: 'class_model',
      classBasis: [{ component: 'load', class: 'load' }],
    })
  })

  it('409: of a class with one other site alone, and of what is real where the others are played', async () => {
    const real = await app.fetch(addSite, {
      body: { ...place, name: 'real', assets: [{ ...inverter, sensor_ids: ['real-inv'] }] },
    })
    await ask(real.body.id)
    await app.app.jobs.drain()
    const answer = await ask(real.body.id)
    expect(answer.status).toBe(409)
    expect(answer.problem.detail).toContain('0 sites of the class solar have 14 days of history; 2 are needed')
  })
})
