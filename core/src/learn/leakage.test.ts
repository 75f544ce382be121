import { describe, expect, it } from 'vitest'
import { leakageOf } from './leakage.ts'
import { matrixOf } from './matrix.ts'
import { randomOf } from './random.ts'

const { normal } = randomOf(9)
const target = Float64Array.from({ length: 600 }, normal)
const label = target.map((value) => (value > 0.5 ? 1 : 0))

describe('leakage', () => {
  const columns = matrixOf(Array.from(target, (value) => [normal(), value + normal(), 3 * value + 1, Math.exp(value)]))

  it('is suspected of the target in another unit, straight or bent, and of nothing else', () => {
    const found = leakageOf(columns, target)!
    expect(found.filter(({ suspect }) => suspect).map(({ column }) => column)).toEqual([2, 3])
    expect(found.find(({ column }) => column === 1)!.score).toBeLessThan(0.7)
  })

  it('is suspected of a column that is missing exactly where the label is 1', () => {
    const holes = matrixOf(Array.from(label, (value) => [value === 1 ? Number.NaN : normal(), normal()]))
    const found = leakageOf(holes, label)!
    expect(found[0]).toEqual({ column: 0, score: 1, measure: 'auc', suspect: true })
    expect(found[1]!.score).toBeLessThan(0.7)
  })

  it('is suspected of the target in another unit that only one row in three has', () => {
    const some = matrixOf(Array.from(target, (value, row) => [row % 3 === 0 ? 2 * value : Number.NaN, normal()]))
    expect(leakageOf(some, target)!.map(({ suspect }) => suspect)).toEqual([true, false])
  })

  it('is not suspected of an identifier that differs in every row', () => {
    const ids = matrixOf(Array.from(target, (_, row) => [row]))
    expect(leakageOf(ids, target)![0]!.score).toBeLessThan(0.2)
  })

  it('is not judged on few rows or a constant target, and refused without a target', () => {
    expect(leakageOf(matrixOf([[1], [2]]), Float64Array.of(1, 2))).toBeUndefined()
    expect(leakageOf(columns, new Float64Array(600).fill(1))).toBeUndefined()
    const unfit = expect.objectContaining({ type: 'learn/data-unfit' })
    expect(() => leakageOf(columns, target.slice(1))).toThrow(unfit)
    expect(() => leakageOf(columns, new Float64Array(600).fill(Number.NaN))).toThrow(unfit)
  })
})
