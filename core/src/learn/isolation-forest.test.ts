import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readIsolationForest, writeIsolationForest, type IsolationForestFile } from './isolation-file.ts'
import {
  averagePathLength,
  fitIsolationForest,
  isolationPathLengths,
  scoreIsolation,
  type IsolationForestOptions,
} from './isolation-forest.ts'
import { matrixOf, matrixOver, takeRows } from './matrix.ts'
import { randomOf, range, shuffle } from './random.ts'

const clouds = (seed: number, row_count = 300, column_count = 3) => {
  const random = randomOf(seed)
  return matrixOver(Float64Array.from({ length: row_count * column_count }, random.normal), row_count, column_count)
}
const small: IsolationForestOptions = { tree_count: 20, sample_count: 64 }

describe('the usual path length c(n)', () => {
  it('is that of the papers: nothing for one row, one cut for two, about 10.2 for 256', () => {
    expect(averagePathLength(0)).toBe(0)
    expect(averagePathLength(1)).toBe(0)
    expect(averagePathLength(2)).toBe(1)
    // By hand: 2 (ln 2 + 0.5772…) - 4/3 and 2 (ln 255 + 0.5772…) - 510/256.
    expect(averagePathLength(3)).toBeCloseTo(1.207_392, 6)
    expect(averagePathLength(256)).toBeCloseTo(10.244_770, 5)
  })

  it('lies close to the exact sum of which it is an estimate, from a hundred rows on', () => {
    let harmonic = 0
    let worst = 0
    for (let i = 1; i < 4096; i++) {
      harmonic += 1 / i
      const n = i + 1
      if (n >= 100) worst = Math.max(worst, Math.abs(averagePathLength(n) / (2 * harmonic - (2 * i) / n) - 1))
    }
    expect(worst).toBeLessThan(0.002)
  })
})

describe('an isolation forest', () => {
  it('gives scores above 0 and at most 1, and the same again for the same seed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ noDefaultInfinity: true }), fc.integer({ min: -3, max: 3 })), { minLength: 1 }),
        fc.nat(),
        (rows, seed) => {
          const matrix = matrixOf(rows)
          const scores = scoreIsolation(fitIsolationForest(matrix, { ...small, seed }), matrix)
          expect(scores.every((score) => score > 0 && score <= 1)).toBe(true)
          expect(scoreIsolation(fitIsolationForest(matrix, { ...small, seed }), matrix)).toEqual(scores)
        },
      ),
      { numRuns: 50 },
    )
  })

  it('gives a row of its own the highest score, near 1 the further it stands out', () => {
    const rows = Array.from({ length: 255 }, (_, i) => [i % 16, Math.floor(i / 16)])
    const scores = scoreIsolation(fitIsolationForest(matrixOf([...rows, [400, 400]])), matrixOf([...rows, [400, 400]]))
    expect(scores.indexOf(Math.max(...scores))).toBe(255)
    expect(scores[255]).toBeGreaterThan(0.8)
    expect(Math.max(...scores.subarray(0, 255))).toBeLessThan(0.7)
  })

  it('scores a row by the row alone: in another order, alone, or among rows with gaps', () => {
    const matrix = clouds(1)
    const forest = fitIsolationForest(matrix, small)
    const scores = scoreIsolation(forest, matrix)
    const order = shuffle(range(300), randomOf(9))
    expect(scoreIsolation(forest, takeRows(matrix, order))).toEqual(Float64Array.from(order, (row) => scores[row]!))
    for (const row of [0, 150, 299]) expect(scoreIsolation(forest, takeRows(matrix, [row]))[0]).toBe(scores[row])
    // A gap anywhere sends every row down the careful walk, which must agree with the fast one.
    const with_gap = matrixOver(Float64Array.of(...matrix.values, Number.NaN, 0, 0), 301, 3)
    expect(scoreIsolation(forest, with_gap).subarray(0, 300)).toEqual(scores)
  })

  it('does not mind the scale of a column, and is not upset by the largest numbers there are', () => {
    const matrix = clouds(2)
    const scaled = matrixOver(
      matrix.values.map((value, at) => value * [1, 1024, 2 ** 1020][at % 3]!),
      300,
      3,
    )
    const scores = (table: typeof matrix) => scoreIsolation(fitIsolationForest(table, small), table)
    // Powers of two shift the exponent only, so that every cut falls between the same rows.
    expect(scores(scaled)).toEqual(scores(matrix))
  })

  it('says 0.5 for every row where nothing stands out: one row, equal rows, rows without values', () => {
    for (const rows of [
      [[1, 2]],
      Array.from({ length: 300 }, () => [1, 2]),
      Array.from({ length: 9 }, () => [Number.NaN]),
    ]) {
      const matrix = matrixOf(rows)
      for (const score of scoreIsolation(fitIsolationForest(matrix), matrix)) expect(score).toBeCloseTo(0.5, 12)
    }
  })

  it('never cuts a constant or empty column, so adding one changes no tree', () => {
    const plain = clouds(3, 100, 2)
    const widened = matrixOf(
      Array.from({ length: 100 }, (_, r) => [7, plain.values[2 * r]!, Number.NaN, plain.values[2 * r + 1]!]),
    )
    const forest = fitIsolationForest(widened, small)
    expect(new Set([...forest.nodes.column].filter((_, n) => forest.nodes.left[n] !== n))).toEqual(new Set([1, 3]))
  })

  it('takes rows with missing values: to the side of most rows more often than not', () => {
    // Nine rows in ten near 0, one near 10: a cut lies mostly between, and the missing go left in about nine of ten trees.
    const rows = Array.from({ length: 100 }, (_, i) => [i % 10 === 0 ? 10 + i / 1e4 : i / 1e4])
    const forest = fitIsolationForest(matrixOf(rows), { tree_count: 400, sample_count: 64 })
    const left = [...forest.roots].filter((root) => forest.nodes.missing_left[root] === 1).length
    expect(left / 400).toBeGreaterThan(0.84)
    expect(left / 400).toBeLessThan(0.96)
    const [ordinary, rare, missing] = scoreIsolation(forest, matrixOf([[0.005], [10.005], [Number.NaN]]))
    expect(missing!).toBeLessThan(rare!)
    expect(missing!).toBeGreaterThan(0)
    expect(ordinary!).toBeLessThan(rare!)
  })

  it('measures paths in cuts: with two rows in each sample, exactly one', () => {
    const matrix = matrixOf(Array.from({ length: 40 }, (_, i) => [i]))
    const forest = fitIsolationForest(matrix, { sample_count: 2 })
    expect(new Set(isolationPathLengths(forest, matrix))).toEqual(new Set([1]))
    expect(new Set(scoreIsolation(forest, matrix))).toEqual(new Set([0.5]))
  })

  it('reports each tree and stops when the report throws', () => {
    const steps: number[] = []
    const report = ({ step, of }: { step: number; of: number }) => {
      steps.push(step)
      if (step === 3) throw new Error(`enough of ${of}`)
    }
    expect(() => fitIsolationForest(clouds(4), { tree_count: 5, report })).toThrow('enough of 5')
    expect(steps).toEqual([1, 2, 3])
  })

  it('learn/data-unfit: infinities by row and column, empty tables, other columns, options out of range', () => {
    const expectUnfit = (attempt: () => unknown, path: string) => {
      expect(attempt).toThrow(
        expect.objectContaining({
          type: 'learn/data-unfit',
          details: expect.objectContaining({ faults: [expect.objectContaining({ path })] }),
        }),
      )
    }
    expectUnfit(
      () =>
        fitIsolationForest(
          matrixOf([
            [1, 2],
            [3, -Infinity],
          ]),
        ),
      '/rows/1/columns/1',
    )
    expectUnfit(() => fitIsolationForest(matrixOf([])), '/rows')
    expectUnfit(() => fitIsolationForest(matrixOf([[]])), '/columns')
    expectUnfit(() => fitIsolationForest(matrixOf([[1]]), { tree_count: 0 }), '/options/tree_count')
    expectUnfit(() => fitIsolationForest(matrixOf([[1]]), { sample_count: 1.5 }), '/options/sample_count')
    expectUnfit(() => scoreIsolation(fitIsolationForest(clouds(5)), matrixOf([[1, 2]])), '/columns')
    expectUnfit(
      () => scoreIsolation(fitIsolationForest(matrixOf([[1], [2]])), matrixOf([[Infinity]])),
      '/rows/0/columns/0',
    )
  })
})

describe('a written forest', () => {
  it('comes back from JSON and scores to the same bit', () => {
    const matrix = clouds(6)
    const forest = fitIsolationForest(matrix, small)
    const back = readIsolationForest(JSON.parse(JSON.stringify(writeIsolationForest(forest))))
    expect(back).toEqual(forest)
    expect(scoreIsolation(back, matrix)).toEqual(scoreIsolation(forest, matrix))
  })

  const hostile: Record<string, (file: IsolationForestFile) => unknown> = {
    nothing: () => null,
    'another kind': (file) => ({ ...file, kind: 'boosted-trees' }),
    'a later version': (file) => ({ ...file, version: 2 }),
    'no trees': (file) => ({ ...file, roots: [] }),
    'a first tree elsewhere': (file) => ({ ...file, roots: [1, ...file.roots.slice(1)] }),
    'trees out of order': (file) => ({ ...file, roots: [0, file.roots[2], file.roots[1]] }),
    'a tree beyond the nodes': (file) => ({ ...file, roots: [...file.roots, 1e9] }),
    'lists of different lengths': (file) => ({ ...file, nodes: { ...file.nodes, left: file.nodes.left.slice(1) } }),
    'a column that is not there': (file) => ({ ...file, column_count: 1 }),
    'another sample': (file) => ({ ...file, sample_count: 65 }),
    'a threshold that is text': (file) => ({
      ...file,
      nodes: { ...file.nodes, threshold: ['1', ...file.nodes.threshold.slice(1)] },
    }),
    'a circle': (file) => changed(file, 'left', 1, 0),
    'a child of two parents': (file) => changed(file, 'left', 2, file.nodes.left[1]!),
    'a leaf with a threshold': (file) =>
      changed(
        file,
        'threshold',
        file.nodes.left.findIndex((left, n) => left === n),
        1,
      ),
    'rows from nowhere': (file) => changed(file, 'row_count', 1, 1e6),
    'a count below nothing': (file) => changed(file, 'row_count', 1, -1),
    'a fractional child': (file) => changed(file, 'left', 0, 1.5),
    'a million columns declared, and a list that is not there': (file) => ({ ...file, nodes: { length: 4e9 } }),
  }
  const changed = (file: IsolationForestFile, list: 'left' | 'threshold' | 'row_count', at: number, value: number) => ({
    ...file,
    nodes: { ...file.nodes, [list]: file.nodes[list].map((old, n) => (n === at ? value : old)) },
  })

  it.each(Object.keys(hostile))('learn/model-file-invalid: %s', (name) => {
    const file = writeIsolationForest(fitIsolationForest(clouds(7), small))
    expect(() => readIsolationForest(hostile[name]!(file))).toThrow(
      expect.objectContaining({ type: 'learn/model-file-invalid' }),
    )
  })

  it('learn/model-file-invalid: a tree deeper than its sample allows', () => {
    const chain = { column: [0, 0, 0, 0, 0], threshold: [1, null, 1, null, null], left: [1, 1, 3, 3, 4] }
    const file = { kind: 'isolation-forest', version: 1, column_count: 1, sample_count: 2, roots: [0] }
    const nodes = { ...chain, missing_left: [0, 0, 0, 0, 0], row_count: [2, 1, 1, 1, 0] }
    expect(() => readIsolationForest({ ...file, nodes })).toThrow('deeper')
  })
})
