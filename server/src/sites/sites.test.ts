import { DEMO_ORGANISATION_ID } from '@tidemark/core/accounts/demo.ts'
import * as contract from '@tidemark/core/sites/contract.ts'
import { Site } from '@tidemark/core/sites/contract.ts'
import { metrics } from '@tidemark/core/sites/metrics-contract.ts'
import { simulateSite } from '@tidemark/core/sites/simulate.ts'
import * as readings from '@tidemark/core/telemetry/contract.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { audit } from '../audit/http.ts'
import { testAccounts } from '../platform/testing-access.ts'
import { factors } from '../factors/http.ts'
import { openTestApp, TEST_NOW, type TestApp } from '../platform/testing.ts'
import { telemetry } from '../telemetry/http.ts'
import { sites } from './http.ts'

let app: TestApp
beforeAll(async () => {
  app = await openTestApp({ capabilities: [testAccounts, audit, factors, telemetry, sites], seed: true })
})
afterAll(() => app.close())

const depot = contract.addSite.examples[0]?.body as object
const nowhere = { id: 'site_00000000000000000000000000' }

describe('sites', () => {
  it('are added with what stands on them, described anew, listed and removed', async () => {
    const added = await app.fetch(contract.addSite, { body: depot })
    expect(added.status).toBe(201)
    const { id } = added.body
    expect(added.body.assets?.[1]).toMatchObject({ kind: 'battery', efficiency: 0.9, state_of_charge_min: 0.1 })
    const changed = await app.fetch(contract.changeSite, { params: { id }, body: { ...depot, name: 'Depot North' } })
    expect(changed.body).toMatchObject({ id, name: 'Depot North', created_at: added.body.created_at })
    expect((await app.fetch(contract.listSites)).body.sites.map(({ name }) => name)).toEqual(['Depot North'])
    expect((await app.fetch(contract.removeSite, { params: { id } })).status).toBe(204)
    expect((await app.fetch(contract.getSite, { params: { id } })).status).toBe(404)
    // What is gone is not meant by the number of another.
    const next = await app.fetch(contract.addSite, { body: depot })
    expect(next.body.number).toBe(added.body.number + 1)
    await app.fetch(contract.removeSite, { params: { id: next.body.id } })
  })

  it('409: sites/too-many', async () => {
    // Numbering them one by one takes seconds.
    await sql`alter table sites.site disable trigger give_number`.execute(app.db.kysely)
    await sql`insert into sites.site
      (id, number, organisation_id, name, latitude, longitude, time_zone, country, assets, shiftable_loads, simulated, created_at, changed_at)
      select 'site_' || lpad(i::text, 26, '0'), 100000 + i, ${DEMO_ORGANISATION_ID}, 'crowd', 0, 0, 'UTC', 'FR', '[]', '[]', true, now(), now()
      from generate_series(1, 5000) i`.execute(app.db.kysely)
    await sql`alter table sites.site enable trigger give_number`.execute(app.db.kysely)
    const answer = await app.fetch(contract.addSite, { body: depot })
    await sql`delete from sites.site where name = 'crowd'`.execute(app.db.kysely)
    expect(answer.problem.type).toContain('sites/too-many')
  })

  it('404: sites/unknown-site', async () => {
    const answer = await app.fetch(contract.getSite, { params: nowhere })
    expect(answer.problem.type).toContain('sites/unknown-site')
  })

  it.each([
    ['a zone that nobody knows', { time_zone: 'Mars/Olympus' }, '/time_zone'],
    ['two assets of one name', { assets: [1, 2].map(() => ({ asset_id: 'a', name: 'A', kind: 'meter' })) }, '/assets'],
    ['an asset of no kind', { assets: [{ asset_id: 'a', name: 'A', kind: 'reactor' }] }, '/assets/0/kind'],
  ])('422: %s', async (_, change, path) => {
    const answer = await app.fetch(contract.addSite, { body: { ...depot, ...change } })
    expect(answer.status).toBe(422)
    expect(answer.problem.faults?.map((fault) => fault.path)).toContain(path)
  })
})

describe('GET /api/v1/sites/{id}/metrics', () => {
  it('200: tells what a plant did from its readings, and how much of the time was measured', async () => {
    const { body: site } = await app.fetch(contract.addSite, { body: { ...depot, simulated: true } })
    for (const sensor_id of ['inv-1', 'bat-1', 'grid']) {
      await app.fetch(readings.addDevice, { body: { sensor_id, kind: 'other', site_id: site.id, simulated: true } })
    }
    const plant = {
      latitude: 43.6,
      longitude: 3.88,
      time_zone: 'Europe/Paris',
      assets: Site.shape.assets.parse(site.assets),
      load_kw: 60,
    }
    const to_ms = TEST_NOW.getTime()
    const span = { from_ms: to_ms - 24 * 3_600_000, to_ms, step_s: 300 }
    const steps = [...simulateSite({ plant, seed: 2, ...span, faults: [] })]
    const sent = await app.fetch(readings.ingest, { body: { readings: steps.flatMap((step) => step.readings) } })
    expect(sent.body).toMatchObject({ refused: 0, invalid: 0 })

    const answer = await app.fetch(metrics, { params: { id: site.id } })
    expect(answer.status).toBe(200)
    const { energy, now, self_consumption, performance_ratio, cost, emissions_location_kg_co2e } = answer.body
    const truth = (sensor: string, measure: string) =>
      steps.reduce((sum, step) => {
        const of = step.readings.find(({ sensor_id }) => sensor_id === sensor)?.measurements[measure] ?? 0
        return sum + (Math.max(0, of) * 300) / 3_600
      }, 0)
    expect(energy.generation_kwh.value).toBeCloseTo(truth('inv-1', 'generation_power_kw'), 6)
    // Counters begin with their first reading, five minutes into the day.
    const drawn = truth('grid', 'grid_power_kw')
    expect(Math.abs((energy.import_kwh.value ?? 0) - drawn)).toBeLessThan(0.02 * drawn + 2)
    expect(energy.generation_kwh.coverage).toBe(1)
    expect(performance_ratio.value).toBeGreaterThan(0.75)
    expect(performance_ratio.value).toBeLessThan(0.95)
    expect(self_consumption.value).toBeGreaterThan(0)
    expect(now.grid_kw).not.toBeNull()
    expect(cost?.currency).toBe('EUR')
    // France: the grid of 2024 by ADEME, 0.0519 kgCO2e/kWh with what comes before, or its later edition.
    expect(emissions_location_kg_co2e.factor?.kg_co2e_per_kwh).toBeLessThan(0.1)
    expect(emissions_location_kg_co2e.value).toBeGreaterThan(0)
  })

  it('200: says of a site without readings that nothing was measured', async () => {
    const { body: site } = await app.fetch(contract.addSite, { body: { ...depot, name: 'Silent' } })
    // Its number names it too, as everywhere.
    const { body } = await app.fetch(metrics, { params: { id: String(site.number) } })
    expect(body.site_id).toBe(site.id)
    expect(body.energy.import_kwh).toEqual({ value: null, coverage: 0, reason: 'Nothing was measured.' })
    expect(body.now).toMatchObject({ grid_kw: null, at: null })
  })

  it('422: more than a year at once', async () => {
    const { body: site } = await app.fetch(contract.addSite, { body: { ...depot, name: 'Long' } })
    const answer = await app.fetch(metrics, { params: { id: site.id }, query: { from: '2020-01-01T00:00:00Z' } })
    expect(answer.status).toBe(422)
  })
})
