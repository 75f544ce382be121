import type { Asset } from './contract.ts'
import { byDay, dayMedian, unexplained, type AssetHistory } from './maintenance-history.ts'
import { indicatorKinds, type IndicatorId } from './maintenance-indicators.ts'
import { median, type HealthPoint } from './maintenance-trend.ts'

/** The values of an indicator, or why there are none. */
export interface IndicatorSeries {
  id: IndicatorId
  points: HealthPoint[]
  reason?: string
}

/** What is no sign of wear, and still good to know beside it. */
export interface ContextFigure {
  id: 'clipping_share' | 'runtime_h_per_day' | 'swings_per_day'
  value: number
}

type Inverter = Extract<Asset, { kind: 'pv_inverter' }>

/** Less light says more of the sensor than of the plant. */
const LIGHT_W_PER_M2 = 150
const HOURS_MIN = 3

/** Yield against light and against the other inverters, temperature against load. */
export function inverterIndicators(history: AssetHistory & { asset: Inverter }): IndicatorSeries[] {
  const power = history.measured.get('generation_power_kw') ?? history.measured.get('power_kw')
  if (power === undefined) return [{ id: 'yield', points: [], reason: 'No power is measured.' }]
  return [yieldOf(history, power), peerYieldOf(history, power), temperatureOf(history, power, history.asset.rated_kw)]
}

/** Energy over what the light would have given at the rated efficiency and module temperature (IEC 61724-1, corrected). */
function yieldOf(history: AssetHistory & { asset: Inverter }, power: Float64Array): IndicatorSeries {
  const light = history.measured.get('irradiance_w_per_m2')
  if (light === undefined) return { id: 'yield', points: [], reason: 'No irradiance is measured in the plane.' }
  const warmth = history.measured.get('module_temperature_c')
  const { rated_kw, temperature_coefficient_per_k } = history.asset
  const top_kw = clippingTop(power)
  const points = byDay(history, (from, to) => {
    let [made, expected, hours] = [0, 0, 0]
    for (let slot = from; slot < to; slot++) {
      const [kw = NaN, w_per_m2 = NaN, module_c = NaN] = [power[slot], light[slot], warmth?.[slot]]
      if (!(w_per_m2 >= LIGHT_W_PER_M2) || !Number.isFinite(kw)) continue
      // At its upper end an inverter cuts what the modules could give: that is no loss of theirs.
      if (top_kw !== null && kw >= top_kw) continue
      const correction = Number.isFinite(module_c) ? 1 + temperature_coefficient_per_k * (module_c - 25) : 1
      made += kw
      expected += rated_kw * (w_per_m2 / 1000) * correction
      hours += history.slot_s / 3_600
    }
    return hours < HOURS_MIN ? NaN : made / expected
  })
  return { id: 'yield', points }
}

/** Where many slots end at the same highest power, that is the inverter's limit, a little below it. Null where none does. */
function clippingTop(power: Float64Array): number | null {
  const known = power.filter((kw) => kw > 0).sort()
  const top = known.at(-1)
  if (top === undefined || known.length < 200) return null
  const near = known.filter((kw) => kw >= 0.99 * top).length
  return near / known.length >= 0.01 ? 0.985 * top : null
}

/** Share of the daylight at the inverter's upper end. */
export function clippingOf({ measured }: AssetHistory): ContextFigure[] {
  const power = measured.get('generation_power_kw')
  const top_kw = power === undefined ? null : clippingTop(power)
  if (power === undefined) return []
  const lit = power.filter((kw) => kw > 0).length
  const cut = top_kw === null ? 0 : power.filter((kw) => kw >= top_kw).length
  return lit === 0 ? [] : [{ id: 'clipping_share', value: cut / lit }]
}

/** Against the median of the others, of which there must be two: of two that differ nobody knows which is ill. */
function peerYieldOf(history: AssetHistory & { asset: Inverter }, power: Float64Array): IndicatorSeries {
  if (history.peers.length < 2)
    return { id: 'peer_yield', points: [], reason: 'It takes two other inverters on the site to compare with.' }
  const { rated_kw } = history.asset
  const points = byDay(history, (from, to) => {
    let [own, theirs, hours] = [0, 0, 0]
    for (let slot = from; slot < to; slot++) {
      const known = history.peers.map((peer) => peer[slot] ?? NaN).filter(Number.isFinite)
      const kw = power[slot] ?? NaN
      const usual = known.length < 2 ? NaN : median(known)
      if (!(usual > 0.1) || !Number.isFinite(kw)) continue
      own += kw / rated_kw
      theirs += usual
      hours += history.slot_s / 3_600
    }
    return hours < HOURS_MIN ? NaN : own / theirs
  })
  return { id: 'peer_yield', points }
}

/** How much warmer than load and surroundings explain: the median of each day. */
export function temperatureOf(
  history: AssetHistory,
  power: Float64Array,
  rated_kw: number,
  also: readonly Float64Array[] = [],
): IndicatorSeries {
  const none = (reason: string): IndicatorSeries => ({ id: 'temperature', points: [], reason })
  const temperature = history.measured.get('equipment_temperature_c')
  if (temperature === undefined) return none('No temperature of the equipment is measured.')
  if (history.surroundings.length === 0)
    return none('Nothing on the site tells how warm it is around: neither air nor modules are measured.')
  const load = power.map((kw) => Math.abs(kw) / rated_kw)
  const left = unexplained(
    history,
    temperature,
    [load, ...history.surroundings, ...also],
    indicatorKinds.temperature.reference_count,
  )
  if (left === null) return none('Too few hours in which temperature, load and surroundings were all measured.')
  return { id: 'temperature', points: byDay(history, dayMedian(left.rests, HOURS_MIN * (3_600 / history.slot_s))) }
}
