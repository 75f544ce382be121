import { describe, expect, it } from 'vitest'
import { isTimeZone, localTime } from './local-time.ts'
import { billOf, priceAt, Tariff } from './tariff.ts'

const tariff = Tariff.parse({
  currency: 'EUR',
  price_per_kwh: 0.2,
  periods: [
    { name: 'night', price_per_kwh: 0.1, from: '22:00', to: '06:00', weekdays: ['mon', 'tue', 'wed', 'thu', 'fri'] },
    { name: 'winter peak', price_per_kwh: 0.4, from: '17:00', to: '20:00', months: [12, 1, 2] },
  ],
  export_price_per_kwh: 0.05,
  demand_charge_per_kw_month: 10,
  fixed_per_day: 1,
})
const paris = (text: string) => priceAt(tariff, Date.parse(text), 'Europe/Paris').period

describe('local time', () => {
  it('follows the clock on the wall through the change to summer time', () => {
    // In 2026 France went from 02:00 to 03:00 on the 29th of March.
    expect(localTime(Date.parse('2026-03-29T00:59:00Z'), 'Europe/Paris').minute_of_day).toBe(119)
    expect(localTime(Date.parse('2026-03-29T01:00:00Z'), 'Europe/Paris').minute_of_day).toBe(180)
    expect(localTime(Date.parse('2026-01-01T00:00:00Z'), 'Asia/Kolkata')).toMatchObject({ day: 1, minute_of_day: 330 })
    expect(localTime(Date.parse('2026-01-01T00:00:00Z'), 'America/New_York')).toMatchObject({ year: 2025, day: 31 })
  })

  it('knows which zones there are', () => {
    expect(['Europe/Paris', 'UTC', 'Mars/Olympus', '', '../etc'].map(isTimeZone)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ])
  })
})

describe('a tariff', () => {
  it('holds by local time, over midnight by the day on which the night began', () => {
    // Friday the 20th of November 2026; Paris is one hour ahead of UTC.
    expect(paris('2026-11-20T20:59:00Z')).toBeNull()
    expect(paris('2026-11-20T21:00:00Z')).toBe('night')
    expect(paris('2026-11-21T04:59:00Z')).toBe('night')
    expect(paris('2026-11-21T05:00:00Z')).toBeNull()
    // Saturday night belongs to Saturday, which has none; Monday before six to Sunday, which has none either.
    expect(paris('2026-11-21T22:00:00Z')).toBeNull()
    expect(paris('2026-11-23T04:00:00Z')).toBeNull()
  })

  it('holds in the months that it names', () => {
    expect(paris('2026-12-02T17:00:00Z')).toBe('winter peak')
    expect(paris('2026-11-18T17:00:00Z')).toBeNull()
  })

  it('bills energy, what was fed in, the highest quarter of each month, and days', () => {
    const quarter = (text: string, import_kwh: number, export_kwh = 0) => ({
      from_ms: Date.parse(text),
      length_s: 900,
      import_kwh,
      export_kwh,
    })
    const bill = billOf(
      tariff,
      [
        quarter('2026-11-20T12:00:00Z', 10),
        quarter('2026-11-20T12:15:00Z', 25, 4),
        quarter('2026-11-20T23:00:00Z', 8),
        // Midnight in Paris has passed: this is December.
        quarter('2026-11-30T23:30:00Z', 5),
      ],
      'Europe/Paris',
    )
    expect(bill).toMatchObject({
      energy: expect.closeTo(35 * 0.2 + 8 * 0.1 + 5 * 0.1, 9),
      export_credit: expect.closeTo(0.2, 9),
      demand: expect.closeTo(100 * 10 + 20 * 10, 9),
      fixed: 3,
      peaks: [
        { month: '2026-11', peak_kw: 100 },
        { month: '2026-12', peak_kw: 20 },
      ],
    })
    expect(bill.total).toBeCloseTo(8.3 - 0.2 + 1200 + 3, 9)
    expect(Object.keys(bill.by_period).sort()).toEqual(['', 'night'])
  })

  it('puts finer slots together before it looks for peaks', () => {
    const minutes = Array.from({ length: 15 }, (_, i) => ({
      from_ms: Date.parse('2026-11-18T12:00:00Z') + i * 60_000,
      length_s: 60,
      import_kwh: i === 7 ? 15 : 0,
      export_kwh: 0,
    }))
    expect(billOf(tariff, minutes, 'UTC').peaks).toMatchObject([{ peak_kw: 60 }])
  })
})
