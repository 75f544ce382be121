/** A pair that everything is right with, for tests that change one thing in it. Mangrove seedlings that grew in a year. */
import { areaOf, MeasuredPair, type UnmeasuredPair } from './measurement.ts'
import { message } from './message.ts'

const digest = (digit: string) => `sha256:${digit.repeat(64)}`

const image = (digit: string, captured_on: string) => ({
  digest: digest(digit),
  sensor: 'sentinel-2',
  level: 'L2A',
  captured_on,
  captured_on_source: 'file' as const,
  width_px: 400,
  height_px: 300,
  crs: 'EPSG:32628',
})

const noTransitions = () => Array.from({ length: 5 }, () => [0, 0, 0, 0, 0])

const px = noTransitions()
px[1] = [0, 50, 0, 0, 450]
px[4] = [0, 0, 0, 0, 50]

const good = MeasuredPair.parse({
  kind: 'pair-measurement',
  version: 1,
  outcome: 'measured',
  evidence_class: 'E1',
  before: image('a', '2023-01-10'),
  // 365.25 days would be a year; 366 are what this pair has.
  after: image('b', '2024-01-11'),
  season_gap_days: 1,
  valid_fraction_before: 0.97,
  valid_fraction_after: 0.95,
  registration: {
    method: 'phase_correlation',
    shift_col_px: 0.3,
    shift_row_px: -0.1,
    residual_px: 0.05,
    tiles: 9,
    psr: 40,
  },
  radiometry: { same_sensor: true, same_level: true, pif_rmse: 0.01, pif_px: 400 },
  pixels_in_polygon: 560,
  area: areaOf({ claimed_ha: 5.5, polygon_ha: 5.5, measured_ha: 5.5, edge_uncertainty_fraction: 0.02 }),
  integrity: [],
  warnings: [],
  pixels_compared: 550,
  index: {
    kind: 'ndvi',
    formula: '(N − R) / (N + R)',
    mean_before: 0.2,
    mean_after: 0.65,
    median_before: 0.15,
    median_after: 0.7,
    delta: 0.65 - 0.2,
    delta_median: 0.55,
    sigma: 0.05,
    sigma_source: 'floor',
  },
  class_profile: { id: 'ndvi-default-1', bounds: [0, 0.2, 0.4, 0.6] },
  cover: {
    share: { before: 0.1, after: 0.8, threshold: 0.4, sigma: 0.02 },
    carlson_ripley: { before: 0.05, after: 0.7, ndvi_soil: 0.1, ndvi_full: 0.86 },
  },
  classes: [],
  transitions: { px, ha: null },
  water_fraction_before: 0,
  water_fraction_after: 0,
})

/** The pair with some of its parts exchanged. The median before is barren, the one after dense. */
export function pairWith(changes: Partial<MeasuredPair> = {}): MeasuredPair {
  return { ...good, ...changes }
}

/** The same evidence, of which nothing could be told. */
export function unmeasured(code: string): UnmeasuredPair {
  const { evidence_class, before, after, season_gap_days, valid_fraction_before, valid_fraction_after } = good
  const { registration, radiometry, pixels_in_polygon, area } = good
  return {
    kind: 'pair-measurement',
    version: 1,
    outcome: 'cannot_tell',
    evidence_class,
    before,
    after,
    season_gap_days,
    valid_fraction_before,
    valid_fraction_after,
    registration,
    radiometry,
    pixels_in_polygon,
    area,
    integrity: [],
    warnings: [],
    reasons: [message(code)],
  }
}

/** An index that goes from one mean to another. */
export function indexOf(before: number, after: number, changes: Partial<MeasuredPair['index']> = {}) {
  const means = { mean_before: before, mean_after: after, median_before: before, median_after: after }
  return { ...good.index, ...means, delta: after - before, delta_median: after - before, ...changes }
}
