import type { QualityGrades } from '../factors/contract.ts'

/** The kind of evidence behind a figure decides its grades; see decision 0027. Silence grades nothing, and counts as the worst. */
export const evidenceGrades = {
  meter: { reliability: 5, technical: 5, geographic: 5, temporal: 5, completeness: 5 },
  invoice: { reliability: 4, technical: 5, geographic: 5, temporal: 5, completeness: 5 },
  estimate: { reliability: 2, technical: 3, geographic: 5, temporal: 4, completeness: 3 },
} as const satisfies Record<string, QualityGrades>
export type Evidence = keyof typeof evidenceGrades
