import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { identifyBands, type BandIdentity } from '@tidemark/core/imagery/bands.ts'
import { sensors } from '@tidemark/core/imagery/sensors.ts'
import type { Corners, FileFacts } from '@tidemark/core/projects/file-facts.ts'
import { DETAIL_PX, fineDetailShare } from '@tidemark/core/projects/fine-detail.ts'
import { HASHED_PX, perceptualHashes } from '@tidemark/core/projects/perceptual-hash.ts'
import { buffers, readAhead } from './buffers.ts'
import { compressions } from './tiff-decode.ts'
import { cornersOf, gridFrom, pixelSizeOf } from './crs.ts'
import type { ImageLimits } from './limits.ts'
import { openImage, type OpenImage } from './open-image.ts'
import { greyOf, writePhotoPreview } from './photo.ts'
import { Shrink, stretchOf, writePng } from './picture.ts'
import { PixelHash } from './pixel-hash.ts'
import type { Progress } from './protocol.ts'
import { sensorOfFile } from './sensor.ts'

const PREVIEW_PX = 1_024

/** Finds what a file says of itself, decoding every value of it once. Runs in the process that decodes. */
export async function inspectHere(
  path: string,
  { limits, preview }: { limits: ImageLimits; preview: string | null },
  onProgress: (progress: Progress) => void,
): Promise<FileFacts> {
  onProgress({ step: 'opening', done: 0, of: 1 })
  const image = await openImage(path, limits)
  try {
    const looked = await lookThrough(image, path, preview, onProgress)
    const { raster, bands, nodata, kind, bytes, capture, georeference, tiff } = image
    const { width, height, sample } = raster
    const grid = georeference.grid ? gridFrom(georeference.grid, raster) : null
    const identity = identityOf(image)
    return {
      kind,
      bytes,
      sha256: await digestOf(path),
      width,
      height,
      sample,
      nodata,
      bands,
      layout: tiff ? layoutOf(tiff) : null,
      grid: georeference.grid,
      no_crs_reason: georeference.no_crs_reason,
      corners: grid ? cornersOf(grid) : null,
      pixel_m: grid ? pixelSizeOf(grid) : null,
      capture,
      ...looked,
      evidence_class: classOf(image, identity, grid ? cornersOf(grid) : null),
      warnings: warningsOf(image, identity),
    }
  } catch (error) {
    if (preview !== null) await rm(preview, { force: true })
    throw error
  } finally {
    await image.raster.close()
  }
}

function layoutOf({ layout, is_bigtiff, overviews }: NonNullable<OpenImage['tiff']>): FileFacts['layout'] {
  const { is_tiled, block_width, block_height, packing } = layout
  const compression = compressions[packing.compression] ?? String(packing.compression)
  return { is_tiled, block_width, block_height, compression, is_bigtiff, overviews }
}

/** The roles of the bands by what the file itself says: a person may add to it later. */
export function identityOf({ bands, capture, kind }: Pick<OpenImage, 'bands' | 'capture' | 'kind'>): BandIdentity {
  const sensor = sensorOfFile(capture)
  return identifyBands({
    descriptions: bands.map(({ description }) => description ?? ''),
    tagged_alpha: bands.map(({ colour }) => colour === 'alpha'),
    ...(sensor ? { sensor } : {}),
    // JPEG and PNG define their channels; three bands of a TIFF are red, green and blue only when they are described so.
    ...(kind === 'jpeg' || kind === 'png' ? (bands.length >= 3 ? { sensor: 'camera_rgb' as const } : {}) : {}),
  })
}

function classOf(image: OpenImage, identity: BandIdentity, corners: Corners | null): FileFacts['evidence_class'] {
  const { capture, georeference } = image
  const roles = identity.outcome === 'identified' ? identity.roles : []
  if (georeference.grid?.crs && corners) {
    const isMultispectral = roles.includes('red') && roles.includes('nir')
    const sensor = sensorOfFile(capture)
    const isCalibrated = sensor !== undefined && sensors[sensor].calibration !== 'none'
    const isMasked = roles.some((role) => role === 'scl' || role === 'qa_pixel' || role === 'bqa')
    if (isMultispectral) return isCalibrated && isMasked ? 'E1' : 'E2'
    if (roles.includes('red') && roles.includes('green')) return 'E3'
  }
  return capture.gps && capture.taken_raw ? 'E4' : 'E5'
}

function warningsOf({ bands, georeference, kind, capture, raster }: OpenImage, identity: BandIdentity): string[] {
  const isRaster = kind === 'geotiff' || kind === 'jp2'
  const [a, b, , d, e] = georeference.grid?.transform ?? [1, 0, 0, 0, -1, 0]
  return [
    ...(isRaster && !georeference.grid?.crs ? ['no_crs'] : []),
    ...(isRaster && identity.outcome === 'refused' ? identity.reasons.map(({ code }) => `bands_${code}`) : []),
    ...(identity.outcome === 'identified' ? identity.warnings.map(({ code }) => code) : []),
    ...(b !== 0 || d !== 0 ? ['rotated_grid'] : a < 0 || e > 0 ? ['turned_grid'] : []),
    ...(georeference.grid?.crs_kind === 'geographic' ? ['pixels_in_degrees'] : []),
    ...(isRaster && bands.length === 3 && bands.every(({ description }) => description === null)
      ? ['three_unlabelled_bands']
      : []),
    ...(capture.orientation !== null && capture.orientation > 1 ? ['turned_by_camera'] : []),
    ...(raster.sample === 'uint8' && isRaster && bands.length > 3 ? ['eight_bit_bands'] : []),
  ]
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

type Looked = Pick<FileFacts, 'pixels_sha256' | 'phash' | 'phash_variants' | 'fine_detail_share'>

/** One look at every value: the digest of the pixels, the preview and what a person would see. */
async function lookThrough(
  image: OpenImage,
  path: string,
  preview: string | null,
  onProgress: (progress: Progress) => void,
): Promise<Looked> {
  const { raster, nodata } = image
  const all = image.bands.map(({ index }) => index)
  const shown = shownBands(image)
  const isPhoto = image.kind === 'jpeg' || image.kind === 'png'
  const hash = new PixelHash(raster)
  const small = isPhoto ? [] : shown.map(() => new Shrink(raster, PREVIEW_PX))
  const windows = raster.windows()
  let done = 0
  for await (const [window, values] of readAhead(windows, (each) => raster.read(all, each))) {
    hash.add(window, values)
    for (const [slot, band] of shown.entries()) {
      const shownValues = values[band]
      if (shownValues) small[slot]?.add(window, nodata === null ? shownValues : withHoles(shownValues, nodata))
    }
    buffers.give(values)
    done += 1
    onProgress({ step: 'reading', done, of: windows.length })
  }
  const pixels_sha256 = hash.finish()
  if (isPhoto) {
    if (preview !== null) await writePhotoPreview(path, preview, PREVIEW_PX)
    const phash_variants = perceptualHashes(await greyOf(path, HASHED_PX, HASHED_PX))
    return {
      pixels_sha256,
      phash: phash_variants[0] ?? null,
      phash_variants,
      fine_detail_share: await detailOf(raster),
    }
  }
  const channels = small.map((each) => each.finish())
  const [first] = small
  if (preview !== null && first) await writePreview(preview, first, channels)
  return { pixels_sha256, phash: null, phash_variants: [], fine_detail_share: null }
}

function withHoles(values: ArrayLike<number>, nodata: number): Float64Array {
  return Float64Array.from(values, (value) => (value === nodata ? Number.NaN : value))
}

/** Red, green and blue where they are known; otherwise the first band, in grey. */
function shownBands(image: OpenImage): number[] {
  const identity = identityOf(image)
  const roles = identity.outcome === 'identified' ? identity.roles : []
  const rgb = (['red', 'green', 'blue'] as const).map((role) => roles.indexOf(role))
  return rgb.every((band) => band >= 0) ? rgb : [0]
}

async function writePreview(path: string, size: Shrink, channels: Float32Array[]): Promise<void> {
  const stretched = channels.map((values) => {
    const [low, high] = stretchOf(values)
    return Uint8Array.from(values, (value) =>
      Number.isNaN(value) ? 0 : Math.max(0, Math.min(255, Math.round((255 * (value - low)) / (high - low)))),
    )
  })
  const [red, green = red, blue = red] = stretched
  const [alpha] = channels
  await writePng(path, size, (pixel) => [
    red?.[pixel] ?? 0,
    green?.[pixel] ?? 0,
    blue?.[pixel] ?? 0,
    Number.isNaN(alpha?.[pixel]) ? 0 : 255,
  ])
}

/** Fine detail in the middle of a photograph, at its own resolution; null when it is smaller than the square looked at. */
async function detailOf(raster: OpenImage['raster']): Promise<number | null> {
  if (raster.width < DETAIL_PX || raster.height < DETAIL_PX) return null
  const col = Math.floor((raster.width - DETAIL_PX) / 2)
  const row = Math.floor((raster.height - DETAIL_PX) / 2)
  const [green] = await raster.read([raster.bands >= 3 ? 1 : 0], { col, row, width: DETAIL_PX, height: DETAIL_PX })
  return green ? fineDetailShare(green) : null
}
