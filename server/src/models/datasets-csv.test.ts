import { describe, expect, test } from 'vitest'
import { csvRecords } from './datasets-csv.ts'

const read = (text: string, delimiter = ',') =>
  [...csvRecords(Buffer.from(text), delimiter)].flat().map(({ cells, line }) => [line, ...cells])

describe('CSV', () => {
  test('is read as RFC 4180 has it, with the line that each record begins on', () => {
    expect(read('a,b\r\n"x, y","say ""no"""\r\n\r\n"two\nlines",\n,last')).toEqual([
      [1, 'a', 'b'],
      [2, 'x, y', 'say "no"'],
      [4, 'two\nlines', ''],
      [6, '', 'last'],
    ])
    expect(read('a;b\r1;2\r', ';')).toEqual([
      [1, 'a', 'b'],
      [2, '1', '2'],
    ])
    expect(read('"a"')).toEqual([[1, 'a']])
  })

  test('gives the same records wherever the file is cut into pieces', () => {
    // Cuts fall every mebibyte: inside a quoted cell, between CR and LF, and inside a letter of four bytes.
    for (const shift of [1, 2, 3]) {
      const lines = Array.from({ length: 150_000 }, (_, i) => (i % 2 ? `${i},"🌊\n${i}"` : `${i},plain`))
      const records = read(`${'x'.repeat(shift)},y\r\n${lines.join('\r\n')}\r\n`)
      expect(records).toHaveLength(150_001)
      expect(records[1]).toEqual([2, '0', 'plain'])
      expect(records.at(-1)).toEqual([2 + 149_999 + 74_999, '149999', '🌊\n149999'])
    }
  })

  test.each([
    ['a,b\n1,"2', 'line 2 opens a quote'],
    ['a,b\n1,2"3\n', 'line 2 has a quote in the middle'],
    ['a,b\n"1"2,3\n', 'line 2 goes on after a closing quote'],
    [`"${'x'.repeat(1_000_001)}"`, 'more than 1000000 characters'],
    ['x'.repeat(3_000_000), 'more than 1000000 characters'],
  ])('that is broken is refused, and the line is named: %.20s', (text, word) => {
    expect(() => read(text)).toThrow(word)
  })
})
