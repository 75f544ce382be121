import { z } from 'zod'
import { QualityGrades } from '../factors/contract.ts'

const Word = z
  .string()
  .min(1)
  .max(120)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'On one line, without control characters.')
const Share = z.number().min(0).max(1)
const Quantity = z.number().min(0).max(1e15)

/**
 * Where the quantity of a line comes from, when meters measured it: enough to tell which readings they were, to compute the
 * line from it again, and to know what stood there before. Whatever it states, the quantity and the quality of its line
 * must follow from it: see `lineMeasuredBy`.
 */
export const MeasuredBy = z
  .strictObject({
    measure: Word.describe('What the meters count, such as import_energy_kwh.'),
    unit: Word.describe('The unit of what each meter counted.'),
    site_id: Word.optional().describe('The site whose meters these are, where they were asked for by site.'),
    meters: z
      .array(
        z.strictObject({
          device_id: Word,
          sensor_id: Word,
          quantity: Quantity.describe('What it counted in the time that every meter covers.'),
          readings: z.number().int().min(0),
          series_digest: z
            .string()
            .regex(/^sha256:[0-9a-f]{64}$/)
            .describe(
              'SHA-256 over one line for each reading used, in order of time: milliseconds since 1970, value, verdict.',
            ),
        }),
      )
      .min(1)
      .max(20),
    from: z.iso.datetime().describe('The first instant of the reporting period where the meters stand.'),
    to: z.iso.datetime().describe('The first instant after it.'),
    time_zone: Word,
    coverage_share: Share.describe('The part of the period for which every meter says what it counted.'),
    coverage_share_min: Share.describe('Below this, the meters would not have replaced the estimate.'),
    measured_quantity: Quantity.describe('What the meters counted, in the unit of the line.'),
    estimated_quantity: Quantity.describe(
      'What is kept of the estimate for the rest of the time, in the unit of the line.',
    ),
    replaced: z
      .strictObject({
        quantity: Quantity,
        data_quality: z.strictObject(QualityGrades.shape).optional(),
        uncertainty_percent: z.number().min(0).max(1000).optional(),
      })
      .describe('What the line said before, in the same unit.'),
    quality: z
      .strictObject({
        score: Share,
        completeness: Share,
        accuracy: Share,
        consistency: Share,
        timeliness: Share,
        validity: Share,
      })
      .describe('Of the readings: the five dimensions and their weighted sum.'),
    simulated: z.boolean().describe('At least one of the meters is played by a program.'),
  })
  .meta({ id: 'MeasuredBy' })
export type MeasuredBy = z.infer<typeof MeasuredBy>
