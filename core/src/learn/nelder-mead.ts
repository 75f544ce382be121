/**
 * The least value of a smooth function of a few numbers, without derivatives: the simplex of Nelder and Mead (1965) with the
 * coefficients of Gao and Han (2012), which depend on the dimension. Finds a local least near the start; always the same one.
 */
export function nelderMead(
  loss: (point: Float64Array) => number,
  start: ArrayLike<number>,
  options: { step?: number; evaluations_max?: number; tolerance?: number } = {},
): { point: Float64Array; loss: number; evaluations: number } {
  const { step = 0.5, evaluations_max = 200 * start.length, tolerance = 1e-8 } = options
  const size = start.length
  const [expand, contract, shrink] = [1 + 2 / size, 0.75 - 1 / (2 * size), size === 1 ? 0.5 : 1 - 1 / size]
  let evaluations = 0
  // What cannot be computed is as bad as can be.
  const judged = (point: Float64Array) => {
    evaluations++
    const value = loss(point)
    return { point, value: Number.isNaN(value) ? Infinity : value }
  }
  let simplex = Array.from({ length: size + 1 }, (_, corner) =>
    judged(Float64Array.from({ length: size }, (__, i) => (start[i] ?? 0) + (i === corner - 1 ? step : 0))),
  )
  const byValue = (a: { value: number }, b: { value: number }) => a.value - b.value
  for (;;) {
    simplex.sort(byValue)
    const [best, worst] = [simplex[0]!, simplex[size]!]
    const flat = Math.abs(worst.value - best.value) <= tolerance * (Math.abs(best.value) + tolerance)
    if (flat || evaluations >= evaluations_max) return { point: best.point, loss: best.value, evaluations }
    const centre = new Float64Array(size)
    for (const { point } of simplex.slice(0, size)) point.forEach((x, i) => (centre[i]! += x / size))
    const along = (far: number) => judged(centre.map((x, i) => x + far * (x - worst.point[i]!)))
    const reflected = along(1)
    if (reflected.value < best.value) {
      const further = along(expand)
      simplex[size] = further.value < reflected.value ? further : reflected
    } else if (reflected.value < simplex[size - 1]!.value || (size === 1 && reflected.value < worst.value))
      simplex[size] = reflected
    else {
      const nearer = along(reflected.value < worst.value ? contract : -contract)
      if (nearer.value < Math.min(reflected.value, worst.value)) simplex[size] = nearer
      else
        simplex = simplex.map((corner, i) =>
          i === 0 ? corner : judged(best.point.map((x, j) => x + shrink * (corner.point[j]! - x))),
        )
    }
  }
}
