import { addSite, Site } from '@tidemark/core/sites/contract.ts'
import {
  addWaveform,
  listWaveforms,
  maintenance,
  removeWaveform,
  setMaintenanceLimits,
  waveformSpectrum,
} from '@tidemark/core/sites/maintenance-contract.ts'
import { randomOf } from '@tidemark/core/learn/random.ts'
import { simulateSite } from '@tidemark/core/sites/simulate.ts'
import * as readings from '@tidemark/core/telemetry/contract.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sql } from 'kysely'
import { audit } from '../audit/http.ts'
import { factors } from '../factors/http.ts'
import { testAccounts } from '../platform/testing-access.ts'
import { openTestApp, TEST_NOW, type TestApp } from '../platform/testing.ts'
import { telemetry } from '../telemetry/http.ts'
import { sites } from './http.ts'

const DAY_MS = 86_400_000
const now_ms = TEST_NOW.getTime()
const wind = { asset_id: 'wind', name: 'Turbine', kind: 'turbine', rated_kw: 50, sensor_ids: ['wind'] }
const depot = {
  name: 'Windy depot',
  latitude: 43.6,
  longitude: 3.88,
  time_zone: 'Europe/Paris',
  country: 'FR',
  simulated: true,
  assets: [
    { ...wind, bearing: { balls: 9, ball_diameter_mm: 7.94, pitch_diameter_mm: 39.04 } },
    { asset_id: 'grid', name: 'Grid meter', kind: 'meter', role: 'grid', sensor_ids: ['grid'] },
    { asset_id: 'inv', name: 'Silent inverter', kind: 'pv_inverter', rated_kw: 50, sensor_ids: ['inv'] },
  ],
}

let app: TestApp
let site: Site
beforeAll(async () => {
  app = await openTestApp({ capabilities: [testAccounts, audit, factors, telemetry, sites], seed: true })
  site = Site.parse((await app.fetch(addSite, { body: depot })).body)
  await app.fetch(readings.addDevice, { body: { sensor_id: 'wind', kind: 'other', site_id: site.id, simulated: true } })
  const { latitude, longitude, time_zone } = site
  const assets = site.assets.filter(({ kind }) => kind === 'turbine')
  const steps = simulateSite({
    plant: { latitude, longitude, time_zone, assets, load_kw: 60 },
    seed: 5,
    from_ms: now_ms - 110 * DAY_MS,
    to_ms: now_ms,
    step_s: 3_600,
    faults: [{ kind: 'bearing_wear', sensor_id: 'wind', from_ms: now_ms - 70 * DAY_MS, to_ms: now_ms + 60 * DAY_MS }],
  })
  const all = [...steps].flatMap((step) => step.readings.filter(({ sensor_id }) => sensor_id === 'wind'))
  for (let from = 0; from < all.length; from += 1_500)
    await app.fetch(readings.ingest, { body: { readings: all.slice(from, from + 1_500) } })
})
afterAll(() => app.close())

describe('GET /api/v1/maintenance', () => {
  it('200: tells of a bearing that wears out when its limit is reached, what moved and what to do', async () => {
    const { status, body } = await app.fetch(maintenance, { query: { siteId: site.id, assetId: 'wind' } })
    expect(status).toBe(200)
    expect(body).toMatchObject({ success: true, total: 1, simulated: true })
    const [item] = body.data
    expect(item).toMatchObject({ assetId: 'wind', type: 'predictive', moved: 'vibration', evidence: { waveforms: 0 } })
    expect(item?.recommendation).toContain('Inspect bearings')
    const { p10, p50, p90 } = item?.dates ?? { p10: '', p50: '', p90: '' }
    expect(item?.predictedFailureDate).toBe(p50)
    // Three quarters of 130 days after it began.
    const truth = new Date(now_ms + (0.75 * 130 - 70) * DAY_MS).toISOString()
    expect([p10, truth, p90 ?? 'z']).toEqual([p10, truth, p90 ?? 'z'].sort())
    expect(item?.indicators.find(({ id }) => id === 'vibration')?.series.length).toBeGreaterThan(100)
  })

  it('200: says of an asset that was never heard of that nothing is known, and what such things last in general', async () => {
    const { body } = await app.fetch(maintenance, { query: { siteId: site.id } })
    expect(body.data.map(({ assetId }) => assetId)).toEqual(['wind', 'inv'])
    expect(body.data[1]).toMatchObject({
      status: 'insufficient_evidence',
      predictedFailureDate: null,
      daysUntilMaintenance: null,
      confidence: null,
      prior: { scale_years: 13 },
    })
  })

  it('404: sites/unknown-asset, of a meter too', async () => {
    for (const assetId of ['nothing', 'grid']) {
      const answer = await app.fetch(maintenance, { query: { siteId: site.id, assetId } })
      expect(answer.problem.type).toContain('sites/unknown-asset')
    }
  })
})

describe('waveforms', () => {
  const RATE = 12_000
  /** Ringing at 3.4 kHz as often as the outer race of a 6205 at 1,797 rpm is run over: 107.4 times a second. */
  const shocks = (seed: number) => {
    const random = randomOf(seed)
    return Array.from({ length: 16_384 }, (_, i) => {
      const since_s = (i / RATE) % (1 / 107.36)
      return 0.3 * random.normal() + 2 * Math.exp(-1_200 * since_s) * Math.sin(2 * Math.PI * 3_400 * since_s)
    })
  }
  const json = (samples: number[]) =>
    Buffer.from(JSON.stringify({ samples, sample_rate_hz: RATE, rpm: 1_797, unit: 'g' }))
  const params = () => ({ id: site.id, asset_id: 'wind' })
  const send = (seed: number, captured_at: string) =>
    app.fetch(addWaveform, { params: params(), query: { captured_at }, body: json(shocks(seed)) })

  it('201: name the part of the bearing that is damaged, which maintenance then speaks of, and the same twice is one', async () => {
    const first = await send(1, '2026-11-20T10:00:00.000Z')
    expect(first.status).toBe(201)
    expect(first.body.features.bearing?.outer_race.times_noise).toBeGreaterThan(6)
    expect((await send(1, '2026-11-20T10:00:00.000Z')).body.id).toBe(first.body.id)
    const { body } = await app.fetch(maintenance, { query: { siteId: String(site.number), assetId: 'wind' } })
    const outer = body.data[0]?.indicators.find(({ id }) => id === 'outer_race')
    expect(outer).toMatchObject({ status: 'watch', dates: null, onset_at: null })
    expect(body.data[0]?.evidence.waveforms).toBe(1)

    const spectrum = await app.fetch(waveformSpectrum, { params: { ...params(), waveform_id: first.body.id } })
    const { envelope, frequencies } = spectrum.body
    expect(frequencies?.outer_race_hz).toBeCloseTo(107.36, 1)
    const top = envelope.values.indexOf(Math.max(...envelope.values))
    expect(Math.abs(top * envelope.step_hz - 107.36)).toBeLessThan(2)
  })

  it('409: sites/waveform-there, another one of the same instant', async () => {
    const answer = await send(2, '2026-11-20T10:00:00.000Z')
    expect(answer.problem.type).toContain('sites/waveform-there')
  })

  it('422: sites/waveform-unreadable, with what is wrong; the future too', async () => {
    const broken = await app.fetch(addWaveform, { params: params(), body: Buffer.from('value\n1\nword\n') })
    expect([broken.status, broken.problem.faults?.[0]?.code]).toEqual([422, 'not-a-number'])
    expect((await send(3, '2030-01-01T00:00:00.000Z')).problem.faults?.[0]?.code).toBe('in-the-future')
  })

  it('410: sites/waveform-let-go, of those whose samples made room for newer ones; what was found stays', async () => {
    const { body } = await app.fetch(listWaveforms, { params: params() })
    const waveform_id = body.waveforms[0]?.id ?? ''
    await sql`update sites.waveform set samples = null where waveform_id = ${waveform_id}`.execute(app.db.kysely)
    const answer = await app.fetch(waveformSpectrum, { params: { ...params(), waveform_id } })
    expect(answer.problem.type).toContain('sites/waveform-let-go')
    const kept = await app.fetch(listWaveforms, { params: params() })
    expect(kept.body.waveforms[0]).toMatchObject({ id: waveform_id, has_samples: false, features: { bearing: {} } })
  })

  it('204: are removed when they should not count, and then are 404: sites/unknown-waveform', async () => {
    const { body } = await app.fetch(listWaveforms, { params: params() })
    const of = { params: { ...params(), waveform_id: body.waveforms[0]?.id ?? '' } }
    expect((await app.fetch(removeWaveform, of)).status).toBe(204)
    expect((await app.fetch(removeWaveform, of)).problem.type).toContain('sites/unknown-waveform')
  })

  it('409: sites/too-many-waveforms', async () => {
    await sql`insert into sites.waveform (waveform_id, organisation_id, site_id, asset_id, captured_at, sample_rate_hz, unit,
        sample_count, sha256, features)
      select 'wav_' || lpad(i::text, 26, '0'), organisation_id, id, 'inv', to_timestamp(i), 1000, 'g', 1024, decode('00', 'hex'), '{}'
      from generate_series(1, 2000) i, sites.site where id = ${site.id}`.execute(app.db.kysely)
    const answer = await app.fetch(addWaveform, { params: { ...params(), asset_id: 'inv' }, body: json(shocks(4)) })
    expect(answer.problem.type).toContain('sites/too-many-waveforms')
    await sql`delete from sites.waveform where asset_id = 'inv'`.execute(app.db.kysely)
  })
})

describe('PUT maintenance-limits', () => {
  it('200: dates are told for the limit that a site sets itself', async () => {
    const set = { params: { id: site.id, asset_id: 'wind' }, body: { limits: { vibration: 3 } } }
    expect((await app.fetch(setMaintenanceLimits, set)).body).toEqual({ asset_id: 'wind', limits: { vibration: 3 } })
    const { body } = await app.fetch(maintenance, { query: { siteId: site.id, assetId: 'wind' } })
    expect(body.data[0]).toMatchObject({ status: 'act_now', type: 'corrective', daysUntilMaintenance: 0, dates: null })
    const vibration = body.data[0]?.indicators.find(({ id }) => id === 'vibration')
    expect(vibration).toMatchObject({ limit: 3, limit_basis: 'Set for this asset' })
  })
})
