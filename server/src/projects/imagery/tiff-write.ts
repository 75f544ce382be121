import { open, type FileHandle } from 'node:fs/promises'
import { promisify } from 'node:util'
import { deflate } from 'node:zlib'
import type { SampleKind } from '@tidemark/core/projects/file-facts.ts'
import { sampleBytes, type Samples } from './raster.ts'
import { tags } from './tiff-structure.ts'

const deflateBytes = promisify(deflate) as (bytes: Uint8Array, options: { level: number }) => Promise<Buffer>

export interface TiffToWrite {
  width: number
  height: number
  bands: number
  sample: SampleKind
  /** Square tiles of this side, a multiple of 16; or strips of so many rows. */
  tile_px?: number
  rows_per_strip?: number
  is_planar?: boolean
  compression?: 'none' | 'deflate'
  is_bigtiff?: boolean
  photometric?: number
  extra_samples?: number[]
  /** x = a·col + b·row + c, y = d·col + e·row + f. */
  transform?: readonly [number, number, number, number, number, number]
  epsg?: number
  crs_kind?: 'projected' | 'geographic'
  nodata?: number
  /** `<Item>`s of GDAL: of the file, and of bands. */
  metadata?: { name: string; value: string; sample?: number; role?: string }[]
}

interface Field {
  tag: number
  type: number
  values: number[] | string
}

const [ASCII, SHORT, LONG, DOUBLE, LONG8] = [2, 3, 4, 12, 16]
const typeBytes: Record<number, number> = { [ASCII]: 1, [SHORT]: 2, [LONG]: 4, [DOUBLE]: 8, [LONG8]: 8 }

/**
 * Writes a little-endian GeoTIFF piece by piece: tiles (or strips) in any order, then the directory at the end. What is not
 * written stays empty, which readers take for nodata.
 */
export class TiffWriter {
  readonly #handle: FileHandle
  readonly #plan: TiffToWrite
  readonly #offsets: number[]
  readonly #byte_counts: number[]
  #at: number

  private constructor(handle: FileHandle, plan: TiffToWrite) {
    this.#handle = handle
    this.#plan = plan
    const pieces = this.across * this.down * (plan.is_planar ? plan.bands : 1)
    this.#offsets = Array<number>(pieces).fill(0)
    this.#byte_counts = Array<number>(pieces).fill(0)
    this.#at = plan.is_bigtiff ? 16 : 8
  }

  static async create(path: string, plan: TiffToWrite): Promise<TiffWriter> {
    return new TiffWriter(await open(path, 'wx', 0o600), plan)
  }

  /** The width and height of a whole piece. */
  get piece(): { width: number; height: number } {
    const { tile_px, rows_per_strip, width, height } = this.#plan
    if (tile_px !== undefined) return { width: tile_px, height: tile_px }
    return { width, height: Math.min(rows_per_strip ?? height, height) }
  }

  get across(): number {
    return Math.ceil(this.#plan.width / this.piece.width)
  }

  get down(): number {
    return Math.ceil(this.#plan.height / this.piece.height)
  }

  /** One piece: pixel by pixel with the bands beside each other, or one band of a planar file. A last strip may be shorter. */
  async write(across: number, down: number, values: Samples, band = 0): Promise<void> {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
    const packed = this.#plan.compression === 'none' ? bytes : await deflateBytes(bytes, { level: 6 })
    await this.writePacked(across, down, packed, band)
  }

  /** A piece that was packed before, for the same picture or for one that is cut alike. */
  async writePacked(across: number, down: number, packed: Uint8Array, band = 0): Promise<void> {
    const index = (this.#plan.is_planar ? band * this.across * this.down : 0) + down * this.across + across
    const at = this.#at
    this.#at += packed.length + (packed.length % 2)
    this.#offsets[index] = at
    this.#byte_counts[index] = packed.length
    await this.#handle.write(packed, 0, packed.length, at)
  }

  /** Writes the directory and the header. */
  async finish(): Promise<void> {
    const isBig = this.#plan.is_bigtiff === true
    const directory = directoryBytes(this.#fields(), this.#at, isBig)
    await this.#handle.write(directory, 0, directory.length, this.#at)
    const head = Buffer.alloc(isBig ? 16 : 8)
    head.write('II', 'latin1')
    head.writeUInt16LE(isBig ? 43 : 42, 2)
    if (isBig) {
      head.writeUInt16LE(8, 4)
      head.writeBigUInt64LE(BigInt(this.#at), 8)
    } else head.writeUInt32LE(this.#at, 4)
    await this.#handle.write(head, 0, head.length, 0)
    await this.#handle.close()
  }

  /** Closes what will not be finished. */
  async abandon(): Promise<void> {
    await this.#handle.close()
  }

  #fields(): Field[] {
    const plan = this.#plan
    const { width, height, bands, sample, tile_px, compression, photometric = 1, extra_samples } = plan
    const each = (value: number) => Array<number>(bands).fill(value)
    const format = sample.startsWith('uint') ? 1 : sample.startsWith('int') ? 2 : 3
    const place = plan.is_bigtiff ? LONG8 : LONG
    const [offsets, byte_counts] =
      tile_px === undefined ? [tags.strip_offsets, tags.strip_bytes] : [tags.tile_offsets, tags.tile_bytes]
    return [
      { tag: tags.width, type: LONG, values: [width] },
      { tag: tags.height, type: LONG, values: [height] },
      { tag: tags.bits, type: SHORT, values: each(sampleBytes[sample] * 8) },
      { tag: tags.compression, type: SHORT, values: [compression === 'none' ? 1 : 8] },
      { tag: tags.photometric, type: SHORT, values: [photometric] },
      { tag: tags.samples, type: SHORT, values: [bands] },
      { tag: tags.planar, type: SHORT, values: [plan.is_planar ? 2 : 1] },
      ...(tile_px === undefined
        ? [{ tag: tags.rows_per_strip, type: LONG, values: [this.piece.height] }]
        : [tags.tile_width, tags.tile_height].map((tag) => ({ tag, type: LONG, values: [tile_px] }))),
      { tag: offsets, type: place, values: this.#offsets },
      { tag: byte_counts, type: place, values: this.#byte_counts },
      ...(extra_samples ? [{ tag: tags.extra_samples, type: SHORT, values: extra_samples }] : []),
      { tag: tags.sample_format, type: SHORT, values: each(format) },
      ...placeFields(plan),
      ...metadataFields(plan),
    ]
  }
}

/** Where it lies: always as a matrix, which holds turned pictures as well. */
function placeFields({ transform, epsg, crs_kind = 'projected' }: TiffToWrite): Field[] {
  if (!transform) return []
  const [a, b, c, d, e, f] = transform
  const matrix = {
    tag: tags.model_transformation,
    type: DOUBLE,
    values: [a, b, 0, c, d, e, 0, f, 0, 0, 0, 0, 0, 0, 0, 1],
  }
  if (epsg === undefined) return [matrix]
  const [model, key] = crs_kind === 'geographic' ? [2, 2048] : [1, 3072]
  const keys = [1, 1, 0, 3, 1024, 0, 1, model, 1025, 0, 1, 1, key, 0, 1, epsg]
  return [matrix, { tag: tags.geo_keys, type: SHORT, values: keys }]
}

function metadataFields({ metadata, nodata }: TiffToWrite): Field[] {
  const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
  const items = (metadata ?? []).map(({ name, value, sample, role }) => {
    const of_band = sample === undefined ? '' : ` sample="${sample}"${role === undefined ? '' : ` role="${role}"`}`
    return `  <Item name="${escaped(name)}"${of_band}>${escaped(value)}</Item>\n`
  })
  return [
    ...(items.length > 0
      ? [{ tag: tags.gdal_metadata, type: ASCII, values: `<GDALMetadata>\n${items.join('')}</GDALMetadata>\n\0` }]
      : []),
    ...(nodata === undefined ? [] : [{ tag: tags.gdal_nodata, type: ASCII, values: `${nodata}\0` }]),
  ]
}

function directoryBytes(fields: Field[], at: number, isBig: boolean): Buffer {
  const sorted = [...fields].sort((one, other) => one.tag - other.tag)
  const [count_bytes, entry_bytes, next_bytes, inline_bytes] = isBig ? [8, 20, 8, 8] : [2, 12, 4, 4]
  const head = Buffer.alloc(count_bytes + sorted.length * entry_bytes + next_bytes)
  if (isBig) head.writeBigUInt64LE(BigInt(sorted.length), 0)
  else head.writeUInt16LE(sorted.length, 0)
  const outside: Buffer[] = []
  let outside_at = at + head.length
  for (const [index, { tag, type, values }] of sorted.entries()) {
    const entry = count_bytes + index * entry_bytes
    const bytes = valueBytes(type, values)
    const count = bytes.length / (typeBytes[type] ?? 1)
    head.writeUInt16LE(tag, entry)
    head.writeUInt16LE(type, entry + 2)
    if (isBig) head.writeBigUInt64LE(BigInt(count), entry + 4)
    else head.writeUInt32LE(count, entry + 4)
    const value_at = entry + (isBig ? 12 : 8)
    if (bytes.length <= inline_bytes) {
      bytes.copy(head, value_at)
      continue
    }
    if (isBig) head.writeBigUInt64LE(BigInt(outside_at), value_at)
    else head.writeUInt32LE(outside_at, value_at)
    const padded = bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)])
    outside.push(padded)
    outside_at += padded.length
  }
  return Buffer.concat([head, ...outside])
}

function valueBytes(type: number, values: number[] | string): Buffer {
  if (typeof values === 'string') return Buffer.from(values, 'utf8')
  const size = typeBytes[type] ?? 1
  const bytes = Buffer.alloc(values.length * size)
  for (const [index, value] of values.entries()) {
    if (type === SHORT) bytes.writeUInt16LE(value, index * size)
    else if (type === LONG) bytes.writeUInt32LE(value, index * size)
    else if (type === LONG8) bytes.writeBigUInt64LE(BigInt(value), index * size)
    else bytes.writeDoubleLE(value, index * size)
  }
  return bytes
}
