import type { Replayers } from './certificates/verify.ts'
import { replay } from './footprint/replay.ts'
import { replayAnalysis } from './projects/analysis-evidence.ts'
import { replayDecision } from './projects/decision-evidence.ts'
import { replayBatch } from './telemetry/replay-batch.ts'

/**
 * How what certificates state is computed again, by kind. Server, command line and browser all read this one table. A kind
 * that is not in it is reported as not replayed, with that reason, and never as good.
 */
export const replayers: Replayers = {
  emission_calculation: async (evidence) => replay(evidence),
  sensor_batch: async (evidence) => replayBatch(evidence),
  project_analysis: async (evidence) => replayAnalysis(evidence),
  credit_decision: async (evidence) => replayDecision(evidence),
}
