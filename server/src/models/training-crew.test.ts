import { Worker } from 'node:worker_threads'
import { type BoostedTreesOptions, fitBoostedTrees, writeBoostedTrees } from '@tidemark/core/learn/boosted-trees.ts'
import { type Matrix, matrixOver } from '@tidemark/core/learn/matrix.ts'
import { randomOf } from '@tidemark/core/learn/random.ts'
import { afterAll, describe, expect, it } from 'vitest'
import { fitWithCrew, startTrainingCrew, type TrainingCrew } from './training-crew.ts'

const crews = [1, 2, 3].map((size) => startTrainingCrew(size))
afterAll(async () => {
  await Promise.all(crews.map((crew) => crew.close()))
})

/** Enough rows that members part them together; seven columns, with holes, the last one of categories. */
function lesson(row_count: number): { matrix: Matrix; target: Float64Array; groups: Float64Array } {
  const random = randomOf(11)
  const values = Float64Array.from({ length: row_count * 7 }, (_, at) =>
    at % 7 === 6 ? random.integer(9) : random.next() < 0.05 ? Number.NaN : random.normal(),
  )
  const target = Float64Array.from({ length: row_count }, (_, row) => {
    const [a, b] = [values[row * 7] ?? 0, values[row * 7 + 1] ?? 0]
    return Math.min(4, Math.max(0, Math.round(2 + (a || 0) * (b || 1) + ((values[row * 7 + 6] ?? 0) % 3) - 1)))
  })
  return { matrix: matrixOver(values, row_count, 7), target, groups: target.map((_, row) => Math.floor(row / 20)) }
}

const { matrix, target, groups } = lesson(12_000)
const common: BoostedTreesOptions = { tree_count: 6, categorical_columns: [6], seed: 5 }
const courses: [string, BoostedTreesOptions][] = [
  ['squared error', {}],
  [
    'Poisson with sampling and constraints',
    { objective: { name: 'poisson' }, row_share: 0.5, column_share: 0.6, monotone: [1, 0, 0, -1, 0, 0, 0] },
  ],
  ['medians with constraints', { objective: { name: 'absolute' }, monotone: [1, 0, 0, 0, 0, 0, 0] }],
  [
    'ranking that stops early',
    { objective: { name: 'lambdamart' }, groups, early_stopping: { rounds: 2 }, row_share: 0.7 },
  ],
  ['weights', { weights: target.map((_, row) => (row % 3) + 0.5), objective: { name: 'tweedie', power: 1.5 } }],
]

describe('a training crew', () => {
  it.each(courses)(
    'fits the same model to the bit with one, two and three threads as alone: %s',
    async (_, options) => {
      const alone = JSON.stringify(writeBoostedTrees(fitBoostedTrees(matrix, target, { ...common, ...options })))
      for (const crew of crews) {
        const model = await crew.fit(matrix, target, { ...common, ...options })
        expect(JSON.stringify(writeBoostedTrees(model)) === alone, `${crew.size} threads`).toBe(true)
      }
    },
  )

  it('has threads to spare where there are fewer columns than threads', async () => {
    const narrow = matrixOver(
      Float64Array.from({ length: 200 }, (_, row) => row),
      200,
      1,
    )
    const ramp = Float64Array.from({ length: 200 }, (_, row) => row)
    const model = await crew(2).fit(narrow, ramp, { tree_count: 3 })
    expect(writeBoostedTrees(model)).toEqual(writeBoostedTrees(fitBoostedTrees(narrow, ramp, { tree_count: 3 })))
  })

  it('reports steps in order, and refuses unfit data as a fit alone does: learn/data-unfit', async () => {
    const steps: number[] = []
    await crew(1).fit(matrix, target, { ...common, report: ({ step }) => steps.push(step) })
    expect(steps).toEqual([1, 2, 3, 4, 5, 6])
    const unfit = target.with(7, Number.NaN)
    await expect(crew(1).fit(matrix, unfit, common)).rejects.toMatchObject({ type: 'learn/data-unfit' })
  })

  it('ends a fit whose report throws, with what it threw, and fits again afterwards', async () => {
    const enough = new Error('Enough.')
    const report = () => {
      throw enough
    }
    await expect(crew(1).fit(matrix, target, { ...common, tree_count: 5_000, report })).rejects.toBe(enough)
    expect((await crew(1).fit(matrix, target, common)).trees).toHaveLength(6)
  })

  it.each([0, 1])(
    'fails, and does not hang, when thread %i is killed during a fit; the next fit finds new threads',
    async (victim) => {
      const made: Worker[] = []
      const mortal = startTrainingCrew(2, (file) => {
        const worker = new Worker(file)
        made.push(worker)
        return worker
      })
      let killed = false
      const report = () => {
        if (killed) return
        killed = true
        void made[victim]?.terminate()
      }
      const course = { ...common, tree_count: 100_000, report }
      await expect(mortal.fit(matrix, target, course)).rejects.toThrow('A thread of the training crew died.')
      expect((await mortal.fit(matrix, target, common)).trees).toHaveLength(6)
      // Killed while idle.
      await made[2]?.terminate()
      expect((await mortal.fit(matrix, target, common)).trees).toHaveLength(6)
      await mortal.close()
    },
  )

  it('rejects the fit under way when it is closed, and takes no more', async () => {
    const closing = startTrainingCrew(2)
    const fit = closing.fit(matrix, target, { ...common, tree_count: 100_000, report: () => void closing.close() })
    await expect(fit).rejects.toThrow('closed during a fit')
    await expect(closing.fit(matrix, target, common)).rejects.toThrow('has been closed')
  })

  it('can be had for one fit', async () => {
    expect((await fitWithCrew(matrix, target, common, 2)).trees).toHaveLength(6)
  })
})

function crew(at: number): TrainingCrew {
  const found = crews[at]
  if (!found) throw new Error(`There is no crew ${at}.`)
  return found
}
