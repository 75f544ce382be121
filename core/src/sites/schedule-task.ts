import type { Asset, ShiftableLoad } from './contract.ts'
import { localTime } from './local-time.ts'
import { priceAt, type Tariff } from './tariff.ts'

/** Everything that a plan rests on. Powers are means over slots; all slots are of one length, days may have 23 or 25 hours. */
export interface ScheduleTask {
  start_ms: number
  slot_s: number
  /** What cannot be moved. */
  load_kw: readonly number[]
  generation_kw: readonly number[]
  import_price: readonly number[]
  export_price: readonly number[]
  currency: string
  emissions_kg_per_kwh: number | null
  peaks: readonly MonthPeak[]
  /**
   * How far what is drawn may be above what is expected, in each slot: peaks are weighed with it, since a plan that rides at
   * its limit pays for the first surprise. Costs are told without it.
   */
  surprise_kw?: readonly number[]
  batteries: readonly BatteryTask[]
  shiftable: readonly ShiftTask[]
  import_kw_max: number | null
  export_kw_max: number | null
}

/** The highest quarter of an hour of a calendar month; what was reached already is paid whatever comes. */
export interface MonthPeak {
  month: string
  slots: readonly number[]
  so_far_kw: number
  /** What the days of the month after the horizon are expected to reach anyway; left out where nobody can say. */
  expected_kw?: number
  charge_per_kw: number
}

/** Up to this a peak costs nothing more: it was reached already, or is expected to be. */
export function paidPeak_kw({ so_far_kw, expected_kw = 0 }: Pick<MonthPeak, 'so_far_kw' | 'expected_kw'>): number {
  return Math.max(so_far_kw, expected_kw)
}

export interface BatteryTask {
  asset_id: string
  name: string
  charge_kw_max: number
  discharge_kw_max: number
  /** Of one way, the root of that of a round. */
  efficiency_one_way: number
  wear_cost_per_kwh: number
  least_kwh: number
  most_kwh: number
  start_kwh: number
}

/** One run of a load that may be moved: in which slots it may run, for how many, and where it runs when nobody moves it. */
export interface ShiftTask {
  name: string
  power_kw: number
  first: number
  /** Not included. */
  end: number
  needed: number
  interruptible: boolean
}

/** Batteries, from what stands on the site and how full each is; `null` where nobody knows. */
export function batteryTasks(assets: readonly Asset[], full: ReadonlyMap<string, number | null>): BatteryTask[] {
  return assets.flatMap((asset): BatteryTask[] => {
    if (asset.kind !== 'battery') return []
    const { asset_id, name, capacity_kwh, charge_kw_max, discharge_kw_max, wear_cost_per_kwh } = asset
    const least_kwh = asset.state_of_charge_min * capacity_kwh
    const most_kwh = asset.state_of_charge_max * capacity_kwh
    const known = full.get(asset_id) ?? null
    const start_kwh = known === null ? least_kwh : Math.min(most_kwh, Math.max(0, known * capacity_kwh))
    const efficiency_one_way = Math.sqrt(asset.efficiency)
    const limits = { charge_kw_max, discharge_kw_max, efficiency_one_way, wear_cost_per_kwh }
    return [{ asset_id, name, ...limits, least_kwh, most_kwh, start_kwh }]
  })
}

/** What the tariff asks in each slot, and the months whose peaks the slots may raise. */
export function pricesOf(
  tariff: Tariff,
  { start_ms, slot_s, count, time_zone }: { start_ms: number; slot_s: number; count: number; time_zone: string },
  peakOf: (month: string, last_ms: number) => Pick<MonthPeak, 'so_far_kw' | 'expected_kw'>,
): Pick<ScheduleTask, 'import_price' | 'export_price' | 'currency' | 'peaks'> {
  const instants = Array.from({ length: count }, (_, slot) => start_ms + slot * slot_s * 1000)
  const months = new Map<string, number[]>()
  instants.forEach((at_ms, slot) => {
    const { year, month } = localTime(at_ms, time_zone)
    const name = `${year}-${String(month).padStart(2, '0')}`
    months.set(name, [...(months.get(name) ?? []), slot])
  })
  return {
    import_price: instants.map((at_ms) => priceAt(tariff, at_ms, time_zone).price_per_kwh),
    export_price: instants.map(() => tariff.export_price_per_kwh),
    currency: tariff.currency,
    peaks: [...months].map(([month, slots]) => ({
      month,
      slots,
      ...peakOf(month, start_ms + (slots.at(-1) ?? 0) * slot_s * 1000),
      charge_per_kw: tariff.demand_charge_per_kw_month,
    })),
  }
}

/**
 * Runs of a load within the time that is planned: one for each local day on which its window opens in that time and enough
 * of the window is seen. A window that opened before has had its run.
 */
export function runsOf(
  load: ShiftableLoad,
  { start_ms, slot_s, count, time_zone }: { start_ms: number; slot_s: number; count: number; time_zone: string },
): ShiftTask[] {
  const earliest = minutesOf(load.earliest)
  const latest = minutesOf(load.latest)
  const length_min = latest > earliest ? latest - earliest : latest + 1_440 - earliest
  const minutes = Array.from(
    { length: count + 1 },
    (_, slot) => localTime(start_ms + slot * slot_s * 1000, time_zone).minute_of_day,
  )
  const sinceOpening = (slot: number) => ((minutes[slot] ?? 0) - earliest + 1_440) % 1_440
  const before = localTime(start_ms - slot_s * 1000, time_zone).minute_of_day
  const needed = Math.max(1, Math.ceil((load.duration_h * 3_600) / slot_s - 1e-9))
  const runs: ShiftTask[] = []
  for (let slot = 0; slot < count; slot++) {
    const last = slot === 0 ? (before - earliest + 1_440) % 1_440 : sinceOpening(slot - 1)
    // The clock has passed the opening: what was nearly a day ago begins anew.
    const opens = sinceOpening(slot) < length_min && last > sinceOpening(slot) + 720
    if (!opens) continue
    let end = slot
    let passed = -1
    while (end < count && sinceOpening(end) < length_min && sinceOpening(end) > passed - 120)
      passed = sinceOpening(end++)
    const last_run = runs.at(-1)
    // On the night when clocks are put back, an hour comes twice, and with it an opening; the load runs once.
    const again = last_run !== undefined && (slot - last_run.first) * slot_s < 43_200
    if (end - slot < needed || again) continue
    const power_kw = (load.power_kw * load.duration_h * 3_600) / (needed * slot_s)
    runs.push({ name: load.name, power_kw, first: slot, end, needed, interruptible: load.interruptible })
  }
  return runs
}

function minutesOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number)
  return hours * 60 + minutes
}

/**
 * Takes the runs out of a load that was forecast from a meter which saw them where they usually are: from the opening of
 * their window on. Where the meter shows less than that, they were not in it.
 */
export function withoutRuns(load_kw: readonly number[], runs: readonly ShiftTask[]): number[] {
  const left = [...load_kw]
  for (const { first, needed, power_kw } of runs)
    for (let slot = first; slot < first + needed; slot++) left[slot] = Math.max(0, (left[slot] ?? 0) - power_kw)
  return left
}
