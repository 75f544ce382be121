/**
 * What every method asks of the evidence before it computes anything. A reason found here is a result: "not applicable,
 * because", never a zero that looks like a measurement.
 */
import { z } from 'zod'
import { seasonGapDaysMax, type Ecosystem } from './ecosystems.ts'
import { foundHectares, monitoredYears, type MeasuredPair, type PairMeasurement } from './measurement.ts'
import type { Sheet } from './method-result.ts'

/** What a method computes from, beside its own parameters. */
export interface MethodInput {
  ecosystem: Ecosystem
  measurement: PairMeasurement
  /** Score of the measurement, 0 to 100, after its gates. Only the seed's formula looks at it. */
  confidence_score: number
}

/** Cover counted on the ground, by somebody who signs for it: stands in for the picture in methods of strata. */
export const FieldCover = z.strictObject({
  cover_before: z.number().min(0).max(1),
  cover_after: z.number().min(0).max(1),
  cover_sigma: z.number().min(0).max(1).nullable().default(null),
  source: z.string().min(1).max(300),
})
export type FieldCover = z.infer<typeof FieldCover>

export const AREA_ERROR_WARN = 0.05
export const AREA_ERROR_BLOCK = 0.2
export const VALID_FRACTION_MIN = 0.5

/** Refusals that no other source of cover can lift: the evidence was refused, or area or dates are not known. */
export function refuseEvidence(sheet: Sheet, { measurement }: MethodInput): void {
  for (const finding of measurement.integrity) {
    if (finding.found && finding.effect === 'block') sheet.refuse('evidence-refused', { check: finding.check })
  }
  const { before, after, area } = measurement
  if (before.captured_on === null || after.captured_on === null) sheet.refuse('date-missing')
  else if (monitoredYears(measurement) === null) {
    sheet.refuse('dates-reversed', { before: before.captured_on, after: after.captured_on })
  }
  const { error_fraction } = area
  if (error_fraction !== null && error_fraction > AREA_ERROR_BLOCK) {
    sheet.refuse('area-mismatch', {
      claimed_ha: area.claimed_ha,
      found_ha: foundHectares(area),
      error_percent: percentOf(error_fraction),
    })
  } else if (error_fraction !== null && error_fraction > AREA_ERROR_WARN) {
    sheet.warn('area-differs', { claimed_ha: area.claimed_ha, found_ha: foundHectares(area) })
  }
}

/** Refusals of the picture itself; returns the measured pair when there are none. */
export function refusePicture(sheet: Sheet, { ecosystem, measurement }: MethodInput): MeasuredPair | undefined {
  const count = sheet.reasons.length
  // Water takes near infrared within its first decimetres: a meadow under water has no greenness seen from above.
  if (ecosystem === 'seagrass') sheet.refuse('seagrass-not-seen-from-above')
  if (measurement.outcome === 'cannot_tell') {
    for (const { code, facts } of measurement.reasons) if (!sheet.has(code)) sheet.refuse(code, facts)
    return undefined
  }
  const { valid_fraction_before: before, valid_fraction_after: after, evidence_class } = measurement
  const valid = Math.min(before ?? 1, after ?? 1)
  // Photos have no mask of clouds and no polygon that one could cover; of a raster somebody must have looked.
  const is_raster = evidence_class === 'E1' || evidence_class === 'E2' || evidence_class === 'E3'
  if (is_raster && (before === null || after === null)) sheet.refuse('clear-share-unknown')
  else if (valid < VALID_FRACTION_MIN) sheet.refuse('too-few-clear-pixels', { valid_percent: percentOf(valid) })
  const gap = measurement.season_gap_days
  const most = seasonGapDaysMax(ecosystem)
  if (gap !== null && gap > most) sheet.refuse('season-differs', { gap_days: Math.round(gap), gap_days_max: most })
  return sheet.reasons.length === count ? measurement : undefined
}

/** One stratum as methods of strata take it. */
export interface Stratum {
  stratum_id: string
  area_ha: number
  cover_before: number
  cover_after: number
  cover_sigma: number | null
}

export const coverSources = ['share', 'carlson_ripley'] as const
export type CoverSource = (typeof coverSources)[number]

/**
 * The strata with their cover, in the order of their ids so that no order of listing can move a digit. Refuses where the
 * area is unknown, where cover would come from anything but NDVI of reflectances, and strata larger than their polygon.
 */
export function strataOf(
  sheet: Sheet,
  input: MethodInput,
  { field_cover, cover_source }: { field_cover: FieldCover | null; cover_source: CoverSource },
): Stratum[] {
  const area_ha = foundHectares(input.measurement.area)
  if (area_ha === null) sheet.refuse('area-unknown')
  if (field_cover !== null) {
    sheet.warn('field-cover-used', { source: field_cover.source })
    const { source: _source, ...cover } = field_cover
    return area_ha === null ? [] : [{ stratum_id: 'whole', area_ha, ...cover }]
  }
  const pair = refusePicture(sheet, input)
  if (pair === undefined) return []
  if (pair.index.kind !== 'ndvi') sheet.refuse('cover-needs-ndvi', { index: pair.index.kind })
  const cover = pair.cover[cover_source]
  if (cover === null) sheet.refuse('cover-not-measured', { cover_source })
  if (area_ha === null || cover === null) return []
  if (pair.strata.length > 0) return measuredStrata(sheet, pair, area_ha)
  const cover_sigma = pair.cover.share?.sigma ?? null
  return [{ stratum_id: 'whole', area_ha, cover_before: cover.before, cover_after: cover.after, cover_sigma }]
}

function measuredStrata(sheet: Sheet, { strata }: MeasuredPair, area_ha: number): Stratum[] {
  const sorted = [...strata].sort((a, b) => (a.stratum_id < b.stratum_id ? -1 : 1))
  const twin = sorted.find(({ stratum_id }, i) => stratum_id === sorted[i + 1]?.stratum_id)
  if (twin !== undefined) sheet.refuse('strata-repeat', { stratum: twin.stratum_id })
  const sum_ha = sorted.reduce((sum, stratum) => sum + stratum.area_ha, 0)
  // Pixels on the edge make a hundredth; more than that would be counted twice.
  if (sum_ha > area_ha * 1.01) sheet.refuse('strata-exceed-polygon', { strata_ha: sum_ha, polygon_ha: area_ha })
  return sorted.map(({ delta: _delta, ...stratum }) => stratum)
}

/** Normal quantile of a two-sided interval at 90 %. */
export const Z_90 = 1.6448536269514722

/** 90 % half-width of a cover, from its standard deviation or, where none is known, from the stated assumption. */
export function coverHalfWidth(sheet: Sheet, stratum: Stratum, assumed: number): number {
  if (stratum.cover_sigma !== null) return Z_90 * stratum.cover_sigma
  sheet.warn('cover-uncertainty-assumed', { stratum: stratum.stratum_id, half_width_points: 100 * assumed })
  return assumed
}

export function percentOf(fraction: number): number {
  return Math.round(fraction * 1000) / 10
}
