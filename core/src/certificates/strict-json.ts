import { Problem, pointer, type Fault } from '../lib/problem.ts'

/**
 * A JSON reader for things that were signed. `JSON.parse` keeps the last of two equal keys, so one text can mean two
 * things to two readers; and it forgets how a number was written, so `25.0` and `25` become one, which Python's form of a
 * document keeps apart. This reader refuses the first and keeps the second.
 */

/** A number as it stood in the text. */
export class NumberLexeme {
  readonly lexeme: string
  constructor(lexeme: string) {
    this.lexeme = lexeme
  }
}

/** A JSON value that remembers how its numbers were written. Objects are maps, so that no key can be special. */
export type LosslessValue = null | boolean | string | NumberLexeme | LosslessValue[] | Map<string, LosslessValue>

export type JsonValue = null | boolean | string | number | JsonValue[] | { [key: string]: JsonValue }

const DEPTH_MAX = 64
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const PLAIN_STRING = /[^"\\\u0000-\u001f]*/y
const ESCAPES: Record<string, string> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

/**
 * Reads one JSON text (RFC 8259) without loss.
 * @throws Problem `certificates/unreadable-json`, whose fault names the place: bad syntax, a repeated key, a key named
 * `__proto__`, half a surrogate pair, more than 64 levels.
 */
export function parseStrict(text: string): LosslessValue {
  let at = 0
  const path: (string | number)[] = []

  const refuse = (code: string, message: string): Problem => {
    const fault: Fault = { path: pointer(path), code, message: `${message} (character ${at + 1})` }
    return new Problem('certificates/unreadable-json', { detail: fault.message, faults: [fault] })
  }
  const match = (expression: RegExp): string => {
    expression.lastIndex = at
    if (!expression.test(text)) return ''
    const found = text.slice(at, expression.lastIndex)
    at = expression.lastIndex
    return found
  }
  const unexpected = (wanted: string): Problem =>
    at >= text.length
      ? refuse('truncated', `The text ends where ${wanted} should follow.`)
      : refuse('syntax', `Found ${JSON.stringify(text[at])} where ${wanted} should be.`)

  function value(depth: number): LosslessValue {
    skipWhite()
    const first = text[at]
    if (first === '{' || first === '[') {
      if (depth >= DEPTH_MAX) throw refuse('too-deep', `More than ${DEPTH_MAX} levels of nesting.`)
      return first === '{' ? object(depth + 1) : list(depth + 1)
    }
    if (first === '"') return string()
    if (first === 't' && word('true')) return true
    if (first === 'f' && word('false')) return false
    if (first === 'n' && word('null')) return null
    const lexeme = match(NUMBER)
    if (lexeme === '') throw unexpected('a value')
    return new NumberLexeme(lexeme)
  }

  function word(wanted: string): boolean {
    if (!text.startsWith(wanted, at)) return false
    at += wanted.length
    return true
  }

  function skipWhite(): void {
    // Most places have none or one, and a regular expression costs more than looking.
    for (;;) {
      const code = text.charCodeAt(at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
      at += 1
    }
  }

  function object(depth: number): Map<string, LosslessValue> {
    const members = new Map<string, LosslessValue>()
    at += 1
    skipWhite()
    if (text[at] === '}') {
      at += 1
      return members
    }
    for (;;) {
      skipWhite()
      if (text[at] !== '"') throw unexpected('a key in double quotes')
      const key = string()
      path.push(key)
      if (members.has(key)) throw refuse('duplicate-key', `The key ${JSON.stringify(key)} stands here twice.`)
      if (key === '__proto__') throw refuse('forbidden-key', 'The key "__proto__" is not accepted.')
      skipWhite()
      if (text[at] !== ':') throw unexpected('a colon')
      at += 1
      members.set(key, value(depth))
      path.pop()
      skipWhite()
      const next = text[at]
      if (next !== ',' && next !== '}') throw unexpected('a comma or a closing brace')
      at += 1
      if (next === '}') return members
    }
  }

  function list(depth: number): LosslessValue[] {
    const items: LosslessValue[] = []
    at += 1
    skipWhite()
    if (text[at] === ']') {
      at += 1
      return items
    }
    for (;;) {
      path.push(items.length)
      items.push(value(depth))
      path.pop()
      skipWhite()
      const next = text[at]
      if (next !== ',' && next !== ']') throw unexpected('a comma or a closing bracket')
      at += 1
      if (next === ']') return items
    }
  }

  function string(): string {
    at += 1
    let whole = match(PLAIN_STRING)
    while (text[at] !== '"') {
      if (text[at] !== '\\') throw unexpected('the rest of a string')
      at += 1
      const kind = text[at]
      const code = kind === 'u' ? text.slice(at + 1, at + 5) : ''
      const meaning = kind === undefined ? undefined : ESCAPES[kind]
      if (/^[0-9a-fA-F]{4}$/.test(code)) {
        whole += String.fromCharCode(Number.parseInt(code, 16))
        at += 5
      } else if (meaning !== undefined) {
        whole += meaning
        at += 1
      } else {
        throw unexpected('a known escape')
      }
      whole += match(PLAIN_STRING)
    }
    if (!whole.isWellFormed()) throw refuse('half-surrogate', 'The text holds half of a surrogate pair.')
    at += 1
    return whole
  }

  const whole = value(0)
  skipWhite()
  if (at < text.length) throw unexpected('the end')
  return whole
}

/**
 * Forgets how numbers were written. Integers beyond 2^53 and surplus digits round to the nearest double, as in every
 * JavaScript reader.
 * @throws Problem `certificates/unreadable-json` for a number beyond the doubles, such as 1e999.
 */
export function plainOf(value: LosslessValue): JsonValue {
  if (value instanceof NumberLexeme) {
    const number = Number(value.lexeme)
    if (Number.isFinite(number)) return number
    throw new Problem('certificates/unreadable-json', {
      detail: `The number ${value.lexeme.slice(0, 40)} is too large to be one.`,
    })
  }
  if (Array.isArray(value)) return value.map(plainOf)
  if (value instanceof Map) {
    const members: Record<string, JsonValue> = {}
    for (const [key, member] of value) members[key] = plainOf(member)
    return members
  }
  return value
}
