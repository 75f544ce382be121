import { pointer, Problem, shown, type Fault } from '@tidemark/core/lib/problem.ts'

/** Lists and objects within one another. Ours need fewer than ten. */
const DEPTH_MAX = 64

/**
 * Reads a JSON body as RFC 8259 says, and no more than that.
 * @throws Problem `request/malformed-json`, `request/too-deep`, or `request/invalid` for a number without a finite value
 * and for the key `__proto__`, which would change what objects are in careless code.
 */
export function readJsonBody(bytes: Uint8Array): unknown {
  if (bytes.length === 0) throw malformed('The body is empty, and this endpoint expects JSON.')
  refuseDepth(bytes)
  const text = decode(bytes)
  const value = parse(text)
  // Both kinds of surprise leave a trace in the text, so that ordinary bodies are not walked twice.
  if (/__proto__|\\u00[567]|[eE]\+?\d{3}|\d{300}/.test(text)) refuseSurprises(value)
  return value
}

/** Runs over the bytes once, before anything is built: a parser that meets a million brackets has already lost. */
function refuseDepth(bytes: Uint8Array): void {
  let depth = 0
  let in_string = false
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]
    if (in_string) {
      if (byte === BACKSLASH) i++
      else if (byte === QUOTE) in_string = false
    } else if (byte === QUOTE) in_string = true
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      depth++
      if (depth > DEPTH_MAX) {
        throw new Problem('request/too-deep', {
          detail: `Lists and objects may be nested ${DEPTH_MAX} deep; byte ${i} opens one more.`,
          depth_max: DEPTH_MAX,
        })
      }
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth--
  }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw malformed('The body is not valid UTF-8, the only encoding of JSON.')
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const position = error instanceof Error ? /position (\d+)/.exec(error.message)?.[1] : undefined
    throw malformed(
      position === undefined
        ? 'The body ends in the middle, or is not JSON.'
        : `The body stops being JSON at ${place(text, Number(position))}.`,
    )
  }
}

function place(text: string, position: number): string {
  const before = text.slice(0, position).split('\n')
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`
}

function malformed(detail: string): Problem {
  return new Problem('request/malformed-json', { detail })
}

function refuseSurprises(root: unknown): void {
  const faults: Fault[] = []
  const open: { value: unknown; path: PropertyKey[] }[] = [{ value: root, path: [] }]
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, path } = next
    if (typeof value === 'number' && !Number.isFinite(value)) {
      faults.push({
        path: pointer(path),
        code: 'not-finite',
        message: 'This number is too large to be held.',
        value: shown(value),
      })
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, child] of Object.entries(value)) {
        const child_path = [...path, Array.isArray(value) ? Number(key) : key]
        if (key === '__proto__') {
          faults.push({
            path: pointer(child_path),
            code: 'forbidden-key',
            message: 'A field cannot be called __proto__.',
          })
        } else open.push({ value: child, path: child_path })
      }
    }
  }
  if (faults.length > 0) throw new Problem('request/invalid', { detail: faultsSentence(faults.length), faults })
}

export function faultsSentence(count: number): string {
  return count === 1
    ? 'One thing in the request is not as expected.'
    : `${count} things in the request are not as expected.`
}
