import { canonicalize, digestOf } from '@tidemark/core/certificates/canonical.ts'
import { calculate as compute } from '@tidemark/core/footprint/calculate.ts'
import type { FootprintResult, Inventory, InventoryLine } from '@tidemark/core/footprint/contract.ts'
import { libraryOf, type Library } from '@tidemark/core/footprint/library.ts'
import { measureLine, type Measurement } from '@tidemark/core/footprint/measure-line.ts'
import type { MeasuredBy } from '@tidemark/core/footprint/measured-by.ts'
import {
  MeasurementAsked,
  METERS_MAX,
  proposeMeasurement as proposeRoute,
  type MeasurementProposal,
} from '@tidemark/core/footprint/measurement-contract.ts'
import { instantsOf } from '@tidemark/core/footprint/measure-period.ts'
import type { InputOf } from '@tidemark/core/lib/contract.ts'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import { Problem, type Fault } from '@tidemark/core/lib/problem.ts'
import { unitsOf } from '@tidemark/core/lib/quantity.ts'
import { findUnit } from '@tidemark/core/lib/units.ts'
import { measures } from '@tidemark/core/telemetry/measures.ts'
import { together } from '@tidemark/core/telemetry/metered.ts'
import { authorise } from '../accounts/service.ts'
import type { Context } from '../platform/context.ts'
import { metersOf, readMeter, type Meter, type MeterFigure } from '../telemetry/service.ts'
import * as store from './store.ts'

type Asked = InputOf<typeof proposeRoute>
type Uncovered = MeasurementProposal['uncovered']

const HOLES_SHOWN_MAX = 100
const HOUR_MS = 3_600_000

/** A proposal with what it takes to put it on record. */
export interface Proposed {
  proposal: MeasurementProposal
  inventory: Inventory
  library: Library
  result: FootprintResult
}

/** Reads the meters over the reporting period of a stored calculation, and computes what the line would come to. */
export async function propose(ctx: Context, asked: Asked): Promise<Proposed> {
  await requireReadings(ctx)
  const stored = await store.findCalculation(ctx.db, asked.id)
  if (!stored) {
    const detail = `No calculation ${asked.id} is stored here.`
    throw new Problem('footprint/unknown-calculation', { detail, calculation_id: asked.id })
  }
  const line = stored.inventory.lines.find(({ id }) => id === asked.line_id)
  if (!line) {
    const detail = `The calculation has no line "${asked.line_id}".`
    throw new Problem('footprint/unknown-line', { detail, line_id: asked.line_id })
  }
  const read = await readMeters(ctx, asked, stored.inventory.reporting_period, line.unit)
  const after = measureLine(line, read.measurement)
  const refused = refusalOf(read.measurement, stored.inventory)
  const inventory = {
    ...stored.inventory,
    lines: stored.inventory.lines.map((each) => (each === line ? after : each)),
  }
  // With the very factors of the calculation: what differs then is what the meters say, and nothing else.
  const library = libraryOf({ factors: stored.factors, airports: stored.airports })
  // What is refused is shown all the same, and a played meter counts among simulated figures only.
  const result = compute(read.measurement.simulated ? { ...inventory, simulated: true } : inventory, library)
  const [estimated, measured] = [sideOf(stored.result, line), sideOf(result, after)]
  const proposal: MeasurementProposal = {
    calculation_id: stored.id,
    line_id: line.id,
    unit: line.unit,
    estimated,
    measured,
    difference: {
      quantity: measured.quantity - estimated.quantity,
      emissions_kg_co2e: inMilligrams(measured.emissions_kg_co2e - estimated.emissions_kg_co2e),
      emissions_market_kg_co2e: inMilligrams(measured.emissions_market_kg_co2e - estimated.emissions_market_kg_co2e),
    },
    line: after as MeasurementProposal['line'],
    ...read.shown,
    refused,
    proposal_digest: digestOf({ calculation_id: stored.id, line: after }),
  }
  return { proposal, inventory, library, result }
}

/** Both are whole milligrams, and so is what is between them. */
function inMilligrams(kg: number): number {
  return Math.round(kg * 1e6) / 1e6
}

/** The routes need a right of the footprint; what they show comes from readings. */
async function requireReadings(ctx: Context): Promise<void> {
  await authorise({ ...proposeRoute, needs: 'telemetry.read' }, ctx)
}

type Where = Pick<Asked, 'device_id' | 'site_id' | 'measure' | 'time_zone' | 'coverage_share_min'>

interface Read {
  measurement: Measurement
  shown: Pick<MeasurementProposal, 'uncovered' | 'uncovered_found' | 'uncovered_hours' | 'glitches' | 'rollovers' | 'thinned_to_s'> // oxfmt-ignore
}

async function readMeters(
  ctx: Context,
  where: Where,
  reporting_period: Inventory['reporting_period'],
  line_unit: string,
): Promise<Read> {
  const measure = measures.get(where.measure)
  invariant(measure !== undefined, 'the contract lists measures that there are')
  refuseOtherUnit(measure.unit, line_unit)
  const meters = await metersOf(ctx, where, where.measure)
  refuseCount(meters.length, where)
  const period = instantsOf(reporting_period, where.time_zone)
  const figures: MeterFigure[] = []
  // One after the other: each may be a year of minutes.
  for (const meter of meters) figures.push(await readMeter(ctx, meter, period))
  const { coverage_share, amounts, quality } = together(
    figures.map(({ metered }) => metered),
    period,
  )
  const measurement: Measurement = {
    measure: where.measure,
    unit: measure.unit,
    ...(where.site_id === undefined ? {} : { site_id: where.site_id }),
    meters: meters.map(({ device_id, sensor_id }, i) => ({
      device_id,
      sensor_id,
      quantity: amounts[i] ?? 0,
      readings: figures[i]?.metered.readings ?? 0,
      series_digest: figures[i]?.series_digest ?? '',
    })),
    from: new Date(period.from_ms).toISOString(),
    to: new Date(period.to_ms).toISOString(),
    time_zone: where.time_zone,
    coverage_share,
    coverage_share_min: where.coverage_share_min,
    quality,
    simulated: meters.some(({ simulated }) => simulated),
  }
  const length_hours = (period.to_ms - period.from_ms) / HOUR_MS
  return { measurement, shown: { ...shownOf(meters, figures), uncovered_hours: (1 - coverage_share) * length_hours } }
}

function refuseOtherUnit(meter_unit: string, line_unit: string): void {
  const dimension = findUnit(meter_unit)?.dimension
  invariant(dimension !== undefined, 'what meters of consumption count is in the table of units')
  if (findUnit(line_unit)?.dimension === dimension) return
  throw new Problem('footprint/meter-does-not-fit', {
    detail: `The meter counts ${meter_unit}, and the line is in ${line_unit}.`,
    meter_unit,
    line_unit,
    units_that_fit: unitsOf(dimension),
  })
}

function refuseCount(count: number, { device_id, site_id, measure }: Where): void {
  if (count === 0) {
    throw new Problem('footprint/no-meter', {
      detail: `${device_id === undefined ? `On the site ${site_id}` : `From the device ${device_id}`} there is no reading of ${measure}.`,
    })
  }
  if (count > METERS_MAX) {
    throw new Problem('footprint/too-many-meters', {
      detail: `${count} devices of the site count ${measure}, and one line is read from ${METERS_MAX} at most. Name one of them.`,
    })
  }
}

function shownOf(meters: readonly Meter[], figures: readonly MeterFigure[]): Omit<Read['shown'], 'uncovered_hours'> {
  const holes = figures.flatMap(({ metered }, i) =>
    metered.uncovered.map((hole) => ({ ...hole, sensor_id: meters[i]?.sensor_id ?? '' })),
  )
  const longest = [...holes].sort((a, b) => b.to_ms - b.from_ms - (a.to_ms - a.from_ms)).slice(0, HOLES_SHOWN_MAX)
  const uncovered: Uncovered = longest
    .sort((a, b) => a.from_ms - b.from_ms)
    .map(({ sensor_id, from_ms, to_ms, why }) => ({
      sensor_id,
      from: new Date(from_ms).toISOString(),
      to: new Date(to_ms).toISOString(),
      why,
    }))
  const sum = (of: 'glitches' | 'rollovers') => figures.reduce((all, { metered }) => all + metered[of], 0)
  return {
    uncovered,
    uncovered_found: holes.length,
    glitches: sum('glitches'),
    rollovers: sum('rollovers'),
    thinned_to_s: figures.find(({ thinned_to_s }) => thinned_to_s !== null)?.thinned_to_s ?? null,
  }
}

function refusalOf(
  { simulated, coverage_share, coverage_share_min }: Measurement,
  inventory: Inventory,
): MeasurementProposal['refused'] {
  if (simulated && inventory.simulated !== true) {
    const detail =
      'A program plays this meter, and the inventory does not say that it is simulated. State "simulated": true in a demonstration.'
    return { type: 'footprint/simulated-meter', detail }
  }
  if (coverage_share === 0 || coverage_share < coverage_share_min) {
    const percent = (share: number) => `${Math.floor(share * 1000) / 10} %`
    const detail = `What was counted is known for ${percent(coverage_share)} of the period, and ${percent(coverage_share_min)} is asked for.`
    return { type: 'footprint/too-little-measured', detail }
  }
  return null
}

function sideOf(result: FootprintResult, { id, quantity }: InventoryLine): MeasurementProposal['estimated'] {
  const line = result.lines.find((each) => each.id === id)
  invariant(line !== undefined, 'a line that was calculated has a result')
  const { emissions_kg_co2e, emissions_market_kg_co2e, interval_95, data_quality_score } = line
  return {
    quantity,
    emissions_kg_co2e,
    emissions_market_kg_co2e,
    interval_95,
    data_quality_score,
    total_kg_co2e: result.emissions_kg_co2e,
  }
}

/** Lines that say they were measured, in one inventory that is sent: each is read again. */
const MEASURED_LINES_MAX = 50

/** Whether lines that say they were measured are what the stored readings say. Nobody's word is taken for it. */
export async function faultsOfMeasurements(ctx: Context, inventory: Inventory): Promise<Fault[]> {
  const measured = inventory.lines.flatMap((line, index) => (line.measured_by ? [{ line, index, stated: line.measured_by }] : [])) // oxfmt-ignore
  if (measured.length === 0) return []
  await requireReadings(ctx)
  const faults: Fault[] = []
  for (const [place, { line, index, stated }] of measured.entries()) {
    const message =
      place < MEASURED_LINES_MAX
        ? await differenceOf(ctx, line, stated, inventory)
        : `At most ${MEASURED_LINES_MAX} lines of an inventory that is sent are read again; measure the others one by one.`
    if (message !== null)
      faults.push({ path: `/lines/${index}/measured_by`, code: 'measurement-not-reproduced', message })
  }
  return faults
}

async function differenceOf(
  ctx: Context,
  line: InventoryLine,
  stated: MeasuredBy,
  { reporting_period }: Inventory,
): Promise<string | null> {
  const { measured_quantity: _, estimated_quantity: __, replaced: ___, ...measurement } = stated
  const { site_id, time_zone, coverage_share_min } = stated
  const asked = MeasurementAsked.safeParse({
    ...(site_id === undefined ? { device_id: stated.meters[0]?.device_id } : { site_id }),
    line_id: line.id,
    measure: stated.measure,
    time_zone,
    coverage_share_min,
  })
  if (!asked.success) return 'This is not how meters are asked: see GET /api/v1/calculations/{id}/measurement.'
  try {
    const read = await readMeters(ctx, asked.data, reporting_period, line.unit)
    const same = canonicalize(read.measurement) === canonicalize(measurement)
    return same
      ? null
      : 'The stored readings do not give this measurement. They may have changed: measure the line again.'
  } catch (error) {
    if (error instanceof Problem) return error.message
    throw error
  }
}
