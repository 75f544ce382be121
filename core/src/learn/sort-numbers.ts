/**
 * Sorts numbers in place, ascending; -0 stands before 0. There must be no NaN. For long lists by their bits (radix sort, least
 * digit first): about half the time of the built-in sort.
 */
export function sortNumbers(values: Float64Array): Float64Array {
  if (values.length < SHORT || !little_endian) return values.sort()
  let keys = keysOf(values)
  let spare = new Uint32Array(keys.length)
  const counts = countDigits(keys)
  for (let digit = 0; digit < DIGITS; digit++) {
    const starts = counts.subarray(digit * RADIX, (digit + 1) * RADIX)
    // Where all share a digit, as whole numbers do the low ones, there is nothing to move.
    if (!startsOf(starts, values.length)) continue
    scatter(keys, spare, starts, digit)
    ;[keys, spare] = [spare, keys]
  }
  return writeValues(keys, values)
}

const SHORT = 4096
const DIGIT_BITS = 11
const RADIX = 1 << DIGIT_BITS
const DIGITS = 6
const little_endian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1

/** Bits whose order as whole numbers is that of the values: low word, high word in turn. */
function keysOf(values: Float64Array): Uint32Array<ArrayBuffer> {
  const keys = new Uint32Array(Float64Array.from(values).buffer)
  for (let at = 0; at < keys.length; at += 2) {
    const high = keys[at + 1]!
    if (high >>> 31 === 1) {
      keys[at] = ~keys[at]!
      keys[at + 1] = ~high
    } else keys[at + 1] = high | 0x80000000
  }
  return keys
}

function writeValues(keys: Uint32Array, values: Float64Array): Float64Array {
  for (let at = 0; at < keys.length; at += 2) {
    const high = keys[at + 1]!
    if (high >>> 31 === 0) {
      keys[at] = ~keys[at]!
      keys[at + 1] = ~high
    } else keys[at + 1] = high & 0x7fffffff
  }
  values.set(new Float64Array(keys.buffer))
  return values
}

function digitOf(low: number, high: number, digit: number): number {
  const from = digit * DIGIT_BITS
  if (from >= 32) return (high >>> (from - 32)) & (RADIX - 1)
  const bits = low >>> from
  return (from + DIGIT_BITS > 32 ? bits | (high << (32 - from)) : bits) & (RADIX - 1)
}

function countDigits(keys: Uint32Array): Uint32Array {
  const counts = new Uint32Array(DIGITS * RADIX)
  for (let at = 0; at < keys.length; at += 2) {
    const low = keys[at]!
    const high = keys[at + 1]!
    for (let digit = 0; digit < DIGITS; digit++) counts[digit * RADIX + digitOf(low, high, digit)]!++
  }
  return counts
}

/** Turns counts into places to begin at. False: one digit has them all. */
function startsOf(counts: Uint32Array, length: number): boolean {
  let start = 0
  for (let digit = 0; digit < RADIX; digit++) {
    const count = counts[digit]!
    if (count === length) return false
    counts[digit] = start
    start += count
  }
  return true
}

function scatter(from: Uint32Array, to: Uint32Array, starts: Uint32Array, digit: number): void {
  for (let at = 0; at < from.length; at += 2) {
    const low = from[at]!
    const high = from[at + 1]!
    const place = 2 * starts[digitOf(low, high, digit)]!++
    to[place] = low
    to[place + 1] = high
  }
}
