import type { Asset } from './contract.ts'
import { byDay, dayMedian, unexplained, type AssetHistory } from './maintenance-history.ts'
import { indicatorKinds } from './maintenance-indicators.ts'
import { temperatureOf, type IndicatorSeries } from './maintenance-inverter.ts'

type Turbine = Extract<Asset, { kind: 'turbine' }>

const HOURS_MIN = 3

/** Vibration at usual running and temperature against load, from what is measured all the time. */
export function turbineIndicators(history: AssetHistory & { asset: Turbine }): IndicatorSeries[] {
  const power = history.measured.get('generation_power_kw') ?? history.measured.get('power_kw')
  const rpm = history.measured.get('rotation_rpm')
  const vibration = vibrationOf(history, power, rpm)
  if (power === undefined) return [vibration]
  return [vibration, temperatureOf(history, power, history.asset.rated_kw, rpm === undefined ? [] : [rpm])]
}

/**
 * The RMS of vibration as it would be at the running that was usual in the reference days: faster and fuller running shakes
 * more, and that is no wear. Standstill is left out.
 */
function vibrationOf(
  history: AssetHistory & { asset: Turbine },
  power: Float64Array | undefined,
  rpm: Float64Array | undefined,
): IndicatorSeries {
  const rms = history.measured.get('vibration_rms_mm_per_s')
  if (rms === undefined) return { id: 'vibration', points: [], reason: 'No vibration is measured.' }
  const load = power?.map((kw) => kw / history.asset.rated_kw)
  const fastest = rpm === undefined ? NaN : Math.max(...rpm.filter(Number.isFinite), 0)
  const logarithm = rms.map((value, slot) => {
    const turns = rpm === undefined ? !((load?.[slot] ?? 1) < 0.02) : (rpm[slot] ?? NaN) > 0.1 * fastest
    return turns && value > 0 ? Math.log(value) : NaN
  })
  const features = [
    ...(load === undefined ? [] : [load]),
    ...(rpm === undefined ? [] : [rpm.map((turns) => turns / fastest)]),
  ]
  const left = unexplained(history, logarithm, features, indicatorKinds.vibration.reference_count)
  if (left === null) return { id: 'vibration', points: [], reason: 'Too few hours in which it ran and shook.' }
  const level = byDay(history, dayMedian(left.rests, HOURS_MIN * (3_600 / history.slot_s)))
  return {
    id: 'vibration',
    points: level.map(({ at_ms, value }) => ({ at_ms, value: Math.exp(value + left.typical) })),
  }
}
