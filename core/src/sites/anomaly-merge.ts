import { SHAPE_WINDOW } from './anomaly-shapes.ts'
import { QUIET_S } from './anomaly-threshold.ts'
import { anomalyTypes, slotsPerDay, type Hit, type Watch } from './anomaly-watch.ts'

/** What several detectors say of one asset and one stretch of time. The leading hit gives type, values and cause. */
export interface Merged {
  lead: Hit
  hits: Hit[]
  first: number
  end: number
  found: number
}

/** Conditions that come and go with light and load over days: they last until two days were quiet. */
const SLOW_QUIET_S = 172_800
const slowTypes = new Set(['underperformance', 'unusual_combination'])
const isSlow = ({ type }: Hit) => slowTypes.has(type)
/** A missing power that is so little more than what was missing the day before is the same loss. */
const SAME_LOSS = 0.08

/**
 * Joins hits of one asset that overlap, whatever found them, and hits of one type that follow within the refractory time.
 * The type that explains most leads: a stuck sensor explains a missing power, not the other way round. What explains less
 * joins what explains more, in the same time, without changing its window.
 */
export function mergeHits(watch: Watch, hits: readonly Hit[]): Merged[] {
  const isWitness = ({ method }: Hit) => method === 'energy_balance'
  const acute = groupsOf(
    hits.filter((hit) => !isSlow(hit) && !isWitness(hit)),
    Math.ceil(QUIET_S / watch.slot_s),
  )
  const told = new Set(hits.filter((hit) => hit.type === 'unusual_combination' && tells(hit, acute)))
  const slow = groupsOf(
    hits.filter((hit) => isSlow(hit) && !told.has(hit)),
    Math.ceil(SLOW_QUIET_S / watch.slot_s),
  )
  const witnesses = groupsOf(hits.filter(isWitness), Math.ceil(QUIET_S / watch.slot_s))
  const kept_acute = acute.filter(
    (each) => !absorbed(each, acute, echoes) && !absorbed(each, slow, (other, group) => fades(watch, other, group)),
  )
  const kept_slow = slow.filter((each) => !absorbed(each, kept_acute, (other, group) => showsIn(watch, other, group)))
  const own = [...kept_acute, ...kept_slow]
  return [...own, ...witnesses.filter((each) => !absorbed(each, own, sameTime))]
}

/** A combination that is strange while something acute is wrong with the asset is evidence of that. */
function tells(hit: Hit, acute: readonly Merged[]): boolean {
  const home = acute.find(
    ({ lead, first, end }) => lead.asset_id === hit.asset_id && hit.first < end && first < hit.end,
  )
  home?.hits.push(hit)
  return home !== undefined
}

/** Gives a group's hits to another one that explains it, where there is such a one. */
function absorbed(
  group: Merged,
  others: readonly Merged[],
  explains: (other: Merged, group: Merged) => boolean,
): boolean {
  const home = others.find((other) => other !== group && explains(other, group))
  if (home !== undefined) home.hits.push(...group.hits)
  return home !== undefined
}

const overlapOf = (a: Merged, b: Merged) => Math.min(a.end, b.end) - Math.max(a.first, b.first)
const sameAsset = (a: Merged, b: Merged) => a.lead.asset_id === b.lead.asset_id
const isAll = ({ hits }: Merged, type: Hit['type']) => hits.every((hit) => hit.type === type)

/** What was strange stays in the shapes that follow. */
function echoes(other: Merged, group: Merged): boolean {
  const is_after = group.first >= other.first && group.first <= other.end + SHAPE_WINDOW
  return sameAsset(other, group) && isAll(group, 'unusual_shape') && !isAll(other, 'unusual_shape') && is_after
}

/** A loss over days that goes on is no new drop. */
function fades(watch: Watch, other: Merged, group: Merged): boolean {
  if (!sameAsset(other, group) || !isAll(group, 'power_drop') || overlapOf(other, group) <= 0) return false
  const per_day = slotsPerDay(watch)
  const fading = other.hits.find(({ type, first }) => type === 'underperformance' && first <= group.first - per_day)
  const before = fading && lossBetween(fading, group.first - per_day, group.first)
  const now = lossBetween(group.lead, group.first, group.first + per_day / 2)
  return before !== undefined && before > 0 && now <= before + SAME_LOSS
}

/** The share that is missing of what a hit expects, over slots in which both are known; 0 where none is. */
function lossBetween({ power }: Hit, first: number, end: number): number {
  let got = 0
  let could = 0
  for (let i = Math.max(0, first); i < end; i++) {
    const value = power?.value[i] ?? NaN
    const expected = power?.expected[i] ?? NaN
    if (Number.isNaN(value) || Number.isNaN(expected)) continue
    got += value
    could += expected
  }
  return could > 0 ? 1 - got / could : 0
}

/** Days that lack what a drop within them took are no loss of their own. */
function showsIn(watch: Watch, other: Merged, group: Merged): boolean {
  const is_first = other.first <= group.first + slotsPerDay(watch)
  return (
    sameAsset(other, group) &&
    is_first &&
    other.lead.type === 'power_drop' &&
    2 * overlapOf(other, group) >= group.end - group.first
  )
}

/** What only the whole site shows, meters that disagree, tells of whatever is wrong at that time. */
function sameTime(other: Merged, group: Merged): boolean {
  return other.lead.type !== 'underperformance' && overlapOf(other, group) > 0
}

function groupsOf(hits: readonly Hit[], quiet: number): Merged[] {
  const groups: Merged[] = []
  for (const hit of [...hits].sort((a, b) => a.first - b.first || rankOf(a) - rankOf(b))) {
    const home = groups.find((each) => belongsTo(each, hit, quiet))
    if (home === undefined) groups.push({ lead: hit, hits: [hit], first: hit.first, end: hit.end, found: hit.found })
    else join(home, hit)
  }
  return groups
}

function belongsTo({ hits, lead, first, end }: Merged, hit: Hit, quiet: number): boolean {
  if (lead.asset_id !== hit.asset_id) return false
  if (hit.first < end && first < hit.end) return true
  return hits.some(({ type }) => type === hit.type) && hit.first - end < quiet
}

function join(home: Merged, hit: Hit): void {
  home.hits.push(hit)
  home.first = Math.min(home.first, hit.first)
  home.end = Math.max(home.end, hit.end)
  home.found = Math.min(home.found, hit.found)
  const { lead } = home
  if (rankOf(hit) < rankOf(lead) || (hit.type === lead.type && hit.strength > lead.strength)) home.lead = hit
}

/** A single figure that stands still explains less than where it stands; a single slot less than what lasts. */
function rankOf({ type, cause }: Hit): number {
  if (type === 'spike') return anomalyTypes.indexOf('load_drop') + 0.5
  if (type === 'stuck_value' && cause === 'figure_frozen') return anomalyTypes.indexOf('over_rating') + 0.5
  return anomalyTypes.indexOf(type)
}
