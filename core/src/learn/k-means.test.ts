import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitKMeans, nearestCentres, readKMeans, writeKMeans } from './k-means.ts'
import { matrixOf, matrixOver, rowOf, takeRows } from './matrix.ts'
import { randomOf, range, shuffle } from './random.ts'

/** Three round groups of 50, 30 and 20 rows, far apart. */
function groups(seed: number) {
  const random = randomOf(seed)
  const middleOf = (r: number) => (r < 50 ? [0, 0] : r < 80 ? [20, 0] : [0, 20])
  return matrixOf(Array.from({ length: 100 }, (_, r) => middleOf(r).map((x) => x + random.normal())))
}

describe('k-means', () => {
  it('groups an example by hand: pairs far apart, centres between them, and the sum of squares', () => {
    const { centres, row_counts, inertia } = fitKMeans(matrixOf([[0], [1], [10], [11], [12]]), 2)
    expect([...centres.values]).toEqual([11, 0.5])
    expect([...row_counts]).toEqual([3, 2])
    expect(inertia).toBeCloseTo(2.5, 14)
  })

  it('finds groups that are far apart, the largest first, from any seed and in any order of rows', () => {
    for (let seed = 0; seed < 10; seed++) {
      const found = fitKMeans(takeRows(groups(1), shuffle(range(100), randomOf(seed))), 3, { seed })
      expect([...found.row_counts]).toEqual([50, 30, 20])
      expect(found.inertia).toBeCloseTo(fitKMeans(groups(1), 3).inertia, 9)
    }
  })

  it('ends where each centre is the mean of its rows and each row is with its nearest centre', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 })), {
          minLength: 4,
          maxLength: 30,
        }),
        fc.integer({ min: 1, max: 4 }),
        (rows, count) => {
          const matrix = matrixOf(rows)
          const fitted = fitKMeans(matrix, count, { restarts: 2 })
          const { centre, squared_distance } = nearestCentres(fitted, matrix)
          expect(squared_distance.reduce((sum, d) => sum + d, 0)).toBeCloseTo(fitted.inertia, 9)
          fitted.row_counts.forEach((row_count, k) => {
            const own = rows.filter((_, r) => centre[r] === k)
            expect(own).toHaveLength(row_count)
            if (row_count === 0) return
            const mean = [0, 1].map((c) => own.reduce((sum, row) => sum + row[c]!, 0) / row_count)
            rowOf(fitted.centres, k).forEach((x, c) => expect(x).toBeCloseTo(mean[c]!, 9))
          })
        },
      ),
      { numRuns: 60 },
    )
  })

  it('does not get worse with more beginnings or more centres, and is the mean and variance with one', () => {
    const random = randomOf(2)
    const matrix = matrixOver(Float64Array.from({ length: 200 }, random.next), 100, 2)
    const inertia = (count: number, restarts: number) => fitKMeans(matrix, count, { restarts }).inertia
    expect(inertia(6, 20)).toBeLessThanOrEqual(inertia(6, 1))
    expect(inertia(6, 20)).toBeLessThan(inertia(3, 20))
    const { centres } = fitKMeans(matrix, 1)
    const mean = matrix.values.filter((_, at) => at % 2 === 0).reduce((sum, x) => sum + x / 100, 0)
    expect(centres.values[0]).toBeCloseTo(mean, 12)
  })

  it('has as many centres as rows differ, where fewer differ than centres are asked for', () => {
    const fitted = fitKMeans(matrixOf([[1], [1], [2], [2], [2]]), 4)
    expect([...fitted.centres.values]).toEqual([2, 1])
    expect(fitted.inertia).toBe(0)
    expect([...fitKMeans(matrixOf([[3, 4]]), 1).centres.values]).toEqual([3, 4])
  })

  it('stops when the report throws, comes back from its file, and refuses the rest', () => {
    const fitted = fitKMeans(groups(3), 3)
    const report = ({ step }: { step: number }) => {
      if (step === 2) throw new Error('enough')
    }
    expect(() => fitKMeans(groups(3), 3, { report })).toThrow('enough')
    const file = writeKMeans(fitted)
    expect(readKMeans(JSON.parse(JSON.stringify(file)))).toEqual(fitted)
    for (const broken of [
      null,
      { ...file, centres: [[1, 2], [1]] },
      { ...file, row_counts: [1] },
      { ...file, inertia: -1 },
    ])
      expect(() => readKMeans(broken)).toThrow(expect.objectContaining({ type: 'learn/model-file-invalid' }))
    const unfit = [
      () => fitKMeans(matrixOf([[1]]), 2),
      () => fitKMeans(matrixOf([[Number.NaN]]), 1),
      () => fitKMeans(groups(3), 0),
      () => nearestCentres(fitted, matrixOf([[1]])),
    ]
    for (const fit of unfit) expect(fit).toThrow(expect.objectContaining({ type: 'learn/data-unfit' }))
  })
})
