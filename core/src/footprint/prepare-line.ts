import { findActivity } from '../factors/activities.ts'
import type { Factor, Stage } from '../factors/contract.ts'
import { unknownUnitSentence, wrongDimensionSentence, unitsOf } from '../lib/quantity.ts'
import { findUnit, suggestUnits, type Unit } from '../lib/units.ts'
import { categories, type Category } from '../lib/categories.ts'
import { baseMoney, chooseCompanions, chooseFactor, readWanted, type Choice } from './choose-factor.ts'
import type { InlineFactor, Inventory, InventoryLine, Ownership, TraceStep } from './contract.ts'
import type { z } from 'zod'
import { greatCircleKm } from './great-circle.ts'
import type { Library } from './library.ts'
import { LineFault } from './line-fault.ts'
import { checkMeasuredLine, saysMeasured } from './measure-line.ts'
import { plain } from './plain.ts'
import { ownershipCategory } from './route-stage.ts'

/** A factor with the quantity that it multiplies, in the factor's own unit. */
export interface Application {
  factor: Factor
  quantity: number
  steps: TraceStep[]
}

/** A line with everything found and derived, ready to multiply. */
export interface PreparedLine {
  line: InventoryLine
  category: Category
  ownership: Ownership
  applications: Application[]
  /** What happened to the quantity before any factor. */
  steps: TraceStep[]
  warnings: { code: string; message: string }[]
}

/** Finds factors, derives distances and converts units. @throws LineFault for the first thing wrong with the line. */
export function prepareLine(line: InventoryLine, inventory: Inventory, library: Library): PreparedLine {
  if (!Number.isFinite(line.quantity) || line.quantity < 0) {
    throw new LineFault(
      'quantity',
      'bad-quantity',
      'A quantity is a finite number, zero or more. Removals and avoided emissions are reported apart, not as negative activity.',
      line.quantity,
    )
  }
  getLineUnit(line.unit)
  const prepared: PreparedLine = {
    line,
    category: '3.1',
    ownership: line.ownership ?? 'operated',
    applications: [],
    steps: [
      {
        step: 'quantity',
        value: line.quantity,
        unit: line.unit,
        says: saysOfQuantity(line, inventory),
      },
    ],
    warnings: [],
  }
  if (line.measured_by !== undefined && line.measured_by.estimated_quantity > 0) {
    prepared.warnings.push({
      code: 'measured-in-part',
      message: 'Meters do not cover the whole period. For the rest of the time the estimate is kept, pro rata.',
    })
  }
  const travelled = deriveDistance(line, library)
  const counted = travelled ?? { value: line.quantity, unit: line.unit }
  if (travelled) prepared.steps.push(travelled.step)
  const chosen = findFactors(line, inventory, library, travelled)
  if (chosen.length > 1) refuseOverlap(chosen.map((each) => each.factor))
  for (const { factor, reason } of chosen) prepared.applications.push(apply(factor, reason, counted, inventory))
  const assumed = chosen[0]?.assumed
  if (assumed !== undefined) {
    prepared.warnings.push({
      code: 'attribute-assumed',
      message: `The line does not say otherwise and no nearer factor for ${line.activity} is of the usual kind: ${assumed} was taken.`,
    })
  }
  prepared.category = findCategory(line, chosen[0]?.factor)
  checkOwnership(prepared)
  checkFactors(prepared, inventory)
  return prepared
}

function saysOfQuantity(line: InventoryLine, inventory: Inventory): string {
  const { measured_by } = line
  if (measured_by === undefined) return `${plain(line.quantity)} ${line.unit} as stated.`
  checkMeasuredLine(line, measured_by, inventory.simulated === true)
  return saysMeasured({ ...line, measured_by })
}

function getLineUnit(id: string): Unit {
  const unit = findUnit(id)
  if (!unit) throw new LineFault('unit', 'unknown-unit', unknownUnitSentence(id), id, suggestUnits(id))
  return unit
}

interface Travelled {
  value: number
  unit: string
  /** What the distance says of the factor to take, best first. */
  derived: { haul: readonly string[]; band: readonly string[] }
  /** The countries where the flight begins and ends. */
  countries: readonly string[]
  step: TraceStep
}

/** A flight between two airports becomes passenger-kilometres along the great circle. */
function deriveDistance(line: InventoryLine, library: Library): Travelled | undefined {
  const attributes = line.attributes
  if (attributes === undefined && line.unit !== 'passenger') return undefined
  const { from, to, round_trip } = attributes ?? {}
  if (from === undefined && to === undefined) {
    if (round_trip !== undefined) {
      throw new LineFault(
        'attributes/round_trip',
        'unknown-attribute',
        'A round trip doubles the distance between two airports. Without attributes.from and attributes.to, state the whole distance.',
        round_trip,
      )
    }
    if (line.unit === 'passenger') {
      throw new LineFault(
        'attributes',
        'airports-needed',
        'A number of passengers becomes a distance only with two airports: attributes.from and attributes.to.',
      )
    }
    return undefined
  }
  if (line.activity !== 'flight')
    throw new LineFault('attributes/from', 'unknown-attribute', 'Only the activity flight reads airports.', from ?? to)
  if (line.unit !== 'passenger') {
    throw new LineFault(
      'unit',
      'wrong-dimension',
      'Between two airports the quantity is a number of passengers: use the unit passenger, or leave the airports out and state passenger.km.',
      line.unit,
      ['passenger'],
    )
  }
  const origin = airportAt('from', from, library)
  const destination = airportAt('to', to, library)
  if (origin.iata === destination.iata)
    throw new LineFault('attributes/to', 'same-airport', 'The flight ends where it began.', destination.iata)
  const legs = legsOf(round_trip)
  const km = greatCircleKm(origin, destination)
  const value = km * legs * line.quantity
  return {
    value,
    unit: 'passenger.km',
    derived: { haul: haulsOf(km, origin.country === destination.country), band: [bandOf(km)] },
    countries: [origin.country, destination.country],
    step: {
      step: 'distance',
      from: origin.iata,
      to: destination.iata,
      great_circle_km: km,
      uplift_percent: 0,
      legs,
      passengers: line.quantity,
      value,
      unit: 'passenger.km',
      says: `${origin.iata} to ${destination.iata} is ${plain(km)} km along the great circle; × ${legs} ${legs === 1 ? 'leg' : 'legs'} × ${plain(line.quantity)} passengers = ${plain(value)} passenger.km.`,
    },
  }
}

function legsOf(round_trip: unknown): number {
  if (round_trip === undefined || round_trip === false || round_trip === 'false') return 1
  if (round_trip === true || round_trip === 'true') return 2
  throw new LineFault(
    'attributes/round_trip',
    'unknown-attribute-value',
    'A round trip is true or false.',
    round_trip,
    [true, false],
  )
}

function airportAt(field: 'from' | 'to', code: unknown, library: Library) {
  const airport = typeof code === 'string' ? library.airport(code) : undefined
  if (!airport)
    throw new LineFault(
      `attributes/${field}`,
      'unknown-airport',
      'This is not the IATA code of an airport with scheduled flights. GET /api/v1/airports?q= finds codes.',
      code,
    )
  return airport
}

/** Bands of great-circle distance of Base Carbone. */
function bandOf(km: number): string {
  if (km < 500) return 'under_500km'
  if (km < 1000) return '500-1000km'
  if (km < 2000) return '1000-2000km'
  return km < 5000 ? '2000-5000km' : 'over_5000km'
}

/** Bands that publishers use, the best fitting first: 300 and 2,300 miles (EPA), 3,700 km (DESNZ). */
function haulsOf(km: number, domestic: boolean): readonly string[] {
  const band =
    km < 483
      ? ['short', 'medium', 'long']
      : km < 3700
        ? ['medium', 'short', 'long']
        : ['long', 'international', 'medium']
  if (domestic && km < 3700) return ['domestic', ...band, 'international']
  return [...band, 'international', 'domestic'].filter((each, index, all) => all.indexOf(each) === index)
}

/** Choices made before, by what was asked: most lines of an inventory ask for the same few things. */
const choices = new WeakMap<Inventory, WeakMap<Library, Map<string, Choice[]>>>()
const CHOICES_MAX = 10_000

function choicesFor(inventory: Inventory, library: Library): Map<string, Choice[]> {
  let by_library = choices.get(inventory)
  if (!by_library) choices.set(inventory, (by_library = new WeakMap()))
  let made = by_library.get(library)
  if (!made) by_library.set(library, (made = new Map()))
  return made
}

/** Everything of a line that a choice depends on. */
function questionOf({ activity, unit, attributes }: InventoryLine): string {
  return attributes === undefined ? `${activity} ${unit}` : `${activity} ${unit} ${JSON.stringify(attributes)}`
}

function findFactors(
  line: InventoryLine,
  inventory: Inventory,
  library: Library,
  travelled: Travelled | undefined,
): Choice[] {
  if (line.factor === undefined) {
    if (line.activity === undefined) {
      throw new LineFault(
        'factor',
        'factor-needed',
        'A line names a factor, brings its own, or names an activity for which the library finds one.',
      )
    }
    const made = choicesFor(inventory, library)
    const question = questionOf(line)
    const known = made.get(question)
    if (known) return known
    const wanted = readWanted(
      line,
      inventory,
      travelled && { unit: travelled.unit, derived: travelled.derived, countries: travelled.countries },
    )
    const choice = chooseFactor(wanted, library)
    const chosen = [choice, ...chooseCompanions(choice.factor, wanted, library)]
    if (made.size >= CHOICES_MAX) made.clear()
    made.set(question, chosen)
    return chosen
  }
  const list = Array.isArray(line.factor) ? line.factor : [line.factor]
  return list.map((each, index) => {
    const field = Array.isArray(line.factor) ? `factor/${index}` : 'factor'
    if ('id' in each) {
      const factor = library.factor(each.id, each.edition)
      if (!factor) {
        throw new LineFault(
          `${field}/id`,
          'unknown-factor',
          `The library holds no factor ${each.id}${each.edition ? ` in edition ${each.edition}` : ''}. GET /api/v1/factors?q= finds factors.`,
          each.id,
        )
      }
      return { factor, reason: 'named by the line.' }
    }
    return { factor: inlineFactor(each, line, field, index), reason: `brought along: ${each.source}.` }
  })
}

/** A factor that came with the line, in the same form as those of the library. */
function inlineFactor(given: z.infer<typeof InlineFactor>, line: InventoryLine, field: string, index: number): Factor {
  const match = /^kg\s?CO2e?\s?\/\s?(.+)$/.exec(given.unit)
  const unit = match?.[1] ? findUnit(match[1]) : undefined
  if (!unit) {
    const expected = suggestUnits(match?.[1] ?? given.unit).map((each) => `kgCO2e/${each}`)
    throw new LineFault(
      `${field}/unit`,
      'unknown-unit',
      `The unit of a factor is kgCO2e/ and one of our units, such as kgCO2e/kWh.${expected.length > 0 ? ` You may mean ${expected.join(' or ')}.` : ''}`,
      given.unit,
      expected,
    )
  }
  const scope3 = line.category?.startsWith('3.') ?? true
  return {
    id: `inline:${index === 0 ? 'line' : `line.${index + 1}`}/${idPart(line.id)}`,
    dataset: 'inline',
    publisher: given.source,
    edition: '-',
    row: `line ${line.id}`,
    name: { en: given.source, fr: given.source },
    unit: unit.id,
    total_kg_co2e: given.value,
    stages: [{ stage: 'whole', total_kg_co2e: given.value }],
    boundary: given.boundary ?? (scope3 ? 'life_cycle' : 'direct'),
    geography: 'world',
    status: 'valid',
    ...(given.uncertainty_percent === undefined ? {} : { uncertainty_percent: given.uncertainty_percent }),
    source: { title: given.source, url: '', licence: '' },
  }
}

/** A line id in the characters of a factor id, so that two lines never share a factor: `a b` → `a_20_b`. */
function idPart(line_id: string): string {
  return line_id.replace(/[^A-Za-z0-9.-]/gu, (character) => `_${character.codePointAt(0)?.toString(16)}_`)
}

/**
 * Stages of one activity must not overlap: two factors that both hold combustion count it twice. A `whole` number covers
 * what its boundary says, and a life-cycle whole covers everything.
 */
function refuseOverlap(factors: readonly Factor[]): void {
  const taken: { key: string; holder: Factor }[] = []
  for (const factor of factors) {
    const keys = coverage(factor)
    for (const key of keys) {
      const clash = taken.find((each) => overlaps(key, each.key))
      if (clash) {
        const message = `${clash.holder.id} and ${factor.id} both hold ${describeCover(key, clash.key)}: adding them would count it twice.`
        throw new LineFault('factor', 'overlapping-stages', message, [clash.holder.id, factor.id])
      }
    }
    for (const key of keys) taken.push({ key, holder: factor })
  }
}

const directStages: readonly Stage[] = [
  'combustion',
  'generation',
  'fugitive',
  'process',
  'use',
  'fuel',
  'treatment',
  'incineration',
]

function coverage(factor: Factor): string[] {
  // Losses are energy of their own, so what is upstream of the losses is another stretch than what is upstream of use.
  const stretch = factor.activity?.includes('losses') ? 'losses/' : ''
  return factor.stages.flatMap((stage) => {
    // Whoever states the losses, as a stage or as a row of its own, states the same losses.
    if (stage.stage === 'losses') return ['losses/direct/losses']
    if (stage.stage !== 'whole')
      return [`${stretch}${directStages.includes(stage.stage) ? 'direct' : 'upstream'}/${stage.stage}`]
    if (factor.boundary === 'direct') return [`${stretch}direct/*`]
    return factor.boundary === 'upstream' ? [`${stretch}upstream/*`] : ['*']
  })
}

function overlaps(a: string, b: string): boolean {
  if (a === b || a === '*' || b === '*') return true
  const [wide, narrow] = a.endsWith('/*') ? [a, b] : [b, a]
  return wide.endsWith('/*') && narrow.startsWith(wide.slice(0, -1))
}

function describeCover(a: string, b: string): string {
  const narrow = a.endsWith('*') ? b : a
  return narrow.endsWith('*') ? 'the same part of the chain' : (narrow.split('/').at(-1) ?? narrow)
}

/** Brings the quantity into the factor's unit, noting every step. */
function apply(
  factor: Factor,
  reason: string,
  counted: { value: number; unit: string },
  inventory: Inventory,
): Application {
  const steps: TraceStep[] = [
    {
      step: 'factor',
      factor: factor.id,
      edition: factor.edition,
      reason,
      says: `${factor.id} (${factor.publisher}, ${factor.edition}): ${reason}`,
    },
  ]
  const wanted = findUnit(factor.unit)
  if (!wanted) {
    throw new LineFault(
      'factor',
      'unknown-unit',
      `The factor ${factor.id} is stated per "${factor.unit}", which is not one of our units, so it cannot be calculated with.`,
      factor.unit,
    )
  }
  const convert = (to: string, rate: number, source: string | undefined, says: (result: string) => string): void => {
    const { value, unit } = counted
    const result = value * rate
    const stated = source === undefined ? {} : { source }
    steps.push({ step: 'convert', value, from: unit, to, rate, result, ...stated, says: says(plain(result)) })
    counted = { value: result, unit: to }
  }
  const multiplied = (to: string, rate: number, source = '') => {
    const before = `${plain(counted.value)} ${counted.unit} × ${plain(rate)}`
    return (result: string) => `${before} = ${result} ${to}${source}.`
  }
  const given = getLineUnit(counted.unit)
  if (given.dimension !== wanted.dimension) {
    const { to, rate, source } = findIndex(given, wanted, inventory)
    const whole_rate = given.per_base * rate
    convert(to, whole_rate, source, multiplied(to, whole_rate, ` (${source})`))
  }
  if (counted.unit !== factor.unit) {
    const rate = getLineUnit(counted.unit).per_base / wanted.per_base
    convert(factor.unit, rate, undefined, multiplied(factor.unit, rate))
  }
  const uplift = factor.distance_uplift
  if (uplift && !uplift.included && uplift.percent !== 0) {
    const says = (result: string) =>
      `The publisher adds ${plain(uplift.percent)} % to great-circle distance: ${result} ${factor.unit}.`
    convert(factor.unit, 1 + uplift.percent / 100, factor.source.title, says)
  }
  return { factor, quantity: counted.value, steps }
}

/** The stated index between two kinds of money. For money only: no rate turns kWh of electricity into kWh of gas. */
function findIndex(given: Unit, wanted: Unit, inventory: Inventory): Inventory['price_indices'][number] {
  const money = given.dimension.startsWith('money_') && wanted.dimension.startsWith('money_')
  const index = money
    ? inventory.price_indices.find((each) => each.from === baseMoney(given.id) && each.to === baseMoney(wanted.id))
    : undefined
  if (index) return index
  throw new LineFault(
    'unit',
    money ? 'price-index-needed' : 'wrong-dimension',
    wrongDimensionSentence(given, wanted),
    given.id,
    unitsOf(wanted.dimension).length > 0 ? unitsOf(wanted.dimension) : [wanted.id],
  )
}

function findCategory(line: InventoryLine, factor: Factor | undefined): Category {
  if (line.category) return line.category
  const usual = (line.activity ? findActivity(line.activity)?.category : undefined) ?? factor?.category
  if (usual && Object.hasOwn(categories, usual)) return usual as Category
  throw new LineFault(
    'category',
    'category-needed',
    'Neither the line nor its factor says in which GHG Protocol category it belongs.',
    undefined,
    Object.keys(categories),
  )
}

const kindOfTravel: Partial<Record<Category, Category>> = { '1.2': '3.6', '2.1': '3.6' }

/** What belongs to somebody else cannot be scope 1 or 2. */
function checkOwnership(prepared: PreparedLine): void {
  const { line, ownership, category } = prepared
  const elsewhere = ownershipCategory[ownership]
  if (elsewhere && category.startsWith('3.') && category !== elsewhere) {
    prepared.warnings.push({
      code: 'ownership-without-effect',
      message: `The line stands in ${category} as a whole, so that it is ${ownership.replaceAll('_', ' ')} changes nothing. If it belongs in ${elsewhere}, state that category.`,
    })
  }
  if (ownership !== 'third_party' || category.startsWith('3.')) return
  if (line.category) {
    throw new LineFault(
      'ownership',
      'ownership-conflict',
      `Category ${category} holds what we run ourselves, and the line says that a third party runs it. Use a category of scope 3, such as 3.6 for travel or 3.4 for freight.`,
      ownership,
    )
  }
  prepared.category = kindOfTravel[category] ?? '3.1'
}

/** What a careful reader would ask about the factors of a line. */
function checkFactors(prepared: PreparedLine, inventory: Inventory): void {
  const { line, category, applications, warnings } = prepared
  const { start_date, end_date } = inventory.reporting_period
  const direct = !category.startsWith('3.')
  if (line.factor !== undefined && line.attributes !== undefined && line.activity === undefined) {
    const idle = Object.keys(line.attributes).filter((name) => name !== 'country')
    if (idle.length > 0) {
      warnings.push({
        code: 'attributes-without-effect',
        message: `Attributes steer the choice of a factor; beside a factor that the line names they change nothing: ${idle.sort().join(', ')}.`,
      })
    }
  }
  for (const { factor } of applications) {
    if (factor.valid_to && factor.valid_to < start_date) {
      warnings.push({
        code: 'factor-expired',
        message: `${factor.id} spoke for the time until ${factor.valid_to}, before the reporting period.`,
      })
    }
    if (factor.valid_from && factor.valid_from > end_date) {
      warnings.push({
        code: 'factor-newer-than-period',
        message: `Factors of ${factor.publisher}, ${factor.edition}, speak for the time from ${factor.valid_from}, after the reporting period.`,
      })
    }
    if (factor.status === 'archived') {
      warnings.push({ code: 'factor-archived', message: `${factor.id} was withdrawn by its publisher.` })
    }
    const undivided = factor.stages.some((stage) => stage.stage === 'whole')
    if (direct && undivided && factor.boundary === 'life_cycle') {
      warnings.push({
        code: 'life-cycle-in-direct-scope',
        message: `${spokenName(factor)} covers the whole life cycle and does not say how it divides: scope ${category[0]} holds upstream emissions that belong in 3.3.`,
      })
    }
    if (direct && factor.stages.some((stage) => stage.stage === 'fuel')) {
      warnings.push({
        code: 'fuel-not-divided',
        message: `${factor.id} gives combustion and upstream of the fuel as one number; all of it stands in ${category}.`,
      })
    }
    const forcing = factor.radiative_forcing ?? factor.attributes?.radiative_forcing
    if (forcing !== undefined && forcing !== inventory.radiative_forcing && factor.boundary !== 'upstream') {
      warnings.push({
        code: 'radiative-forcing-differs',
        message: `${factor.id} has effects at altitude ${forcing}, and the inventory asks for them ${inventory.radiative_forcing}.`,
      })
    }
    const country = String(line.attributes?.country ?? inventory.organisation.country)
    if (line.activity && /^[A-Z]{2}$/.test(factor.geography) && factor.geography !== country) {
      warnings.push({
        code: 'factor-from-elsewhere',
        message: `No factor for ${country} is known; ${factor.id} speaks for ${factor.geography}.`,
      })
    }
  }
}

/** Factors that lines bring along are spoken of together, so that a thousand of them do not make a thousand warnings. */
function spokenName(factor: Factor): string {
  return factor.dataset === 'inline' ? 'A factor that the line brings along' : factor.id
}
