import { z } from 'zod'
import { route } from '../lib/contract.ts'
import type { ProblemTable } from '../lib/problem.ts'
import { isTimeZone } from '../sites/local-time.ts'
import { Calculation, InventoryLine } from './contract.ts'
import { measuresOfConsumption } from './measure-line.ts'
import { MeasuredBy } from './measured-by.ts'

export const measurementProblems = {
  'footprint/unknown-line': { status: 404, title: 'The calculation has no line of that id' },
  'footprint/no-meter': { status: 404, title: 'There is no such meter' },
  'footprint/too-many-meters': { status: 409, title: 'The site has more meters than one line can be read from' },
  'footprint/meter-does-not-fit': { status: 422, title: 'The meter counts something else than the line' },
  'footprint/too-little-measured': { status: 409, title: 'The meters cover too little of the reporting period' },
  'footprint/simulated-meter': {
    status: 409,
    title: 'A meter that a program plays replaces nothing in an inventory of real figures',
  },
  'footprint/proposal-outdated': {
    status: 409,
    title: 'The readings or the calculation are no longer those of the proposal',
  },
} as const satisfies ProblemTable

/** Below this share of the period an estimate stands unless the caller says otherwise. */
export const COVERAGE_SHARE_MIN = 0.9
/** Meters that one line can be read from. */
export const METERS_MAX = 20

const Word = z.string().min(1).max(120)
const Amount = z.number()
const asked = {
  line_id: Word,
  device_id: Word.optional().describe('The meter; or `site_id` for all meters of a site that count this measure.'),
  site_id: Word.optional(),
  measure: z.enum(measuresOfConsumption),
  time_zone: z
    .string()
    .min(1)
    .max(60)
    .refine(isTimeZone, { error: 'A zone of the IANA tables, such as Europe/Paris.' })
    .describe('Where the meters stand: the days of the reporting period begin at midnight there.'),
}
const coverage_share_min = z.number().min(0).max(1).default(COVERAGE_SHARE_MIN)
const CalculationId = z.object({ id: z.string().regex(/^calc_[0-9A-Z]{26}$/) })

const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)

/** What a line comes to. */
const Side = z.object({
  quantity: Amount,
  emissions_kg_co2e: Amount,
  emissions_market_kg_co2e: Amount,
  interval_95: z.object({ low: Amount, high: Amount }),
  data_quality_score: Amount,
  total_kg_co2e: Amount.describe('Of the whole inventory, location-based.'),
})

export const MeasurementProposal = z
  .object({
    calculation_id: z.string(),
    line_id: z.string(),
    unit: z.string().describe('Of both quantities.'),
    estimated: Side.describe('As the calculation stands.'),
    measured: Side.describe('As it would be; everything else, factors included, stays as it is.'),
    difference: z.object({
      quantity: Amount,
      emissions_kg_co2e: Amount,
      emissions_market_kg_co2e: Amount,
    }),
    line: InventoryLine.extend({ measured_by: MeasuredBy }).describe('The line as it would be.'),
    uncovered: z
      .array(
        z.object({
          sensor_id: z.string(),
          from: z.iso.datetime(),
          to: z.iso.datetime(),
          why: z.enum(['no_readings', 'gap_at_edge', 'reset', 'replaced']),
        }),
      )
      .describe(
        'Where a meter does not say what it counted; the hundred longest. The estimate is kept there, pro rata.',
      ),
    uncovered_found: z.number().int(),
    uncovered_hours: z.number().describe('Hours of the period that not every meter covers.'),
    glitches: z.number().int().describe('Single nonsensical values that were left out.'),
    rollovers: z.number().int(),
    thinned_to_s: z
      .number()
      .int()
      .nullable()
      .describe('Of meters that are read more often, the last reading of each so many seconds is used.'),
    refused: z
      .object({ type: z.string(), detail: z.string() })
      .nullable()
      .describe('Why it cannot be applied; null when it can.'),
    proposal_digest: Digest.describe('Names exactly this; it is sent to apply it.'),
  })
  .meta({ id: 'MeasurementProposal' })
export type MeasurementProposal = z.infer<typeof MeasurementProposal>

const problems = [
  'accounts/not-signed-in',
  'accounts/not-allowed',
  'footprint/unknown-calculation',
  'footprint/unknown-line',
  'footprint/no-meter',
  'footprint/too-many-meters',
  'footprint/meter-does-not-fit',
] as const

const one = { error: 'Either device_id or site_id.' }
const isOne = ({ device_id, site_id }: { device_id?: string | undefined; site_id?: string | undefined }) =>
  (device_id === undefined) !== (site_id === undefined)
/** How a meter is asked for a line. */
export const MeasurementAsked = z
  .object({ ...asked, coverage_share_min: z.coerce.number().min(0).max(1).default(COVERAGE_SHARE_MIN) })
  .refine(isOne, one)

const paris = { measure: 'import_energy_kwh', time_zone: 'Europe/Paris' } as const
const nobody = { ...paris, line_id: 'elec', device_id: 'dev_00000000000000000000000000' }
const nowhere = { id: 'calc_00000000000000000000000000' }
const calculated = { route: 'footprint.calculate', fill: { id: 'calculation_id' } }

export const proposeMeasurement = route({
  name: 'footprint.proposeMeasurement',
  method: 'GET',
  path: '/api/v1/calculations/{id}/measurement',
  summary: 'What a line would come to if meters replaced its estimate',
  description:
    'Changes nothing. The readings of the reporting period are counted as counters: resets, roll-overs and silences are ' +
    'honoured, and time for which nothing is known is named. Needs telemetry.read as well.',
  needs: 'footprint.calculate',
  params: CalculationId,
  query: MeasurementAsked,
  output: MeasurementProposal,
  problems,
  examples: [
    { summary: 'A meter that is not there', after: calculated, query: nobody, status: 404 },
    { summary: 'No such calculation', params: nowhere, query: nobody, status: 404 },
  ],
})

export const applyMeasurement = route({
  name: 'footprint.applyMeasurement',
  method: 'POST',
  path: '/api/v1/calculations/{id}/measurement',
  summary: 'Calculates and certifies the inventory anew, with the line as meters measured it',
  description:
    'The calculation that it is based on stays as it was, with its certificate. What is applied is the proposal that the ' +
    'caller names by its digest: if readings came in or were corrected since, nothing is done. Needs telemetry.read as well.',
  needs: 'footprint.calculate',
  params: CalculationId,
  body: z.strictObject({ ...asked, coverage_share_min, proposal_digest: Digest }).refine(isOne, one),
  output: Calculation,
  status: 201,
  problems: [
    ...problems,
    'footprint/too-little-measured',
    'footprint/simulated-meter',
    'footprint/proposal-outdated',
    'admin/plan-limit',
  ],
  examples: [
    {
      summary: 'No such calculation',
      params: nowhere,
      body: { ...nobody, proposal_digest: `sha256:${'0'.repeat(64)}` },
      status: 404,
    },
  ],
})
