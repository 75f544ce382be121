import type { Boundary } from './boundary.ts'
import { polygonsOf } from './boundary.ts'
import type { Capture, FileFacts } from './file-facts.ts'
import { integrityCaveats, type IntegrityCheck } from './integrity-caveats.ts'
import type { IntegrityEffect, IntegrityFinding } from './measurement.ts'

/**
 * What the checks of a picture make of the values that were found: pure verdicts, each with its value, its threshold, its
 * effect and what it rests on. A check that cannot be made is left out; one that was passed is listed with `found: false`.
 */

/** Bits of 64 in which two hashes of one picture may differ. */
export const NEAR_DUPLICATE_BITS = 10
/** Closer than that are two pictures of one exposure. */
export const SAME_EXPOSURE_BITS = 6
/** A rise of the mean greenness (NGRDI) by more than this, of two pictures of one exposure, was painted. */
export const PAINTED_GREENNESS = 0.02
export const GPS_OUTSIDE_KM = 1
/** A day for the zone that EXIF does not name, and one for a date that was typed by hand. */
export const CAPTURE_DAYS = 2
export const PHOTO_LONG_PX = 800
export const PHOTO_SHORT_PX = 600
/** An original has at least this share of its contrast in the highest quarter of frequencies. */
export const FINE_DETAIL_SHARE = 2e-6
export const FAKE_NIR_R2 = 0.97
/** Peak over spread of the phase correlation: below the first another place, above the second the same. */
export const SCENE_PSR_DIFFERENT = 9
export const SCENE_PSR_SAME = 12

type Side = IntegrityFinding['image']

function finding(
  check: IntegrityCheck,
  image: Side,
  found: boolean,
  effect: IntegrityEffect,
  { value, threshold }: Pick<IntegrityFinding, 'value' | 'threshold'>,
): IntegrityFinding {
  const caveat = integrityCaveats[check].en
  return { check, image, found, value, threshold, effect: found ? effect : 'inform', caveat }
}

/** How often the same picture was found among the evidence of all projects, the piece itself left out. */
export interface SeenElsewhere {
  /** Pieces of evidence with the same bytes, in other projects or for the other date of this one. */
  same_bytes: number
  same_pixels: number
  /** The smallest distance of hashes to any other picture, any way it may be turned; null where nothing was compared. */
  nearest_bits: number | null
}

/** Bytes and pixels that were handed in before refuse a picture; one that only looks the same is flagged. */
export function duplicateFindings(image: 'before' | 'after', seen: SeenElsewhere): IntegrityFinding[] {
  const { same_bytes, same_pixels, nearest_bits } = seen
  const isNear = nearest_bits !== null && nearest_bits <= NEAR_DUPLICATE_BITS
  return [
    finding('duplicate_bytes', image, same_bytes > 0, 'block', { value: same_bytes, threshold: 0 }),
    finding('duplicate_pixels', image, same_pixels > 0, 'block', { value: same_pixels, threshold: 0 }),
    ...(nearest_bits === null
      ? []
      : [finding('near_duplicate', image, isNear, 'flag', { value: nearest_bits, threshold: NEAR_DUPLICATE_BITS })]),
  ]
}

export interface FileContext {
  boundary: Boundary | null
  /** ISO days. */
  claimed_on: string | null
  uploaded_on: string
}

/** Every check of one file by itself. */
export function fileFindings(image: 'before' | 'after', facts: FileFacts, context: FileContext): IntegrityFinding[] {
  const isPhoto = facts.kind === 'jpeg' || facts.kind === 'png'
  return [
    ...placeFindings(image, facts.capture, context.boundary),
    ...timeFindings(image, facts.capture, context),
    ...editorFindings(image, facts.capture.software),
    ...(isPhoto ? photoFindings(image, facts) : []),
  ]
}

function placeFindings(image: Side, { gps }: Capture, boundary: Boundary | null): IntegrityFinding[] {
  if (!gps || !boundary) return []
  const km = distanceOutside_km([gps.longitude_deg, gps.latitude_deg], boundary)
  const value = Math.round(km * 1_000) / 1_000
  return [finding('gps_outside', image, km > GPS_OUTSIDE_KM, 'flag', { value, threshold: GPS_OUTSIDE_KM })]
}

function timeFindings(image: Side, capture: Capture, { claimed_on, uploaded_on }: FileContext): IntegrityFinding[] {
  const { acquired_on, gps } = capture
  if (acquired_on === null) return []
  const by_satellites = gps?.time_utc?.slice(0, 10).replaceAll(':', '-') ?? null
  const apart = [
    claimed_on === null ? 0 : Math.abs(daysFrom(claimed_on, acquired_on)),
    by_satellites === null ? 0 : Math.abs(daysFrom(by_satellites, acquired_on)),
    // A picture cannot be taken after it was sent.
    Math.max(0, daysFrom(uploaded_on, acquired_on)),
  ]
  const value = Math.max(...apart.filter(Number.isFinite))
  // Clocks are wrong too often for more than a question.
  return [finding('capture_time', image, value > CAPTURE_DAYS, 'inform', { value, threshold: CAPTURE_DAYS })]
}

const DAY_MS = 86_400_000
const daysFrom = (one: string, other: string) => Math.round((Date.parse(other) - Date.parse(one)) / DAY_MS)

/** The later picture must be the later one. */
export function orderFinding(before_on: string | null, after_on: string | null): IntegrityFinding[] {
  if (before_on === null || after_on === null) return []
  const days = daysFrom(before_on, after_on)
  return [finding('capture_order', 'pair', days <= 0, 'flag', { value: days, threshold: 1 })]
}

const editors =
  /photoshop|gimp|lightroom|affinity|paint|pixelmator|snapseed|picsart|canva|capture one|darktable|luminar|firefly|midjourney|stable diffusion|dall/i

function editorFindings(image: Side, software: string | null): IntegrityFinding[] {
  if (software === null) return []
  return [finding('editor_trace', image, editors.test(software), 'inform', { value: software, threshold: 'editor' })]
}

function photoFindings(image: Side, { width, height, fine_detail_share }: FileFacts): IntegrityFinding[] {
  const [long, short] = [Math.max(width, height), Math.min(width, height)]
  const isSmall = !(long >= PHOTO_LONG_PX && short >= PHOTO_SHORT_PX)
  const size = { value: `${width} × ${height}`, threshold: `${PHOTO_LONG_PX} × ${PHOTO_SHORT_PX}` }
  return [
    finding('resolution', image, isSmall, 'block', size),
    ...(fine_detail_share === null
      ? []
      : [
          finding('upscaled', image, fine_detail_share < FINE_DETAIL_SHARE, 'flag', {
            value: fine_detail_share,
            threshold: FINE_DETAIL_SHARE,
          }),
        ]),
  ]
}

/** Two pictures of one exposure of which the later is greener. */
export function recolouredFinding(bits: number, greenness_rise: number): IntegrityFinding {
  const isPainted = bits <= SAME_EXPOSURE_BITS && greenness_rise > PAINTED_GREENNESS
  return finding('recoloured_after', 'pair', isPainted, 'flag', { value: bits, threshold: SAME_EXPOSURE_BITS })
}

/** Two exposures of one place never correlate like this: of three thousand generated pairs none came above 1,000, and copies of one began at 8,000. */
export const SAME_EXPOSURE_PSR = 2_000

/** Whether two rasters are one exposure, whatever was painted over it: light, air and noise are new on every date. */
export function copiedFinding(psr: number): IntegrityFinding {
  const value = Math.round(psr * 100) / 100
  return finding('recoloured_after', 'pair', psr >= SAME_EXPOSURE_PSR, 'flag', { value, threshold: SAME_EXPOSURE_PSR })
}

/** Whether two rasters show one place; between both thresholds nobody can tell, which is said and has no effect. */
export function sceneFinding(psr: number): IntegrityFinding {
  const value = Math.round(psr * 100) / 100
  const isOther = psr < SCENE_PSR_DIFFERENT
  return finding('same_scene', 'pair', psr < SCENE_PSR_SAME, isOther ? 'flag' : 'inform', {
    value,
    threshold: SCENE_PSR_SAME,
  })
}

/** Corners of two photographs that agree on one geometry: from here on they show one scene. */
export const SCENE_INLIERS_SAME = 30

/** Whether two photographs show one scene. Too few corners are proof of nothing, so they only inform. */
export function photoSceneFinding(inliers: number): IntegrityFinding {
  const isUnsure = inliers < SCENE_INLIERS_SAME
  return finding('same_scene', 'pair', isUnsure, 'inform', { value: inliers, threshold: SCENE_INLIERS_SAME })
}

/** How far the near infrared of a scene is no measurement of its own. */
export interface InfraredFacts {
  /** Share of its variance that a plane through red, green and blue explains. */
  r_squared: number
  /** The role of a band that it equals pixel by pixel. */
  equals: string | null
}

/** A near infrared that was made of the other bands refuses the scene. */
export function infraredFinding(image: 'before' | 'after', { r_squared, equals }: InfraredFacts): IntegrityFinding {
  const isFake = equals !== null || r_squared > FAKE_NIR_R2
  const value = equals === null ? Math.round(r_squared * 1e4) / 1e4 : `equals ${equals}`
  return finding('fake_nir', image, isFake, 'block', { value, threshold: FAKE_NIR_R2 })
}

const EARTH_KM = 6_371.0088

/**
 * How far a point lies outside a boundary, in kilometres; 0 inside. On a plane that touches the Earth at the point, which is
 * exact enough where a kilometre decides and far away only has to be far.
 */
export function distanceOutside_km([longitude, latitude]: readonly [number, number], boundary: Boundary): number {
  const shrink = Math.cos((latitude * Math.PI) / 180)
  const km = (degrees: number) => (degrees * Math.PI * EARTH_KM) / 180
  const place = ([lon, lat]: readonly [number, number]) =>
    [km(wrapped(lon - longitude)) * shrink, km(lat - latitude)] as const
  let nearest_km = Infinity
  for (const rings of polygonsOf(boundary)) {
    let isInside = false
    for (const ring of rings) {
      for (const [at, corner] of ring.entries()) {
        const next = ring[(at + 1) % ring.length] ?? corner
        const [[x0, y0], [x1, y1]] = [place(corner), place(next)]
        if (y0 > 0 !== y1 > 0 && x0 + (-y0 / (y1 - y0)) * (x1 - x0) > 0) isInside = !isInside
        nearest_km = Math.min(nearest_km, distanceToEdge(x0, y0, x1, y1))
      }
    }
    if (isInside) return 0
  }
  return nearest_km
}

function distanceToEdge(x0: number, y0: number, x1: number, y1: number): number {
  const length2 = (x1 - x0) ** 2 + (y1 - y0) ** 2
  const along = length2 === 0 ? 0 : Math.min(1, Math.max(0, -(x0 * (x1 - x0) + y0 * (y1 - y0)) / length2))
  return Math.hypot(x0 + along * (x1 - x0), y0 + along * (y1 - y0))
}

const wrapped = (degrees: number) => ((((degrees + 180) % 360) + 360) % 360) - 180
