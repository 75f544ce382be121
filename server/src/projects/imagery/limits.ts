/** What is read at most. Everything here is asked before the first pixel is decoded. */
export interface ImageLimits {
  bytes_max: number
  side_px_max: number
  bands_max: number
  /** Decoded bytes of one tile or strip: the piece that has to be in memory whole. */
  block_bytes_max: number
  blocks_max: number
  /** Pixels times bands of what can only be decoded whole: JPEG 2000. */
  whole_samples_max: number
  /** Pixels of a photograph. */
  photo_pixels_max: number
}

export const imageLimits: ImageLimits = {
  bytes_max: 3_000_000_000,
  side_px_max: 25_000,
  bands_max: 64,
  block_bytes_max: 64 * 1024 * 1024,
  blocks_max: 2_000_000,
  whole_samples_max: 36_000_000,
  photo_pixels_max: 200_000_000,
}

/** What a process that decodes may take. */
export interface RunLimits {
  seconds_max: number
  /** Resident memory of the whole process: pixels lie in buffers, which no limit on a JavaScript heap covers. */
  memory_mb_max: number
}

export const inspectLimits: RunLimits = { seconds_max: 300, memory_mb_max: 900 }
export const measureLimits: RunLimits = { seconds_max: 900, memory_mb_max: 900 }
