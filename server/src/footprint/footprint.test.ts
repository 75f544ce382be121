import * as certificates from '@tidemark/core/certificates/contract.ts'
import { calculate } from '@tidemark/core/footprint/calculate.ts'
import * as contract from '@tidemark/core/footprint/contract.ts'
import { libraryOf } from '@tidemark/core/footprint/library.ts'
import { calculateEmissions } from '@tidemark/core/footprint/seed-contract.ts'
import { replay } from '@tidemark/core/footprint/replay.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestApp, type TestApp } from '../platform/testing.ts'
import { seedDemo } from './service.ts'

const { Inventory } = contract

let app: TestApp
beforeAll(async () => {
  app = await openTestApp({ seed: true })
})
afterAll(() => app.close())

const office = {
  organisation: { name: 'Atelier', country: 'FR' },
  reporting_period: { start_date: '2024-01-01', end_date: '2024-12-31' },
  gwp_set: 'AR5-fossil-ch4',
  lines: [
    { id: 'elec', quantity: 62000, unit: 'kWh', factor: { id: 'base-carbone:43642' } },
    { id: 'gas', quantity: 84500, unit: 'kWh_gross', activity: 'natural_gas' },
    {
      id: 'ny',
      quantity: 3,
      unit: 'passenger',
      activity: 'flight',
      attributes: { from: 'CDG', to: 'JFK', round_trip: true },
    },
  ],
}
type Line = Record<string, unknown>
const withLines = (...lines: Line[]) => ({ ...office, lines })
const post = (body: unknown) => app.fetch(contract.calculate, { body })

describe('POST /api/v1/calculate', () => {
  it('201: the published French mix of 2024, 0.0519 kgCO2e per kWh, split over scope 2 and category 3.3', async () => {
    const answer = await post(
      withLines({ id: 'a', quantity: 62000, unit: 'kWh', factor: { id: 'base-carbone:43642' } }),
    )
    expect(answer.status).toBe(201)
    expect(answer.body).toMatchObject({ emissions_kg_co2e: 3217.8, categories: { '2.1': 2170, '3.3': 1047.8 } })
  })

  it('201: what was answered is stored with its inventory, factors and airports, and replays to the same digits', async () => {
    const { body } = await post(office)
    const trace = await app.fetch(contract.trace, { params: { id: body.calculation_id } })
    expect(trace.status).toBe(200)
    const { inventory, factors, airports } = trace.body
    expect(airports.map(({ iata }) => iata).sort()).toEqual(['CDG', 'JFK'])
    expect(replay({ inventory, factors, airports, result: body })).toMatchObject({
      same: true,
      result_digest: body.result_digest,
    })
    const bundle = await app.fetch(certificates.get, {
      params: { id: body.certificate_id },
      query: { format: 'bundle' },
    })
    const report = await app.fetch(certificates.verify, { body: bundle.bytes, query: { replay: '1' } })
    expect(report.body.outcome).toBe('valid')
  })

  it('201: the order of the lines does not matter to either digest', async () => {
    const [one, other] = [await post(office), await post({ ...office, lines: [...office.lines].reverse() })]
    expect(other.body.input_digest).toBe(one.body.input_digest)
    expect(other.body.result_digest).toBe(one.body.result_digest)
  })

  it('201: of a hundred at once, each has a calculation and a certificate of its own', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => post(office)))
    expect(answers.every(({ status }) => status === 201)).toBe(true)
    expect(new Set(answers.map(({ body }) => body.calculation_id)).size).toBe(100)
    expect(new Set(answers.map(({ body }) => body.certificate_id)).size).toBe(100)
  })

  it('201: an inventory of 2022 is served by the edition that speaks for 2022', async () => {
    const american = {
      organisation: { name: 'Works', country: 'US' },
      reporting_period: { start_date: '2022-01-01', end_date: '2022-12-31' },
      lines: [{ id: 'a', quantity: 1000, unit: 'kWh', activity: 'electricity' }],
    }
    const { body } = await post(american)
    // EPA Hub 2024, table 6 (eGRID2022): 823.149 lb CO2 per MWh, 0.3753 kgCO2e per kWh with CH4 and N2O under AR5.
    expect(body.factors_used).toMatchObject([{ edition: '2024' }])
    expect(body.emissions_kg_co2e).toBeCloseTo(375.3, 0)
  })

  it('201: an expired factor is used and flagged', async () => {
    const { body } = await post(
      withLines({ id: 'a', quantity: 10, unit: 'L', factor: { id: 'base-carbone:25775' }, category: '1.2' }),
    )
    expect(body.warnings.map(({ code }) => code)).toContain('factor-expired')
  })

  it.each<[string, Line, string, string]>([
    ['an unknown unit', { unit: 'ton' }, '/lines/0/unit', 'unknown-unit'],
    [
      'kWh for a factor per kg',
      { factor: { value: 1, unit: 'kgCO2e/kg', source: 's' } },
      '/lines/0/unit',
      'wrong-dimension',
    ],
    ['a factor that is not there', { factor: { id: 'base-carbone:0' } }, '/lines/0/factor/id', 'unknown-factor'],
    [
      'an airport that is not there',
      { unit: 'passenger', factor: undefined, activity: 'flight', attributes: { from: 'CDG', to: 'QQQ' } },
      '/lines/0/attributes/to',
      'unknown-airport',
    ],
  ])('422: %s is refused by the name of the field, and nothing is stored', async (_what, change, path, code) => {
    const before = (await app.fetch(contract.listCalculations, { query: { limit: '200' } })).body.calculations.length
    const answer = await post(
      withLines({ id: 'a', quantity: 1, unit: 'kWh', factor: { id: 'base-carbone:43642' }, ...change }),
    )
    expect(answer.status).toBe(422)
    expect(answer.problem).toMatchObject({ type: '/problems/footprint/invalid-inventory', faults: [{ path, code }] })
    expect((await app.fetch(contract.listCalculations, { query: { limit: '200' } })).body.calculations.length).toBe(
      before,
    )
  })

  it('422: two lines of one id and a period without days, together with the fault of a line', async () => {
    const line = { id: 'a', quantity: 1, unit: 'ton', factor: { id: 'base-carbone:43642' } }
    const period = { start_date: '2024-02-01', end_date: '2024-01-01' }
    const answer = await post({ ...withLines(line, { ...line, unit: 'kWh' }), reporting_period: period })
    expect(answer.problem.faults?.map(({ code }) => code).sort()).toEqual([
      'period-without-days',
      'repeated-id',
      'unknown-unit',
    ])
  })

  it.each<[string, unknown]>([
    ['a negative quantity', -1],
    ['a quantity in words', '12'],
    ['null', null],
    ['1e308', 1e308],
  ])('422: %s is no quantity', async (_what, quantity) => {
    const answer = await post(withLines({ id: 'a', quantity, unit: 'kWh', factor: { id: 'base-carbone:43642' } }))
    expect(answer.status).toBe(422)
    expect(answer.problem.faults?.[0]?.path).toBe('/lines/0/quantity')
  })

  it('422: text that no database can hold is refused before it gets there', async () => {
    for (const name of ['a\u0000b', 'half a pair \ud800']) {
      const answer = await post({ ...office, organisation: { name, country: 'FR' } })
      expect(answer.status).toBe(422)
      expect(answer.problem.faults?.[0]?.path).toBe('/organisation/name')
    }
  })

  it('413: more lines than a request may hold, and the reply says how many that is', async () => {
    const lines = Array.from({ length: contract.LINES_MAX + 1 }, (_, n) => ({
      id: `${n}`,
      quantity: 1,
      unit: 'kWh',
      activity: 'electricity',
    }))
    const answer = await post({ ...office, lines })
    expect(answer.status).toBe(413)
    expect(answer.problem).toMatchObject({ type: '/problems/footprint/too-many-lines', lines_max: contract.LINES_MAX })
  })

  it('413: a hundred megabytes', async () => {
    const body = Buffer.alloc(100 * 1024 * 1024, ' ')
    const answer = await app.fetch('/api/v1/calculate', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    })
    expect(answer.status).toBe(413)
  })

  it('400: nested a hundred thousand deep', async () => {
    const body = Buffer.from('['.repeat(100_000) + ']'.repeat(100_000))
    const answer = await app.fetch('/api/v1/calculate', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    })
    expect(answer.status).toBe(400)
  })
})

describe('POST /api/v1/calculate-emissions', () => {
  const request = {
    company_id: 'comp_123',
    industry_type: 'technology',
    reporting_period: { start_date: '2024-01-01', end_date: '2024-12-31' },
    energy_data: { electricity: { consumption_kwh: 50000 }, fuel: { gasoline_gallons: 800 } },
  }
  it('200: tonnes by scope, and a certificate that verifies', async () => {
    const answer = await app.fetch(calculateEmissions, { body: request })
    expect(answer.status).toBe(200)
    const { results } = answer.body
    // 800 gal × 8.78 kg CO2 (EPA Hub 2025, table 2); 50,000 kWh at the US average of 771.523 lb CO2/MWh (table 6).
    expect(results.scope1_emissions).toBeCloseTo(7.024, 3)
    expect(results.scope2_emissions).toBeCloseTo(17.58, 1)
    const bundle = await app.fetch(certificates.get, {
      params: { id: results.certificate_id },
      query: { format: 'bundle' },
    })
    expect((await app.fetch(certificates.verify, { body: bundle.bytes })).body.outcome).toBe('valid')
  })
  it('422: footprint/invalid-seed-request names every field that is missing', async () => {
    const answer = await app.fetch(calculateEmissions, { body: { energy_data: {} } })
    expect(answer.problem).toMatchObject({ status: 422, type: '/problems/footprint/invalid-seed-request' })
    expect(answer.problem.faults?.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/company_id', '/industry_type', '/reporting_period']),
    )
  })
})

describe('POST /api/v1/validate', () => {
  it('200: every fault at once, of form and of substance, each at its own line', async () => {
    const lines = [
      { id: 'a', quantity: -1, unit: 'kWh', activity: 'electricity' },
      { id: 'b', quantity: 1, unit: 'ton', activity: 'electricity' },
      { id: 'c', quantity: 1, unit: 'kWh', activity: 'electricity' },
      { id: 'c', quantity: 1, unit: 'kWh', factor: { id: 'base-carbone:0' } },
    ]
    const { body } = await app.fetch(contract.validate, { body: { ...office, lines } })
    expect(body.valid).toBe(false)
    expect(body.faults.map(({ path, code }) => `${path} ${code}`).sort()).toEqual([
      '/lines/0/quantity too-small',
      '/lines/1/unit unknown-unit',
      '/lines/3/factor/id unknown-factor',
      '/lines/3/id repeated-id',
    ])
  })

  it('of five thousand faulty lines the first thousand faults are told, and how many there are', async () => {
    const lines = Array.from({ length: 5_000 }, (_, n) => ({
      id: `${n}`,
      quantity: 1,
      unit: 'ton',
      activity: 'electricity',
    }))
    const report = await app.fetch(contract.validate, { body: { ...office, lines } })
    expect([report.body.faults.length, report.body.faults_found]).toEqual([1_000, 5_000])
    const refusal = await post({ ...office, lines })
    expect([refusal.problem.faults?.length, Reflect.get(refusal.problem, 'faults_found')]).toEqual([1_000, 5_000])
  })

  it('200: whatever JSON is sent, there is a report', async () => {
    for (const body of [null, 1, 'text', [], {}, { lines: [] }, { lines: [null, 1, []] }, { lines: {} }]) {
      const answer = await app.fetch(contract.validate, { body })
      expect(answer.status).toBe(200)
      expect(answer.body.valid).toBe(false)
      expect(answer.body.faults.length).toBeGreaterThan(0)
    }
  })
})

it('404: a calculation that is not there: footprint/unknown-calculation', async () => {
  const answer = await app.fetch(contract.trace, { params: { id: 'calc_00000000000000000000000000' } })
  expect(answer.problem).toMatchObject({ status: 404, type: '/problems/footprint/unknown-calculation' })
})

it('the demo company is there once, however often the server starts, and says that it is one', async () => {
  await seedDemo(app.ctx)
  await seedDemo(app.ctx)
  const { body } = await app.fetch(contract.listCalculations, { query: { limit: '200' } })
  const demos = body.calculations.filter(({ organisation_name }) => organisation_name.includes('demonstration'))
  expect(demos.length).toBe(1)
})

it('the questionnaire’s factors are enough for the browser to compute what the server computes', async () => {
  const { body } = await app.fetch(contract.questionnaire, { query: { country: 'FR' } })
  expect(body.factors.length).toBeGreaterThan(100)
  expect(new Set(body.factors.map(({ activity }) => activity))).toContain('electricity')
  const lines = [
    { id: 'a', quantity: 9, unit: 'kWh', activity: 'electricity' },
    { id: 'b', quantity: 9, unit: 'kWh_gross', activity: 'natural_gas' },
    { id: 'c', quantity: 9, unit: 'L', activity: 'diesel' },
    { id: 'd', quantity: 9, unit: 'passenger.km', activity: 'train' },
    { id: 'e', quantity: 9, unit: 'item', activity: 'laptop' },
  ]
  for (const country of ['FR', 'GB', 'US', 'DE', 'TN']) {
    const inventory = Inventory.parse({ ...withLines(...lines), organisation: { name: 'A', country } })
    const answer = await app.fetch(contract.questionnaire, { query: { country } })
    const here = calculate(inventory, libraryOf({ factors: answer.body.factors }))
    expect((await post(inventory)).body.lines).toEqual(here.lines)
  }
})

it('airports are found by code, by name without its accents, and not by chance', async () => {
  const find = async (q: string) =>
    (await app.fetch(contract.airports, { query: { q } })).body.airports.map(({ iata }) => iata)
  expect((await find('cdg'))[0]).toBe('CDG')
  expect(await find('nantes')).toContain('NTE')
  // PAR stands for the city; the airports of Paris come before it.
  expect((await find('par')).slice(0, 2).sort()).not.toContain('PAR')
  expect(await find('paris')).toEqual(expect.arrayContaining(['CDG', 'ORY']))
  expect(await find('zzzzzz')).toEqual([])
})
