/**
 * The value below which a share of sorted numbers lies, between neighbours in proportion (definition 7 of Hyndman and Fan
 * 1996); NaN of none.
 */
export function quantileOf(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1)
  const [low, high] = [sorted[Math.floor(place)] ?? NaN, sorted[Math.ceil(place)] ?? NaN]
  return low + (high - low) * (place - Math.floor(place))
}

/** The mean; 0 of none. */
export function meanOf(numbers: Float64Array): number {
  let sum = 0
  for (const number of numbers) sum += number
  return numbers.length > 0 ? sum / numbers.length : 0
}
