/**
 * Turns the marketplace's request into an inventory. Nothing is guessed and nothing gets lost: every field that was sent
 * either stands behind a line (`read_fields`), or could not become a number and says what would help (`not_counted`), or
 * changes no number and says so (`unread_fields`). `docs/methods/seed-emission-request.md` has the rules with reasons.
 */
import { placeCode } from '../factors/places.ts'
import { invariant } from '../lib/invariant.ts'
import { pointer, Problem, type Fault } from '../lib/problem.ts'
import { conversionFactor } from '../lib/quantity.ts'
import { Run } from './calculate.ts'
import type { Inventory, InventoryLine, Warning } from './contract.ts'
import { findDoubleCounts } from './double-counts.ts'
import type { Library } from './library.ts'
import { LineFault } from './line-fault.ts'
import { plain } from './plain.ts'
import { evidenceGrades } from './evidence.ts'
import type { NotCounted, SeedEmissionRequest } from './seed-contract.ts'
import {
  cabinOf,
  freightOf,
  gridOf,
  heatingValueOf,
  materialOf,
  periodOf,
  treatmentOf,
  vehicleFuelOf,
  vehicleOf,
  wasteOf,
} from './seed-words.ts'

export interface Remark {
  /** JSON Pointer into the request; at its end, `*` stands for every remaining field there. */
  path: string
  reason: string
}

/** One quantity of the request and whether it stood every check that can be made of it. */
export interface Check {
  path: string
  passed: boolean
  /** Why it failed. */
  reason?: string
}

export interface SeedConversion {
  /** Its lines may be none: `settleSeedInventory` refuses that, with the reasons. */
  inventory: Inventory
  /** From the id of a line to the entry of the request that it came from. */
  line_sources: Record<string, string>
  read_fields: string[]
  unread_fields: Remark[]
  not_counted: NotCounted[]
  /** How a field that can be read in several ways was read. */
  notices: Remark[]
  /** What two parts of the request may count twice between them. */
  warnings: Warning[]
  checks: Check[]
}

/**
 * Reads every section of a request. Pure and without a library: whether a factor is known for each line is for
 * `settleSeedInventory` to find out.
 */
export function inventoryOfSeedRequest(request: SeedEmissionRequest): SeedConversion {
  const notes = new Notes(request)
  const electricity = electricityLine(notes)
  naturalGasLine(notes)
  fuelLines(notes)
  flightLines(notes)
  vehicleLines(notes, electricity)
  shippingLines(notes)
  buildings(notes)
  processLines(notes, electricity)
  rawMaterialLines(notes)
  products(notes)
  wasteLines(notes)
  production(notes)
  const { company_id, company_name, industry_type, reporting_period, country } = request
  for (const field of ['company_id', 'industry_type']) notes.read(pointer([field]))
  if (company_name) notes.read('/company_name')
  notes.read('/reporting_period/start_date')
  notes.read('/reporting_period/end_date')
  if (country) notes.read('/country')
  else notes.notice('/country', 'No country was sent: US is taken, because every unit of this request is a US one.')
  notes.nameWhatIsLeft()
  return {
    inventory: {
      organisation: { id: company_id, name: company_name ?? company_id, country: notes.country, sector: industry_type },
      reporting_period: { start_date: reporting_period.start_date, end_date: reporting_period.end_date },
      // The set that the publisher of the country's own factors weights with, as in the questionnaire.
      gwp_set: notes.country === 'FR' ? 'AR5-fossil-ch4' : 'AR5',
      radiative_forcing: 'included',
      residual_mix: [],
      price_indices: [],
      lines: notes.lines,
    },
    line_sources: notes.line_sources,
    read_fields: notes.read_fields,
    unread_fields: notes.unread_fields,
    not_counted: notes.not_counted,
    notices: notes.notices,
    warnings: fuelStatedTwice(notes),
    checks: notes.checks,
  }
}

/**
 * Leaves the lines that a library can calculate; the others move to `not_counted` with the engine's reason.
 * @throws Problem `footprint/invalid-seed-request` when a figure is absurd, or when no line is left at all: a total of
 * zero would claim what nobody knows.
 */
export function settleSeedInventory(conversion: SeedConversion, library: Library): SeedConversion {
  const run = new Run(conversion.inventory, library, { keep_factors: false })
  const lines: InventoryLine[] = []
  const not_counted = [...conversion.not_counted]
  const refused = new Map<string, string>()
  const faults: Fault[] = []
  for (const line of conversion.inventory.lines) {
    const path = conversion.line_sources[line.id]
    invariant(path !== undefined, `the line ${line.id} came from nowhere`)
    try {
      run.add(line)
      lines.push(line)
    } catch (error) {
      if (!(error instanceof LineFault)) throw error
      if (error.code === 'implausible-amount') faults.push({ path, code: error.code, message: error.message })
      else {
        refused.set(path, error.message)
        not_counted.push({ path, reason: error.message, what_would_help: helpFor(error.code) })
      }
    }
  }
  const absurd = faults.length > 0
  if (!absurd && lines.length === 0) faults.push(...nothingToCount(not_counted))
  if (faults.length > 0) {
    throw new Problem('footprint/invalid-seed-request', {
      detail: absurd
        ? `A figure is beyond what any organisation emits: ${faults[0]?.path}.`
        : 'Nothing that was sent could be turned into emissions; each fault says what would help.',
      faults: faults.slice(0, 100),
      ...(faults.length > 100 ? { faults_found: faults.length } : {}),
    })
  }
  /** The refused entry that a path lies in. */
  const gone = (path: string): string | undefined => {
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
      const entry = path.slice(0, end)
      if (refused.has(entry)) return entry
    }
    return undefined
  }
  const kept = new Set(lines.map((line) => line.id))
  return {
    ...conversion,
    inventory: { ...conversion.inventory, lines },
    line_sources: Object.fromEntries(Object.entries(conversion.line_sources).filter(([id]) => kept.has(id))),
    not_counted,
    read_fields: conversion.read_fields.filter((path) => gone(path) === undefined),
    warnings: conversion.warnings.flatMap((warning) => {
      const line_ids = warning.line_ids.filter((id) => kept.has(id))
      const bought = line_ids.filter((id) => id.startsWith(BOUGHT_FUEL)).length
      return bought > 0 && bought < line_ids.length ? [{ ...warning, line_ids }] : []
    }),
    checks: conversion.checks.map((check) => {
      const entry = gone(check.path)
      return entry === undefined || !check.passed
        ? check
        : { path: check.path, passed: false, reason: refused.get(entry) ?? '' }
    }),
  }
}

const helps: Record<string, string> = {
  'unknown-airport': 'The IATA codes of two airports with scheduled flights.',
  'same-airport': 'Two different airports.',
}

function helpFor(code: string): string {
  return helps[code] ?? 'A line with a factor of your own and its source, sent to POST /api/v1/calculate.'
}

function nothingToCount(not_counted: readonly NotCounted[]): Fault[] {
  if (not_counted.length === 0) {
    const message = 'The request holds no quantity, and no quantity is no emission of zero. Fill in one data section.'
    return [{ path: '', code: 'nothing-to-count', message }]
  }
  return not_counted.map(({ path, reason, what_would_help }) => ({
    path,
    code: 'not-counted',
    message: `${reason} What would help: ${what_would_help}`,
  }))
}

/** What the figures of one kind can be at most; more is counted, and marked as a check that failed. */
export const plausible = {
  /** About a tenth of what the United States use in a year (4.2e12 kWh, 3.3e11 therms, 1.4e11 gal of gasoline). */
  electricity_kwh: 4e11,
  natural_gas_therms: 3e10,
  fuel_gallons: 1e10,
  /** A third of a million full wide-body aircraft. */
  passengers: 1e8,
  distance_miles: 1e10,
  /** Ten million tonnes by one consignment's entry. */
  weight_lbs: 2e10,
  freight_miles: 25_000,
  quantity_tons: 1e9,
  production_volume: 1e11,
  energy_intensity_kwh: 1e6,
  square_footage: 1e9,
  occupancy: 1e7,
  energy_star_score: 100,
  units_produced: 1e11,
} as const

/** Miles per gallon outside of these are no road vehicle: loaded lorries begin at 2, and no engine on sale reaches 150. */
export const mpgRange = { min: 2, max: 150 } as const
/** EPA's equivalence for the fuel-economy label: 33.7 kWh of electricity for a gallon of gasoline (40 CFR 600.002). */
export const KWH_PER_GALLON_EQUIVALENT = 33.7
/** Readings and total may differ by this much, for days of reading that are not the days of the period. */
const READINGS_AGREE_WITHIN = 0.02
const QUANTITY_MAX = 1e15
/** More unknown fields than this in one object are named together. */
const NAMED_APART_MAX = 20

/** How the ids of lines of bought fuel begin. */
const BOUGHT_FUEL = 'energy_data.fuel.'

const OTHER_ROUTE = 'An inventory line with its own factor or activity, sent to POST /api/v1/calculate.'

/** What has been said about each field so far, and the lines. */
class Notes {
  readonly lines: InventoryLine[] = []
  readonly line_sources: Record<string, string> = {}
  readonly read_fields: string[] = []
  readonly unread_fields: Remark[] = []
  readonly not_counted: NotCounted[] = []
  readonly notices: Remark[] = []
  readonly checks: Check[] = []
  readonly request: SeedEmissionRequest
  readonly country: string
  /** Lines of vehicles as the request states them, by distance, for the engine's check of double counts. */
  readonly stated_by_distance: { line: InventoryLine; fuel: string }[] = []
  private readonly covered = new Set<string>()
  private readonly on_the_way = new Set<string>()

  constructor(request: SeedEmissionRequest) {
    this.request = request
    this.country = request.country ?? 'US'
  }

  read(path: string): void {
    if (this.covered.has(path)) return
    this.read_fields.push(path)
    this.cover(path)
  }

  /** The field is understood and changes no number. */
  unused(path: string, value: unknown, reason: string): void {
    if (value === undefined || value === null) return
    this.unread_fields.push({ path, reason })
    this.cover(path)
  }

  refuse(path: string, reason: string, what_would_help: string): void {
    this.not_counted.push({ path, reason, what_would_help })
    this.cover(path)
  }

  notice(path: string, reason: string): void {
    this.notices.push({ path, reason })
  }

  /** Notes whether a quantity is one that can be; a failed one is counted all the same, with a notice. */
  check(path: string, passed: boolean, reason: string): boolean {
    this.checks.push(passed ? { path, passed } : { path, passed, reason })
    if (!passed) this.notice(path, reason)
    return passed
  }

  checkMost(path: string, value: number | null | undefined, most: number): void {
    if (value === null || value === undefined) return
    this.check(
      path,
      value <= most,
      `${plain(value)} is more than ${plain(most)}, the most that one organisation plausibly has. The unit may be wrong.`,
    )
  }

  /** Adds a line, and marks the fields that it rests on as read. */
  add(entry: string, fields: readonly string[], line: Omit<InventoryLine, 'id'>): InventoryLine | undefined {
    if (!(line.quantity <= QUANTITY_MAX)) {
      this.check(entry, false, `It comes to ${plain(line.quantity)} ${line.unit}, more than anything on Earth.`)
      this.refuse(
        entry,
        `It comes to ${plain(line.quantity)} ${line.unit}, more than anything on Earth.`,
        'The figure in the unit that the field is named for.',
      )
      return undefined
    }
    const id = entry.slice(1).replaceAll('/', '.')
    const added = { id, ...line }
    this.lines.push(added)
    this.line_sources[id] = entry
    for (const field of fields) this.read(`${entry}${field}`)
    return added
  }

  private cover(path: string): void {
    this.covered.add(path)
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const above = path.slice(0, end)
      if (this.on_the_way.has(above)) return
      this.on_the_way.add(above)
    }
  }

  /** Names every field that holds something and that nothing above has spoken of. */
  nameWhatIsLeft(): void {
    this.nameIn(this.request, '')
  }

  private nameIn(value: object, path: string): void {
    const unknown: string[] = []
    for (const [key, each] of Object.entries(value)) {
      const here = path + pointer([key])
      if (this.covered.has(here)) continue
      if (this.on_the_way.has(here) && typeof each === 'object' && each !== null) this.nameIn(each, here)
      else if (holdsSomething(each)) unknown.push(here)
    }
    const reason = 'The request has no field of this name, so it was not read.'
    if (unknown.length <= NAMED_APART_MAX) this.unread_fields.push(...unknown.map((each) => ({ path: each, reason })))
    else
      this.unread_fields.push({
        path: `${path}/*`,
        reason: `${unknown.length} fields here have names that the request does not know. None was read.`,
      })
  }
}

function holdsSomething(value: unknown): boolean {
  const open: unknown[] = [value]
  while (open.length > 0) {
    const each = open.pop()
    if (typeof each === 'object' && each !== null) for (const inner of Object.values(each)) open.push(inner)
    else if (each !== undefined && each !== null && each !== '') return true
  }
  return false
}

const isGiven = <T>(value: T | null | undefined): value is T => value !== null && value !== undefined

/** Every field of an entry that holds something: an entry without any is as if it were not there. */
function entriesOf<Entry extends object>(list: readonly Entry[] | null | undefined, path: string) {
  return (list ?? [])
    .map((entry, index) => ({ entry, path: `${path}/${index}` }))
    .filter(({ entry }) => holdsSomething(entry))
}

// Energy

/** Electricity of the whole request: 2.1, at the grid that grid_mix names. */
function electricityLine(notes: Notes): InventoryLine | undefined {
  const path = '/energy_data/electricity'
  const given = notes.request.energy_data?.electricity
  if (!given) return undefined
  const readings = readMeter(given.meter_readings ?? [])
  const { consumption_kwh } = given
  const fields: string[] = []
  let quantity = consumption_kwh
  let data_quality: InventoryLine['data_quality']
  let comment = ''
  if (isGiven(consumption_kwh)) {
    fields.push('/consumption_kwh')
    notes.checkMost(`${path}/consumption_kwh`, consumption_kwh, plausible.electricity_kwh)
    if (readings) {
      fields.push('/meter_readings')
      const agree = [readings.sum, readings.advance].some((kwh) => kwh !== undefined && closeTo(kwh, consumption_kwh))
      const says = `The readings come to ${plain(readings.sum)} kWh${readings.advance === undefined ? '' : ` (or ${plain(readings.advance)} kWh from the first to the last)`}`
      notes.check(
        `${path}/meter_readings`,
        agree,
        `${says}, and consumption_kwh says ${plain(consumption_kwh)}. consumption_kwh is counted.`,
      )
      if (agree) data_quality = { ...evidenceGrades.meter }
    }
  } else if (readings) {
    if (readings.certain) {
      quantity = readings.sum
      fields.push('/meter_readings')
      notes.checkMost(`${path}/meter_readings`, quantity, plausible.electricity_kwh)
      comment = `Sum of ${readings.count} meter readings.`
      // A meter vouches for what it measured, not for the readings being those of the whole period.
      const { reliability, technical, geographic } = evidenceGrades.meter
      data_quality = { reliability, technical, geographic }
    } else {
      notes.refuse(
        `${path}/meter_readings`,
        'Plain numbers that never fall may be use per interval, to be summed, or positions of the register, to be subtracted. Which of the two cannot be told.',
        'consumption_kwh, or readings as objects: { "consumption_kwh": 4100 }.',
      )
    }
  }
  if (readings?.more_fields && fields.includes('/meter_readings')) {
    notes.unused(`${path}/meter_readings/*`, true, 'Of each reading only consumption_kwh is read.')
  }
  if (!isGiven(quantity)) {
    if (isGiven(given.grid_mix) || isGiven(given.grid_region) || isGiven(given.time_period)) {
      for (const field of ['grid_mix', 'grid_region', 'time_period'] as const) {
        notes.unused(`${path}/${field}`, given[field], 'It says nothing without a consumption.')
      }
    }
    return undefined
  }
  const region = gridRegion(notes, path)
  readTimePeriod(notes, `${path}/time_period`, quantity)
  return notes.add(path, fields, {
    label: 'Electricity',
    quantity,
    unit: 'kWh',
    activity: 'electricity',
    ...(region ? { attributes: { region } } : {}),
    category: '2.1',
    ...(data_quality ? { data_quality } : {}),
    ...(comment ? { comment } : {}),
  })
}

interface Meter {
  sum: number
  count: number
  /** From the first to the last, when they never fall and may be positions of a register. */
  advance?: number
  /** Whether they are surely use per interval. */
  certain: boolean
  more_fields: boolean
}

/**
 * Plain numbers are use per interval only when at least one is less than the one before it: a register never runs
 * backwards. Objects with consumption_kwh say what they are.
 */
function readMeter(
  readings: readonly (number | null | { consumption_kwh?: number | null | undefined })[],
): Meter | undefined {
  const objects = readings.filter((each) => typeof each === 'object' && each !== null)
  const numbers = readings.filter((each) => typeof each === 'number')
  const used = objects.map((each) => each.consumption_kwh).filter(isGiven)
  const all = [...used, ...numbers]
  if (all.length === 0) return undefined
  const sum = all.reduce((total, kwh) => total + kwh, 0)
  const falls = numbers.some((kwh, index) => index > 0 && kwh < (numbers[index - 1] ?? 0))
  const alone = used.length === 0
  const more_fields = objects.some((each) => Object.keys(each).some((key) => key !== 'consumption_kwh'))
  return {
    sum,
    count: all.length,
    certain: numbers.length === 0 || falls,
    more_fields,
    ...(alone && !falls && numbers.length > 1 ? { advance: (numbers.at(-1) ?? 0) - (numbers[0] ?? 0) } : {}),
  }
}

function closeTo(a: number, b: number): boolean {
  return Math.abs(a - b) <= READINGS_AGREE_WITHIN * Math.max(a, b)
}

/** The eGRID subregion that the request names, or undefined for the country's average, with a notice of why. */
function gridRegion(notes: Notes, path: string): string | undefined {
  const given = notes.request.energy_data?.electricity
  const { grid_mix, grid_region } = given ?? {}
  const fields = [
    ['grid_mix', grid_mix],
    ['grid_region', grid_region],
  ] as const
  for (const [field, text] of fields) if (isGiven(text)) notes.read(`${path}/${field}`)
  const named = fields.flatMap(([field, text]) => (isGiven(text) ? [{ field, text, grid: gridOf(text) }] : []))
  const found = named.find(({ grid }) => grid.kind === 'subregion')
  if (found?.grid.kind === 'subregion') {
    if (notes.country === 'US') return `US-${found.grid.code}`
    notes.notice(
      `${path}/${found.field}`,
      `${found.text} lies in the United States, and the country is ${notes.country}: the average of ${notes.country} is taken.`,
    )
    return undefined
  }
  for (const { field, text, grid } of named) {
    if (grid.kind === 'unknown') {
      notes.notice(
        `${path}/${field}`,
        `"${text}" is no eGRID subregion, and no factor of a utility is embedded: the average of ${notes.country} is taken.`,
      )
    }
  }
  if (named.length > 0 && named.every(({ grid }) => grid.kind === 'average' && !grid.names_region)) {
    notes.notice(
      `${path}/grid_mix`,
      `"${grid_mix ?? grid_region ?? ''}" does not say which region: the average of ${notes.country} is taken. An eGRID subregion such as CAMX would sharpen it.`,
    )
  }
  return undefined
}

/**
 * The word says how often the meter is read, and never multiplies: one reading of `monthly` would make the figure twelve
 * times as large, and nothing in the request says which was meant. Where word and period differ, a person is told.
 */
function readTimePeriod(notes: Notes, path: string, kwh: number): void {
  const text = notes.request.energy_data?.electricity?.time_period
  if (!isGiven(text)) return
  notes.read(path)
  const span = periodOf(text)
  const { start_date, end_date } = notes.request.reporting_period
  const days = (Date.parse(end_date) - Date.parse(start_date)) / 86_400_000 + 1
  if (span && days >= span[0] && days <= span[1]) return
  notes.notice(
    path,
    `"${text}" is read as how often the meter is read. ${plain(kwh)} kWh stands for the whole reporting period of ${plain(days)} days; if it is the figure of a shorter or longer time, send the total of the period.`,
  )
}

function naturalGasLine(notes: Notes): void {
  const path = '/energy_data/natural_gas'
  const given = notes.request.energy_data?.natural_gas
  if (!given) return
  notes.unused(`${path}/supplier`, given.supplier, 'The supplier changes no factor: gas of the grid is one mix.')
  const { consumption_therms, heating_value } = given
  if (!isGiven(consumption_therms)) {
    notes.unused(`${path}/heating_value`, heating_value, 'It says nothing without a consumption.')
    return
  }
  const basis = isGiven(heating_value) ? heatingValueOf(heating_value) : 'gross'
  if (basis !== 'gross') {
    const known = basis === 'net'
    notes.check(
      `${path}/consumption_therms`,
      false,
      'The calorific basis of the therms is not one that can be counted with.',
    )
    notes.refuse(
      path,
      known
        ? 'Therms by lower heating value: turning them into higher needs the ratio of your gas, about 1.11 and never exactly, and none is stated.'
        : `The heating value "${heating_value}" is neither higher nor lower, and the two differ by a tenth.`,
      'Therms by higher heating value, as US bills state them.',
    )
    return
  }
  if (isGiven(heating_value)) notes.read(`${path}/heating_value`)
  else
    notes.notice(
      `${path}/heating_value`,
      'No heating value was sent: higher is taken, on which US utilities bill therms.',
    )
  notes.checkMost(`${path}/consumption_therms`, consumption_therms, plausible.natural_gas_therms)
  notes.add(path, ['/consumption_therms'], {
    label: 'Natural gas',
    quantity: consumption_therms,
    unit: 'therm_gross',
    activity: 'natural_gas',
    category: '1.1',
  })
}

const fuels = [
  ['gasoline_gallons', 'petrol', '1.2', 'Gasoline'],
  ['diesel_gallons', 'diesel', '1.2', 'Diesel'],
  ['heating_oil_gallons', 'heating_oil', '1.1', 'Heating oil'],
] as const

function fuelLines(notes: Notes): void {
  for (const [field, activity, category, label] of fuels) {
    const quantity = notes.request.energy_data?.fuel?.[field]
    if (!isGiven(quantity)) continue
    const path = `/energy_data/fuel/${field}`
    notes.checkMost(path, quantity, plausible.fuel_gallons)
    notes.add(path, [''], { label, quantity, unit: 'gal_us', activity, category })
  }
}

// Transport

function flightLines(notes: Notes): void {
  for (const { entry, path } of entriesOf(notes.request.transportation_data?.flights, '/transportation_data/flights')) {
    const { origin_airport: from, destination_airport: to, passengers, round_trip } = entry
    notes.unused(
      `${path}/aircraft_type`,
      entry.aircraft_type,
      'The factor stands for the aircraft that fly such distances; no embedded factor is one type’s.',
    )
    if (!isGiven(from) || !isGiven(to) || !isGiven(passengers)) {
      const lacking = [
        !isGiven(from) && 'origin_airport',
        !isGiven(to) && 'destination_airport',
        !isGiven(passengers) && 'passengers',
      ].filter(Boolean)
      if (isGiven(passengers))
        notes.check(`${path}/passengers`, false, `Without ${lacking.join(' and ')} nothing can be checked.`)
      notes.refuse(
        path,
        `A flight needs two airports and a number of passengers; ${lacking.join(', ')} is not there.`,
        `${lacking.join(', ')}.`,
      )
      continue
    }
    notes.check(
      `${path}/passengers`,
      passengers >= 1 && passengers <= plausible.passengers && Number.isInteger(passengers),
      `${plain(passengers)} is no number of passengers that a flight can have.`,
    )
    const fields = ['/origin_airport', '/destination_airport', '/passengers']
    if (isGiven(round_trip)) fields.push('/round_trip')
    else notes.notice(`${path}/round_trip`, 'Not said, so counted one way.')
    const cabin = isGiven(entry.class) ? cabinOf(entry.class) : undefined
    if (isGiven(entry.class)) {
      fields.push('/class')
      if (!cabin)
        notes.notice(
          `${path}/class`,
          `"${entry.class}" is no cabin class we know: the average of all classes is taken.`,
        )
    }
    notes.add(path, fields, {
      label: `Flight ${from}–${to}`,
      quantity: passengers,
      unit: 'passenger',
      activity: 'flight',
      attributes: {
        from: from.trim().toUpperCase(),
        to: to.trim().toUpperCase(),
        round_trip: round_trip === true,
        ...(cabin ? { class: cabin } : {}),
      },
      category: '3.6',
    })
  }
}

type Vehicle = NonNullable<
  NonNullable<NonNullable<SeedEmissionRequest['transportation_data']>['ground_vehicles']>[number]
>

/** Own vehicles: miles and mpg give gallons, which the factor of the fuel counts; without mpg, the factor of a mile. */
function vehicleLines(notes: Notes, electricity: InventoryLine | undefined): void {
  const list = notes.request.transportation_data?.ground_vehicles
  for (const { entry, path } of entriesOf(list, '/transportation_data/ground_vehicles')) {
    const { distance_miles, fuel_efficiency_mpg: mpg, fuel_type } = entry
    if (!isGiven(distance_miles)) {
      notes.refuse(
        path,
        'A vehicle without a distance gives no emissions.',
        'distance_miles, or the gallons under energy_data.fuel.',
      )
      continue
    }
    notes.checkMost(`${path}/distance_miles`, distance_miles, plausible.distance_miles)
    const fuel = isGiven(fuel_type) ? vehicleFuelOf(fuel_type) : undefined
    const mpg_stands =
      isGiven(mpg) &&
      notes.check(
        `${path}/fuel_efficiency_mpg`,
        mpg >= mpgRange.min && mpg <= mpgRange.max,
        `${plain(mpg)} miles per gallon is outside of ${mpgRange.min} to ${mpgRange.max}, so it is not used.`,
      )
    if (isGiven(fuel_type) && !fuel)
      notes.notice(
        `${path}/fuel_type`,
        `"${fuel_type}" is no fuel of road vehicles that we know: the average of fuels is taken.`,
      )
    if (fuel?.fuel === 'electric') electricVehicle(notes, path, entry, electricity)
    else if (fuel?.liquid && mpg_stands) vehicleByFuel(notes, path, entry, fuel.liquid)
    else vehicleByDistance(notes, path, entry, fuel?.fuel, mpg_stands)
  }
}

const nameOf = (vehicle: Vehicle) => vehicle.vehicle_type ?? 'Vehicle'

function vehicleByFuel(
  notes: Notes,
  path: string,
  vehicle: Vehicle,
  liquid: { activity: 'petrol' | 'diesel'; blend?: string },
): void {
  const { distance_miles: miles, fuel_efficiency_mpg: mpg } = vehicle
  if (!isGiven(miles) || !isGiven(mpg)) return
  const gallons = miles / mpg
  const attributes = liquid.blend === undefined ? {} : { attributes: { blend: liquid.blend } }
  const line = notes.add(path, ['/distance_miles', '/fuel_efficiency_mpg', '/fuel_type'], {
    label: `${nameOf(vehicle)}, by fuel`,
    quantity: gallons,
    unit: 'gal_us',
    activity: liquid.activity,
    ...attributes,
    category: '1.2',
    comment: `${plain(miles)} miles ÷ ${plain(mpg)} miles per gallon = ${plain(gallons)} US gallons.`,
  })
  notes.unused(
    `${path}/vehicle_type`,
    vehicle.vehicle_type,
    'Distance, efficiency and fuel say more than the type of vehicle.',
  )
  if (line)
    notes.stated_by_distance.push({ line: { ...line, quantity: miles, unit: 'vehicle.mi' }, fuel: liquid.activity })
}

/** EPA counts SUVs, minivans and pickups as light-duty trucks; elsewhere an SUV is a car. */
function activityOf(
  kind: ReturnType<typeof vehicleOf>,
  country: string,
): 'car' | 'van' | 'truck_freight' | 'motorbike' | undefined {
  switch (kind) {
    case 'car':
      return 'car'
    case 'suv':
      return country === 'US' ? 'van' : 'car'
    case 'van':
      return 'van'
    case 'truck':
      return 'truck_freight'
    case 'motorcycle':
      return 'motorbike'
    default:
      return undefined
  }
}

function vehicleByDistance(
  notes: Notes,
  path: string,
  vehicle: Vehicle,
  fuel: string | undefined,
  mpg_stands: boolean,
): void {
  const { distance_miles: miles, vehicle_type, fuel_efficiency_mpg, fuel_type } = vehicle
  if (!isGiven(miles)) return
  const kind = isGiven(vehicle_type) ? vehicleOf(vehicle_type) : undefined
  const activity = activityOf(kind, notes.country)
  if (!activity) {
    notes.checks.push({
      path: `${path}/distance_miles`,
      passed: false,
      reason: 'No factor of a mile can be found for the vehicle.',
    })
    notes.refuse(
      path,
      `Without miles per gallon and a liquid fuel, the type of vehicle must be known, and "${vehicle_type ?? ''}" is not.`,
      'vehicle_type as sedan, suv, van, pickup, truck or motorcycle; or fuel_type with fuel_efficiency_mpg.',
    )
    return
  }
  const fields = ['/distance_miles', '/vehicle_type']
  // The mile factors of EPA are those of the US fleet, which runs on gasoline, and they do not tell fuels apart.
  const ordinary = fuel === undefined || (notes.country === 'US' && (fuel === 'petrol' || fuel === 'diesel'))
  const tells_fuels_apart = activity === 'car' || activity === 'van'
  const stated = !ordinary && tells_fuels_apart ? fuel : undefined
  if (isGiven(fuel_type)) {
    if (stated) fields.push('/fuel_type')
    else
      notes.unused(
        `${path}/fuel_type`,
        fuel_type,
        'The factor of a mile does not tell this fuel apart; with fuel_efficiency_mpg it would be counted by fuel.',
      )
  }
  if (mpg_stands)
    notes.unused(
      `${path}/fuel_efficiency_mpg`,
      fuel_efficiency_mpg,
      'Without a liquid fuel, miles per gallon give no quantity of fuel: counted by distance.',
    )
  else notes.unused(`${path}/fuel_efficiency_mpg`, fuel_efficiency_mpg, 'Not plausible, so counted by distance.')
  const line = notes.add(path, fields, {
    label: `${nameOf(vehicle)}, by distance`,
    quantity: miles,
    unit: 'vehicle.mi',
    activity,
    ...(stated ? { attributes: { fuel: stated } } : {}),
    category: '1.2',
  })
  if (line)
    notes.stated_by_distance.push({ line, fuel: fuel === 'hybrid' || fuel === 'e85' ? 'petrol' : (fuel ?? 'unknown') })
}

/** A factor of an electric mile holds some grid; with the kWh, the company's own grid counts. */
function electricVehicle(notes: Notes, path: string, vehicle: Vehicle, electricity: InventoryLine | undefined): void {
  const { distance_miles: miles, fuel_efficiency_mpg: mpge } = vehicle
  if (!isGiven(miles)) return
  const stands = isGiven(mpge) && mpge >= mpgRange.min && mpge <= mpgRange.max
  if (electricity) {
    notes.refuse(
      path,
      'Charging on the premises is part of energy_data.electricity, and counting the vehicle beside it would count it twice.',
      'Add what was charged elsewhere, in kWh, to consumption_kwh.',
    )
    return
  }
  if (!stands) {
    notes.checks.push({
      path: `${path}/distance_miles`,
      passed: false,
      reason: 'An electric mile has no quantity of energy yet.',
    })
    notes.refuse(
      path,
      'The emissions of an electric vehicle are those of its electricity, and the miles alone do not tell how much.',
      'The kWh charged, in energy_data.electricity, or fuel_efficiency_mpg as MPGe.',
    )
    return
  }
  const kwh = (miles / mpge) * KWH_PER_GALLON_EQUIVALENT
  notes.add(path, ['/distance_miles', '/fuel_efficiency_mpg', '/fuel_type'], {
    label: `${nameOf(vehicle)}, charged`,
    quantity: kwh,
    unit: 'kWh',
    activity: 'electricity',
    category: '2.1',
    comment: `${plain(miles)} miles ÷ ${plain(mpge)} MPGe × ${KWH_PER_GALLON_EQUIVALENT} kWh per gallon equivalent = ${plain(kwh)} kWh.`,
  })
  notes.unused(
    `${path}/vehicle_type`,
    vehicle.vehicle_type,
    'Distance and efficiency say more than the type of vehicle.',
  )
}

/**
 * The engine warns when vehicles stand by fuel and by distance. Here distances became gallons, so the engine's own rule
 * runs over the lines as the request states them, each fuel by itself.
 */
function fuelStatedTwice(notes: Notes): Warning[] {
  const bought = notes.lines.filter((line) => line.id.startsWith(BOUGHT_FUEL) && line.category === '1.2')
  const stated = [
    ...bought.map((line) => ({ ...line, site: line.activity ?? '' })),
    ...notes.stated_by_distance.map(({ line, fuel }) => ({ ...line, site: fuel })),
  ]
  return findDoubleCounts(stated, new Map()).filter((warning) => warning.code === 'fleet-by-fuel-and-distance')
}

function shippingLines(notes: Notes): void {
  for (const { entry, path } of entriesOf(
    notes.request.transportation_data?.shipping,
    '/transportation_data/shipping',
  )) {
    const { weight_lbs, shipping_method, distance_miles, distance_km, origin, destination } = entry
    const activity = isGiven(shipping_method) ? freightOf(shipping_method) : undefined
    const miles = distance_miles ?? (isGiven(distance_km) ? distance_km * conversionFactor('km', 'mi') : undefined)
    notes.checkMost(`${path}/weight_lbs`, weight_lbs, plausible.weight_lbs)
    if (!isGiven(weight_lbs) || !isGiven(miles) || !activity) {
      if (isGiven(weight_lbs))
        notes.checks.push({ path: `${path}/weight_lbs`, passed: false, reason: 'Nothing to multiply it with.' })
      const lacking = [
        !isGiven(weight_lbs) && 'weight_lbs',
        !isGiven(miles) && 'distance_miles or distance_km',
        !activity && 'shipping_method as ground_freight, rail, sea or air',
      ].filter(Boolean)
      notes.refuse(
        path,
        isGiven(miles)
          ? 'Freight is weight × distance by a known means.'
          : 'Freight is weight × distance, and the names of places give no distance: routes differ by means and carrier.',
        `${lacking.join('; ')}.`,
      )
      continue
    }
    const by_miles = isGiven(distance_miles)
    notes.check(
      `${path}/${by_miles ? 'distance_miles' : 'distance_km'}`,
      miles <= plausible.freight_miles,
      'Longer than the way round the Earth.',
    )
    if (by_miles) notes.unused(`${path}/distance_km`, distance_km, 'distance_miles was sent too, and counts.')
    notes.unused(`${path}/origin`, origin, 'A label only: the distance was sent.')
    notes.unused(`${path}/destination`, destination, 'A label only: the distance was sent.')
    const short_tons = weight_lbs * conversionFactor('lb', 'short_ton')
    notes.add(path, ['/weight_lbs', '/shipping_method', by_miles ? '/distance_miles' : '/distance_km'], {
      label: isGiven(origin) && isGiven(destination) ? `Freight ${origin} – ${destination}` : 'Freight',
      quantity: short_tons * miles,
      unit: 'short_ton.mi',
      activity,
      category: '3.4',
      comment: `${plain(weight_lbs)} lb = ${plain(short_tons)} short tons × ${plain(miles)} miles.`,
    })
  }
}

// Facilities

/** Checked, never counted: floor area tells nothing about the energy used. */
function buildings(notes: Notes): void {
  for (const { entry, path } of entriesOf(notes.request.facility_data?.buildings, '/facility_data/buildings')) {
    notes.checkMost(`${path}/square_footage`, entry.square_footage, plausible.square_footage)
    notes.checkMost(`${path}/occupancy`, entry.occupancy, plausible.occupancy)
    notes.checkMost(`${path}/energy_star_score`, entry.energy_star_score, plausible.energy_star_score)
    notes.refuse(
      path,
      'Floor area, age and occupancy do not tell how much energy a building used; two offices of one size differ severalfold.',
      'The meters: energy_data.electricity.consumption_kwh and energy_data.natural_gas.consumption_therms. If they hold this building already, nothing is missing.',
    )
  }
}

function processLines(notes: Notes, electricity: InventoryLine | undefined): void {
  const list = notes.request.facility_data?.industrial_processes
  for (const { entry, path } of entriesOf(list, '/facility_data/industrial_processes')) {
    const { production_volume: volume, energy_intensity: intensity, materials_used, process_type } = entry
    notes.checkMost(`${path}/production_volume`, volume, plausible.production_volume)
    notes.checkMost(`${path}/energy_intensity`, intensity, plausible.energy_intensity_kwh)
    if (isGiven(volume) && isGiven(intensity) && !electricity) {
      const kwh = volume * intensity
      notes.add(path, ['/production_volume', '/energy_intensity'], {
        label: `Process ${process_type ?? 'not named'}`,
        quantity: kwh,
        unit: 'kWh',
        activity: 'electricity',
        category: '2.1',
        comment: `${plain(volume)} units × ${plain(intensity)} kWh = ${plain(kwh)} kWh, taken as electricity because no meter is stated.`,
      })
      notes.notice(
        path,
        `No electricity was sent, so ${plain(kwh)} kWh of this process are counted as electricity. Heat from fuel would be counted otherwise.`,
      )
      notes.unused(
        `${path}/process_type`,
        process_type,
        'A label only: what the process itself lets out (1.3) is not known from its name.',
      )
      if (holdsSomething(materials_used)) {
        notes.refuse(
          `${path}/materials_used`,
          'Free form: no quantity with a unit.',
          'supply_chain_data.raw_materials with quantity_tons.',
        )
      }
      continue
    }
    notes.refuse(
      path,
      electricity && isGiven(volume) && isGiven(intensity)
        ? 'The energy of the process is part of energy_data.electricity; counting it again would count it twice.'
        : 'A process needs production_volume and energy_intensity to become energy.',
      electricity && isGiven(volume) && isGiven(intensity)
        ? 'Nothing, if the process runs on that electricity. Its fuel belongs in energy_data, its process gases in an inventory line of category 1.3.'
        : 'production_volume and energy_intensity in kWh per unit, or better the meter.',
    )
  }
}

// Supply chain

/** A ton without a kind is 2,000 lb in the United States, whose units the rest of the request uses, and 1,000 kg elsewhere. */
function tonUnit(notes: Notes): 'short_ton' | 't' {
  const unit = notes.country === 'US' ? 'short_ton' : 't'
  const says =
    unit === 't'
      ? 'Tons are read as metric tonnes.'
      : 'Tons are read as US short tons of 2,000 lb; metric tonnes would be 10 % more.'
  if (!notes.notices.some((notice) => notice.reason === says)) notes.notice('/supply_chain_data', says)
  return unit
}

function rawMaterialLines(notes: Notes): void {
  const list = notes.request.supply_chain_data?.raw_materials
  for (const { entry, path } of entriesOf(list, '/supply_chain_data/raw_materials')) {
    const { material_type, quantity_tons, origin_country, transport_mode } = entry
    notes.checkMost(`${path}/quantity_tons`, quantity_tons, plausible.quantity_tons)
    const material = isGiven(material_type) ? materialOf(material_type) : undefined
    if (!isGiven(quantity_tons) || !material) {
      if (isGiven(quantity_tons))
        notes.checks.push({
          path: `${path}/quantity_tons`,
          passed: false,
          reason: 'No factor stands for the material.',
        })
      notes.refuse(
        path,
        isGiven(quantity_tons) ? `There is no factor for a ton of "${material_type ?? ''}".` : 'No quantity was sent.',
        isGiven(quantity_tons)
          ? `A material such as steel, aluminum, copper, concrete, glass, plastic or paper. ${OTHER_ROUTE}`
          : 'quantity_tons.',
      )
      continue
    }
    const fields = ['/material_type', '/quantity_tons']
    const country = isGiven(origin_country) ? countryOf(origin_country) : undefined
    if (country) fields.push('/origin_country')
    else notes.unused(`${path}/origin_country`, origin_country, 'No country of this name is known.')
    if (isGiven(transport_mode)) {
      notes.refuse(
        `${path}/transport_mode`,
        'The way of the material to you is weight × distance, and no distance is stated.',
        'An entry of transportation_data.shipping with weight_lbs and distance_miles.',
      )
    }
    const attributes = { ...material.attributes, ...(country ? { country } : {}) }
    notes.add(path, fields, {
      label: material_type ?? material.activity,
      quantity: quantity_tons,
      unit: tonUnit(notes),
      activity: material.activity,
      ...(Object.keys(attributes).length > 0 ? { attributes } : {}),
      category: '3.1',
    })
  }
}

function countryOf(text: string): string | undefined {
  const trimmed = text.trim()
  return /^[A-Z]{2}$/.test(trimmed) ? trimmed : placeCode(trimmed)
}

/** Never counted: what a company makes is already in its energy and materials. */
function products(notes: Notes): void {
  for (const { entry, path } of entriesOf(notes.request.supply_chain_data?.products, '/supply_chain_data/products')) {
    notes.checkMost(`${path}/units_produced`, entry.units_produced, plausible.units_produced)
    notes.refuse(
      path,
      'Making the products is in the energy and raw materials already; a factor per unit made would count it twice. Their use and end of life (3.11, 3.12) need more than a number of units.',
      `Energy per unit over its life, and weight and treatment at its end. ${OTHER_ROUTE}`,
    )
  }
}

function wasteLines(notes: Notes): void {
  for (const { entry, path } of entriesOf(notes.request.supply_chain_data?.waste, '/supply_chain_data/waste')) {
    const { waste_type, quantity_tons, disposal_method } = entry
    notes.checkMost(`${path}/quantity_tons`, quantity_tons, plausible.quantity_tons)
    const material = isGiven(waste_type) ? wasteOf(waste_type) : undefined
    const treatment = isGiven(disposal_method) ? treatmentOf(disposal_method) : undefined
    if (!isGiven(quantity_tons) || !material || !treatment) {
      if (isGiven(quantity_tons))
        notes.checks.push({
          path: `${path}/quantity_tons`,
          passed: false,
          reason: 'Without material and treatment no factor stands for it.',
        })
      const lacking = [
        !isGiven(quantity_tons) && 'quantity_tons',
        !material && 'waste_type such as electronic, paper, plastic, food, mixed',
        !treatment && 'disposal_method: recycling, landfill, incineration, composting, anaerobic_digestion or reuse',
      ].filter(Boolean)
      notes.refuse(
        path,
        'The emissions of waste depend on its material and on what becomes of it; one of them, or the quantity, is not known.',
        `${lacking.join('; ')}.`,
      )
      continue
    }
    notes.add(path, ['/waste_type', '/quantity_tons', '/disposal_method'], {
      label: `Waste: ${waste_type ?? material}, ${disposal_method ?? treatment}`,
      quantity: quantity_tons,
      unit: tonUnit(notes),
      activity: 'waste',
      attributes: { material, treatment },
      category: '3.5',
    })
  }
}

function production(notes: Notes): void {
  const given = notes.request.production_data
  if (!given) return
  const help = `The energy, materials and waste of the production, in the sections for them. ${OTHER_ROUTE}`
  const reason = 'Free form: no field, unit or meaning is agreed for it.'
  const held = Object.entries(given).filter(([, value]) => holdsSomething(value))
  if (held.length > NAMED_APART_MAX) notes.refuse('/production_data', reason, help)
  else for (const [key] of held) notes.refuse(`/production_data${pointer([key])}`, reason, help)
}
