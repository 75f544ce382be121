import { existsSync, readFileSync, readdirSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { activities, type Activity } from '../factors/activities.ts'
import { gwpSets, type Factor, type GwpSet } from '../factors/contract.ts'
import { expandDataset } from '../factors/dataset.ts'
import { invariant } from '../lib/invariant.ts'
import { Problem, type Fault } from '../lib/problem.ts'
import { unitsOf } from '../lib/quantity.ts'
import { calculate } from './calculate.ts'
import { Inventory, type Airport, type FootprintResult } from './contract.ts'
import { libraryOf } from './library.ts'

/** The embedded factors, as an accountant meets them: what is picked when a line names no factor. */
const folder = new URL('../../../data/factors/', import.meta.url)
const factors = readdirSync(folder)
  .map((name) => new URL(`${name}/factors.json`, folder))
  .filter((file) => existsSync(file))
  .flatMap((file) => expandDataset(JSON.parse(readFileSync(file, 'utf8'))))
const airports: Airport[] = [
  { iata: 'CDG', name: 'Paris Charles de Gaulle', country: 'FR', latitude_deg: 49.0097, longitude_deg: 2.5479 },
  { iata: 'NCE', name: 'Nice', country: 'FR', latitude_deg: 43.6584, longitude_deg: 7.2159 },
  { iata: 'LHR', name: 'London Heathrow', country: 'GB', latitude_deg: 51.4706, longitude_deg: -0.4619 },
  { iata: 'MAD', name: 'Madrid', country: 'ES', latitude_deg: 40.4936, longitude_deg: -3.5668 },
  { iata: 'JFK', name: 'New York JFK', country: 'US', latitude_deg: 40.6398, longitude_deg: -73.7789 },
  { iata: 'LAX', name: 'Los Angeles', country: 'US', latitude_deg: 33.9425, longitude_deg: -118.4081 },
]
const library = libraryOf({ factors, airports })
const countries = ['FR', 'GB', 'US'] as const

interface Asked {
  country: string
  year?: number
  gwp_set?: GwpSet
  radiative_forcing?: 'included' | 'excluded'
}
function inventoryOf(lines: object[], { country, year = 2024, gwp_set, ...rest }: Asked): Inventory {
  return Inventory.parse({
    organisation: { name: 'Someone', country },
    reporting_period: { start_date: `${year}-01-01`, end_date: `${year}-12-31` },
    gwp_set: gwp_set ?? (country === 'FR' ? 'AR5-fossil-ch4' : 'AR5'),
    ...rest,
    lines: lines.map((line, index) => ({ id: `line-${index}`, ...line })),
  })
}
function tryOne(line: object, asked: Asked): { result: FootprintResult } | { fault: Fault } {
  try {
    return { result: calculate(inventoryOf([line], asked), library) }
  } catch (error) {
    const fault = error instanceof Problem ? error.details.faults?.[0] : undefined
    if (!fault) throw error
    return { fault }
  }
}
const pickedBy = (result: FootprintResult) =>
  (result.lines[0]?.trace ?? []).flatMap((step) => (step.step === 'factor' ? [`${step.factor}@${step.edition}`] : []))

/** A unit that a person would use for the dimension. */
const usual = ['kWh', 'L', 'kg', 'kWh_gross', 'kWh_net', 'vehicle.km', 'tonne.km', 'passenger.km', 'item', 'hour']
const unitFor = (dimension: string, country: string): string =>
  dimension === 'money'
    ? country === 'US'
      ? 'USD-2022'
      : 'EUR-2023'
    : (unitsOf(dimension).find((unit) => usual.includes(unit)) ?? unitsOf(dimension)[0] ?? dimension)

/** What is wrong with an answer, or nothing. */
function complaint(answer: ReturnType<typeof tryOne>): string | undefined {
  if ('result' in answer) {
    const { emissions_kg_co2e, biogenic_kg_co2, outside_scopes } = answer.result
    const something = emissions_kg_co2e + biogenic_kg_co2 + outside_scopes.other_gases_kg_co2e
    if (!Number.isFinite(something) || emissions_kg_co2e < 0) return `comes to ${emissions_kg_co2e}`
    return something > 0 ? undefined : 'comes to nothing at all'
  }
  const { code, expected } = answer.fault
  if (code === 'no-factor-for-activity') return undefined
  const names = Array.isArray(expected) ? expected.length : Object.keys(expected ?? {}).length
  return ['attribute-needed', 'wrong-dimension', 'price-index-needed'].includes(code) && names > 0
    ? undefined
    : `refused as ${code}`
}

function rowOf(activity: Activity, country: string, unit: string, answer: ReturnType<typeof tryOne>): string {
  const says =
    'result' in answer
      ? `${answer.result.emissions_kg_co2e} kg by ${pickedBy(answer.result).join(' + ')}`
      : `${answer.fault.code}: ${answer.fault.message}`
  return [activity.key, country, unit, says].join(' | ')
}

describe('every activity with nothing but its unit', () => {
  it.each(countries)('%s: a positive amount, or a refusal that names what is missing', (country) => {
    const rows: string[] = []
    const bad: string[] = []
    for (const activity of activities) {
      for (const dimension of activity.dimensions) {
        const unit = unitFor(dimension, country)
        // A million, because a milligram is nothing and a passenger-kilometre of a metro is not much more.
        const answer = tryOne({ quantity: 1e6, unit, activity: activity.key }, { country })
        rows.push(rowOf(activity, country, unit, answer))
        const wrong = complaint(answer)
        if (wrong) bad.push(`${activity.key} in ${unit} ${wrong}`)
      }
    }
    expect(bad, rows.join('\n')).toEqual([])
  })
  it.each(countries)('%s: so does every value of every attribute', (country) => {
    const bad: string[] = []
    for (const activity of activities) {
      const unit = unitFor(activity.dimensions[0] ?? '', country)
      for (const [name, { values }] of Object.entries(activity.attributes)) {
        for (const value of values ?? ['541511']) {
          const answer = tryOne(
            { quantity: 1e6, unit, activity: activity.key, attributes: { [name]: value } },
            { country },
          )
          const wrong = complaint(answer)
          if (wrong) bad.push(`${activity.key} in ${unit} with ${name} ${value} ${wrong}`)
        }
      }
    }
    expect(bad).toEqual([])
  })
  it.each(gwpSets)('every gas and blend can leak under %s', (gwp_set) => {
    const gases = activities.find(({ key }) => key === 'refrigerant_leak')?.attributes.gas?.values ?? []
    const bad = gases.flatMap((gas) => {
      const line = { quantity: 1000, unit: 'kg', activity: 'refrigerant_leak', attributes: { gas } }
      const answer = tryOne(line, { country: 'FR', gwp_set })
      return 'fault' in answer && answer.fault.code !== 'no-factor-for-activity'
        ? [`${gas}: ${answer.fault.message}`]
        : []
    })
    expect(gases.length).toBeGreaterThan(50)
    expect(bad).toEqual([])
  })
})

describe('what an accountant would pick', () => {
  it.each<[string, object, Asked, string[], number?]>([
    [
      'a UK gas bill of 2024: gross, with its well-to-tank',
      { quantity: 1, unit: 'kWh_gross', activity: 'natural_gas' },
      { country: 'GB' },
      ['desnz:1_100_1004_6@2025', 'desnz:11_100_1004_6@2025'],
      0.18296 + 0.03021,
    ],
    [
      'a French gas bill of 2024: the mix of 2022, gross',
      { quantity: 1, unit: 'kWh_gross', activity: 'natural_gas' },
      { country: 'FR' },
      ['base-carbone:37133@V23.6'],
    ],
    [
      'French electricity of 2022: the mix of 2022',
      { quantity: 1, unit: 'kWh', activity: 'electricity' },
      { country: 'FR', year: 2022 },
      ['base-carbone:42513@V23.6'],
    ],
    [
      'French electricity of 2019: the mix of 2019',
      { quantity: 1, unit: 'kWh', activity: 'electricity' },
      { country: 'FR', year: 2019 },
      ['base-carbone:28332@V23.6'],
    ],
    [
      'French electricity of 2026: the newest mix there is',
      { quantity: 1, unit: 'kWh', activity: 'electricity' },
      { country: 'FR', year: 2026 },
      ['base-carbone:43642@V23.6'],
    ],
    [
      'UK electricity: generation, its well-to-tank, the losses and theirs',
      { quantity: 1, unit: 'kWh', activity: 'electricity' },
      { country: 'GB', year: 2025 },
      ['desnz:7_400_4000_5@2025', 'desnz:15_917_4000_5@2025', 'desnz:13_402_4000_5@2025', 'desnz:15_918_4000_5@2025'],
      0.177 + 0.0459 + 0.01853 + 0.00397,
    ],
    [
      'US electricity of 2023: the average of eGRID2023',
      { quantity: 1, unit: 'kWh', activity: 'electricity' },
      { country: 'US', year: 2023 },
      ['epa-hub:6.us-average@2025'],
    ],
    [
      'US electricity of 2022: the average of eGRID2022, in the edition of 2024',
      { quantity: 1, unit: 'kWh', activity: 'electricity' },
      { country: 'US', year: 2022 },
      ['epa-hub:6.us-average@2024'],
    ],
    [
      'Californian electricity: its eGRID subregion',
      { quantity: 1, unit: 'kWh', activity: 'electricity', attributes: { region: 'US-CAMX' } },
      { country: 'US', year: 2023 },
      ['epa-hub:6.camx@2025'],
    ],
    [
      'German electricity: the German grid, said to be life cycle',
      { quantity: 1, unit: 'kWh', activity: 'electricity' },
      { country: 'DE', year: 2023 },
      ['owid-grid:DEU@2023'],
    ],
    [
      'a French flight with its contrails',
      { quantity: 1, unit: 'passenger', activity: 'flight', attributes: { from: 'CDG', to: 'JFK' } },
      { country: 'FR' },
      ['base-carbone:43773@V23.6'],
    ],
    [
      'the same flight without them',
      { quantity: 1, unit: 'passenger', activity: 'flight', attributes: { from: 'CDG', to: 'JFK' } },
      { country: 'FR', radiative_forcing: 'excluded' },
      ['base-carbone:43774@V23.6'],
    ],
    [
      'a French flight in business class, which only DESNZ tells apart: between other countries than the UK',
      { quantity: 1, unit: 'passenger', activity: 'flight', attributes: { from: 'CDG', to: 'JFK', class: 'business' } },
      { country: 'FR' },
      ['desnz:21_316_3184_11@2025', 'desnz:22_912_3184_11@2025'],
    ],
    [
      'a British company flies within America: no flight "to or from the UK"',
      { quantity: 1, unit: 'passenger', activity: 'flight', attributes: { from: 'JFK', to: 'LAX' } },
      { country: 'GB' },
      ['desnz:21_316_3178_11@2025', 'desnz:22_912_3178_11@2025'],
    ],
    [
      'diesel at a French pump',
      { quantity: 1, unit: 'L', activity: 'diesel' },
      { country: 'FR' },
      ['base-carbone:25775@V23.6'],
    ],
    [
      'diesel at a US pump, in gallons: 10.21 kg and what the engine adds',
      { quantity: 1, unit: 'gal_us', activity: 'diesel' },
      { country: 'US' },
      ['epa-hub:2.diesel-fuel.gallon@2025'],
    ],
    [
      'a printer bought in the UK is a printer, though the only copier speaks for the world',
      { quantity: 1, unit: 'item', activity: 'printer' },
      { country: 'GB' },
      ['base-carbone:27027@V23.6'],
    ],
    [
      'an electric car in France, of medium size when nothing is said',
      { quantity: 1, unit: 'vehicle.km', activity: 'car', attributes: { fuel: 'electric' } },
      { country: 'FR' },
      ['base-carbone:28007@V23.6'],
    ],
  ])('%s', (_what, line, asked, expected, kg) => {
    const answer = tryOne({ ...line, quantity: 1e6 }, asked)
    expect('result' in answer ? pickedBy(answer.result) : answer.fault).toEqual(expected)
    if (kg !== undefined) expect('result' in answer && answer.result.emissions_kg_co2e).toBeCloseTo(kg * 1e6, 3)
  })
  it('what was assumed is a warning', () => {
    const answer = tryOne({ quantity: 1, unit: 'vehicle.km', activity: 'motorbike' }, { country: 'FR' })
    const warnings = 'result' in answer ? answer.result.warnings : []
    expect(warnings.find(({ code }) => code === 'attribute-assumed')?.message).toContain('size small')
  })
  it('two kinds that are equally near are not a matter of chance', () => {
    const printer = factors.find(({ activity }) => activity === 'printer')
    invariant(printer, 'a printer is among the embedded factors')
    const kinds = ['laser', 'inkjet'].map((type): Factor => ({
      ...printer,
      id: `test:${type}`,
      attributes: { type },
      geography: 'FR',
    }))
    const line = { id: 'a', quantity: 1, unit: 'item', activity: 'printer' }
    const ask = () => calculate(inventoryOf([line], { country: 'FR' }), libraryOf({ factors: kinds }))
    expect(ask).toThrow(/we need: type/)
  })
})

const usualAsks = [
  'car',
  'train',
  'diesel',
  'petrol',
  'natural_gas',
  'electricity',
  'water_supply',
  'laptop',
  'meal',
  'taxi',
]
const arbitraryLine = fc.oneof(
  fc
    .record({ key: fc.constantFrom(...usualAsks), dimension: fc.nat(9), quantity: fc.integer({ min: 1, max: 9999 }) })
    .map(({ key, dimension, quantity }) => {
      const dimensions = activities.find((activity) => activity.key === key)?.dimensions ?? []
      return { quantity, unit: unitFor(dimensions[dimension % dimensions.length] ?? '', 'FR'), activity: key }
    }),
  fc
    .record({ from: fc.constantFrom('CDG', 'NCE', 'LHR'), to: fc.constantFrom('MAD', 'JFK', 'LAX') })
    .map((attributes) => ({ quantity: 1, unit: 'passenger', activity: 'flight', attributes })),
  fc.constantFrom('2024', '2025').map((edition) => ({
    quantity: 5,
    unit: 'kWh',
    factor: { id: 'epa-hub:6.us-average', edition },
    category: '2.1',
  })),
)

describe('replaying', () => {
  it('the factors that were used are enough: the choice comes out the same without all the others', () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryLine, { minLength: 1, maxLength: 12 }),
        fc.constantFrom('FR', 'GB', 'US', 'DE'),
        fc.integer({ min: 2018, max: 2026 }),
        (lines, country, year) => {
          const inventory = inventoryOf(lines, { country, year })
          const whole = calculate(inventory, library)
          const used = whole.factors_used.flatMap(({ id, edition }) => library.factor(id, edition) ?? [])
          expect(calculate(inventory, libraryOf({ factors: used, airports })).result_digest).toBe(whole.result_digest)
        },
      ),
      { numRuns: 150 },
    )
  })
})
