/** 10^0 to 10^22: the powers of ten that a double holds exactly. */
const powers = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`))
/** Where a number gains a digit before the point, and where one below 1 loses a digit after it. */
const above = powers.slice(1, 15)
const below = [1, 0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8]

/**
 * A number as people read it, with seven significant digits at most, and the same in every locale and engine. Writing
 * numbers is what a trace spends most of its time on, and whole numbers are written several times faster than others.
 */
export function plain(value: number): string {
  const size = Math.abs(value)
  if (!(size >= 1e-9 && size < 1e15)) return String(Number(value.toPrecision(7)))
  let places = 6
  for (const limit of above) {
    if (size < limit) break
    places -= 1
  }
  for (const limit of below) {
    if (size >= limit) break
    places += 1
  }
  const sign = value < 0 ? '-' : ''
  if (places <= 0) return `${sign}${Math.round(size / (powers[-places] ?? 1)) * (powers[-places] ?? 1)}`
  // Seven digits fit into 32 bits, and small whole numbers are the cheapest to write.
  let digits = Math.round(size * (powers[places] ?? 1)) | 0
  while (places > 0 && digits % 10 === 0) {
    digits = (digits / 10) | 0
    places -= 1
  }
  const text = String(digits)
  if (places === 0) return sign + text
  if (text.length <= places) return `${sign}0.${'0'.repeat(places - text.length)}${text}`
  return `${sign}${text.slice(0, -places)}.${text.slice(-places)}`
}
