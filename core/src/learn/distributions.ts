/**
 * The few laws of chance that tests and intervals here rest on, each good to twelve digits or better where it is used.
 * Sources: W. Press et al., *Numerical Recipes* (3rd ed.), 6.1 to 6.2 and 14.3; M. Wichura, algorithm AS 241 (1988).
 */

const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
]

/** The logarithm of the gamma function, for x > 0 (Lanczos's series with g = 7). */
export function lnGamma(x: number): number {
  let sum = 0.9999999999998099
  for (const [i, weight] of LANCZOS.entries()) sum += weight / (x + i)
  const shifted = x + 6.5
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(shifted) - shifted + Math.log(sum)
}

/** The chance that a chi-square of `freedom` degrees is at least `value`. */
export function chiSquareTail(value: number, freedom: number): number {
  if (!(value > 0)) return 1
  const a = freedom / 2
  const x = value / 2
  const front = Math.exp(a * Math.log(x) - x - lnGamma(a))
  return x < a + 1 ? 1 - front * gammaSeries(a, x) : Math.min(1, front * gammaFraction(a, x))
}

/** The lower incomplete gamma function over its front factor: quick where x is below a. */
function gammaSeries(a: number, x: number): number {
  let term = 1 / a
  let sum = term
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= x / (a + n)
    sum += term
  }
  return sum
}

/** The upper incomplete gamma function over its front factor, by Lentz's continued fraction: quick where x is above a. */
function gammaFraction(a: number, x: number): number {
  const tiny = 1e-300
  let b = x + 1 - a
  let c = 1 / tiny
  let d = 1 / b
  let product = d
  for (let i = 1; i <= 100_000; i++) {
    const weight = -i * (i - a)
    b += 2
    d = weight * d + b
    if (Math.abs(d) < tiny) d = tiny
    c = b + weight / c
    if (Math.abs(c) < tiny) c = tiny
    d = 1 / d
    product *= d * c
    if (Math.abs(d * c - 1) < 1e-15) break
  }
  return product
}

/** The value that a chi-square of `freedom` degrees exceeds with the chance `tail`. */
export function chiSquareUpper(tail: number, freedom: number): number {
  let low = 0
  let high = freedom + 10
  while (chiSquareTail(high, freedom) > tail) high *= 2
  for (let i = 0; i < 200 && high - low > 1e-13 * high; i++) {
    const middle = (low + high) / 2
    if (chiSquareTail(middle, freedom) > tail) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** The chance that the supremum of a Brownian bridge is at least `value`: Kolmogorov's law of his distance. */
export function kolmogorovTail(value: number): number {
  if (!(value > 0)) return 1
  // The two series are the same number; each is quick where the other is slow.
  if (value < 1.18) {
    const y = Math.exp(-(Math.PI ** 2) / (8 * value * value))
    return 1 - (Math.sqrt(2 * Math.PI) / value) * (y + y ** 9 + y ** 25 + y ** 49)
  }
  const x = Math.exp(-2 * value * value)
  return 2 * (x - x ** 4 + x ** 9)
}

/** The chance that a standard normal number is at most `value`, through the chi-square of one degree. */
export function normalBelow(value: number): number {
  const tail = chiSquareTail(value * value, 1) / 2
  return value > 0 ? 1 - tail : tail
}

/** Wichura's AS 241: numerator and denominator of each of the three ranges, from the highest power. */
const NORMAL_MIDDLE = [
  [
    2509.0809287301227, 33430.57558358813, 67265.7709270087, 45921.95393154987, 13731.69376550946, 1971.5909503065513,
    133.14166789178438, 3.3871328727963665,
  ],
  [
    5226.495278852546, 28729.085735721943, 39307.89580009271, 21213.794301586597, 5394.196021424751, 687.1870074920579,
    42.31333070160091, 1,
  ],
] as const
const NORMAL_SIDE = [
  [
    0.0007745450142783414, 0.022723844989269184, 0.2417807251774506, 1.2704582524523684, 3.6478483247632045,
    5.769497221460691, 4.630337846156546, 1.4234371107496835,
  ],
  [
    1.0507500716444169e-9, 0.0005475938084995345, 0.015198666563616457, 0.14810397642748008, 0.6897673349851,
    1.6763848301838038, 2.053191626637759, 1,
  ],
] as const
const NORMAL_TAIL = [
  [
    2.0103343992922881e-7, 2.7115555687434876e-5, 0.0012426609473880784, 0.026532189526576124, 0.29656057182850487,
    1.7848265399172913, 5.463784911164114, 6.657904643501103,
  ],
  [
    2.0442631033899397e-15, 1.421511758316446e-7, 1.8463183175100548e-5, 0.0007868691311456133, 0.014875361290850615,
    0.1369298809227358, 0.599832206555888, 1,
  ],
] as const

/** The value that a standard normal number stays below with the chance `share`. */
export function normalQuantile(share: number): number {
  const q = share - 0.5
  if (Math.abs(q) <= 0.425) return q * ratioAt(NORMAL_MIDDLE, 0.180625 - q * q)
  const root = Math.sqrt(-Math.log(q < 0 ? share : 1 - share))
  return Math.sign(q) * (root <= 5 ? ratioAt(NORMAL_SIDE, root - 1.6) : ratioAt(NORMAL_TAIL, root - 5))
}

function ratioAt([above, below]: readonly [readonly number[], readonly number[]], x: number): number {
  const horner = (sum: number, weight: number) => sum * x + weight
  return above.reduce(horner, 0) / below.reduce(horner, 0)
}
