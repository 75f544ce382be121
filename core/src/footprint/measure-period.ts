import { offset_ms } from '../sites/local-time.ts'
import type { Inventory } from './contract.ts'

/** The instants of a reporting period where meters stand: from midnight of its first day to midnight after its last. */
export function instantsOf(
  { start_date, end_date }: Inventory['reporting_period'],
  time_zone: string,
): { from_ms: number; to_ms: number } {
  const day_after_ms = Date.parse(`${end_date}T00:00:00Z`) + 86_400_000
  return {
    from_ms: midnight(Date.parse(`${start_date}T00:00:00Z`), time_zone),
    to_ms: midnight(day_after_ms, time_zone),
  }
}

/** Asked twice: the first answer is of another hour, and clocks may change in between. */
function midnight(utc_midnight_ms: number, time_zone: string): number {
  const near_ms = utc_midnight_ms - offset_ms(utc_midnight_ms, time_zone)
  return utc_midnight_ms - offset_ms(near_ms, time_zone)
}
