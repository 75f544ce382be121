import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Window } from '@tidemark/core/imagery/grid.ts'
import type { SampleKind } from '@tidemark/core/projects/file-facts.ts'
import { bytesOf, type ByteSource } from './byte-source.ts'
import { georeferenceOf, type Georeference } from './crs.ts'
import type { ImageLimits } from './limits.ts'
import { samplesOf, viewAs, type Raster, type Samples } from './raster.ts'
import { notSupported, tooLarge, unreadable } from './refuse.ts'
import { refuseSides } from './tiff-raster.ts'
import { readTiff } from './tiff-structure.ts'

/** What the boxes and the main header of a JPEG 2000 file declare, read before anything is decoded. */
export interface Jp2Head {
  width: number
  height: number
  bands: number
  sample: SampleKind
  georeference: Georeference
}

/** Says where the picture lies: a TIFF of one pixel with GeoKeys in a box of its own (GeoJP2, Mapping Science 2002). */
const GEO_JP2 = 'b14bf8bd083d4b43a5ae8cd7d5a6ce03'
const BOXES_MAX = 200
const GEO_BYTES_MAX = 1_000_000
const nowhere: Georeference = { grid: null, no_crs_reason: 'The file does not say where its pixels lie.' }

/** @throws Problem for a file that is damaged, too large to be decoded whole, or of mixed components. */
export async function readJp2(source: ByteSource, limits: ImageLimits): Promise<Jp2Head> {
  const { codestream_at, geo } = await boxesOf(source)
  const size = await sizeOf(source, codestream_at)
  refuseSides(size, limits)
  const samples = size.width * size.height * size.bands
  if (!(samples <= limits.whole_samples_max))
    throw tooLarge(
      `JPEG 2000 is decoded whole here, and ${size.width} × ${size.height} × ${size.bands} values are more than ${limits.whole_samples_max}. Send the part around the project, or a tiled GeoTIFF.`,
      { samples, samples_max: limits.whole_samples_max },
    )
  const georeference = geo ? await placeOf(geo) : nowhere
  return { ...size, georeference }
}

async function boxesOf(source: ByteSource): Promise<{ codestream_at: number; geo: Buffer | undefined }> {
  const start = await source.read(0, Math.min(4, source.bytes), 'the header')
  if (start.toString('hex') === 'ff4fff51') return { codestream_at: 0, geo: undefined }
  let [at, geo]: [number, Buffer | undefined] = [0, undefined]
  for (let boxes = 0; boxes < BOXES_MAX && at + 8 <= source.bytes; boxes += 1) {
    const head = await source.read(at, Math.min(16, source.bytes - at), 'a box')
    const short = head.readUInt32BE(0)
    const kind = head.toString('latin1', 4, 8)
    const head_bytes = short === 1 ? 16 : 8
    const length = short === 1 ? Number(head.readBigUInt64BE(8)) : short === 0 ? source.bytes - at : short
    if (length < head_bytes || at + length > source.bytes)
      throw unreadable(`Box ${boxes} of the file is longer than the file. It is cut short or damaged.`)
    if (kind === 'jp2c') return { codestream_at: at + head_bytes, geo }
    if (kind === 'uuid' && length > 24 && length < GEO_BYTES_MAX) {
      const body = await source.read(at + head_bytes, length - head_bytes, 'a box')
      if (body.toString('hex', 0, 16) === GEO_JP2) geo = body.subarray(16)
    }
    at += length
  }
  throw unreadable('The file holds no picture.')
}

/** The SIZ marker (ISO/IEC 15444-1, A.5.1). */
async function sizeOf(source: ByteSource, at: number) {
  const siz = await source.read(at, Math.min(source.bytes - at, 42 + 3 * 64), 'the size of the picture')
  if (siz.length < 45 || siz.readUInt32BE(0) !== 0xff4f_ff51) throw unreadable('The file holds no JPEG 2000 picture.')
  const width = siz.readUInt32BE(8) - siz.readUInt32BE(16)
  const height = siz.readUInt32BE(12) - siz.readUInt32BE(20)
  const bands = siz.readUInt16BE(40)
  if (bands < 1 || bands > 64 || siz.length < 42 + 3 * bands)
    throw notSupported(`The file declares ${bands} components; 1 to 64 are read.`, { bands })
  const components = Array.from({ length: bands }, (_, band) => siz.subarray(42 + 3 * band, 45 + 3 * band))
  const precision = components[0]?.[0] ?? 0
  if (components.some(([bits, x, y]) => bits !== precision || x !== 1 || y !== 1))
    throw notSupported('The components of the file have different sizes or kinds; write them all alike.')
  const bits = (precision & 0x7f) + 1
  const is_signed = (precision & 0x80) !== 0
  if (bits > 16) throw notSupported(`The file has ${bits} bits in a value; up to 16 are read.`, { bits })
  const sample: SampleKind = `${is_signed ? 'int' : 'uint'}${bits <= 8 ? 8 : 16}`
  return { width, height, bands, sample }
}

async function placeOf(geo: Buffer): Promise<Georeference> {
  const file = await readTiff(bytesOf(geo)).catch(() => undefined)
  const directory = file?.directories[0]
  return file && directory ? georeferenceOf(file, directory) : nowhere
}

interface Decoder {
  getEncodedBuffer(bytes: number): Uint8Array
  decode(): void
  getFrameInfo(): { width: number; height: number; bitsPerSample: number; componentCount: number; isSigned: boolean }
  getDecodedBuffer(): Uint8Array
  delete(): void
}
type OpenJpeg = (settings: object) => Promise<{ J2KDecoder: new () => Decoder }>

/** A JPEG 2000 picture, decoded whole. */
export async function openJp2(path: string, head: Jp2Head): Promise<Raster> {
  const silent = () => undefined
  const make = createRequire(import.meta.url)('@cornerstonejs/codec-openjpeg/wasmjs') as OpenJpeg
  const { J2KDecoder } = await make({ print: silent, printErr: silent })
  const bytes = await readFile(path)
  const decoder = new J2KDecoder()
  decoder.getEncodedBuffer(bytes.length).set(bytes)
  decoder.decode()
  const info = decoder.getFrameInfo()
  if (info.width !== head.width || info.height !== head.height || info.componentCount !== head.bands)
    throw unreadable('The picture does not decode to what its header declares. It is cut short or damaged.')
  const values = viewAs(head.sample, decoder.getDecodedBuffer().slice())
  if (values.length !== head.width * head.height * head.bands)
    throw unreadable('The picture decodes to another number of values than its header declares.')
  decoder.delete()
  return new WholeRaster(head, values)
}

/** A picture that lies in memory whole, its bands interleaved. */
export class WholeRaster implements Raster {
  readonly width: number
  readonly height: number
  readonly bands: number
  readonly sample: SampleKind
  readonly #values: Samples

  constructor({ width, height, bands, sample }: Omit<Jp2Head, 'georeference'>, values: Samples) {
    this.width = width
    this.height = height
    this.bands = bands
    this.sample = sample
    this.#values = values
  }

  windows(within: Window = { col: 0, row: 0, width: this.width, height: this.height }): Window[] {
    const rows = Math.max(1, Math.round((1 << 18) / within.width))
    const windows: Window[] = []
    for (let row = within.row; row < within.row + within.height; row += rows)
      windows.push({ ...within, row, height: Math.min(rows, within.row + within.height - row) })
    return windows
  }

  async read(bands: readonly number[], { col, row, width, height }: Window): Promise<Samples[]> {
    return bands.map((band) => {
      const into = samplesOf(this.sample, width * height)
      for (let y = 0; y < height; y += 1) {
        let at = ((row + y) * this.width + col) * this.bands + band
        for (let x = 0; x < width; x += 1, at += this.bands) into[y * width + x] = this.#values[at] ?? 0
      }
      return into
    })
  }

  async close(): Promise<void> {
    // What lies in memory is let go with the object.
  }
}
