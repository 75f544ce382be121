/**
 * What the confidence in a measurement is made of. Each component is a number from 0 (says nothing) to 1 (as good as it
 * gets) with its weight; each gate is a cap that no other merit lifts. docs/methods/credit-confidence.md
 */
import { exp, ln } from '../lib/exact-math.ts'
import type { Ecosystem } from './ecosystems.ts'
import { integrityEffect } from './integrity-effect.ts'
import type { EvidenceClass, IndexKind, PairMeasurement } from './measurement.ts'
import { message, type Message } from './message.ts'
import { percentOf } from './method-gates.ts'
import { roundTo } from './method-result.ts'

export const componentNames = [
  'evidence_class',
  'clear_share',
  'registration',
  'season',
  'radiometry',
  'pixels',
  'area',
  'detectability',
  'cover',
] as const
export type ComponentName = (typeof componentNames)[number]

/** They add up to 1. Rounded from what parts right pairs from wrong ones on the bench: docs/decisions/0151-confidence-raw-2.md */
export const componentWeights: Record<ComponentName, number> = {
  evidence_class: 0.24,
  clear_share: 0.1,
  registration: 0.06,
  season: 0.06,
  radiometry: 0.2,
  pixels: 0.03,
  area: 0.05,
  detectability: 0.02,
  cover: 0.24,
}

/** Everything about a pair that its confidence depends on. A copy with one part bettered answers "what would help?". */
export interface Quality {
  evidence_class: EvidenceClass
  valid_fraction: number | null
  residual_px: number | null
  inliers: number | null
  psr: number | null
  season_gap_days: number | null
  same_sensor_and_level: boolean | null
  pif_rmse: number | null
  pixels: number | null
  index_kind: IndexKind | null
  /** Standard deviation of the covered share, the larger of both dates. */
  cover_sigma: number | null
  area_error_fraction: number | null
  /** |Δ| ÷ σ; null where nothing was measured. */
  z: number | null
  has_dates: boolean
  has_crs: boolean
  hard_flags: number
  seagrass: boolean
  cannot_tell: boolean
}

/** Reads the quality off a pair. */
export function qualityOf(measurement: PairMeasurement, ecosystem: Ecosystem): Quality {
  const { valid_fraction_before: before, valid_fraction_after: after, registration, radiometry } = measurement
  const { blocks, flags } = integrityEffect(measurement.integrity)
  const measured = measurement.outcome === 'measured'
  return {
    evidence_class: measurement.evidence_class,
    valid_fraction: before === null || after === null ? null : Math.min(before, after),
    residual_px: registration?.residual_px ?? null,
    inliers: registration?.inliers ?? null,
    psr: registration?.psr ?? null,
    season_gap_days: measurement.season_gap_days,
    same_sensor_and_level: radiometry === null ? null : radiometry.same_sensor && radiometry.same_level,
    pif_rmse: radiometry?.pif_rmse ?? null,
    pixels: measurement.pixels_in_polygon,
    index_kind: measured ? measurement.index.kind : null,
    cover_sigma: measured ? (measurement.cover.share?.sigma ?? null) : null,
    area_error_fraction: measurement.area.error_fraction,
    z: measured ? roundTo(Math.abs(measurement.index.delta) / measurement.index.sigma, 9) : null,
    has_dates: measurement.before.captured_on !== null && measurement.after.captured_on !== null,
    has_crs: measurement.before.crs !== null && measurement.after.crs !== null,
    hard_flags: blocks.length + flags.length,
    seagrass: ecosystem === 'seagrass',
    cannot_tell: !measured,
  }
}

/** From here on a change is more than the noise: one-sided at 95 %, as the lower bound of a 90 % interval has it. */
export const SIGNIFICANT_Z = 1.6448536269514722

const CLASS_SCORES: Record<EvidenceClass, number> = { E1: 1, E2: 0.85, E3: 0.1, E4: 0.08, E5: 0.05 }
/** Numbers without a scale: thresholds of NDVI do not fit their ratio. */
const NUMBERS_SCORE = 0.1

/** What is not known counts as a season that is far off does: little, and not nothing. */
const UNKNOWN = 0.1

/** What two dates of one sensor differ by, in reflectance, over ground that did not change; and how fast more of it spoils them. */
const [PIF_USUAL, PIF_SCALE] = [0.008, 0.012]
/** Another sensor sees other colours where plants are, which bare ground does not tell. */
const OTHER_SENSOR = 0.6

/** How wide the covered share may be open. */
const COVER_SCALE = 0.12

export interface Scored {
  score: number
  says: Message
}

const clip = (value: number): number => Math.min(1, Math.max(0, value))
const isPhoto = ({ evidence_class }: Quality) => evidence_class === 'E4' || evidence_class === 'E5'

function unknown(component: ComponentName): Scored {
  return { score: UNKNOWN, says: message('confidence-unknown', { component }) }
}

const scorers: Record<ComponentName, (quality: Quality) => Scored> = {
  evidence_class: ({ evidence_class, index_kind }) =>
    index_kind === 'ndvi_dn'
      ? { score: NUMBERS_SCORE, says: message('confidence-class-numbers') }
      : { score: CLASS_SCORES[evidence_class], says: message(`confidence-class-${evidence_class.toLowerCase()}`) },
  clear_share: ({ valid_fraction: v }) =>
    v === null
      ? unknown('clear_share')
      : { score: clip((v - 0.3) / 0.6), says: message('confidence-clear-share', { percent: percentOf(v) }) },
  registration: scoreRegistration,
  season: ({ season_gap_days: d }) =>
    d === null
      ? unknown('season')
      : { score: seasonScore(d), says: message('confidence-season', { days: roundTo(d, 0) }) },
  radiometry: scoreRadiometry,
  pixels: ({ pixels: n }) => {
    if (n === null) return unknown('pixels')
    const score = n <= 25 ? 0 : clip(ln(n / 25) / ln(10) / 1.6)
    return { score, says: message('confidence-pixels', { pixels: n }) }
  },
  area: ({ area_error_fraction: a }) =>
    a === null
      ? unknown('area')
      : { score: clip((0.3 - a) / 0.25), says: message('confidence-area', { percent: percentOf(a) }) },
  detectability: ({ z }) =>
    z === null
      ? unknown('detectability')
      : { score: clip(z / 3), says: message('confidence-detectability', { times: roundTo(z, 1) }) },
  cover: ({ cover_sigma }) => {
    if (cover_sigma === null) return unknown('cover')
    const ratio = cover_sigma / COVER_SCALE
    return {
      score: ratio > 20 ? 0 : exp(-ratio * ratio),
      says: message('confidence-cover', { points: roundTo(100 * cover_sigma, 1) }),
    }
  },
}

function seasonScore(days: number): number {
  if (days <= 15) return 1
  return days <= 90 ? 1 - (0.7 * (days - 15)) / 75 : UNKNOWN
}

/** Pixels for rasters; for photos the points that agree on one geometry, else how clearly both show one scene. */
function scoreRegistration(quality: Quality): Scored {
  const { residual_px, inliers, psr } = quality
  if (isPhoto(quality)) {
    if (inliers !== null) return { score: clip(inliers / 60), says: message('confidence-inliers', { inliers }) }
    if (psr === null) return unknown('registration')
    return {
      score: psr >= 12 ? 0.5 : psr >= 9 ? 0.25 : UNKNOWN,
      says: message('confidence-psr', { psr: roundTo(psr, 1) }),
    }
  }
  if (residual_px === null) return unknown('registration')
  const ratio = residual_px / 0.7
  const score = ratio > 20 ? 0 : exp(-ratio * ratio)
  return { score, says: message('confidence-residual', { residual_px: roundTo(residual_px, 2) }) }
}

function scoreRadiometry({ same_sensor_and_level: same, pif_rmse }: Quality): Scored {
  if (same === null && pif_rmse === null) return unknown('radiometry')
  if (pif_rmse === null)
    return same === true
      ? { score: 0.5, says: message('confidence-same-sensor') }
      : { score: 0.2, says: message('confidence-other-sensor') }
  const over = Math.max(0, pif_rmse - PIF_USUAL) / PIF_SCALE
  const score = over > 600 ? 0 : exp(-over) * (same === true ? 1 : OTHER_SENSOR)
  return { score, says: message('confidence-pif', { rmse: roundTo(pif_rmse, 3) }) }
}

export function scoreComponent(name: ComponentName, quality: Quality): Scored {
  return scorers[name](quality)
}

export interface Gate {
  gate: string
  score_max: number
  says: Message
}

/** The caps that hold for this quality, the lowest first. */
export function gatesOf(quality: Quality): Gate[] {
  const { evidence_class, valid_fraction: valid, season_gap_days: gap } = quality
  const gates: [holds: boolean, gate: string, score_max: number][] = [
    [quality.cannot_tell, 'cannot_tell', 39],
    [evidence_class === 'E5', 'class_e5', 39],
    [quality.hard_flags > 0, 'integrity', 39],
    [quality.seagrass, 'seagrass_optical', 39],
    [valid !== null && valid < 0.2, 'hardly_clear', 39],
    [evidence_class === 'E4', 'class_e4', 54],
    [valid !== null && valid >= 0.2 && valid < 0.5, 'half_clear', 54],
    [gap !== null && gap > 90, 'season', 54],
    [!quality.has_dates, 'date_missing', 54],
    [!quality.has_crs, 'crs_missing', 54],
    [evidence_class === 'E3', 'class_e3', 69],
  ]
  return gates
    .filter(([holds]) => holds)
    .map(([, gate, score_max]) => ({
      gate,
      score_max,
      says: message(`gate-${gate.replaceAll('_', '-')}`, { score_max }),
    }))
}

/** 100 × Π s^w over the named components, weights brought to a sum of 1. A component of 0 leaves nothing. */
export function geometricMean(scores: readonly { name: ComponentName; score: number }[]): number {
  if (scores.some(({ score }) => score <= 0)) return 0
  const total = scores.reduce((sum, { name }) => sum + componentWeights[name], 0)
  const logs = scores.reduce((sum, { name, score }) => sum + componentWeights[name] * ln(score), 0)
  return roundTo(Math.min(100, 100 * exp(Math.max(-700, logs / total))), 6)
}
