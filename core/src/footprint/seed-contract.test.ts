import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Problem, type Fault } from '../lib/problem.ts'
import { requestWith, sample } from './cases/seed-request.ts'
import { calculateEmissions, readSeedRequest } from './seed-contract.ts'

function faultsOf(document: unknown): Fault[] {
  try {
    readSeedRequest(document)
  } catch (error) {
    expect(error).toBeInstanceOf(Problem)
    expect((error as Problem).type).toBe('footprint/invalid-seed-request')
    return (error as Problem).details.faults ?? []
  }
  return []
}
const pathsOf = (document: unknown) => faultsOf(document).map((fault) => fault.path)
const electricity = (fields: unknown) => requestWith({ energy_data: { electricity: fields } })

describe('the request', () => {
  test('is accepted with the sample dictionaries as the guide writes them', () => {
    expect(readSeedRequest(sample)).toEqual(sample)
  })

  test('names all that is missing at once, in the guide’s words', () => {
    expect(faultsOf({}).map((fault) => fault.message)).toEqual([
      'Missing required field: company_id',
      'Missing required field: reporting_period',
      'Missing required field: industry_type',
    ])
    expect(pathsOf({ ...sample, company_id: '', industry_type: null })).toEqual(['/company_id', '/industry_type'])
    expect(pathsOf({ ...sample, reporting_period: {} })).toEqual([
      '/reporting_period/start_date',
      '/reporting_period/end_date',
    ])
  })

  test.each([
    ['no object', [], ''],
    ['null', null, ''],
    ['a text', 'x', ''],
    ['a number as text', electricity({ consumption_kwh: '50000' }), '/energy_data/electricity/consumption_kwh'],
    ['a negative number', electricity({ consumption_kwh: -1 }), '/energy_data/electricity/consumption_kwh'],
    ['a number past all measure', electricity({ consumption_kwh: 1e308 }), '/energy_data/electricity/consumption_kwh'],
    ['not a number', electricity({ consumption_kwh: Number.NaN }), '/energy_data/electricity/consumption_kwh'],
    ['a negative reading', electricity({ meter_readings: [-4] }), '/energy_data/electricity/meter_readings/0'],
    ['a section that is a list', requestWith({ energy_data: [] }), '/energy_data'],
    ['a list that is an object', requestWith({ transportation_data: { flights: {} } }), '/transportation_data/flights'],
    [
      'a period that ends before it starts',
      { ...sample, reporting_period: { start_date: '2025-01-02', end_date: '2025-01-01' } },
      '/reporting_period/end_date',
    ],
    [
      'a day that is not',
      { ...sample, reporting_period: { start_date: '2025-02-29', end_date: '2025-12-31' } },
      '/reporting_period/start_date',
    ],
    ['a country by name', { ...sample, country: 'France' }, '/country'],
    ['half a surrogate pair', { ...sample, company_id: 'a\ud800' }, '/company_id'],
    [
      'more flights than one request may hold',
      requestWith({ transportation_data: { flights: Array.from({ length: 2001 }, () => ({})) } }),
      '/transportation_data/flights',
    ],
  ])('%s is refused with the path to it', (_desc, document, path) => {
    expect(pathsOf(document)).toEqual([path])
  })

  test('takes null, an empty text and an absent field for one thing: not filled in', () => {
    const empty = electricity({ consumption_kwh: '', grid_mix: null })
    expect(readSeedRequest(empty).energy_data?.electricity).toEqual({ consumption_kwh: null, grid_mix: null })
    for (const section of [
      'energy_data',
      'transportation_data',
      'facility_data',
      'supply_chain_data',
      'production_data',
    ])
      expect(pathsOf(requestWith({ [section]: null }))).toEqual([])
  })

  test('keeps fields that it does not know', () => {
    const unknown = { ...sample, notes: { by: ['me'] }, energy_data: { ...sample.energy_data, steam_lbs: 4 } }
    expect(readSeedRequest(unknown)).toEqual(unknown)
  })

  test('reads any JSON value or refuses it with faults, and never breaks', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(...Object.keys(sample)), (value, field) => {
        for (const document of [value, { ...sample, [field]: value }]) {
          try {
            readSeedRequest(document)
          } catch (error) {
            expect((error as Problem).details.faults?.length).toBeGreaterThan(0)
          }
        }
      }),
    )
  })

  test('says its fields in the documentation, though any object reaches the reader', () => {
    const schema = calculateEmissions.body?.toJSONSchema({ io: 'input' }) as Record<string, unknown>
    expect(Object.keys(schema.properties as object)).toEqual(
      expect.arrayContaining([...Object.keys(sample), 'production_data', 'country']),
    )
    expect(schema.required).toEqual(['company_id', 'reporting_period', 'industry_type'])
  })

  test('has examples that do as they say', () => {
    for (const { body, status } of calculateEmissions.examples) expect(faultsOf(body).length > 0).toBe(status === 422)
  })
})
