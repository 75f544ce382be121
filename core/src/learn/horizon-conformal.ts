import { z } from 'zod'
import { invariant } from '../lib/invariant.ts'
import { Problem } from '../lib/problem.ts'
import {
  type Bounds,
  type CalibratedInterval,
  type Calibration,
  calibrate,
  CalibrationFile,
  GROUP_POINTS_MIN,
  intervalOf,
  nested,
} from './conformal.ts'
import { readModelFile } from './read-model-file.ts'

/**
 * Intervals for forecasts, wider the further ahead: each block of steps has the margins that the backtest's errors at
 * those steps call for. Measured once, at training; predicting costs two additions.
 */
export interface HorizonCalibration {
  kind: 'horizon-calibration'
  version: 1
  /** Ascending. */
  levels: number[]
  /** The first step of each block, from 0; a block ends where the next begins. */
  block_starts: number[]
  horizon_steps: number
  /** One per level, its groups named by block. */
  calibrations: Calibration[]
}

export interface HorizonOptions extends Bounds {
  /** 0.5, 0.8 and 0.95 unless told. */
  levels?: readonly number[]
  /** Neighbouring steps join until a block has as many errors; 60 unless told. */
  block_errors_min?: number
  /** 'signed' unless told: forecasts that run high or low get what they need on that side only. */
  sides?: 'symmetric' | 'signed'
}

/**
 * Measures margins per step from forecast errors `actual - predicted`: a row per origin, `horizon_steps` numbers each, NaN
 * where the truth is not known.
 *
 * @throws {Problem} learn/data-unfit where rows differ in length or levels are outside (0, 1).
 */
export function calibrateHorizons(
  errors: readonly ArrayLike<number>[],
  options: HorizonOptions = {},
): HorizonCalibration {
  const { block_errors_min = GROUP_POINTS_MIN, sides = 'signed' } = options
  const levels = [...(options.levels ?? [0.5, 0.8, 0.95])].sort((a, b) => a - b)
  const horizon_steps = errors[0]?.length ?? 0
  if (horizon_steps === 0 || errors.some((row) => row.length !== horizon_steps))
    throw new Problem('learn/data-unfit', { detail: 'Errors are rows of one length, a number for each step ahead.' })
  const perStep = Array.from({ length: horizon_steps }, (_, step) =>
    errors.map((row) => row[step] ?? Number.NaN).filter((error) => !Number.isNaN(error)),
  )
  const block_starts = blocksOf(
    perStep.map((known) => known.length),
    block_errors_min,
  )
  const truth: number[] = []
  const groups: string[] = []
  perStep.forEach((known, step) => {
    const block = String(blockOf(block_starts, step))
    for (const error of known) {
      truth.push(error)
      groups.push(block)
    }
  })
  const zero = new Float64Array(truth.length)
  const data = { truth, lower: zero, upper: zero, groups }
  const calibrations = levels.map((level) => calibrate(data, { level, sides, group_points_min: block_errors_min }))
  return { kind: 'horizon-calibration', version: 1, levels, block_starts, horizon_steps, calibrations }
}

/** The intervals of one forecast: a list per step, one per level, each inside the next. */
export function forecastIntervals(
  calibration: HorizonCalibration,
  predicted: ArrayLike<number>,
  bounds: Bounds = {},
): CalibratedInterval[][] {
  return Array.from({ length: predicted.length }, (_, step) =>
    intervalsAt(calibration, predicted[step] ?? NaN, step, bounds),
  )
}

function intervalsAt(
  { calibrations, block_starts, horizon_steps }: HorizonCalibration,
  point: number,
  step: number,
  bounds: Bounds,
): CalibratedInterval[] {
  const block = String(blockOf(block_starts, step))
  const found = calibrations.map((calibration): CalibratedInterval => {
    // Errors further ahead than were measured are larger than any that were.
    if (step >= horizon_steps) return { state: 'not_calibrated', group: null, count: 0, count_needed: 1 }
    return intervalOf(calibration, { lower: point, upper: point }, block, bounds)
  })
  const ends = nested(found.filter((interval) => interval.state === 'calibrated'))
  let next = 0
  return found.map((interval) => {
    if (interval.state === 'not_calibrated') return interval
    const end = ends[next++]
    invariant(end, 'every calibrated interval has its nested ends')
    return { ...interval, ...end }
  })
}

/** Joins steps from the first on until each block has enough errors; what is left over joins the last block. */
function blocksOf(counts: readonly number[], errors_min: number): number[] {
  const starts: number[] = []
  let open = 0
  let held = 0
  counts.forEach((count, step) => {
    held += count
    if (held < errors_min) return
    starts.push(open)
    open = step + 1
    held = 0
  })
  return starts.length === 0 ? [0] : starts
}

function blockOf(starts: readonly number[], step: number): number {
  let block = 0
  while (block + 1 < starts.length && (starts[block + 1] ?? Infinity) <= step) block++
  return block
}

const HorizonFile = z
  .strictObject({
    kind: z.literal('horizon-calibration'),
    version: z.literal(1),
    levels: z.array(z.number().gt(0).lt(1)).min(1).max(20),
    block_starts: z.array(z.int().nonnegative()).min(1).max(10_000),
    horizon_steps: z.int().min(1).max(100_000),
    calibrations: z.array(CalibrationFile).min(1).max(20),
  })
  .refine(
    ({ levels, calibrations, block_starts }) =>
      levels.length === calibrations.length &&
      levels.every((level, i) => level === calibrations[i]?.level && level > (levels[i - 1] ?? 0)) &&
      block_starts.every((start, i) => (i === 0 ? start === 0 : start > (block_starts[i - 1] ?? Infinity))),
    'levels and blocks ascend, and each level has its calibration',
  )

/** The calibration as it goes into a file: plain data, shared with nobody. */
export function writeHorizonCalibration(calibration: HorizonCalibration): HorizonCalibration {
  return JSON.parse(JSON.stringify(calibration)) as HorizonCalibration
}

/** @throws {Problem} learn/model-file-invalid */
export function readHorizonCalibration(file: unknown): HorizonCalibration {
  return readModelFile(HorizonFile, file, 'a calibration of a forecast, version 1')
}
