import type { Asset } from './contract.ts'
import { byDay, dayMedian, type AssetHistory } from './maintenance-history.ts'
import { temperatureOf, type ContextFigure, type IndicatorSeries } from './maintenance-inverter.ts'

type Battery = Extract<Asset, { kind: 'battery' }>

/** A swing of fewer points of charge says too little: a gauge of charge is off by a point or two. */
const SWING_POINTS_MIN = 25
/** Below this share of its highest power it rests, and what the electronics draw is no swing. */
const IDLE_SHARE = 0.005

/** A stretch of charging or discharging without a turn, from the middle of one slot to the middle of another. */
interface Swing {
  from: number
  to: number
  /** Above 0. */
  energy_kwh: number
  /** Points of charge, above 0. */
  points: number
  way: 'charge' | 'discharge'
}

/** Capacity and efficiency from swings of charge and energy, resistance where it is measured, temperature against load. */
export function batteryIndicators(history: AssetHistory & { asset: Battery }): IndicatorSeries[] {
  const power = history.measured.get('battery_power_kw') ?? history.measured.get('power_kw')
  const charge = history.measured.get('state_of_charge_percent')
  const resistance = history.measured.get('battery_resistance_mohm')
  const swings = power === undefined || charge === undefined ? [] : swingsOf(history, power, charge)
  return [
    capacityOf(history, swings),
    roundTripOf(history, swings),
    resistance === undefined
      ? { id: 'resistance', points: [], reason: 'No resistance is measured.' }
      : { id: 'resistance', points: byDay(history, dayMedian(resistance, 1)) },
    power === undefined
      ? { id: 'temperature', points: [], reason: 'No power is measured.' }
      : temperatureOf(history, power, history.asset.discharge_kw_max),
  ]
}

export function swingContext(history: AssetHistory & { asset: Battery }): ContextFigure[] {
  const power = history.measured.get('battery_power_kw') ?? history.measured.get('power_kw')
  const charge = history.measured.get('state_of_charge_percent')
  if (power === undefined || charge === undefined) return []
  const days = (history.slot_count * history.slot_s) / 86_400
  return [{ id: 'swings_per_day', value: swingsOf(history, power, charge).length / days }]
}

/**
 * Where the capacity itself is reported, its median of the day; else from the day's swings. Discharging gives energy out =
 * swing × capacity × one-way efficiency, charging takes energy in = swing × capacity / one-way efficiency: the root of the
 * product of both is the capacity, whatever the efficiency.
 */
function capacityOf(history: AssetHistory & { asset: Battery }, swings: readonly Swing[]): IndicatorSeries {
  const { capacity_kwh } = history.asset
  const reported = history.measured.get('battery_capacity_kwh')
  const share = (kwh: number) => kwh / capacity_kwh
  if (reported !== undefined) return { id: 'capacity', points: byDay(history, dayMedian(reported.map(share), 1)) }
  const points = byDay(history, (from, to) => {
    const [charged, discharged] = bothWays(swings, from, to)
    return share(Math.sqrt(charged * discharged))
  })
  return points.length > 0 ? { id: 'capacity', points } : { id: 'capacity', points, reason: tooFewSwings }
}

/** What a full swing of charge gives out, over what it took in. */
function roundTripOf(history: AssetHistory, swings: readonly Swing[]): IndicatorSeries {
  const points = byDay(history, (from, to) => {
    const [charged, discharged] = bothWays(swings, from, to)
    return discharged / charged
  })
  return points.length > 0 ? { id: 'round_trip', points } : { id: 'round_trip', points, reason: tooFewSwings }
}

const tooFewSwings = `No swing of ${SWING_POINTS_MIN} points of charge both ways within a day and the days around it.`

/** Swings of so many days are taken together: each is off at both of its ends, the less the more it moves. */
const DAYS_TOGETHER = 5

/** Energy of a full swing each way, from the swings that ended on that day and the four before it; NaN without both. */
function bothWays(swings: readonly Swing[], from: number, to: number): [charged: number, discharged: number] {
  const recent = swings.filter((swing) => swing.to >= to - DAYS_TOGETHER * (to - from) && swing.to < to)
  // A day without a swing of its own says nothing new.
  if (!recent.some((swing) => swing.to >= from)) return [NaN, NaN]
  const full = (way: Swing['way']) => {
    const own = recent.filter((swing) => swing.way === way)
    const sum = (of: (swing: Swing) => number) => own.reduce((all, swing) => all + of(swing), 0)
    return (100 * sum(({ energy_kwh }) => energy_kwh)) / sum(({ points }) => points)
  }
  return [full('charge'), full('discharge')]
}

function swingsOf(
  { slot_s, asset }: AssetHistory & { asset: Battery },
  power: Float64Array,
  charge: Float64Array,
): Swing[] {
  const swings: Swing[] = []
  const idle_kw = IDLE_SHARE * asset.discharge_kw_max
  const wayOf = (slot: number) => {
    const kw = power[slot] ?? NaN
    return Number.isFinite(charge[slot]) && Math.abs(kw) > idle_kw ? Math.sign(kw) : 0
  }
  for (let from = 0; from < power.length; from++) {
    const way = wayOf(from)
    if (way === 0) continue
    let to = from
    while (wayOf(to + 1) === way) to++
    const points = -way * ((charge[to] ?? NaN) - (charge[from] ?? NaN))
    // From middle to middle: half of the first slot and half of the last.
    let sum_kw = 0
    for (let slot = from; slot < to; slot++) sum_kw += ((power[slot] ?? NaN) + (power[slot + 1] ?? NaN)) / 2
    const energy_kwh = (Math.abs(sum_kw) * slot_s) / 3_600
    if (points >= SWING_POINTS_MIN && energy_kwh > 0)
      swings.push({ from, to, energy_kwh, points, way: way < 0 ? 'charge' : 'discharge' })
    from = to
  }
  return swings
}
