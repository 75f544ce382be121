/** A number as people read it, with seven significant digits at most, and the same in every locale and engine. */
export function plain(value: number): string {
  const short = String(value)
  // Most quantities and factors are short as they are, and toPrecision is the slowest thing a trace does.
  return short.length <= 7 ? short : String(Number(value.toPrecision(7)))
}
