import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Factor } from '../factors/contract.ts'
import { Problem, type Fault } from '../lib/problem.ts'
import { calculate } from './calculate.ts'
import { checkLines, faultsOfWhole, readInventory, refuseTooManyLines } from './check.ts'
import { Inventory, LINES_MAX, type FootprintResult, type Warning } from './contract.ts'
import { libraryOf } from './library.ts'

const source = { title: 'Test table', url: 'https://example.org', licence: 'none' }
const base = { dataset: 'test', publisher: 'Test', edition: '1', row: '1', status: 'valid', source } as const
const electricity: Factor = {
  ...base,
  id: 'test:electricity',
  name: { en: 'Electricity', fr: 'Électricité' },
  activity: 'electricity',
  unit: 'kWh',
  total_kg_co2e: 0.05,
  stages: [{ stage: 'generation', total_kg_co2e: 0.05 }],
  boundary: 'direct',
  gwp_set: 'AR5',
  geography: 'FR',
  category: '2.1',
}
const library = libraryOf({
  factors: [
    electricity,
    { ...electricity, id: 'test:expired', valid_to: '2015-12-31' },
    { ...electricity, id: 'test:archived', status: 'archived' },
    { ...electricity, id: 'test:unit', unit: 'constructor' },
    { ...electricity, id: 'test:flight', activity: 'flight', unit: 'passenger.km', category: '3.6' },
    { ...electricity, id: 'test:spend', activity: 'purchase_services', unit: 'kEUR-2023', category: '3.1' },
  ],
  airports: [
    { iata: 'CDG', name: 'Paris', country: 'FR', latitude_deg: 49.0097, longitude_deg: 2.5479 },
    { iata: 'JFK', name: 'New York', country: 'US', latitude_deg: 40.6398, longitude_deg: -73.7789 },
  ],
})

const line = { id: 'a', quantity: 100, unit: 'kWh', factor: { id: 'test:electricity' }, category: '2.1' }
const flight = { id: 'a', quantity: 2, unit: 'passenger', activity: 'flight', attributes: { from: 'CDG', to: 'JFK' } }
const valid = {
  organisation: { name: 'Atelier', country: 'FR', employees: 12 },
  reporting_period: { start_date: '2024-01-01', end_date: '2024-12-31' },
  gwp_set: 'AR5',
  residual_mix: [{ country: 'FR', kg_co2e_per_kwh: 0.1, source: 'AIB' }],
  price_indices: [{ from: 'EUR-2024', to: 'EUR-2023', rate: 0.98, source: 'INSEE' }],
  lines: [
    {
      ...line,
      contract: { type: 'ppa', kg_co2e_per_kwh: 0, share: 0.5, source: 's' },
      data_quality: { reliability: 4 },
    },
    { ...flight, id: 'b' },
    { id: 'c', quantity: 5, unit: 'kg', factor: { value: 2, unit: 'kgCO2e/kg', source: 's' }, category: '3.1' },
    { id: 'd', quantity: 5, unit: 'kWh', activity: 'electricity', attributes: { origin: 'grid', country: 'FR' } },
    { id: 'e', quantity: 5, unit: 'EUR-2024', activity: 'purchase_services', ownership: 'operated' },
  ],
}

interface Answer {
  faults: Fault[]
  warnings: Warning[]
  result?: FootprintResult
}
/** What a service does with a document: read it, check it, calculate it. Anything but a fault is an exception here too. */
function answerTo(document: unknown): Answer {
  const reading = readInventory(document)
  const { faults, warnings } = checkLines(reading, library)
  const all = [...reading.faults, ...faults]
  if (all.length > 0 || !reading.inventory) return { faults: all, warnings }
  return { faults: [], warnings, result: calculate(reading.inventory, library) }
}
const withLine = (change: object) => ({ ...valid, lines: [{ ...line, ...change }] })
const codesOf = ({ faults }: Answer) => faults.map(({ path, code }) => `${path} ${code}`)

describe('one thing wrong is one fault, with its place', () => {
  const long = 'x'.repeat(100_000)
  it.each<[string, unknown, string[]]>([
    ['nothing', undefined, [' wrong-type']],
    ['null', null, [' wrong-type']],
    ['a list', [], [' wrong-type']],
    ['a text', 'inventory', [' wrong-type']],
    ['an empty object', {}, ['/organisation missing-field', '/reporting_period missing-field', '/lines missing-field']],
    ['no lines', { ...valid, lines: [] }, ['/lines wrong-type']],
    ['lines that are an object', { ...valid, lines: { 0: line } }, ['/lines wrong-type']],
    ['a line that is null', { ...valid, lines: [null] }, ['/lines/0 wrong-type']],
    ['a line that is a list', { ...valid, lines: [[line]] }, ['/lines/0 wrong-type']],
    ['a quantity that is absent', withLine({ quantity: undefined }), ['/lines/0/quantity missing-field']],
    ['a quantity that is null', withLine({ quantity: null }), ['/lines/0/quantity wrong-type']],
    ['a quantity that is NaN', withLine({ quantity: Number.NaN }), ['/lines/0/quantity wrong-type']],
    ['a quantity that is infinite', withLine({ quantity: Infinity }), ['/lines/0/quantity wrong-type']],
    ['a quantity of 1e308', withLine({ quantity: 1e308 }), ['/lines/0/quantity too-big']],
    ['a quantity in words', withLine({ quantity: '100' }), ['/lines/0/quantity wrong-type']],
    ['a negative quantity', withLine({ quantity: -1 }), ['/lines/0/quantity too-small']],
    ['a quantity of many gigatonnes', withLine({ quantity: 1e15 }), ['/lines/0/quantity implausible-amount']],
    ['an unknown unit', withLine({ unit: 'ton' }), ['/lines/0/unit unknown-unit']],
    ['a unit that is empty', withLine({ unit: '' }), ['/lines/0/unit too-small']],
    ['kilograms of electricity', withLine({ unit: 'kg' }), ['/lines/0/unit wrong-dimension']],
    ['gross kWh of electricity', withLine({ unit: 'kWh_gross' }), ['/lines/0/unit wrong-dimension']],
    ['a factor that is not there', withLine({ factor: { id: 'test:none' } }), ['/lines/0/factor/id unknown-factor']],
    ['an empty list of factors', withLine({ factor: [] }), ['/lines/0/factor too-small']],
    ['a factor in a unit that is none', withLine({ factor: { id: 'test:unit' } }), ['/lines/0/factor unknown-unit']],
    [
      'a factor of 1e308',
      withLine({ factor: { value: 1e308, unit: 'kgCO2e/kWh', source: 's' } }),
      ['/lines/0/factor/value too-big'],
    ],
    [
      'a factor without a source',
      withLine({ factor: { value: 1, unit: 'kgCO2e/kWh' } }),
      ['/lines/0/factor/source missing-field'],
    ],
    [
      'a factor per nothing',
      withLine({ factor: { value: 1, unit: 'kgCO2e/', source: 's' } }),
      ['/lines/0/factor/unit unknown-unit'],
    ],
    [
      'a misspelt grade',
      withLine({ data_quality: { reliabilty: 5 } }),
      ['/lines/0/data_quality/reliabilty unknown-field'],
    ],
    [
      'a grade of zero',
      withLine({ data_quality: { reliability: 0 } }),
      ['/lines/0/data_quality/reliability too-small'],
    ],
    ['a field that is not one', withLine({ quantety: 5 }), ['/lines/0/quantety unknown-field']],
    ['a scope for a category', withLine({ category: '4.1' }), ['/lines/0/category unknown-value']],
    ['an id of 100,000 letters', withLine({ id: long }), ['/lines/0/id too-big']],
    ['a unit of 100,000 letters', withLine({ unit: long }), ['/lines/0/unit too-big']],
    ['a label of 100,000 letters', withLine({ label: long }), ['/lines/0/label too-big']],
    ['an activity of 100,000 letters', withLine({ activity: long }), ['/lines/0/activity too-big']],
    [
      'an attribute of 100,000 letters',
      withLine({ attributes: { origin: long } }),
      ['/lines/0/attributes/origin too-big'],
    ],
    ['half of an emoji', withLine({ label: '\ud83d' }), ['/lines/0/label wrong-value']],
    ['a zero byte', withLine({ label: 'a\u0000b' }), ['/lines/0/label wrong-value']],
    [
      'a name on two lines',
      { ...valid, organisation: { name: 'a\nb', country: 'FR' } },
      ['/organisation/name wrong-value'],
    ],
    [
      'a period that ends before it starts',
      { ...valid, reporting_period: { start_date: '2024-12-31', end_date: '2024-01-01' } },
      ['/reporting_period/end_date period-without-days'],
    ],
    [
      'the 30th of February',
      { ...valid, reporting_period: { start_date: '2024-02-30', end_date: '2024-12-31' } },
      ['/reporting_period/start_date wrong-format'],
    ],
    ['an id twice', { ...valid, lines: [line, { ...line, quantity: 5 }] }, ['/lines/1/id repeated-id']],
    [
      'an unknown airport',
      { ...valid, lines: [{ ...flight, attributes: { from: 'CDG', to: 'ZZZ' } }] },
      ['/lines/0/attributes/to unknown-airport'],
    ],
    [
      'an airport that is a number',
      { ...valid, lines: [{ ...flight, attributes: { from: 7, to: 'JFK' } }] },
      ['/lines/0/attributes/from unknown-airport'],
    ],
    [
      'two indices for one pair of years',
      { ...valid, price_indices: [...valid.price_indices, ...valid.price_indices] },
      ['/price_indices/1 repeated-rate'],
    ],
    [
      'an index between kinds of energy',
      { ...valid, price_indices: [{ from: 'kWh', to: 'kWh_gross', rate: 1, source: 's' }] },
      ['/price_indices/0/from unknown-unit', '/price_indices/0/to unknown-unit', '/lines/4/unit price-index-needed'],
    ],
    [
      'two residual mixes for one country',
      { ...valid, residual_mix: [...valid.residual_mix, ...valid.residual_mix] },
      ['/residual_mix/1 repeated-rate'],
    ],
  ])('%s', (_what, document, expected) => {
    const answer = answerTo(document)
    expect(codesOf(answer)).toEqual(expected)
    for (const { message } of answer.faults) {
      expect(message.length).toBeGreaterThan(15)
      expect(message.length).toBeLessThan(700)
    }
    // What was sent comes back shortened, so that a hundred megabytes do not come back at all.
    expect(JSON.stringify(answer.faults).length).toBeLessThan(2000)
  })
  it('several things wrong are several faults', () => {
    const lines = [
      { ...line, unit: 'ton' },
      { ...line, id: 'b', quantity: -1 },
      line,
      { ...line, id: 'c', factor: undefined },
    ]
    expect(codesOf(answerTo({ ...valid, lines }))).toEqual([
      '/lines/1/quantity too-small',
      '/lines/2/id repeated-id',
      '/lines/0/unit unknown-unit',
      '/lines/3/factor factor-needed',
    ])
  })
  it('a line with two hundred thousand strange fields has as many faults, and no stack overflows', () => {
    const strange = Object.fromEntries(Array.from({ length: 200_000 }, (_, index) => [`k${index}`, 1]))
    expect(answerTo(withLine(strange)).faults).toHaveLength(200_000)
  })
})

describe('names that every object has', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__', 'prototype']
  it.each(names)('%s is no unit, activity, attribute, factor, airport, country, gas or field', (name) => {
    const own = (value: unknown) => JSON.parse(`{${JSON.stringify(name)}:${JSON.stringify(value)}}`) as object
    const documents = [
      withLine({ unit: name }),
      withLine({ activity: name, factor: undefined }),
      withLine({ factor: { id: name } }),
      withLine({ factor: { value: 1, unit: `kgCO2e/${name}`, source: 's' } }),
      withLine({ factor: { value: 1, unit: name, source: 's' } }),
      withLine({ category: name }),
      withLine({ ownership: name }),
      withLine(own(1)),
      withLine({ factor: undefined, activity: 'electricity', attributes: own('grid') }),
      withLine({ factor: undefined, activity: 'electricity', attributes: { origin: name } }),
      withLine({ factor: undefined, activity: 'electricity', attributes: { country: name } }),
      withLine({ factor: undefined, activity: 'electricity', attributes: { region: name } }),
      withLine({ factor: undefined, activity: 'refrigerant_leak', unit: 'kg', attributes: { gas: name } }),
      { ...valid, lines: [{ ...flight, attributes: { from: name, to: 'JFK' } }] },
      { ...valid, ...own(1) },
      { ...valid, organisation: { name: 'a', country: name } },
      { ...valid, gwp_set: name },
      { ...valid, price_indices: [{ from: name, to: name, rate: 1, source: 's' }] },
    ]
    for (const document of documents) {
      // As JSON brings it, with __proto__ as a key of its own.
      const { faults } = answerTo(JSON.parse(JSON.stringify(document)))
      expect(faults.length, JSON.stringify(document)).toBeGreaterThan(0)
    }
  })
  it.each(names)('%s is a fine id, label, site and organisation', (name) => {
    const { result, faults } = answerTo({
      ...valid,
      organisation: { id: name, name, country: 'FR', sector: name },
      lines: [{ ...line, id: name, label: name, site: name, comment: name }],
    })
    expect(faults).toEqual([])
    expect(result?.lines[0]).toMatchObject({ id: name, emissions_kg_co2e: 5 })
  })
})

describe('what is odd but possible is calculated and said', () => {
  it.each<[string, object, string]>([
    [
      'a period of one day',
      { ...valid, reporting_period: { start_date: '2024-01-01', end_date: '2024-01-01' } },
      'period-one-day',
    ],
    [
      'a period of two years',
      { ...valid, reporting_period: { start_date: '2024-01-01', end_date: '2025-12-31' } },
      'period-over-a-year',
    ],
    ['an expired factor', withLine({ factor: { id: 'test:expired' } }), 'factor-expired'],
    ['a withdrawn factor', withLine({ factor: { id: 'test:archived' } }), 'factor-archived'],
    ['a line entered twice', { ...valid, lines: [line, { ...line, id: 'again' }] }, 'line-repeated'],
    ['a line without grades', withLine({}), 'quality-not-graded'],
    ['attributes beside a factor', withLine({ attributes: { colour: 'green' } }), 'attributes-without-effect'],
  ])('%s', (_what, document, code) => {
    const { warnings, result, faults } = answerTo(document)
    expect(faults).toEqual([])
    expect(warnings.map((warning) => warning.code)).toContain(code)
    expect(result?.emissions_kg_co2e).toBeGreaterThan(0)
  })
  it('a quantity of zero is zero, and so is a negative zero', () => {
    expect(answerTo(withLine({ quantity: 0 })).result?.emissions_kg_co2e).toBe(0)
    const negative = answerTo(withLine({ quantity: -0 })).result
    expect(Object.is(negative?.emissions_kg_co2e, 0)).toBe(true)
    expect(negative?.result_digest).toBe(answerTo(withLine({ quantity: 0 })).result?.result_digest)
  })
  it('the smallest number there is comes to nothing, not to less', () => {
    const { result } = answerTo(withLine({ quantity: Number.MIN_VALUE }))
    expect(result?.lines[0]?.emissions_kg_co2e).toBe(0)
    expect(result?.interval_95).toEqual({ low: 0, high: 0 })
  })
})

describe('size', () => {
  it('20,001 lines are refused by name before anything else is done, and 20,000 are not', () => {
    expect(() => refuseTooManyLines(LINES_MAX + 1)).toThrow(
      expect.objectContaining({
        type: 'footprint/too-many-lines',
        details: expect.objectContaining({ lines_max: 20_000 }),
      }),
    )
    expect(() => refuseTooManyLines(LINES_MAX)).not.toThrow()
  })
  it('the engine itself has no such bound: 20,001 lines add up', () => {
    const lines = Array.from({ length: LINES_MAX + 1 }, (_, index) => ({
      ...line,
      id: `line-${index}`,
      quantity: index,
    }))
    const result = calculate(Inventory.parse({ ...valid, lines }), library)
    expect(result.emissions_kg_co2e).toBe((0.05 * (LINES_MAX * (LINES_MAX + 1))) / 2)
  })
  it('a hundred thousand levels of nesting are a field that is not one', () => {
    const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`
    const document: unknown = JSON.parse(JSON.stringify(withLine({ deep: 0 })).replace('"deep":0', `"deep":${deep}`))
    expect(codesOf(answerTo(document))).toEqual(['/lines/0/deep unknown-field'])
  })
})

/** Anything that JSON can hold, and what it cannot. */
const anything = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(undefined, null, Number.NaN, Infinity, -Infinity, 1e308, -1e308, 5e-324, -0, -1, 0, 2 ** 53),
  fc.constantFrom(
    '',
    ' ',
    '0',
    'ton',
    '__proto__',
    'constructor',
    '\ud800',
    '\u0000',
    'x'.repeat(100_000),
    '2024-02-29',
  ),
  fc.constantFrom(
    'FR',
    'CDG',
    'electricity',
    'flight',
    'passenger',
    'test:electricity',
    '2.1',
    'EUR-2024',
    'kEUR-2023',
  ),
  fc.constantFrom<unknown>('kgCO2e/constructor', true, false, [], {}),
)

function pathsOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([key, member]) => pathsOf(member, [...path, key]))]
}
const places = pathsOf(valid).filter((path) => path.length > 0)

type Change = { path: string[]; to: unknown; how: 'put' | 'remove' | 'add' }
const arbitraryChange: fc.Arbitrary<Change> = fc.record({
  path: fc.constantFrom(...places),
  to: anything,
  how: fc.constantFrom('put', 'put', 'put', 'remove', 'add'),
})
function apply(document: object, { path, to, how }: Change): void {
  let holder: unknown = document
  for (const key of path.slice(0, -1)) holder = Reflect.get(Object(holder), key)
  if (typeof holder !== 'object' || holder === null) return
  const last = path.at(-1) ?? ''
  if (how === 'remove') Reflect.deleteProperty(holder, last)
  else Reflect.set(holder, how === 'add' && typeof to === 'string' ? to.slice(0, 200) : last, to)
}

describe('whatever is sent', () => {
  it('an inventory with anything in any place gives faults or a result, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(arbitraryChange, { minLength: 1, maxLength: 4 }), (changes) => {
        const document = structuredClone(valid)
        for (const change of changes) apply(document, change)
        const { faults, result } = answerTo(document)
        for (const { path, code, message } of faults) {
          expect(path === '' || path.startsWith('/')).toBe(true)
          expect(code).toMatch(/^[a-z-]+$/)
          expect(message.length).toBeGreaterThan(10)
        }
        if (result) {
          expect(Number.isFinite(result.emissions_kg_co2e) && result.emissions_kg_co2e >= 0).toBe(true)
          expect(result.result_digest).toMatch(/^sha256:[0-9a-f]{64}$/)
        } else expect(faults.length).toBeGreaterThan(0)
      }),
      { numRuns: 1500 },
    )
  })
  it('any JSON at all', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (document) => {
        expect(answerTo(document).faults.length).toBeGreaterThan(0)
      }),
    )
  })
  it('an inventory that the schema lets through raises nothing but faults', () => {
    fc.assert(
      fc.property(fc.array(arbitraryChange, { minLength: 1, maxLength: 6 }), (changes) => {
        const document = structuredClone(valid)
        for (const change of changes) apply(document, change)
        const parsed = Inventory.safeParse(document)
        if (!parsed.success) return
        faultsOfWhole(parsed.data)
        try {
          calculate(parsed.data, library)
        } catch (error) {
          expect(error).toBeInstanceOf(Problem)
        }
      }),
      { numRuns: 1000 },
    )
  })
})
