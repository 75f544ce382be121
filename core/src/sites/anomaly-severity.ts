import { priceAt } from './tariff.ts'
import type { Merged } from './anomaly-merge.ts'
import { quantileOf, seriesFor, slotMs, slotsPerDay, type Watch } from './anomaly-watch.ts'

export const severities = ['low', 'medium', 'high', 'critical'] as const
export type Severity = (typeof severities)[number]

export interface Loss {
  /** Not made, or used beyond what is usual; null where the anomaly is not about power. */
  energy_kwh: number | null
  /** What that energy costs at the tariff, slot by slot; null without a tariff. */
  money: number | null
  currency: string | null
  /** Energy that passed while its device could not be believed; null where it was measured. */
  unmeasured_kwh: number | null
}

/** Faults of measuring: nothing is lost by them but knowledge. */
const blind = new Set(['silence', 'stuck_value', 'flatliner', 'spike', 'meter_reset', 'night_generation'])

export function lossOf(watch: Watch, { lead }: Merged): Loss {
  const nothing = { energy_kwh: null, money: null, currency: null, unmeasured_kwh: null }
  const { power } = lead
  if (power === null) {
    const hours = ((lead.end - lead.first) * watch.slot_s) / 3_600
    const is_power = lead.measure?.endsWith('power_kw') ?? false
    const unmeasured =
      blind.has(lead.type) && is_power && lead.expected !== null ? Math.abs(lead.expected) * hours : null
    return { ...nothing, unmeasured_kwh: unmeasured }
  }
  const { first, end } = lead
  if (blind.has(lead.type)) return { ...nothing, unmeasured_kwh: energyBetween(watch, power.expected, first, end) }
  const grid = gridOf(watch)
  let energy_kwh = 0
  let money = 0
  for (let i = first; i < end; i++) {
    const missing = (power.expected[i] ?? NaN) - (power.value[i] ?? NaN)
    const lost_kw = lead.type === 'load_surge' ? -missing : missing
    if (Number.isNaN(lost_kw) || lead.type === 'load_drop') continue
    const kwh = (lost_kw * watch.slot_s) / 3_600
    energy_kwh += kwh
    money += kwh * priceOf(watch, i, grid?.mean[i])
  }
  const is_priced = watch.tariff !== null
  return {
    energy_kwh,
    money: is_priced ? money : null,
    currency: watch.tariff?.currency ?? null,
    unmeasured_kwh: null,
  }
}

/** What a kWh is worth: bought while the site draws from the grid, sold while it feeds in. */
function priceOf(watch: Watch, slot: number, grid_kw: number | undefined): number {
  if (watch.tariff === null) return 0
  if (grid_kw !== undefined && grid_kw < 0) return watch.tariff.export_price_per_kwh
  return priceAt(watch.tariff, watch.from_ms + slot * slotMs(watch), watch.time_zone).price_per_kwh
}

function gridOf(watch: Watch) {
  const meter = watch.assets.find((asset) => asset.kind === 'meter' && asset.role === 'grid')
  return meter && seriesFor(watch, meter.asset_id, ['grid_power_kw'])
}

function energyBetween(watch: Watch, power_kw: Float64Array, first: number, end: number): number {
  let sum = 0
  for (let i = first; i < end; i++) sum += Math.abs(power_kw[i] ?? NaN) || 0
  return (sum * watch.slot_s) / 3_600
}

/** Shares of what the site usually turns over in a day, in energy and in money. */
const STEPS = { medium: 0.01, high: 0.05, critical: 0.2 }
const DEVICE_STRENGTH_HIGH = 4

/** What a site turns over on a usual day: the larger of what it makes and what it uses. */
export function usualDay(watch: Watch): { energy_kwh: number; money: number | null } {
  const parts = (measures: readonly string[]) =>
    watch.series
      .filter(({ measure }) => measures.includes(measure))
      .reduce((sum, { mean }) => sum + dayOf(watch, mean), 0)
  const energy_kwh = Math.max(parts(['generation_power_kw']), parts(['load_power_kw']), parts(['power_kw']))
  return { energy_kwh, money: watch.tariff === null ? null : energy_kwh * watch.tariff.price_per_kwh }
}

function dayOf(watch: Watch, power_kw: Float64Array): number {
  const per_day = slotsPerDay(watch)
  const days: number[] = []
  for (let first = 0; first + per_day <= power_kw.length; first += per_day) {
    const known = power_kw.subarray(first, first + per_day).filter((value) => !Number.isNaN(value))
    if (known.length < per_day / 2) continue
    days.push((known.reduce((sum, value) => sum + Math.abs(value), 0) / known.length) * 24)
  }
  return days.length === 0 ? 0 : quantileOf(days, 0.5)
}

/**
 * By what it costs of a usual day: energy and money, whichever is the larger share. A fault of measuring stands a step
 * lower, since nothing is lost; one of a device's state (temperature, vibration) has no energy and goes by how far out of
 * line it is.
 */
export function severityOf(merged: Merged, loss: Loss, usual: ReturnType<typeof usualDay>): Severity {
  const { lead } = merged
  if (loss.energy_kwh === null && loss.unmeasured_kwh === null) {
    if (lead.type === 'meter_reset' || lead.type === 'spike') return 'low'
    return lead.type === 'unusual_combination' && lead.strength >= DEVICE_STRENGTH_HIGH ? 'high' : 'medium'
  }
  const energy = Math.max(0, loss.energy_kwh ?? loss.unmeasured_kwh ?? 0)
  const of_energy = usual.energy_kwh > 0 ? energy / usual.energy_kwh : 0
  const of_money = usual.money !== null && usual.money > 0 && loss.money !== null ? loss.money / usual.money : 0
  const share = Math.max(of_energy, of_money) / (loss.unmeasured_kwh === null ? 1 : 4)
  if (share >= STEPS.critical) return 'critical'
  if (share >= STEPS.high) return 'high'
  return share >= STEPS.medium ? 'medium' : 'low'
}
