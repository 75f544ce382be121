import { z } from 'zod'
import { fitRidge, predictLinear, readLinear, writeLinear } from '../learn/linear.ts'
import { matrixOver } from '../learn/matrix.ts'
import { readModelFile } from '../learn/read-model-file.ts'
import { algorithm } from './algorithm.ts'
import { meanOf, quantileOf } from './figures.ts'

/** What any model must beat: one number for all. */
export const baseline = algorithm({
  name: 'baseline',
  title: 'Median and quantiles',
  says: 'Says the same of every row: the median, or the share of a class. What any other model must beat.',
  tasks: ['regression', 'quantile', 'classification'],
  parameters: z.strictObject({}),
  form: 'codes',
  explains: false,
  train: async ({ target, task }, _parameters, { level }) => {
    const sorted = Float64Array.from(target).sort()
    const tail = (1 - level) / 2
    const at = (share: number) => quantileOf(sorted, share)
    const value = task === 'classification' ? meanOf(target) : at(0.5)
    return { kind: 'baseline', version: 1, value, lower: at(tail), upper: at(1 - tail) }
  },
  load: (file, { task }) => {
    const { value, lower, upper } = readModelFile(BaselineFile, file, 'a baseline')
    const all = (each: number, rows: number) => new Float64Array(rows).fill(each)
    return {
      score: ({ row_count }) => ({
        value: all(value, row_count),
        ...(task === 'quantile' ? { lower: all(lower, row_count), upper: all(upper, row_count) } : {}),
      }),
    }
  },
})

const BaselineFile = z.strictObject({
  kind: z.literal('baseline'),
  version: z.literal(1),
  value: z.number(),
  lower: z.number(),
  upper: z.number(),
})

/** A weighted sum of standardised fields. */
export const ridge = algorithm({
  name: 'ridge',
  title: 'Ridge regression',
  says: 'A weighted sum of the fields, each kept small. Few rows are enough, and every weight can be read.',
  tasks: ['regression'],
  parameters: z.strictObject({
    penalty: z.number().min(0.000_001).max(1e9).default(1).describe('Keeps weights small.'),
  }),
  form: 'dense',
  explains: true,
  // Columns are standardised already, by training rows alone.
  train: async ({ matrix, target }, { penalty }) =>
    writeLinear(fitRidge(matrix, target, { penalty, standardise: false })),
  load: (file) => {
    const model = readLinear(file)
    return {
      score: (matrix) => ({ value: predictLinear(model, matrix) }),
      explain: ({ values, row_count, column_count }) => {
        const parts = values.map((value, index) => value * (model.coefficients[index % column_count] ?? 0))
        return {
          base: model.intercept,
          contributions: matrixOver(parts, row_count, column_count),
          says: 'The unit of the answer.',
        }
      },
    }
  },
})
