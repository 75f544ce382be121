import type { Asset } from './contract.ts'
import { clearSkyPower_kw, sunAt } from './sun.ts'
import { stretchesOf, type Stretch } from './anomaly-threshold.ts'
import {
  generationOf,
  meanOver,
  quantileOf,
  slotMs,
  slotsPerDay,
  type AnomalyType,
  type Cause,
  type Found,
  type Hit,
  type Watch,
  type WatchedSeries,
} from './anomaly-watch.ts'

/**
 * What needs no learning: nothing is generated at night, no plant gives more than a clear sky or its rating, a live sensor
 * never shows the same figure for hours, counters do not go back, and a device that was heard every slot is not silent.
 * The limits stand in docs/methods/anomalies.md.
 */
const NIGHT_ELEVATION_DEG = -2
const NIGHT_SHARE = 0.01
const CLEAR_SKY_FACTOR = 1.25
const CLEAR_SKY_MARGIN_SHARE = 0.05
const RATING_FACTOR = 1.2
const STUCK_S = 2_700
const STUCK_BESIDE_USUAL = 1.5
const SILENT_INTERVALS = 3
/** When nothing of a whole site arrives, that may be a slow upload: it is told later. */
const SITE_SILENT_S = 21_600
const FLAT_S = 3_600
const ZERO_SHARE_MAX = 0.01

/** Rules say yes or no: a hit stands where its rule has it, with one of them enough. */
const AT_ONCE = { confirm: 1, of: 1, quiet: 4, quiet_slots_max: 96 }
const TWICE = { confirm: 2, of: 2, quiet: 4, quiet_slots_max: 96 }

export function ruleHits(watch: Watch, asset: Asset, usual: ReadonlyMap<WatchedSeries, Float64Array>): Found {
  const series = watch.series.filter(({ asset_id }) => asset_id === asset.asset_id)
  const hits = [
    ...solarHits(watch, asset),
    ...ratingHits(watch, asset, series),
    ...series.flatMap((each) => (each.kind === 'counter' ? resetHits(each) : [])),
    ...stuckHits(watch, series, usual),
    ...flatHits(watch, series, usual),
    ...silentHits(watch, asset, series, usual),
  ]
  const judged =
    series.length === 0 ? 0 : Math.max(...series.map(({ mean }) => mean.filter((v) => !Number.isNaN(v)).length))
  const needs = judged === 0 ? 'readings of a device that stands for this asset' : null
  return {
    hits,
    judged: [{ method: 'rule', asset_id: asset.asset_id, measure: null, slots_judged: judged, threshold: null, needs }],
  }
}

interface RuleHit {
  type: AnomalyType
  cause: Cause
  series: WatchedSeries
  expected?: Float64Array | undefined
  is_power?: boolean
}

function hitOf(stretch: Stretch, { type, cause, series, expected, is_power = false }: RuleHit): Hit {
  const { first, end, found, strength, peak } = stretch
  return {
    type,
    method: 'rule',
    cause: end - first === 1 && type !== 'silence' && type !== 'meter_reset' ? 'single_reading' : cause,
    asset_id: series.asset_id,
    sensor_id: series.sensor_id,
    measure: series.measure,
    first,
    end,
    found,
    strength,
    p_value: null,
    value: type === 'silence' ? null : peakOf(series.mean, first, end, peak),
    expected: expected === undefined ? null : peakOf(expected, first, end, peak),
    power: is_power && expected !== undefined ? { value: series.mean, expected } : null,
  }
}

/** Of a short stretch its worst slot, of a longer one its mean. */
function peakOf(values: Float64Array, first: number, end: number, peak: number): number | null {
  if (end - first > 2) return meanOver(values, first, end)
  const value = values[peak] ?? NaN
  return Number.isNaN(value) ? null : value
}

function solarHits(watch: Watch, asset: Asset): Hit[] {
  const made = asset.kind === 'pv_inverter' ? generationOf(watch, asset.asset_id) : undefined
  if (asset.kind !== 'pv_inverter' || made === undefined) return []
  const night = new Float64Array(watch.count).fill(NaN)
  const day = new Float64Array(watch.count).fill(NaN)
  const none = new Float64Array(watch.count)
  const most = new Float64Array(watch.count)
  const { latitude, longitude } = watch
  for (let i = 0; i < watch.count; i++) {
    const power_kw = made.mean[i] ?? NaN
    if (Number.isNaN(power_kw)) continue
    const begin_ms = watch.from_ms + i * slotMs(watch)
    const highest = Math.max(
      sunAt(begin_ms, latitude, longitude).elevation_deg,
      sunAt(begin_ms + slotMs(watch), latitude, longitude).elevation_deg,
    )
    if (highest < NIGHT_ELEVATION_DEG) night[i] = power_kw / (NIGHT_SHARE * asset.rated_kw)
    else {
      // The best of the slot: near sunrise and sunset a minute decides.
      const clear_kw = Math.max(
        ...[0, 0.5, 1].map((part) => clearSkyPower_kw(asset, begin_ms + part * slotMs(watch), latitude, longitude)),
      )
      most[i] = CLEAR_SKY_FACTOR * clear_kw + CLEAR_SKY_MARGIN_SHARE * asset.rated_kw
      day[i] = power_kw / (most[i] ?? NaN)
    }
  }
  return [
    ...stretchesOf(night, TWICE).map((stretch) =>
      hitOf(stretch, {
        type: 'night_generation',
        cause: 'power_without_sun',
        series: made,
        expected: none,
        is_power: true,
      }),
    ),
    ...stretchesOf(day, AT_ONCE).map((stretch) =>
      hitOf(stretch, {
        type: stretch.end - stretch.first === 1 ? 'spike' : 'clear_sky_excess',
        cause: 'more_than_the_sky_gives',
        series: made,
        expected: most,
      }),
    ),
  ]
}

/** The most that an asset can give or take. */
function ratingOf(asset: Asset, measure: string): number | null {
  if (!['generation_power_kw', 'battery_power_kw', 'power_kw', 'load_power_kw'].includes(measure)) return null
  if (asset.kind === 'battery') return Math.max(asset.charge_kw_max, asset.discharge_kw_max)
  if (asset.kind === 'meter') return null
  return asset.rated_kw
}

function ratingHits(watch: Watch, asset: Asset, series: readonly WatchedSeries[]): Hit[] {
  return series.flatMap((each) => {
    const rated_kw = ratingOf(asset, each.measure)
    if (rated_kw === null) return []
    const limit = new Float64Array(watch.count).fill(RATING_FACTOR * rated_kw)
    const strength = each.mean.map((power_kw) => Math.abs(power_kw) / (RATING_FACTOR * rated_kw))
    return stretchesOf(strength, AT_ONCE).map((stretch) =>
      hitOf(stretch, {
        type: stretch.end - stretch.first === 1 ? 'spike' : 'over_rating',
        cause: 'more_than_it_can',
        series: each,
        expected: limit,
      }),
    )
  })
}

/** A counter that shows less than in the slot before was reset, replaced, or rolled over. */
function resetHits(series: WatchedSeries): Hit[] {
  let last = NaN
  const strength = series.mean.map((_, i) => {
    const low = series.low[i] ?? NaN
    if (Number.isNaN(low)) return NaN
    const went_back = low < last - 1e-6 * Math.abs(last) - 1e-9
    last = series.high[i] ?? last
    // A slot that holds both sides of the reset must not hide it.
    if (went_back) last = low
    return went_back ? 1 : 0
  })
  return stretchesOf(strength, { ...AT_ONCE, quiet: 1 }).map((stretch) =>
    hitOf(stretch, { type: 'meter_reset', cause: 'counter_went_back', series }),
  )
}

/**
 * A figure that does not move. Zero and the ends of a percentage are places to rest; how long others rest is usual is
 * learnt from the series' own past, save its latest day.
 */
function stuckHits(
  watch: Watch,
  series: readonly WatchedSeries[],
  usual: ReadonlyMap<WatchedSeries, Float64Array>,
): Hit[] {
  const hits = series.flatMap((each) => {
    if (each.kind === 'counter') return []
    const runs = runsOf(each)
    const day = slotsPerDay(watch)
    let longest = 0
    const ended: { at: number; run: number }[] = []
    const least = Math.max(3, Math.ceil(STUCK_S / watch.slot_s))
    const strength = runs.map((run, i) => {
      if (Number.isNaN(run)) return NaN
      const before = runs[i - 1] ?? 0
      // What was called stuck is no habit.
      if (run <= 1 && before > 1 && before < Math.max(least, STUCK_BESIDE_USUAL * longest))
        ended.push({ at: i, run: before })
      while ((ended[0]?.at ?? Infinity) <= i - day) longest = Math.max(longest, ended.shift()?.run ?? 0)
      return run / Math.max(least, STUCK_BESIDE_USUAL * longest)
    })
    return stretchesOf(strength, { ...AT_ONCE, quiet: 1 }).map((stretch) => {
      const length = runs[stretch.found] ?? 1
      const whole = { ...stretch, first: Math.max(0, stretch.found + 1 - length) }
      const power = usual.get(each)
      return hitOf(whole, {
        type: 'stuck_value',
        cause: 'figure_frozen',
        series: each,
        expected: power,
        is_power: power !== undefined,
      })
    })
  })
  return oneEach(hits)
}

/** A device that repeats itself does so in all its figures: of those that stand still together one is told, power first. */
function oneEach(hits: readonly Hit[]): Hit[] {
  const isPower = ({ measure }: Hit) => measure?.endsWith('power_kw') === true
  const left = [...hits].sort((a, b) => Number(isPower(b)) - Number(isPower(a)))
  const told: Hit[] = []
  for (;;) {
    const [lead] = left
    if (lead === undefined) return told
    const together = left.filter((hit) => hit.sensor_id === lead.sensor_id && overlaps(hit, lead))
    for (const hit of together) left.splice(left.indexOf(hit), 1)
    const cause = together.length > 1 ? 'device_repeats_itself' : 'figure_frozen'
    told.push({ ...lead, cause, found: Math.min(...together.map(({ found }) => found)) })
  }
}

const overlaps = (a: Hit, b: Hit) => a.first < b.end && b.first < a.end

/** How many slots in a row have shown this one figure; NaN where there is none, 0 where resting is ordinary. */
function runsOf({ mean, low, high, measure }: WatchedSeries): Float64Array {
  let run = 0
  let shown = NaN
  return mean.map((value, i) => {
    if (Number.isNaN(value)) return NaN
    const rests = value === 0 || (measure.endsWith('percent') && value === 100)
    const is_still = low[i] === high[i]
    run = rests || !is_still ? 0 : value === shown ? run + 1 : 1
    shown = is_still ? value : NaN
    return run
  })
}

/** Nothing at all, where at this time there was always something. */
function flatHits(
  watch: Watch,
  series: readonly WatchedSeries[],
  usual: ReadonlyMap<WatchedSeries, Float64Array>,
): Hit[] {
  return series.flatMap((each) => {
    if (each.measure !== 'load_power_kw' && each.measure !== 'grid_power_kw') return []
    const known = each.mean.filter((value) => !Number.isNaN(value))
    const zeros = known.filter((value) => value === 0).length
    // Chargers and machines rest; a meter that often shows nothing says nothing by it.
    const is_never_zero = zeros <= ZERO_SHARE_MAX * known.length + FLAT_S / watch.slot_s
    if (!is_never_zero || known.length < slotsPerDay(watch)) return []
    const strength = each.mean.map((value) => (Number.isNaN(value) ? NaN : value === 0 ? 1 : 0))
    const slots = Math.max(2, Math.ceil(FLAT_S / watch.slot_s))
    const expected = usual.get(each)
    return stretchesOf(strength, { confirm: slots, of: slots, quiet: 1, quiet_slots_max: 96 }).map((stretch) =>
      hitOf(stretch, {
        type: 'flatliner',
        cause: 'shows_zero',
        series: each,
        expected,
        is_power: expected !== undefined,
      }),
    )
  })
}

/** A device that others outlast: it was heard every so often, and is not any more. */
function silentHits(
  watch: Watch,
  asset: Asset,
  series: readonly WatchedSeries[],
  usual: ReadonlyMap<WatchedSeries, Float64Array>,
): Hit[] {
  // Beyond what anybody sent, silence of one is silence of all: that is told of the site.
  const end = lastHeard(watch, watch.series)
  return asset.sensor_ids.flatMap((sensor_id) => {
    const own = series.filter((each) => each.sensor_id === sensor_id)
    const lead = own.find(({ measure }) => measure.endsWith('power_kw')) ?? own[0]
    if (lead === undefined) return []
    const heard: number[] = []
    for (let i = 0; i < end; i++) if (own.some(({ mean }) => !Number.isNaN(mean[i]))) heard.push(i)
    const steps = heard.slice(1).map((slot, i) => slot - (heard[i] ?? slot))
    const interval = steps.length < 3 ? 1 : Math.max(1, Math.round(quantileOf(steps, 0.5)))
    const least = SILENT_INTERVALS * interval
    return [...heard, end].slice(1).flatMap((slot, i) => {
      const first = (heard[i] ?? slot) + 1
      const silent = slot - first
      if (silent < least) return []
      const found = Math.min(first + least - 1, watch.count - 1)
      const expected = usual.get(lead)
      const hit = hitOf(
        { first, end: slot, found, strength: silent / least, peak: first },
        { type: 'silence', cause: 'no_readings', series: lead, expected },
      )
      return [hit]
    })
  })
}

/** Nothing at all came from a site for hours. */
export function siteSilenceHits(watch: Watch): Hit[] {
  const first = lastHeard(watch, watch.series)
  const least = Math.ceil(SITE_SILENT_S / watch.slot_s)
  if (watch.series.length === 0 || watch.count - first < least) return []
  return [
    {
      type: 'silence',
      method: 'rule',
      cause: 'no_readings',
      asset_id: null,
      sensor_id: null,
      measure: null,
      first,
      end: watch.count,
      found: first + least - 1,
      strength: (watch.count - first) / least,
      p_value: null,
      value: null,
      expected: null,
      power: null,
    },
  ]
}

function lastHeard(watch: Watch, series: readonly WatchedSeries[]): number {
  let last = 0
  for (const { mean } of series) {
    for (let i = watch.count - 1; i >= last; i--) {
      if (Number.isNaN(mean[i])) continue
      last = i + 1
      break
    }
  }
  return last
}
