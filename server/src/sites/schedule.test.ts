import { addSite, changeSite, Site } from '@tidemark/core/sites/contract.ts'
import { optimization, realisedPlan, type Optimization } from '@tidemark/core/sites/schedule-contract.ts'
import { simulateSite } from '@tidemark/core/sites/simulate.ts'
import { addDevice, ingest } from '@tidemark/core/telemetry/contract.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { audit } from '../audit/http.ts'
import { factors } from '../factors/http.ts'
import { testAccounts } from '../platform/testing-access.ts'
import { openTestApp, TEST_NOW, type TestApp } from '../platform/testing.ts'
import { telemetry } from '../telemetry/http.ts'
import { sites } from './http.ts'
import { closeSolver } from './solver.ts'

const HOUR_MS = 3_600_000
let now = TEST_NOW
let app: TestApp
beforeAll(async () => {
  app = await openTestApp({
    capabilities: [testAccounts, audit, factors, telemetry, sites],
    seed: true,
    now: () => now,
  })
})
afterAll(async () => {
  await closeSolver()
  await app.close()
})

const depot = {
  name: 'Depot',
  latitude: 43.6,
  longitude: 3.88,
  time_zone: 'Europe/Paris',
  country: 'FR',
  simulated: true,
  tariff: {
    currency: 'EUR',
    price_per_kwh: 0.19,
    periods: [
      { name: 'off-peak', price_per_kwh: 0.11, from: '22:00', to: '06:00' },
      { name: 'evening peak', price_per_kwh: 0.34, from: '18:00', to: '20:00' },
    ],
    export_price_per_kwh: 0.06,
    demand_charge_per_kw_month: 9,
  },
  assets: [
    { asset_id: 'inv', name: 'Inverter', kind: 'pv_inverter', rated_kw: 60, sensor_ids: ['plan-inv'] },
    {
      asset_id: 'bat',
      name: 'Battery',
      kind: 'battery',
      capacity_kwh: 200,
      charge_kw_max: 60,
      discharge_kw_max: 60,
      wear_cost_per_kwh: 0.02,
      sensor_ids: ['plan-bat'],
    },
    { asset_id: 'grid', name: 'Grid', kind: 'meter', role: 'grid', import_kw_max: 40, sensor_ids: ['plan-grid'] },
    { asset_id: 'load', name: 'Load', kind: 'meter', role: 'load', sensor_ids: ['plan-load'] },
  ],
  shiftable_loads: [{ name: 'Charging', power_kw: 12, duration_h: 3, earliest: '17:00', latest: '07:00' }],
}

let steps: ReturnType<typeof simulateSite> extends Generator<infer Step> ? Step[] : never = []
/** Readings every hour, of five weeks and of the day that is planned. */
function played(assets: Site['assets']) {
  const span = { from_ms: TEST_NOW.getTime() - 35 * 24 * HOUR_MS, to_ms: TEST_NOW.getTime() + 24 * HOUR_MS }
  return [...simulateSite({ plant: { ...depot, assets, load_kw: 90 }, seed: 5, ...span, step_s: 3_600, faults: [] })]
}
async function send(from_ms: number, to_ms: number): Promise<void> {
  const readings = steps.filter(({ at_ms }) => at_ms >= from_ms && at_ms < to_ms).flatMap((step) => step.readings)
  for (let at = 0; at < readings.length; at += 2_000)
    await app.fetch(ingest, { body: { readings: readings.slice(at, at + 2_000) } })
}

let site: Site
beforeAll(async () => {
  site = Site.parse((await app.fetch(addSite, { body: depot })).body)
  for (const { sensor_ids } of site.assets)
    await app.fetch(addDevice, { body: { sensor_id: sensor_ids[0], kind: 'other', site_id: site.id, simulated: true } })
  steps = played(site.assets)
  await send(0, TEST_NOW.getTime())
})

describe('GET /api/v1/optimization', () => {
  let plan: Optimization
  beforeAll(async () => {
    plan = (await app.fetch(optimization, { query: { siteId: site.id } })).body
  })

  it('200: is cheaper than doing nothing and than a battery that follows the sun', () => {
    const { plan: planned, idle, self_consumption_rule } = plan.costs
    expect(planned.total).toBeLessThan(idle.total)
    expect(planned.total).toBeLessThanOrEqual(self_consumption_rule.total + 1e-6)
    expect(plan.savings.against_idle.money).toBeCloseTo(idle.total - planned.total, 9)
    expect(plan.solver).toMatchObject({ name: 'HiGHS', status: 'optimal' })
    expect(plan.scenarios).toHaveLength(9)
    expect(plan.emissions_kg_co2e_per_kwh).toBeGreaterThan(0)
    expect(plan.contributions.map(({ without }) => without)).toEqual([
      'battery',
      'shifting Charging',
      'prices by time',
      'demand charge',
    ])
  })

  it('recommends what the solution does, in the seed’s fields', () => {
    const card = plan.recommendations.find(({ type }) => type === 'battery_schedule')
    expect(card?.potentialSavings).toBeCloseTo(plan.contributions[0]?.contribution ?? 0, 1)
    expect(card?.title).toMatch(/discharge \d\d:\d\d–\d\d:\d\d/)
    for (const { confidence, priority, savingsPercentage } of plan.recommendations) {
      expect(confidence).toBeGreaterThan(0)
      expect(['high', 'medium', 'low']).toContain(priority)
      expect(savingsPercentage).toBeGreaterThan(0)
    }
    const [run] = plan.runs
    const hours = run?.planned.reduce((sum, { from, to }) => sum + (Date.parse(to) - Date.parse(from)) / HOUR_MS, 0)
    expect(hours).toBe(3)
  })

  it('balances in every slot, keeps the battery in its limits and says which limits break', () => {
    for (const slot of plan.schedule) {
      const made = slot.generation_kw - slot.curtailed_kw
      expect(slot.import_kw - slot.export_kw + made + slot.battery_kw).toBeCloseTo(slot.load_kw, 6)
      expect(Math.abs(slot.battery_kw)).toBeLessThanOrEqual(60 + 1e-9)
      expect(slot.state_of_charge_percent).toBeGreaterThanOrEqual(10 - 1e-6)
      expect(slot.state_of_charge_percent).toBeLessThanOrEqual(100 + 1e-6)
    }
    const above = plan.schedule.filter(({ import_kw }) => import_kw > 40 + 1e-6).length
    expect(plan.breaches.reduce((sum, { slots }) => sum + slots, 0)).toBe(above)
  })

  it('answers with the same plan within a slot, and with another when the site is described anew', async () => {
    const again = await app.fetch(optimization, { query: { siteId: site.id } })
    expect(again.body.plan_id).toBe(plan.plan_id)
    const dearer = { ...depot.tariff, price_per_kwh: 0.5 }
    now = new Date(now.getTime() + 1_000)
    const { simulated: _, ...described } = { ...depot, tariff: dearer }
    await app.fetch(changeSite, { params: { id: site.id }, body: described })
    const after = await app.fetch(optimization, { query: { siteId: site.id } })
    expect(after.body.plan_id).toMatch(/^plan_/)
    expect(after.body.plan_id).not.toBe(plan.plan_id)
  })

  it('409: sites/no-tariff where nothing has a price; sites/insufficient-data where nothing is measured', async () => {
    const { body: free } = await app.fetch(addSite, { body: { ...depot, name: 'Free', tariff: null } })
    const answer = await app.fetch(optimization, { query: { siteId: free.id } })
    expect(answer.problem.type).toContain('sites/no-tariff')
    const { body: silent } = await app.fetch(addSite, { body: { ...depot, name: 'Silent' } })
    const nothing = await app.fetch(optimization, { query: { siteId: silent.id } })
    expect(nothing.problem.type).toContain('sites/insufficient-data')
  })

  describe('afterwards', () => {
    it('404: sites/unknown-plan', async () => {
      const answer = await app.fetch(realisedPlan, { params: { plan_id: 'plan_00000000000000000000000000' } })
      expect(answer.problem.type).toContain('sites/unknown-plan')
    })

    it('200: says nothing was measured yet, then bills what was done beside what was planned', async () => {
      const before = await app.fetch(realisedPlan, { params: { plan_id: plan.plan_id } })
      expect(before.body.realised).toBeNull()
      now = new Date(TEST_NOW.getTime() + 24 * HOUR_MS)
      await send(TEST_NOW.getTime(), now.getTime())
      const { body } = await app.fetch(realisedPlan, { params: { plan_id: plan.plan_id } })
      const { realised } = body
      expect(realised).toMatchObject({ slots: 24, measured_slots: 24, is_complete: true })
      const drawn = steps
        .filter(({ at_ms }) => at_ms >= TEST_NOW.getTime())
        .flatMap(({ readings }) => readings)
        .reduce((sum, { measurements }) => sum + Math.max(0, measurements.grid_power_kw ?? 0), 0)
      // Each meter has a third of a per cent of noise of its own.
      expect(Math.abs((realised?.costs.actual.import_kwh ?? 0) - drawn)).toBeLessThan(0.01 * drawn + 1)
      // The simulated battery follows the sun: so does the rule, with the same load.
      expect(realised?.costs.self_consumption_rule.import_kwh).toBeCloseTo(drawn, -1)
      expect(realised?.savings_actual.money).toBeCloseTo(
        (realised?.costs.idle.total ?? 0) - (realised?.costs.actual.total ?? 0),
        9,
      )
      expect(realised?.notes.join()).toContain('moving a load')
    })
  })
})
