/**
 * One pair of trial ground, from making its files to grading what was measured: the files are written, and measured by what measures
 * evidence, in this process. A trial of the measurement and not of a copy of it.
 */
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { polygonFigures } from '@tidemark/core/imagery/polygon-area.ts'
import type { Boundary } from '@tidemark/core/projects/boundary.ts'
import {
  degradationOf,
  families,
  type Degradation,
  type Family,
  type Side,
} from '@tidemark/core/projects/trial/degrade.ts'
import { expose, painted, type Exposure } from '@tidemark/core/projects/trial/expose.ts'
import {
  movedOutline,
  pattern,
  SIDE_PX,
  trialGround,
  type Ground,
  type Outline,
} from '@tidemark/core/projects/trial/ground.ts'
import { lightOf, newLight, plainView, see, type Light, type View } from '@tidemark/core/projects/trial/light.ts'
import { familiesOf, rowOf, type TrialPlan, type TrialRow } from '@tidemark/core/projects/trial/plan.ts'
import { truthOf, type Truth } from '@tidemark/core/projects/trial/truth.ts'
import proj4 from 'proj4'
import sharp from 'sharp'
import { imageLimits } from './limits.ts'
import { measureHere } from './measure.ts'
import type { SceneRequest } from './pair.ts'
import { TiffWriter, type TiffToWrite } from './tiff-write.ts'

const [WEST_M, NORTH_M, PIXEL_M] = [500_000, 1_000_000, 10]
const utm = proj4('+proj=utm +zone=38 +datum=WGS84 +units=m')

/** Every pair of a plan, one after the other. */
export async function* tryPlan(plan: TrialPlan, folder: string): AsyncGenerator<TrialRow> {
  for (let at = 0; at < plan.scenes; at++) {
    const seed = plan.first_seed + at
    const scene = new TrialScene(trialGround(seed), seed)
    for (const family of familiesOf(at, plan)) yield await tryPair(scene, family, folder)
  }
}

/** Lights of a ground that several pairs share. */
export class TrialScene {
  readonly ground: Ground
  readonly seed: number
  readonly before: Light
  readonly seen_before: Light

  constructor(ground: Ground, seed: number) {
    this.ground = ground
    this.seed = seed
    this.before = lightOf(ground, 'before', ground.day)
    this.seen_before = see(this.before, plainView)
  }
}

/** Makes, measures and grades one pair. `folder` must exist; nothing is left in it. */
export async function tryPair(scene: TrialScene, family: Family, folder: string): Promise<TrialRow> {
  const degradation = degradationOf(scene.seed, family)
  const { ground } = scene
  const outline = outlineFor(ground, degradation)
  const truth = truthFor(scene, degradation, outline)
  const here = join(folder, `${scene.seed}-${family}`)
  await mkdir(here)
  try {
    const { factor, col_px, row_px } = degradation.drawn
    const boundary = boundaryOf(movedOutline(outline, factor, col_px, row_px))
    const { measurement } = await measureHere(
      {
        before: await writeSide(scene, degradation, 'before', outline, here),
        after: await writeSide(scene, degradation, 'after', outline, here),
        boundary,
        polygon_ha: hectaresOf(boundary),
        claimed_ha: hectaresOf(boundaryOf(outline)) * degradation.claimed_factor,
        ecosystem: ground.ecosystem,
      },
      { folder: here, limits: imageLimits },
      () => undefined,
    )
    return rowOf(ground.name, degradation, truth, { measurement, ecosystem: ground.ecosystem })
  } finally {
    await rm(here, { recursive: true })
  }
}

/** Small projects lie where the large one lies. */
function outlineFor({ outline }: Ground, { radius_px }: Degradation): Outline {
  if (radius_px === null) return outline
  const reach = Math.sqrt(outline.reduce((sum, [x, y]) => sum + (x - SIDE_PX / 2) ** 2 + (y - SIDE_PX / 2) ** 2, 0) / outline.length) // oxfmt-ignore
  return movedOutline(outline, radius_px / reach)
}

/** What the ground did, seen as if both dates lay on one day of the year. */
function truthFor({ ground, before, seen_before }: TrialScene, { recoloured }: Degradation, outline: Outline): Truth {
  const isCopy = recoloured > 0
  const after = isCopy ? seen_before : see(lightOf(ground, 'after', ground.day), plainView)
  const leavesOn = (when: Side) => see({ ...newLight(0), ...shared(ground.cover[when], before) }, plainView).red
  const leaves = { before: leavesOn('before'), after: leavesOn(isCopy ? 'before' : 'after') }
  return truthOf(outline, { before: seen_before, after }, leaves)
}

/** Cover in the place of a band, to be averaged over pixels as light is. */
const shared = (cover: Float32Array, { blue, green, nir }: Light) => ({ blue, green, nir, red: cover })

function viewFor({ moved_px, bent_px, after_sensor }: Degradation, side: Side, seed: number): View {
  if (side === 'before') return plainView
  const [bend_x, bend_y] = [pattern(seed + 201, 45), pattern(seed + 202, 45)]
  const pixel = after_sensor === 'landsat' ? 3 : 1
  const across = Math.ceil(SIDE_PX / pixel)
  return {
    width: across,
    height: across,
    pixel,
    looksAt: (col, row) => {
      const [x, y] = [col * pixel, row * pixel]
      const bend = (of: typeof bend_x) => (bent_px === 0 ? 0 : 2 * bent_px * (of(x, y) - 0.5))
      return [x - moved_px[0] + bend(bend_x), y - moved_px[1] + bend(bend_y)]
    },
  }
}

async function writeSide(
  { ground, before, seed }: TrialScene,
  degradation: Degradation,
  side: Side,
  outline: Outline,
  folder: string,
): Promise<SceneRequest> {
  const { season_days, season_told_days, recoloured, product } = degradation
  const isCopy = side === 'after' && recoloured > 0
  const light = side === 'before' || isCopy ? before : lightOf(ground, 'after', ground.day + season_days)
  const view = product === 'photo' ? photoView(outline, side, isCopy, seed) : viewFor(degradation, side, seed)
  const seen = see(light, isCopy && product !== 'photo' ? plainView : view)
  // A copy has the light and the noise of what it was copied from.
  const taken = { degradation, side: isCopy ? 'before' : side, seed: seed + 1_000_003 * families.indexOf(degradation.family), outline } as const // oxfmt-ignore
  const exposure = expose(seen, view, taken)
  const picture = isCopy ? { ...exposure, light: painted(exposure.light, recoloured) } : exposure
  const claimed_on = dayNamed(side === 'before' ? 2022 : 2024, ground.day + (side === 'before' ? 0 : season_told_days))
  const path = join(folder, product === 'photo' ? `${side}.png` : `${side}.tif`)
  const request: SceneRequest = {
    files: [{ path, sha256: (side === 'before' ? 'a' : 'b').repeat(64) }],
    evidence_id: null,
    claimed_on,
    sensor: null,
    level: null,
    bands: null,
  }
  if (product === 'photo') await writePhoto(path, picture, view, seed, isCopy ? 'before' : side)
  else if (product === 'sentinel_2' || product === 'sentinel_2_no_mask') {
    if (side === 'after' && degradation.after_sensor === 'landsat') {
      await writeLandsat(path, picture, view, claimed_on)
      return { ...request, sensor: 'landsat_8_9_c2_l2' }
    }
    await writeSentinel(path, picture, view, { claimed_on, isMissed: degradation.offset_missed === side, hasMask: product === 'sentinel_2' }) // oxfmt-ignore
  } else await writeBytes(path, picture, view, { product, seed, side: isCopy ? 'before' : side })
  return { ...request, sensor: product === 'digital_numbers' ? 'naip' : product === 'colour_ortho' ? 'camera_rgb' : null } // oxfmt-ignore
}

/** The day so many days from the first of a year on, into the next where it must be. */
function dayNamed(year: number, day: number): string {
  return new Date(Date.UTC(year, 0, 1) + 86_400_000 * day).toISOString().slice(0, 10)
}

async function writeBands(
  path: string,
  view: View,
  plan: Pick<TiffToWrite, 'sample' | 'bands' | 'metadata'>,
  valueAt: (band: number, at: number) => number,
): Promise<void> {
  const pixel_m = PIXEL_M * view.pixel
  const transform = [pixel_m, 0, WEST_M, 0, -pixel_m, NORTH_M] as const
  const { width, height } = view
  const writer = await TiffWriter.create(path, { ...plan, width, height, compression: 'none', transform, epsg: 32638 })
  const values = plan.sample === 'uint8' ? new Uint8Array(width * height * plan.bands) : new Uint16Array(width * height * plan.bands) // oxfmt-ignore
  for (let at = 0, to = 0; at < width * height; at++)
    for (let band = 0; band < plan.bands; band++, to++) values[to] = valueAt(band, at)
  await writer.write(0, 0, values)
  await writer.finish()
}

const named = (names: readonly string[]) =>
  names.map((value, sample) => ({ name: 'DESCRIPTION', value, sample, role: 'description' }))
const bounded = (value: number, most: number) => Math.min(most, Math.max(1, Math.round(value)))

/** Numbers as Sentinel-2 L2A has them since baseline 04.00: 10 000 ρ + 1000. A file that names an older one hides the offset. */
async function writeSentinel(
  path: string,
  { light, scl }: Exposure,
  view: View,
  { claimed_on, isMissed, hasMask }: { claimed_on: string; isMissed: boolean; hasMask: boolean },
): Promise<void> {
  const bands = [light.blue, light.green, light.red, light.nir]
  const metadata = [
    ...named(['B02', 'B03', 'B04', 'B08', ...(hasMask ? ['SCL'] : [])]),
    { name: 'SPACECRAFT_NAME', value: 'Sentinel-2A' },
    { name: 'PROCESSING_LEVEL', value: 'Level-2A' },
    { name: 'PROCESSING_BASELINE', value: isMissed ? '03.01' : '05.09' },
    { name: 'PRODUCT_START_TIME', value: `${claimed_on}T08:00:00Z` },
  ]
  await writeBands(path, view, { sample: 'uint16', bands: hasMask ? 5 : 4, metadata }, (band, at) => {
    const values = bands[band]
    return values ? bounded(10_000 * (values[at] as number) + 1_000, 65_534) : (scl[at] as number)
  })
}

/** Bands of another sensor are a little wider: its infrared sees less, its red more of the canopy. */
const landsatSees = { blue: 1.02, green: 1.01, red: 1.04, nir: 0.97 }
/** QA_PIXEL: clear land, and water. */
const [QA_CLEAR, QA_WATER] = [21_824, 21_952]

async function writeLandsat(path: string, { light, scl }: Exposure, view: View, day: string): Promise<void> {
  const roles = ['blue', 'green', 'red', 'nir'] as const
  const metadata = [...named(['SR_B2', 'SR_B3', 'SR_B4', 'SR_B5', 'QA_PIXEL']), { name: 'DATE_ACQUIRED', value: day }]
  await writeBands(path, view, { sample: 'uint16', bands: 5, metadata }, (band, at) => {
    const role = roles[band]
    if (role === undefined) return scl[at] === 6 ? QA_WATER : QA_CLEAR
    return bounded(((light[role][at] as number) * landsatSees[role] + 0.2) / 0.0000275, 65_534)
  })
}

/** Eight bits: numbers of an aerial camera, or colours. */
async function writeBytes(
  path: string,
  picture: Exposure,
  view: View,
  { product, seed, side }: { product: string; seed: number; side: Side },
): Promise<void> {
  if (product === 'digital_numbers') {
    const { red, green, blue, nir } = picture.light
    const bands = [red, green, blue, nir]
    const gain = 1 + 0.08 * (pattern(seed + (side === 'before' ? 301 : 302), 1)(0.5, 0.5) - 0.5)
    await writeBands(path, view, { sample: 'uint8', bands: 4, metadata: named(['red', 'green', 'blue', 'nir']) }, (band, at) => bounded((band === 3 ? 450 : 650) * gain * (bands[band]?.[at] as number), 254)) // oxfmt-ignore
    return
  }
  const colours = developed(picture.light, seed, side)
  await writeBands(path, view, { sample: 'uint8', bands: 3, metadata: named(['red', 'green', 'blue']) }, (band, at) => colours[3 * at + band] as number) // oxfmt-ignore
}

/** As a camera shows it: exposed for the scene, its white a little off each time, and brightened for screens. */
function developed({ red, green, blue }: Light, seed: number, side: Side): Uint8Array {
  const white = [0, 1, 2].map(
    (of) => 1 + 0.1 * (pattern(seed + (side === 'before' ? 311 : 321) + of, 1)(0.5, 0.5) - 0.5),
  )
  const mean = green.reduce((sum, value) => sum + value, 0) / green.length
  const out = new Uint8Array(3 * red.length)
  for (let at = 0; at < red.length; at++) {
    for (const [slot, band] of [red, green, blue].entries()) {
      const linear = (0.22 / mean) * (white[slot] as number) * (band[at] as number)
      out[3 * at + slot] = Math.round(255 * Math.min(1, Math.max(0, linear)) ** (1 / 2.2))
    }
  }
  return out
}

/** From above over the project, never framed twice the same. */
function photoView(outline: Outline, side: Side, isCopy: boolean, seed: number): View {
  const [width, height] = [320, 240]
  const [cols, rows] = [outline.map(([col]) => col), outline.map(([, row]) => row)]
  const [left, top] = [Math.min(...cols), Math.min(...rows)]
  const across = Math.max(Math.max(...cols) - left, (Math.max(...rows) - top) * (width / height))
  const framing = side === 'before' || isCopy ? 400 : 410
  const draw = (of: number) => pattern(seed + framing + of, 1)(0.5, 0.5)
  const pixel = (across * (0.9 + 0.2 * draw(0))) / width
  const [x0, y0] = [left + 0.1 * across * (draw(1) - 0.5), top + 0.1 * across * (draw(2) - 0.5)]
  return { width, height, pixel, looksAt: (col, row) => [x0 + col * pixel, y0 + row * pixel] }
}

async function writePhoto(path: string, { light }: Exposure, view: View, seed: number, side: Side): Promise<void> {
  const raw = { width: view.width, height: view.height, channels: 3 } as const
  await sharp(developed(light, seed, side), { raw })
    .png({ compressionLevel: 1 })
    .toFile(path)
}

function boundaryOf(outline: Outline): Extract<Boundary, { type: 'Polygon' }> {
  const corners = outline.map(([col, row]) => {
    const [longitude = 0, latitude = 0] = utm.inverse([WEST_M + PIXEL_M * col, NORTH_M - PIXEL_M * row])
    return [longitude, latitude] as [number, number]
  })
  return { type: 'Polygon', coordinates: [[...corners, corners[0] ?? [0, 0]]] }
}

const hectaresOf = (boundary: Extract<Boundary, { type: 'Polygon' }>) =>
  polygonFigures([boundary.coordinates as [number, number][][]]).area_m2 / 10_000
