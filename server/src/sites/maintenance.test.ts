import { addSite, Site } from '@tidemark/core/sites/contract.ts'
import { maintenance } from '@tidemark/core/sites/maintenance-contract.ts'
import { simulateSite } from '@tidemark/core/sites/simulate.ts'
import * as readings from '@tidemark/core/telemetry/contract.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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
