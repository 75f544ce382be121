import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cholesky, solveCholesky, symmetricEigen } from './linear-algebra.ts'
import { randomOf } from './random.ts'

const size_and_seed = [fc.integer({ min: 1, max: 12 }), fc.nat()] as const

/** Bᵀ B of a random B with some more rows than columns: symmetric and positive definite. */
function positiveDefinite(size: number, seed: number): Float64Array {
  const random = randomOf(seed)
  const b = Array.from({ length: size + 3 }, () => Array.from({ length: size }, random.normal))
  return Float64Array.from({ length: size * size }, (_, at) =>
    b.reduce((sum, row) => sum + row[Math.floor(at / size)]! * row[at % size]!, 0),
  )
}
const times = (a: Float64Array, x: ArrayLike<number>) =>
  Array.from({ length: x.length }, (_, i) =>
    Array.from(x).reduce((sum, value, j) => sum + a[i * x.length + j]! * value, 0),
  )
const farthest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)))

describe('the Cholesky triangle', () => {
  it('is that of the textbook example with whole numbers', () => {
    // A = L Lᵀ with L = (2; 6 1; -8 5 3), as worked on Wikipedia under "Cholesky decomposition".
    const a = Float64Array.of(4, 12, -16, 12, 37, -43, -16, -43, 98)
    expect(cholesky(a, 3)).toEqual(Float64Array.of(2, 0, 0, 6, 1, 0, -8, 5, 3))
  })

  it('solves systems: putting the answer in gives the right-hand side back', () => {
    fc.assert(
      fc.property(...size_and_seed, (size, seed) => {
        const a = positiveDefinite(size, seed)
        const b = Float64Array.from({ length: size }, randomOf(seed + 1).normal)
        const lower = cholesky(a, size)
        expect(lower).toBeInstanceOf(Float64Array)
        expect(farthest(times(a, solveCholesky(lower as Float64Array, b)), b)).toBeLessThan(1e-7)
      }),
      { numRuns: 40 },
    )
  })

  it('names the first column that is a sum of others, and stops at what is no number', () => {
    expect(cholesky(Float64Array.of(1, 2, 2, 4), 2)).toBe(1)
    expect(cholesky(Float64Array.of(1, 0, 0, -1), 2)).toBe(1)
    expect(cholesky(Float64Array.of(0, 0, 0, 1), 2)).toBe(0)
    expect(cholesky(Float64Array.of(1, 0, Number.NaN, 1), 2)).toBe(1)
  })
})

describe('eigenvalues of a symmetric matrix', () => {
  it('are those of examples worked by hand', () => {
    const { values, vectors } = symmetricEigen(Float64Array.of(2, 1, 1, 2), 2)
    expect(farthest(values, [3, 1])).toBeLessThan(1e-15)
    expect(farthest(vectors, [Math.SQRT1_2, Math.SQRT1_2, Math.SQRT1_2, -Math.SQRT1_2])).toBeLessThan(1e-15)
    // The second difference of three points: 2 - 2 cos(kπ/4).
    const differences = symmetricEigen(Float64Array.of(2, -1, 0, -1, 2, -1, 0, -1, 2), 3)
    expect(farthest(differences.values, [2 + Math.SQRT2, 2, 2 - Math.SQRT2])).toBeLessThan(1e-14)
  })

  it('stay what they are for matrices that are diagonal, of one size, empty or nothing but zeros', () => {
    expect(symmetricEigen(Float64Array.of(1, 0, 0, 5), 2).values).toEqual(Float64Array.of(5, 1))
    expect(symmetricEigen(Float64Array.of(-7), 1)).toEqual({ values: Float64Array.of(-7), vectors: Float64Array.of(1) })
    expect(symmetricEigen(new Float64Array(9), 3).values).toEqual(new Float64Array(3))
    expect(symmetricEigen(new Float64Array(0), 0).values).toEqual(new Float64Array(0))
    expect(symmetricEigen(Float64Array.of(1, 1e-200, 1e-200, 1e200), 2).values).toEqual(Float64Array.of(1e200, 1))
    const huge = symmetricEigen(Float64Array.of(2e300, 1e300, 1e300, 2e300), 2).values
    expect(huge[0]! / 3e300).toBeCloseTo(1, 14)
    expect(huge[1]! / 1e300).toBeCloseTo(1, 14)
    expect(() => symmetricEigen(Float64Array.of(1, Number.NaN, Number.NaN, 1), 2)).toThrow('finite')
  })

  it('come sorted with perpendicular vectors of length 1, and A v is the value times v', () => {
    fc.assert(
      fc.property(...size_and_seed, (size, seed) => {
        const a = positiveDefinite(size, seed)
        const { values, vectors } = symmetricEigen(a, size)
        const vector = (k: number) => vectors.subarray(k * size, (k + 1) * size)
        const trace = Array.from({ length: size }, (_, i) => a[i * size + i]!).reduce((sum, x) => sum + x)
        expect(values.reduce((sum, x) => sum + x)).toBeCloseTo(trace, 8)
        values.forEach((value, k) => {
          expect(value).toBeLessThanOrEqual(values[k - 1] ?? Infinity)
          expect(
            farthest(
              times(a, vector(k)),
              vector(k).map((x) => x * value),
            ),
          ).toBeLessThan(1e-11 * trace)
          for (let j = 0; j <= k; j++) {
            const product = vector(k).reduce((sum, x, i) => sum + x * vector(j)[i]!, 0)
            expect(product).toBeCloseTo(j === k ? 1 : 0, 12)
          }
          expect(Math.max(...vector(k))).toBeGreaterThanOrEqual(-Math.min(...vector(k)) * (1 - 1e-8))
        })
      }),
      { numRuns: 40 },
    )
  })
})
