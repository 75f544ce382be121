import { applyPlatt, fitPlatt, type Platt } from '../learn/calibration.ts'
import { matrixOver, type Matrix } from '../learn/matrix.ts'
import type { Scorer } from './algorithm.ts'

/** Probabilities that come true as often as they say: a curve through what the model says and what was so. */

/** Fewer rows of either class than this draw the curve by chance. */
const CLASS_ROWS_MIN = 25
/** A probability of exactly 0 or 1 has no logit. */
const PROBABILITY_MIN = 1e-12

/**
 * Platt's curve over the logits of a classifier, from rows that it was not fitted on; null where they are too few. Two numbers
 * only, and it keeps the order of the rows.
 */
export function calibrationCurve(scorer: Scorer, matrix: Matrix, target: Float64Array): Platt | null {
  const positive = target.filter((label) => label === 1).length
  if (Math.min(positive, target.length - positive) < CLASS_ROWS_MIN) return null
  const curve = fitPlatt(logitsOf(scorer.score(matrix).value), target)
  // One that does not rise would turn the order round: such a model knows nothing, and its gates will say so.
  return curve.slope < 0 ? curve : null
}

/** The same scorer with its probabilities on the curve. What it takes apart still adds up, on the logits of the new ones. */
export function onCurve(scorer: Scorer, curve: Platt): Scorer {
  const { explain } = scorer
  return {
    ...scorer,
    score: (matrix) => ({ value: applyPlatt(curve, logitsOf(scorer.score(matrix).value)) }),
    ...(explain && {
      explain: (matrix) => {
        const { base, contributions, says } = explain(matrix)
        const { values, row_count, column_count } = contributions
        return {
          base: -curve.slope * base - curve.offset,
          contributions: matrixOver(
            Float64Array.from(values, (value) => -curve.slope * value),
            row_count,
            column_count,
          ),
          says,
        }
      },
    }),
  }
}

function logitsOf(probabilities: Float64Array): Float64Array {
  return probabilities.map((probability) => {
    const inside = Math.min(1 - PROBABILITY_MIN, Math.max(PROBABILITY_MIN, probability))
    return Math.log(inside / (1 - inside))
  })
}
