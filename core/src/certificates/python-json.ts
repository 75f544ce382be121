import { Problem } from '../lib/problem.ts'
import { NumberLexeme, type LosslessValue } from './strict-json.ts'

/**
 * Writes a JSON value as Python's `json.dumps(x, sort_keys=True, separators=(',', ':'))` writes what `json.loads` read.
 * It differs from RFC 8785 in numbers (`25.0` stays `25.0`, `1e16` is `1e+16`, exponents have two digits, `-0.0` keeps
 * its sign, integers may have any length), in escapes (everything outside U+0020–U+007E, lower-case hex) and in the
 * order of keys (by code point, not by UTF-16 unit). Python documentation: json, float.__repr__.
 *
 * @throws Problem `certificates/unreadable-json` for a number that Python would read as infinite.
 */
export function pythonJson(value: LosslessValue): string {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'string') return quoted(value)
  if (value instanceof NumberLexeme) return number(value.lexeme)
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(',')}]`
  const members = [...value].sort(([a], [b]) => compareCodePoints(a, b))
  return `{${members.map(([key, member]) => `${quoted(key)}:${pythonJson(member)}`).join(',')}}`
}

/** Python's `repr` of a finite float: shortest digits, exponent form below 1e-4 and from 1e16. */
export function pythonFloat(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  const [mantissa = '', exponentText = ''] = Math.abs(value).toExponential().split('e')
  const sign = value < 0 ? '-' : ''
  const exponent = Number(exponentText)
  if (exponent < -4 || exponent >= 16) {
    return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
  }
  const digits = mantissa.replace('.', '')
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`
}

function number(lexeme: string): string {
  // Python reads a number without point and exponent as an int, of which there is only one zero.
  if (!/[.eE]/.test(lexeme)) return lexeme === '-0' ? '0' : lexeme
  const value = Number(lexeme)
  if (Number.isFinite(value)) return pythonFloat(value)
  throw new Problem('certificates/unreadable-json', {
    detail: `The number ${lexeme.slice(0, 40)} is too large to be one.`,
  })
}

const SHORT: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\f': '\\f',
  '\b': '\\b',
}

function quoted(text: string): string {
  const escaped = text.replace(
    /["\\]|[^ -~]/g,
    (unit) => SHORT[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return `"${escaped}"`
}

function compareCodePoints(a: string, b: string): number {
  const left = [...a]
  const right = [...b]
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    const difference = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}
