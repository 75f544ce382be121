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
  /** What is meant when nothing is said, best first: a factor that carries none of them is worse but not wrong. */
  preferred: Readonly<Record<string, readonly string[]>>
  /** What the distance of a flight says, best first. Publishers divide distances each in their own way. */
  derived: Readonly<Record<string, readonly string[]>>
  unit: string
  /** Place codes from the most to the least fitting: the own ones (region, country), then what speaks for more. */
  places: readonly string[]
  /** How many of the places are the organisation's own. */
  own_places: number
  /** Where a flight between airports begins and ends. */
  countries?: readonly string[]
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
  /** What the factor takes for granted that the line did not say and that is not the usual thing: `size medium`. */
  assumed?: string
}

/**
 * Where a publisher has nothing for the usual value of an attribute, what stands in for it, with a warning: a car or a
 * motorbike of medium size, the 40 t articulated lorry that carries most of the road freight in France, diesel for vans,
 * industrial coal, gas of type H, which all of France but the north burns.
 */
const nextBest: Readonly<Record<string, readonly string[]>> = {
  size: ['medium', 'small'],
  vehicle: ['articulated_34-40t'],
  fuel: ['diesel'],
  grade: ['industrial'],
  blend: ['type_h'],
}

/** Attributes that steer the choice but do not describe the activity. */
export const steering = ['country', 'region', 'from', 'to', 'round_trip'] as const

/** Reads what a line with an activity wants, or refuses with every fault of its attributes. */
export function readWanted(
  line: InventoryLine,
  inventory: Inventory,
  derived: Partial<Pick<Wanted, 'derived' | 'unit' | 'countries'>> = {},
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
  const preferred: Record<string, readonly string[]> = {}
  for (const [name, attribute] of Object.entries(activity.attributes)) {
    if (attribute.default === undefined) continue
    preferred[name] = [
      attribute.default,
      ...(nextBest[name] ?? []).filter((value) => attribute.values?.includes(value)),
    ]
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
  if (activity.attributes.origin && gridBound.has(activity.key)) stated.origin ??= 'grid'
  const unit = derived.unit ?? line.unit
  const own = region === undefined ? [country] : [region, country]
  return {
    activity,
    stated,
    preferred,
    derived: derived.derived ?? {},
    unit,
    places: [...own, ...(european.has(country) ? ['EU'] : []), 'world'],
    own_places: own.length,
    ...(derived.countries === undefined ? {} : { countries: derived.countries }),
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
 * candidates come, nor on other candidates that a larger library would hold: the own country first, then the attributes
 * that were not stated, then the wider place, the publisher nearest to the place, the distance of a flight, the year, the
 * id, the newest edition.
 */
export function chooseFactor(wanted: Wanted, library: Library): Choice {
  const usable = library
    .candidates(wanted.activity.key)
    .filter((factor) => factor.status === 'valid' && unitFits(factor, wanted) && placeFits(factor, wanted))
  const factor = firstByRank(
    usable.filter((each) => statedFit(each, wanted) && openAttributes(each, wanted).length === 0),
    wanted,
  )
  const own = usable.filter((each) => isOwn(each, wanted))
  // Rather than a factor from elsewhere, ask for the attribute that would single out one of the own country's.
  const asking = factor && isOwn(factor, wanted) ? [] : own.filter((each) => statedFit(each, wanted))
  if (asking.length > 0) throw attributeNeeded(asking, wanted)
  if (!factor) throw noFactor(wanted, library, usable)
  refuseUnknownRegion(factor, wanted, library)
  refuseGuess(factor, usable, wanted)
  const assumed = assumedBy(factor, wanted)
  return { factor, reason: reasonFor(factor, wanted), ...(assumed === undefined ? {} : { assumed }) }
}

/** Of several unusual kinds that are equally near, none is taken by chance: the line has to say which. */
function refuseGuess(chosen: Factor, usable: readonly Factor[], wanted: Wanted): void {
  const misfit = distanceFrom(wanted.preferred, chosen, wanted)
  if (misfit === 0) return
  const alike = usable.filter(
    (each) =>
      statedFit(each, wanted) &&
      openAttributes(each, wanted).length === 0 &&
      each.geography === chosen.geography &&
      distanceFrom(wanted.preferred, each, wanted) === misfit,
  )
  const names = Object.keys(wanted.preferred).filter(
    (name) =>
      wanted.stated[name] === undefined && alike.some((each) => each.attributes?.[name] !== chosen.attributes?.[name]),
  )
  if (names.length > 0) throw attributeNeeded(alike, wanted, () => names)
}

function firstByRank(factors: readonly Factor[], wanted: Wanted): Factor | undefined {
  let best: { factor: Factor; rank: readonly (number | string)[] } | undefined
  for (const factor of factors) {
    const rank = rankOf(factor, wanted)
    if (!best || compareRanks(rank, best.rank) < 0) best = { factor, rank }
  }
  return best?.factor
}

function isOwn(factor: Factor, wanted: Wanted): boolean {
  const place = wanted.places.indexOf(factor.geography)
  return place >= 0 && place < wanted.own_places
}

function assumedBy(factor: Factor, wanted: Wanted): string | undefined {
  const unusual = Object.entries(factor.attributes ?? {}).filter(([name, value]) => {
    const usual = wanted.activity.attributes[name]?.default
    // The choice of effects at altitude has a warning of its own.
    return (
      usual !== undefined &&
      wanted.stated[name] === undefined &&
      String(value) !== usual &&
      name !== 'radiative_forcing'
    )
  })
  return unusual.length === 0 ? undefined : unusual.map(([name, value]) => `${name} ${value}`).join(', ')
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
    // A companion must describe the same thing: the upstream of an electric van does not complete a diesel one.
    const alike = own.filter(
      (factor) =>
        placeFits(factor, companion) &&
        statedFit(factor, companion) &&
        openAttributes(factor, companion).length === 0 &&
        Object.entries(factor.attributes ?? {}).every(
          ([name, value]) => chosen.attributes?.[name] === undefined || chosen.attributes[name] === value,
        ),
    )
    const factor = firstByRank(alike, companion)
    if (factor) found.push({ factor, reason: `completes ${chosen.id}, which is direct only` })
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

/** Whether the factor is of the kind that the line states. */
function statedFit(factor: Factor, wanted: Wanted): boolean {
  const carried = factor.attributes ?? {}
  for (const [name, value] of Object.entries(wanted.stated)) {
    // A companion has attributes of its own: losses on the line do not depend on where the current comes from.
    if (!Object.hasOwn(wanted.activity.attributes, name)) continue
    const own = carried[name]
    if (own === undefined ? value !== wanted.activity.attributes[name]?.default : String(own) !== value) return false
  }
  return true
}

/** An attribute without a default singles out a factor: it must be asked for, or the pick would be a guess. */
function openAttributes(factor: Factor, wanted: Wanted): string[] {
  return Object.keys(factor.attributes ?? {}).filter(
    (name) =>
      wanted.stated[name] === undefined &&
      wanted.preferred[name] === undefined &&
      wanted.derived[name] === undefined &&
      wanted.activity.attributes[name] !== undefined,
  )
}

/** Activities whose factor says nothing about any other country: electricity is as clean as the grid it comes from. */
const gridBound = new Set([
  'electricity',
  'electricity_upstream',
  'transmission_losses',
  'transmission_losses_upstream',
])

function placeFits(factor: Factor, wanted: Wanted): boolean {
  // "To or from the UK", DESNZ says of its flights, and has others for the rest of the world.
  if (wanted.countries && factor.dataset === 'desnz' && factor.geography === 'GB')
    return wanted.countries.includes('GB')
  if (wanted.places.includes(factor.geography)) return true
  // A subdivision speaks for itself only: the grid of Alaska is not the grid of the United States.
  if (factor.geography.includes('-')) return false
  const from_the_grid = ['grid', 'residual_mix'].includes(wanted.stated.origin ?? 'grid')
  return !(from_the_grid && gridBound.has(wanted.activity.key))
}

function rankOf(factor: Factor, wanted: Wanted): readonly (number | string)[] {
  const place = wanted.places.indexOf(factor.geography)
  return [
    isOwn(factor, wanted) ? place : wanted.own_places,
    distanceFrom(wanted.preferred, factor, wanted),
    place < 0 ? wanted.places.length : place,
    datasetRank(factor.dataset, wanted.places),
    distanceFrom(wanted.derived, factor, wanted),
    yearDistance(factor, wanted.years),
    // A narrower period and a newer edition first, so that a yearly value beats an open-ended one.
    factor.valid_from ? -Number(factor.valid_from.slice(0, 4)) : 0,
    factor.id,
    // One id in several editions for the same years: the newest.
    ...editionRank(factor.edition),
  ]
}

/** How far a factor is from preferences that the line does not overrule; an attribute that it lacks costs nothing. */
function distanceFrom(preferences: Wanted['preferred'], factor: Factor, wanted: Wanted): number {
  let distance = 0
  for (const name in preferences) {
    const own = factor.attributes?.[name]
    if (own === undefined || wanted.stated[name] !== undefined) continue
    const order = preferences[name] ?? []
    const position = order.indexOf(String(own))
    distance += position < 0 ? order.length + 1 : position
  }
  return distance
}

/** Numbers of an edition's name, negative so that the newest ranks first: V23.6 before V17. */
function editionRank(edition: string): number[] {
  return (edition.match(/\d+/g) ?? []).map((digits) => -Number(digits))
}

function compareRanks(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i += 1) {
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
  const country = wanted.places[wanted.own_places - 1]
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

/** Names what the nearest factors need to be told apart, with the values they have. */
function attributeNeeded(
  factors: readonly Factor[],
  wanted: Wanted,
  missing: (factor: Factor) => readonly string[] = (factor) => openAttributes(factor, wanted),
): LineFault {
  const expected: Record<string, string[]> = {}
  for (const factor of factors) {
    for (const name of missing(factor)) {
      const values = (expected[name] ??= [])
      const value = String(factor.attributes?.[name])
      if (!values.includes(value)) values.push(value)
    }
  }
  for (const values of Object.values(expected)) values.sort()
  return new LineFault(
    'attributes',
    'attribute-needed',
    `To pick a factor for ${wanted.activity.key} we need: ${Object.keys(expected).sort().join(', ')}.`,
    undefined,
    expected,
  )
}

function noFactor(wanted: Wanted, library: Library, usable: readonly Factor[]): LineFault {
  const candidates = library.candidates(wanted.activity.key)
  const by_unit = candidates.filter((factor) => unitFits(factor, wanted))
  if (candidates.length > 0 && by_unit.length === 0) {
    const units = [...new Set(candidates.map((factor) => factor.unit))].sort()
    const money = findUnit(wanted.unit)?.dimension.startsWith('money_') ?? false
    if (money && units.some((unit) => findUnit(unit)?.dimension.startsWith('money_'))) {
      const targets = [...new Set(units.map(baseMoney))]
      return new LineFault(
        'unit',
        'price-index-needed',
        `Factors for ${wanted.activity.key} count in ${targets.join(' or ')}. State under price_indices what one ${baseMoney(wanted.unit)} is worth there.`,
        wanted.unit,
        targets,
      )
    }
    return new LineFault(
      'unit',
      'wrong-dimension',
      `No factor for ${wanted.activity.key} is counted in ${wanted.unit}.`,
      wanted.unit,
      units,
    )
  }
  const asking = usable.filter((factor) => statedFit(factor, wanted))
  if (asking.length > 0) return attributeNeeded(asking, wanted)
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
