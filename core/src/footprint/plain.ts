/** 10^0 to 10^22: the powers of ten that a double holds exactly. */
const powers = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`))
/** Where a number gains a digit before the point, and where one below 1 loses a digit after it. */
const thresholds = { above: powers.slice(1, 15), below: [1, 0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8] }

/** A number as people read it, with seven significant digits at most, and the same in every locale and engine. */
export function plain(value: number): string {
  const size = Math.abs(value)
  if (!(size >= 1e-9 && size < 1e15)) return String(Number(value.toPrecision(7)))
  // Rounding by a power of ten and writing the short number that remains is several times faster than toPrecision,
  // and writing numbers is what a trace spends most of its time on.
  let places = 6
  for (const limit of thresholds.above) {
    if (size < limit) break
    places -= 1
  }
  for (const limit of thresholds.below) {
    if (size >= limit) break
    places += 1
  }
  const scale = powers[Math.abs(places)] ?? 1
  return String(places >= 0 ? Math.round(value * scale) / scale : Math.round(value / scale) * scale)
}
