import { identifyBands, looksLikeAlpha, type BandIdentity } from '@tidemark/core/imagery/bands.ts'
import type { Grid } from '@tidemark/core/imagery/grid.ts'
import {
  landsatC2L2,
  planetscopeSr,
  reflectanceAsIs,
  sentinel2Calibration,
  uncalibrated,
  type Calibration,
} from '@tidemark/core/imagery/reflectance.ts'
import { sensors, type BandRole, type SensorId } from '@tidemark/core/imagery/sensors.ts'
import type { EvidenceClass, MeasuredImage } from '@tidemark/core/projects/measurement.ts'
import { message, type Message } from '@tidemark/core/projects/message.ts'
import { gridFrom } from './crs.ts'
import type { ImageLimits } from './limits.ts'
import { openImage, type OpenImage } from './open-image.ts'
import type { SceneRequest } from './pair.ts'
import { sensorNamed, sensorOfFile } from './sensor.ts'

/** A band of one of the files of a scene. */
export interface SceneBand {
  image: OpenImage
  band: number
}

/** One date, opened: which band is which, how its numbers become reflectance, where and when it was taken. */
export interface Scene {
  request: SceneRequest
  images: OpenImage[]
  bands: Map<BandRole, SceneBand>
  /** Of the red band; undefined when there is none, or no place. */
  grid: Grid | undefined
  sensor: SensorId | undefined
  calibration: Calibration
  /** Whether the numbers are reflectance: only then an index of them is an NDVI. */
  is_calibrated: boolean
  evidence_class: EvidenceClass
  captured_on: string | null
  captured_on_source: MeasuredImage['captured_on_source']
  /** Why it cannot be measured; empty when it can. */
  refusals: Message[]
  warnings: Message[]
}

export const maskRoles = ['scl', 'qa_pixel', 'bqa'] as const

/** @throws Problem when a file cannot be read. What it does not say about itself is a refusal or a warning, no problem. */
export async function openScene(request: SceneRequest, limits: ImageLimits): Promise<Scene> {
  const images: OpenImage[] = []
  try {
    for (const { path } of request.files) images.push(await openImage(path, limits))
    return await sceneOf(request, images)
  } catch (error) {
    await closeAll(images)
    throw error
  }
}

export async function closeAll(images: readonly OpenImage[]): Promise<void> {
  for (const { raster } of images) await raster.close()
}

async function sceneOf(request: SceneRequest, images: OpenImage[]): Promise<Scene> {
  const refusals: Message[] = []
  const warnings: Message[] = []
  const sensor =
    firstOf(images.map(({ capture }) => sensorOfFile(capture))) ?? sensorNamed(request.sensor, request.level)
  const bands = bandsOfScene({ request, images, sensor }, refusals, warnings)
  await refuseMaskAsInfrared(bands, refusals)
  const first = (bands.get('red') ?? bands.get('green'))?.image ?? images[0]
  const place = first?.georeference.grid
  const grid = first && place?.crs ? gridFrom(place, first.raster) : undefined
  const { calibration, is_calibrated } = calibrationOf({ first, sensor }, refusals)
  const when = capturedOn(request, images)
  return {
    request,
    images,
    bands,
    grid,
    sensor,
    calibration,
    is_calibrated,
    evidence_class: classOf({ bands, grid, is_calibrated, images }),
    ...when,
    refusals,
    warnings,
  }
}

const firstOf = <T>(values: readonly (T | undefined)[]) => values.find((value) => value !== undefined)

function bandsOfScene(
  { request, images, sensor }: Pick<Scene, 'request' | 'images' | 'sensor'>,
  refusals: Message[],
  warnings: Message[],
): Map<BandRole, SceneBand> {
  const found = new Map<BandRole, SceneBand>()
  const silent: BandIdentity[] = []
  for (const [file, image] of images.entries()) {
    const identity = identityIn(image, { sensor, chosen: chosenFor(request, file, image.bands.length) })
    if (identity.outcome === 'refused') {
      silent.push(identity)
      continue
    }
    for (const { code, band } of identity.warnings) warnings.push(message(wordOf(code), { file, band }))
    for (const [band, role] of identity.roles.entries()) {
      if (role === 'other' || role === 'alpha') continue
      const other = found.get(role)
      if (other) refusals.push(message('band-named-twice', { role, file, band }))
      else found.set(role, { image, band })
    }
  }
  // A file that says nothing harms nobody as long as the others name what is needed.
  if (!found.has('red') || !(found.has('nir') || found.has('green'))) {
    for (const identity of silent)
      if (identity.outcome === 'refused')
        for (const { code } of identity.reasons) refusals.push(message('bands-unknown', { why: wordOf(code) }))
    if (refusals.length === 0)
      refusals.push(message('bands-missing', { found: [...found.keys()].join(', ') || 'none' }))
  }
  return found
}

const wordOf = (code: string) => code.replaceAll('_', '-')

function chosenFor({ bands }: SceneRequest, file: number, count: number): BandRole[] | undefined {
  const here = (bands ?? []).filter((each) => each.file === file && each.band < count)
  if (here.length === 0) return undefined
  return Array.from({ length: count }, (_, band) => here.find((each) => each.band === band)?.role ?? 'other')
}

function identityIn(
  { bands, kind }: OpenImage,
  { sensor, chosen }: { sensor: SensorId | undefined; chosen: BandRole[] | undefined },
): BandIdentity {
  const isPhoto = kind === 'jpeg' || kind === 'png'
  // JPEG and PNG define what their channels are, whatever sensor somebody names; the alpha of a PNG is no near infrared.
  if (isPhoto && bands.length >= 3) return identifyBands({ descriptions: bands.map(() => ''), sensor: 'camera_rgb' })
  return identifyBands({
    descriptions: bands.map(({ description }) => description ?? ''),
    tagged_alpha: bands.map(({ colour }) => colour === 'alpha'),
    ...(sensor ? { sensor } : {}),
    ...(chosen ? { chosen } : {}),
  })
}

/** How many rows in the middle of a picture are looked at before a band tagged as alpha is believed to be infrared. */
const LOOKED_AT_PX = 256

async function refuseMaskAsInfrared(bands: Map<BandRole, SceneBand>, refusals: Message[]): Promise<void> {
  const nir = bands.get('nir')
  if (nir?.image.bands[nir.band]?.colour !== 'alpha') return
  const { raster } = nir.image
  const [width, height] = [Math.min(LOOKED_AT_PX, raster.width), Math.min(LOOKED_AT_PX, raster.height)]
  const window = { col: (raster.width - width) >> 1, row: (raster.height - height) >> 1, width, height }
  const [values] = await raster.read([nir.band], window)
  if (values && looksLikeAlpha(values)) refusals.push(message('infrared-is-a-mask'))
}

/**
 * How numbers become reflectance: by what the file says of its bands, else by the sensor. A Sentinel-2 whose offset nobody
 * knows is refused; numbers of no known sensor stay numbers.
 */
function calibrationOf(
  { first, sensor }: { first: OpenImage | undefined; sensor: SensorId | undefined },
  refusals: Message[],
): Pick<Scene, 'calibration' | 'is_calibrated'> {
  const nodata = first?.nodata === undefined || first.nodata === null ? [] : [first.nodata]
  const sample = first?.raster.sample ?? 'uint8'
  const plain = { calibration: uncalibrated(mostOf(sample), nodata), is_calibrated: false }
  const kind = sensor ? sensors[sensor].calibration : 'none'
  if (!first || kind === 'none') return plain
  const stated = first.bands.find(({ scale }) => scale !== null && scale !== 1)
  if (stated) {
    const calibration = { scale: stated.scale ?? 1, bias: stated.offset ?? 0, nodata: nodata.length > 0 ? nodata : [0] }
    return { calibration, is_calibrated: true }
  }
  // Nobody keeps raw numbers as fractions: a floating point file of a known product holds its reflectance.
  if (sample === 'float32' || sample === 'float64') return { calibration: reflectanceAsIs(nodata), is_calibrated: true }
  if (kind === 'landsat_c2_l2') return { calibration: landsatC2L2, is_calibrated: true }
  if (kind === 'planetscope_sr') return { calibration: planetscopeSr, is_calibrated: true }
  const { add_offset_dn, baseline, is_harmonised } = first.capture
  const answer = sentinel2Calibration({
    ...(add_offset_dn === null ? {} : { add_offset_dn }),
    ...(baseline === null ? {} : { processing_baseline: baseline }),
    is_harmonised,
  })
  if (answer.outcome === 'known') return { calibration: answer.calibration, is_calibrated: true }
  for (const { code } of answer.reasons) refusals.push(message('reflectance-unknown', { why: wordOf(code) }))
  return plain
}

function mostOf(sample: OpenImage['raster']['sample']): number {
  const most = { uint8: 255, uint16: 65_535, uint32: 4_294_967_295, int8: 127, int16: 32_767, int32: 2_147_483_647 }
  return sample === 'float32' || sample === 'float64' ? 1 : most[sample]
}

function classOf({
  bands,
  grid,
  is_calibrated,
  images,
}: Pick<Scene, 'bands' | 'grid' | 'is_calibrated' | 'images'>): EvidenceClass {
  if (grid) {
    if (bands.has('red') && bands.has('nir'))
      return is_calibrated && maskRoles.some((role) => bands.has(role)) ? 'E1' : 'E2'
    return 'E3'
  }
  return images.some(({ capture }) => capture.gps && capture.taken_raw) ? 'E4' : 'E5'
}

function capturedOn(
  { claimed_on }: SceneRequest,
  images: readonly OpenImage[],
): Pick<Scene, 'captured_on' | 'captured_on_source'> {
  const by = (zone: 'utc' | 'unknown') =>
    images.find(({ capture }) => capture.acquired_on !== null && capture.taken_zone === zone)?.capture.acquired_on ??
    null
  const [of_file, of_camera] = [by('utc'), by('unknown')]
  if (of_file !== null) return { captured_on: of_file, captured_on_source: 'file' }
  if (of_camera !== null) return { captured_on: of_camera, captured_on_source: 'exif' }
  return claimed_on === null
    ? { captured_on: null, captured_on_source: null }
    : { captured_on: claimed_on, captured_on_source: 'declared' }
}
