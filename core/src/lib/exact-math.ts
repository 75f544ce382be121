/**
 * The transcendental functions that the engine needs, built from +, -, ×, ÷ and √ alone. IEEE 754 fixes those five to
 * the last bit and leaves Math.sin, Math.exp and Math.log to each engine: with them, two browsers may sign two digests
 * for one inventory. Accurate to about one unit in the fifteenth digit, which `exact-math.test.ts` checks.
 */

const LN2_HIGH = 0.69314718036912381649
const LN2_LOW = 1.90821492927058770002e-10
const LN2 = 0.6931471805599453
const PI = 3.141592653589793

const bits = new DataView(new ArrayBuffer(8))

/** Natural logarithm of a positive finite number. */
export function ln(x: number): number {
  if (!(x > 0) || x === Infinity) throw new RangeError(`ln needs a positive finite number, got ${x}`)
  // Subnormal numbers have no implicit leading bit; scaling them up first keeps the exponent arithmetic simple.
  if (x < 2.2250738585072014e-308) return ln(x * 2 ** 54) - 54 * LN2
  bits.setFloat64(0, x)
  let exponent = ((bits.getUint32(0) >>> 20) & 0x7ff) - 1023
  bits.setUint32(0, (bits.getUint32(0) & 0x000fffff) | 0x3ff00000)
  let mantissa = bits.getFloat64(0)
  if (mantissa > 1.4142135623730951) {
    mantissa /= 2
    exponent += 1
  }
  // ln m = 2 artanh((m − 1) / (m + 1)); with m in [√½, √2] the series needs eleven terms.
  const s = (mantissa - 1) / (mantissa + 1)
  const s2 = s * s
  let series = 0
  for (let k = 23; k >= 3; k -= 2) series = s2 * (1 / k + series)
  return exponent * LN2_HIGH + (2 * s + (2 * s * series + exponent * LN2_LOW))
}

/** e to the power of x, for |x| ≤ 700. */
export function exp(x: number): number {
  if (!(Math.abs(x) <= 700)) throw new RangeError(`exp is kept to ±700, got ${x}`)
  const k = Math.round(x / LN2)
  const r = x - k * LN2_HIGH - k * LN2_LOW
  let sum = 1
  for (let n = 16; n >= 1; n -= 1) sum = 1 + (r / n) * sum
  return scaleByPowerOfTwo(sum, k)
}

function scaleByPowerOfTwo(x: number, k: number): number {
  let scaled = x
  const step = k < 0 ? 0.5 : 2
  for (let n = Math.abs(k); n > 0; n -= 1) scaled *= step
  return scaled
}

/** Sine of an angle in radians, for |x| ≤ 2π. */
export function sin(x: number): number {
  if (!(Math.abs(x) <= 6.3)) throw new RangeError(`sin is kept to one turn, got ${x}`)
  if (x < 0) return -sin(-x)
  if (x > PI) return -sin(x - PI)
  if (x > PI / 2) return sin(PI - x)
  return x > PI / 4 ? cosSeries(PI / 2 - x) : sinSeries(x)
}

/** Cosine of an angle in radians, for |x| ≤ 2π. */
export function cos(x: number): number {
  if (!(Math.abs(x) <= 6.3)) throw new RangeError(`cos is kept to one turn, got ${x}`)
  const y = Math.abs(x)
  if (y > PI) return -cos(y - PI)
  if (y > PI / 2) return -cos(PI - y)
  return y > PI / 4 ? sinSeries(PI / 2 - y) : cosSeries(y)
}

function sinSeries(x: number): number {
  const x2 = x * x
  let sum = 1
  for (let n = 20; n >= 2; n -= 2) sum = 1 - (x2 / (n * (n + 1))) * sum
  return x * sum
}

function cosSeries(x: number): number {
  const x2 = x * x
  let sum = 1
  for (let n = 21; n >= 1; n -= 2) sum = 1 - (x2 / (n * (n + 1))) * sum
  return sum
}

/** Arc sine in radians of x in [-1, 1]. */
export function asin(x: number): number {
  if (!(Math.abs(x) <= 1)) throw new RangeError(`asin needs a number from -1 to 1, got ${x}`)
  if (Math.abs(x) === 1) return (x * PI) / 2
  return atan(x / Math.sqrt((1 - x) * (1 + x)))
}

function atan(x: number): number {
  if (x < 0) return -atan(-x)
  if (x > 1) return PI / 2 - atan(1 / x)
  // Two halvings of the angle bring the argument below 0.2, where the series is short.
  const once = x / (1 + Math.sqrt(1 + x * x))
  const y = once / (1 + Math.sqrt(1 + once * once))
  const y2 = y * y
  let sum = 0
  for (let k = 27; k >= 1; k -= 2) sum = 1 / k - y2 * sum
  return 4 * y * sum
}
