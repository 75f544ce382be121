import type { Asset } from './contract.ts'
import { byDay, unexplained, type AssetHistory } from './maintenance-history.ts'
import { indicatorKinds } from './maintenance-indicators.ts'
import { temperatureOf, type ContextFigure, type IndicatorSeries } from './maintenance-inverter.ts'

type Running = Extract<Asset, { kind: 'genset' | 'hvac' | 'charger' }>

/** Above this share of its rated power it runs. */
const RUNS_SHARE = 0.05
const HOURS_MIN = 3

function powerOf({ measured }: AssetHistory): Float64Array | undefined {
  return ['generation_power_kw', 'load_power_kw', 'power_kw'].map((measure) => measured.get(measure)).find(Boolean)
}

/** Temperature against load; of a genset also its fuel, of an air conditioner what it draws in the same weather. */
export function runningIndicators(history: AssetHistory & { asset: Running }): IndicatorSeries[] {
  const power = powerOf(history)
  if (power === undefined) return [{ id: 'temperature', points: [], reason: 'No power is measured.' }]
  const temperature = temperatureOf(history, power, history.asset.rated_kw)
  if (history.asset.kind === 'genset') return [fuelOf(history, power), temperature]
  if (history.asset.kind === 'hvac') return [drawnOf(history, power), temperature]
  return [temperature]
}

/** Hours of running on a day, of the days on which its power was measured. */
export function runtimeOf(history: AssetHistory & { asset: Running }): ContextFigure[] {
  const power = powerOf(history)
  const known = power?.filter(Number.isFinite) ?? []
  if (known.length === 0) return []
  const running = known.filter((kw) => kw > RUNS_SHARE * history.asset.rated_kw).length
  return [{ id: 'runtime_h_per_day', value: (24 * running) / known.length }]
}

function fuelOf(history: AssetHistory & { asset: Running }, power: Float64Array): IndicatorSeries {
  const fuel = history.measured.get('fuel_l')
  if (fuel === undefined) return { id: 'fuel', points: [], reason: 'No fuel is measured.' }
  const points = byDay(history, (from, to) => {
    let [litres, kwh, hours] = [0, 0, 0]
    for (let slot = from; slot < to; slot++) {
      const [l = NaN, kw = NaN] = [fuel[slot], power[slot]]
      if (!Number.isFinite(l) || !(kw > RUNS_SHARE * history.asset.rated_kw)) continue
      litres += l
      kwh += (kw * history.slot_s) / 3_600
      hours += history.slot_s / 3_600
    }
    return hours < 1 || litres <= 0 ? NaN : litres / kwh
  })
  return { id: 'fuel', points }
}

/** Energy of a day over what the same weather took in the reference days. */
function drawnOf(history: AssetHistory, power: Float64Array): IndicatorSeries {
  const none = (reason: string): IndicatorSeries => ({ id: 'power_drawn', points: [], reason })
  if (history.surroundings.length === 0) return none('Nothing on the site tells how warm it is around.')
  const left = unexplained(history, power, history.surroundings, indicatorKinds.power_drawn.reference_count)
  if (left === null) return none('Too few hours in which power and weather were both measured.')
  const points = byDay(history, (from, to) => {
    let [drawn, expected, hours] = [0, 0, 0]
    for (let slot = from; slot < to; slot++) {
      const [kw = NaN, rest = NaN] = [power[slot], left.rests[slot]]
      if (!Number.isFinite(rest)) continue
      drawn += kw
      expected += kw - rest
      hours += history.slot_s / 3_600
    }
    return hours < HOURS_MIN || !(expected > 0) ? NaN : drawn / expected
  })
  return { id: 'power_drawn', points }
}
