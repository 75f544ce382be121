import type { Format } from '../lib/format.ts'

const NBSP = '\u00A0'

/** kW, or MW where that reads better. */
export function signedPower(kw: number, format: Format): string {
  return Math.abs(kw) >= 1000 ? `${format.number(kw / 1000)}${NBSP}MW` : `${format.number(rounded(kw))}${NBSP}kW`
}

/** kWh, or MWh where that reads better. */
export function energy(kwh: number, format: Format): string {
  return Math.abs(kwh) >= 10_000 ? `${format.number(kwh / 1000)}${NBSP}MWh` : `${format.number(rounded(kwh))}${NBSP}kWh`
}

/** Nobody reads a hundredth of a watt. */
function rounded(value: number): number {
  return Math.abs(value) < 0.005 ? 0 : value
}

export function money(value: number, currency: string, format: Format): string {
  return new Intl.NumberFormat(format.locale, { style: 'currency', currency, currencyDisplay: 'narrowSymbol' }).format(
    value,
  )
}

/** An instant as the clock on the wall of a place shows it. */
export function instantIn(iso: string | number, time_zone: string, format: Format): string {
  return new Intl.DateTimeFormat(format.locale, {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: time_zone,
  }).format(new Date(iso))
}
