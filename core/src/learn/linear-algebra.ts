import { invariant } from '../lib/invariant.ts'

/** Square matrices here are `size × size` numbers, one row after the other. */

/** How much of a diagonal element may be left before a column counts as a sum of those before it. */
const PIVOT_LEFT_MIN = 1e-13

/**
 * The lower triangle L of a symmetric positive definite matrix with L Lᵀ = A (only the lower triangle of A is read), or
 * the index of the first column that, to within rounding, is a sum of those before it.
 */
export function cholesky(a: Float64Array, size: number): Float64Array | number {
  invariant(a.length === size * size, 'a square matrix holds size × size numbers')
  const lower = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = a[i * size + j]!
      for (let k = 0; k < j; k++) rest -= lower[i * size + k]! * lower[j * size + k]!
      if (i !== j) lower[i * size + j] = rest / lower[j * size + j]!
      // Asked the other way round, NaN would pass.
      else if (rest > PIVOT_LEFT_MIN * a[i * size + i]!) lower[i * size + i] = Math.sqrt(rest)
      else return i
    }
  }
  return lower
}

/** Solves L Lᵀ x = b for the triangle that `cholesky` gave. */
export function solveCholesky(lower: Float64Array, b: Float64Array): Float64Array {
  const size = b.length
  invariant(lower.length === size * size, 'triangle and right-hand side have one size')
  const x = Float64Array.from(b)
  for (let i = 0; i < size; i++) {
    let rest = x[i]!
    for (let k = 0; k < i; k++) rest -= lower[i * size + k]! * x[k]!
    x[i] = rest / lower[i * size + i]!
  }
  for (let i = size - 1; i >= 0; i--) {
    let rest = x[i]!
    for (let k = i + 1; k < size; k++) rest -= lower[k * size + i]! * x[k]!
    x[i] = rest / lower[i * size + i]!
  }
  return x
}

export interface SymmetricEigen {
  /** From the greatest to the least. */
  values: Float64Array
  /** One eigenvector of length 1 after the other, in the same order: vector k stands at `k * size`. */
  vectors: Float64Array
}

/**
 * Eigenvalues and eigenvectors of a symmetric matrix by Jacobi's rotations, row by row, until what is off the diagonal is
 * lost in rounding. Accurate and simple; takes some size³ × 40 steps, a second for 300 columns. The sign of each vector is
 * chosen so that its largest component (the first among equals) is positive.
 *
 * Source: C. G. J. Jacobi (1846); G. E. Forsythe and P. Henrici, Trans. AMS 94 (1960), for the cyclic order.
 */
export function symmetricEigen(matrix: Float64Array, size: number): SymmetricEigen {
  invariant(matrix.length === size * size, 'a square matrix holds size × size numbers')
  const largest = matrix.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  invariant(Number.isFinite(largest), 'a matrix with eigenvalues is finite')
  // Scaled by a power of two, so that nothing is rounded and no square overflows.
  const scale = largest === 0 ? 1 : 2 ** Math.floor(Math.log2(largest))
  const a = matrix.map((x) => x / scale)
  const vectors = new Float64Array(size * size)
  for (let i = 0; i < size; i++) vectors[i * size + i] = 1
  const total = sumOfSquares(a)
  const SWEEPS_MAX = 60
  for (let sweep = 0; offDiagonal(a, size) > 1e-32 * total; sweep++) {
    invariant(sweep < SWEEPS_MAX, 'Jacobi rotations converge, quadratically once the matrix is nearly diagonal')
    for (let p = 0; p < size - 1; p++) for (let q = p + 1; q < size; q++) rotate(a, vectors, size, p, q)
  }
  const order = Array.from({ length: size }, (_, i) => i).sort((i, j) => a[j * size + j]! - a[i * size + i]! || i - j)
  const sorted = new Float64Array(size * size)
  order.forEach((from, to) => sorted.set(upright(vectors.subarray(from * size, (from + 1) * size)), to * size))
  return { values: Float64Array.from(order, (i) => a[i * size + i]! * scale), vectors: sorted }
}

/** Turns the plane of p and q so that the element between them vanishes; `vectors` holds one vector per row. */
function rotate(a: Float64Array, vectors: Float64Array, size: number, p: number, q: number): void {
  const between = a[p * size + q]!
  if (between === 0) return
  const half_cotangent = (a[q * size + q]! - a[p * size + p]!) / (2 * between)
  // The smaller of the two angles that do it; a quotient that overflows leaves a tangent of 0, which is right.
  const tangent = (half_cotangent < 0 ? -1 : 1) / (Math.abs(half_cotangent) + Math.hypot(half_cotangent, 1))
  const cosine = 1 / Math.hypot(tangent, 1)
  const sine = tangent * cosine
  for (let k = 0; k < size; k++) {
    const kp = a[k * size + p]!
    const kq = a[k * size + q]!
    a[k * size + p] = cosine * kp - sine * kq
    a[k * size + q] = sine * kp + cosine * kq
  }
  turnRows(a, size, p, q, cosine, sine)
  turnRows(vectors, size, p, q, cosine, sine)
  a[p * size + q] = a[q * size + p] = 0
}

function turnRows(a: Float64Array, size: number, p: number, q: number, cosine: number, sine: number): void {
  for (let k = 0; k < size; k++) {
    const pk = a[p * size + k]!
    const qk = a[q * size + k]!
    a[p * size + k] = cosine * pk - sine * qk
    a[q * size + k] = sine * pk + cosine * qk
  }
}

function upright(vector: Float64Array): Float64Array {
  let largest = 0
  // What differs by rounding only counts as equal, or the sign would hang on the last bit.
  for (const x of vector) if (Math.abs(x) > Math.abs(largest) * (1 + 1e-9)) largest = x
  return largest < 0 ? vector.map((x) => -x) : vector
}

function offDiagonal(a: Float64Array, size: number): number {
  let sum = 0
  for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) if (i !== j) sum += a[i * size + j]! ** 2
  return sum
}

function sumOfSquares(numbers: Float64Array): number {
  let sum = 0
  for (const x of numbers) sum += x * x
  return sum
}
