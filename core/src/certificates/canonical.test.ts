import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Problem } from '../lib/problem.ts'
import {
  assertProfile,
  canonicalize,
  decimalOf,
  digestOf,
  parseStrict,
  plainOf,
  profileFaults,
  shiftDecimal,
} from './canonical.ts'
import { pythonFloat, pythonJson } from './python-json.ts'
import jcs from './vectors/jcs.json' with { type: 'json' }
import python from './vectors/python-json.json' with { type: 'json' }

function has(program: string, ...args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
const python3 = has('python3', '-c', 'import json')
const jq = has('jq', '--version')

/** Any JSON value that the strict reader accepts: whole Unicode, no `__proto__`. */
const anyJson = fc.jsonValue({ maxDepth: 5, stringUnit: 'binary' }).filter((value) => {
  // JSON.stringify writes half pairs as escapes.
  const text = JSON.stringify(value)
  return !text.includes('__proto__') && !/\\ud[89a-f]/.test(text)
})

describe('RFC 8785', () => {
  test.each(jcs.documents)('the published document gives the published bytes: $desc', ({ input, output }) => {
    expect(canonicalize(plainOf(parseStrict(input)))).toBe(output)
  })

  test.each(jcs.numbers.cases)('the published number $ieee is $text', ({ ieee, text }) => {
    const view = new DataView(new ArrayBuffer(8))
    view.setBigUint64(0, BigInt(`0x${ieee}`))
    expect(canonicalize(view.getFloat64(0))).toBe(text)
  })

  test('what JSON cannot hold is refused, not bent', () => {
    for (const value of [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      1n,
      undefined,
      new Date(0),
      () => 1,
      '\ud800',
      { '\udc00': 1 },
      [undefined],
      new Map(),
    ]) {
      expect(() => canonicalize(value)).toThrow(/form/)
    }
  })

  test('a member that is undefined is left out, as JSON.stringify does', () => {
    expect(canonicalize({ b: undefined, a: 1 })).toBe('{"a":1}')
  })

  test('canonical text reads back to the same value, and is its own canonical form', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        const text = canonicalize(value)
        expect(canonicalize(JSON.parse(text))).toBe(text)
        expect(digestOf(JSON.parse(text))).toBe(digestOf(value))
      }),
    )
  })
})

describe('the strict reader', () => {
  test.each(jcs.refused)('refuses $desc', ({ input }) => {
    expect(() => parseStrict(input)).toThrow(Problem)
  })

  test('says where a key stands twice', () => {
    expect(() => parseStrict('{"lines":[{"id":1},{"id":1,"id":2}]}')).toThrow(
      expect.objectContaining({
        type: 'certificates/unreadable-json',
        details: expect.objectContaining({
          faults: [expect.objectContaining({ path: '/lines/1/id', code: 'duplicate-key' })],
        }),
      }),
    )
  })

  test('reads what JSON.parse reads, to the same value', () => {
    fc.assert(
      fc.property(anyJson, fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        expect(plainOf(parseStrict(text))).toEqual(JSON.parse(text))
      }),
    )
  })

  test('a number beyond the doubles is refused when it has to become one', () => {
    expect(() => plainOf(parseStrict('[1e999]'))).toThrow(Problem)
  })
})

describe("Python's form", () => {
  test.each(python.cases)('$desc', ({ input, output }) => {
    expect(pythonJson(parseStrict(input))).toBe(output)
  })

  test.each(python.refused)('refuses $desc', ({ input }) => {
    expect(() => pythonJson(parseStrict(input))).toThrow(Problem)
  })

  test.skipIf(!python3)(
    '5,000 random doubles and 500 random documents as CPython writes them (skipped: no python3 here)',
    () => {
      const bits = fc.sample(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { numRuns: 4000, seed: 8785 })
      const view = new DataView(new ArrayBuffer(8))
      const doubles = [
        ...bits.map((pattern) => {
          view.setBigUint64(0, pattern)
          return view.getFloat64(0)
        }),
        ...fc.sample(fc.double({ noNaN: true, min: -1e18, max: 1e18 }), { numRuns: 1000, seed: 8785 }),
      ].filter((value) => Number.isFinite(value) && value !== 0) // toExponential forgets the sign of zero
      const documents = fc.sample(anyJson, { numRuns: 500, seed: 8785 }).map((value) => JSON.stringify(value))
      const lines = [...doubles.map((value) => value.toExponential()), ...documents]
      const script =
        'import json,sys\nfor t in json.load(sys.stdin): print(json.dumps(json.loads(t),sort_keys=True,separators=(",",":")))'
      const answers = execFileSync('python3', ['-c', script], { input: JSON.stringify(lines), maxBuffer: 2 ** 26 })
        .toString()
        .trimEnd()
        .split('\n')
      expect(answers.length).toBe(lines.length)
      expect(lines.map((line) => pythonJson(parseStrict(line)))).toEqual(answers)
      expect(doubles.map(pythonFloat)).toEqual(answers.slice(0, doubles.length))
    },
  )
})

describe('the Tidemark JSON profile', () => {
  const outside: [string, string, string][] = [
    ['a decimal as a number', '{"a":1.5}', '/a'],
    ['an exponent', '{"a":{"b":1e2}}', '/a/b'],
    ['a whole number with a point', '[1.0]', '/0'],
    ['minus zero', '{"a":-0}', '/a'],
    ['2^53', '{"a":9007199254740992}', '/a'],
    ['−2^53', '{"a":-9007199254740992}', '/a'],
    ['a key that begins with a digit', '{"1":1}', '/1'],
    ['an empty key', '{"":1}', '/'],
    ['a key with a space', '{"a b":1}', '/a b'],
    ['a key with an accent', '{"é":1}', '/é'],
    ['decomposed text', '{"a":"e\\u0301"}', '/a'],
    ['a line break in text', '{"a":"x\\ny"}', '/a'],
    ['DEL in text', '{"a":"\\u007f"}', '/a'],
    ['a C1 control in text', '{"a":"\\u0085"}', '/a'],
    ['33 levels', `${'['.repeat(33)}${']'.repeat(33)}`, '/0'.repeat(32)],
  ]
  test.each(outside)('refuses %s and says where', (_, text, path) => {
    expect(profileFaults(parseStrict(text))).toMatchObject([{ path }])
    expect(() => assertProfile(parseStrict(text))).toThrow(Problem)
  })

  test('accepts whole numbers to ±(2^53 − 1), composed text, @-keys, 32 levels', () => {
    const text = `{"@context":["é €"],"a.b:c-d_e":[9007199254740991,-9007199254740991,0,null,true],"z":${'['.repeat(31)}${']'.repeat(31)}}`
    expect(profileFaults(parseStrict(text))).toEqual([])
    expect(profileFaults(JSON.parse(text))).toEqual([])
  })

  test('a plain value about to be signed is held to the same rules', () => {
    expect(profileFaults({ a: -0, b: 0.5, c: Number.NaN, d: new Date(0), e: 1n }).map((fault) => fault.path)).toEqual([
      '/a',
      '/b',
      '/c',
      '/d',
      '/e',
    ])
  })

  test.skipIf(!jq || !python3)(
    'within it RFC 8785, Python and jq write the same bytes (skipped: no jq or python3 here)',
    () => {
      const text = fc
        .string({ unit: 'grapheme', maxLength: 20 })
        .map((s) => s.normalize('NFC'))
        .filter((s) => profileFaults(s).length === 0)
      const key = fc.stringMatching(/^[@A-Za-z][A-Za-z0-9_.:-]{0,8}$/)
      const { tree } = fc.letrec((tie) => ({
        tree: fc.oneof(
          { maxDepth: 4 },
          text,
          fc.maxSafeInteger(),
          fc.boolean(),
          fc.constant(null),
          fc.array(tie('tree'), { maxLength: 4 }),
          fc.dictionary(key, tie('tree'), { maxKeys: 5, noNullPrototype: true }),
        ),
      }))
      const values = fc.sample(tree, { numRuns: 300, seed: 8785 }).filter((value) => profileFaults(value).length === 0)
      const ours = values.map(canonicalize)
      const input = values.map((value) => JSON.stringify(value)).join('\n')
      const script =
        'import json,sys\nfor t in sys.stdin.buffer.read().decode().split("\\n"): sys.stdout.buffer.write((json.dumps(json.loads(t),sort_keys=True,separators=(",",":"),ensure_ascii=False)+"\\n").encode())'
      expect(execFileSync('python3', ['-c', script], { input }).toString().trimEnd().split('\n')).toEqual(ours)
      expect(execFileSync('jq', ['-cS', '.'], { input }).toString().trimEnd().split('\n')).toEqual(ours)
    },
  )
})

describe('decimals as text', () => {
  test.each([
    [0, '0'],
    [-0, '0'],
    [150.5, '150.5'],
    [1e-7, '0.0000001'],
    [-1.5e-9, '-0.0000000015'],
    [1e21, '1000000000000000000000'],
    [1.2345e25, '12345000000000000000000000'],
    [0.1 + 0.2, '0.30000000000000004'],
  ])('%d is "%s"', (value, text) => {
    expect(decimalOf(value)).toBe(text)
  })

  test('reads back to the same number, never with an exponent', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(decimalOf(value))).toBe(value === 0 ? 0 : value)
        expect(decimalOf(value)).toMatch(/^-?(0|[1-9]\d*)(\.\d*[1-9])?$/)
      }),
    )
  })

  test.each([
    ['150500', -3, '150.5'],
    ['5', -3, '0.005'],
    ['-12.5', -3, '-0.0125'],
    ['0.5', 3, '500'],
    ['0', -3, '0'],
    ['1.000', -3, '0.001'],
    ['1234567.891', -3, '1234.567891'],
  ])('%s by 10^%d is %s, exactly', (decimal, places, shifted) => {
    expect(shiftDecimal(decimal, places)).toBe(shifted)
  })
})
