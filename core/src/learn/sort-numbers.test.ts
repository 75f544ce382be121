import { describe, expect, it } from 'vitest'
import { randomOf } from './random.ts'
import { sortNumbers } from './sort-numbers.ts'

describe('sorting by bits', () => {
  const random = randomOf(6)
  const kinds: [string, () => number][] = [
    ['normal numbers', random.normal],
    ['whole numbers', () => random.integer(50) - 25],
    ['numbers of every size', () => (random.next() - 0.5) * 2 ** (2000 * random.next() - 1000)],
    ['numbers that differ in their last bits alone', () => 1 + random.integer(1e6) * Number.EPSILON],
    [
      'infinities, zeros of both signs and the smallest and largest there are',
      () =>
        [Infinity, -Infinity, 0, -0, Number.MIN_VALUE, -Number.MIN_VALUE, Number.MAX_VALUE, -Number.MAX_VALUE][
          random.integer(8)
        ]!,
    ],
    ['one number', () => -7.5],
  ]
  it.each(kinds)('puts %s in the order of the built-in sort', (_, draw) => {
    for (const length of [0, 1, 100, 5000]) {
      const values = Float64Array.from({ length }, draw)
      expect(sortNumbers(values.slice())).toEqual(values.sort())
    }
  })
})
