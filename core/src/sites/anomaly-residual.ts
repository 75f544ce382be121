import type { Asset } from './contract.ts'
import { rarityOf, stretchesOf, thresholdFor, type Stretch } from './anomaly-threshold.ts'
import { usualOf } from './anomaly-usual.ts'
import {
  meanOver,
  quantileOf,
  seriesFor,
  slotsPerDay,
  type Found,
  type Hit,
  type Judged,
  type Watch,
  type WatchedSeries,
} from './anomaly-watch.ts'

/**
 * Load against what is usual at this time of the week, and all meters of a site against one another.
 */
const LIMITS = { floor: 5, cap: 12 }
const PAST_DAYS = 28
/** A site whose meters do not close to this share of what flows has flows that nobody measures: then nothing is said. */
const CLOSES_SHARE_MAX = 0.05
const BALANCE_FLOOR_SHARE = 0.02

export function loadOf(watch: Watch, asset: Asset): WatchedSeries | undefined {
  if (asset.kind === 'meter' && asset.role === 'grid') return undefined
  if (!['meter', 'hvac', 'charger'].includes(asset.kind)) return undefined
  return seriesFor(watch, asset.asset_id, ['load_power_kw', 'power_kw'])
}

export function loadHits(
  watch: Watch,
  asset: Asset,
  budget: number,
  is_masked: (slot: number) => boolean,
): Found & { usual: Float64Array | null } {
  const load = loadOf(watch, asset)
  if (load === undefined) return { hits: [], judged: [], usual: null }
  // Twice over: the first time tells what is out of line, the second does not learn from it.
  const { deviation: first_look } = deviations(watch, load.mean, is_masked)
  const is_strange = (slot: number) => is_masked(slot) || Math.abs(first_look[slot] ?? 0) >= LIMITS.cap
  const { deviation, expected } = deviations(watch, load.mean, is_strange)
  const { strength, threshold, size } = strengths(watch, deviation, budget, is_strange)
  const stretches = stretchesOf(strength, { confirm: 2, of: 3, quiet: 4, quiet_slots_max: 24 })
  const slots_judged = strength.filter((each) => !Number.isNaN(each)).length
  const judged: Judged = {
    method: 'seasonal_residual',
    asset_id: asset.asset_id,
    measure: load.measure,
    slots_judged,
    threshold: slots_judged === 0 ? null : threshold,
    needs: slots_judged === 0 ? 'three earlier days of the same kind (working day, Saturday, Sunday)' : null,
  }
  const spikes = spikesIn(strength, stretches)
  const hits = [...stretches, ...spikes].map((stretch) => loadHit(watch, load, stretch, size, deviation, expected))
  return { hits, judged: [judged], usual: expected }
}

function deviations(watch: Watch, values: Float64Array, is_masked: (slot: number) => boolean) {
  const { expected, scale } = usualOf(watch, values, is_masked)
  return { expected, deviation: values.map((value, i) => (value - (expected[i] ?? NaN)) / (scale[i] ?? NaN)) }
}

/** Deviations in units of a threshold that is set anew each day from the weeks before. */
function strengths(watch: Watch, deviation: Float64Array, budget: number, is_masked: (slot: number) => boolean) {
  const per_day = slotsPerDay(watch)
  const size = deviation.map((each, i) => (is_masked(i) ? NaN : Math.abs(each)))
  const strength = new Float64Array(watch.count).fill(NaN)
  let threshold: number = LIMITS.floor
  for (let day = 0; day < watch.count; day += per_day) {
    const from = Math.max(0, day - PAST_DAYS * per_day)
    threshold = thresholdFor(size, from, day, watch.slot_s, budget, LIMITS)
    for (let i = day; i < Math.min(day + per_day, watch.count); i++)
      strength[i] = Math.abs(deviation[i] ?? NaN) / threshold
  }
  return { strength, threshold, size }
}

/** One slot alone, far beyond all others. */
const SPIKE_STRENGTH = 2.5
function spikesIn(strength: Float64Array, stretches: readonly Stretch[]): Stretch[] {
  return [...strength].flatMap((each, i) => {
    const is_inside = stretches.some(({ first, end }) => i >= first && i < end)
    const is_alone = !((strength[i - 1] ?? 0) >= 1)
    return each >= SPIKE_STRENGTH && is_alone && !is_inside
      ? [{ first: i, end: i + 1, found: i, strength: each, peak: i }]
      : []
  })
}

function loadHit(
  watch: Watch,
  load: WatchedSeries,
  { first, end, found, strength, peak }: Stretch,
  size: Float64Array,
  deviation: Float64Array,
  expected: Float64Array,
): Hit {
  const is_single = end - first === 1
  const is_more = (deviation[peak] ?? 0) > 0
  return {
    type: is_single ? 'spike' : is_more ? 'load_surge' : 'load_drop',
    method: 'seasonal_residual',
    cause: is_single ? 'single_reading' : is_more ? 'more_than_usual' : 'less_than_usual',
    asset_id: load.asset_id,
    sensor_id: load.sensor_id,
    measure: load.measure,
    first,
    end,
    found,
    strength,
    p_value: rarityOf(size, Math.max(0, first - PAST_DAYS * slotsPerDay(watch)), first, Math.abs(deviation[peak] ?? 0)),
    value: meanOver(load.mean, first, end),
    expected: meanOver(expected, first, end),
    power: is_single ? null : { value: load.mean, expected },
  }
}

/** What the grid gives must be what is used, less what is made and discharged. Told at the grid meter. */
export function balanceHits(watch: Watch, budget: number, is_masked: (slot: number) => boolean): Found {
  const flows = flowsOf(watch)
  if (flows === null) return { hits: [], judged: [] }
  const { grid, expected } = flows
  const error = grid.mean.map((value, i) => value - (expected[i] ?? NaN))
  const scale = balanceScale(watch, error, expected, is_masked)
  const line = { method: 'energy_balance' as const, asset_id: grid.asset_id, measure: grid.measure }
  const slots_judged = scale.filter((each) => !Number.isNaN(each)).length
  if (slots_judged === 0) {
    const needs = 'a day of readings of every meter, and meters that account for all flows'
    return { hits: [], judged: [{ ...line, slots_judged, threshold: null, needs }] }
  }
  const deviation = error.map((each, i) => each / (scale[i] ?? NaN))
  const { strength, threshold, size } = strengths(watch, deviation, budget, is_masked)
  const stretches = stretchesOf(strength, { confirm: 2, of: 2, quiet: 4, quiet_slots_max: 24 })
  const hits = [...stretches, ...spikesIn(strength, stretches)].map((stretch): Hit => {
    const { first, end, found, peak } = stretch
    const is_single = end - first === 1
    return {
      type: is_single ? 'spike' : 'imbalance',
      method: 'energy_balance',
      cause: is_single ? 'single_reading' : 'meters_disagree',
      asset_id: grid.asset_id,
      sensor_id: grid.sensor_id,
      measure: grid.measure,
      first,
      end,
      found,
      strength: stretch.strength,
      p_value: rarityOf(size, 0, first, Math.abs(deviation[peak] ?? 0)),
      value: meanOver(grid.mean, first, end),
      expected: meanOver(expected, first, end),
      power: null,
    }
  })
  return { hits, judged: [{ ...line, slots_judged, threshold, needs: null }] }
}

/** How far meters may be apart, learnt each day from the weeks before; NaN where they never closed. */
function balanceScale(
  watch: Watch,
  error: Float64Array,
  expected: Float64Array,
  is_masked: (slot: number) => boolean,
): Float64Array {
  const per_day = slotsPerDay(watch)
  const scale = new Float64Array(watch.count).fill(NaN)
  for (let day = per_day; day < watch.count; day += per_day) {
    const past: number[] = []
    for (let i = Math.max(0, day - PAST_DAYS * per_day); i < day; i++) {
      if (!Number.isNaN(error[i]) && !is_masked(i)) past.push(i)
    }
    const flow_kw = quantileOf(
      Float64Array.from(past, (i) => Math.abs(expected[i] ?? 0)),
      0.75,
    )
    const usual_kw = quantileOf(
      Float64Array.from(past, (i) => Math.abs(error[i] ?? 0)),
      0.5,
    )
    if (past.length < per_day / 2 || !(usual_kw <= CLOSES_SHARE_MAX * flow_kw)) continue
    for (let i = day; i < Math.min(day + per_day, watch.count); i++) {
      scale[i] = Math.max(1.5 * usual_kw, BALANCE_FLOOR_SHARE * (Math.abs(expected[i] ?? 0) + flow_kw))
    }
  }
  return scale
}

/** Null where the site has not one meter at the grid, one kind of load meter, and power of everything that makes or stores. */
function flowsOf(watch: Watch): { grid: WatchedSeries; expected: Float64Array } | null {
  const grids = watch.assets.filter((asset) => asset.kind === 'meter' && asset.role === 'grid')
  const [grid_asset] = grids
  const grid = grid_asset && seriesFor(watch, grid_asset.asset_id, ['grid_power_kw', 'power_kw'])
  if (grids.length !== 1 || grid === undefined) return null
  const parts: { power: Float64Array; sign: 1 | -1 }[] = []
  for (const asset of watch.assets) {
    const is_load = asset.kind === 'meter' && asset.role === 'load'
    const is_source = ['pv_inverter', 'turbine', 'genset', 'battery'].includes(asset.kind)
    if (!is_load && !is_source) continue
    const power = seriesFor(watch, asset.asset_id, sourceMeasures(asset))
    if (power === undefined) return null
    parts.push({ power: power.mean, sign: is_load ? 1 : -1 })
  }
  if (!parts.some(({ sign }) => sign === 1)) return null
  const expected = grid.mean.map((_, i) => parts.reduce((sum, { power, sign }) => sum + sign * (power[i] ?? NaN), 0))
  return { grid, expected }
}

function sourceMeasures({ kind }: Asset): string[] {
  if (kind === 'meter') return ['load_power_kw', 'power_kw']
  return [kind === 'battery' ? 'battery_power_kw' : 'generation_power_kw', 'power_kw']
}
