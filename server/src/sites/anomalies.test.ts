import * as alerts from '@tidemark/core/sites/alerts-contract.ts'
import { listAnomalies, type SiteAnomaly } from '@tidemark/core/sites/anomalies-contract.ts'
import { addSite } from '@tidemark/core/sites/contract.ts'
import { Asset } from '@tidemark/core/sites/contract.ts'
import { simulateSite, type PlantFault, type SentReading } from '@tidemark/core/sites/simulate.ts'
import { addDevice, ingest } from '@tidemark/core/telemetry/contract.ts'
import { create as createHook } from '@tidemark/core/webhooks/contract.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { audit } from '../audit/http.ts'
import { factors } from '../factors/http.ts'
import { as, ORG_A, ORG_B, personIn, testAccess, testAccounts } from '../platform/testing-access.ts'
import { openTestApp, TEST_NOW, type TestApp } from '../platform/testing.ts'
import { telemetry } from '../telemetry/http.ts'
import { siteTopic } from '../telemetry/service.ts'
import { webhooks } from '../webhooks/http.ts'
import { detectDue, detectOn } from './anomalies-jobs.ts'
import { sites } from './http.ts'

const HOUR_MS = 3_600_000
const now_ms = TEST_NOW.getTime()
const fault = (kind: PlantFault['kind'], sensor_id: string, hours_ago: number, hours: number): PlantFault => ({
  kind,
  sensor_id,
  from_ms: now_ms - hours_ago * HOUR_MS,
  to_ms: now_ms - (hours_ago - hours) * HOUR_MS,
})

const assets = [
  { asset_id: 'roof', name: 'Roof', kind: 'pv_inverter', rated_kw: 60, sensor_ids: ['roof'] },
  { asset_id: 'hall', name: 'Hall', kind: 'meter', role: 'load', sensor_ids: ['hall'] },
]
const place = {
  name: 'Depot',
  latitude: 43.6,
  longitude: 3.88,
  time_zone: 'Europe/Paris',
  country: 'FR',
  tariff: { currency: 'EUR', price_per_kwh: 0.2 },
  assets,
  simulated: true,
}
// The test begins on a Saturday noon: at night the roof generates, on Thursday the hall draws too much for three hours,
// and since nine the roof stands still.
const faults = [
  fault('load_surge', 'hall', 50, 3),
  fault('night_generation', 'roof', 14, 4),
  fault('inverter_trip', 'roof', 3, 24),
]
const span = { from_ms: now_ms - 16 * 24 * HOUR_MS, to_ms: now_ms + 2 * HOUR_MS, step_s: 900 }
const played = [
  ...simulateSite({
    plant: { ...place, assets: assets.map((asset) => Asset.parse(asset)), load_kw: 60 },
    seed: 5,
    ...span,
    faults,
  }),
]

let now = TEST_NOW
let app: TestApp
let site_id: string
const ann = as(personIn(ORG_A, 'owner'))
const bob = as(personIn(ORG_B, 'owner'))
const ask = (site = site_id) => app.fetch(listAnomalies, { query: { siteId: site }, headers: ann })

async function send(from_ms: number, to_ms: number, sensor_ids = ['roof', 'hall']): Promise<void> {
  const readings = played
    .filter(({ at_ms }) => at_ms >= from_ms && at_ms < to_ms)
    .flatMap((step) => step.readings.filter(({ sensor_id }) => sensor_ids.includes(sensor_id)).map(lean))
  for (let at = 0; at < readings.length; at += 2_000) {
    const { body } = await app.fetch(ingest, { body: { readings: readings.slice(at, at + 2_000) }, headers: ann })
    expect(body).toMatchObject({ refused: 0 })
  }
}

/** Counters are looked at elsewhere: without them the readings are stored in half the time. */
function lean({ measurements, ...reading }: SentReading): object {
  const kept = Object.entries(measurements).filter(([measure]) => !measure.endsWith('kwh'))
  return { ...reading, measurements: Object.fromEntries(kept) }
}

beforeAll(async () => {
  app = await openTestApp({
    capabilities: [testAccounts, audit, webhooks, factors, telemetry, sites],
    access: testAccess,
    now: () => now,
  })
  site_id = (await app.fetch(addSite, { body: place, headers: ann })).body.id
  for (const sensor_id of ['roof', 'hall']) {
    await app.fetch(addDevice, { body: { sensor_id, kind: 'other', site_id, simulated: true }, headers: ann })
  }
}, 60_000)
afterAll(() => app?.close())

describe('GET /api/v1/anomalies', () => {
  it('409: sites/insufficient-data while nothing came, with what is missing', async () => {
    const answer = await ask()
    expect(answer.status).toBe(409)
    expect(answer.problem.type).toContain('sites/insufficient-data')
    expect(answer.problem).toMatchObject({ needs: { slots: 4, slot_s: 900, silent_sensor_ids: ['roof', 'hall'] } })
  })

  it('200: tells what is wrong in the words of the seed, with cause, cost and how often such findings were right', async () => {
    await send(span.from_ms, now_ms)
    const { status, body } = await ask()
    expect(status).toBe(200)
    expect(body).toMatchObject({ success: true, siteId: site_id, detection: { is_current: true, readings_since: 0 } })
    expect(body.detection.checked_at).toBe(body.timestamp)
    const [trip, night, surge] = ['power_drop', 'night_generation', 'load_surge'].map((type) =>
      body.data.find((each) => each.type === type),
    )
    expect(trip).toMatchObject({
      asset_id: 'roof',
      value: 0,
      deviation: -100,
      is_open: true,
      cause: 'stopped',
      simulated: true,
    })
    expect(trip?.loss).toMatchObject({ currency: 'EUR' })
    expect(trip?.loss.money).toBeCloseTo(0.2 * (trip?.loss.energy_kwh ?? NaN), 6)
    expect(Date.parse(trip?.found_at ?? '') - (now_ms - 3 * HOUR_MS)).toBeLessThanOrEqual(HOUR_MS)
    expect(night).toMatchObject({ asset_id: 'roof', expectedValue: 0, deviation_of: 'rating' })
    expect(night?.value).toBeCloseTo(4.2, 9)
    expect(surge).toMatchObject({ asset_id: 'hall', cause: 'more_than_usual', method: 'seasonal_residual' })
    for (const { confidence, confidence_basis } of body.data) {
      expect(confidence).toBeGreaterThan(0)
      expect(confidence).toBeLessThan(1)
      expect(confidence_basis.simulated.found).toBeGreaterThan(0)
    }
    expect(body.data.length).toBeLessThanOrEqual(6)
  }, 60_000)

  it('a second look finds the same anomalies under the same ids, and no more', async () => {
    const before = (await ask()).body.data.map(({ id }) => id)
    await detectOn(app.ctx, { site_id, organisation_id: ORG_A })
    expect((await ask()).body.data.map(({ id }) => id)).toEqual(before)
  })

  it('narrows to an asset and to a time', async () => {
    const of = async (query: Record<string, string>) =>
      (await app.fetch(listAnomalies, { query: { siteId: site_id, ...query }, headers: ann })).body.data
    const roof = await of({ assetId: 'roof' })
    expect(new Set(roof.map(({ asset_id }) => asset_id))).toEqual(new Set(['roof']))
    const from = new Date(now_ms - HOUR_MS).toISOString()
    expect((await of({ from })).map(({ type }) => type)).toEqual(['power_drop'])
    const unknown = await app.fetch(listAnomalies, { query: { siteId: site_id, assetId: 'moon' }, headers: ann })
    expect(unknown.problem.type).toContain('sites/unknown-asset')
  })

  it('another organisation has no such site', async () => {
    const answer = await app.fetch(listAnomalies, { query: { siteId: site_id }, headers: bob })
    expect(answer.status).toBe(404)
  })
})

describe('alerts', () => {
  let rule_id: string
  const anomalyRule = { name: 'All', watches: { kind: 'anomaly', severity_min: 'low' } }
  const list = async (headers = ann) => (await app.fetch(alerts.listAlerts, { headers })).body
  const lookAgain = () => detectOn(app.ctx, { site_id, organisation_id: ORG_A })

  it('are raised by a rule for what goes on, once, and told to webhooks', async () => {
    const hook = { url: 'https://example.org/hook', events: ['alert.raised'] }
    expect((await app.fetch(createHook, { body: hook, headers: ann })).status).toBe(201)
    const added = await app.fetch(alerts.addAlertRule, { body: { ...anomalyRule, site_id }, headers: ann })
    expect(added.status).toBe(201)
    ;({ rule_id } = added.body)
    expect(await requested(), 'what goes on already is looked for at once').toBe(1)
    const heard: unknown[] = []
    const stop = app.ctx.events.subscribe(ORG_A, siteTopic(site_id), ({ kind }) => heard.push(kind))
    await lookAgain()
    await lookAgain()
    await app.ctx.events.flush()
    stop()
    expect(heard).toEqual(['alert'])
    const { alerts: raised, open } = await list()
    expect(raised).toHaveLength(1)
    expect(raised[0]).toMatchObject({ type: 'power_drop', asset_id: 'roof', state: 'open', times: 1, rule_id })
    expect(open).toBe(1)
  })

  it('a threshold with two edges is passed once, however the measure trembles between them', async () => {
    const watches = { kind: 'threshold', measure: 'load_power_kw', direction: 'above', raise_at: 10, clear_at: 0.5 }
    const { body } = await app.fetch(alerts.addAlertRule, { body: { name: 'Load', site_id, watches }, headers: ann })
    now = new Date(now_ms + 2 * HOUR_MS)
    await send(now_ms, now_ms + 2 * HOUR_MS, ['hall'])
    await lookAgain()
    await lookAgain()
    const raised = (await list()).alerts.filter((alert) => alert.rule_id === body.rule_id)
    expect(raised).toHaveLength(1)
    expect(raised[0]).toMatchObject({ type: 'threshold', measure: 'load_power_kw', expected: 10, times: 1 })
    const judged = await app.fetch(alerts.judgeAlert, {
      params: { alert_id: raised[0]?.alert_id ?? '' },
      body: { verdict: 'correct' },
      headers: ann,
    })
    expect(judged.problem.type).toContain('sites/nothing-to-judge')
  }, 60_000)

  it('end when what they told of was nothing: a gap that is filled later is withdrawn', async () => {
    const silence = async () => (await list()).alerts.find(({ type }) => type === 'silence')
    expect(await silence()).toMatchObject({ asset_id: 'roof', state: 'open' })
    const trip = (await ask()).body.data.find(({ type }) => type === 'power_drop')
    await send(now_ms, now_ms + 2 * HOUR_MS, ['roof'])
    await lookAgain()
    expect(await silence()).toMatchObject({ state: 'resolved' })
    const { data } = (await ask()).body
    expect(data.map(({ type }) => type)).not.toContain('silence')
    expect(data.find(({ type }) => type === 'power_drop')).toMatchObject({ id: trip?.id, is_open: true })
  })

  it('are acknowledged, muted, and judged; a false one raises what the rule asks for and lowers confidence', async () => {
    const alert = (await list()).alerts.find(({ type }) => type === 'power_drop')
    const params = { alert_id: alert?.alert_id ?? '' }
    expect((await app.fetch(alerts.acknowledgeAlert, { params, headers: ann })).body.state).toBe('acknowledged')
    const until = new Date(now.getTime() + HOUR_MS).toISOString()
    expect((await app.fetch(alerts.muteAlert, { params, body: { until }, headers: ann })).body.muted_until).toBe(until)
    const confidence = await confidenceOf('power_drop')
    await app.fetch(alerts.changeAlertRule, { params: { rule_id }, body: { alerts_per_week: 0.05 }, headers: ann })
    const judged = await app.fetch(alerts.judgeAlert, { params, body: { verdict: 'false_alarm' }, headers: ann })
    expect(judged.body.alert.verdict).toBe('false_alarm')
    expect(judged.body.rule.strength_min).toBeGreaterThan(1)
    expect(await confidenceOf('power_drop')).toBeLessThan(confidence)
  })

  it('of another organisation are not there', async () => {
    expect((await list(bob)).alerts).toEqual([])
    const [alert] = (await list()).alerts
    const params = { alert_id: alert?.alert_id ?? '' }
    const answer = await app.fetch(alerts.acknowledgeAlert, { params, headers: bob })
    expect(answer.problem.type).toContain('sites/unknown-alert')
    const gone = await app.fetch(alerts.removeAlertRule, { params: { rule_id }, headers: bob })
    expect(gone.problem.type).toContain('sites/unknown-alert-rule')
  })

  it('go with their rule, the anomalies stay', async () => {
    expect((await app.fetch(alerts.removeAlertRule, { params: { rule_id }, headers: ann })).status).toBe(204)
    expect((await list()).alerts.some((alert) => alert.rule_id === rule_id)).toBe(false)
    expect((await ask()).body.data.length).toBeGreaterThan(0)
  })

  it('409: sites/too-many-alert-rules', async () => {
    await fillRules()
    const answer = await app.fetch(alerts.addAlertRule, { body: { ...anomalyRule, site_id }, headers: ann })
    expect(answer.problem.type).toContain('sites/too-many-alert-rules')
  })
})

describe('detection by itself', () => {
  it('is asked for where readings came since, and not where nothing did', async () => {
    await detectOn(app.ctx, { site_id, organisation_id: ORG_A })
    now = new Date(now.getTime() + 20 * 60_000)
    const before = await requested()
    await detectDue(app.ctx)
    expect(await requested()).toBe(before)
    const late = {
      timestamp: new Date(now_ms - 90_000).toISOString(),
      sensor_id: 'hall',
      measurements: { load_power_kw: 21 },
    }
    await app.fetch(ingest, { body: { readings: [late] }, headers: ann })
    await detectDue(app.ctx)
    expect(await requested()).toBe(before + 1)
  })
})

async function confidenceOf(type: SiteAnomaly['type']): Promise<number> {
  return (await ask()).body.data.find((each) => each.type === type)?.confidence ?? NaN
}

async function requested(): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from platform.job_request
    where job = 'sites.detect'`.execute(app.db.kysely)
  return rows[0]?.count ?? 0
}

async function fillRules(): Promise<void> {
  await sql`insert into sites.alert_rule (rule_id, organisation_id, site_id, name, active, watches, repeat_after_s,
      alerts_per_week, strength_min, states, created_at, changed_at)
    select 'alr_' || lpad(n::text, 26, '0'), ${ORG_A}, ${site_id}, 'Rule', false, '{"kind":"anomaly","types":[],"severity_min":"low","confidence_min":0}',
      0, 1, 1, '{}', now(), now() from generate_series(1, ${alerts.RULES_MAX}) n`.execute(app.db.kysely)
}
