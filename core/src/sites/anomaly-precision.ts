import type { PrecisionTable } from './anomaly-confidence.ts'

/**
 * How many findings of each type were faults, by how far they stood beyond their threshold (1 to 1.5, 1.5 to 3, 3 and more):
 * measured by `node bench/detection.ts --table` on 150 simulated plants of five weeks, a third of them healthy, with other
 * seeds than the bench. Types that never came up there take the figures of all types together.
 */
export const measuredPrecision: PrecisionTable = {
  power_drop: [
    { found: 22, correct: 22 },
    { found: 43, correct: 43 },
    { found: 32, correct: 32 },
  ],
  unusual_combination: [
    { found: 15, correct: 0 },
    { found: 40, correct: 7 },
    { found: 34, correct: 34 },
  ],
  underperformance: [
    { found: 0, correct: 0 },
    { found: 0, correct: 0 },
    { found: 30, correct: 30 },
  ],
  stuck_value: [
    { found: 0, correct: 0 },
    { found: 0, correct: 0 },
    { found: 29, correct: 29 },
  ],
  night_generation: [
    { found: 0, correct: 0 },
    { found: 0, correct: 0 },
    { found: 30, correct: 30 },
  ],
  spike: [
    { found: 0, correct: 0 },
    { found: 10, correct: 10 },
    { found: 20, correct: 20 },
  ],
  load_surge: [
    { found: 13, correct: 0 },
    { found: 3, correct: 3 },
    { found: 27, correct: 27 },
  ],
  meter_reset: [
    { found: 30, correct: 30 },
    { found: 0, correct: 0 },
    { found: 0, correct: 0 },
  ],
  silence: [
    { found: 0, correct: 0 },
    { found: 0, correct: 0 },
    { found: 30, correct: 30 },
  ],
  unusual_shape: [
    { found: 4, correct: 0 },
    { found: 0, correct: 0 },
    { found: 0, correct: 0 },
  ],
  imbalance: [
    { found: 0, correct: 0 },
    { found: 0, correct: 0 },
    { found: 1, correct: 1 },
  ],
}
