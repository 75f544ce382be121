import { existsSync, readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { allowsAttribute, findActivity } from '../factors/activities.ts'
import { expandDataset } from '../factors/dataset.ts'
import { findUnit } from '../lib/units.ts'
import { calculate } from './calculate.ts'
import { steering } from './choose-factor.ts'
import { Inventory, type Airport } from './contract.ts'
import { evidenceGrades } from './evidence.ts'
import { libraryOf } from './library.ts'
import {
  findQuestion,
  questions,
  type ChoiceField,
  type Field,
  type NumberField,
  type Question,
  type Scalar,
} from './questionnaire.ts'
import {
  askedQuestions,
  faultsOf,
  gapsOf,
  isAsked,
  stateOf,
  type Answers,
  type AnswerValue,
  type Row,
} from './questionnaire-answers.ts'
import { inventoryOf, missingOf, questionnaireActivities } from './questionnaire-inventory.ts'

const company = { name: 'Atelier Marée', country: 'FR', year: 2024, employees: 40, premises: 'own', trade: 'goods' }

interface Place<F extends Field = Field> {
  question: string
  list: string | undefined
  field: F
}

/** Every scalar field with the path to it, list items included. */
const scalarFields = questions.flatMap((question): Place[] =>
  question.fields.flatMap((field): Place[] =>
    field.type === 'list'
      ? field.item.map((item) => ({ question: question.id, list: field.id, field: item }))
      : [{ question: question.id, list: undefined, field }],
  ),
)
const numbers = scalarFields.filter((each): each is Place<NumberField> => each.field.type === 'number')

function questionOf(id: string): Question {
  const question = findQuestion(id)
  if (!question) throw new Error(`There is no question ${id}.`)
  return question
}

/** One answer to everything, choosing the n-th option and the n-th unit everywhere, so that n = 0, 1, 2… walks every path. */
function everything(n: number, country = 'FR', year = 2024): Answers {
  const answers: Record<string, Record<string, AnswerValue>> = {}
  for (const question of questions) {
    const answer: Record<string, AnswerValue> = {}
    for (const field of question.fields) {
      if (field.type === 'list') {
        const row: Record<string, Scalar> = {}
        for (const item of field.item) fill(item, row)
        answer[field.id] = [row]
      } else fill(field, answer)
    }
    answers[question.id] = answer
  }
  return { ...answers, company: { ...answers.company, ...company, country, year } }

  function fill(field: Exclude<Field, { type: 'list' }>, into: Record<string, AnswerValue>): void {
    if (field.type === 'number') {
      into[field.id] = field.id === 'price_rate' ? 0.98 : 12
      const units = (field.units ?? []).filter((unit) => !unit.when || unit.when.is.includes(country))
      const unit = units[n % Math.max(1, units.length)]
      if (unit) into[`${field.id}_unit`] = unit.unit
    } else if (field.type === 'choice') into[field.id] = field.options[n % field.options.length]?.value ?? ''
    else if (field.type === 'choices') into[field.id] = field.options.map((option) => option.value)
    else if (field.type === 'yes_no') into[field.id] = true
    else if (field.type === 'airport') into[field.id] = field.id === 'from' ? 'CDG' : 'JFK'
    else into[field.id] = 'text'
  }
}

const paths = Array.from({ length: 15 }, (_, n) => n)

describe('the questionnaire', () => {
  test('has fifteen questions, each in both languages with a help that says where to look', () => {
    expect(questions).toHaveLength(15)
    for (const question of questions) {
      for (const words of [question.text, question.help]) {
        expect(words.en.length).toBeGreaterThan(10)
        expect(words.fr.length).toBeGreaterThan(10)
        expect(words.en).not.toBe(words.fr)
      }
    }
  })

  test('every condition points at a field and a value that exist', () => {
    const conditions = questions.flatMap((question) => [
      ...(question.unless ?? []),
      ...question.fields.flatMap((field) => (field.when ? [field.when] : [])),
    ])
    expect(conditions.length).toBeGreaterThan(10)
    for (const { at, is } of conditions) {
      const [id = '', field_id] = at.split('.')
      const field = findQuestion(id)?.fields.find((each) => each.id === field_id)
      expect(field, at).toBeDefined()
      if (field?.type === 'choice' || field?.type === 'choices') {
        const known = field.options.map((option) => option.value)
        for (const value of is) expect(known).toContain(value)
      }
    }
  })

  test('every unit offered is a unit of the closed table', () => {
    for (const { field } of numbers)
      for (const { unit } of field.units ?? []) expect(findUnit(unit), unit).toBeDefined()
  })
})

describe('no answer gives no line', () => {
  test('an empty questionnaire is an inventory without lines, country or name', () => {
    const inventory = inventoryOf({})
    expect(inventory.lines).toEqual([])
    expect(inventory.organisation).toEqual({ name: '', country: '' })
    expect(missingOf({})).toEqual(['name', 'country', 'year', 'lines'])
  })

  test('"I don’t know" gives no line, whatever was typed before, and is listed as a gap', () => {
    for (const n of paths) {
      const answers = everything(n)
      const unknown = Object.fromEntries(
        Object.entries(answers).map(([id, answer]) => [id, id === 'company' ? answer : { ...answer, unknown: true }]),
      )
      expect(inventoryOf(unknown).lines).toEqual([])
      expect(gapsOf(unknown)).toEqual(
        askedQuestions(unknown)
          .filter(({ id }) => id !== 'company')
          .map(({ id }) => ({ question: id, reason: 'unknown' })),
      )
    }
  })

  test.each(
    numbers.map((each) => [`${each.question}.${each.list ? `${each.list}.` : ''}${each.field.id}`, each] as const),
  )('%s: nothing typed is not a zero', (_, { question, list, field }) => {
    const full = everything(0)
    const answer = full[question] ?? {}
    const without = {
      ...full,
      [question]: list
        ? { ...answer, [list]: rows(answer[list]).map((row) => omit(row, field.id)) }
        : omit(answer, field.id),
    }
    const before = new Map(inventoryOf(full).lines.map((line) => [line.id, line]))
    for (const line of inventoryOf(without).lines) expect(line.quantity).toBe(before.get(line.id)?.quantity)
  })

  test('a unit that was not chosen among several gives no line', () => {
    const gas = { sources: ['natural_gas'], natural_gas: 80_000 }
    expect(inventoryOf({ company, heating: gas }).lines).toEqual([])
    expect(stateOf(questionOf('heating'), { company, heating: gas })).toBe('started')
    const chosen = inventoryOf({ company, heating: { ...gas, natural_gas_unit: 'kWh_net' } }).lines
    expect(chosen).toMatchObject([{ quantity: 80_000, unit: 'kWh_net', activity: 'natural_gas' }])
  })

  test('money of another year gives no line until somebody states what it is worth', () => {
    const spend = { currency: 'EUR', spend: [{ sector: 'insurance', thousands: 12 }] }
    expect(inventoryOf({ company, services: spend }).lines).toEqual([])
    const stated = inventoryOf({ company, services: { ...spend, price_rate: 0.98 } })
    expect(stated.lines).toMatchObject([{ quantity: 12, unit: 'kEUR-2024', attributes: { sector: 'insurance' } }])
    expect(stated.price_indices).toEqual([
      { from: 'EUR-2024', to: 'EUR-2023', rate: 0.98, source: 'Stated in the questionnaire' },
    ])
    const same_year = inventoryOf({ company: { ...company, year: 2023 }, services: spend })
    expect(same_year.lines).toMatchObject([{ unit: 'kEUR-2023' }])
    expect(same_year.price_indices).toEqual([])
  })
})

describe('bounds', () => {
  test.each(
    numbers.map((each) => [`${each.question}.${each.list ? `${each.list}.` : ''}${each.field.id}`, each] as const),
  )('%s is refused below its least, above its most, and when it is not a number', (_, { question, list, field }) => {
    for (const [bad, code] of [
      [field.min - 1, 'too-small'],
      [field.max * 2 + 1, 'too-large'],
      [Number.NaN, 'not-a-number'],
      [Number.POSITIVE_INFINITY, 'not-a-number'],
      ['12', 'not-a-number'],
      ...(field.whole ? ([[field.min + 0.5, 'not-whole']] as const) : []),
    ] as const) {
      const full = everything(0)
      const answer = full[question] ?? {}
      const with_bad = {
        ...full,
        [question]: list
          ? { ...answer, [list]: [{ ...rows(answer[list])[0], [field.id]: bad }] }
          : { ...answer, [field.id]: bad },
      }
      const faults = faultsOf(with_bad)
      expect(faults.map((fault) => fault.code)).toContain(code)
      expect(stateOf(questionOf(question), with_bad)).toBe('faulty')
      for (const line of inventoryOf(with_bad).lines) expect(line.quantity).not.toBe(bad)
    }
  })
})

describe('every path', () => {
  test.each(['FR', 'GB', 'US', 'DE'])(
    '%s: each option of each choice gives lines that the inventory’s form accepts',
    (country) => {
      for (const n of paths) {
        const answers = everything(n, country)
        expect(faultsOf(answers)).toEqual([])
        const inventory = inventoryOf(answers)
        const parsed = Inventory.safeParse(inventory)
        expect(parsed.error?.issues ?? []).toEqual([])
        for (const line of inventory.lines) {
          expect(questionnaireActivities).toContain(line.activity)
          const activity = findActivity(line.activity ?? '')
          expect(activity, line.activity).toBeDefined()
          for (const [name, value] of Object.entries(line.attributes ?? {})) {
            if (steering.some((each) => each === name)) continue
            expect(
              activity && allowsAttribute(activity, name, value),
              `${line.activity} ${name}=${String(value)}`,
            ).toBe(true)
          }
          expect(findUnit(line.unit), line.unit).toBeDefined()
        }
        expect(new Set(inventory.lines.map((line) => line.id)).size).toBe(inventory.lines.length)
      }
    },
  )

  const folder = new URL('../../../data/factors/', import.meta.url)
  const factors = readdirSync(folder)
    .map((name) => new URL(`${name}/factors.json`, folder))
    .filter((file) => existsSync(file))
    .flatMap((file) => expandDataset(JSON.parse(readFileSync(file, 'utf8'))))
  const airports: Airport[] = [
    { iata: 'CDG', name: 'Paris', country: 'FR', latitude_deg: 49.0032, longitude_deg: 2.567 },
    { iata: 'JFK', name: 'New York', country: 'US', latitude_deg: 40.6398, longitude_deg: -73.7789 },
  ]
  const library = libraryOf({ factors, airports })

  test.each(['FR', 'GB', 'US', 'DE', 'TN'])(
    '%s: the embedded factors serve every line that any path can give',
    (country) => {
      for (const n of paths) {
        for (const year of [2022, 2024]) {
          const inventory = inventoryOf(everything(n, country, year))
          const result = calculate(inventory, library)
          expect(result.lines).toHaveLength(inventory.lines.length)
          expect(result.lines.filter((line) => line.emissions_kg_co2e <= 0).map(({ id }) => id)).toEqual([])
        }
      }
    },
  )

  test('every activity that can be named is named by some path', () => {
    const named = new Set(
      ['FR', 'US'].flatMap((country) =>
        paths.flatMap((n) => inventoryOf(everything(n, country)).lines.map((line) => line.activity)),
      ),
    )
    expect([...questionnaireActivities].filter((activity) => !named.has(activity))).toEqual([])
  })

  test('who works without premises is not asked for what premises use', () => {
    const answers: Answers = { ...everything(0), company: { ...company, premises: 'none' } }
    expect(askedQuestions(answers).map(({ id }) => id)).not.toContain('heating')
    expect(inventoryOf(answers).lines.some((line) => line.id.startsWith('heating') || line.id === 'electricity')).toBe(
      false,
    )
    expect(gapsOf(answers).map(({ question }) => question)).not.toContain('electricity')
  })

  test('an unanswered condition hides no question', () => {
    for (const question of questions) expect(isAsked(question, {})).toBe(true)
  })

  test('"no company vehicles" is a complete answer without a line', () => {
    const answers: Answers = { company, vehicles: { has: false } }
    expect(stateOf(questionOf('vehicles'), answers)).toBe('complete')
    expect(inventoryOf(answers).lines).toEqual([])
    expect(gapsOf(answers).map(({ question }) => question)).not.toContain('vehicles')
  })

  test('"no" after rows were typed leaves the rows out', () => {
    const answers = everything(0)
    const none = { ...answers, flights: { ...answers.flights, has: false } }
    expect(inventoryOf(none).lines.some((line) => line.activity === 'flight')).toBe(false)
  })
})

describe('lines', () => {
  const lineOf = (answers: Answers, id: string) => inventoryOf(answers).lines.find((line) => line.id === id)

  test('each kind of evidence grades its lines, and silence grades nothing', () => {
    for (const kind of ['meter', 'invoice', 'estimate'] as const) {
      expect(lineOf({ company, electricity: { kwh: 1, evidence: kind } }, 'electricity')?.data_quality).toEqual(
        evidenceGrades[kind],
      )
    }
    expect(lineOf({ company, electricity: { kwh: 1 } }, 'electricity')).not.toHaveProperty('data_quality')
  })

  test('a zero that was typed is a line of zero', () => {
    expect(lineOf({ company, electricity: { kwh: 0 } }, 'electricity')?.quantity).toBe(0)
  })

  test('a green contract counts only with its share and its emissions', () => {
    const green = { kwh: 1000, green: true, share_percent: 60 }
    expect(lineOf({ company, electricity: green }, 'electricity')).not.toHaveProperty('contract')
    expect(
      lineOf({ company, electricity: { ...green, contract_g_per_kwh: 6 } }, 'electricity')?.contract,
    ).toMatchObject({ share: 0.6, kg_co2e_per_kwh: 0.006 })
  })

  test('commuting multiplies people, days and distance: 12 × 220 × 14 km', () => {
    const answers: Answers = { company, commuting: { groups: [{ mode: 'car', people: 12, days: 220, distance: 14 }] } }
    expect(lineOf(answers, 'commuting-1')).toMatchObject({
      quantity: 36_960,
      unit: 'vehicle.km',
      category: '3.7',
      ownership: 'third_party',
    })
  })

  test('freight multiplies weight and distance, in miles and short tons too', () => {
    const shipment = { mode: 'truck_freight', mass: 2, distance: 500, paid_by: 'customer' }
    expect(lineOf({ company, freight: { shipments: [shipment] } }, 'freight-1')).toMatchObject({
      quantity: 1000,
      unit: 'tonne.km',
      category: '3.9',
    })
    const american = { ...shipment, mass_unit: 'short_ton', distance_unit: 'mi', paid_by: 'us' }
    const line = lineOf({ company: { ...company, country: 'US' }, freight: { shipments: [american] } }, 'freight-1')
    expect(line?.quantity).toBeCloseTo(2 * 0.90718474 * 500 * 1.609344, 9)
  })

  test('a US company’s spend goes by NAICS code in dollars', () => {
    const answers: Answers = {
      company: { ...company, country: 'US', year: 2022 },
      services: { currency: 'USD', spend: [{ sector: 'insurance', thousands: 5 }] },
    }
    expect(lineOf(answers, 'services-1')).toMatchObject({ unit: 'kUSD-2022', attributes: { naics: '524126' } })
  })

  test('property: what cannot stand never reaches the inventory, whatever is typed', () => {
    const anything = fc.oneof(
      fc.string(),
      fc.double(),
      fc.boolean(),
      fc.constant(undefined),
      fc.array(fc.string(), { maxLength: 3 }),
      fc.array(fc.dictionary(fc.string(), fc.double()), { maxLength: 3 }),
    )
    const field_ids = [
      ...new Set(scalarFields.map((each) => each.field.id)),
      'spend',
      'routes',
      'leaks',
      'groups',
      'unknown',
    ]
    const answer = fc.dictionary(fc.constantFrom(...field_ids), anything)
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...questions.map(({ id }) => id)), answer), (typed) => {
        const answers = typed as Answers
        const inventory = inventoryOf({ ...answers, company })
        for (const line of inventory.lines) {
          expect(Number.isFinite(line.quantity)).toBe(true)
          expect(line.quantity).toBeGreaterThanOrEqual(0)
        }
        expect(inventoryOf({ ...answers, company })).toEqual(inventory)
      }),
      { numRuns: 300 },
    )
  })
})

function rows(value: AnswerValue | undefined): readonly Row[] {
  return Array.isArray(value) ? (value as readonly Row[]) : []
}

function omit<T extends object>(object: T, key: string): T {
  return Object.fromEntries(Object.entries(object).filter(([each]) => each !== key)) as T
}

const choices: readonly ChoiceField[] = scalarFields.flatMap(({ field }) =>
  field.type === 'choice' || field.type === 'choices' ? [field] : [],
)
test('every choice offers more than one option, all different', () => {
  for (const field of choices) {
    expect(field.options.length, field.id).toBeGreaterThan(1)
    expect(new Set(field.options.map((option) => option.value)).size).toBe(field.options.length)
  }
})
