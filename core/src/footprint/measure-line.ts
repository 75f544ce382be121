/**
 * A line whose quantity comes from meters: what was measured, what is kept of the estimate for the time that no meter covers,
 * and how sure the sum is. The same function makes such a line and checks it whenever it is calculated, so that a
 * certificate replays with the figures of the meters and not only with their sum.
 */
import type { QualityGrades } from '../factors/contract.ts'
import { exp } from '../lib/exact-math.ts'
import { conversionFactor } from '../lib/quantity.ts'
import { findUnit } from '../lib/units.ts'
import type { InventoryLine } from './contract.ts'
import { LineFault } from './line-fault.ts'
import type { MeasuredBy } from './measured-by.ts'
import { plain } from './plain.ts'
import { spreadOfGrades, spreadOfPercent } from './uncertainty.ts'

/** What a measurement says of itself before it is brought into the unit of a line. */
export type Measurement = Omit<MeasuredBy, 'measured_quantity' | 'estimated_quantity' | 'replaced'>

/** Counters of what is consumed. What is generated or fed in is not what a line buys. */
export const measuresOfConsumption = ['import_energy_kwh', 'energy_kwh', 'fuel_l', 'water_m3'] as const

const dimensions = ['reliability', 'technical', 'geographic', 'temporal', 'completeness'] as const
/** The best that the published confidence gives a device. */
const ACCURACY_MAX = 0.8

/** The line as meters measured it. What it said before, or before an earlier measurement, is kept in it. */
export function measureLine(line: InventoryLine, measurement: Measurement): InventoryLine {
  const { quantity, data_quality, uncertainty_percent } = line
  const replaced = line.measured_by?.replaced ?? {
    quantity,
    ...(data_quality === undefined ? {} : { data_quality }),
    ...(uncertainty_percent === undefined ? {} : { uncertainty_percent }),
  }
  const measured_by = {
    ...measurement,
    ...quantitiesOf({ ...measurement, replaced }, line.unit),
    replaced,
  }
  const { data_quality: _, uncertainty_percent: __, measured_by: ___, ...rest } = line
  return { ...rest, ...lineMeasuredBy(measured_by), measured_by }
}

/** How much was measured and how much is kept of the estimate, pro rata of the time that is not covered. */
function quantitiesOf(
  { meters, unit, coverage_share, replaced }: Pick<MeasuredBy, 'meters' | 'unit' | 'coverage_share' | 'replaced'>,
  line_unit: string,
): Pick<MeasuredBy, 'measured_quantity' | 'estimated_quantity'> {
  const counted = meters.reduce((sum, meter) => sum + meter.quantity, 0)
  return {
    measured_quantity: counted * conversionFactor(unit, line_unit),
    estimated_quantity: replaced.quantity * (1 - coverage_share),
  }
}

/** What a line says that was measured like this: its quantity, its grades, and its uncertainty where it is mixed. */
export function lineMeasuredBy(
  measured_by: MeasuredBy,
): Pick<InventoryLine, 'quantity' | 'data_quality' | 'uncertainty_percent'> {
  const { measured_quantity: measured, estimated_quantity: estimated, replaced } = measured_by
  const quantity = measured + estimated
  const grades = gradesOf(measured_by.quality)
  if (estimated === 0) return { quantity, data_quality: grades }
  const mixed = Object.fromEntries(
    dimensions.map((each) => [
      each,
      hundredths((measured * (grades[each] ?? 1) + estimated * (replaced.data_quality?.[each] ?? 1)) / quantity),
    ]),
  )
  const estimate_spread =
    replaced.uncertainty_percent === undefined
      ? spreadOfGrades(replaced.data_quality)
      : spreadOfPercent(replaced.uncertainty_percent)
  const [a, b] = [measured * spreadOfGrades(grades), estimated * estimate_spread]
  const spread = Math.sqrt(a * a + b * b) / quantity
  return { quantity, data_quality: mixed, uncertainty_percent: hundredths(100 * (exp(spread) - 1)) }
}

/** The grades of a figure that was read from a meter over the very period, by what its readings are worth. */
export function gradesOf(quality: MeasuredBy['quality']): QualityGrades {
  const grade = (share: number) => hundredths(1 + 4 * Math.min(1, share))
  return {
    reliability: grade(quality.validity * quality.consistency),
    technical: grade(quality.accuracy / ACCURACY_MAX),
    geographic: 5,
    temporal: 5,
    completeness: grade(quality.completeness),
  }
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100
}

/**
 * Refuses a line that does not follow from the measurement that it states, and a played meter among real figures.
 * @throws LineFault
 */
export function checkMeasuredLine(line: InventoryLine, measured_by: MeasuredBy, is_simulated: boolean): void {
  if (measured_by.simulated && !is_simulated) {
    throw new LineFault(
      'measured_by/simulated',
      'simulated-measurement',
      'The meter is played by a program. It replaces an estimate only in an inventory that says of itself that it is simulated.',
      true,
    )
  }
  if (findUnit(measured_by.unit)?.dimension !== findUnit(line.unit)?.dimension) {
    const message = `The meter counts ${measured_by.unit}, and the line is in ${line.unit}.`
    throw new LineFault('measured_by/unit', 'wrong-dimension', message, measured_by.unit)
  }
  const stated: Record<string, unknown> = {
    'measured_by/measured_quantity': measured_by.measured_quantity,
    'measured_by/estimated_quantity': measured_by.estimated_quantity,
    quantity: line.quantity,
    uncertainty_percent: line.uncertainty_percent,
    ...Object.fromEntries(dimensions.map((each) => [`data_quality/${each}`, line.data_quality?.[each]])),
  }
  const parts = quantitiesOf(measured_by, line.unit)
  const { quantity, uncertainty_percent, data_quality } = lineMeasuredBy({ ...measured_by, ...parts })
  const expected: Record<string, unknown> = {
    'measured_by/measured_quantity': parts.measured_quantity,
    'measured_by/estimated_quantity': parts.estimated_quantity,
    quantity,
    uncertainty_percent,
    ...Object.fromEntries(dimensions.map((each) => [`data_quality/${each}`, data_quality?.[each]])),
  }
  for (const [field, value] of Object.entries(stated)) {
    if (Object.is(value, expected[field])) continue
    throw new LineFault(
      field,
      'measurement-differs',
      'The line says that it was measured, and this does not follow from the measurement that it states.',
      value,
      expected[field],
    )
  }
}

/** The first step of the trace of a measured line, for people. */
export function saysMeasured({ quantity, unit, measured_by }: InventoryLine & { measured_by: MeasuredBy }): string {
  const { meters, measured_quantity, estimated_quantity, coverage_share } = measured_by
  const by = meters.map(({ sensor_id }) => sensor_id).join(', ')
  if (estimated_quantity === 0) return `${plain(quantity)} ${unit}, measured by ${by} over the whole period.`
  return `${plain(quantity)} ${unit}: ${plain(measured_quantity)} measured by ${by} in ${plain(Math.round(coverage_share * 10_000) / 100)} % of the period, and ${plain(estimated_quantity)} kept of the estimate for the rest of the time.`
}
