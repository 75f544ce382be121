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

function lloyd(matrix: Matrix, first: Matrix, rounds_max: number): KMeans {
  let centres = first
  let nearest = assign(matrix, centres)
  for (let round = 0; round < rounds_max; round++) {
    centres = moveCentres(matrix, centres, nearest)
    const next = assign(matrix, centres)
    const settled = next.centre.every((centre, r) => centre === nearest.centre[r])
    nearest = next
    if (settled) break
  }
  const row_counts = new Uint32Array(centres.row_count)
  for (const centre of nearest.centre) row_counts[centre]!++
  return { centres, row_counts, inertia: nearest.squared_distance.reduce((sum, d) => sum + d, 0) }
}

/** Each centre goes to the mean of its rows; one without rows goes to the row that is farthest from its own. */
function moveCentres(matrix: Matrix, centres: Matrix, nearest: Nearest): Matrix {
  const { column_count } = matrix
  const sums = new Float64Array(centres.values.length)
  const counts = new Uint32Array(centres.row_count)
  for (let r = 0; r < matrix.row_count; r++) {
    const centre = nearest.centre[r]!
    counts[centre]!++
    for (let c = 0; c < column_count; c++) sums[centre * column_count + c]! += matrix.values[r * column_count + c]!
  }
  const lonely = nearest.squared_distance.slice()
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

/** The first centre is a row of chance; each next one too, with odds by its squared distance from those there are. */
function firstCentres(matrix: Matrix, centre_count: number, random: Random): Matrix {
  const chosen = new Float64Array(centre_count * matrix.column_count)
  const distances = new Float64Array(matrix.row_count).fill(Infinity)
  let row = random.integer(matrix.row_count)
  let count = 0
  for (;;) {
    const centre = rowOf(matrix, row)
    chosen.set(centre, count * matrix.column_count)
    count++
    let total = 0
    for (let r = 0; r < matrix.row_count; r++) {
      distances[r] = Math.min(distances[r]!, squaredDistance(matrix, r, centre, 0))
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
      const distance = squaredDistance(matrix, r, centres.values, k * centres.column_count)
      if (distance >= least) continue
      least = distance
      centre[r] = k
    }
    squared_distance[r] = least
  }
  return { centre, squared_distance }
}

function squaredDistance({ values, column_count }: Matrix, row: number, centre: Float64Array, offset: number): number {
  let sum = 0
  for (let c = 0; c < column_count; c++) sum += (values[row * column_count + c]! - centre[offset + c]!) ** 2
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
