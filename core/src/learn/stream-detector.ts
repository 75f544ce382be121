import { z } from 'zod'
import { readModelFile } from './read-model-file.ts'
import { demandOption, refuseUnfit } from './unfit.ts'

/**
 * Finds what is unlike the recent past in one stream of values, one at a time. The last `window` values are a shape; how
 * far it is from its nearest neighbours among the latest `memory` shapes is its strangeness; how many of the latest
 * strangenesses were as large is its p-value. Nothing is assumed of the series. See docs/methods/learn-stream.md.
 *
 * The detector changes as it steps; `writeStreamDetector` gives what is needed to go on elsewhere.
 */
export interface StreamDetector {
  options: Required<StreamOptions>
  /** The latest values, oldest first, gaps filled with what was expected. */
  values: Float64Array
  /** 1 where a value was really there. */
  known: Uint8Array
  value_count: number
  /** The latest strangenesses, oldest first. */
  scores: Float64Array
  score_count: number
}

export interface StreamOptions {
  /** Values in a shape; 19 unless told. */
  window?: number
  /** Neighbours a shape is compared with; 15 unless told. */
  neighbours?: number
  /** Shapes remembered, and strangenesses; 750 unless told. The smallest p-value is 1 / (memory + 1). */
  memory?: number
  /** Strangenesses known before a p-value is given; 100 unless told. */
  learning_scores?: number
  /** Two values nearer than this are the same: the resolution of the sensor, in its unit; 0 unless told. */
  smallest_change?: number
}

export type StreamReading =
  /** No value came; `expected` is what would have been likely. */
  | { state: 'missing'; expected?: number }
  /** Too little has been seen, or too much of the shape is missing. */
  | { state: 'learning'; expected?: number }
  /** `score` is 1 - p_value. `strangeness` is the mean distance to the neighbours, in the unit of the values. */
  | { state: 'scored'; p_value: number; score: number; strangeness: number; expected: number }

/** Below this share of the mean size of the values a difference is none, so that a constant series has a scale too. */
const FLOOR_SHARE = 1e-4
/** A shape with a larger share of missing values is neither judged nor remembered as a neighbour. */
const MISSING_SHARE_MAX = 0.25

/** @throws {Problem} learn/data-unfit for an option outside its range. */
export function streamDetector(options: StreamOptions = {}): StreamDetector {
  const { window = 19, neighbours = 15, memory = 750, learning_scores = 100, smallest_change = 0 } = options
  demandOption('window', window, { least: 2, most: 1_000, whole: true })
  demandOption('neighbours', neighbours, { least: 1, most: 1_000, whole: true })
  demandOption('memory', memory, { least: neighbours + window, most: 20_000, whole: true })
  demandOption('learning_scores', learning_scores, { least: 1, most: memory, whole: true })
  demandOption('smallest_change', smallest_change, { least: 0, most: Number.MAX_VALUE })
  return {
    options: { window, neighbours, memory, learning_scores, smallest_change },
    values: new Float64Array(memory + window),
    known: new Uint8Array(memory + window),
    value_count: 0,
    scores: new Float64Array(memory),
    score_count: 0,
  }
}

/**
 * Takes one more value; NaN says that none came.
 *
 * @throws {Problem} learn/data-unfit for an infinite value, which is then not part of the stream.
 */
export function stepStream(detector: StreamDetector, value: number): StreamReading {
  const missing = Number.isNaN(value)
  if (!missing && !Number.isFinite(value)) refuseUnfit('A stream is made of finite numbers and gaps.', [])
  const { window, neighbours, learning_scores } = detector.options
  remember(detector, missing ? 0 : value, missing ? 0 : 1)
  const near = neighboursOf(detector, missing)
  if (missing) {
    // The likeliest value keeps the shape whole; where none is known the last one stands in.
    const before = detector.values[detector.value_count - 2] ?? 0
    detector.values[detector.value_count - 1] = near.expected ?? before
    return { state: 'missing', ...(near.expected === undefined ? {} : { expected: near.expected }) }
  }
  if (near.expected === undefined || detector.value_count < window || near.found < neighbours)
    return { state: 'learning', ...(near.expected === undefined ? {} : { expected: near.expected }) }
  const { strangeness, expected } = near
  const p_value = pValue(detector, strangeness)
  const enough = detector.score_count >= learning_scores
  append(detector, strangeness)
  return enough
    ? { state: 'scored', p_value, score: 1 - p_value, strangeness, expected }
    : { state: 'learning', expected }
}

/** The share of the remembered strangenesses, with this one, that are as large: small for what is strange. */
function pValue({ scores, score_count }: StreamDetector, strangeness: number): number {
  let as_large = 1
  for (let i = 0; i < score_count; i++) if (scores[i]! >= strangeness) as_large++
  return as_large / (score_count + 1)
}

interface Neighbourhood {
  /** Mean distance of the newest shape to its nearest neighbours. */
  strangeness: number
  /** The median of what followed the shapes most like the one before this value. */
  expected?: number
  found: number
}

/** One pass over the remembered shapes finds the neighbours of the whole shape and of the shape without its last value. */
function neighboursOf(detector: StreamDetector, missing: boolean): Neighbourhood {
  const { values, value_count, options } = detector
  const { window, neighbours } = options
  const whole = nearest(neighbours)
  const leading = nearest(neighbours)
  const now = value_count - window
  if (now < 0) return { strangeness: 0, found: 0 }
  const floor = floorOf(detector)
  const usable = usableShapes(detector)
  const judged = usable[now] === 1
  for (let start = 0; start < now; start++) {
    if (usable[start] === 0) continue
    let distance = 0
    for (let i = 0; i < window - 1; i++) {
      const off = Math.abs(values[start + i]! - values[now + i]!) - floor
      if (off > 0) distance += off * off
    }
    if (detector.known[start + window - 1] === 1) offer(leading, distance, values[start + window - 1]!)
    if (missing) continue
    const off = Math.abs(values[start + window - 1]! - values[now + window - 1]!) - floor
    offer(whole, off > 0 ? distance + off * off : distance, 0)
  }
  let sum = 0
  for (let i = 0; i < whole.count; i++) sum += Math.sqrt(whole.distances[i]!)
  const found = judged ? whole.count : 0
  const followed = leading.followers.subarray(0, leading.count).slice().sort()
  const middle = followed.length >> 1
  const expected = followed.length === 0 ? undefined : (followed[middle]! + followed[(followed.length - 1) >> 1]!) / 2
  return { strangeness: sum / Math.max(1, whole.count), found, ...(expected === undefined ? {} : { expected }) }
}

interface Nearest {
  distances: Float64Array
  followers: Float64Array
  count: number
}

function nearest(most: number): Nearest {
  return { distances: new Float64Array(most), followers: new Float64Array(most), count: 0 }
}

/** Keeps the nearest in order of their distance; of equals the older stays in front. */
function offer(kept: Nearest, distance: number, follower: number): void {
  const { distances, followers } = kept
  if (kept.count === distances.length) {
    if (distance >= distances[kept.count - 1]!) return
  } else kept.count++
  let at = kept.count - 1
  while (at > 0 && distances[at - 1]! > distance) {
    distances[at] = distances[at - 1]!
    followers[at] = followers[at - 1]!
    at--
  }
  distances[at] = distance
  followers[at] = follower
}

function floorOf({ values, known, value_count, options }: StreamDetector): number {
  let size = 0
  let count = 0
  for (let i = 0; i < value_count; i++) {
    if (known[i] === 0) continue
    size += Math.abs(values[i]!)
    count++
  }
  return Math.max(options.smallest_change, (FLOOR_SHARE * size) / Math.max(1, count))
}

/** 1 for each start of a shape that has enough values of its own. */
function usableShapes({ known, value_count, options: { window } }: StreamDetector): Uint8Array {
  const usable = new Uint8Array(Math.max(0, value_count - window + 1))
  let missing = 0
  for (let i = 0; i < value_count; i++) {
    missing += 1 - known[i]!
    if (i >= window) missing -= 1 - known[i - window]!
    if (i >= window - 1) usable[i - window + 1] = missing <= window * MISSING_SHARE_MAX ? 1 : 0
  }
  return usable
}

function remember(detector: StreamDetector, value: number, known: number): void {
  if (detector.value_count === detector.values.length) {
    detector.values.copyWithin(0, 1)
    detector.known.copyWithin(0, 1)
    detector.value_count--
  }
  detector.values[detector.value_count] = value
  detector.known[detector.value_count] = known
  detector.value_count++
}

function append(detector: StreamDetector, score: number): void {
  if (detector.score_count === detector.scores.length) {
    detector.scores.copyWithin(0, 1)
    detector.score_count--
  }
  detector.scores[detector.score_count] = score
  detector.score_count++
}

const StreamFile = z
  .strictObject({
    kind: z.literal('stream-detector'),
    version: z.literal(1),
    options: z.strictObject({
      window: z.int().min(2).max(1_000),
      neighbours: z.int().min(1).max(1_000),
      memory: z.int().min(3).max(20_000),
      learning_scores: z.int().min(1).max(20_000),
      smallest_change: z.number().nonnegative(),
    }),
    values: z.array(z.number()).max(21_000),
    /** '1' where a value was there, '0' where it was filled in. */
    known: z
      .string()
      .max(21_000)
      .regex(/^[01]*$/),
    scores: z.array(z.number().nonnegative()).max(20_000),
  })
  .refine(
    ({ values, known, scores, options: { memory, window, neighbours, learning_scores } }) =>
      memory >= neighbours + window &&
      learning_scores <= memory &&
      values.length === known.length &&
      values.length <= memory + window &&
      scores.length <= memory,
    'it holds no more than its options allow, and a mark for each value',
  )
export type StreamDetectorFile = z.infer<typeof StreamFile>

/** The detector as it stands; read back, it goes on to the bit as this one would. */
export function writeStreamDetector(detector: StreamDetector): StreamDetectorFile {
  const { values, known, value_count, scores, score_count, options } = detector
  return {
    kind: 'stream-detector',
    version: 1,
    options: { ...options },
    values: Array.from(values.subarray(0, value_count)),
    known: Array.from(known.subarray(0, value_count)).join(''),
    scores: Array.from(scores.subarray(0, score_count)),
  }
}

/** @throws {Problem} learn/model-file-invalid, before any memory is taken for what the file says it needs. */
export function readStreamDetector(file: unknown): StreamDetector {
  const read = readModelFile(StreamFile, file, 'a stream detector of version 1')
  const detector = streamDetector(read.options)
  detector.values.set(read.values)
  detector.known.set(Array.from(read.known, Number))
  detector.value_count = read.values.length
  detector.scores.set(read.scores)
  detector.score_count = read.scores.length
  return detector
}
