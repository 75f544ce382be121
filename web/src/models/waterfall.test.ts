import { expect, test } from 'vitest'
import { fallsOf, swarmOf } from './waterfall.ts'

const explanation = {
  base: 100,
  total: 112,
  contributions: [
    { feature: 'a', contribution: 2 },
    { feature: 'b', contribution: -20 },
    { feature: 'c', contribution: 30 },
  ],
}

test('the bars of a waterfall lead from the average to the answer, the largest contribution first', () => {
  const falls = fallsOf(explanation, { a: 1, b: 'x', c: null })
  expect(falls.map(({ kind, name, from, to }) => [kind, name, from, to])).toEqual([
    ['base', '', 0, 100],
    ['field', 'c', 100, 130],
    ['field', 'b', 130, 110],
    ['field', 'a', 110, 112],
    ['total', '', 0, 112],
  ])
})

test('fields beyond the tenth are taken together, and the bars still sum to the answer', () => {
  const falls = fallsOf(explanation, {}, 1)
  expect(falls.map(({ kind, from, to }) => [kind, from, to])).toEqual([
    ['base', 0, 100],
    ['field', 100, 130],
    ['rest', 130, 112],
    ['total', 0, 112],
  ])
})

test('no two dots of a swarm with the same contribution lie on each other, and values are ranked', () => {
  const rows = [{ a: 5 }, { a: 1 }, { a: 9 }, { a: null }]
  const same = rows.map(() => ({ contributions: [{ feature: 'a', contribution: 3 }] }))
  const dots = swarmOf('a', rows, same)
  expect(new Set(dots.map(({ aside }) => aside)).size).toBe(4)
  expect(dots.map(({ rank }) => rank)).toEqual([0.5, 0, 1, undefined])
})
