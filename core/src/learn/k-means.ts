import { z } from 'zod'
import { matrixOver, rowOf, type Matrix } from './matrix.ts'
import { randomOf, type Random } from './random.ts'
import { readModelFile } from './read-model-file.ts'
import { demandColumns, demandNumbers, demandOption } from './unfit.ts'

/** Centres, each row belonging to the nearest. */
export interface KMeans {
  /** `centre_count × column_count`, in the units of the table; the largest group first. */
  centres: Matrix
  /** How many rows of the fit belong to each. */
  row_counts: Uint32Array
  /** The sum of squared distances of the rows to their centres; the fit seeks the least. */
  inertia: number
}

export interface KMeansOptions {
  /** How many beginnings are tried; the best end is kept. 10 by default. */
  restarts?: number
  /** How many times rows change hands at most, in each; 300 by default. */
  rounds_max?: number
  /** 0 by default. */
  seed?: number
  /** Called after each beginning; throwing from it cancels the fit. */
  report?: (done: { step: number; of: number; loss: number }) => void
}

/**
 * Groups of rows around centres: S. P. Lloyd's rounds (IEEE Trans. Inf. Theory 28, 1982) from beginnings that lie apart
 * (k-means++; D. Arthur and S. Vassilvitskii, SODA 2007). Where fewer rows differ than centres are asked for, there are as
 * many centres as different rows. Refuses missing values, infinities and more centres than rows (`learn/data-unfit`).
 */
export function fitKMeans(matrix: Matrix, centre_count: number, options: KMeansOptions = {}): KMeans {
  const { restarts = 10, rounds_max = 300, seed = 0, report } = options
  demandNumbers(matrix, 'refused')
  demandOption('centre_count', centre_count, { least: 1, most: matrix.row_count, whole: true })
  demandOption('restarts', restarts, { least: 1, most: 10_000, whole: true })
  demandOption('rounds_max', rounds_max, { least: 1, most: 1_000_000, whole: true })
  const random = randomOf(seed)
  let best: KMeans | undefined
  for (let step = 1; step <= restarts; step++) {
    const found = lloyd(matrix, firstCentres(matrix, centre_count, random.fork(step)), rounds_max)
    if (best === undefined || found.inertia < best.inertia) best = found
    report?.({ step, of: restarts, loss: best.inertia })
  }
  return largestFirst(best ?? lloyd(matrix, firstCentres(matrix, centre_count, random), rounds_max))
}

export interface Nearest {
  /** The centre nearest to each row; the first among equals. */
  centre: Uint32Array
  /** How far it is, squared. */
  squared_distance: Float64Array
}

/** To which centre each row belongs. Refuses other columns, missing values and infinities (`learn/data-unfit`). */
export function nearestCentres({ centres }: KMeans, matrix: Matrix): Nearest {
  demandColumns(matrix, centres.column_count)
  if (matrix.values.length > 0) demandNumbers(matrix, 'refused')
  return assign(matrix, centres)
}

/** Rounds of moving centres and rows until no row changes hands; most rows are spared the search by their bounds. */
function lloyd(matrix: Matrix, first: Matrix, rounds_max: number): KMeans {
  let centres = first
  let nearest = assign(matrix, centres)
  let bounds = boundsFor(matrix, centres)
  for (let round = 0; round < rounds_max; round++) {
    const moved = moveCentres(matrix, centres, bounds.own)
    const is_changed = followCentres(matrix, centres, moved, bounds)
    centres = moved
    if (is_changed && round + 1 < rounds_max) continue
    // Bounds are rounded; a last look at all distances says whether it is really over.
    nearest = assign(matrix, centres)
    if (nearest.centre.every((centre, r) => centre === bounds.own[r])) break
    bounds = boundsFor(matrix, centres)
  }
  const row_counts = new Uint32Array(centres.row_count)
  for (const centre of nearest.centre) row_counts[centre]!++
  return { centres, row_counts, inertia: nearest.squared_distance.reduce((sum, d) => sum + d, 0) }
}

/** Each centre goes to the mean of its rows; one without rows goes to the row that is farthest from its own. */
function moveCentres(matrix: Matrix, centres: Matrix, own: Uint32Array): Matrix {
  const { column_count } = matrix
  const sums = new Float64Array(centres.values.length)
  const counts = new Uint32Array(centres.row_count)
  for (let r = 0; r < matrix.row_count; r++) {
    const centre = own[r]!
    counts[centre]!++
    for (let c = 0; c < column_count; c++) sums[centre * column_count + c]! += matrix.values[r * column_count + c]!
  }
  const lonely = counts.includes(0) ? assign(matrix, centres).squared_distance : new Float64Array(0)
  for (let k = 0; k < centres.row_count; k++) {
    if (counts[k]! > 0) for (let c = 0; c < column_count; c++) sums[k * column_count + c]! /= counts[k]!
    else {
      const farthest = indexOfMost(lonely)
      lonely[farthest] = 0
      sums.set(rowOf(matrix, farthest), k * column_count)
    }
  }
  return matrixOver(sums, centres.row_count, column_count)
}

/**
 * Of each row its centre, at most how far it is, and at least how far every other one is. While the first stays below the
 * second, the row stays where it is (G. Hamerly, SDM 2010).
 */
interface Bounds {
  own: Uint32Array
  own_most: Float64Array
  others_least: Float64Array
}

function boundsFor(matrix: Matrix, centres: Matrix): Bounds {
  const { row_count } = matrix
  const bounds = {
    own: new Uint32Array(row_count),
    own_most: new Float64Array(row_count),
    others_least: new Float64Array(row_count),
  }
  for (let r = 0; r < row_count; r++) search(matrix, r, centres, bounds)
  return bounds
}

/** Widens the bounds by how far centres moved, and searches for the rows that may have changed hands; whether one did. */
function followCentres(matrix: Matrix, before: Matrix, centres: Matrix, bounds: Bounds): boolean {
  const { own, own_most, others_least } = bounds
  const moves = Float64Array.from({ length: centres.row_count }, (_, k) =>
    Math.sqrt(squaredDistance(before, k, centres, k)),
  )
  const farthest = indexOfMost(moves)
  const most = moves[farthest]!
  const second = moves.reduce((largest, move, k) => (k === farthest ? largest : Math.max(largest, move)), 0)
  const halves = halfGaps(centres)
  let is_changed = false
  for (let r = 0; r < matrix.row_count; r++) {
    const centre = own[r]!
    own_most[r]! += moves[centre]!
    others_least[r]! -= centre === farthest ? second : most
    const limit = Math.max(others_least[r]!, halves[centre]!)
    if (own_most[r]! < limit) continue
    own_most[r] = Math.sqrt(squaredDistance(matrix, r, centres, centre))
    if (own_most[r]! < limit) continue
    search(matrix, r, centres, bounds)
    if (own[r] !== centre) is_changed = true
  }
  return is_changed
}

/** The nearest centre and the distances to it and to the next. */
function search(matrix: Matrix, row: number, centres: Matrix, { own, own_most, others_least }: Bounds): void {
  let least = Infinity
  let next = Infinity
  for (let k = 0; k < centres.row_count; k++) {
    const distance = squaredDistance(matrix, row, centres, k)
    if (distance < least) {
      next = least
      least = distance
      own[row] = k
    } else if (distance < next) next = distance
  }
  own_most[row] = Math.sqrt(least)
  others_least[row] = Math.sqrt(next)
}

/** Of each centre half the way to its nearest neighbour: closer than that, a row can belong to no other. */
function halfGaps(centres: Matrix): Float64Array {
  const halves = new Float64Array(centres.row_count).fill(Infinity)
  for (let k = 0; k < centres.row_count; k++)
    for (let other = 0; other < k; other++) {
      const half = Math.sqrt(squaredDistance(centres, k, centres, other)) / 2
      halves[k] = Math.min(halves[k]!, half)
      halves[other] = Math.min(halves[other]!, half)
    }
  return halves
}

/** The first centre is a row of chance; each next one too, with odds by its squared distance from those there are. */
function firstCentres(matrix: Matrix, centre_count: number, random: Random): Matrix {
  const chosen = new Float64Array(centre_count * matrix.column_count)
  const distances = new Float64Array(matrix.row_count).fill(Infinity)
  let row = random.integer(matrix.row_count)
  let count = 0
  for (;;) {
    chosen.set(rowOf(matrix, row), count * matrix.column_count)
    count++
    let total = 0
    for (let r = 0; r < matrix.row_count; r++) {
      distances[r] = Math.min(distances[r]!, squaredDistance(matrix, r, matrix, row))
      total += distances[r]!
    }
    // No row is left that differs from the centres: more of them would be the same ones again.
    if (count === centre_count || total === 0) break
    row = drawBy(distances, total, random)
  }
  return matrixOver(chosen.slice(0, count * matrix.column_count), count, matrix.column_count)
}

function drawBy(odds: Float64Array, total: number, random: Random): number {
  let left = random.next() * total
  let last = 0
  for (let r = 0; r < odds.length; r++) {
    if (odds[r] === 0) continue
    last = r
    left -= odds[r]!
    if (left < 0) return r
  }
  return last
}

function assign(matrix: Matrix, centres: Matrix): Nearest {
  const centre = new Uint32Array(matrix.row_count)
  const squared_distance = new Float64Array(matrix.row_count)
  for (let r = 0; r < matrix.row_count; r++) {
    let least = Infinity
    for (let k = 0; k < centres.row_count; k++) {
      const distance = squaredDistance(matrix, r, centres, k)
      if (distance >= least) continue
      least = distance
      centre[r] = k
    }
    squared_distance[r] = least
  }
  return { centre, squared_distance }
}

function squaredDistance({ values, column_count }: Matrix, row: number, others: Matrix, other: number): number {
  const at = row * column_count
  const to = other * column_count
  let sum = 0
  for (let c = 0; c < column_count; c++) {
    const difference = values[at + c]! - others.values[to + c]!
    sum += difference * difference
  }
  return sum
}

function indexOfMost(numbers: Float64Array): number {
  let most = 0
  for (let i = 1; i < numbers.length; i++) if (numbers[i]! > numbers[most]!) most = i
  return most
}

function largestFirst({ centres, row_counts, inertia }: KMeans): KMeans {
  const order = Array.from(row_counts.keys()).sort((a, b) => row_counts[b]! - row_counts[a]! || a - b)
  const values = new Float64Array(centres.values.length)
  order.forEach((from, to) => values.set(rowOf(centres, from), to * centres.column_count))
  return {
    centres: matrixOver(values, centres.row_count, centres.column_count),
    row_counts: Uint32Array.from(order, (k) => row_counts[k]!),
    inertia,
  }
}

export type KMeansFile = z.infer<typeof KMeansFile>
export const KMeansFile = z.object({
  kind: z.literal('k-means'),
  version: z.literal(1),
  centres: z.array(z.array(z.number()).min(1).max(1_000_000)).min(1).max(1_000_000),
  row_counts: z.array(z.number().int().min(0).max(0xffff_ffff)),
  inertia: z.number().min(0),
})

export function writeKMeans({ centres, row_counts, inertia }: KMeans): KMeansFile {
  const lists = Array.from(row_counts, (_, k) => [...rowOf(centres, k)])
  return { kind: 'k-means', version: 1, centres: lists, row_counts: [...row_counts], inertia }
}

/** Refuses what is not one, or has centres of different lengths: `learn/model-file-invalid`. */
export function readKMeans(file: unknown): KMeans {
  const whole = KMeansFile.refine(
    ({ centres, row_counts }) =>
      row_counts.length === centres.length && centres.every((centre) => centre.length === centres[0]?.length),
    'every centre must have one number per column and a count of rows',
  )
  const { centres, row_counts, inertia } = readModelFile(whole, file, 'a k-means model')
  return {
    centres: matrixOver(Float64Array.from(centres.flat()), centres.length, centres[0]?.length ?? 0),
    row_counts: Uint32Array.from(row_counts),
    inertia,
  }
}
