import type { ByteSource } from './byte-source.ts'
import { notSupported, tooLarge, unreadable } from './refuse.ts'

/**
 * The skeleton of a TIFF file, classic or BigTIFF, in either byte order: its directories and their fields. Read here and not
 * by a library because a file from outside may lie about every number in it: directories that lead in a circle, fields of
 * gigabytes, tiles beyond the end. Sources: TIFF 6.0 (Adobe, 1992) and the BigTIFF design (libtiff).
 */
export interface TiffFile {
  source: ByteSource
  is_little_endian: boolean
  is_bigtiff: boolean
  directories: TiffDirectory[]
}

export type TiffDirectory = ReadonlyMap<number, TiffField>

export interface TiffField {
  tag: number
  type: number
  count: number
  /** Where the values lie in the file. */
  offset: number
}

export const tags = {
  subfile: 254,
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  description: 270,
  strip_offsets: 273,
  orientation: 274,
  samples: 277,
  rows_per_strip: 278,
  strip_bytes: 279,
  planar: 284,
  software: 305,
  date_time: 306,
  predictor: 317,
  tile_width: 322,
  tile_height: 323,
  tile_offsets: 324,
  tile_bytes: 325,
  extra_samples: 338,
  sample_format: 339,
  jpeg_tables: 347,
  model_pixel_scale: 33550,
  model_tiepoint: 33922,
  model_transformation: 34264,
  geo_keys: 34735,
  geo_doubles: 34736,
  geo_ascii: 34737,
  gdal_metadata: 42112,
  gdal_nodata: 42113,
  lerc: 50674,
} as const

const DIRECTORIES_MAX = 64
const FIELDS_MAX = 1_024
/** Text in a field: metadata of GDAL are some kilobytes. */
const TEXT_BYTES_MAX = 1_000_000

/** Bytes of one value by the type of a field; a type that is not listed is skipped by every reader. */
const typeBytes: Record<number, number> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  10: 8,
  11: 4,
  12: 8,
  13: 4,
  16: 8,
  17: 8,
  18: 8,
}

/** @throws Problem `projects/image-unreadable` for a file that is no TIFF, is cut short or leads in a circle. */
export async function readTiff(source: ByteSource): Promise<TiffFile> {
  const head = await source.read(0, Math.min(16, source.bytes), 'the header')
  const order = head.toString('latin1', 0, 2)
  if (head.length < 8 || (order !== 'II' && order !== 'MM')) throw unreadable('This is no TIFF file.')
  const is_little_endian = order === 'II'
  const cursor = cursorOf(head, is_little_endian)
  const version = cursor.u16(2)
  const is_bigtiff = version === 43
  if (version !== 42 && !(is_bigtiff && head.length === 16 && cursor.u16(4) === 8))
    throw unreadable(`This is no TIFF file: its version is ${version}, and 42 or 43 is read.`)
  const directories: TiffDirectory[] = []
  const seen = new Set<number>()
  let at = is_bigtiff ? cursor.u64(8) : cursor.u32(4)
  while (at !== 0) {
    if (seen.has(at)) throw unreadable('The directories of the file lead in a circle.', { offset: at })
    if (directories.length >= DIRECTORIES_MAX)
      throw notSupported(`The file holds more than ${DIRECTORIES_MAX} pictures.`)
    seen.add(at)
    const { directory, next } = await readDirectory({ source, is_little_endian, is_bigtiff }, at)
    directories.push(directory)
    at = next
  }
  if (directories.length === 0) throw unreadable('The file holds no picture.')
  return { source, is_little_endian, is_bigtiff, directories }
}

type Skeleton = Omit<TiffFile, 'directories'>

async function readDirectory({ source, is_little_endian, is_bigtiff }: Skeleton, at: number) {
  const [count_bytes, entry_bytes, next_bytes] = is_bigtiff ? [8, 20, 8] : [2, 12, 4]
  const counted = cursorOf(await source.read(at, count_bytes, 'a directory'), is_little_endian)
  const count = is_bigtiff ? counted.u64(0) : counted.u16(0)
  if (count === 0 || count > FIELDS_MAX)
    throw unreadable(`A directory of the file has ${count} fields; 1 to ${FIELDS_MAX} are read.`)
  const body = await source.read(at + count_bytes, count * entry_bytes + next_bytes, 'a directory')
  const cursor = cursorOf(body, is_little_endian)
  const directory = new Map<number, TiffField>()
  for (let index = 0; index < count; index += 1) {
    const start = index * entry_bytes
    const [tag, type] = [cursor.u16(start), cursor.u16(start + 2)]
    const values = is_bigtiff ? cursor.u64(start + 4) : cursor.u32(start + 4)
    const bytes = (typeBytes[type] ?? 0) * values
    if (bytes === 0) continue
    const inline = start + (is_bigtiff ? 12 : 8)
    const isInline = bytes <= (is_bigtiff ? 8 : 4)
    const offset = isInline ? at + count_bytes + inline : is_bigtiff ? cursor.u64(inline) : cursor.u32(inline)
    if (offset + bytes > source.bytes)
      throw unreadable(
        `Field ${tag} should end at byte ${offset + bytes} of a file with ${source.bytes}. It is cut short or damaged; send it again whole.`,
        { tag, bytes: source.bytes },
      )
    if (!directory.has(tag)) directory.set(tag, { tag, type, count: values, offset })
  }
  return { directory, next: is_bigtiff ? cursor.u64(count * entry_bytes) : cursor.u32(count * entry_bytes) }
}

/**
 * The numbers of a field; undefined when it is absent. A rational is its quotient.
 * @throws Problem `projects/image-too-large` beyond `count_max`.
 */
export async function numbersOf(
  file: TiffFile,
  directory: TiffDirectory,
  tag: number,
  count_max: number,
): Promise<number[] | undefined> {
  const field = directory.get(tag)
  if (!field || field.type === 2) return undefined
  if (field.count > count_max)
    throw tooLarge(`Field ${tag} has ${field.count} values; ${count_max} are read.`, { tag, count: field.count })
  const size = typeBytes[field.type] ?? 0
  const bytes = await file.source.read(field.offset, size * field.count, `field ${tag}`)
  const read = readerOf(cursorOf(bytes, file.is_little_endian), field.type)
  return Array.from({ length: field.count }, (_, index) => read(index * size))
}

/** The first number of a field, or what a TIFF without it means. */
export async function numberOf(
  file: TiffFile,
  directory: TiffDirectory,
  tag: number,
  otherwise: number,
): Promise<number> {
  return (await numbersOf(file, directory, tag, 65_536))?.[0] ?? otherwise
}

/** The text of a field, up to its first zero; undefined when there is none, or far too much of it. */
export async function textOf(file: TiffFile, directory: TiffDirectory, tag: number): Promise<string | undefined> {
  const field = directory.get(tag)
  if (!field || field.count > TEXT_BYTES_MAX || (field.type !== 2 && field.type !== 7 && field.type !== 1))
    return undefined
  const bytes = await file.source.read(field.offset, field.count, `field ${tag}`)
  const end = bytes.indexOf(0)
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end)
}

/** The bytes of a field, as they are. */
export async function rawOf(file: TiffFile, directory: TiffDirectory, tag: number): Promise<Buffer | undefined> {
  const field = directory.get(tag)
  if (!field || field.count > TEXT_BYTES_MAX) return undefined
  return file.source.read(field.offset, field.count * (typeBytes[field.type] ?? 0), `field ${tag}`)
}

interface Cursor {
  u16(at: number): number
  u32(at: number): number
  /** @throws Problem when the number is beyond what a file can have. */
  u64(at: number): number
  bytes: Buffer
  is_little_endian: boolean
}

function cursorOf(bytes: Buffer, is_little_endian: boolean): Cursor {
  return {
    bytes,
    is_little_endian,
    u16: (at) => (is_little_endian ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at)),
    u32: (at) => (is_little_endian ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at)),
    u64(at) {
      const value = Number(is_little_endian ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at))
      if (!Number.isSafeInteger(value)) throw unreadable('The file names a place that no file reaches.')
      return value
    },
  }
}

function readerOf({ bytes, is_little_endian: little, u16, u32, u64 }: Cursor, type: number): (at: number) => number {
  const i32 = (at: number) => (little ? bytes.readInt32LE(at) : bytes.readInt32BE(at))
  const readers: Record<number, (at: number) => number> = {
    1: (at) => bytes.readUInt8(at),
    3: u16,
    4: u32,
    5: (at) => u32(at) / u32(at + 4),
    6: (at) => bytes.readInt8(at),
    7: (at) => bytes.readUInt8(at),
    8: (at) => (little ? bytes.readInt16LE(at) : bytes.readInt16BE(at)),
    9: i32,
    10: (at) => i32(at) / i32(at + 4),
    11: (at) => (little ? bytes.readFloatLE(at) : bytes.readFloatBE(at)),
    12: (at) => (little ? bytes.readDoubleLE(at) : bytes.readDoubleBE(at)),
    13: u32,
    16: u64,
    17: (at) => Number(little ? bytes.readBigInt64LE(at) : bytes.readBigInt64BE(at)),
    18: u64,
  }
  const reader = readers[type]
  if (!reader) throw unreadable(`A field has values of type ${type}, which are not numbers.`)
  return reader
}
