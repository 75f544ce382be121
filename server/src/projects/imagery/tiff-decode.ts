import { promisify } from 'node:util'
import { inflate, zstdDecompress } from 'node:zlib'
import type { SampleKind } from '@tidemark/core/projects/file-facts.ts'
import { getDecoder } from 'geotiff'
import { sampleBytes } from './raster.ts'
import { notSupported, saidBy, unreadable } from './refuse.ts'

/** How the values of a tile or strip are packed. */
export interface Packing {
  compression: number
  predictor: number
  sample: SampleKind
  is_little_endian: boolean
  /** Values beside each other in a pixel of one block: 1 where every band has blocks of its own. */
  samples_per_pixel: number
  width_px: number
  jpeg_tables?: Uint8Array
  lerc?: number[]
}

const inflateBytes = promisify(inflate) as (
  bytes: Uint8Array,
  options: { maxOutputLength: number; chunkSize: number },
) => Promise<Buffer>
const unpackZstd = promisify(zstdDecompress) as typeof inflateBytes

const NONE = 1
const JPEG = 7
const LERC = 34_887
/** Packings by their number in the file. Deflate and Zstandard are unpacked by Node, which bounds what comes out. */
export const compressions: Record<number, string> = {
  [NONE]: 'none',
  5: 'lzw',
  [JPEG]: 'jpeg',
  8: 'deflate',
  32_773: 'packbits',
  32_946: 'deflate',
  [LERC]: 'lerc',
  50_000: 'zstd',
}

/**
 * The values of one block as bytes in the order of this machine, which is little-endian wherever Node runs.
 * @throws Problem `projects/image-unreadable` when it does not unpack to `bytes_expected`.
 */
export async function decodeBlock(
  packed: Buffer,
  packing: Packing,
  bytes_expected: number,
  what: string,
): Promise<Uint8Array> {
  const unpacked = await unpack(packed, packing, bytes_expected).catch((error: unknown) => {
    throw unreadable(`${what} does not unpack: ${saidBy(error)}. The file is damaged; write it again.`, { block: what })
  })
  if (unpacked.length < bytes_expected)
    throw unreadable(`${what} holds ${unpacked.length} bytes where ${bytes_expected} belong. The file is damaged.`, {
      block: what,
    })
  const bytes = unpacked.length > bytes_expected ? unpacked.subarray(0, bytes_expected) : unpacked
  if (packing.compression === JPEG || packing.compression === LERC) return bytes
  if (packing.predictor === 3) undoFloatPredictor(bytes, packing)
  else {
    if (!packing.is_little_endian) swap(bytes, sampleBytes[packing.sample])
    if (packing.predictor === 2) undoDifferences(bytes, packing)
  }
  return bytes
}

async function unpack(packed: Buffer, packing: Packing, bytes_expected: number): Promise<Uint8Array> {
  switch (packing.compression) {
    case NONE:
      return packed
    case 8:
    case 32_946:
      return inflateBytes(packed, { maxOutputLength: bytes_expected, chunkSize: bytes_expected + 64 })
    case 50_000:
      return unpackZstd(packed, { maxOutputLength: bytes_expected, chunkSize: bytes_expected + 64 })
    default: {
      const decoder = await getDecoder(packing.compression, {
        tileWidth: packing.width_px,
        tileHeight: 0,
        predictor: 1,
        bitsPerSample: Array(packing.samples_per_pixel).fill(sampleBytes[packing.sample] * 8),
        planarConfiguration: packing.samples_per_pixel > 1 ? 1 : 2,
        ...(packing.jpeg_tables ? { JPEGTables: packing.jpeg_tables } : {}),
        ...(packing.lerc ? { LercParameters: packing.lerc } : {}),
      })
      const exact = packed.buffer.slice(packed.byteOffset, packed.byteOffset + packed.byteLength)
      return new Uint8Array(await decoder.decodeBlock(exact))
    }
  }
}

/** @throws Problem `projects/image-not-supported` for a packing that is not unpacked here. */
export function refuseUnknownPacking({ compression, predictor, sample }: Packing): void {
  if (!(compression in compressions))
    throw notSupported(
      `The file is packed in a way that is not read here (compression ${compression}). Write it with deflate, LZW or Zstandard.`,
      { compression },
    )
  const isFloat = sample === 'float32' || sample === 'float64'
  const isKnown = predictor === 1 || (predictor === 2 && sample !== 'float64') || (predictor === 3 && isFloat)
  if (!isKnown)
    throw notSupported(`The file uses predictor ${predictor} on ${sample}, which is not read here.`, { predictor })
}

function swap(bytes: Uint8Array, size: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (size === 2) buffer.swap16()
  if (size === 4) buffer.swap32()
  if (size === 8) buffer.swap64()
}

/** Horizontal differencing (TIFF 6.0, section 14): every value was stored as what it adds to the one to its left. */
function undoDifferences(bytes: Uint8Array, { sample, samples_per_pixel: step, width_px }: Packing): void {
  const size = sampleBytes[sample]
  const count = bytes.byteLength / size
  const values =
    size === 1
      ? bytes
      : size === 2
        ? new Uint16Array(bytes.buffer, bytes.byteOffset, count)
        : new Uint32Array(bytes.buffer, bytes.byteOffset, count)
  const row = width_px * step
  for (let start = 0; start < count; start += row) {
    for (let at = start + step; at < start + row; at += 1) values[at] = (values[at] ?? 0) + (values[at - step] ?? 0)
  }
}

/** Floating point predictor (Adobe Photoshop TIFF Technical Note 3): bytes of a row sorted by weight, then differenced. */
function undoFloatPredictor(bytes: Uint8Array, { sample, samples_per_pixel: step, width_px }: Packing): void {
  const size = sampleBytes[sample]
  const values_per_row = width_px * step
  const row_bytes = values_per_row * size
  const sorted = new Uint8Array(row_bytes)
  for (let start = 0; start + row_bytes <= bytes.length; start += row_bytes) {
    const row = bytes.subarray(start, start + row_bytes)
    for (let at = step; at < row_bytes; at += 1) row[at] = (row[at] ?? 0) + (row[at - step] ?? 0)
    sorted.set(row)
    for (let value = 0; value < values_per_row; value += 1) {
      for (let byte = 0; byte < size; byte += 1)
        row[value * size + byte] = sorted[(size - 1 - byte) * values_per_row + value] ?? 0
    }
  }
}
