import type { BandFacts, Capture, ImageKind } from '@tidemark/core/projects/file-facts.ts'
import { FileBytes } from './byte-source.ts'
import { bandsOf, exifOf, noCapture, tiffTagsOf } from './capture.ts'
import { georeferenceOf, type Georeference } from './crs.ts'
import { openJp2, readJp2 } from './jp2.ts'
import type { ImageLimits } from './limits.ts'
import { openPhoto, readPhotoHead } from './photo.ts'
import type { Raster } from './raster.ts'
import { notSupported, tooLarge } from './refuse.ts'
import { readLayout, refuseSides, TiffRaster, type TiffLayout } from './tiff-raster.ts'
import { numberOf, readTiff, tags, type TiffFile } from './tiff-structure.ts'

/** A picture file, opened: its header was found to be sound, nothing was decoded but what had to be decoded whole. */
export interface OpenImage {
  path: string
  kind: ImageKind
  bytes: number
  raster: Raster
  bands: BandFacts[]
  nodata: number | null
  georeference: Georeference
  capture: Capture
  tiff: { layout: TiffLayout; is_bigtiff: boolean; overviews: { width: number; height: number }[] } | null
}

const kinds: readonly [ImageKind, RegExp][] = [
  ['geotiff', /^(?:49492a00|4d4d002a|49492b00|4d4d002b)/],
  ['jpeg', /^ffd8ff/],
  ['png', /^89504e470d0a1a0a/],
  ['jp2', /^(?:0000000c6a5020200d0a870a|ff4fff51)/],
]

/** What a file is by its first bytes; its name and what a browser says of it prove nothing. Undefined for anything else. */
export function kindOf(start: Uint8Array): ImageKind | undefined {
  const digits = Buffer.from(start.subarray(0, 12)).toString('hex')
  return kinds.find(([, pattern]) => pattern.test(digits))?.[0]
}

/** @throws Problem `projects/image-not-supported`, `projects/image-too-large` or `projects/image-unreadable`. */
export async function openImage(path: string, limits: ImageLimits): Promise<OpenImage> {
  const source = await FileBytes.open(path)
  try {
    if (!(source.bytes <= limits.bytes_max))
      throw tooLarge(`The file has ${source.bytes} bytes; ${limits.bytes_max} are read.`, {
        bytes: source.bytes,
        bytes_max: limits.bytes_max,
      })
    const kind = kindOf(await source.read(0, Math.min(12, source.bytes), 'the header'))
    if (!kind)
      throw notSupported('The file is no GeoTIFF, JPEG, PNG or JPEG 2000, whatever its name says.', {
        expected: ['image/tiff', 'image/jpeg', 'image/png', 'image/jp2'],
      })
    if (kind === 'geotiff') return await openTiff(path, source, limits)
    const opened = kind === 'jp2' ? await openJpeg2000(path, source, limits) : await openPhotograph(path, limits)
    await source.close()
    return { path, kind, bytes: source.bytes, nodata: null, tiff: null, ...opened }
  } catch (error) {
    await source.close().catch(() => undefined)
    throw error
  }
}

async function openTiff(path: string, source: FileBytes, limits: ImageLimits): Promise<OpenImage> {
  const file = await readTiff(source)
  const [directory] = file.directories
  if (!directory) throw notSupported('The file holds no picture.')
  const layout = await readLayout(file, directory, limits)
  if (layout.photometric === 3)
    throw notSupported('The file holds numbers of a colour table, not measurements. Send the bands themselves.')
  const found = await tiffTagsOf(file, directory, layout.bands)
  const { descriptions, scales, offsets, nodata, capture } = found
  return {
    path,
    kind: 'geotiff',
    bytes: source.bytes,
    raster: new TiffRaster(file, layout, { nodata, close: () => source.close() }),
    bands: bandsOf(layout.bands, layout, { descriptions, scales, offsets, nodata, capture }),
    nodata,
    georeference: await georeferenceOf(file, directory),
    capture,
    tiff: { layout, is_bigtiff: file.is_bigtiff, overviews: await overviewsOf(file, limits) },
  }
}

const REDUCED = 1

async function overviewsOf(file: TiffFile, limits: ImageLimits): Promise<{ width: number; height: number }[]> {
  const overviews: { width: number; height: number }[] = []
  for (const directory of file.directories.slice(1)) {
    if (((await numberOf(file, directory, tags.subfile, 0)) & REDUCED) === 0) continue
    const size = {
      width: await numberOf(file, directory, tags.width, 0),
      height: await numberOf(file, directory, tags.height, 0),
    }
    refuseSides({ ...size, bands: 1 }, limits)
    overviews.push(size)
  }
  return overviews
}

async function openJpeg2000(path: string, source: FileBytes, limits: ImageLimits) {
  const head = await readJp2(source, limits)
  const raster = await openJp2(path, head)
  const bands = plainBands(head.bands, head.bands === 3 ? ['red', 'green', 'blue'] : ['grey'])
  return { raster, bands, georeference: head.georeference, capture: noCapture }
}

async function openPhotograph(path: string, limits: ImageLimits) {
  const head = await readPhotoHead(path, limits)
  const raster = await openPhoto(path, head, limits)
  const colours: BandFacts['colour'][] = raster.bands <= 2 ? ['grey', 'alpha'] : ['red', 'green', 'blue', 'alpha']
  const georeference: Georeference = { grid: null, no_crs_reason: 'A photograph does not say where its pixels lie.' }
  return { raster, bands: plainBands(raster.bands, colours), georeference, capture: await exifOf(path) }
}

function plainBands(count: number, colours: readonly BandFacts['colour'][]): BandFacts[] {
  return Array.from({ length: count }, (_, index) => ({
    index,
    description: null,
    colour: colours[index] ?? 'unknown',
    scale: null,
    offset: null,
  }))
}
