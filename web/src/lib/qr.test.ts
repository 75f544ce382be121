import { expect, test } from 'vitest'
import { qrOf, type QrMatrix } from './qr.ts'

/**
 * Reads a code of version 1 back by the standard's own steps, written apart from what draws it: format, mask, the way
 * through the modules, and the syndromes of its one block of 26 words.
 */
function readVersion1(matrix: QrMatrix): { text: string; syndromes: number[] } {
  const at = (row: number, column: number) => (matrix[row]?.[column] === true ? 1 : 0)
  let format = 0
  for (const column of [0, 1, 2, 3, 4, 5, 7, 8]) format = format * 2 + at(8, column)
  for (const row of [7, 5, 4, 3, 2, 1, 0]) format = format * 2 + at(row, 8)
  const mask = ((format ^ 0x5412) >> 10) & 7
  const masked = [
    (r: number, c: number) => (r + c) % 2,
    (r: number) => r % 2,
    (_: number, c: number) => c % 3,
    (r: number, c: number) => (r + c) % 3,
    (r: number, c: number) => ((r >> 1) + Math.floor(c / 3)) % 2,
    (r: number, c: number) => ((r * c) % 2) + ((r * c) % 3),
    (r: number, c: number) => (((r * c) % 2) + ((r * c) % 3)) % 2,
    (r: number, c: number) => (((r + c) % 2) + ((r * c) % 3)) % 2,
  ][mask]!
  const isPattern = (r: number, c: number) =>
    (r < 9 && c < 9) || (r < 9 && c > 12) || (r > 12 && c < 9) || r === 6 || c === 6
  const bits: number[] = []
  let step = -1
  for (const right of [20, 18, 16, 14, 12, 10, 8, 5, 3, 1]) {
    for (let i = 0; i < 21; i++) {
      const row = step < 0 ? 20 - i : i
      for (const column of [right, right - 1]) {
        if (!isPattern(row, column)) bits.push(at(row, column) ^ (masked(row, column) === 0 ? 1 : 0))
      }
    }
    step = -step
  }
  const words = Array.from({ length: 26 }, (_, i) => Number.parseInt(bits.slice(i * 8, i * 8 + 8).join(''), 2))
  const length = Number.parseInt(bits.slice(4, 12).join(''), 2)
  const bytes = Array.from({ length }, (_, i) => Number.parseInt(bits.slice(12 + i * 8, 20 + i * 8).join(''), 2))
  return { text: new TextDecoder().decode(new Uint8Array(bytes)), syndromes: syndromesOf(words, 10) }
}

function syndromesOf(words: readonly number[], count: number): number[] {
  const powers: number[] = []
  for (let i = 0, value = 1; i < 255; i++) {
    powers.push(value)
    value = value >= 128 ? (value * 2) ^ 0x11d : value * 2
  }
  const times = (a: number, b: number) =>
    a === 0 || b === 0 ? 0 : powers[(powers.indexOf(a) + powers.indexOf(b)) % 255]!
  return Array.from({ length: count }, (_, i) => words.reduce((sum, word) => times(sum, powers[i]!) ^ word, 0))
}

test.each(['A', 'tidemark', 'Marée haute', '01234567890123'])(
  '“%s” is read back from its code, and the correction words fit the data',
  (text) => {
    const { text: read, syndromes } = readVersion1(qrOf(text))
    expect(read).toBe(text)
    expect(syndromes).toEqual(Array(10).fill(0))
  },
)

/** Bytes that each version holds at level M in byte mode: table 7 of ISO/IEC 18004:2015. */
const bytesByVersion = [14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331]

test.each(bytesByVersion.map((bytes, index) => [index + 1, bytes] as const))(
  'version %d holds %d bytes, and one more needs the next version',
  (version, bytes) => {
    expect(qrOf('a'.repeat(bytes)).length).toBe(17 + 4 * version)
    if (version < 13) expect(qrOf('a'.repeat(bytes + 1)).length).toBe(21 + 4 * version)
    else expect(() => qrOf('a'.repeat(bytes + 1))).toThrow(/more than a QR code here holds/)
  },
)

test('the version of a larger code is written beside its finders, as annex D tabulates it', () => {
  const matrix = qrOf('a'.repeat(122))
  const size = matrix.length
  const bits = Array.from({ length: 18 }, (_, i) => matrix[Math.floor(i / 3)]?.[size - 11 + (i % 3)])
  const value = bits.reduceRight((sum, dark) => sum * 2 + (dark ? 1 : 0), 0)
  expect(value).toBe(0x07c94)
})
