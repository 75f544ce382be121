import sharp, { type Metadata } from 'sharp'
import type { ImageLimits } from './limits.ts'
import { WholeRaster } from './jp2.ts'
import type { Raster } from './raster.ts'
import { notSupported, saidBy, tooLarge, unreadable } from './refuse.ts'
import { refuseSides } from './tiff-raster.ts'

// One picture at a time, nothing kept: this runs in a process of its own that ends with it.
sharp.cache(false)
sharp.concurrency(1)

/** What the header of a photograph declares. */
export interface PhotoHead {
  width: number
  height: number
  bands: number
  sample: 'uint8'
  space: string
}

/** @throws Problem before a pixel is decoded: for damaged headers, and for more pixels than are read. */
export async function readPhotoHead(path: string, limits: ImageLimits): Promise<PhotoHead> {
  const head: Metadata = await sharp(path, { limitInputPixels: false })
    .metadata()
    .catch((error: unknown) => {
      throw unreadable(`The picture cannot be opened: ${saidBy(error)}.`)
    })
  const { width, height, channels, space = 'srgb', pages = 1 } = head
  refuseSides({ width, height, bands: channels }, limits)
  if (!(width * height <= limits.photo_pixels_max))
    throw tooLarge(
      `The picture declares ${width} × ${height} pixels; photographs up to ${limits.photo_pixels_max} pixels are read.`,
      { width, height, pixels_max: limits.photo_pixels_max },
    )
  if (pages > 1) throw notSupported('The file moves; send one still picture.')
  return { width, height, bands: channels, sample: 'uint8', space }
}

/** The picture, decoded whole to 8 bits of grey or sRGB (with alpha where it has one), not turned. */
export async function openPhoto(path: string, head: PhotoHead, limits: ImageLimits): Promise<Raster> {
  const { data, info } = await sharp(path, { limitInputPixels: limits.photo_pixels_max, failOn: 'error' })
    .toColourspace(head.bands <= 2 ? 'b-w' : 'srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => {
      throw unreadable(
        `The picture does not decode: ${saidBy(error)}. It is cut short or damaged; send it again whole.`,
      )
    })
  if (info.width !== head.width || info.height !== head.height)
    throw unreadable('The picture does not decode to what its header declares.')
  return new WholeRaster(
    { ...head, bands: info.channels },
    new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.length),
  )
}

/** A picture of so many pixels of grey, as a person sees it: turned as the camera says, squeezed to the given sides. */
export async function greyOf(path: string, width: number, height: number): Promise<Uint8Array> {
  return sharp(path, { limitInputPixels: false, failOn: 'error' })
    .autoOrient()
    .flatten({ background: '#fff' })
    .toColourspace('srgb')
    .greyscale()
    .resize(width, height, { fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer()
}

/** The photograph in grey, turned as the camera says, at most so many pixels on a side. */
export async function greyView(
  path: string,
  side_px_max: number,
): Promise<{ data: Uint8Array; width: number; height: number }> {
  const { data, info } = await sharp(path, { limitInputPixels: false, failOn: 'error' })
    .autoOrient()
    .flatten({ background: '#fff' })
    .toColourspace('srgb')
    .greyscale()
    .resize(side_px_max, side_px_max, { fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { data, width: info.width, height: info.height }
}

/** A smaller picture of a photograph, turned as the camera says and without what the camera wrote into it. */
export async function writePhotoPreview(
  path: string,
  to: string,
  side_px_max: number,
): Promise<{ width: number; height: number }> {
  const { width, height } = await sharp(path, { limitInputPixels: false, failOn: 'error' })
    .autoOrient()
    .toColourspace('srgb')
    .resize(side_px_max, side_px_max, { fit: 'inside', withoutEnlargement: true })
    .png()
    .toFile(to)
  return { width, height }
}
