/** Which pairs a trial makes, and what is kept of each. */
import { qualityOf, type Quality } from '../confidence-components.ts'
import type { Ecosystem } from '../ecosystems.ts'
import type { PairMeasurement } from '../measurement.ts'
import { families, type Degradation, type Family } from './degrade.ts'
import { gradePair, type Graded, type Truth } from './truth.ts'

export interface TrialPlan {
  first_seed: number
  scenes: number
  /** Families that each scene goes through: the next ones in turn, so that all come up equally often. */
  families_per_scene: number
}

/** What `conf-1` was fitted and judged on. */
export const tablePlan: TrialPlan = { first_seed: 1, scenes: 300, families_per_scene: 10 }
/** What its bench looks at: other scenes. */
export const benchPlan: TrialPlan = { first_seed: 100_001, scenes: 46, families_per_scene: 9 }

/** The families of the n-th scene of a plan. */
export function familiesOf(scene: number, { families_per_scene }: TrialPlan): Family[] {
  return Array.from(
    { length: families_per_scene },
    (_, k) => families[(scene * families_per_scene + k) % families.length] ?? 'nothing',
  )
}

/** One pair of a trial. */
export interface TrialRow {
  scene: string
  family: Family
  level: string
  quality: Quality
  /** Undefined where nothing was measured: who says that he cannot tell is not wrong. */
  graded: Graded | undefined
}

export function rowOf(
  scene: string,
  { family, level }: Degradation,
  truth: Truth,
  found: { measurement: PairMeasurement; ecosystem: Ecosystem },
): TrialRow {
  const { measurement, ecosystem } = found
  const graded = measurement.outcome === 'measured' ? gradePair(truth, measurement) : undefined
  return { scene, family, level, quality: qualityOf(measurement, ecosystem), graded }
}
