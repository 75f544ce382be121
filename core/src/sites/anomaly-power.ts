import type { Asset } from './contract.ts'
import { rarityOf, stretchesOf, thresholdFor, type Stretch } from './anomaly-threshold.ts'
import {
  generationOf,
  meanOver,
  quantileOf,
  seriesFor,
  slotsPerDay,
  type Cause,
  type Found,
  type Hit,
  type Watch,
  type WatchedSeries,
} from './anomaly-watch.ts'

/**
 * A solar plant against the light that falls on it, or against its neighbours under the same sky: an inverter that stops,
 * loses strings, or fades. What it makes of the light in good order is learnt from its own past.
 */
type Inverter = Extract<Asset, { kind: 'pv_inverter' }>

const LIGHT_MIN_W_PER_M2 = 100
const SHARE_MIN = 0.05
const SYSTEM_EFFICIENCY = 0.86
const HEATING_K_PER_W_PER_M2 = 25 / 800
const REFERENCE_DAYS = 14
const REFERENCE_SLOTS_MIN = 20
const DROP = { floor: 0.12, cap: 0.3 }
const FADE = { floor: 0.06, cap: 0.12 }
const LASTING_S = 7_200
const FADE_SLOTS_MIN = 8
/** The past that a day is held against ends so many days before it, so that a slow loss does not carry it along. */
/** Slots that lack more than this are an event, and no matter of days. */
const STANDS_OUT = 0.5
const FADE_LAG_DAYS = 3
const FADE_PAST_DAYS = 28

export function powerHits(watch: Watch, asset: Inverter, budget: number): Found {
  const made = generationOf(watch, asset.asset_id)
  const base = made === undefined ? null : baseOf(watch, asset)
  const line = { asset_id: asset.asset_id, measure: made?.measure ?? 'generation_power_kw' }
  if (made === undefined || base === null) {
    const needs =
      made === undefined ? 'readings of its power' : 'irradiance in its plane, or another inverter on the same site'
    const judged = [{ ...line, method: 'irradiance_model' as const, slots_judged: 0, threshold: null, needs }]
    return { hits: [], judged }
  }
  const { shortfall, expected, threshold, slots_judged } = shortfalls(watch, asset, made, base.power_kw, budget)
  const strength = shortfall.map((short, i) => short / (threshold[i] ?? DROP.floor))
  const drops = stretchesOf(strength, { confirm: 2, of: 2, quiet: 4, quiet_slots_max: 2 * slotsPerDay(watch) })
  const drop_hits = drops.map((stretch) => dropHit(watch, made, base.method, stretch, shortfall, expected))
  const fade_hits = fadeHits(watch, made, base, shortfall)
  const needs = slots_judged === 0 ? `${REFERENCE_SLOTS_MIN} slots of daylight on an earlier day` : null
  const now = threshold.findLast((each) => !Number.isNaN(each)) ?? null
  return {
    hits: [...drop_hits, ...fade_hits],
    judged: [{ ...line, method: base.method, slots_judged, threshold: now, needs }],
  }
}

interface Base {
  method: 'irradiance_model' | 'peer_comparison'
  /** What the light, or the neighbours, would make of this rating; NaN where it is too dark to say. */
  power_kw: Float64Array
}

function baseOf(watch: Watch, asset: Inverter): Base | null {
  const light = seriesFor(watch, asset.asset_id, ['irradiance_w_per_m2'])
  if (light !== undefined) {
    const warmth = seriesFor(watch, asset.asset_id, ['module_temperature_c'])
    const power_kw = light.mean.map((w_per_m2, i) => {
      if (!(w_per_m2 >= LIGHT_MIN_W_PER_M2)) return NaN
      const module_c = warmth?.mean[i] ?? NaN
      const warm_c = Number.isNaN(module_c) ? 20 + HEATING_K_PER_W_PER_M2 * w_per_m2 : module_c
      const by_warmth = 1 + asset.temperature_coefficient_per_k * (warm_c - 25)
      return asset.rated_kw * (w_per_m2 / 1000) * by_warmth * SYSTEM_EFFICIENCY
    })
    return { method: 'irradiance_model', power_kw }
  }
  const power_kw = peerPower_kw(watch, asset)
  return power_kw === null ? null : { method: 'peer_comparison', power_kw }
}

/** What the other inverters' median share of their rating would be here; null without others, NaN where they rest. */
export function peerPower_kw(watch: Watch, asset: Inverter): Float64Array | null {
  const peers = watch.assets.flatMap((other) => {
    if (other.kind !== 'pv_inverter' || other.asset_id === asset.asset_id) return []
    const power = generationOf(watch, other.asset_id)
    return power === undefined ? [] : [{ rated_kw: other.rated_kw, power }]
  })
  if (peers.length === 0) return null
  const power_kw = new Float64Array(watch.count).fill(NaN)
  for (let i = 0; i < watch.count; i++) {
    const shares = peers.map(({ rated_kw, power }) => (power.mean[i] ?? NaN) / rated_kw).filter((v) => !Number.isNaN(v))
    const share = quantileOf(shares, 0.5)
    if (share >= SHARE_MIN) power_kw[i] = share * asset.rated_kw
  }
  return power_kw
}

/** Day by day: what is expected from the days before, how much is missing, and how much is too much. */
function shortfalls(watch: Watch, asset: Inverter, made: WatchedSeries, base_kw: Float64Array, budget: number) {
  const per_day = slotsPerDay(watch)
  const expected = new Float64Array(watch.count).fill(NaN)
  const shortfall = new Float64Array(watch.count).fill(NaN)
  const threshold = new Float64Array(watch.count).fill(NaN)
  const ratio = made.mean.map((power, i) => power / (base_kw[i] ?? NaN))
  const teaches = new Uint8Array(watch.count).fill(1)
  // What lasted is a fault, and no measure of what is bearable.
  const learnt = new Float64Array(watch.count).fill(NaN)
  let slots_judged = 0
  for (let day = 0; day < watch.count; day += per_day) {
    const end = Math.min(day + per_day, watch.count)
    const from = Math.max(0, day - REFERENCE_DAYS * per_day)
    const past = ratio.subarray(from, day).filter((each, i) => !Number.isNaN(each) && teaches[from + i] === 1)
    if (past.length < REFERENCE_SLOTS_MIN) continue
    const good = quantileOf(past, 0.5)
    const limit = thresholdFor(learnt, from, day, watch.slot_s, budget, DROP)
    for (let i = day; i < end; i++) {
      const wanted = good * (base_kw[i] ?? NaN)
      expected[i] = wanted
      if (Number.isNaN(wanted) || wanted < SHARE_MIN * asset.rated_kw || Number.isNaN(made.mean[i])) continue
      shortfall[i] = 1 - (made.mean[i] ?? NaN) / wanted
      threshold[i] = limit
      slots_judged += 1
      if (Math.abs(shortfall[i] ?? 0) >= DROP.floor) teaches[i] = 0
    }
    learnt.set(withoutLasting(shortfall.subarray(day, end), DROP.floor, Math.ceil(LASTING_S / watch.slot_s)), day)
  }
  return { shortfall, expected, threshold, slots_judged }
}

/** A copy without runs of at least `length` judged values at or above `least`. */
function withoutLasting(values: Float64Array, least: number, length: number): Float64Array {
  const kept = values.slice()
  let run: number[] = []
  for (const [i, value] of values.entries()) {
    if (Number.isNaN(value)) continue
    run = value >= least ? [...run, i] : []
    if (run.length >= length) for (const at of run) kept[at] = NaN
  }
  return kept
}

function dropHit(
  watch: Watch,
  made: WatchedSeries,
  method: Base['method'],
  stretch: Stretch,
  shortfall: Float64Array,
  expected: Float64Array,
): Hit {
  const { first, end, found, strength } = stretch
  const missing = shortfall.subarray(first, end).filter((each) => !Number.isNaN(each))
  return {
    type: 'power_drop',
    method,
    cause: causeOf(missing),
    asset_id: made.asset_id,
    sensor_id: made.sensor_id,
    measure: made.measure,
    first,
    end,
    found,
    strength,
    p_value: rarityOf(
      shortfall,
      Math.max(0, first - REFERENCE_DAYS * slotsPerDay(watch)),
      first,
      quantileOf(missing, 0.5),
    ),
    value: meanOver(
      made.mean.map((v, i) => (Number.isNaN(shortfall[i]) ? NaN : v)),
      first,
      end,
    ),
    expected: meanOver(
      expected.map((v, i) => (Number.isNaN(shortfall[i]) ? NaN : v)),
      first,
      end,
    ),
    power: { value: made.mean, expected },
  }
}

/** A stopped inverter gives nothing; missing strings take the same share of every hour; the rest is somewhere between. */
function causeOf(missing: Float64Array): Cause {
  const middle = quantileOf(missing, 0.5)
  if (middle > 0.97) return 'stopped'
  const wide = quantileOf(missing, 0.9) - quantileOf(missing, 0.1)
  return wide <= 0.1 && middle >= 0.05 ? 'constant_share_missing' : 'partial_loss'
}

/** Whole days against the weeks before: dirt, ageing, a creeping shade. Told at the end of the second such day. */
function fadeHits(watch: Watch, made: WatchedSeries, base: Base, shortfall: Float64Array): Hit[] {
  const per_day = slotsPerDay(watch)
  const days = Math.floor(watch.count / per_day)
  const yields = new Float64Array(days).fill(NaN)
  for (let day = 0; day < days; day++)
    yields[day] = yieldOf(made.mean, base.power_kw, shortfall, day * per_day, per_day)
  const loss = new Float64Array(days).fill(NaN)
  const teaches = (day: number) => !((loss[day] ?? 0) >= FADE.floor)
  for (let day = 0; day < days; day++) {
    const past: number[] = []
    for (let back = FADE_LAG_DAYS; back <= FADE_PAST_DAYS; back++) {
      const then = yields[day - back] ?? NaN
      if (!Number.isNaN(then) && teaches(day - back)) past.push(then)
    }
    if (past.length >= 3) loss[day] = 1 - (yields[day] ?? NaN) / quantileOf(past, 0.5)
  }
  const strength = loss.map((each) => each / FADE.floor)
  const expected = new Float64Array(watch.count).fill(NaN)
  return stretchesOf(strength, { confirm: 2, of: 3, quiet: 2, quiet_slots_max: 10 }).map((stretch) => {
    const [first, end] = [stretch.first * per_day, stretch.end * per_day]
    for (let i = first; i < end; i++) {
      const lost = loss[Math.floor(i / per_day)] ?? NaN
      if (!Number.isNaN(base.power_kw[i]) && lost < 1) expected[i] = (made.mean[i] ?? NaN) / (1 - lost)
    }
    return {
      type: 'underperformance',
      method: base.method,
      cause: 'gradual_loss',
      asset_id: made.asset_id,
      sensor_id: made.sensor_id,
      measure: made.measure,
      first,
      end: Math.min(end, watch.count),
      found: Math.min((stretch.found + 1) * per_day - 1, watch.count - 1),
      strength: stretch.strength,
      p_value: rarityOf(loss, 0, stretch.first, loss[stretch.peak] ?? 0),
      value: meanOver(
        made.mean.map((v, i) => (Number.isNaN(expected[i]) ? NaN : v)),
        first,
        end,
      ),
      expected: meanOver(expected, first, end),
      power: { value: made.mean, expected },
    }
  })
}

function yieldOf(
  made: Float64Array,
  base: Float64Array,
  shortfall: Float64Array,
  first: number,
  length: number,
): number {
  let got = 0
  let could = 0
  let slots = 0
  for (let i = first; i < first + length; i++) {
    const power = made[i] ?? NaN
    const able = base[i] ?? NaN
    if (Number.isNaN(power) || Number.isNaN(able) || (shortfall[i] ?? 0) > STANDS_OUT) continue
    got += power
    could += able
    slots += 1
  }
  return slots >= FADE_SLOTS_MIN ? got / could : NaN
}
