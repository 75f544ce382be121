import type { BatteryTask } from './schedule-task.ts'

/** So many days tell how high days go. */
export const PEAK_DAYS_MIN = 14

/**
 * The lowest peak that batteries could have kept a day below, each full once: what is above it fits into what they hold, and
 * never asks for more power than they give. Recharging between two peaks of a day is not counted on.
 * @param net_kw what the site would have drawn without its batteries, slot by slot; gaps are left out.
 */
export function shavedPeak_kw(net_kw: ArrayLike<number>, hours: number, batteries: readonly BatteryTask[]): number {
  const power_kw = batteries.reduce((sum, { discharge_kw_max }) => sum + discharge_kw_max, 0)
  const energy_kwh = batteries.reduce(
    (sum, { most_kwh, least_kwh, efficiency_one_way }) => sum + Math.max(0, most_kwh - least_kwh) * efficiency_one_way,
    0,
  )
  const drawn = Array.from(net_kw).filter((each) => each > 0)
  const peak_kw = drawn.reduce((most, each) => Math.max(most, each), 0)
  const above_kwh = (level_kw: number) => drawn.reduce((sum, each) => sum + Math.max(0, each - level_kw) * hours, 0)
  let [low, high] = [Math.max(0, peak_kw - power_kw), peak_kw]
  if (above_kwh(low) <= energy_kwh) return low
  // What is above a level shrinks as the level rises: forty halvings are a trillionth of the peak.
  for (let halving = 0; halving < 40; halving++) {
    const middle = (low + high) / 2
    if (above_kwh(middle) > energy_kwh) low = middle
    else high = middle
  }
  return high
}

/**
 * What the highest of some days to come is expected to be, by the peaks of days that were: the middle of the highest of n
 * such days lies about at their n/(n+1) quantile. Null where too few days are known, zero where none are to come.
 */
export function expectedPeak_kw(daily_peaks_kw: readonly number[], days_to_come: number): number | null {
  if (daily_peaks_kw.length < PEAK_DAYS_MIN) return null
  if (days_to_come <= 0) return 0
  const sorted = Float64Array.from(daily_peaks_kw).sort()
  const place = (days_to_come / (days_to_come + 1)) * (sorted.length - 1)
  const below = sorted[Math.floor(place)] ?? 0
  return below + ((sorted[Math.ceil(place)] ?? below) - below) * (place % 1)
}
