import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matrixOf, matrixOver, type Matrix } from './matrix.ts'
import { explainedShares, fitPca, readPca, restorePca, transformPca, writePca } from './pca.ts'
import { randomOf } from './random.ts'

const farthest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)))

/** Rows that differ by a different amount in each column. */
function uneven(seed: number, row_count: number, column_count: number): Matrix {
  const random = randomOf(seed)
  const values = Float64Array.from(
    { length: row_count * column_count },
    (_, at) => (1 + (at % column_count)) * random.normal(),
  )
  return matrixOver(values, row_count, column_count)
}

describe('principal components', () => {
  it('are those of an example by hand', () => {
    // The covariance of these four points is 20/3 · (1 0.8; 0.8 1): 12 along one diagonal and 4/3 along the other.
    const pca = fitPca(
      matrixOf([
        [3, 3],
        [-3, -3],
        [1, -1],
        [-1, 1],
      ]),
    )
    expect(farthest(pca.variances, [12, 4 / 3])).toBeLessThan(1e-14)
    expect(farthest(pca.components, [Math.SQRT1_2, Math.SQRT1_2, Math.SQRT1_2, -Math.SQRT1_2])).toBeLessThan(1e-14)
    expect(farthest(explainedShares(pca), [0.9, 0.1])).toBeLessThan(1e-14)
    expect(transformPca(pca, matrixOf([[1, 1]])).values[0]).toBeCloseTo(Math.SQRT2, 14)
  })

  it('have variances that a rotation of the rows does not change, and that add up', () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: 7, noNaN: true }), (seed, angle) => {
        const matrix = uneven(seed, 30, 3)
        const turned = matrixOver(matrix.values.slice(), 30, 3)
        for (let r = 0; r < 30; r++) {
          const [x, y] = [matrix.values[3 * r]!, matrix.values[3 * r + 1]!]
          turned.values[3 * r] = Math.cos(angle) * x - Math.sin(angle) * y
          turned.values[3 * r + 1] = Math.sin(angle) * x + Math.cos(angle) * y
        }
        const pca = fitPca(matrix)
        expect(farthest(fitPca(turned).variances, pca.variances)).toBeLessThan(1e-11)
        expect(explainedShares(pca).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12)
      }),
      { numRuns: 30 },
    )
  })

  it('give places that do not go together, each with its variance, and the rows back from all of them', () => {
    const matrix = uneven(4, 50, 4)
    for (const standardise of [false, true]) {
      const pca = fitPca(matrix, { standardise })
      const places = transformPca(pca, matrix)
      for (let i = 0; i < 4; i++)
        for (let j = 0; j <= i; j++) {
          let product = 0
          for (let r = 0; r < 50; r++) product += (places.values[4 * r + i]! * places.values[4 * r + j]!) / 49
          expect(product).toBeCloseTo(i === j ? pca.variances[i]! : 0, 10)
        }
      expect(farthest(restorePca(pca, places).values, matrix.values)).toBeLessThan(1e-12)
    }
  })

  it('lose as much as the variance not kept', () => {
    const matrix = uneven(5, 40, 5)
    const pca = fitPca(matrix, { component_count: 2 })
    const back = restorePca(pca, transformPca(pca, matrix))
    const lost = back.values.reduce((sum, x, at) => sum + (x - matrix.values[at]!) ** 2, 0) / 39
    expect(lost).toBeCloseTo(pca.variance_total - pca.variances[0]! - pca.variances[1]!, 10)
  })

  it('do not mind units when standardised', () => {
    const matrix = uneven(6, 40, 3)
    const scaled = matrixOver(
      matrix.values.map((x, at) => x * [1, 1e6, 1e-6][at % 3]! + 5),
      40,
      3,
    )
    const [a, b] = [fitPca(matrix, { standardise: true }), fitPca(scaled, { standardise: true })]
    expect(farthest(a.variances, b.variances)).toBeLessThan(1e-8)
    expect(a.variance_total).toBeCloseTo(3, 12)
  })

  it('take constant columns, one row, and fewer rows than columns', () => {
    const constant = fitPca(
      matrixOf([
        [1, 7],
        [2, 7],
        [4, 7],
      ]),
      { standardise: true },
    )
    expect(farthest(constant.variances, [1, 0])).toBeLessThan(1e-14)
    const lone = fitPca(matrixOf([[1, 2, 3]]))
    expect(lone.variances).toEqual(Float64Array.of(0))
    expect(explainedShares(lone)).toEqual(Float64Array.of(0))
    const wide = uneven(7, 3, 6)
    const pca = fitPca(wide)
    expect(pca.variances).toHaveLength(2)
    expect(farthest(restorePca(pca, transformPca(pca, wide)).values, wide.values)).toBeLessThan(1e-12)
  })

  it('come back from their file to the bit; learn/model-file-invalid: anything else; learn/data-unfit: gaps', () => {
    const matrix = uneven(8, 20, 3)
    const pca = fitPca(matrix, { standardise: true, component_count: 2 })
    const file = writePca(pca)
    expect(readPca(JSON.parse(JSON.stringify(file)))).toEqual(pca)
    const broken = [null, { ...file, means: [1] }, { ...file, components: [[1]] }, { ...file, scales: [1, 0, 1] }]
    for (const read of [...broken, { ...file, variances: [1, 2, 3] }])
      expect(() => readPca(read)).toThrow(expect.objectContaining({ type: 'learn/model-file-invalid' }))
    const unfit = [
      () => fitPca(matrixOf([[1], [Number.NaN]])),
      () => fitPca(matrix, { component_count: 4 }),
      () => transformPca(pca, matrixOf([[1]])),
      () => restorePca(pca, matrixOf([[1]])),
    ]
    for (const fit of unfit) expect(fit).toThrow(expect.objectContaining({ type: 'learn/data-unfit' }))
  })
})
