import { invariant } from '../lib/invariant.ts'
import { Problem, pointer, shown, type Fault } from '../lib/problem.ts'
import { sha256Hex } from './encoding.ts'
import { NumberLexeme, type LosslessValue } from './strict-json.ts'

export { sha256Hex } from './encoding.ts'
export { NumberLexeme, parseStrict, plainOf, type JsonValue, type LosslessValue } from './strict-json.ts'

/**
 * Returns the one byte form of a JSON value: the JSON Canonicalization Scheme, RFC 8785. Keys in the order of their
 * UTF-16 units, numbers as ECMAScript writes them, no white space.
 *
 * A member whose value is `undefined` is left out, as `JSON.stringify` does. Anything that JSON cannot hold (NaN, a
 * bigint, a date, half a surrogate pair) is a bug of the caller.
 */
export function canonicalize(value: unknown): string {
  if (value === null || value === true || value === false) return String(value)
  if (typeof value === 'number') {
    invariant(Number.isFinite(value), `${value} has no JSON form`)
    // RFC 8785 3.2.2.3: minus zero is written as zero.
    return value === 0 ? '0' : String(value)
  }
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return `[${value.map(canonicalize).join(',')}]`
  invariant(isPlainObject(value), `a ${typeof value} has no JSON form`)
  const members: string[] = []
  for (const key of Object.keys(value).sort()) {
    const member = value[key]
    if (member !== undefined) members.push(`${quoted(key)}:${canonicalize(member)}`)
  }
  return `{${members.join(',')}}`
}

/** Returns `sha256:` and the lower-case hex SHA-256 of the canonical form (RFC 8785) of any JSON value. */
export function digestOf(value: unknown): string {
  return `sha256:${sha256Hex(canonicalize(value))}`
}

function quoted(text: string): string {
  invariant(text.isWellFormed(), 'half of a surrogate pair has no UTF-8 form')
  // JSON.stringify escapes exactly what RFC 8785 3.2.2.2 asks for once half pairs are out.
  return JSON.stringify(text)
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

const PROFILE_KEY = /^[@A-Za-z][A-Za-z0-9_.:-]*$/
const PROFILE_DEPTH_MAX = 32
/** C0, DEL and C1. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/

/**
 * Lists where a value leaves the Tidemark JSON profile: plain keys, whole numbers within ±(2^53 − 1) written as such,
 * decimals as strings, text in NFC without control characters, at most 32 levels. Within the profile RFC 8785, Python's
 * `json.dumps(sort_keys=True, separators=(',', ':'), ensure_ascii=False)` and `jq -jcS` write the same bytes, so a
 * certificate can be checked with whatever is at hand.
 *
 * Takes a value about to be signed, or one as `parseStrict` read it, when it also sees numbers written as `1e2` or `-0`.
 */
export function profileFaults(value: unknown): Fault[] {
  const faults: Fault[] = []
  const path: PropertyKey[] = []
  const note = (code: string, message: string, found: unknown): void => {
    faults.push({ path: pointer(path), code, message, value: shown(found) })
  }

  const checkText = (text: string): void => {
    if (!text.isWellFormed()) note('half-surrogate', 'Half of a surrogate pair is not text.', text)
    else if (text !== text.normalize('NFC')) note('not-nfc', 'Text must be in Unicode normalisation form C.', text)
    else if (CONTROL.test(text)) note('control-character', 'Text must hold no control characters.', text)
  }
  const walk = (node: unknown, depth: number): void => {
    if (node === null || typeof node === 'boolean') return
    if (typeof node === 'string') return checkText(node)
    if (node instanceof NumberLexeme || typeof node === 'number') {
      const whole = node instanceof NumberLexeme ? /^(?:0|-?[1-9][0-9]*)$/.test(node.lexeme) : !Object.is(node, -0)
      const number = node instanceof NumberLexeme ? Number(node.lexeme) : node
      if (whole && Number.isSafeInteger(number)) return
      return note(
        'not-a-whole-number',
        'Numbers must be whole, within ±(2^53 − 1) and written without point or exponent; decimals are strings.',
        number,
      )
    }
    if (depth >= PROFILE_DEPTH_MAX) return note('too-deep', `At most ${PROFILE_DEPTH_MAX} levels.`, node)
    if (Array.isArray(node)) {
      for (const [i, item] of node.entries()) {
        path.push(i)
        walk(item, depth + 1)
        path.pop()
      }
      return
    }
    if (!(node instanceof Map) && !isPlainObject(node)) return note('not-json', `A ${typeof node} is not JSON.`, node)
    for (const [key, member] of node instanceof Map ? (node as Map<string, LosslessValue>) : Object.entries(node)) {
      if (member === undefined) continue
      path.push(key)
      if (!PROFILE_KEY.test(key))
        note('key', 'Keys must begin with a letter or @ and hold letters, digits and _ . : - only.', key)
      walk(member, depth + 1)
      path.pop()
    }
  }
  walk(value, 0)
  return faults
}

/** @throws Problem `certificates/outside-profile` with every place where the value leaves the profile. */
export function assertProfile(value: unknown): void {
  const faults = profileFaults(value)
  const first = faults[0]
  if (first) {
    throw new Problem('certificates/outside-profile', {
      detail: `${first.path || 'The document'}: ${first.message}`,
      faults,
    })
  }
}

/**
 * Writes a finite number as a decimal string without an exponent, with as few digits as read back to the same number:
 * `150.5` → `"150.5"`, `1e-7` → `"0.0000001"`. Minus zero is zero.
 */
export function decimalOf(value: number): string {
  invariant(Number.isFinite(value), `${value} is not a decimal`)
  const [mantissa = '', exponent] = String(value === 0 ? 0 : value).split('e')
  if (exponent === undefined) return mantissa
  return shiftDecimal(mantissa, Number(exponent))
}

/** Multiplies a decimal string by a power of ten, exactly: kilograms to tonnes is `shiftDecimal(kg, -3)`. */
export function shiftDecimal(decimal: string, places: number): string {
  const sign = decimal.startsWith('-') ? '-' : ''
  const [whole = '', fraction = ''] = decimal.slice(sign.length).split('.')
  const point = whole.length + places
  const digits = (whole + fraction)
    .padEnd(Math.max(point, 0), '0')
    .padStart(whole.length + fraction.length + Math.max(-point, 0), '0')
  const cut = Math.max(point, 0)
  const left = digits.slice(0, cut).replace(/^0+(?=\d)/, '') || '0'
  const right = digits.slice(cut).replace(/0+$/, '')
  const shifted = right === '' ? left : `${left}.${right}`
  return shifted === '0' ? '0' : sign + shifted
}
