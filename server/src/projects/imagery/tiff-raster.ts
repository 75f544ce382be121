import { clipWindow, wholeWindow, windowsOf, type Window } from '@tidemark/core/imagery/grid.ts'
import type { SampleKind } from '@tidemark/core/projects/file-facts.ts'
import { buffers } from './buffers.ts'
import type { ImageLimits } from './limits.ts'
import { sampleBytes, samplesOf, viewAs, WINDOW_PX, type Raster, type Samples } from './raster.ts'
import { notSupported, tooLarge, unreadable } from './refuse.ts'
import { decodeBlock, refuseUnknownPacking, type Packing } from './tiff-decode.ts'
import { numberOf, numbersOf, rawOf, tags, type TiffDirectory, type TiffFile } from './tiff-structure.ts'

/** How the picture of one directory is cut up and packed, found to be consistent with the file that it lies in. */
export interface TiffLayout {
  width: number
  height: number
  bands: number
  sample: SampleKind
  photometric: number
  extra_samples: number[]
  is_tiled: boolean
  /** Whether every band has blocks of its own. */
  is_planar: boolean
  block_width: number
  block_height: number
  blocks_across: number
  blocks_down: number
  offsets: number[]
  byte_counts: number[]
  packing: Packing
}

/** Decoded blocks that are kept for the next window, in bytes: half of a memory budget that two pictures share. */
const CACHE_BYTES = 8 * 1024 * 1024

/**
 * Reads how a picture is laid out and refuses one that cannot be: before anything is decoded.
 * @throws Problem `projects/image-unreadable`, `projects/image-too-large`, `projects/image-not-supported`.
 */
export async function readLayout(file: TiffFile, directory: TiffDirectory, limits: ImageLimits): Promise<TiffLayout> {
  const number = (tag: number, otherwise: number) => numberOf(file, directory, tag, otherwise)
  const [width, height] = [await number(tags.width, 0), await number(tags.height, 0)]
  const bands = await number(tags.samples, 1)
  refuseSides({ width, height, bands }, limits)
  const sample = await sampleOf(file, directory, bands)
  const is_tiled = directory.has(tags.tile_width)
  const is_planar = (await number(tags.planar, 1)) === 2
  const block_width = is_tiled ? await number(tags.tile_width, 0) : width
  const rows = is_tiled ? await number(tags.tile_height, 0) : await number(tags.rows_per_strip, height)
  const block_height = is_tiled ? rows : Math.min(rows, height)
  if (!(block_width > 0 && block_height > 0)) throw unreadable('The file is cut into tiles without area.')
  const samples_per_pixel = is_planar ? 1 : bands
  const block_bytes = block_width * block_height * samples_per_pixel * sampleBytes[sample]
  if (!(block_bytes <= limits.block_bytes_max))
    throw tooLarge(
      `One piece of the file is ${block_width} × ${block_height} pixels, ${block_bytes} bytes; ${limits.block_bytes_max} can be unpacked at once. Write it in tiles of 512 pixels.`,
      { block_bytes, block_bytes_max: limits.block_bytes_max },
    )
  const blocks_across = Math.ceil(width / block_width)
  const blocks_down = Math.ceil(height / block_height)
  const blocks = blocks_across * blocks_down * (is_planar ? bands : 1)
  if (!(blocks <= limits.blocks_max))
    throw tooLarge(
      `The file is cut into ${blocks} pieces; ${limits.blocks_max} are read. Write it in tiles of 512 pixels.`,
      { blocks },
    )
  const packing: Packing = {
    compression: await number(tags.compression, 1),
    predictor: await number(tags.predictor, 1),
    sample,
    is_little_endian: file.is_little_endian,
    samples_per_pixel,
    width_px: block_width,
    jpeg_tables: await rawOf(file, directory, tags.jpeg_tables),
    lerc: await numbersOf(file, directory, tags.lerc, 16),
  }
  refuseUnknownPacking(packing)
  const photometric = await number(tags.photometric, 1)
  if (photometric === YCBCR && !(packing.compression === JPEG && samples_per_pixel === 3))
    throw notSupported(
      'The file holds brightness and colour apart and not as JPEG does; write it as red, green and blue.',
    )
  return {
    width,
    height,
    bands,
    sample,
    photometric,
    extra_samples: (await numbersOf(file, directory, tags.extra_samples, limits.bands_max)) ?? [],
    is_tiled,
    is_planar,
    block_width,
    block_height,
    blocks_across,
    blocks_down,
    ...(await placesOf(file, directory, { is_tiled, blocks })),
    packing,
  }
}

/** @throws Problem `projects/image-too-large` for a picture with longer sides or more bands than is read. */
export function refuseSides(
  { width, height, bands }: { width: number; height: number; bands: number },
  { side_px_max, bands_max }: ImageLimits,
): void {
  if (!(width > 0 && height > 0 && bands > 0))
    throw unreadable(`The file declares ${width} × ${height} pixels and ${bands} bands: there is no such picture.`)
  if (!(width <= side_px_max && height <= side_px_max))
    throw tooLarge(
      `The file declares ${width} × ${height} pixels; ${side_px_max} × ${side_px_max} are read. Send the part around the project.`,
      { width, height, side_px_max },
    )
  if (!(bands <= bands_max))
    throw tooLarge(`The file declares ${bands} bands; ${bands_max} are read.`, { bands, bands_max })
}

async function sampleOf(file: TiffFile, directory: TiffDirectory, bands: number): Promise<SampleKind> {
  const bits = (await numbersOf(file, directory, tags.bits, 65_536)) ?? [1]
  const formats = (await numbersOf(file, directory, tags.sample_format, 65_536)) ?? [1]
  if (bits.length > bands || new Set(bits).size !== 1 || new Set(formats).size !== 1)
    throw notSupported('The bands of the file have values of different kinds; write them all as one kind.')
  const name = `${{ 1: 'uint', 2: 'int', 3: 'float' }[formats[0] ?? 1] ?? 'complex'}${bits[0]}`
  if (!(name in sampleBytes))
    throw notSupported(`The file holds values of kind ${name}; ${Object.keys(sampleBytes).join(', ')} are read.`, {
      sample: name,
    })
  return name as SampleKind
}

/** Where the blocks lie: every one of them inside the file. */
async function placesOf(
  file: TiffFile,
  directory: TiffDirectory,
  { is_tiled, blocks }: { is_tiled: boolean; blocks: number },
): Promise<{ offsets: number[]; byte_counts: number[] }> {
  const [offset_tag, bytes_tag] = is_tiled
    ? [tags.tile_offsets, tags.tile_bytes]
    : [tags.strip_offsets, tags.strip_bytes]
  const offsets = (await numbersOf(file, directory, offset_tag, blocks)) ?? []
  const byte_counts = (await numbersOf(file, directory, bytes_tag, blocks)) ?? []
  if (offsets.length !== blocks || byte_counts.length !== blocks)
    throw unreadable(
      `The picture needs ${blocks} pieces; the file names ${offsets.length} places and ${byte_counts.length} lengths.`,
    )
  const lost = offsets.findIndex((offset, index) => offset + (byte_counts[index] ?? 0) > file.source.bytes)
  if (lost >= 0)
    throw unreadable(
      `Piece ${lost} of ${blocks} should end at byte ${(offsets[lost] ?? 0) + (byte_counts[lost] ?? 0)} of a file with ${file.source.bytes}. It is cut short or damaged; send it again whole.`,
      { bytes: file.source.bytes },
    )
  return { offsets, byte_counts }
}

const YCBCR = 6
const JPEG = 7

/** Brightness and two differences of colour become red, green and blue (JFIF 1.02; ITU-R BT.601 over the full range). */
function toRgb(bytes: Uint8Array): void {
  const level = (value: number) => (value < 0 ? 0 : value > 255 ? 255 : Math.round(value))
  for (let at = 0; at + 2 < bytes.length; at += 3) {
    const y = bytes[at] as number
    const cb = (bytes[at + 1] as number) - 128
    const cr = (bytes[at + 2] as number) - 128
    bytes[at] = level(y + 1.402 * cr)
    bytes[at + 1] = level(y - 0.344136 * cb - 0.714136 * cr)
    bytes[at + 2] = level(y + 1.772 * cb)
  }
}

/** The picture of one directory of a TIFF file. Blocks are unpacked side by side and the last ones are kept. */
export class TiffRaster implements Raster {
  readonly layout: TiffLayout
  readonly #file: TiffFile
  readonly #fill: number
  readonly #blocks = new Map<number, Promise<Samples>>()
  readonly #blocks_kept: number
  readonly #close: () => Promise<void>

  constructor(file: TiffFile, layout: TiffLayout, options: { nodata: number | null; close: () => Promise<void> }) {
    this.#file = file
    this.layout = layout
    this.#fill = options.nodata ?? 0
    this.#close = options.close
    const block =
      layout.block_width * layout.block_height * layout.packing.samples_per_pixel * sampleBytes[layout.sample]
    this.#blocks_kept = Math.max(1, Math.floor(CACHE_BYTES / block))
  }

  get width() {
    return this.layout.width
  }
  get height() {
    return this.layout.height
  }
  get bands() {
    return this.layout.bands
  }
  get sample() {
    return this.layout.sample
  }

  windows(within?: Window): Window[] {
    const { is_tiled, width, block_width, block_height } = this.layout
    const whole = clipWindow(this, within ?? wholeWindow(this))
    if (!whole) return []
    if (is_tiled && block_width < width && WINDOW_PX % block_width === 0 && WINDOW_PX % block_height === 0)
      return [...windowsOf(this, WINDOW_PX, whole)]
    // Whole rows of blocks, as many as make up about as many pixels as a square window has.
    const wanted = Math.max(1, Math.round((WINDOW_PX * WINDOW_PX) / this.width))
    const rows = Math.max(1, Math.round(wanted / block_height)) * block_height
    const windows: Window[] = []
    const bottom = whole.row + whole.height
    for (let row = whole.row; row < bottom;) {
      const next = Math.min(bottom, (Math.floor(row / rows) + 1) * rows)
      windows.push({ ...whole, row, height: next - row })
      row = next
    }
    return windows
  }

  async read(bands: readonly number[], window: Window): Promise<Samples[]> {
    const { block_width, block_height, is_planar, blocks_across, blocks_down } = this.layout
    const pixels = window.width * window.height
    const found = bands.map(() => buffers.take(this.layout.sample, pixels))
    const [left, right] = [
      Math.floor(window.col / block_width),
      Math.floor((window.col + window.width - 1) / block_width),
    ]
    const [top, bottom] = [
      Math.floor(window.row / block_height),
      Math.floor((window.row + window.height - 1) / block_height),
    ]
    const waiting: Promise<void>[] = []
    for (let down = top; down <= bottom; down += 1) {
      for (let across = left; across <= right; across += 1) {
        const place = { col: across * block_width, row: down * block_height }
        const at = down * blocks_across + across
        const copy = async (slot: number, band: number, index: number) => {
          const block = await this.#block(index)
          const into = found[slot]
          if (into) this.#copy(block, place, is_planar ? 0 : band, window, into)
        }
        bands.forEach((band, slot) =>
          waiting.push(copy(slot, band, is_planar ? band * blocks_across * blocks_down + at : at)),
        )
      }
    }
    await Promise.all(waiting)
    return found
  }

  async close(): Promise<void> {
    this.#blocks.clear()
    await this.#close()
  }

  #block(index: number): Promise<Samples> {
    const kept = this.#blocks.get(index)
    const block = kept ?? this.#decode(index)
    // The one that was wanted last leaves last.
    this.#blocks.delete(index)
    this.#blocks.set(index, block)
    if (this.#blocks.size > this.#blocks_kept) {
      const oldest = this.#blocks.keys().next().value
      if (oldest !== undefined) this.#blocks.delete(oldest)
    }
    return block
  }

  async #decode(index: number): Promise<Samples> {
    const {
      offsets,
      byte_counts,
      block_width,
      block_height,
      blocks_across,
      blocks_down,
      height,
      is_tiled,
      packing,
      sample,
    } = this.layout
    const [offset = 0, length = 0] = [offsets[index], byte_counts[index]]
    const down = Math.floor((index % (blocks_across * blocks_down)) / blocks_across)
    // The last strip holds the rows that are left; a tile is always whole.
    const rows = is_tiled ? block_height : Math.min(block_height, height - down * block_height)
    const values = block_width * rows * packing.samples_per_pixel
    // GDAL leaves out blocks that hold nothing.
    if (length === 0) return samplesOf(sample, values).fill(this.#fill) as Samples
    const name = `Piece ${index}`
    const packed = await this.#file.source.read(offset, length, name)
    const bytes = await decodeBlock(packed, packing, values * sampleBytes[sample], name)
    if (this.layout.photometric === YCBCR) toRgb(bytes)
    return viewAs(sample, bytes)
  }

  #copy(block: Samples, place: { col: number; row: number }, band: number, window: Window, into: Samples): void {
    const { block_width, block_height, packing, width, height } = this.layout
    const step = packing.samples_per_pixel
    const col_from = Math.max(window.col, place.col)
    const col_to = Math.min(window.col + window.width, place.col + block_width, width)
    const row_from = Math.max(window.row, place.row)
    const row_to = Math.min(window.row + window.height, place.row + block_height, height)
    const count = col_to - col_from
    for (let row = row_from; row < row_to; row += 1) {
      const from = (row - place.row) * block_width + (col_from - place.col)
      const to = (row - window.row) * window.width + (col_from - window.col)
      if (step === 1) into.set(block.subarray(from, from + count) as never, to)
      else for (let i = 0, at = from * step + band; i < count; i += 1, at += step) into[to + i] = block[at] ?? 0
    }
  }
}
