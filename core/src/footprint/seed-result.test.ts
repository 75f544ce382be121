import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { expandDataset } from '../factors/dataset.ts'
import { calculate } from './calculate.ts'
import { requestWith, sample } from './cases/seed-request.ts'
import type { Airport } from './contract.ts'
import { libraryOf } from './library.ts'
import { readSeedRequest, SeedEmissionAnswer } from './seed-contract.ts'
import { inventoryOfSeedRequest, settleSeedInventory } from './seed-inventory.ts'
import { seedResultOf } from './seed-result.ts'

const airports: Airport[] = [
  { iata: 'SFO', name: 'San Francisco', country: 'US', latitude_deg: 37.6188, longitude_deg: -122.375 },
  { iata: 'LAX', name: 'Los Angeles', country: 'US', latitude_deg: 33.9425, longitude_deg: -118.4081 },
]
/** The embedded factors that a US company meets, the current edition of each publisher last. */
const factors = ['ademe-base-carbone', 'desnz-2025', 'epa-hub-2024', 'epa-hub-2025'].flatMap((dataset) => {
  const file = new URL(`../../../data/factors/${dataset}/factors.json`, import.meta.url)
  return expandDataset(JSON.parse(readFileSync(file, 'utf8')))
})
const library = libraryOf({ factors, airports })

function answer(document: unknown, now = '2026-03-01T12:00:00.000Z') {
  const request = readSeedRequest(document)
  const conversion = settleSeedInventory(inventoryOfSeedRequest(request), library)
  const result = calculate(conversion.inventory, library)
  const ids = { calculation_id: 'calc_01', certificate_id: 'cert_01', certificate_hash: 'ab' }
  const given = seedResultOf({ request, conversion, result, ...ids, now })
  return { given, result, results: given.results }
}

const { given, result, results } = answer(sample)
const kgOf = (id: string) => result.lines.find((line) => line.id === id)?.emissions_kg_co2e

describe('the sample, by factors of EPA Hub 2025 worked out by hand', () => {
  test.each([
    // Table 2: 8.78 kg CO2 per gallon; the table holds no CH4 and N2O, which EPA states per mile.  800 × 8.78
    ['energy_data.fuel.gasoline_gallons', 7024],
    // Table 2: 10.21 kg CO2 per gallon.  200 × 10.21
    ['energy_data.fuel.diesel_gallons', 2042],
    // Table 1, No. 2: 10.21 + 0.00041 × 28 + 0.00008 × 265 = 10.24268 kg per gallon.  150 × 10.24268
    ['energy_data.fuel.heating_oil_gallons', 1536.402],
    // Table 1: 53.06 + 0.001 × 28 + 0.0001 × 265 = 53.1145 kg per MMBtu; a therm is 105.4804 MJ, an MMBtu 1055.05585262 MJ.
    // 1200 × 105.4804 ÷ 1055.05585262 = 119.97135 MMBtu × 53.1145
    ['energy_data.natural_gas', 6372.2185],
    // Table 6, US average in lb per MWh: 771.523 CO2 + 0.057 CH4 × 28 + 0.008 N2O × 265 = 775.239; × 0.45359237 = 351.642495 kg.
    // 50 MWh × 351.642495
    ['energy_data.electricity', 17582.1248],
    // 15000 ÷ 28 = 535.714286 gallons × 8.78
    ['transportation_data.ground_vehicles.0', 4703.5714],
    // Table 9, mixed electronics, recycled: 0.02 t per short ton.  2 × 20 kg
    ['supply_chain_data.waste.0', 40],
    // EPA states no steel; Base Carbone 26729, new steel: 2211 kg per tonne.  50 × 0.90718474 t × 2211
    ['supply_chain_data.raw_materials.0', 100289.273],
  ])('%s', (id, kg) => {
    expect(kgOf(id)).toBeCloseTo(kg, 3)
  })

  test('the flight: 543 km by great circle, two legs, two people, DESNZ 2025 economy with effects at altitude', () => {
    const distance = result.lines
      .find((line) => line.id === 'transportation_data.flights.0')
      ?.trace.find((step) => step.step === 'distance')
    // SFO–LAX is 337 statute miles.
    const km = distance?.step === 'distance' ? distance.great_circle_km : 0
    expect(km / 1.609344).toBeCloseTo(337.4, 0)
    // 0.10916 kg per passenger-km in the air and 0.01656 before it; four passenger-legs.
    expect(kgOf('transportation_data.flights.0')).toBeCloseTo(km * 4 * (0.10916 + 0.01656), 3)
  })

  test('adds up: scope 1 is 21.678 t, scope 2 17.582 t, and the total is the sum of the scopes', () => {
    // 7024 + 2042 + 1536.402 + 6372.2185 + 4703.5714 = 21678.192 kg
    expect(results.scope1_emissions).toBeCloseTo(21.678192, 6)
    expect(results.scope2_emissions).toBeCloseTo(17.582125, 6)
    expect(results.total_emissions_tons_co2e).toBeCloseTo(
      results.scope1_emissions + results.scope2_emissions + results.scope3_emissions,
      9,
    )
    expect(results.total_emissions_tons_co2e).toBe(result.emissions_kg_co2e / 1000)
  })

  test('names the editions that were used, and no others', () => {
    expect(results.emission_factors_version).toBe(
      'ADEME V23.6; UK Department for Energy Security and Net Zero 2025; US EPA 2025',
    )
    expect(answer(requestWith({ energy_data: sample.energy_data })).results.emission_factors_version).toBe(
      'US EPA 2025',
    )
  })

  test('warns of fuel stated twice, once', () => {
    const twice = results.warnings.filter((warning) => warning.code === 'fleet-by-fuel-and-distance')
    expect(twice.map((warning) => warning.line_ids)).toEqual([
      ['energy_data.fuel.gasoline_gallons', 'transportation_data.ground_vehicles.0'],
    ])
    const by_mile = requestWith({
      energy_data: { fuel: { gasoline_gallons: 800 } },
      transportation_data: {
        ground_vehicles: [{ vehicle_type: 'sedan', fuel_type: 'gasoline', distance_miles: 15000 }],
      },
    })
    expect(
      answer(by_mile).results.warnings.filter((warning) => warning.code === 'fleet-by-fuel-and-distance'),
    ).toHaveLength(1)
  })

  test('scores by the formulas: one of seventeen checked quantities, the weight without a way, fails', () => {
    expect(results.data_quality_assessment.failed_checks.map(({ path }) => path)).toEqual([
      '/transportation_data/shipping/0/weight_lbs',
    ])
    expect(results.data_quality_assessment).toMatchObject({
      valid: true,
      errors: [],
      completeness_score: 1,
      recency_score: 1,
    })
    expect(results.data_quality_assessment.accuracy_score).toBeCloseTo(16 / 17, 12)
    // 0.4 × 1 + 0.4 × 16/17 + 0.2 × 1 = 0.976471;  15 + (1 − 0.976471) × 20 = 15.470588 %
    expect(results.confidence_score).toBeCloseTo(0.976471, 6)
    expect(results.uncertainty_range.uncertainty_percentage).toBeCloseTo(15.470588, 6)
    expect(results.uncertainty_range.low_estimate_factor).toBeCloseTo(0.845294, 6)
  })

  test('keeps its contract, and says that no neural network was asked', () => {
    expect(SeedEmissionAnswer.parse(given)).toEqual(given)
    expect(results.scope3_note).toContain('no such prediction')
    expect([given.calculation_id, results.calculation_id, results.certificate_id, results.certificate_hash]).toEqual([
      'calc_01',
      'calc_01',
      'cert_01',
      'ab',
    ])
    expect(results.inventory.lines.map((line) => line.id).sort()).toEqual(Object.keys(results.line_sources).sort())
  })
})

describe('any answer', () => {
  test.each([
    ['sedan', 0.297 + 0.0000059 * 28 + 0.0000053 * 265],
    ['suv', 0.394 + 0.0000109 * 28 + 0.0000088 * 265],
    ['motorcycle', 0.368 + 0.0000888 * 28 + 0.0000188 * 265],
    ['truck', 1.298 + 0.0000115 * 28 + 0.0000376 * 265],
  ])('a mile by %s is that of EPA tables 8 and 10', (vehicle_type, kg_per_mile) => {
    const ground_vehicles = [{ vehicle_type, fuel_type: 'gasoline', distance_miles: 1000 }]
    expect(answer(requestWith({ transportation_data: { ground_vehicles } })).result.emissions_kg_co2e).toBeCloseTo(
      1000 * kg_per_mile,
      6,
    )
  })

  test.each([
    // Table 8, per short ton-mile; 5000 lb over 2800 miles are 7000 of them.
    ['ground_freight', 0.186 + 0.0000016 * 28 + 0.0000054 * 265],
    ['rail', 0.021 + 0.0000016 * 28 + 0.0000005 * 265],
    ['air', 1.086 + 0.0000334 * 265],
  ])('freight by %s is that of EPA table 8', (shipping_method, kg) => {
    const shipping = [{ weight_lbs: 5000, distance_miles: 2800, shipping_method }]
    expect(answer(requestWith({ transportation_data: { shipping } })).result.emissions_kg_co2e).toBeCloseTo(
      7000 * kg,
      4,
    )
  })

  test.each([
    ['california', 436.655, 0.025, 0.003],
    ['texas', 738.038, 0.043, 0.006],
    ['NYUP', 240.99, 0.011, 0.001],
  ])('a MWh of %s is that of EPA table 6', (grid_mix, co2_lb, ch4_lb, n2o_lb) => {
    const electricity = { consumption_kwh: 1000, grid_mix }
    const kg = (co2_lb + ch4_lb * 28 + n2o_lb * 265) * 0.45359237
    expect(answer(requestWith({ energy_data: { electricity } })).result.emissions_kg_co2e).toBeCloseTo(kg, 5)
  })

  test('warns of low completeness and of a period that is not over, and counts age from the end of the period', () => {
    const sparse = requestWith({
      energy_data: {
        fuel: { gasoline_gallons: 1, diesel_gallons: null, heating_oil_gallons: null, a: null, b: null, c: null },
        x: null,
        y: null,
      },
    })
    const early = answer(sparse, '2025-06-01T00:00:00.000Z').results
    // Filled in: company_id, start_date, end_date, industry_type, gasoline_gallons; not: seven more. 5 of 12.
    expect(early.data_quality_assessment.warnings).toEqual(
      expect.arrayContaining([
        'Low data completeness: 41.7%',
        'The reporting period ends on 2025-12-31, which is still to come.',
      ]),
    )
    expect(answer(sparse, '2031-01-02T00:00:00.000Z').results.data_quality_assessment.recency_score).toBe(0)
  })

  test('is the sum of its lines and of its scopes, and the same for the same request', () => {
    const amount = fc.option(fc.double({ min: 0, max: 1e8, noNaN: true }), { nil: null })
    const documents = fc
      .record({
        kwh: amount,
        therms: amount,
        gallons: amount,
        tons: amount,
        passengers: fc.integer({ min: 1, max: 500 }),
      })
      .map((n) =>
        requestWith({
          energy_data: {
            electricity: { consumption_kwh: n.kwh, grid_mix: 'CAMX' },
            natural_gas: { consumption_therms: n.therms },
            fuel: { gasoline_gallons: n.gallons, heating_oil_gallons: n.gallons },
          },
          transportation_data: {
            flights: [{ origin_airport: 'LAX', destination_airport: 'SFO', passengers: n.passengers }],
          },
          supply_chain_data: { raw_materials: [{ material_type: 'steel', quantity_tons: n.tons }] },
        }),
      )
    fc.assert(
      fc.property(documents, (document) => {
        const one = answer(document)
        const sum = one.result.lines.reduce((mg, line) => mg + Math.round(line.emissions_kg_co2e * 1e6), 0)
        expect(sum / 1e9).toBeCloseTo(one.results.total_emissions_tons_co2e, 4)
        const { scope1_emissions, scope2_emissions, scope3_emissions } = one.results
        const scopes = scope1_emissions + scope2_emissions + scope3_emissions
        expect(Math.abs(scopes - one.results.total_emissions_tons_co2e)).toBeLessThanOrEqual(1e-12 * scopes + 1e-9)
        expect(answer(document).given).toEqual(one.given)
      }),
      { numRuns: 40 },
    )
  })
})
