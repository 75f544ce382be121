import { seasonGapDaysMax } from '@tidemark/core/projects/ecosystems.ts'
import { orderFinding } from '@tidemark/core/projects/integrity.ts'
import {
  areaOf,
  daysBetween,
  evidenceClasses,
  PairMeasurement,
  seasonGapDays,
  type MeasuredImage,
} from '@tidemark/core/projects/measurement.ts'
import { message, type Message } from '@tidemark/core/projects/message.ts'
import { plainText } from './refuse.ts'
import type { ImageLimits } from './limits.ts'
import { measurePhotos } from './measure-photos.ts'
import { measureRasters } from './measure-rasters.ts'
import type { PairOutcome, PairRequest } from './pair.ts'
import { cannotTell, type Common, type Pair } from './pair-record.ts'
import type { Progress } from './protocol.ts'
import { closeAll, openScene, type Scene } from './scene.ts'

/**
 * Measures a pair, or says why it cannot. Runs in the process that decodes. Nothing here reads a clock or rolls dice: the same
 * bytes give the same numbers.
 */
export async function measureHere(
  request: PairRequest,
  { folder, limits }: { folder: string; limits: ImageLimits },
  onProgress: (progress: Progress) => void,
): Promise<PairOutcome> {
  onProgress({ step: 'opening', done: 0, of: 2 })
  const before = await openScene(request.before, limits)
  onProgress({ step: 'opening', done: 1, of: 2 })
  try {
    const after = await openScene(request.after, limits)
    onProgress({ step: 'opening', done: 2, of: 2 })
    try {
      const outcome = await measureOpened({ request, before, after, folder, onProgress })
      return { ...outcome, measurement: PairMeasurement.parse(outcome.measurement) }
    } finally {
      await closeAll(after.images)
    }
  } finally {
    await closeAll(before.images)
  }
}

async function measureOpened(pair: Pair): Promise<PairOutcome> {
  const { before, after } = pair
  const common = commonOf(pair)
  const reasons = [...refusalsOf(before, 'before'), ...refusalsOf(after, 'after'), ...datesRefused(pair)]
  const arePhotos = [before, after].every(isPhotograph)
  if (!arePhotos && [before, after].some(isPhotograph)) reasons.push(message('kinds-differ'))
  if (reasons.length > 0) return cannotTell(common, reasons)
  return arePhotos ? measurePhotos(pair, common) : measureRasters(pair, common)
}

const isPhotograph = ({ images }: Scene) => images.every(({ kind }) => kind === 'jpeg' || kind === 'png')

function refusalsOf(scene: Scene, side: 'before' | 'after'): Message[] {
  const found = scene.refusals.map(({ code, facts }) => ({ code, facts: { ...facts, side } }))
  if (isPhotograph(scene) || scene.grid) return found
  const reason = scene.images.map(({ georeference }) => georeference.no_crs_reason).find((each) => each !== null)
  return [...found, message('crs-missing', { side, reason: plainText(reason ?? null) })]
}

/** Seasons colour everything but evergreens: two dates too far apart in the year show the season, not the project. */
function datesRefused({ request, before, after }: Pair): Message[] {
  const [first, second] = [before.captured_on, after.captured_on]
  if (first === null || second === null) return []
  const days = daysBetween(first, second)
  if (days <= 0) return [message('dates-not-in-order', { before: first, after: second })]
  const [gap_days, gap_days_max] = [seasonGapDays(first, second), seasonGapDaysMax(request.ecosystem)]
  return gap_days > gap_days_max ? [message('different-season', { gap_days: Math.round(gap_days), gap_days_max })] : []
}

function commonOf({ request, before, after }: Pair): Common {
  const [first, second] = [before.captured_on, after.captured_on]
  const worse = Math.max(...[before, after].map(({ evidence_class }) => evidenceClasses.indexOf(evidence_class)))
  const warnings = [before, after].flatMap((scene, at) =>
    scene.warnings.map(({ code, facts }) => ({ code, facts: { ...facts, side: at === 0 ? 'before' : 'after' } })),
  )
  if (first === null || second === null) warnings.push(message('date-unknown') as (typeof warnings)[number])
  return {
    kind: 'pair-measurement',
    version: 1,
    evidence_class: evidenceClasses[worse] ?? 'E5',
    before: imageOf(before),
    after: imageOf(after),
    season_gap_days: first === null || second === null ? null : seasonGapDays(first, second),
    valid_fraction_before: null,
    valid_fraction_after: null,
    registration: null,
    radiometry: null,
    pixels_in_polygon: null,
    area: areaOf({ claimed_ha: request.claimed_ha, polygon_ha: request.polygon_ha, measured_ha: null }),
    integrity: [...(request.findings ?? []), ...orderFinding(first, second)],
    warnings,
  }
}

function imageOf({ request, images, grid, sensor, bands, captured_on, captured_on_source }: Scene): MeasuredImage {
  const first = (bands.get('red') ?? bands.get('green'))?.image ?? images[0]
  const capture = first?.capture
  const of_crs = grid?.epsg === undefined ? (grid?.crs === undefined ? null : 'its own') : `EPSG:${grid.epsg}`
  return {
    digest: `sha256:${request.files[0]?.sha256 ?? ''}`,
    evidence_id: request.evidence_id,
    sensor: sensor ?? plainText(capture?.sensor ?? request.sensor) ?? null,
    level: plainText(capture?.product_level ?? request.level, 60) ?? null,
    captured_on,
    captured_on_source,
    width_px: first?.raster.width ?? 0,
    height_px: first?.raster.height ?? 0,
    crs: of_crs,
    masked_fractions: {},
  }
}
