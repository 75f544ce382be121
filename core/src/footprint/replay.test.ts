import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expandDataset } from '../factors/dataset.ts'
import { Problem } from '../lib/problem.ts'
import { calculate } from './calculate.ts'
import { Inventory, type Airport } from './contract.ts'
import { libraryOf } from './library.ts'
import { replay, type ReplayEvidence } from './replay.ts'

const factors = ['ademe-base-carbone', 'desnz-2025', 'epa-hub-2024', 'epa-hub-2025'].flatMap((dataset) =>
  expandDataset(
    JSON.parse(readFileSync(new URL(`../../../data/factors/${dataset}/factors.json`, import.meta.url), 'utf8')),
  ),
)
const airports: Airport[] = [
  { iata: 'CDG', name: 'Paris Charles de Gaulle', country: 'FR', latitude_deg: 49.0097, longitude_deg: 2.5479 },
  { iata: 'JFK', name: 'New York JFK', country: 'US', latitude_deg: 40.6398, longitude_deg: -73.7789 },
]
const document = {
  organisation: { name: 'Atelier Marée', country: 'FR', employees: 12 },
  reporting_period: { start_date: '2022-01-01', end_date: '2022-12-31' },
  gwp_set: 'AR5-fossil-ch4',
  residual_mix: [{ country: 'FR', kg_co2e_per_kwh: 0.125, source: 'AIB 2022' }],
  price_indices: [{ from: 'EUR-2022', to: 'EUR-2023', rate: 1.05, source: 'INSEE' }],
  lines: [
    { id: 'gas', quantity: 84500, unit: 'kWh_gross', activity: 'natural_gas' },
    { id: 'elec', quantity: 62000, unit: 'kWh', activity: 'electricity', site: 'Brest' },
    { id: 'elec-us', quantity: 9000, unit: 'kWh', activity: 'electricity', attributes: { country: 'US' } },
    {
      id: 'elec-us-old',
      quantity: 10,
      unit: 'kWh',
      factor: { id: 'epa-hub:6.us-average', edition: '2024' },
    },
    {
      id: 'ny',
      quantity: 3,
      unit: 'passenger',
      activity: 'flight',
      attributes: { from: 'CDG', to: 'JFK', round_trip: true },
    },
    { id: 'van', quantity: 18_000, unit: 'vehicle.km', activity: 'van', attributes: { country: 'GB' } },
    { id: 'paper', quantity: 500, unit: 'kg', factor: { value: 0.9, unit: 'kgCO2e/kg', source: 'S' }, category: '3.1' },
    {
      id: 'advice',
      quantity: 40,
      unit: 'kEUR-2022',
      activity: 'purchase_services',
      attributes: { sector: 'legal_accounting_consulting' },
    },
  ],
}

/** What a bundle holds, through JSON as a file does. */
function evidence(): ReplayEvidence & { inventory: typeof document } {
  const library = libraryOf({ factors, airports })
  const inventory = Inventory.parse(document)
  const result = calculate(inventory, library)
  const used = result.factors_used.flatMap(({ id, edition }) => library.factor(id, edition) ?? [])
  const calculation = { calculation_id: 'calc_1', calculated_at: '2026-01-01T00:00:00Z', ...result }
  return JSON.parse(JSON.stringify({ inventory, factors: used, airports, result: calculation }))
}
const whole = evidence()
const result = whole.result as ReturnType<typeof calculate>

/** Every leaf of a value, as the path of keys to it. */
function leavesOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path]
  return Object.entries(value).flatMap(([key, member]) => leavesOf(member, [...path, key]))
}
function altered(value: object, path: readonly string[]): object {
  const copy: object = structuredClone(value)
  let holder = copy
  for (const key of path.slice(0, -1)) holder = Reflect.get(holder, key)
  const last = path.at(-1) ?? ''
  const old: unknown = Reflect.get(holder, last)
  Reflect.set(holder, last, typeof old === 'number' ? old + 0.000001 : typeof old === 'string' ? `${old}x` : !old)
  return copy
}
const pointerOf = (path: readonly string[]) => `/${path.join('/')}`

describe('what was calculated once', () => {
  it('comes out the same again, with what is written beside it left aside', () => {
    expect(replay(whole)).toEqual({ same: true, result_digest: result.result_digest })
  })
  it('whatever the order of lines, factors and airports', () => {
    const inventory = { ...whole.inventory, lines: whole.inventory.lines.toReversed() }
    const { factors: used, airports: flown = [] } = whole
    // Of two editions of one factor the last given is current, and it stays last.
    const shuffled = used.toSorted((a, b) => JSON.stringify(a).length - JSON.stringify(b).length)
    const current = shuffled.filter((factor) => (factor as { edition: string }).edition !== '2024')
    const old = shuffled.filter((factor) => (factor as { edition: string }).edition === '2024')
    const again = replay({ ...whole, inventory, factors: [...old, ...current], airports: flown.toReversed() })
    expect(again.same).toBe(true)
  })
})

describe('what was altered', () => {
  const leaves = leavesOf(result).filter(([key]) => !['calculation_id', 'calculated_at'].includes(key ?? ''))
  it('any leaf of the result, by a milligram or a letter, is found', () => {
    fc.assert(
      fc.property(fc.constantFrom(...leaves), (path) => {
        const { same, first_difference } = replay({ ...whole, result: altered(result, path) })
        expect(same).toBe(false)
        // The id of a line tells it apart: altered, the line is missing and a strange one is there.
        const is_line_id = path[0] === 'lines' && path[2] === 'id' && path.length === 3
        expect(first_difference?.path.startsWith(is_line_id ? '/lines/' : pointerOf(path))).toBe(true)
        expect(first_difference?.line_id).toBe(path[0] === 'lines' ? result.lines[Number(path[1])]?.id : undefined)
      }),
      { numRuns: 150 },
    )
  })
  it('a quantity is found in the first step of its line', () => {
    const inventory = structuredClone(whole.inventory)
    const line = inventory.lines.find(({ id }) => id === 'paper')
    if (line) line.quantity = 501
    const { first_difference } = replay({ ...whole, inventory })
    expect(first_difference).toEqual({
      path: '/lines/6/emissions_kg_co2e',
      line_id: 'paper',
      expected: 450,
      found: 450.9,
    })
  })
  it('a factor is found in a line that used it, and its source row in the digest of the factor', () => {
    const used = whole.factors.map((factor) => {
      const { id, stages } = factor as { id: string; stages: { total_kg_co2e: number }[] }
      return id === 'base-carbone:37133'
        ? {
            ...(factor as object),
            stages: stages.map((stage) => ({ ...stage, total_kg_co2e: stage.total_kg_co2e * 2 })),
          }
        : factor
    })
    expect(replay({ ...whole, factors: used }).first_difference?.line_id).toBe('gas')
    const noted = whole.factors.map((factor, index) => (index === 0 ? { ...(factor as object), note: 'x' } : factor))
    expect(replay({ ...whole, factors: noted }).first_difference?.path).toMatch(/^\/factors_used\/\d+\/digest$/)
  })
  it('an airport is found in the flight', () => {
    const moved = airports.map((airport) => (airport.iata === 'JFK' ? { ...airport, latitude_deg: 41 } : airport))
    expect(replay({ ...whole, airports: moved }).first_difference?.line_id).toBe('ny')
  })
  it('a label changes no number, and the digest of the input says so', () => {
    const inventory = { ...whole.inventory, organisation: { ...whole.inventory.organisation, name: 'Other' } }
    expect(replay({ ...whole, inventory }).first_difference?.path).toBe('/input_digest')
  })
  it('a line left out of the result, one put in and one moved are named', () => {
    const [first, ...rest] = result.lines
    const missing = replay({ ...whole, result: { ...result, lines: rest } })
    expect(missing.first_difference).toMatchObject({ line_id: first?.id, expected: 'no such line' })
    const strange = replay({ ...whole, result: { ...result, lines: [...result.lines, { ...first, id: 'zz' }] } })
    expect(strange.first_difference).toMatchObject({ expected: 'zz', found: 'no such line' })
    const twice = replay({ ...whole, result: { ...result, lines: [...result.lines, first] } })
    expect(twice.first_difference).toMatchObject({ expected: first?.id, found: 'no such line' })
    expect(replay({ ...whole, result: { ...result, lines: result.lines.toReversed() } }).same).toBe(false)
  })
  it('a field that the engine does not write is found by the digest', () => {
    const { same, first_difference } = replay({ ...whole, result: { ...result, verified: true } })
    expect(same).toBe(false)
    expect(first_difference?.path).toBe('/result_digest')
  })
  it('a result of another engine version parts there first', () => {
    const other = { ...result, engine_version: '0.9.0', emissions_kg_co2e: 1 }
    expect(replay({ ...whole, result: other }).first_difference).toMatchObject({
      path: '/engine_version',
      expected: '0.9.0',
    })
  })
  it.each([null, 'text', 7, []])('a result that is %j is no result', (nonsense) => {
    expect(replay({ ...whole, result: nonsense }).same).toBe(false)
  })
})

describe('evidence that cannot be computed again is refused by name', () => {
  const [first] = whole.inventory.lines
  it.each<[string, Partial<ReplayEvidence>, string, string]>([
    ['no inventory', { inventory: null }, '', 'wrong-type'],
    ['a line id twice', { inventory: { ...whole.inventory, lines: [first, first] } }, '/lines/1/id', 'repeated-id'],
    [
      'a factor without stages',
      { factors: [{ ...(whole.factors[0] as object), stages: [] }] },
      '/factors/0/stages',
      'too-small',
    ],
    [
      'two factors of one name',
      { factors: [...whole.factors, whole.factors[0]] },
      `/factors/${whole.factors.length}/id`,
      'repeated-id',
    ],
    ['an airport of words', { airports: ['CDG'] }, '/airports/0', 'wrong-type'],
    ['a factor that is missing', { factors: [] }, '/lines/0/activity', 'no-factor-for-activity'],
    ['an airport that is missing', { airports: [] }, '/lines/4/attributes/from', 'unknown-airport'],
  ])('%s', (_what, part, path, code) => {
    expect.assertions(2)
    try {
      replay({ ...whole, ...part })
    } catch (error) {
      expect(error).toBeInstanceOf(Problem)
      expect((error as Problem).details.faults?.[0]).toMatchObject({ path, code })
    }
  })
})
