import { allowsAttribute, findActivity, type Activity } from '../factors/activities.ts'
import type { Factor } from '../factors/contract.ts'
import { pointer } from '../lib/problem.ts'
import { findUnit } from '../lib/units.ts'
import type { Inventory, InventoryLine } from './contract.ts'
import type { Library } from './library.ts'
import { LineFault } from './line-fault.ts'

/** What a line asks the library for, once defaults and derived facts are in. */
export interface Wanted {
  activity: Activity
  /** Stated by the line: a factor must carry exactly these. */
  stated: Readonly<Record<string, string>>
  /** Preferences, best first: a factor that carries none of them is worse but not wrong. */
  preferred: Readonly<Record<string, readonly string[]>>
  unit: string
  /** Place codes from the most to the least fitting. */
  places: readonly string[]
  /** The part of a country that the line asks for, such as an eGRID subregion. */
  region?: string
  /** First and last year of the reporting period. */
  years: readonly [number, number]
  /** Whether money in the line's unit can be brought to that unit by a stated price index. */
  canIndex(to: string): boolean
}

export interface Choice {
  factor: Factor
  reason: string
}

/** Attributes that steer the choice but do not describe the activity. */
export const steering = ['country', 'region', 'from', 'to', 'round_trip'] as const

/** Reads what a line with an activity wants, or refuses with every fault of its attributes. */
export function readWanted(
  line: InventoryLine,
  inventory: Inventory,
  derived: Partial<Pick<Wanted, 'preferred' | 'unit'>> & { countries?: readonly string[] } = {},
): Wanted {
  const activity = findActivity(line.activity ?? '')
  if (!activity) {
    throw new LineFault(
      'activity',
      'unknown-activity',
      `"${line.activity}" is not one of our activities. GET /api/v1/activities lists them.`,
      line.activity,
    )
  }
  const stated: Record<string, string> = Object.create(null)
  const preferred: Record<string, readonly string[]> = { ...derived.preferred }
  for (const [name, attribute] of Object.entries(activity.attributes)) {
    if (attribute.default !== undefined && !preferred[name]) preferred[name] = [attribute.default]
  }
  if (activity.attributes.radiative_forcing) preferred.radiative_forcing = [inventory.radiative_forcing]
  for (const [name, value] of Object.entries(line.attributes ?? {})) {
    if (steering.some((each) => each === name)) continue
    const text = String(value)
    const attribute = Object.hasOwn(activity.attributes, name) ? activity.attributes[name] : undefined
    if (!attribute || !allowsAttribute(activity, name, text)) {
      throw new LineFault(
        `attributes${pointer([name])}`,
        attribute ? 'unknown-attribute-value' : 'unknown-attribute',
        attribute ? `${activity.key} does not know ${name} "${text}".` : `${activity.key} has no attribute ${name}.`,
        value,
        attribute ? (attribute.values ?? attribute.pattern) : Object.keys(activity.attributes),
      )
    }
    stated[name] = text
  }
  const country = readCountry(line, inventory)
  const region = readRegion(line, country)
  // What a kWh from the grid emits depends on the grid alone, so the origin is never left to whichever factor is near.
  if (gridBound.has(activity.key)) stated.origin ??= 'grid'
  const unit = derived.unit ?? line.unit
  const around = european.has(country) ? ['EU'] : []
  // Publishers speak of flights to or from their own country; a flight between two others takes what speaks for the world.
  const touched = derived.countries === undefined || derived.countries.includes(country)
  return {
    activity,
    stated,
    preferred,
    unit,
    places: [
      ...(region === undefined ? [] : [region]),
      ...(touched ? [country, ...around, 'world'] : ['world', country, ...around]),
    ],
    ...(region === undefined ? {} : { region }),
    years: [
      Number(inventory.reporting_period.start_date.slice(0, 4)),
      Number(inventory.reporting_period.end_date.slice(0, 4)),
    ],
    canIndex: (to) =>
      inventory.price_indices.some((index) => index.from === baseMoney(unit) && index.to === baseMoney(to)),
  }
}

function readCountry(line: InventoryLine, inventory: Inventory): string {
  const stated = line.attributes?.country
  if (stated === undefined) return inventory.organisation.country
  if (typeof stated === 'string' && /^[A-Z]{2}$/.test(stated)) return stated
  throw new LineFault(
    'attributes/country',
    'unknown-attribute-value',
    'A country is two capital letters of ISO 3166: FR, GB, US.',
    stated,
  )
}

function readRegion(line: InventoryLine, country: string): string | undefined {
  const stated = line.attributes?.region
  if (stated === undefined) return undefined
  if (typeof stated === 'string' && /^[A-Z]{2}-[A-Z0-9]{1,6}$/.test(stated) && stated.startsWith(`${country}-`))
    return stated
  throw new LineFault(
    'attributes/region',
    'unknown-attribute-value',
    `A region begins with its country, as in US-CAMX; here that is ${country}-.`,
    stated,
  )
}

/** Money units scale by k and M; a price index is stated for the plain currency and year. */
export function baseMoney(unit: string): string {
  return unit.replace(/^[kM](?=[A-Z]{3}-)/, '')
}

/**
 * Picks the factor that fits a line best. The order is total, so the choice does not depend on the order in which
 * candidates come, nor on other candidates that a larger library would hold: nearest place first, then the attributes
 * that were not stated, then the publisher nearest to the place, then the year, then the id.
 */
export function chooseFactor(wanted: Wanted, library: Library): Choice {
  const fitting = library
    .candidates(wanted.activity.key)
    .filter(
      (factor) =>
        factor.status === 'valid' &&
        unitFits(factor, wanted) &&
        attributesFit(factor, wanted) &&
        placeFits(factor, wanted),
    )
  let best: { factor: Factor; rank: readonly (number | string)[] } | undefined
  for (const factor of fitting) {
    const rank = rankOf(factor, wanted)
    if (!best || compareRanks(rank, best.rank) < 0) best = { factor, rank }
  }
  if (!best) throw noFactor(wanted, library)
  refuseUnknownRegion(best.factor, wanted, library)
  return { factor: best.factor, reason: reasonFor(best.factor, wanted) }
}

/** A region that was asked for is not quietly replaced by its country where factors for regions exist. */
function refuseUnknownRegion(chosen: Factor, wanted: Wanted, library: Library): void {
  const { region } = wanted
  if (region === undefined || chosen.geography === region) return
  const country = `${region.slice(0, 2)}-`
  const known = library
    .candidates(wanted.activity.key)
    .filter((factor) => factor.geography.startsWith(country) && factor.status === 'valid' && unitFits(factor, wanted))
    .map((factor) => factor.geography)
  if (known.length === 0) return
  throw new LineFault(
    'attributes/region',
    'unknown-region',
    `No factor for ${wanted.activity.key} speaks for ${region}. Choose one of the regions that are known, or leave the region out for the whole country.`,
    region,
    [...new Set(known)].sort(),
  )
}

/** The rows that complete a direct factor of a publisher who splits its chain: upstream, losses, upstream of losses. */
export function chooseCompanions(chosen: Factor, wanted: Wanted, library: Library): Choice[] {
  if (chosen.boundary !== 'direct') return []
  const found: Choice[] = []
  for (const key of wanted.activity.companions) {
    const activity = findActivity(key)
    if (!activity) continue
    const own = library
      .candidates(key)
      .filter(
        (factor) =>
          factor.dataset === chosen.dataset && factor.edition === chosen.edition && factor.unit === chosen.unit,
      )
    const companion = { ...wanted, activity }
    let best: { factor: Factor; rank: readonly (number | string)[] } | undefined
    for (const factor of own) {
      if (!attributesFit(factor, companion) || !placeFits(factor, companion)) continue
      // A companion must describe the same thing: the upstream of an electric van does not complete a diesel one.
      const same = Object.entries(factor.attributes ?? {}).every(
        ([name, value]) => chosen.attributes?.[name] === undefined || chosen.attributes[name] === value,
      )
      if (!same) continue
      const rank = rankOf(factor, companion)
      if (!best || compareRanks(rank, best.rank) < 0) best = { factor, rank }
    }
    if (best) found.push({ factor: best.factor, reason: `completes ${chosen.id}, which is direct only` })
  }
  return found
}

function unitFits(factor: Factor, wanted: Wanted): boolean {
  const from = findUnit(wanted.unit)
  const to = findUnit(factor.unit)
  if (!from || !to) return false
  if (from.dimension === to.dimension) return true
  return from.dimension.startsWith('money_') && to.dimension.startsWith('money_') && wanted.canIndex(factor.unit)
}

function attributesFit(factor: Factor, wanted: Wanted): boolean {
  const carried = factor.attributes ?? {}
  for (const [name, value] of Object.entries(wanted.stated)) {
    // A companion has attributes of its own: losses on the line do not depend on where the current comes from.
    if (!Object.hasOwn(wanted.activity.attributes, name)) continue
    const own = carried[name]
    if (own === undefined ? value !== wanted.activity.attributes[name]?.default : String(own) !== value) return false
  }
  // An attribute without a default singles out a factor: it must be asked for, or the pick would be a guess.
  return Object.keys(carried).every(
    (name) =>
      wanted.stated[name] !== undefined ||
      wanted.preferred[name] !== undefined ||
      wanted.activity.attributes[name] === undefined,
  )
}

/** Activities whose factor says nothing about any other country: electricity is as clean as the grid it comes from. */
const gridBound = new Set(['electricity'])

function placeFits(factor: Factor, wanted: Wanted): boolean {
  if (wanted.places.includes(factor.geography)) return true
  // A subdivision speaks for itself only: the grid of Alaska is not the grid of the United States.
  if (factor.geography.includes('-')) return false
  return !(gridBound.has(wanted.activity.key) && ['grid', 'residual_mix'].includes(wanted.stated.origin ?? ''))
}

function rankOf(factor: Factor, wanted: Wanted): readonly (number | string)[] {
  const place = wanted.places.indexOf(factor.geography)
  let misfit = 0
  for (const [name, order] of Object.entries(wanted.preferred)) {
    if (wanted.stated[name] !== undefined) continue
    const own = factor.attributes?.[name]
    if (own === undefined) continue
    const position = order.indexOf(String(own))
    misfit += position < 0 ? order.length + 1 : position
  }
  return [
    place < 0 ? wanted.places.length : place,
    misfit,
    datasetRank(factor.dataset, wanted.places),
    yearDistance(factor, wanted.years),
    // A narrower period and a newer edition first, so that a yearly value beats an open-ended one.
    factor.valid_from ? -Number(factor.valid_from.slice(0, 4)) : 0,
    factor.id,
  ]
}

function compareRanks(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  for (let i = 0; i < a.length; i += 1) {
    const [x, y] = [a[i] ?? 0, b[i] ?? 0]
    if (x !== y) return x < y ? -1 : 1
  }
  return 0
}

/** Years between the reporting period and the period for which the factor speaks; 0 when they overlap. */
export function yearDistance(factor: Factor, [first, last]: readonly [number, number]): number {
  const from = factor.valid_from ? Number(factor.valid_from.slice(0, 4)) : undefined
  const to = factor.valid_to ? Number(factor.valid_to.slice(0, 4)) : undefined
  if (to !== undefined && first > to) return first - to
  if (from !== undefined && last < from) return from - last
  return 0
}

const french = ['base-carbone', 'desnz', 'epa-hub']
const british = ['desnz', 'base-carbone', 'epa-hub']
const home = new Map([
  ['FR', french],
  ['GB', british],
  ['US', ['epa-hub', 'useeio', 'desnz', 'base-carbone']],
])

function datasetRank(dataset: string, places: readonly string[]): number {
  const own = places.find((place) => home.has(place)) ?? ''
  const order = home.get(own) ?? (places.includes('EU') ? french : british)
  const rank = order.findIndex((name) => dataset.startsWith(name))
  return rank < 0 ? order.length : rank
}

function reasonFor(factor: Factor, wanted: Wanted): string {
  const parts = [`serves ${wanted.activity.key} in ${factor.unit}`]
  const country = wanted.places.find((place) => place !== 'EU' && place !== 'world')
  if (wanted.places.includes(factor.geography)) parts.push(`speaks for ${factor.geography}`)
  else parts.push(`no factor for ${country} is known; this one speaks for ${factor.geography}`)
  const distance = yearDistance(factor, wanted.years)
  if (factor.valid_from || factor.valid_to) {
    parts.push(
      distance === 0 ? 'covers the period' : `the nearest in time, ${distance} year${distance === 1 ? '' : 's'} away`,
    )
  }
  const assumed = Object.entries(factor.attributes ?? {}).filter(
    ([name]) => wanted.stated[name] === undefined && wanted.activity.attributes[name],
  )
  if (assumed.length > 0) parts.push(`assumes ${assumed.map(([name, value]) => `${name} ${value}`).join(', ')}`)
  return `${parts.join('; ')}.`
}

function noFactor(wanted: Wanted, library: Library): LineFault {
  const candidates = library.candidates(wanted.activity.key)
  const by_unit = candidates.filter((factor) => unitFits(factor, wanted))
  if (candidates.length > 0 && by_unit.length === 0) {
    const units = [...new Set(candidates.map((factor) => factor.unit))].sort()
    return new LineFault(
      'unit',
      'wrong-dimension',
      `No factor for ${wanted.activity.key} is counted in ${wanted.unit}.`,
      wanted.unit,
      units,
    )
  }
  const open = Object.entries(wanted.activity.attributes).filter(
    ([name, attribute]) => attribute.default === undefined && wanted.stated[name] === undefined,
  )
  if (open.length > 0) {
    const expected = Object.fromEntries(open.map(([name, attribute]) => [name, attribute.values ?? attribute.pattern]))
    return new LineFault(
      'attributes',
      'attribute-needed',
      `To pick a factor for ${wanted.activity.key} we need: ${Object.keys(expected).join(', ')}.`,
      undefined,
      expected,
    )
  }
  return new LineFault(
    'activity',
    'no-factor-for-activity',
    `The library holds no valid factor for ${wanted.activity.key} in ${wanted.unit} with ${JSON.stringify(wanted.stated)}. Name a factor, or bring your own with value, unit and source.`,
    wanted.activity.key,
  )
}

const european = new Set(
  'AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK'.split(' '),
)
