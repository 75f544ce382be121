import type { SampleKind } from '@tidemark/core/projects/file-facts.ts'
import type { Window } from '@tidemark/core/imagery/grid.ts'

export type Samples =
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>

const arrays = {
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const

export const sampleBytes: Record<SampleKind, number> = {
  uint8: 1,
  uint16: 2,
  uint32: 4,
  int8: 1,
  int16: 2,
  int32: 4,
  float32: 4,
  float64: 8,
}

/** Room for so many values of a kind. */
export function samplesOf(kind: SampleKind, length: number): Samples {
  return new arrays[kind](length)
}

/** The same bytes as values; they are copied when they do not begin at a multiple of the size of one. */
export function viewAs(kind: SampleKind, bytes: Uint8Array): Samples {
  const size = sampleBytes[kind]
  const aligned = bytes.byteOffset % size === 0 && bytes.buffer instanceof ArrayBuffer ? bytes : bytes.slice()
  return new arrays[kind](aligned.buffer as ArrayBuffer, aligned.byteOffset, Math.floor(aligned.byteLength / size))
}

/** A picture whose values can be read window by window, each band by itself, row by row, as they are stored. */
export interface Raster {
  readonly width: number
  readonly height: number
  readonly bands: number
  readonly sample: SampleKind
  /**
   * Windows in which it is read without decoding anything twice: squares along its tiles, or bands of whole rows. They
   * cover it without overlap, from top to bottom.
   */
  windows(within?: Window): Window[]
  /** Values of the named bands over a window that lies on the picture whole. */
  read(bands: readonly number[], window: Window): Promise<Samples[]>
  close(): Promise<void>
}

/** The side of a window over tiles. */
export const WINDOW_PX = 512
