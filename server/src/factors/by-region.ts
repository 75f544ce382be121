import { activities, type Activity } from '@tidemark/core/factors/activities.ts'
import type { emissionFactors as emissionFactorsRoute, Factor } from '@tidemark/core/factors/contract.ts'
import { placeCode, placeNames } from '@tidemark/core/factors/places.ts'
import { fold } from '@tidemark/core/factors/search-text.ts'
import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { Problem, shown as shortened } from '@tidemark/core/lib/problem.ts'
import { conversionFactor } from '@tidemark/core/lib/quantity.ts'
import { findUnit } from '@tidemark/core/lib/units.ts'
import type { Context } from '../platform/context.ts'
import { todayOf } from './shown.ts'
import * as store from './store.ts'

type Answer = OutputOf<typeof emissionFactorsRoute>

/** Places that are grid regions rather than countries: the eGRID subregion in which most of the state lies. */
const gridRegions: Record<string, string> = {
  california: 'US-CAMX',
  texas: 'US-ERCT',
  florida: 'US-FRCC',
  hawaii: 'US-HIOA',
  alaska: 'US-AKGD',
}

/**
 * The plain numbers of one activity in one region. Names of numbers say what they are: `usa_national_average` for a
 * grid, `combustion_factor` and `upstream_factor` for stages; where several rows serve, what tells a row apart from
 * the first is added. Electricity is answered per kWh, everything else in the unit of its factor.
 * @throws Problem `factors/unknown-activity`, `factors/unknown-region`, each listing what is known.
 */
export async function emissionFactors(
  ctx: Context,
  { region, activity }: InputOf<typeof emissionFactorsRoute>,
): Promise<Answer> {
  const found = findActivityByWord(activity)
  if (!found) {
    throw new Problem('factors/unknown-activity', {
      detail: `"${String(shortened(activity))}" is not an activity that is known. GET /api/v1/activities describes each.`,
      activity: shortened(activity),
      known_activities: activities.map(({ key }) => key),
    })
  }
  const geography = regionCode(region)
  const all = await store.factorsOfActivities(ctx.db, [found.key])
  const candidates = inOrder(
    found,
    all.filter((factor) => factor.geography === geography),
  )
  if (geography === undefined || candidates.length === 0) {
    throw new Problem('factors/unknown-region', {
      detail: `There is no current factor of ${found.key} for "${String(shortened(region))}".`,
      region: shortened(region),
      known_regions: await store.geographiesOf(ctx.db, found.key),
    })
  }
  const today = todayOf(ctx)
  const factors: Answer['factors'] = {}
  const details: Answer['details'] = {}
  const [first] = candidates
  for (const factor of candidates) {
    const { scale, unit } = answeredUnit(found, factor)
    const suffix = first ? suffixOf(factor, first, found) : ''
    for (const [name, value] of numbersOf(found, factor, geography)) {
      // Rows that nothing said here tells apart are told apart by their id.
      const key = Object.hasOwn(factors, `${name}${suffix}`)
        ? `${name}${suffix}_${fold(factor.id).replaceAll(' ', '_')}`
        : `${name}${suffix}`
      factors[key] = Number((value * scale).toPrecision(12))
      details[key] = detailOf(factor, unit, today)
    }
  }
  return {
    region,
    activity,
    factors,
    details,
    source: sourcesOf(candidates),
    last_updated: lastUpdated(candidates, today),
  }
}

/** An activity by its key, one of its names or a word that is used for it. */
function findActivityByWord(word: string): Activity | undefined {
  const asked = fold(word)
  return (
    activities.find(({ key }) => fold(key) === asked) ??
    activities.find(({ name }) => fold(name.en) === asked || fold(name.fr) === asked) ??
    activities.find(({ synonyms }) => synonyms.some((synonym) => fold(synonym) === asked))
  )
}

function regionCode(region: string): string | undefined {
  const name = fold(region)
  const plain = name.replace(/ national average$/, '')
  if (Object.hasOwn(gridRegions, plain)) return gridRegions[plain]
  const code = region.trim().toUpperCase()
  if (/^[A-Z]{2}(?:-[A-Z0-9]{1,6})?$/.test(code) && code !== 'UK') return code
  if (plain === 'world' || plain === 'monde') return 'world'
  return placeCode(plain)
}

/** What needs no saying first: attributes at their defaults, then the newest, then the unit that bills are in. */
function inOrder(activity: Activity, candidates: readonly Factor[]): Factor[] {
  const unusual = (factor: Factor): number =>
    Object.entries(factor.attributes ?? {}).filter(([name, value]) => {
      const usual = activity.attributes[name]?.default
      return usual !== undefined && usual !== String(value)
    }).length
  const dimension = (factor: Factor): number =>
    activity.dimensions.findIndex((each) => each === findUnit(factor.unit)?.dimension)
  return [...candidates].sort(
    (a, b) =>
      unusual(a) - unusual(b) ||
      Number(yearOf(b)) - Number(yearOf(a)) ||
      dimension(a) - dimension(b) ||
      (a.id < b.id ? -1 : 1),
  )
}

function answeredUnit(activity: Activity, factor: Factor): { scale: number; unit: string } {
  if (activity.key !== 'electricity') return { scale: 1, unit: factor.unit }
  return { scale: conversionFactor('kWh', factor.unit), unit: 'kWh' }
}

function numbersOf(activity: Activity, factor: Factor, geography: string): [name: string, value: number][] {
  const stages = factor.stages
    .filter(({ stage }) => stage !== 'whole')
    .map(({ stage, total_kg_co2e }): [string, number] => [`${stage}_factor`, total_kg_co2e])
  if (activity.key === 'electricity')
    return [[gridName(geography), factor.total_kg_co2e], ...(stages.length > 1 ? stages : [])]
  return stages.length === 1 ? stages : [['total_factor', factor.total_kg_co2e], ...stages]
}

function gridName(geography: string): string {
  const region = Object.entries(gridRegions).find(([, code]) => code === geography)?.[0]
  if (region) return region
  const country = geography === 'US' ? 'usa' : fold(placeNames(geography)?.en ?? geography).replaceAll(' ', '_')
  return /^[A-Z]{2}$/.test(geography) ? `${country}_national_average` : country
}

/**
 * What tells a factor apart from the first one, at the end of its numbers' names: boundary, attributes, unit, year, each
 * only where it differs. Empty for the first.
 */
function suffixOf(factor: Factor, first: Factor, activity: Activity): string {
  const plain = (text: string): string => fold(text).replaceAll(' ', '_')
  const attributes = Object.keys(activity.attributes)
    .filter((name) => factor.attributes?.[name] !== undefined && factor.attributes[name] !== first.attributes?.[name])
    .map((name) => plain(String(factor.attributes?.[name])))
  const is_grid = activity.key === 'electricity'
  const parts = [
    ...(factor.boundary === first.boundary ? [] : [factor.boundary]),
    ...attributes,
    ...(is_grid || factor.unit === first.unit ? [] : [`per_${plain(factor.unit)}`]),
    ...(yearOf(factor) === yearOf(first) ? [] : [yearOf(factor)]),
  ]
  return parts.map((part) => `_${part}`).join('')
}

function yearOf(factor: Factor): string {
  return /\d{4}/.exec(factor.valid_to ?? factor.valid_from ?? factor.edition)?.[0] ?? factor.edition
}

function detailOf(factor: Factor, unit: string, today: string): Answer['details'][string] {
  return {
    unit: `kgCO2e/${unit}`,
    factor_id: factor.id,
    edition: factor.edition,
    name: factor.name.en,
    source: `${factor.publisher} ${factor.edition}, ${factor.row}`,
    boundary: factor.boundary,
    ...(factor.gwp_set ? { gwp_set: factor.gwp_set } : {}),
    ...(factor.valid_to ? { valid_to: factor.valid_to } : {}),
    expired: factor.valid_to !== undefined && factor.valid_to < today,
  }
}

function sourcesOf(factors: readonly Factor[]): string {
  return [...new Set(factors.map(({ publisher, source, edition }) => `${publisher}: ${source.title} (${edition})`))]
    .slice(0, 5)
    .join('; ')
}

/** The day from which the newest of them holds; a publisher that names none is as old as its edition's year. */
function lastUpdated(factors: readonly Factor[], today: string): string {
  const days = factors.map((factor) => {
    const year = /\b(?:19|20)\d{2}\b/.exec(factor.edition)?.[0]
    return factor.valid_from ?? (year ? `${year}-01-01` : factor.valid_to)
  })
  return (
    days
      .filter((day): day is string => day !== undefined && day <= today)
      .sort()
      .at(-1) ?? ''
  )
}
