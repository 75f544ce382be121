import { type Matrix, matrixOf } from './matrix.ts'
import { randomOf } from './random.ts'

/** Rows of chance: two numbers, a category of seven, and holes in the first two; what to learn depends on all three. */
export function lessonOfChance(row_count: number, seed = 1): { matrix: Matrix; target: Float64Array } {
  const random = randomOf(seed)
  const effects = [3, -2, 0, 5, 1, -4, 2]
  const target = new Float64Array(row_count)
  const rows = Array.from(target, (_, row) => {
    const [a, b, category] = [random.normal(), random.normal(), random.integer(7)]
    target[row] = 2 * a + a * b + effects[category]! + 0.1 * random.normal()
    const hole = random.next()
    return [hole < 0.1 ? Number.NaN : a, hole > 0.95 ? Number.NaN : b, category]
  })
  return { matrix: matrixOf(rows), target }
}
