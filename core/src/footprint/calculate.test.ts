import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Factor } from '../factors/contract.ts'
import { toMg } from '../lib/amount.ts'
import { Problem, type Fault } from '../lib/problem.ts'
import { calculate } from './calculate.ts'
import { checkLines } from './check.ts'
import { Inventory, type FootprintResult } from './contract.ts'
import { libraryOf } from './library.ts'

const source = { title: 'Test table', url: 'https://example.org', licence: 'none' }
const base = { dataset: 'test', publisher: 'Test', edition: '1', row: '1', status: 'valid', source } as const

/** A road diesel in the form of Base Carbone: two stages, gases apart under AR5 with fossil methane at 30. */
const diesel: Factor = {
  ...base,
  id: 'test:diesel',
  name: { en: 'Diesel', fr: 'Gazole' },
  activity: 'diesel',
  unit: 'L',
  total_kg_co2e: 3.1,
  stages: [
    {
      stage: 'combustion',
      total_kg_co2e: 2.49,
      gases_kg_co2e: { co2: 2.46, ch4_fossil: 0.003, n2o: 0.027 },
      co2_biogenic_kg: 0.156,
    },
    { stage: 'upstream', total_kg_co2e: 0.61, gases_kg_co2e: { co2: 0.55, ch4_fossil: 0.06 } },
  ],
  boundary: 'life_cycle',
  gwp_set: 'AR5-fossil-ch4',
  geography: 'FR',
  uncertainty_percent: 10,
}
/** The French mix of Base Carbone element 43642: plant 0.035, upstream 0.0131, losses 0.0038. */
const electricity: Factor = {
  ...base,
  id: 'test:electricity',
  name: { en: 'Electricity', fr: 'Électricité' },
  activity: 'electricity',
  unit: 'kWh',
  total_kg_co2e: 0.0519,
  stages: [
    { stage: 'generation', total_kg_co2e: 0.035 },
    { stage: 'upstream', total_kg_co2e: 0.0131 },
    { stage: 'losses', total_kg_co2e: 0.0038 },
  ],
  boundary: 'life_cycle',
  gwp_set: 'AR5-fossil-ch4',
  geography: 'FR',
}
const gas: Factor = {
  ...base,
  id: 'test:gas',
  name: { en: 'Gas', fr: 'Gaz' },
  unit: 'kWh_gross',
  total_kg_co2e: 0.18,
  stages: [{ stage: 'combustion', total_kg_co2e: 0.18, gases_kg: { co2: 0.1793, ch4_fossil: 3.4e-6, n2o: 3.4e-7 } }],
  boundary: 'direct',
  gwp_set: 'AR5',
  geography: 'GB',
}
const gas_upstream: Factor = {
  ...base,
  id: 'test:gas-upstream',
  name: { en: 'Gas, well to tank', fr: 'Gaz, amont' },
  unit: 'kWh_gross',
  total_kg_co2e: 0.03,
  stages: [{ stage: 'upstream', total_kg_co2e: 0.03 }],
  boundary: 'upstream',
  gwp_set: 'AR5',
  geography: 'GB',
}
const r22: Factor = {
  ...base,
  id: 'test:r22',
  name: { en: 'R-22', fr: 'R-22' },
  unit: 'kg',
  total_kg_co2e: 1760,
  stages: [{ stage: 'fugitive', total_kg_co2e: 1760, gases_kg: { 'HCFC-22': 1 } }],
  boundary: 'direct',
  gwp_set: 'AR5',
  geography: 'world',
}
const recycling: Factor = {
  ...base,
  id: 'test:recycling',
  name: { en: 'Paper recycling', fr: 'Papier recyclé' },
  unit: 't',
  total_kg_co2e: -960,
  stages: [
    { stage: 'collection', total_kg_co2e: 40 },
    { stage: 'treatment', total_kg_co2e: -1000 },
  ],
  boundary: 'life_cycle',
  gwp_set: 'AR5',
  geography: 'FR',
}
const flight: Factor = {
  ...base,
  id: 'test:flight',
  name: { en: 'Flight', fr: 'Vol' },
  activity: 'flight',
  attributes: { radiative_forcing: 'included' },
  unit: 'passenger.km',
  total_kg_co2e: 0.2,
  stages: [{ stage: 'whole', total_kg_co2e: 0.2 }],
  boundary: 'direct',
  gwp_set: 'AR5',
  geography: 'world',
  radiative_forcing: 'included',
  distance_uplift: { percent: 8, included: true },
}
const services: Factor = {
  ...base,
  id: 'test:services',
  name: { en: 'Services', fr: 'Services' },
  unit: 'kEUR-2023',
  total_kg_co2e: 100,
  stages: [{ stage: 'whole', total_kg_co2e: 100 }],
  boundary: 'life_cycle',
  geography: 'FR',
  price: { currency: 'EUR', year: 2023, basis: 'purchaser', tax: 'excluded' },
}

const library = libraryOf({
  factors: [diesel, electricity, gas, gas_upstream, r22, recycling, flight, services],
  airports: [
    { iata: 'CDG', name: 'Paris Charles de Gaulle', country: 'FR', latitude_deg: 49.0097, longitude_deg: 2.5479 },
    { iata: 'JFK', name: 'New York JFK', country: 'US', latitude_deg: 40.6398, longitude_deg: -73.7789 },
  ],
})

function inventory(lines: object[], rest: object = {}): Inventory {
  return Inventory.parse({
    organisation: { name: 'Atelier', country: 'FR' },
    reporting_period: { start_date: '2024-01-01', end_date: '2024-12-31' },
    gwp_set: 'AR5-fossil-ch4',
    ...rest,
    lines,
  })
}
const run = (lines: object[], rest: object = {}) => calculate(inventory(lines, rest), library)
function faultsOf(lines: object[], rest: object = {}): Fault[] {
  try {
    run(lines, rest)
  } catch (error) {
    if (error instanceof Problem && error.type === 'footprint/invalid-inventory') return error.details.faults ?? []
    throw error
  }
  return []
}
const codes = (result: FootprintResult) => result.warnings.map((warning) => warning.code)

describe('where each stage goes', () => {
  it('fuel we burn is scope 1 at the nozzle and 3.3 before it', () => {
    const result = run([{ id: 'a', quantity: 1000, unit: 'L', factor: { id: 'test:diesel' }, category: '1.2' }])
    expect(result.categories).toEqual({ '1.2': 2490, '3.3': 610 })
    expect(result.emissions_kg_co2e).toBe(3100)
    expect(result.biogenic_kg_co2).toBe(156)
  })
  it('electricity is scope 2 at the plant; upstream and losses are 3.3 and nothing else', () => {
    const result = run([{ id: 'a', quantity: 62000, unit: 'kWh', factor: { id: 'test:electricity' }, category: '2.1' }])
    expect(result.categories).toEqual({ '2.1': 2170, '3.3': 1047.8 })
    expect(result.scopes).toEqual({ '1': 0, '2_location': 2170, '2_market': 2170, '3': 1047.8 })
  })
  it('the upstream of a taxi’s fuel is business travel', () => {
    const result = run([{ id: 'a', quantity: 10, unit: 'L', factor: { id: 'test:diesel' }, category: '3.6' }])
    expect(result.categories).toEqual({ '3.6': 31 })
  })
  it.each([
    ['leased_in', '3.8'],
    ['leased_out', '3.13'],
    ['franchise', '3.14'],
    ['investment', '3.15'],
  ])('an asset that is %s goes to %s with all its stages', (ownership, category) => {
    const result = run([
      { id: 'a', quantity: 10, unit: 'L', factor: { id: 'test:diesel' }, category: '1.2', ownership },
    ])
    expect(result.categories).toEqual({ [category]: 31 })
  })
  it('a third party’s fuel cannot be scope 1', () => {
    const [fault] = faultsOf([
      { id: 'a', quantity: 1, unit: 'L', factor: { id: 'test:diesel' }, category: '1.2', ownership: 'third_party' },
    ])
    expect(fault).toMatchObject({ path: '/lines/0/ownership', code: 'ownership-conflict' })
  })
  it('gas from direct and well-to-tank rows of one publisher add up', () => {
    const result = run(
      [
        {
          id: 'a',
          quantity: 100,
          unit: 'kWh_gross',
          factor: [{ id: 'test:gas' }, { id: 'test:gas-upstream' }],
          category: '1.1',
        },
      ],
      { gwp_set: 'AR5' },
    )
    expect(result.categories['3.3']).toBe(3)
    expect(result.categories['1.1']).toBeCloseTo(100 * (0.1793 + 28 * 3.4e-6 + 265 * 3.4e-7), 5)
  })
})

describe('gases', () => {
  it('weighs published masses with the inventory’s set', () => {
    const under = (gwp_set: string) =>
      run([{ id: 'a', quantity: 1e6, unit: 'kWh_gross', factor: { id: 'test:gas' }, category: '1.1' }], { gwp_set })
        .gases
    // CH4 25 / 28 / 30 / 29.8 and N2O 298 / 265 / 265 / 273 (IPCC AR4, AR5, AR5 table 8.A.1 fossil, AR6).
    expect(under('AR4')).toMatchObject({ ch4_fossil: 85, n2o: 101.32 })
    expect(under('AR5')).toMatchObject({ ch4_fossil: 95.2, n2o: 90.1 })
    expect(under('AR5-fossil-ch4')).toMatchObject({ ch4_fossil: 102, n2o: 90.1 })
    expect(under('AR6')).toMatchObject({ ch4_fossil: 101.32, n2o: 92.82 })
  })
  it('keeps the published total under the publisher’s set, and weighs again under another', () => {
    const line = { id: 'a', quantity: 1000, unit: 'L', factor: { id: 'test:diesel' }, category: '1.2' }
    expect(run([line]).emissions_kg_co2e).toBe(3100)
    // Fossil methane falls from 30 to 28: 63 × 28 / 30 = 58.8.
    expect(run([line], { gwp_set: 'AR5' }).gases.ch4_fossil).toBe(58.8)
    expect(run([line], { gwp_set: 'AR5' }).emissions_kg_co2e).toBe(3095.8)
  })
  it('says when a factor of another set is not divided by gas', () => {
    const result = run([{ id: 'a', quantity: 1, unit: 'kWh', factor: { id: 'test:electricity' }, category: '2.1' }], {
      gwp_set: 'AR6',
    })
    expect(codes(result)).toContain('gwp-set-differs')
  })
  it('reports HCFC beside the scopes', () => {
    const result = run([{ id: 'a', quantity: 2, unit: 'kg', factor: { id: 'test:r22' }, category: '1.4' }], {
      gwp_set: 'AR5',
    })
    expect(result.emissions_kg_co2e).toBe(0)
    expect(result.outside_scopes.other_gases_kg_co2e).toBe(3520)
    expect(codes(result)).toContain('gases-outside-scopes')
  })
  it('never lets an avoided emission lower the inventory', () => {
    const result = run([{ id: 'a', quantity: 1, unit: 't', factor: { id: 'test:recycling' }, category: '3.5' }], {
      gwp_set: 'AR5',
    })
    expect(result.emissions_kg_co2e).toBe(40)
    expect(result.outside_scopes.avoided_kg_co2e).toBe(-1000)
  })
})

describe('market-based scope 2', () => {
  const line = { id: 'a', quantity: 1000, unit: 'kWh', factor: { id: 'test:electricity' }, category: '2.1' }
  it('uses the contract for the share it covers, and the residual mix for the rest', () => {
    const contract = { type: 'guarantee_of_origin', kg_co2e_per_kwh: 0, share: 0.6, source: 'GO register' }
    const residual_mix = [{ country: 'FR', kg_co2e_per_kwh: 0.125, source: 'AIB 2022' }]
    const result = run([{ ...line, contract }], { residual_mix })
    expect(result.scopes['2_location']).toBe(35)
    expect(result.scopes['2_market']).toBe(50)
    expect(result.emissions_market_kg_co2e - result.emissions_kg_co2e).toBeCloseTo(15, 9)
  })
  it('falls back to the location-based figure and says so', () => {
    const result = run([line])
    expect(result.scopes['2_market']).toBe(35)
    expect(codes(result)).toContain('market-equals-location')
  })
})

describe('quantities', () => {
  it('flies along the great circle: Paris to New York and back for two', () => {
    // 5,834 km by haversine on a sphere of 6,371.0088 km; Vincenty on WGS 84 gives 5,849 km.
    const result = run(
      [
        {
          id: 'a',
          quantity: 2,
          unit: 'passenger',
          activity: 'flight',
          attributes: { from: 'CDG', to: 'JFK', round_trip: true },
        },
      ],
      { gwp_set: 'AR5' },
    )
    const distance = result.lines[0]?.trace.find((step) => step.step === 'distance')
    expect(distance?.step === 'distance' && Math.abs(distance.great_circle_km - 5834) < 5).toBe(true)
    expect(result.emissions_kg_co2e).toBeCloseTo(
      (distance?.step === 'distance' ? distance.great_circle_km : 0) * 4 * 0.2,
      4,
    )
    expect(result.lines[0]?.category).toBe('3.6')
  })
  it('brings money to the factor’s year only by a stated index', () => {
    const line = { id: 'a', quantity: 110, unit: 'kEUR-2024', factor: { id: 'test:services' }, category: '3.1' }
    expect(faultsOf([line])[0]).toMatchObject({ path: '/lines/0/unit', code: 'price-index-needed' })
    const price_indices = [{ from: 'EUR-2024', to: 'EUR-2023', rate: 1 / 1.1, source: 'INSEE, 2025' }]
    expect(run([line], { price_indices }).emissions_kg_co2e).toBeCloseTo(10_000, 5)
  })
  it('takes a factor that the line brings along', () => {
    const factor = { value: 0.15, unit: 'kgCO2e/kg', source: 'Supplier' }
    expect(run([{ id: 'a', quantity: 2, unit: 't', factor, category: '3.1' }]).emissions_kg_co2e).toBe(300)
  })
})

describe('refusals name the field, the value and what would be right', () => {
  const ok = { id: 'a', quantity: 1, unit: 'kWh', factor: { id: 'test:electricity' }, category: '2.1' }
  it.each([
    ['an unknown unit', { ...ok, unit: 'ton' }, 'unit', 'unknown-unit'],
    ['kWh against a factor per gross kWh', { ...ok, factor: { id: 'test:gas' } }, 'unit', 'wrong-dimension'],
    [
      'kWh against a kg factor',
      { ...ok, factor: { value: 1, unit: 'kgCO2e/kg', source: 's' } },
      'unit',
      'wrong-dimension',
    ],
    ['a factor that is not there', { ...ok, factor: { id: 'test:none' } }, 'factor/id', 'unknown-factor'],
    [
      'an edition that is not there',
      { ...ok, factor: { id: 'test:diesel', edition: '9' } },
      'factor/id',
      'unknown-factor',
    ],
    [
      'a factor unit that is not one',
      { ...ok, factor: { value: 1, unit: 'kgCO2e/ton', source: 's' } },
      'factor/unit',
      'unknown-unit',
    ],
    ['neither factor nor activity', { id: 'a', quantity: 1, unit: 'kWh' }, 'factor', 'factor-needed'],
    ['an unknown activity', { id: 'a', quantity: 1, unit: 'kWh', activity: 'alchemy' }, 'activity', 'unknown-activity'],
    [
      'an unknown airport',
      { id: 'a', quantity: 1, unit: 'passenger', activity: 'flight', attributes: { from: 'CDG', to: 'XXX' } },
      'attributes/to',
      'unknown-airport',
    ],
    [
      'a flight to where it began',
      { id: 'a', quantity: 1, unit: 'passenger', activity: 'flight', attributes: { from: 'CDG', to: 'cdg' } },
      'attributes/to',
      'same-airport',
    ],
    [
      'overlapping stages',
      { ...ok, unit: 'L', factor: [{ id: 'test:diesel' }, { id: 'test:diesel' }], category: '1.2' },
      'factor',
      'overlapping-stages',
    ],
    ['a gigatonne', { ...ok, quantity: 1e14 }, 'quantity', 'implausible-amount'],
    [
      'no category to be found',
      { id: 'a', quantity: 1, unit: 'L', factor: { id: 'test:diesel' } },
      'category',
      'category-needed',
    ],
  ])('%s', (_what, line, field, code) => {
    const [fault] = faultsOf([line])
    expect(fault).toMatchObject({ path: `/lines/0/${field}`, code })
    expect(fault?.message.length).toBeGreaterThan(20)
  })
  it('reports every faulty line at once, in the order of the document', () => {
    const faults = faultsOf([{ ...ok, id: 'z', unit: 'ton' }, ok, { ...ok, id: 'b', factor: { id: 'test:none' } }])
    expect(faults.map((fault) => fault.path)).toEqual(['/lines/0/unit', '/lines/2/factor/id'])
  })
})

describe('double counts', () => {
  it('warns about one fleet by fuel and by distance', () => {
    const car = { value: 0.2, unit: 'kgCO2e/vehicle.km', source: 's' }
    const result = run([
      { id: 'fuel', quantity: 100, unit: 'L', factor: { id: 'test:diesel' }, category: '1.2' },
      { id: 'km', quantity: 1000, unit: 'vehicle.km', factor: car, category: '1.2' },
    ])
    expect(result.warnings.find((warning) => warning.code === 'fleet-by-fuel-and-distance')?.line_ids).toEqual([
      'fuel',
      'km',
    ])
  })
  it('warns about a line entered twice, and about upstream counted apart', () => {
    const electricity_line = { quantity: 5, unit: 'kWh', factor: { id: 'test:electricity' }, category: '2.1' }
    const wtt = {
      id: 'c',
      quantity: 5,
      unit: 'kWh',
      factor: { value: 0.01, unit: 'kgCO2e/kWh', source: 's' },
      category: '3.3',
    }
    expect(codes(run([{ id: 'a', ...electricity_line }, { id: 'b', ...electricity_line }, wtt]))).toEqual(
      expect.arrayContaining(['line-repeated', 'upstream-counted-apart']),
    )
  })
})

describe('nothing is taken in silence', () => {
  const bought = { id: 'a', quantity: 1000, unit: 'kWh', factor: { id: 'test:electricity' }, category: '2.1' }
  const contract = { type: 'ppa', kg_co2e_per_kwh: 0.01, share: 0.5, source: 's' }
  const flown = { id: 'a', quantity: 1, unit: 'passenger.km', activity: 'flight' }
  const heat = { value: 0.2, unit: 'kgCO2e/kWh', source: 's', boundary: 'direct' }
  const gridless = libraryOf({ factors: [electricity] })
  const grid: Factor = {
    ...electricity,
    id: 'test:grid-gb',
    geography: 'GB',
    boundary: 'direct',
    stages: [{ stage: 'generation', total_kg_co2e: 0.2 }],
  }
  const losses: Factor = {
    ...grid,
    id: 'test:losses-gb',
    activity: 'transmission_losses',
    stages: [{ stage: 'losses', total_kg_co2e: 0.02 }],
  }

  it('a price index turns money into money, never one kind of energy into another', () => {
    const price_indices = [{ from: 'kWh', to: 'kWh_gross', rate: 1.1, source: 's' }]
    const line = { ...bought, factor: { id: 'test:gas' }, category: '1.1' }
    expect(faultsOf([line], { price_indices })[0]).toMatchObject({ path: '/lines/0/unit', code: 'wrong-dimension' })
  })
  it('two factors that one line brings along, and those of lines named alike, are all listed', () => {
    const upstream = { ...heat, boundary: 'upstream', source: 'u' }
    const lines = ['a b', 'a-b', 'a_b'].map((id) => ({ ...bought, id, factor: [heat, upstream] }))
    const ids = run(lines).factors_used.map(({ id }) => id)
    expect(new Set(ids).size).toBe(6)
    expect(ids).toContain('inline:line.2/a_20_b')
  })
  it('a contract for what is not counted in energy is said to change nothing', () => {
    const car = { ...electricity, id: 'test:car', unit: 'vehicle.km' }
    const line = { id: 'a', quantity: 10, unit: 'vehicle.km', factor: { id: 'test:car' }, category: '1.2', contract }
    expect(codes(calculate(inventory([line]), libraryOf({ factors: [car] })))).toContain('contract-without-effect')
  })
  it('a residual mix speaks of electricity: the rest of a heat contract stands at the location-based figure, and says so', () => {
    const residual_mix = [{ country: 'FR', kg_co2e_per_kwh: 0.9, source: 'AIB' }]
    const result = run([{ ...bought, factor: heat, category: '2.2', contract }], { residual_mix })
    expect(result.scopes['2_market']).toBe(105)
    expect(codes(result)).toContain('market-remainder-at-location')
  })
  it('a line whose asset is leased out says 3.13, not scope 1', () => {
    const line = { id: 'a', quantity: 1, unit: 'L', factor: { id: 'test:diesel' }, category: '1.2' }
    expect(run([{ ...line, ownership: 'leased_out' }]).lines[0]).toMatchObject({ scope: '3', category: '3.13' })
    expect(codes(run([{ ...line, category: '3.6', ownership: 'leased_out' }]))).toContain('ownership-without-effect')
  })
  it.each([
    ['a round trip without airports', { round_trip: true }, 'round_trip', 'unknown-attribute'],
    [
      'a round trip that is neither true nor false',
      { from: 'CDG', to: 'JFK', round_trip: 'yes' },
      'round_trip',
      'unknown-attribute-value',
    ],
    ['a country in words', { country: 'France' }, 'country', 'unknown-attribute-value'],
    ['a country named constructor', { country: 'constructor' }, 'country', 'unknown-attribute-value'],
    ['a region of another country', { region: 'US-CAMX' }, 'region', 'unknown-attribute-value'],
    ['an attribute named constructor', { constructor: 'x' }, 'constructor', 'unknown-attribute'],
    ['an attribute with a slash', { 'a/b': 'x' }, 'a~1b', 'unknown-attribute'],
  ])('%s is refused', (_what, attributes, field, code) => {
    const unit = 'from' in attributes ? 'passenger' : 'passenger.km'
    expect(faultsOf([{ ...flown, unit, attributes }])[0]).toMatchObject({
      path: `/lines/0/attributes/${field}`,
      code,
    })
  })
  it('a region that is not known is refused with those that are', () => {
    const regional = { ...electricity, id: 'test:corsica', geography: 'FR-20R' }
    const library = libraryOf({ factors: [electricity, regional] })
    const line = { id: 'a', quantity: 1, unit: 'kWh', activity: 'electricity' }
    const of = (region: string) => inventory([{ ...line, attributes: { region } }])
    expect(calculate(of('FR-20R'), library).factors_used[0]?.id).toBe('test:corsica')
    const { faults } = checkLines({ inventory: of('FR-974'), line_indices: [0], faults: [] }, library)
    expect(faults).toMatchObject([{ code: 'unknown-region', path: '/lines/0/attributes/region', expected: ['FR-20R'] }])
  })
  it('electricity is never taken from the grid of another country', () => {
    const line = { id: 'a', quantity: 1, unit: 'kWh', activity: 'electricity' }
    const german = inventory([line], { organisation: { name: 'Werk', country: 'DE' } })
    expect(() => calculate(german, gridless)).toThrow(expect.objectContaining({ type: 'footprint/invalid-inventory' }))
  })
  it('saying that electricity comes from the grid keeps the losses on the line', () => {
    const line = { id: 'a', quantity: 100, unit: 'kWh', activity: 'electricity', attributes: { origin: 'grid' } }
    const british = inventory([line], { organisation: { name: 'Works', country: 'GB' } })
    expect(calculate(british, libraryOf({ factors: [grid, losses] })).categories).toEqual({ '2.1': 20, '3.3': 2 })
  })
  it('losses stated as a stage and as a row of their own are the same losses', () => {
    const line = { ...bought, factor: [{ id: 'test:electricity' }, { id: 'test:losses-gb' }] }
    const library = libraryOf({ factors: [electricity, losses] })
    expect(() => calculate(inventory([line]), library)).toThrow(/both hold losses/)
  })
  it('biogenic CO2, avoided emissions and Montreal gases of more than a gigatonne are refused as well', () => {
    const credit = { value: -1e6, unit: 'kgCO2e/kg', source: 's' }
    const line = { id: 'a', quantity: 1e9, unit: 't', factor: credit, category: '3.5' }
    expect(faultsOf([line, { ...line, id: 'b' }])[0]).toMatchObject({ code: 'implausible-amount' })
  })
  it('a factor of a later time than the reporting period is flagged', () => {
    const later = { ...electricity, id: 'test:later', valid_from: '2030-01-01' }
    const result = calculate(inventory([{ ...bought, factor: { id: 'test:later' } }]), libraryOf({ factors: [later] }))
    expect(codes(result)).toContain('factor-newer-than-period')
  })
  it('a trace says what a stage puts beside the scopes', () => {
    const credit = run([{ id: 'a', quantity: 1, unit: 't', factor: { id: 'test:recycling' }, category: '3.5' }])
    const step = credit.lines[0]?.trace.findLast((each) => each.step === 'emit')
    expect(step).toMatchObject({ emissions_kg_co2e: 0, beside_per_unit: { avoided_kg_co2e: -1000 } })
    expect(step?.says).toContain('-1000 kgCO2e avoided')
  })
})

const pool = [
  { unit: 'L', factor: { id: 'test:diesel' }, category: '1.2' },
  { unit: 'kWh', factor: { id: 'test:electricity' }, category: '2.1' },
  { unit: 'kg', factor: { id: 'test:r22' }, category: '1.4' },
  { unit: 't', factor: { id: 'test:recycling' }, category: '3.5' },
  { unit: 'passenger.km', factor: { id: 'test:flight' }, category: '3.6' },
  { unit: 'kEUR-2023', factor: { id: 'test:services' }, category: '3.1' },
]
const arbitraryLines = fc
  .array(
    fc.record({
      kind: fc.nat(pool.length - 1),
      quantity: fc.double({ min: 0, max: 1e7, noNaN: true }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    { minLength: 1, maxLength: 25 },
  )
  .map((list) =>
    list.map(({ kind, quantity, share }, index) => ({
      id: `line-${index}`,
      quantity,
      ...pool[kind],
      ...(kind === 1 ? { contract: { type: 'ppa', kg_co2e_per_kwh: 0.01, share, source: 's' } } : {}),
    })),
  )

describe('properties that hold for any inventory', () => {
  const sum = (values: number[]) => values.reduce((total, kg) => total + toMg(kg), 0)
  it('lines, parts, gases, categories and scopes add up to the total, to the milligram', () => {
    fc.assert(
      fc.property(arbitraryLines, (lines) => {
        const result = run(lines)
        const total = toMg(result.emissions_kg_co2e)
        expect(sum(result.lines.map((line) => line.emissions_kg_co2e))).toBe(total)
        expect(sum(result.lines.flatMap((line) => line.parts.map((part) => part.emissions_kg_co2e)))).toBe(total)
        expect(sum(Object.values(result.categories))).toBe(total)
        expect(sum(Object.values(result.gases))).toBe(total)
        expect(sum([result.scopes['1'], result.scopes['2_location'], result.scopes['3']])).toBe(total)
        expect(sum([result.scopes['1'], result.scopes['2_market'], result.scopes['3']])).toBe(
          toMg(result.emissions_market_kg_co2e),
        )
        expect(sum(result.lines.map((line) => line.emissions_market_kg_co2e))).toBe(
          toMg(result.emissions_market_kg_co2e),
        )
      }),
    )
  })
  it('the order of the lines does not matter to a single byte', () => {
    fc.assert(
      fc.property(arbitraryLines, fc.infiniteStream(fc.nat(1000)), (lines, dice) => {
        const shuffled = [...lines]
          .map((line) => ({ line, at: dice.next().value }))
          .sort((a, b) => a.at - b.at)
          .map(({ line }) => line)
        expect(JSON.stringify(run(shuffled))).toBe(JSON.stringify(run(lines)))
      }),
      { numRuns: 50 },
    )
  })
  it('scaling a quantity scales its line, to the rounding of its stages', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.integer({ min: 2, max: 50 }), (quantity, k) => {
        const line = { id: 'a', quantity, unit: 'L', factor: { id: 'test:diesel' }, category: '1.2' }
        const once = run([line]).emissions_kg_co2e
        const scaled = run([{ ...line, quantity: quantity * k }]).emissions_kg_co2e
        expect(Math.abs(scaled - once * k)).toBeLessThanOrEqual(2e-6 * k)
      }),
    )
  })
  it('the interval holds the value, and worse evidence makes it wider', () => {
    const line = { id: 'a', quantity: 10, unit: 'L', factor: { id: 'test:diesel' }, category: '1.2' }
    const grades = (grade: number) => ({
      reliability: grade,
      technical: grade,
      geographic: grade,
      temporal: grade,
      completeness: grade,
    })
    const widths = [5, 4, 3, 2, 1].map((grade) => {
      const { low, high } = run([{ ...line, data_quality: grades(grade) }]).interval_95
      expect(low).toBeLessThanOrEqual(31)
      expect(high).toBeGreaterThanOrEqual(31)
      return high - low
    })
    expect([...widths].sort((a, b) => a - b)).toEqual(widths)
    // Perfect grades leave the factor's own 10 %.
    expect(run([{ ...line, data_quality: grades(5) }]).interval_95.high).toBeCloseTo(34.1, 6)
  })
})
