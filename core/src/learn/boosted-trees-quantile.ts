/** The quantile `share` of the values, between two of them in proportion; reorders `values`. NaN of none. */
export function quantileByReordering(values: Float64Array, share: number): number {
  const position = (values.length - 1) * share
  const low = Math.floor(position)
  if (values.length === 0) return Number.NaN
  select(values, low)
  const below = values[low]!
  if (position === low) return below
  // Everything behind `low` is at least as large: the next one is the smallest of it.
  let above = Infinity
  for (let i = low + 1; i < values.length; i++) if (values[i]! < above) above = values[i]!
  return below + (above - below) * (position - low)
}

/** The smallest value with at least `share` of the weight at or below it. */
export function weightedQuantileOf(values: Float64Array, weights: Float64Array, share: number): number {
  const order = Uint32Array.from(values, (_, i) => i).sort((a, b) => values[a]! - values[b]! || a - b)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let sum = 0
  for (const i of order) {
    sum += weights[i]!
    if (sum >= share * total) return values[i]!
  }
  return values[order.at(-1) ?? 0] ?? Number.NaN
}

/** Puts the value of rank `rank` in its place, what is smaller before it and what is larger behind (Hoare's selection). */
function select(values: Float64Array, rank: number): void {
  let low = 0
  let high = values.length - 1
  while (low < high) {
    const pivot = medianOfThree(values[low]!, values[(low + high) >> 1]!, values[high]!)
    let i = low
    let j = high
    while (i <= j) {
      while (values[i]! < pivot) i++
      while (values[j]! > pivot) j--
      if (i > j) break
      const kept = values[i]!
      values[i++] = values[j]!
      values[j--] = kept
    }
    if (rank <= j) high = j
    else if (rank >= i) low = i
    else return
  }
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}
