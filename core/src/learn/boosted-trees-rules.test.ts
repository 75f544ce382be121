import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { edgesOf } from './boosted-trees-bins.ts'
import { objectiveOf } from './boosted-trees-objectives.ts'
import { quantileByReordering, weightedQuantileOf } from './boosted-trees-quantile.ts'
import {
  type BoostedTrees,
  type BoostedTreesOptions,
  fitBoostedTrees,
  type ObjectiveName,
  predictBoostedTrees,
  readBoostedTrees,
  writeBoostedTrees,
} from './boosted-trees.ts'
import { type Matrix, matrixOf, matrixOver } from './matrix.ts'
import { randomOf } from './random.ts'
import { lessonOfChance } from './testing-boosted-trees.ts'

describe('monotone constraints', () => {
  const objectives: ObjectiveName[] = [
    { name: 'squared' },
    { name: 'absolute' },
    { name: 'quantile', alpha: 0.8 },
    { name: 'logistic' },
    { name: 'poisson' },
    { name: 'tweedie', power: 1.4 },
  ]

  it('hold wherever they are looked for, whatever the objective, on data that speak against them', () => {
    const seeds = fc.nat(1e6)
    fc.assert(
      fc.property(seeds, fc.constantFrom(...objectives), fc.boolean(), (seed, objective, weighted) => {
        const random = randomOf(seed)
        const row_count = 300
        const values = Float64Array.from({ length: row_count * 3 }, () => random.normal())
        const target = Float64Array.from({ length: row_count }, (_, row) => {
          const [a, b, c] = [values[row * 3]!, values[row * 3 + 1]!, values[row * 3 + 2]!]
          const y = Math.sin(3 * a) + b * c + 0.3 * random.normal()
          return objective.name === 'logistic' ? Number(y > 0) : Math.abs(y)
        })
        const weights = weighted ? Float64Array.from(target, () => random.next()) : undefined
        const options = { objective, monotone: [1, -1, 0], min_samples_leaf: 3, tree_count: 15, weights, seed }
        const model = fitBoostedTrees(matrixOver(values, row_count, 3), target, options)
        expectOrder(model, random.normal, 0, 1)
        expectOrder(model, random.normal, 1, -1)
      }),
      { numRuns: 30 },
    )
  })

  it('would be broken by the same data without them: the check above can fail', () => {
    const random = randomOf(1)
    const rows = Array.from({ length: 300 }, () => [random.normal(), random.normal(), random.normal()])
    const target = rows.map(([a = 0]) => Math.sin(3 * a))
    const model = fitBoostedTrees(matrixOf(rows), target, { min_samples_leaf: 3 })
    expect(() => expectOrder(model, random.normal, 0, 1)).toThrow(/greater than or equal/)
  })

  it('that go against each other leave what they allow: a falling target under a rising constraint is the mean', () => {
    const matrix = matrixOf(Array.from({ length: 100 }, (_, row) => [row]))
    const target = Array.from({ length: 100 }, (_, row) => -row)
    const model = fitBoostedTrees(matrix, target, { monotone: [1] })
    expect(new Set(predictBoostedTrees(model, matrix))).toEqual(new Set([-49.5]))
    expect(model.trees).toEqual([])
  })
})

/** Twenty rows of chance, each with one column moved along a grid. */
function expectOrder(model: BoostedTrees, normal: () => number, column: number, direction: number): void {
  for (let row = 0; row < 20; row++) {
    const base = Array.from({ length: model.column_count }, (_, at) =>
      at !== column && row % 5 === 0 ? Number.NaN : normal(),
    )
    const grid = Array.from({ length: 41 }, (_, step) => base.with(column, (step - 20) / 8))
    const answers = predictBoostedTrees(model, matrixOf(grid))
    for (let step = 1; step < 41; step++)
      expect((answers[step]! - answers[step - 1]!) * direction).toBeGreaterThanOrEqual(-1e-12)
  }
}

describe('objectives', () => {
  it('of quantiles cover as often as they say, on rows that were not learnt from', () => {
    const noisy = (seed: number) => {
      const random = randomOf(seed)
      const rows = Array.from({ length: 3000 }, () => [random.next() * 10])
      return { matrix: matrixOf(rows), target: Float64Array.from(rows, ([x = 0]) => x + (1 + x / 5) * random.normal()) }
    }
    const [learnt, fresh] = [noisy(1), noisy(2)]
    for (const alpha of [0.05, 0.5, 0.9]) {
      const model = fitBoostedTrees(learnt.matrix, learnt.target, {
        objective: { name: 'quantile', alpha },
        max_leaves: 8,
        min_samples_leaf: 100,
      })
      const answers = predictBoostedTrees(model, fresh.matrix)
      const covered = fresh.target.filter((y, row) => y <= answers[row]!).length / 3000
      // Four deviations of a share of 3,000 rows, on both samples.
      expect(Math.abs(covered - alpha)).toBeLessThan(4 * Math.sqrt((2 * alpha * (1 - alpha)) / 3000))
    }
  })

  it('of absolute error end near the median where a few targets are far out', () => {
    const matrix = matrixOf(Array.from({ length: 400 }, (_, row) => [row % 2]))
    const target = Array.from(
      { length: 400 },
      (_, row) => (row % 2) + (row % 20 === 0 ? 1e6 : row % 20 === 1 ? -1e6 : 0),
    )
    const model = fitBoostedTrees(matrix, target, { objective: { name: 'absolute' } })
    const [even, odd] = predictBoostedTrees(model, matrix)
    expect(even).toBeCloseTo(0, 3)
    expect(odd).toBeCloseTo(1, 3)
  })

  const means: ObjectiveName[] = [
    { name: 'squared' },
    { name: 'logistic' },
    { name: 'poisson' },
    { name: 'tweedie', power: 1.5 },
  ]
  it.each(means)(
    'of $name come to the weighted mean of each group of rows that nothing else tells apart',
    (objective) => {
      const random = randomOf(4)
      const matrix = matrixOf(Array.from({ length: 600 }, (_, row) => [row % 3]))
      const target = Array.from({ length: 600 }, (_, row) => Number(random.next() < [0.1, 0.5, 0.8][row % 3]!))
      const weights = target.map(() => 0.5 + random.next())
      const model = fitBoostedTrees(matrix, target, { objective, weights, tree_count: 200 })
      const answers = predictBoostedTrees(model, matrix)
      for (const group of [0, 1, 2]) {
        const rows = target.flatMap((_, row) => (row % 3 === group ? [row] : []))
        const weight = rows.reduce((sum, row) => sum + weights[row]!, 0)
        const mean = rows.reduce((sum, row) => sum + weights[row]! * target[row]!, 0) / weight
        expect(answers[group]).toBeCloseTo(mean, 4)
      }
    },
  )

  it('count a weight of two as the row twice', () => {
    const { matrix, target } = lessonOfChance(200)
    const twice = matrixOver(Float64Array.of(...matrix.values, ...matrix.values), 400, 3)
    const options = { min_samples_leaf: 1, min_hessian_leaf: 10, max_leaves: 5, tree_count: 5 }
    const doubled = fitBoostedTrees(twice, [...target, ...target], options)
    const weighed = fitBoostedTrees(matrix, target, { ...options, weights: target.map(() => 2) })
    const [a, b] = [doubled, weighed].map((model) => predictBoostedTrees(model, matrix))
    a?.forEach((answer, row) => expect(b?.[row]).toBeCloseTo(answer, 5))
  })

  it('of one class only, or of rates that are all zero, answer what they saw and nothing infinite', () => {
    const { matrix } = lessonOfChance(100)
    const nought = new Float64Array(100)
    for (const objective of means) {
      const model = fitBoostedTrees(matrix, nought, { objective })
      predictBoostedTrees(model, matrix).forEach((answer) => expect(answer).toBeCloseTo(0, 9))
      expect(JSON.stringify(writeBoostedTrees(model))).not.toContain('null')
    }
  })

  it('with a rate do not run away where one row is a thousand million times the others', () => {
    const matrix = matrixOf(Array.from({ length: 9000 }, (_, row) => [row === 8999 ? 1 : 0]))
    const target = Array.from({ length: 9000 }, (_, row) => (row === 8999 ? 1e6 : 1e-3))
    const options = { objective: { name: 'poisson' }, min_samples_leaf: 1, max_leaves: 2 } as const
    const answers = predictBoostedTrees(fitBoostedTrees(matrix, target, options), matrix)
    expect(answers[8999]! / 1e6).toBeCloseTo(1, 2)
    expect(answers.every(Number.isFinite)).toBe(true)
  })
})

describe('ranking', () => {
  /** Queries of twenty documents: relevance follows a hidden score, but each query has a level of its own that says nothing. */
  const queries = (count: number, seed: number) => {
    const random = randomOf(seed)
    const rows: number[][] = []
    const target: number[] = []
    const groups: number[] = []
    for (let query = 0; query < count; query++) {
      const level = 3 * random.normal()
      for (let document = 0; document < 20; document++) {
        const [a, b, c] = [random.normal(), random.normal(), random.normal()]
        const hidden = a + 0.5 * b * b + 0.3 * random.normal() + level
        rows.push([a, b, c, level + random.normal()])
        target.push(Math.min(4, Math.max(0, Math.round(1 + hidden))))
        groups.push(query * 7 + 3)
      }
    }
    return { matrix: matrixOf(rows), target, groups }
  }
  const ndcg = (scores: Float64Array, target: readonly number[], top: number) => {
    let [sum, count] = [0, 0]
    for (let from = 0; from < target.length; from += 20) {
      const places = Array.from({ length: 20 }, (_, at) => from + at)
      const gain = (order: number[]) =>
        order.slice(0, top).reduce((total, row, place) => total + (2 ** target[row]! - 1) / Math.log2(place + 2), 0)
      const best = gain(places.toSorted((a, b) => target[b]! - target[a]!))
      if (best === 0) continue
      sum += gain(places.toSorted((a, b) => scores[b]! - scores[a]!)) / best
      count++
    }
    return sum / count
  }

  it('pulls pairs apart by hand-made numbers: relevances 2, 0, 1 with scores 0, ln 3, 0', () => {
    const lesson = {
      target: Float64Array.of(2, 0, 1),
      weights: undefined,
      raw: Float64Array.of(0, Math.log(3), 0),
      gradients: new Float32Array(6),
      group_starts: Uint32Array.of(0, 3),
      group_rows: Uint32Array.of(0, 1, 2),
    }
    const gradients = (name: ObjectiveName) => {
      objectiveOf(name, false).differentiate(lesson, 0, 1)
      return [0, 2, 4].map((at) => lesson.gradients[at])
    }
    // Row 1 leads rows 0 and 2, wrongly, with doubt 3/4 each; rows 0 and 2 are level, with doubt 1/2.
    expect(gradients({ name: 'pairwise' })).toEqual([-1.25, 1.5, -0.25])
    // Places: row 1, row 0, row 2, which count 1, d, e. The best list gains 3 + d. Exchanges change 3(1 - d), 1(1 - e), 2(d - e).
    const [d, e] = [1 / Math.log2(3), 0.5]
    const [a, b, c] = [3 * (1 - d), 1 - e, 2 * (d - e)].map((change) => change / (3 + d)) as [number, number, number]
    const expected = [-0.75 * a - 0.5 * c, 0.75 * (a + b), 0.5 * c - 0.75 * b]
    gradients({ name: 'lambdamart' }).forEach((gradient, row) => expect(gradient).toBeCloseTo(expected[row]!, 6))
    // At the top one place counts, and the best list gains 3.
    const at_top = [-0.75, 0.75 + 0.25, -0.25]
    gradients({ name: 'lambdamart', top: 1 }).forEach((gradient, row) => expect(gradient).toBeCloseTo(at_top[row]!, 6))
  })

  it('by LambdaMART and by pairs beats a regression on relevance by NDCG, on queries that were not learnt from', () => {
    const [learnt, fresh] = [queries(150, 1), queries(100, 2)]
    const common = { max_leaves: 8, tree_count: 60 }
    const quality = (objective: ObjectiveName) => {
      const model = fitBoostedTrees(learnt.matrix, learnt.target, { ...common, objective, groups: learnt.groups })
      return ndcg(predictBoostedTrees(model, fresh.matrix), fresh.target, 5)
    }
    const by_regression = quality({ name: 'squared' })
    expect(quality({ name: 'lambdamart', top: 5 })).toBeGreaterThan(by_regression + 0.02)
    expect(quality({ name: 'pairwise' })).toBeGreaterThan(by_regression + 0.02)
  })

  it('keeps groups whole when it keeps some back, and stops by their NDCG', () => {
    const { matrix, target, groups } = queries(60, 3)
    const options = {
      objective: { name: 'lambdamart' },
      groups,
      tree_count: 500,
      early_stopping: { rounds: 5 },
    } as const
    const model = fitBoostedTrees(matrix, target, { ...options, row_share: 0.5 })
    expect(model.validation_losses.length).toBeLessThan(500)
    model.validation_losses.forEach((loss) => expect(loss).toBeLessThan(0.5))
    expect(model.validation_losses[model.trees.length - 1]).toBe(Math.min(...model.validation_losses))
  })
})

describe('early stopping', () => {
  it('stops where more trees do not help, and keeps those up to the best', () => {
    const random = randomOf(9)
    const matrix = matrixOf(Array.from({ length: 500 }, () => [random.normal(), random.normal()]))
    const target = Float64Array.from({ length: 500 }, (_, row) => matrix.values[2 * row]! + 3 * random.normal())
    const model = fitBoostedTrees(matrix, target, { tree_count: 1000, early_stopping: { share: 0.2, rounds: 7 } })
    expect(model.validation_losses.length).toBeLessThan(200)
    expect(model.validation_losses).toHaveLength(model.trees.length + 7)
    expect(model.validation_losses[model.trees.length - 1]).toBe(Math.min(...model.validation_losses))
  })

  it('learns nothing from the rows kept back: their targets may be anything', () => {
    const { matrix, target } = lessonOfChance(300)
    const validation_rows = [5, 17, 80]
    const options = { tree_count: 5, early_stopping: { validation_rows, rounds: 100 } }
    const other = target.map((y, row) => (validation_rows.includes(row) ? y + 1e-6 : y))
    const [a, b] = [target, other].map((each) => fitBoostedTrees(matrix, each, options))
    expect(b?.trees).toEqual(a?.trees)
    expect(b?.validation_losses).not.toEqual(a?.validation_losses)
  })

  it('counts a loss that is measured here as it would be measured from the model', () => {
    const { matrix, target } = lessonOfChance(400)
    const validation_rows = Array.from({ length: 100 }, (_, at) => 4 * at)
    const options = {
      categorical_columns: [2],
      tree_count: 8,
      row_share: 0.6,
      early_stopping: { validation_rows, rounds: 99 },
    }
    const model = fitBoostedTrees(matrix, target, options)
    const answers = predictBoostedTrees(model, matrix)
    const loss = validation_rows.reduce((sum, row) => sum + (answers[row]! - target[row]!) ** 2 / 100, 0)
    expect(model.trees).toHaveLength(8)
    expect(model.validation_losses.at(-1)).toBeCloseTo(loss, 9)
  })
})

describe('strange data', () => {
  it('with infinities take them for the largest and the smallest of values', () => {
    const rows = [-Infinity, -Infinity, 1, 2, Infinity, Infinity].map((x) => [x])
    const options = { min_samples_leaf: 2, tree_count: 1, learning_rate: 1 }
    const model = fitBoostedTrees(matrixOf(rows), [1, 1, 5, 5, 9, 9], options)
    const read = readBoostedTrees(JSON.parse(JSON.stringify(writeBoostedTrees(model))))
    predictBoostedTrees(read, matrixOf(rows)).forEach((answer, row) =>
      expect(answer).toBeCloseTo([1, 1, 5, 5, 9, 9][row]!, 9),
    )
  })

  it('parted by whether a value is missing keep that through a file: JSON knows no infinity', () => {
    const matrix = matrixOf([[1], [Infinity], [Number.NaN], [Number.NaN]])
    const model = fitBoostedTrees(matrix, [0, 0, 8, 8], {
      min_samples_leaf: 1,
      tree_count: 1,
      learning_rate: 1,
      max_leaves: 2,
    })
    expect(model.trees[0]?.threshold[0]).toBe(Infinity)
    const read = readBoostedTrees(JSON.parse(JSON.stringify(writeBoostedTrees(model))))
    predictBoostedTrees(read, matrix).forEach((answer, row) => expect(answer).toBeCloseTo([0, 0, 8, 8][row]!, 9))
  })

  it('of one row, or of columns that never change, are answered with the mean', () => {
    const one = fitBoostedTrees(matrixOf([[1, Number.NaN]]), [7])
    expect([...predictBoostedTrees(one, matrixOf([[3, 4]]))]).toEqual([7])
    const constant = fitBoostedTrees(
      matrixOf(Array.from({ length: 50 }, () => [2])),
      Array.from({ length: 50 }, (_, row) => row),
    )
    expect([...predictBoostedTrees(constant, matrixOf([[9]]))]).toEqual([24.5])
  })

  it('with a category never seen go where what is missing goes', () => {
    const { matrix, target } = lessonOfChance(500)
    const model = fitBoostedTrees(matrix, target, { categorical_columns: [2] })
    const odd = [99, -1, 2.5, Infinity, Number.NaN].map((category) => [0.3, 0.4, category])
    const answers = predictBoostedTrees(model, matrixOf(odd))
    expect(new Set(answers).size).toBe(1)
    expect(answers[0]).not.toBe(predictBoostedTrees(model, matrixOf([[0.3, 0.4, 3]]))[0])
  })

  it('of more categories than bins keep the frequent ones apart and the rest together', () => {
    const random = randomOf(8)
    const rows = Array.from({ length: 4000 }, (_, row) => [row < 2000 ? (row % 2) * 1e6 : 10 + random.integer(1000)])
    const target = rows.map(([x = 0]) => (x === 0 ? -5 : x === 1e6 ? 5 : 0))
    const model = fitBoostedTrees(matrixOf(rows), target, { categorical_columns: [0], category_smoothing: 0 })
    expect(model.categories[0]).toHaveLength(255)
    const [low, high] = predictBoostedTrees(model, matrixOf([[0], [1e6]]))
    expect(low).toBeCloseTo(-5, 1)
    expect(high).toBeCloseTo(5, 1)
  })

  const { matrix, target } = lessonOfChance(50)
  const refused: [string, Matrix, ArrayLike<number>, BoostedTreesOptions][] = [
    ['a target that is not a number', matrix, target.with(3, Number.NaN), {}],
    ['an infinite target', matrix, target.with(3, Infinity), {}],
    ['a target too few', matrix, target.slice(1), {}],
    ['no rows', matrixOver(new Float64Array(0), 0, 3), [], {}],
    ['no columns', matrixOver(new Float64Array(0), 3, 0), [1, 2, 3], {}],
    ['a class that is neither 0 nor 1', matrix, target, { objective: { name: 'logistic' } }],
    ['a rate below 0', matrix, target.map(() => -1), { objective: { name: 'poisson' } }],
    ['a relevance of a half', matrix, target.map(() => 0.5), { objective: { name: 'pairwise' }, groups: target }],
    ['ranking without groups', matrix, target.map(() => 1), { objective: { name: 'lambdamart' } }],
    ['a weight below 0', matrix, target, { weights: target.map(() => -1) }],
    ['weights that are all 0', matrix, target, { weights: target.map(() => 0) }],
    ['256 bins', matrix, target, { max_bins: 256 }],
    ['no learning', matrix, target, { learning_rate: 0 }],
    ['one leaf', matrix, target, { max_leaves: 1 }],
    ['an alpha of 1', matrix, target, { objective: { name: 'quantile', alpha: 1 } }],
    ['a power of 2', matrix, target, { objective: { name: 'tweedie', power: 2 } }],
    ['a category column that is not there', matrix, target, { categorical_columns: [3] }],
    ['a constraint too few', matrix, target, { monotone: [1, 0] }],
    ['a direction of 2', matrix, target, { monotone: [2, 0, 0] }],
    ['a constraint on categories', matrix, target, { monotone: [0, 0, 1], categorical_columns: [2] }],
    ['all rows kept back', matrix, target, { early_stopping: { validation_rows: target.map((_, row) => row) } }],
    ['a row kept back that is not there', matrix, target, { early_stopping: { validation_rows: [50] } }],
  ]
  it.each(refused)('are refused with learn/data-unfit: %s', (_, rows, y, options) => {
    expect(() => fitBoostedTrees(rows, y, options)).toThrow(expect.objectContaining({ type: 'learn/data-unfit' }))
  })

  it('of other columns than those learnt are refused with learn/data-unfit', () => {
    const model = fitBoostedTrees(matrix, target)
    expect(() => predictBoostedTrees(model, matrixOf([[1]]))).toThrow(
      expect.objectContaining({ type: 'learn/data-unfit' }),
    )
  })
})

describe('a hostile file', () => {
  const { matrix, target } = lessonOfChance(100)
  const good = JSON.parse(
    JSON.stringify(writeBoostedTrees(fitBoostedTrees(matrix, target, { tree_count: 2, categorical_columns: [2] }))),
  )
  const broken: [string, object][] = [
    ['of another kind', { kind: 'isolation-forest' }],
    ['of another version', { version: 2 }],
    ['with a field too many', { more: 1 }],
    ['that declares a billion columns', { column_count: 1e9 }],
    ['with fewer columns than its trees ask for', { column_count: 1, categories: [] }],
    ['without a base', { base: null }],
    ['with an infinite base', { base: Infinity }],
    ['with an objective that does not exist', { objective: { name: 'eval' } }],
    ['with categories of a column that is not there', { categories: [{ column: 3, values: [1] }] }],
    ['with categories twice', { categories: [good.categories[0], good.categories[0]] }],
    ['with categories out of order', { categories: [{ column: 2, values: [2, 1] }] }],
    ['that takes a column of categories for one of numbers', { categories: [] }],
    [
      'that takes a column of numbers for one of categories',
      { categories: [0, 1, 2].map((column) => ({ column, values: [1] })) },
    ],
    ['with a tree that goes in a circle', { trees: [{ ...good.trees[0], left: good.trees[0].left.map(() => 0) }] }],
    ['with a list in place of a number', { trees: [{ ...good.trees[0], value: good.trees[0].value.map(() => []) }] }],
    ['without trees', { trees: undefined }],
  ]
  it.each(broken)('%s is refused with learn/model-file-invalid', (_, change) => {
    const read = () => readBoostedTrees({ ...good, ...change })
    expect(read).toThrow(expect.objectContaining({ type: 'learn/model-file-invalid' }))
  })

  it.each([null, 7, 'trees', [], {}])('%j is refused with learn/model-file-invalid', (file) => {
    expect(() => readBoostedTrees(file)).toThrow(expect.objectContaining({ type: 'learn/model-file-invalid' }))
  })

  it('is not what a good one is taken for', () => {
    expect(readBoostedTrees(good).trees).toHaveLength(2)
  })
})

describe('edges and quantiles', () => {
  it('stand midway between few values, and at quantiles of many, as numpy sets them', () => {
    expect([...edgesOf(Float64Array.of(3, 1, 1, 2), 255)]).toEqual([1.5, 2.5])
    // numpy.percentile(range(1000), [25, 50, 75], method='midpoint')
    expect([
      ...edgesOf(
        Float64Array.from({ length: 1000 }, (_, i) => i),
        4,
      ),
    ]).toEqual([249.5, 499.5, 749.5])
    expect([...edgesOf(Float64Array.of(5, 5), 255)]).toEqual([])
    expect([...edgesOf(new Float64Array(0), 255)]).toEqual([])
    // Between neighbours there is no number: the edge is the lower one, so that they fall apart.
    expect([...edgesOf(Float64Array.of(1, 1 + Number.EPSILON), 255)]).toEqual([1])
  })

  it('select what sorting selects', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (list, share) => {
          const sorted = Float64Array.from(list).sort()
          const position = (list.length - 1) * share
          const [low, high] = [sorted[Math.floor(position)]!, sorted[Math.ceil(position)]!]
          expect(quantileByReordering(Float64Array.from(list), share)).toBeCloseTo(
            low + (high - low) * (position % 1),
            9,
          )
        },
      ),
    )
  })

  it('weighed take the first value with enough weight at or below it', () => {
    expect(weightedQuantileOf(Float64Array.of(3, 1, 2), Float64Array.of(1, 5, 1), 0.5)).toBe(1)
    expect(weightedQuantileOf(Float64Array.of(3, 1, 2), Float64Array.of(5, 1, 1), 0.5)).toBe(3)
  })
})
