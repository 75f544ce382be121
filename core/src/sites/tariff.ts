import { z } from 'zod'
import { localTime } from './local-time.ts'

const Clock = z.string().regex(/^(?:[01]\d|2[0-4]):[0-5]\d$/, 'A time of day is written as 06:30.')
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const

/** A price that holds at some times. It ends before `to`; from 22:00 to 06:00 it goes over midnight. */
export const TariffPeriod = z
  .strictObject({
    name: z.string().min(1).max(60),
    price_per_kwh: z.number().min(-10).max(100),
    from: Clock,
    to: Clock,
    weekdays: z.array(z.enum(weekdays)).min(1).max(7).optional().describe('All days unless said.'),
    months: z.array(z.number().int().min(1).max(12)).min(1).max(12).optional().describe('All months unless said.'),
  })
  .meta({ id: 'TariffPeriod' })

export const Tariff = z
  .strictObject({
    currency: z.string().regex(/^[A-Z]{3}$/),
    price_per_kwh: z.number().min(-10).max(100).describe('Where no period holds.'),
    periods: z.array(TariffPeriod).max(50).default([]).describe('The first that holds decides.'),
    export_price_per_kwh: z.number().min(-10).max(100).default(0),
    demand_charge_per_kw_month: z
      .number()
      .min(0)
      .max(1_000)
      .default(0)
      .describe('For the highest quarter of an hour of the calendar month.'),
    fixed_per_day: z.number().min(0).max(10_000).default(0),
  })
  .meta({ id: 'Tariff' })
export type Tariff = z.infer<typeof Tariff>

/** What a kWh from the grid costs at an instant, and the name of the period that decides; null where none holds. */
export function priceAt(
  tariff: Tariff,
  at_ms: number,
  time_zone: string,
): { price_per_kwh: number; period: string | null } {
  const { month, weekday, minute_of_day } = localTime(at_ms, time_zone)
  const found = tariff.periods.find((period) => {
    if (period.months !== undefined && !period.months.includes(month)) return false
    const from = minutesOf(period.from)
    const to = minutesOf(period.to)
    const is_over_midnight = to <= from
    const inside = is_over_midnight
      ? minute_of_day >= from || minute_of_day < to
      : minute_of_day >= from && minute_of_day < to
    if (!inside) return false
    // After midnight a period still belongs to the day on which it began.
    const began_on = is_over_midnight && minute_of_day < to ? (weekday + 6) % 7 : weekday
    const name = weekdays[began_on]
    return period.weekdays === undefined || (name !== undefined && period.weekdays.includes(name))
  })
  return found === undefined
    ? { price_per_kwh: tariff.price_per_kwh, period: null }
    : { price_per_kwh: found.price_per_kwh, period: found.name }
}

function minutesOf(clock: string): number {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number)
  return hours * 60 + minutes
}

/** Energy of one slot of time. */
export interface SlotFlow {
  from_ms: number
  length_s: number
  import_kwh: number
  export_kwh: number
}

export interface Bill {
  currency: string
  energy: number
  export_credit: number
  demand: number
  fixed: number
  total: number
  /** Energy cost by period name; what no period names stands under an empty name. */
  by_period: Record<string, { import_kwh: number; cost: number }>
  /** The highest quarter of an hour of each calendar month, local time: `2026-03`. */
  peaks: { month: string; peak_kw: number; charge: number }[]
}

/**
 * What the flows cost. Slots finer than a quarter of an hour are put together before peaks are looked for; coarser ones
 * hide their peak, and count with their mean.
 */
export function billOf(tariff: Tariff, flows: readonly SlotFlow[], time_zone: string): Bill {
  const by_period: Bill['by_period'] = {}
  const quarters = new Map<number, { kwh: number; length_s: number; month: string }>()
  const days = new Set<string>()
  let energy = 0
  let export_credit = 0
  for (const { from_ms, length_s, import_kwh, export_kwh } of flows) {
    const { price_per_kwh, period } = priceAt(tariff, from_ms, time_zone)
    const cost = import_kwh * price_per_kwh
    const line = (by_period[period ?? ''] ??= { import_kwh: 0, cost: 0 })
    line.import_kwh += import_kwh
    line.cost += cost
    energy += cost
    export_credit += export_kwh * tariff.export_price_per_kwh
    const { year, month, day } = localTime(from_ms, time_zone)
    const month_name = `${year}-${String(month).padStart(2, '0')}`
    days.add(`${month_name}-${day}`)
    const at = Math.floor(from_ms / 900_000)
    const quarter = quarters.get(at) ?? { kwh: 0, length_s: 0, month: month_name }
    quarters.set(at, { ...quarter, kwh: quarter.kwh + import_kwh, length_s: quarter.length_s + length_s })
  }
  const peaks = peaksOf(quarters.values(), tariff)
  const demand = peaks.reduce((sum, { charge }) => sum + charge, 0)
  const fixed = days.size * tariff.fixed_per_day
  const total = energy - export_credit + demand + fixed
  return { currency: tariff.currency, energy, export_credit, demand, fixed, total, by_period, peaks }
}

function peaksOf(
  quarters: Iterable<{ kwh: number; length_s: number; month: string }>,
  { demand_charge_per_kw_month }: Tariff,
): Bill['peaks'] {
  const highest = new Map<string, number>()
  for (const { kwh, length_s, month } of quarters) {
    const power_kw = (kwh * 3_600) / Math.max(length_s, 900)
    highest.set(month, Math.max(highest.get(month) ?? 0, power_kw))
  }
  return [...highest].map(([month, peak_kw]) => ({ month, peak_kw, charge: peak_kw * demand_charge_per_kw_month }))
}
