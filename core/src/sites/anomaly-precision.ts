import type { PrecisionTable } from './anomaly-confidence.ts'

export const measuredPrecision: PrecisionTable = {}
