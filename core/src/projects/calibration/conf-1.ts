import { CalibrationTable } from '../confidence.ts'
import file from './conf-1.json' with { type: 'json' }

/**
 * How often raw scores were right on generated scenes: the calibration in use. Fitted by `node bench/confidence.ts --table`; what it
 * answers for stands in the file.
 */
export const confidenceTable: CalibrationTable = CalibrationTable.parse(file.table)
