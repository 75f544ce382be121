/**
 * What was measured on a pair of images, before and after: the one record that the analysis of files produces and that
 * confidence, plausibility and every method read. It holds numbers and their circumstances, never a verdict on credits.
 */
import { z } from 'zod'
import { Message } from './message.ts'

/**
 * What kind of evidence an image is.
 * E1 calibrated multispectral with a reference system and a mask of clouds · E2 multispectral digital numbers with a
 * reference system · E3 georeferenced RGB · E4 photo with place and time · E5 plain photo.
 */
export const evidenceClasses = ['E1', 'E2', 'E3', 'E4', 'E5'] as const
export type EvidenceClass = (typeof evidenceClasses)[number]

/** Only `ndvi` is an NDVI of reflectances. Digital numbers give another ratio, and photos a greenness. */
export const indexKinds = ['ndvi', 'ndvi_dn', 'greenness'] as const
export type IndexKind = (typeof indexKinds)[number]

export const coverClasses = ['water', 'barren', 'sparse', 'moderate', 'dense'] as const
export type CoverClass = (typeof coverClasses)[number]

const Fraction = z.number().min(0).max(1)
const Hectares = z.number().min(0).max(1e8)
const Pixels = z.number().int().min(0).max(1e12)
const IndexValue = z.number().min(-1e3).max(1e3)
const Code = z
  .string()
  .regex(/^[a-z0-9]+(?:[-_][a-z0-9]+)*$/)
  .max(80)
const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)
const Sensor = z.string().min(1).max(120)

/** One image of the pair. */
export const MeasuredImage = z.strictObject({
  digest: Digest.describe('SHA-256 of the file as it was sent.'),
  evidence_id: z.string().min(1).max(120).nullable().default(null),
  sensor: Sensor.nullable().describe('As named by the file or by who sent it: `sentinel-2-l2a`.'),
  level: z.string().min(1).max(60).nullable().describe('Level of processing: L1C, L2A, surface reflectance, JPEG.'),
  captured_on: z.iso.date().nullable().describe('Day of the picture, as accepted by the checks of its time.'),
  captured_on_source: z.enum(['file', 'exif', 'declared']).nullable().default(null),
  width_px: Pixels,
  height_px: Pixels,
  crs: z.string().min(1).max(80).nullable().describe('`EPSG:32638`; null where the file names none.'),
  masked_fractions: z
    .record(Code, Fraction)
    .default({})
    .describe('Share of the polygon under each mask: cloud, shadow, water, nodata ….'),
})
export type MeasuredImage = z.infer<typeof MeasuredImage>

/** How the after image lies on the before image. */
export const Registration = z.strictObject({
  method: z.enum(['phase_correlation', 'keypoints', 'same_grid']),
  shift_col_px: z.number().min(-1e5).max(1e5),
  shift_row_px: z.number().min(-1e5).max(1e5),
  residual_px: z.number().min(0).max(1e5).describe('What is left after the shift was applied: spread over the tiles.'),
  tiles: Pixels,
  psr: z.number().min(0).max(1e9).nullable().describe('Peak over spread of the correlation; null for keypoints.'),
  inliers: Pixels.nullable()
    .default(null)
    .describe('Keypoints that agree on one geometry; null where none were sought.'),
})

/** Whether the numbers of both dates speak the same language. */
export const Radiometry = z.strictObject({
  same_sensor: z.boolean(),
  same_level: z.boolean(),
  pif_rmse: z
    .number()
    .min(0)
    .max(1e4)
    .nullable()
    .describe('RMS difference over pixels that should not have changed, in units of reflectance.'),
  pif_px: Pixels.default(0),
})

/** An error of the area is told up to a million times the claim: beyond, it is that. */
const AREA_ERROR_MAX = 1e6

export const MeasuredArea = z
  .strictObject({
    claimed_ha: Hectares.gt(0),
    polygon_ha: Hectares.nullable().describe('Geodesic area of the polygon; null without one.'),
    measured_ha: Hectares.nullable().describe(
      'Area of the pixels inside the polygon; null without a reference system.',
    ),
    error_fraction: z
      .number()
      .min(0)
      .max(AREA_ERROR_MAX)
      .nullable()
      .describe('|claimed − found| ÷ claimed, found being the polygon, else the pixels. `areaOf` fills it in.'),
    edge_uncertainty_fraction: z
      .number()
      .min(0)
      .max(1)
      .default(0)
      .describe('Half a pixel times the perimeter, over the area: what the boundary leaves open, at 90 %.'),
  })
  .refine(({ error_fraction, ...rest }) => isNear(error_fraction, errorFractionOf(rest)), {
    path: ['error_fraction'],
    error: 'It is |claimed − found| ÷ claimed, and null where nothing was found.',
  })
export type MeasuredArea = z.infer<typeof MeasuredArea>

/** The index over the clear pixels of both dates inside the polygon. Ratio per pixel first, then the mean. */
export const MeasuredIndex = z
  .strictObject({
    kind: z.enum(indexKinds),
    formula: z.string().min(1).max(120).describe('(N − R) / (N + R), NGRDI …'),
    mean_before: IndexValue,
    mean_after: IndexValue,
    median_before: IndexValue,
    median_after: IndexValue,
    delta: IndexValue.describe('Mean of after minus before.'),
    delta_median: IndexValue,
    sigma: z.number().gt(0).max(1e3).describe('Standard deviation of the noise of `delta`.'),
    sigma_source: z.enum(['pseudo_invariant', 'floor']),
  })
  .refine(({ mean_before, mean_after, delta }) => Math.abs(mean_after - mean_before - delta) <= 1e-6, {
    path: ['delta'],
    error: 'It is the mean after minus the mean before.',
  })

const BeforeAfter = { before: Fraction, after: Fraction }

/** Share of the polygon under vegetation, both ways of taking it. */
export const MeasuredCover = z.strictObject({
  share: z
    .strictObject({
      ...BeforeAfter,
      threshold: IndexValue.describe('A pixel at or above it counts as covered.'),
      sigma: Fraction.nullable().describe('Standard deviation of the share; null where it is not known.'),
    })
    .nullable(),
  carlson_ripley: z
    .strictObject({ ...BeforeAfter, ndvi_soil: IndexValue, ndvi_full: IndexValue })
    .nullable()
    .describe('((NDVI − soil) / (full − soil))² clipped to 0…1, mean of the pixels. Only of NDVI.'),
})

/** Part of a polygon that is reported by itself. */
export const MeasuredStratum = z.strictObject({
  stratum_id: Code,
  area_ha: Hectares,
  cover_before: Fraction,
  cover_after: Fraction,
  cover_sigma: Fraction.nullable().default(null),
  delta: IndexValue,
})
export type MeasuredStratum = z.infer<typeof MeasuredStratum>

const ClassArea = z.strictObject({
  class: z.enum(coverClasses),
  before_px: Pixels,
  after_px: Pixels,
  before_ha: Hectares.nullable(),
  after_ha: Hectares.nullable(),
})

const side = coverClasses.length

/** From class (row) to class (column), in the order of `coverClasses`, pixels clear on both dates. */
const Transitions = z.strictObject({
  px: z.array(z.array(Pixels).length(side)).length(side),
  ha: z.array(z.array(Hectares).length(side)).length(side).nullable(),
})

export const integrityEffects = ['block', 'flag', 'inform'] as const
export type IntegrityEffect = (typeof integrityEffects)[number]

/** What a check of the evidence found. Checks that found nothing are listed too, with the effect `inform` and `found: false`. */
export const IntegrityFinding = z.strictObject({
  check: Code,
  found: z.boolean(),
  value: z.union([z.number(), z.string().max(300)]).nullable(),
  threshold: z.union([z.number(), z.string().max(300)]).nullable(),
  effect: z.enum(integrityEffects),
  caveat: z.string().max(600).describe('On how few examples the threshold stands, and what else could look like this.'),
  image: z.enum(['before', 'after', 'pair']).default('pair'),
})
export type IntegrityFinding = z.infer<typeof IntegrityFinding>

/** What is known of every pair, whether it could be measured or not. */
const common = {
  kind: z.literal('pair-measurement'),
  version: z.literal(1),
  evidence_class: z.enum(evidenceClasses).describe('The weaker of the two images.'),
  before: MeasuredImage,
  after: MeasuredImage,
  season_gap_days: z.number().min(0).max(183).nullable().describe('Distance around the year; null without both dates.'),
  valid_fraction_before: Fraction.nullable().describe('Clear share of the polygon, water being clear.'),
  valid_fraction_after: Fraction.nullable(),
  registration: Registration.nullable(),
  radiometry: Radiometry.nullable(),
  pixels_in_polygon: Pixels.nullable(),
  area: MeasuredArea,
  integrity: z.array(IntegrityFinding).max(200).default([]),
  warnings: z.array(Message).max(200).default([]),
}

export const MeasuredPair = z.strictObject({
  ...common,
  outcome: z.literal('measured'),
  pixels_compared: Pixels.describe('Clear on both dates: what the index was averaged over.'),
  index: MeasuredIndex,
  class_profile: z.strictObject({
    id: Code.describe('`ndvi-default-1`'),
    bounds: z
      .array(IndexValue)
      .length(side - 1)
      .refine(
        (bounds) => bounds.every((bound, i) => i === 0 || bound >= (bounds[i - 1] ?? bound)),
        'Bounds never fall.',
      )
      .describe('Lower bounds of barren, sparse, moderate and dense; below the first is water or negative.'),
  }),
  cover: MeasuredCover,
  classes: z.array(ClassArea).max(side),
  transitions: Transitions.nullable().describe('Null where the pair could not be registered.'),
  water_fraction_before: Fraction.nullable(),
  water_fraction_after: Fraction.nullable(),
  changes: z
    .array(z.strictObject({ threshold: z.number().gt(0).max(2), gain_fraction: Fraction, loss_fraction: Fraction }))
    .max(10)
    .default([])
    .describe('Share of the pixels that gained or lost more than the threshold.'),
  gain_near_mask_fraction: Fraction.nullable()
    .default(null)
    .describe('Share of the gain that lies on the fringe of masked clouds.'),
  strata: z.array(MeasuredStratum).max(1_000).default([]).describe('Empty: the whole polygon is one.'),
})
export type MeasuredPair = z.infer<typeof MeasuredPair>

export const UnmeasuredPair = z.strictObject({
  ...common,
  outcome: z.literal('cannot_tell'),
  reasons: z.array(Message).min(1).max(50),
})
export type UnmeasuredPair = z.infer<typeof UnmeasuredPair>

export const PairMeasurement = z
  .discriminatedUnion('outcome', [MeasuredPair, UnmeasuredPair])
  .meta({ id: 'PairMeasurement' })
export type PairMeasurement = z.infer<typeof PairMeasurement>

interface Areas {
  claimed_ha: number
  polygon_ha: number | null
  measured_ha: number | null
}

/** The area with how far the claim is from what was found. */
export function areaOf(found: Areas & { edge_uncertainty_fraction?: number }): MeasuredArea {
  return {
    ...found,
    edge_uncertainty_fraction: found.edge_uncertainty_fraction ?? 0,
    error_fraction: errorFractionOf(found),
  }
}

function errorFractionOf({ claimed_ha, polygon_ha, measured_ha }: Areas): number | null {
  const found_ha = polygon_ha ?? measured_ha
  return found_ha === null ? null : Math.min(AREA_ERROR_MAX, Math.abs(claimed_ha - found_ha) / claimed_ha)
}

/** Hectares that methods count: what the polygon holds, else what the pixels hold; null where neither is known. */
export function foundHectares({ polygon_ha, measured_ha }: Areas): number | null {
  return polygon_ha ?? measured_ha
}

function isNear(a: number | null, b: number | null): boolean {
  if (a === null || b === null) return a === b
  return Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(b))
}

const DAY_MS = 86_400_000
const YEAR_DAYS = 365.25

/** Whole days from one ISO day to another, negative when it lies before. */
export function daysBetween(before: string, after: string): number {
  return Math.round((Date.parse(after) - Date.parse(before)) / DAY_MS)
}

/**
 * Years between the two pictures: what was monitored, and all that can be credited. Null without both dates, or when the
 * after picture is not the later one.
 */
export function monitoredYears({ before, after }: Pick<PairMeasurement, 'before' | 'after'>): number | null {
  if (before.captured_on === null || after.captured_on === null) return null
  const days = daysBetween(before.captured_on, after.captured_on)
  return days > 0 ? days / YEAR_DAYS : null
}

/** Days between two ISO days around the year, whatever the years: 31 December and 1 January are one day apart. */
export function seasonGapDays(before: string, after: string): number {
  const gap = Math.abs(dayOfYear(before) - dayOfYear(after))
  return Math.min(gap, YEAR_DAYS - gap)
}

function dayOfYear(day: string): number {
  return (Date.parse(day) - Date.parse(`${day.slice(0, 4)}-01-01`)) / DAY_MS
}
