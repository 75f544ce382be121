import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Factor } from '../factors/contract.ts'
import { invariant } from '../lib/invariant.ts'
import { calculate } from './calculate.ts'
import { Inventory, type LineResult } from './contract.ts'
import { libraryOf } from './library.ts'
import { rerunTrace } from './rerun-trace.ts'

const source = { title: 'Test table', url: 'https://example.org', licence: 'none' }
const base = { dataset: 'test', publisher: 'Test', edition: '1', row: '1', status: 'valid', source } as const
const factors: Factor[] = [
  {
    ...base,
    id: 'test:diesel',
    name: { en: 'Diesel', fr: 'Gazole' },
    unit: 'gal_us',
    total_kg_co2e: 11.7,
    stages: [
      { stage: 'combustion', total_kg_co2e: 9.4, gases_kg_co2e: { co2: 9.3, n2o: 0.1 }, co2_biogenic_kg: 0.59 },
      { stage: 'upstream', total_kg_co2e: 2.3 },
    ],
    boundary: 'life_cycle',
    gwp_set: 'AR5',
    geography: 'FR',
  },
  {
    ...base,
    id: 'test:electricity',
    name: { en: 'Electricity', fr: 'Électricité' },
    unit: 'MWh',
    total_kg_co2e: 51.9,
    stages: [
      { stage: 'generation', total_kg_co2e: 35 },
      { stage: 'losses', total_kg_co2e: 16.9 },
    ],
    boundary: 'life_cycle',
    gwp_set: 'AR5',
    geography: 'FR',
  },
  {
    ...base,
    id: 'test:flight',
    name: { en: 'Flight', fr: 'Vol' },
    activity: 'flight',
    unit: 'passenger.km',
    total_kg_co2e: 0.2,
    stages: [{ stage: 'combustion', total_kg_co2e: 0.2 }],
    boundary: 'direct',
    gwp_set: 'AR5',
    geography: 'FR',
    distance_uplift: { percent: 8, included: false },
  },
  {
    ...base,
    id: 'test:paper',
    name: { en: 'Paper recycled', fr: 'Papier recyclé' },
    unit: 't',
    total_kg_co2e: -960,
    stages: [
      { stage: 'collection', total_kg_co2e: 40 },
      { stage: 'treatment', total_kg_co2e: -1000 },
    ],
    boundary: 'life_cycle',
    gwp_set: 'AR5',
    geography: 'FR',
  },
  {
    ...base,
    id: 'test:services',
    name: { en: 'Services', fr: 'Services' },
    unit: 'kEUR-2023',
    total_kg_co2e: 130,
    stages: [{ stage: 'whole', total_kg_co2e: 130 }],
    boundary: 'life_cycle',
    gwp_set: 'AR5',
    geography: 'FR',
  },
]
const library = libraryOf({
  factors,
  airports: [
    { iata: 'CDG', name: 'Paris', country: 'FR', latitude_deg: 49.0097, longitude_deg: 2.5479 },
    { iata: 'JFK', name: 'New York', country: 'US', latitude_deg: 40.6398, longitude_deg: -73.7789 },
  ],
})

const contract = { type: 'ppa', kg_co2e_per_kwh: 0.012, share: 0.4, source: 'Contract' }
const flown = { unit: 'passenger', activity: 'flight', attributes: { from: 'CDG', to: 'JFK', round_trip: true } }
/** One line of every kind that a trace can tell of. */
const kinds = {
  fuel: { unit: 'L', factor: { id: 'test:diesel' }, category: '1.2' },
  contract: { unit: 'kWh', factor: { id: 'test:electricity' }, category: '2.1', contract },
  residual: { unit: 'kWh', factor: { id: 'test:electricity' }, category: '2.1' },
  contract_abroad: {
    unit: 'GJ',
    factor: { id: 'test:electricity' },
    category: '2.1',
    contract,
    attributes: { country: 'ES' },
  },
  flight: flown,
  avoided: { unit: 'kg', factor: { id: 'test:paper' }, category: '3.5' },
  spend: { unit: 'EUR-2024', factor: { id: 'test:services' }, category: '3.1' },
  two_factors: {
    unit: 'kWh',
    factor: [
      { value: 0.2, unit: 'kgCO2e/kWh', source: 'a', boundary: 'direct' },
      { value: 0.03, unit: 'kgCO2e/MWh', source: 'b', boundary: 'upstream' },
    ],
    category: '2.2',
  },
} satisfies Record<string, object>

function lineOf(line: object): LineResult {
  const [result] = linesOf([{ quantity: 1234.5, ...line }])
  invariant(result, 'a line gives a result')
  return result
}
function linesOf(lines: object[]): LineResult[] {
  const inventory = Inventory.parse({
    organisation: { name: 'Atelier', country: 'FR' },
    reporting_period: { start_date: '2024-01-01', end_date: '2024-12-31' },
    residual_mix: [{ country: 'FR', kg_co2e_per_kwh: 0.125, source: 'AIB 2022' }],
    price_indices: [{ from: 'EUR-2024', to: 'EUR-2023', rate: 0.98, source: 'INSEE' }],
    lines: lines.map((line, index) => ({ id: `line-${index}`, ...line })),
  })
  // Through JSON, as a stored result comes back.
  return JSON.parse(JSON.stringify(calculate(inventory, library).lines))
}

/** Every number in a value, as the path of keys to it. */
function numbersIn(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value === 'number') return [path]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]) => numbersIn(member, [...path, key]))
}
function changed(line: LineResult, path: readonly (string | number)[], change: (value: number) => number): LineResult {
  const copy = structuredClone(line)
  let holder: unknown = copy
  for (const key of path.slice(0, -1)) holder = Reflect.get(holder as object, key)
  const last = path.at(-1) ?? ''
  Reflect.set(holder as object, last, change(Number(Reflect.get(holder as object, last))))
  return copy
}

describe('a trace runs again', () => {
  it.each(Object.entries(kinds))('%s', (_kind, line) => {
    expect(rerunTrace(lineOf(line))).toEqual({ same: true })
  })
  it('whatever the quantities', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            kind: fc.constantFrom(...Object.values(kinds)),
            quantity: fc.oneof(
              fc.double({ min: 0, max: 1e9, noNaN: true }),
              fc.double({ min: 0, max: 1e10, noNaN: true }),
              fc.constantFrom(0, -0, 5e-324, 1e-7),
            ),
            share: fc.double({ min: 0, max: 1, noNaN: true }),
          }),
          { minLength: 1, maxLength: 8 },
        ),
        (picked) => {
          const lines = picked.map(({ kind, quantity, share }) => ({
            ...kind,
            quantity: 'attributes' in kind && kind.unit === 'passenger' ? quantity / 1e6 : quantity,
            ...('contract' in kind ? { contract: { ...kind.contract, share } } : {}),
          }))
          for (const line of linesOf(lines)) expect(rerunTrace(line)).toEqual({ same: true })
        },
      ),
    )
  })
})

describe('a changed trace is found out', () => {
  /** What grades and percentages say does not pass through the trace: a replay of the whole calculation checks it. */
  const beyondTheTrace = ['interval_95', 'uncertainty_share', 'data_quality_score']
  const tampered = Object.entries(kinds).flatMap(([kind, line]) => {
    const result = lineOf(line)
    return numbersIn(result)
      .filter(([first]) => !beyondTheTrace.includes(String(first)))
      .map((path) => ({ kind, at: path.join('/'), path, result }))
  })
  it('there is a number of every kind to change', () => {
    const fields = new Set(tampered.map(({ path }) => path.at(-1)))
    for (const field of [
      'value',
      'great_circle_km',
      'uplift_percent',
      'legs',
      'passengers',
      'rate',
      'result',
      'quantity',
      'kg_co2e_per_unit',
      'emissions_kg_co2e',
      'biogenic_kg_co2',
      'kwh',
      'share',
      'kg_co2e_per_kwh',
      'residual_kg_co2e_per_kwh',
      'remainder_kg_co2e',
      'emissions_market_kg_co2e',
    ])
      expect([...fields]).toContain(field)
  })
  it.each(tampered.filter(({ at }) => !at.endsWith('avoided_kg_co2e')))('$kind: $at', ({ path, result }) => {
    // The contract of a line without one stands at zero kWh, so any rate for it comes to nothing.
    const idle =
      path.at(-1) === 'kg_co2e_per_kwh' && result.trace.some((step) => step.step === 'market' && step.share === 0)
    const rerun = rerunTrace(changed(result, path, (value) => (value === 0 ? 1 : value * 1.01)))
    expect(rerun.same).toBe(idle)
    expect(rerun.first_difference === undefined).toBe(idle)
  })
  it('and says where: the step, the field, what follows and what stands there', () => {
    const line = lineOf(kinds.fuel)
    const index = line.trace.findIndex((step) => step.step === 'emit')
    expect(rerunTrace(changed(line, ['trace', index, 'emissions_kg_co2e'], () => 1))).toEqual({
      same: false,
      first_difference: {
        step_index: index,
        field: 'emissions_kg_co2e',
        expected: line.parts[0]?.emissions_kg_co2e,
        found: 1,
      },
    })
  })
  it('a step left out, a step put twice, and a category moved', () => {
    const line = lineOf(kinds.contract)
    const telling = [...line.trace.entries()].filter(([, step]) => step.step !== 'factor')
    for (const [index, step] of telling) {
      expect(rerunTrace({ ...line, trace: line.trace.toSpliced(index, 1) }).same, `without ${step.step}`).toBe(false)
      const twice = line.trace.toSpliced(index, 0, step)
      // Summing twice gives the same sum; everything else twice is something else.
      expect(rerunTrace({ ...line, trace: twice }).same, `twice ${step.step}`).toBe(step.step === 'sum')
    }
    const moved = line.trace.map((step) => (step.step === 'emit' ? { ...step, category: '3.1' } : step))
    expect(rerunTrace({ ...line, trace: moved })).toMatchObject({
      same: false,
      first_difference: { field: 'category' },
    })
  })
})
