import { list } from '@tidemark/core/audit/contract.ts'
import * as certificates from '@tidemark/core/certificates/contract.ts'
import * as contract from '@tidemark/core/footprint/contract.ts'
import { applyMeasurement, proposeMeasurement } from '@tidemark/core/footprint/measurement-contract.ts'
import { replayers } from '@tidemark/core/replayers.ts'
import { addDevice, ingest } from '@tidemark/core/telemetry/contract.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { audit } from '../audit/http.ts'
import { createCertificates } from '../certificates/http.ts'
import { createFactors } from '../factors/http.ts'
import { as, ORG_A, ORG_B, personIn, testAccess, testAccounts } from '../platform/testing-access.ts'
import { openTestApp, type TestApp } from '../platform/testing.ts'
import { telemetry } from '../telemetry/http.ts'
import { createWebhooks } from '../webhooks/http.ts'
import { footprint } from './http.ts'
import { evidenceOf } from './service.ts'

/*
 * Two days in Paris, read hourly in MWh from a counter that counts 10 kWh an hour: silent for hours 5 to 8, reset between
 * hours 30 and 31. Counted: 300 kWh until hour 30, the silence included, and 170 from hour 31 on, together 470 kWh in 47 of
 * 48 hours. The line said 0.6 MWh: 0.47 + 0.6 / 48 = 0.4825 MWh, and at 50 gCO2e/kWh 24.125 kg instead of 30.
 */
const FROM_MS = Date.parse('2026-10-31T23:00:00Z')
const hours = Array.from({ length: 49 }, (_, h) => h).filter((h) => h < 5 || h > 8)
const shownAt = (h: number) => (h <= 30 ? 1000 + 10 * h : 3 + 10 * (h - 31))
const readingsOf = (sensor_id: string) =>
  hours.map((h) => ({
    timestamp: new Date(FROM_MS + h * 3_600_000).toISOString(),
    sensor_id,
    measurements: { import_energy_kwh: shownAt(h) / 1000 },
    units: { import_energy_kwh: 'MWh' },
  }))

const owner = as(personIn(ORG_A, 'owner'))
const stranger = as(personIn(ORG_B, 'owner'))
const inventory = {
  organisation: { name: 'Works', country: 'FR' },
  reporting_period: { start_date: '2026-11-01', end_date: '2026-11-02' },
  lines: [
    { id: 'elec', quantity: 0.6, unit: 'MWh', factor: { value: 0.05, unit: 'kgCO2e/kWh', source: 'Supplier' }, category: '2.1' }, // oxfmt-ignore
    { id: 'paper', quantity: 10, unit: 'kg', factor: { value: 1, unit: 'kgCO2e/kg', source: 'Supplier' }, category: '3.1' }, // oxfmt-ignore
  ],
}

let app: TestApp
let calculation_id: string
let device_id: string
let played_id: string
beforeAll(async () => {
  const capabilities = [
    testAccounts,
    audit,
    createWebhooks(),
    createFactors(),
    telemetry,
    createCertificates({ evidence: { emission_calculation: evidenceOf }, replayers }),
    footprint,
  ]
  app = await openTestApp({ capabilities, access: testAccess })
  device_id = await add('main')
  played_id = await add('played', { simulated: true })
  for (const sensor_id of ['main', 'played'])
    await app.fetch(ingest, { body: { readings: readingsOf(sensor_id) }, headers: owner })
  calculation_id = (await calculate(inventory)).calculation_id
})
afterAll(() => app?.close())

async function add(sensor_id: string, rest: object = {}): Promise<string> {
  const measures = { import_energy_kwh: { interval_s: 3600, hourly_max: 200 } }
  const answer = await app.fetch(addDevice, { body: { sensor_id, kind: 'meter', site_id: 'works', measures, ...rest }, headers: owner }) // oxfmt-ignore
  return answer.body.device_id
}
const calculate = async (body: object, headers = owner) => (await app.fetch(contract.calculate, { body, headers })).body
const asked = (change: { site_id?: string } & Record<string, unknown> = {}): Record<string, string> =>
  ({ line_id: 'elec', ...(change.site_id === undefined ? { device_id } : {}), measure: 'import_energy_kwh', time_zone: 'Europe/Paris', ...change }) as Record<string, string> // oxfmt-ignore
const propose = (change: Record<string, string> = {}, headers = owner, id = calculation_id) =>
  app.fetch(proposeMeasurement, { params: { id }, query: asked(change), headers })
const apply = (change: Record<string, unknown>, id = calculation_id) =>
  app.fetch(applyMeasurement, { params: { id }, body: asked(change), headers: owner })
const typeOf = async (answer: ReturnType<typeof propose> | ReturnType<typeof apply>) => (await answer).problem?.type
const traceOf = (id: string) => app.fetch(contract.trace, { params: { id }, headers: owner })

describe('a proposal', () => {
  it('200: by hand, with the silence counted and the reset named, in the unit of the line', async () => {
    const { status, body } = await propose()
    expect(status).toBe(200)
    expect(body.line.measured_by.measured_quantity).toBeCloseTo(0.47, 12)
    expect(body.line.measured_by.coverage_share).toBeCloseTo(47 / 48, 12)
    expect(body.difference.quantity).toBeCloseTo(0.4825 - 0.6, 12)
    expect(body.difference.emissions_kg_co2e).toBeCloseTo(24.125 - 30, 6)
    expect(body.measured.data_quality_score).toBeGreaterThan(body.estimated.data_quality_score)
    expect(body).toMatchObject({
      uncovered: [{ sensor_id: 'main', from: '2026-11-02T05:00:00.000Z', to: '2026-11-02T06:00:00.000Z', why: 'reset' }], // oxfmt-ignore
      refused: null,
    })
    expect(await propose()).toMatchObject({ body: { proposal_digest: body.proposal_digest } })
  })

  it('is for those who may calculate and see readings, and of their own organisation', async () => {
    const key = (...scopes: string[]) => as({ kind: 'key', key_id: 'key_01KAHX3V9M8Q2R5T7W0Y4Z6B1C', organisation_id: ORG_A, scopes }) // oxfmt-ignore
    expect((await propose({}, as(personIn(ORG_A, 'reader')))).problem.type).toContain('accounts/not-allowed')
    expect((await propose({}, key('footprint.calculate'))).problem.type).toContain('accounts/not-allowed')
    expect((await propose({}, key('footprint.calculate', 'telemetry.read'))).status).toBe(200)
    expect((await propose({}, stranger)).problem.type).toContain('footprint/unknown-calculation')
    const theirs = await calculate(inventory, stranger)
    expect((await propose({}, stranger, theirs.calculation_id)).problem.type).toContain('footprint/no-meter')
  })

  it('404 and 422: footprint/unknown-line, footprint/no-meter, footprint/meter-does-not-fit', async () => {
    expect(await typeOf(propose({ line_id: 'gas' }))).toContain('footprint/unknown-line')
    expect(await typeOf(propose({ measure: 'energy_kwh' }))).toContain('footprint/no-meter')
    expect(await typeOf(propose({ line_id: 'paper' }))).toContain('footprint/meter-does-not-fit')
    expect((await propose({ time_zone: 'Europe/Atlantis' })).status).toBe(422)
    expect((await propose({ site_id: 'works', device_id })).status).toBe(422)
  })

  it('of a site adds its meters up; 409: footprint/too-many-meters', async () => {
    const { body } = await propose({ site_id: 'works' })
    expect(body.line.measured_by.measured_quantity).toBeCloseTo(0.94, 12)
    const crowd = Array.from({ length: 21 }, (_, i) => `crowd-${i}`)
    for (const sensor_id of crowd) await add(sensor_id, { site_id: 'crowd' })
    await app.fetch(ingest, { body: { readings: crowd.flatMap((name) => readingsOf(name).slice(0, 1)) }, headers: owner }) // oxfmt-ignore
    expect(await typeOf(propose({ site_id: 'crowd' }))).toContain('footprint/too-many-meters')
  })
})

describe('applying it', () => {
  it('409: footprint/too-little-measured, footprint/simulated-meter and footprint/proposal-outdated change nothing', async () => {
    const strict = await propose({ coverage_share_min: '0.99' })
    expect(strict.body.refused?.type).toBe('footprint/too-little-measured')
    const { proposal_digest } = strict.body
    expect(await typeOf(apply({ coverage_share_min: 0.99, proposal_digest }))).toContain('footprint/too-little-measured') // oxfmt-ignore
    expect(await typeOf(apply({ device_id: played_id, proposal_digest }))).toContain('footprint/simulated-meter')
    expect(await typeOf(apply({ proposal_digest }))).toContain('footprint/proposal-outdated')
    const { body } = await app.fetch(contract.listCalculations, { query: {}, headers: owner })
    expect(body.calculations.length).toBe(1)
  })

  it('201: makes a calculation beside the old one, with a certificate that replays', async () => {
    const before = await traceOf(calculation_id)
    const { body: proposal } = await propose()
    const answer = await apply({ proposal_digest: proposal.proposal_digest })
    expect(answer.status).toBe(201)
    const made = answer.body
    expect(made.based_on).toEqual({ calculation_id, line_id: 'elec' })
    expect(made.emissions_kg_co2e).toBeCloseTo(34.125, 6)
    expect((await traceOf(calculation_id)).body).toEqual(before.body)
    const params = { id: made.certificate_id }
    const bundle = await app.fetch(certificates.get, { params, query: { format: 'bundle' }, headers: owner })
    const report = await app.fetch(certificates.verify, { body: bundle.bytes, query: { replay: '1' } })
    expect(report.body.outcome).toBe('valid')
    const log = await app.fetch(list, { query: { action: 'footprint.line_measured' }, headers: owner })
    expect(log.body.events[0]?.resource_id).toBe(made.calculation_id)

    // What was measured can be sent again as it is; another figure is not believed.
    const { inventory: stored, based_on } = (await traceOf(made.calculation_id)).body
    expect(based_on?.calculation_id).toBe(calculation_id)
    expect((await calculate(stored)).result_digest).toBe(made.result_digest)
    const [elec, paper] = stored.lines
    const invented = { ...elec, measured_by: { ...elec?.measured_by, coverage_share_min: 0.1, quality: { ...elec?.measured_by?.quality, score: 1 } } } // oxfmt-ignore
    const refused = await app.fetch(contract.calculate, { body: { ...stored, lines: [invented, paper] }, headers: owner }) // oxfmt-ignore
    expect(refused.problem.faults).toMatchObject([{ path: '/lines/0/measured_by', code: 'measurement-not-reproduced' }])
  })

  it('201: a meter that a program plays replaces a line of a demonstration', async () => {
    const demo = await calculate({ ...inventory, simulated: true })
    const played = { device_id: played_id }
    const { body: proposal } = await propose(played, owner, demo.calculation_id)
    const answer = await apply({ ...played, proposal_digest: proposal.proposal_digest }, demo.calculation_id)
    expect(answer.status).toBe(201)
    expect(answer.body.warnings.map(({ code }) => code)).toContain('simulated-inventory')
  })
})
