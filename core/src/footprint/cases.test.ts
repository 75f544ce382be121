import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { expandDataset } from '../factors/dataset.ts'
import { invariant } from '../lib/invariant.ts'
import { calculate } from './calculate.ts'
import { readInventory } from './check.ts'
import { libraryOf } from './library.ts'
import { rerunTrace } from './rerun-trace.ts'

/** An example from a guide, as an accountant would check it: where it is printed, the sums by hand, and what must come out. */
const Case = z.strictObject({
  title: z.string(),
  source: z.strictObject({
    publisher: z.string(),
    document: z.string(),
    edition: z.string(),
    url: z.url(),
    /** Page, example, table or element. */
    place: z.string(),
    /** The figures as they are printed there. */
    published: z.string(),
    /** `published`: the guide works the example out. `ours`: it publishes the factor, and the working below is by hand. */
    arithmetic: z.enum(['published', 'ours']),
  }),
  working: z.array(z.string()).min(1),
  note: z.string().optional(),
  inventory: z.unknown(),
  expected: z
    .array(
      z.strictObject({
        /** JSON Pointer into the result. */
        figure: z.string().startsWith('/'),
        value: z.number(),
        /** Half of the last digit that is published. */
        tolerance: z.number().min(0),
        says: z.string(),
      }),
    )
    .min(1),
})

const folder = new URL('./cases/', import.meta.url)
const cases = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => ({ name, ...Case.parse(JSON.parse(readFileSync(new URL(name, folder), 'utf8'))) }))

const data = new URL('../../../data/factors/', import.meta.url)
const library = libraryOf({
  factors: readdirSync(data)
    .map((name) => new URL(`${name}/factors.json`, data))
    .filter((file) => existsSync(file))
    .flatMap((file) => expandDataset(JSON.parse(readFileSync(file, 'utf8')))),
})

/** The number at a pointer. A category or gas that no line reached is zero; anything else that is absent is a mistake. */
function figureAt(result: unknown, figure: string): number {
  const [, first = '', ...rest] = figure.split('/')
  const found = [first, ...rest].reduce<unknown>((value, key) => Reflect.get(Object(value), key), result)
  if (found === undefined && ['categories', 'gases'].includes(first)) return 0
  invariant(typeof found === 'number', `there is no number at ${figure}`)
  return found
}

describe('worked examples come out as they are printed', () => {
  it.each(cases)('$name: $title', ({ inventory: document, expected }) => {
    const { inventory, faults } = readInventory(document)
    expect(faults).toEqual([])
    const result = inventory && calculate(inventory, library)
    for (const { figure, value, tolerance, says } of expected)
      expect(Math.abs(figureAt(result, figure) - value), `${says}: ${figureAt(result, figure)}`).toBeLessThanOrEqual(
        tolerance,
      )
    for (const line of result?.lines ?? []) expect(rerunTrace(line)).toEqual({ same: true })
  })
  it('a figure that is off by more than its last digit would be noticed', () => {
    for (const { expected } of cases)
      for (const { value, tolerance } of expected) expect(tolerance).toBeLessThanOrEqual(Math.abs(value) * 0.012)
  })
  it('there are fifteen at least, most of them worked out by their publishers', () => {
    expect(cases.length).toBeGreaterThanOrEqual(15)
    expect(cases.filter(({ source }) => source.arithmetic === 'published').length).toBeGreaterThanOrEqual(15)
  })
})
