import { expect, test } from 'vitest'
import { calibrationError, logLoss } from '../learn/metrics.ts'
import { matrixOf, type Matrix } from '../learn/matrix.ts'
import { randomOf } from '../learn/random.ts'
import type { Scorer } from './algorithm.ts'
import { calibrationCurve, onCurve } from './probabilities.ts'

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))

/** A classifier that knows the truth and is three times too sure of it. */
const too_sure: Scorer = {
  score: ({ values }) => ({ value: values.map((x) => sigmoid(3 * x + 1)) }),
  explain: ({ values, row_count }) => {
    const contributions: Matrix = { values: values.map((x) => 3 * x), row_count, column_count: 1 }
    return { base: 1, contributions, says: 'Logits.' }
  },
}

function rows(count: number, seed: number) {
  const random = randomOf(seed)
  const x = Array.from({ length: count }, () => 2 * random.normal())
  return { matrix: matrixOf(x.map((each) => [each])), label: Float64Array.from(x, (each) => Number(random.next() < sigmoid(each))) } // oxfmt-ignore
}

test('probabilities that are too sure of themselves come true as often as they say, in the same order', () => {
  const seen = rows(800, 1)
  const curve = calibrationCurve(too_sure, seen.matrix, seen.label)!
  const { matrix, label } = rows(4_000, 2)
  const [before, after] = [too_sure.score(matrix).value, onCurve(too_sure, curve).score(matrix).value]
  expect(calibrationError(label, before).ece).toBeGreaterThan(0.1)
  expect(calibrationError(label, after).ece).toBeLessThan(0.03)
  expect(logLoss(label, after)).toBeLessThan(logLoss(label, before))
  const order = (values: Float64Array) => [...values.keys()].sort((a, b) => before[a]! - before[b]! || values[a]! - values[b]!) // oxfmt-ignore
  const sorted = order(after).map((row) => after[row]!)
  expect(sorted.every((each, row) => row === 0 || each >= sorted[row - 1]!)).toBe(true)
})

test('what is taken apart adds up to the new probability', () => {
  const { matrix, label } = rows(800, 1)
  const scorer = onCurve(too_sure, calibrationCurve(too_sure, matrix, label)!)
  const { base, contributions } = scorer.explain!(matrix)
  const { value } = scorer.score(matrix)
  for (let row = 0; row < 800; row++) expect(sigmoid(base + contributions.values[row]!)).toBeCloseTo(value[row]!, 9)
})

test('there is no curve through few rows of a class, nor for a model that is wrong more often than right', () => {
  const { matrix, label } = rows(800, 1)
  const few = label.map((_, row) => Number(row < 10))
  expect(calibrationCurve(too_sure, matrix, few)).toBeNull()
  expect(calibrationCurve(too_sure, matrix, label.map((each) => 1 - each))).toBeNull() // oxfmt-ignore
})
