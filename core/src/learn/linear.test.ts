import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitRidge, predictLinear, readLinear, writeLinear, type Linear } from './linear.ts'
import { matrixOf, matrixOver, takeRows, type Matrix } from './matrix.ts'
import { fitNonNegative, solveNonNegative } from './non-negative.ts'
import { fitQuantile } from './quantile-regression.ts'
import { randomOf, range, shuffle } from './random.ts'
import { fitHuber, theilSen } from './robust.ts'

const gauss = (seed: number, row_count: number, column_count: number) => {
  const random = randomOf(seed)
  return matrixOver(Float64Array.from({ length: row_count * column_count }, random.normal), row_count, column_count)
}
const noisy = (matrix: Matrix, coefficients: readonly number[], seed: number) => {
  const random = randomOf(seed)
  const linear: Linear = { method: 'ridge', intercept: 2, coefficients: Float64Array.from(coefficients) }
  return predictLinear(linear, matrix).map((y) => y + random.normal())
}
const relative = (found: number, expected: number) => Math.abs(found / expected - 1)
const worst = (found: ArrayLike<number>, expected: ArrayLike<number>) =>
  Math.max(...Array.from(expected, (value, i) => relative(found[i]!, value)))

/** Longley's data as NIST gives them: deflator, product, unemployed, forces, population, year; employed. */
const longley = [
  [83.0, 234289, 2356, 1590, 107608, 1947, 60323],
  [88.5, 259426, 2325, 1456, 108632, 1948, 61122],
  [88.2, 258054, 3682, 1616, 109773, 1949, 60171],
  [89.5, 284599, 3351, 1650, 110929, 1950, 61187],
  [96.2, 328975, 2099, 3099, 112075, 1951, 63221],
  [98.1, 346999, 1932, 3594, 113270, 1952, 63639],
  [99.0, 365385, 1870, 3547, 115094, 1953, 64989],
  [100.0, 363112, 3578, 3350, 116219, 1954, 63761],
  [101.2, 397469, 2904, 3048, 117388, 1955, 66019],
  [104.6, 419180, 2822, 2857, 118734, 1956, 67857],
  [108.4, 442769, 2936, 2798, 120445, 1957, 68169],
  [110.8, 444546, 4681, 2637, 121950, 1958, 66513],
  [112.6, 482704, 3813, 2552, 123366, 1959, 68655],
  [114.2, 502601, 3931, 2514, 125368, 1960, 69564],
  [115.7, 518173, 4806, 2572, 127852, 1961, 69331],
  [116.9, 554894, 4007, 2827, 130081, 1962, 70551],
]
/** Brownlee's stack loss: air flow, water temperature, acid concentration; loss. */
const stackloss = [
  [80, 27, 89, 42],
  [80, 27, 88, 37],
  [75, 25, 90, 37],
  [62, 24, 87, 28],
  [62, 22, 87, 18],
  [62, 23, 87, 18],
  [62, 24, 93, 19],
  [62, 24, 93, 20],
  [58, 23, 87, 15],
  [58, 18, 80, 14],
  [58, 18, 89, 14],
  [58, 17, 88, 13],
  [58, 18, 82, 11],
  [58, 19, 93, 12],
  [50, 18, 89, 8],
  [50, 18, 86, 7],
  [50, 19, 72, 8],
  [50, 19, 79, 8],
  [50, 20, 80, 9],
  [56, 20, 82, 15],
  [70, 20, 91, 15],
]
const split = (rows: readonly number[][]) => ({
  matrix: matrixOf(rows.map((row) => row.slice(0, -1))),
  target: rows.map((row) => row.at(-1)!),
})

describe('least squares and ridge regression', () => {
  it('reach the certified values of NIST for Longley’s data, to nine digits', () => {
    const { matrix, target } = split(longley)
    const { intercept, coefficients } = fitRidge(matrix, target, { penalty: 0 })
    // NIST Statistical Reference Datasets, linear regression, higher level of difficulty.
    const certified = [
      15.0618722713733, -0.035819179292591, -2.02022980381683, -1.03322686717359, -0.0511041056535807, 1829.15146461355,
    ]
    expect(worst(coefficients, certified)).toBeLessThan(1e-9)
    expect(relative(intercept, -3482258.63459582)).toBeLessThan(1e-9)
  })

  it('reach the certified values of NIST for Wampler 1, a polynomial whose coefficients are all 1', () => {
    const rows = Array.from({ length: 21 }, (_, x) => [1, 2, 3, 4, 5].map((power) => x ** power))
    const { intercept, coefficients } = fitRidge(
      matrixOf(rows),
      rows.map((row) => row.reduce((a, b) => a + b, 1)),
      { penalty: 0 },
    )
    expect(worst([intercept, ...coefficients], [1, 1, 1, 1, 1, 1])).toBeLessThan(1e-6)
  })

  it('shrink by hand as the formula says: β = Σxy / (Σx² + λ) for one centred column', () => {
    const matrix = matrixOf([[-1], [0], [1]])
    const { intercept, coefficients } = fitRidge(matrix, [0, 1, 5], { penalty: 3, standardise: false })
    expect(coefficients[0]).toBeCloseTo(1, 14)
    expect(intercept).toBeCloseTo(2, 14)
    // With z = x / √(2/3): β = Σzy / (Σz² + 3) = 5 / √(2/3) / 6, and per unit of x another 1 / √(2/3): 5 / 4.
    expect(fitRidge(matrix, [0, 1, 5], { penalty: 3 }).coefficients[0]).toBeCloseTo(1.25, 14)
    // Without an intercept nothing is centred: Σxy / Σx² = (1·1 + 2·3) / 5.
    expect(fitRidge(matrixOf([[1], [2]]), [1, 3], { penalty: 0, intercept: false })).toEqual({
      method: 'ridge',
      intercept: 0,
      coefficients: Float64Array.of(1.4),
    })
  })

  it('leave residuals that no column explains (with no penalty), in any order of rows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.nat(), (columns, seed) => {
        const matrix = gauss(seed, 40, columns)
        const target = noisy(matrix, Array(columns).fill(1), seed + 1)
        const linear = fitRidge(matrix, target, { penalty: 0 })
        const rests = predictLinear(linear, matrix).map((y, r) => target[r]! - y)
        for (let c = 0; c < columns; c++)
          expect(rests.reduce((sum, rest, r) => sum + rest * matrix.values[r * columns + c]!, 0)).toBeCloseTo(0, 9)
        const order = shuffle(range(40), randomOf(seed))
        const turned = fitRidge(
          takeRows(matrix, order),
          Array.from(order, (r) => target[r]!),
          { penalty: 0 },
        )
        expect(Math.abs(turned.intercept - linear.intercept)).toBeLessThan(1e-9)
      }),
      { numRuns: 30 },
    )
  })

  it('weigh a row of weight 2 as two rows, and a row of weight 0 not at all', () => {
    const { matrix, target } = split(stackloss)
    const weights = target.map((_, r) => r % 3)
    const repeated = weights.flatMap((weight, r) => Array(weight).fill(r) as number[])
    for (const fit of [fitRidge, fitQuantile, fitHuber, fitNonNegative]) {
      const once = fit(matrix, target, { weights })
      const twice = fit(
        takeRows(matrix, repeated),
        repeated.map((r) => target[r]!),
      )
      expect(
        worst(
          once.coefficients.map((x) => x + 10),
          twice.coefficients.map((x) => x + 10),
        ),
      ).toBeLessThan(1e-6)
    }
  })

  it('give a constant column nothing, and a lone row its own value', () => {
    const { coefficients } = fitRidge(
      matrixOf([
        [0.1, 1],
        [0.1, 2],
        [0.1, 4],
      ]),
      [1, 2, 4],
    )
    expect(coefficients[0]).toBe(0)
    for (const fit of [fitRidge, fitQuantile, fitHuber])
      expect([...predictLinear(fit(matrixOf([[5, 6]]), [7]), matrixOf([[1, 1]]))]).toEqual([7])
  })
})

describe('quantile regression', () => {
  it('gives the published median line of Brownlee’s stack loss', () => {
    const { matrix, target } = split(stackloss)
    const { intercept, coefficients } = fitQuantile(matrix, target)
    // R's quantreg, example of rq(): -39.68986, 0.83188, 0.57391, -0.06087.
    expect(worst([intercept, ...coefficients], [-39.68986, 0.83188, 0.57391, -0.06087])).toBeLessThan(1e-4)
  })

  it('has the least loss: no line through two of the points is better, at any level', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: -50, max: 50 })), {
          minLength: 3,
          maxLength: 12,
          selector: ([x]) => x,
        }),
        fc.integer({ min: 1, max: 19 }),
        (points, twentieth) => {
          const level = twentieth / 20
          const loss = (intercept: number, slope: number) =>
            points.reduce((sum, [x, y]) => {
              const rest = y - intercept - slope * x
              return sum + (rest > 0 ? level : level - 1) * rest
            }, 0)
          // One best line at least passes through two of the points.
          const rivals = points.flatMap(([x, y], i) =>
            points.slice(0, i).map(([u, v]) => loss(y - ((y - v) / (x - u)) * x, (y - v) / (x - u))),
          )
          const best = Math.min(...rivals)
          const found = fitQuantile(
            matrixOf(points.map(([x]) => [x])),
            points.map(([, y]) => y),
            { level },
          )
          const loss_found = loss(found.intercept, found.coefficients[0]!)
          expect(loss_found).toBeLessThanOrEqual(best * (1 + 1e-8) + 1e-9)
          expect(loss_found).toBeGreaterThanOrEqual(best * (1 - 1e-8) - 1e-9)
        },
      ),
    )
  })

  it('has the share of rows below it that was asked for', () => {
    const matrix = gauss(3, 500, 3)
    const target = noisy(matrix, [1, -1, 0], 4)
    for (const level of [0.05, 0.5, 0.9]) {
      const fitted = predictLinear(fitQuantile(matrix, target, { level }), matrix)
      // At the best line at most four rows, as many as there are coefficients, lie on it.
      const below = fitted.filter((y, r) => target[r]! < y - 1e-6).length
      const on = fitted.filter((y, r) => Math.abs(target[r]! - y) <= 1e-6).length
      expect(on).toBeLessThanOrEqual(4)
      expect(below).toBeLessThanOrEqual(level * 500)
      expect(below + on).toBeGreaterThanOrEqual(level * 500)
    }
  })

  it('without a column that varies is the quantile itself, and says so of equal targets too', () => {
    expect(fitQuantile(matrixOf([[1], [1], [1]]), [5, 1, 100]).intercept).toBeCloseTo(5, 6)
    expect(fitQuantile(matrixOf([[1], [2], [3]]), [5, 5, 5])).toMatchObject({ intercept: 5 })
    expect(fitQuantile(matrixOf([[1], [2], [3]]), [1e9 + 1, 1e9 + 2, 1e9 + 3]).coefficients[0]).toBeCloseTo(1, 6)
  })

  it('reports its loss in each step and stops when the report throws', () => {
    const { matrix, target } = split(stackloss)
    const losses: number[] = []
    fitQuantile(matrix, target, { report: ({ loss }) => losses.push(loss) })
    expect(losses.length).toBeLessThan(40)
    expect(losses.at(-1)).toBeLessThanOrEqual(losses[0]!)
    const enough = () => {
      throw new Error('enough')
    }
    expect(() => fitQuantile(matrix, target, { report: enough })).toThrow('enough')
    expect(() => fitHuber(matrix, target, { report: enough })).toThrow('enough')
  })
})

describe('robust lines', () => {
  it('give Huber’s estimate of Brownlee’s stack loss as R does', () => {
    const { matrix, target } = split(stackloss)
    const { intercept, coefficients } = fitHuber(matrix, target)
    // MASS::rlm(stack.loss ~ .), converged to 1e-4: -41.0265, 0.8294, 0.9261, -0.1278.
    expect(worst([intercept, ...coefficients], [-41.0265, 0.8294, 0.9261, -0.1278])).toBeLessThan(1e-3)
  })

  it('hold the line when one target in ten is wild', () => {
    const matrix = gauss(8, 200, 1)
    const target = noisy(matrix, [3], 9).map((y, r) => (r % 10 === 0 ? 1000 : y))
    expect(Math.abs(fitHuber(matrix, target).coefficients[0]! - 3)).toBeLessThan(0.3)
    expect(Math.abs(fitRidge(matrix, target).intercept - 2)).toBeGreaterThan(50)
    const { slope, slope_low, slope_high } = theilSen(matrix.values, target)
    expect(Math.abs(slope - 3)).toBeLessThan(0.3)
    expect(slope_low).toBeLessThan(3)
    expect(slope_high).toBeGreaterThan(3)
  })

  it('stay on the line where more than half of the rows lie on it exactly', () => {
    const rows = Array.from({ length: 11 }, (_, x) => [x])
    const target = rows.map(([x], r) => (r === 5 ? 99 : 2 * x! + 1))
    expect(fitHuber(matrixOf(rows), target).coefficients[0]).toBeCloseTo(2, 6)
  })

  it('end somewhere even where hardly more rows than columns keep their weight', () => {
    // Found by trying thousands: rows of fifth powers of normal numbers, half of them 0, in which weights fade away.
    for (const seed of [1893, 2718, 2810, 5955]) {
      const random = randomOf(seed)
      const row_count = 1 + random.integer(40)
      const column_count = 1 + random.integer(5)
      const kind = random.integer(4)
      const draw = () =>
        kind === 2 ? random.normal() * 10 ** (random.integer(12) - 6) : random.integer(2) * random.normal() ** 5
      const values = Float64Array.from({ length: row_count * column_count }, draw)
      const matrix = matrixOver(values, row_count, column_count)
      const { coefficients } = fitHuber(matrix, Array.from({ length: row_count }, draw))
      expect(coefficients.every(Number.isFinite)).toBe(true)
    }
  })

  it('of Theil and Sen are those of Sen’s own example: seven points, a slope of 4', () => {
    // P. K. Sen, Estimates of the regression coefficient based on Kendall's tau, JASA 63 (1968), section 6.
    const fitted = theilSen([1, 2, 3, 4, 10, 12, 18], [9, 15, 19, 20, 45, 55, 78])
    expect(fitted).toMatchObject({ slope: 4, pair_count: 21 })
    expect(fitted.intercept).toBe(6)
    // 1.96 √(7·6·19/18) = 13.05: the slopes of rank 3 and 19 among 21, rounded outwards.
    expect([fitted.slope_low, fitted.slope_high]).toEqual([3.6666666666666665, 5])
  })
})

describe('non-negative least squares', () => {
  it('leaves out what would be negative: an example by hand', () => {
    // Free least squares of (1,0),(0,1) is (2, -1); without the second the first keeps 2.
    expect(
      fitNonNegative(
        matrixOf([
          [1, 0],
          [0, 1],
        ]),
        [2, -1],
      ).coefficients,
    ).toEqual(Float64Array.of(2, 0))
    // Columns (1,1) and (0,1), target (2,1): free (2, -1); alone the first is 3/2.
    const { coefficients } = fitNonNegative(
      matrixOf([
        [1, 0],
        [1, 1],
      ]),
      [2, 1],
    )
    expect(coefficients[0]).toBeCloseTo(1.5, 14)
    expect(coefficients[1]).toBe(0)
  })

  it('fulfils the conditions of Kuhn and Tucker, with repeated columns too', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.nat(), fc.boolean(), (columns, seed, repeated) => {
        const matrix = gauss(seed, 10, columns)
        if (repeated)
          for (let r = 0; r < 10; r++) matrix.values[r * columns] = matrix.values[r * columns + columns - 1]!
        const target = Float64Array.from({ length: 10 }, randomOf(seed + 1).normal)
        const { coefficients } = fitNonNegative(matrix, target)
        const rests = target.map((y, r) =>
          coefficients.reduce((rest, x, c) => rest - x * matrix.values[r * columns + c]!, y),
        )
        coefficients.forEach((x, c) => {
          const slope = rests.reduce((sum, rest, r) => sum + rest * matrix.values[r * columns + c]!, 0)
          expect(x).toBeGreaterThanOrEqual(0)
          expect(slope).toBeLessThan(1e-9)
          if (x > 0) expect(Math.abs(slope)).toBeLessThan(1e-9)
        })
      }),
      { numRuns: 200 },
    )
  })

  it('finds weights that made a mixture, and nothing where there is nothing', () => {
    const matrix = gauss(5, 30, 4)
    const mixed = predictLinear(
      { method: 'ridge', intercept: 0, coefficients: Float64Array.of(0.5, 0, 0.3, 0.2) },
      matrix,
    )
    const { coefficients } = fitNonNegative(matrix, mixed)
    expect(Math.max(...coefficients.map((x, c) => Math.abs(x - [0.5, 0, 0.3, 0.2][c]!)))).toBeLessThan(1e-12)
    expect(solveNonNegative(Float64Array.of(1), Float64Array.of(-1))).toEqual(Float64Array.of(0))
    expect(fitNonNegative(matrixOf([[0, 0]]), [1]).coefficients).toEqual(Float64Array.of(0, 0))
  })
})

describe('a linear model', () => {
  it('comes back from its file and predicts to the same bit; learn/model-file-invalid: anything else', () => {
    const { matrix, target } = split(longley)
    const linear = fitRidge(matrix, target)
    const back = readLinear(JSON.parse(JSON.stringify(writeLinear(linear))))
    expect(predictLinear(back, matrix)).toEqual(predictLinear(linear, matrix))
    const file = writeLinear(linear)
    for (const broken of [
      null,
      { ...file, coefficients: [] },
      { ...file, intercept: null },
      { ...file, method: 'magic' },
    ])
      expect(() => readLinear(broken)).toThrow(expect.objectContaining({ type: 'learn/model-file-invalid' }))
  })

  it('learn/data-unfit: columns that repeat, gaps, lengths that differ, weights below 0, options out of range', () => {
    const expectUnfit = (attempt: () => unknown, path: string) =>
      expect(attempt).toThrow(
        expect.objectContaining({
          type: 'learn/data-unfit',
          details: expect.objectContaining({ faults: [expect.objectContaining({ path })] }),
        }),
      )
    const twice = matrixOf([
      [1, 2],
      [2, 4],
      [3, 6],
      [5, 10],
    ])
    expectUnfit(() => fitRidge(twice, [1, 2, 3, 4], { penalty: 0 }), '/columns/1')
    expectUnfit(() => fitQuantile(twice, [1, 2, 3, 5]), '/columns/1')
    expectUnfit(() => fitHuber(twice, [1, 2, 3, 5]), '/columns/1')
    expectUnfit(() => fitRidge(matrixOf([[1], [Number.NaN]]), [1, 2]), '/rows/1/columns/0')
    expectUnfit(() => fitRidge(matrixOf([[1], [2]]), [1]), '/target')
    expectUnfit(() => fitRidge(matrixOf([[1], [2]]), [1, Number.NaN]), '/target/1')
    expectUnfit(() => fitRidge(matrixOf([[1], [2]]), [1, 2], { weights: [1, -1] }), '/weights/1')
    expectUnfit(() => fitRidge(matrixOf([[1], [2]]), [1, 2], { weights: [0, 0] }), '/weights/0')
    expectUnfit(() => fitRidge(matrixOf([[1], [2]]), [1, 2], { penalty: -1 }), '/options/penalty')
    expectUnfit(() => fitQuantile(matrixOf([[1], [2]]), [1, 2], { level: 1 }), '/options/level')
    expectUnfit(() => theilSen([1, 1], [1, 2]), '/x')
    expectUnfit(() => predictLinear(fitRidge(twice, [1, 2, 3, 4]), matrixOf([[1]])), '/columns')
  })
})
