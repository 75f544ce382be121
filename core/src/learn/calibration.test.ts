import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  applyIsotonic,
  applyPlatt,
  fitIsotonic,
  fitPlatt,
  poolAdjacent,
  readIsotonic,
  readPlatt,
  writeIsotonic,
  writePlatt,
} from './calibration.ts'
import { randomOf } from './random.ts'

const ones = (count: number) => Array(count).fill(1) as number[]
const points = fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -99, max: 99 })), { minLength: 1 })

describe('isotonic regression', () => {
  it('pools as in published examples', () => {
    // The example that scikit-learn tests itself with.
    expect([...poolAdjacent([3, 7, 5, 9, 8, 7, 10], ones(7))]).toEqual([3, 6, 6, 8, 8, 8, 10])
    // Sizes of the pituitary fissure at ages 8 to 14 (T. Robertson and others, Order Restricted Statistical Inference,
    // 1988): the first three ages share their mean of 200 / 9, the last keeps 24.25.
    const ages = [8, 8, 8, 10, 10, 10, 12, 12, 12, 14, 14]
    const sizes = [21, 23.5, 23, 24, 21, 25, 21.5, 22, 19, 23.5, 25]
    const fitted = [...applyIsotonic(fitIsotonic(ages, sizes), [8, 10, 12, 14])]
    for (const [i, size] of [200 / 9, 200 / 9, 200 / 9, 24.25].entries()) expect(fitted[i]).toBeCloseTo(size, 12)
  })

  it('weighs: three rows of 0 against one of 4 make 1', () => {
    expect([...poolAdjacent([4, 0], [1, 3])]).toEqual([1, 1])
  })

  it('never falls, keeps the mean, and is as good as the best by the minimax formula', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -99, max: 99 }), { minLength: 1, maxLength: 20 }), (values) => {
        const pooled = poolAdjacent(values, ones(values.length))
        const mean = (from: number, to: number) =>
          values.slice(from, to + 1).reduce((sum, x) => sum + x, 0) / (to - from + 1)
        pooled.forEach((level, i) => {
          expect(level).toBeGreaterThanOrEqual(pooled[i - 1] ?? -Infinity)
          // max over s ≤ i of min over t ≥ i of the mean from s to t.
          const lows = values.slice(0, i + 1).map((_, s) => Math.min(...values.slice(i).map((_, t) => mean(s, i + t))))
          expect(level).toBeCloseTo(Math.max(...lows), 9)
        })
      }),
    )
  })

  it('answers without falling between and beyond its points, whatever the order of rows, and mirrored when decreasing', () => {
    fc.assert(
      fc.property(points, fc.array(fc.double({ noNaN: true }), { minLength: 2 }), (rows, asked) => {
        const scores = rows.map(([score]) => score)
        const target = rows.map(([, value]) => value)
        const isotonic = fitIsotonic(scores, target)
        const answers = applyIsotonic(isotonic, Float64Array.from(asked).sort())
        answers.forEach((answer, i) => expect(answer).toBeGreaterThanOrEqual(answers[i - 1] ?? -Infinity))
        const turned = fitIsotonic(scores.toReversed(), target.toReversed())
        expect(turned.scores).toEqual(isotonic.scores)
        turned.values.forEach((value, i) => expect(value).toBeCloseTo(isotonic.values[i]!, 9))
        const falling = fitIsotonic(
          scores,
          target.map((y) => -y),
          { decreasing: true },
        )
        expect(applyIsotonic(falling, asked).map((y) => -y + 0)).toEqual(
          applyIsotonic(isotonic, asked).map((y) => y + 0),
        )
      }),
    )
  })

  it('is straight between points and flat beyond', () => {
    const isotonic = fitIsotonic([0, 1, 2, 3], [0, 1, 1, 1])
    expect([...isotonic.scores]).toEqual([0, 1, 3])
    expect([...applyIsotonic(isotonic, [-5, 0, 0.25, 1, 2.5, 9, Number.NaN])]).toEqual([
      0,
      0,
      0.25,
      1,
      1,
      1,
      Number.NaN,
    ])
  })
})

describe('Platt’s sigmoid', () => {
  it('finds the slope that made the labels, in whatever unit the scores are', () => {
    const random = randomOf(3)
    const scores = Array.from({ length: 20_000 }, () => 4 * random.normal())
    const labels = scores.map((score) => Number(random.next() < 1 / (1 + Math.exp(-1.5 * score + 1))))
    const { slope, offset } = fitPlatt(scores, labels)
    expect(slope).toBeCloseTo(-1.5, 1)
    expect(offset).toBeCloseTo(1, 1)
    const scaled = fitPlatt(
      scores.map((score) => 1e6 * score + 5e6),
      labels,
    )
    expect(scaled.slope * 1e6).toBeCloseTo(slope, 6)
    expect(scaled.offset + scaled.slope * 5e6).toBeCloseTo(offset, 6)
  })

  it('meets its targets on average, as the equations of the least loss say', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: -20, max: 20 }), fc.boolean()), { maxLength: 40 }), (rows) => {
        const all = [...rows, [0, true], [0, false]] as [number, boolean][]
        const scores = all.map(([score]) => score)
        const count = all.filter(([, yes]) => yes).length
        const targets = all.map(([, yes]) => (yes ? (count + 1) / (count + 2) : 1 / (all.length - count + 2)))
        const found = applyPlatt(
          fitPlatt(
            scores,
            all.map(([, yes]) => Number(yes)),
          ),
          scores,
        )
        const off = (factor: (i: number) => number) =>
          found.reduce((sum, p, i) => sum + factor(i) * (targets[i]! - p), 0)
        expect(off(() => 1)).toBeCloseTo(0, 5)
        expect(off((i) => scores[i]!)).toBeCloseTo(0, 4)
      }),
    )
  })

  it('stays finite where scores part the labels, and is the drawn-in share where they say nothing', () => {
    const apart = fitPlatt([1, 2, 3, 4], [0, 0, 1, 1])
    const [low, high] = applyPlatt(apart, [1, 4])
    // Two rows of each label are drawn in to 1/4 and 3/4.
    expect(low).toBeGreaterThan(0.1)
    expect(low).toBeLessThan(0.25)
    expect(low! + high!).toBeCloseTo(1, 9)
    expect(applyPlatt(fitPlatt([5, 5, 5], [0, 0, 1]), [5])[0]).toBeCloseTo((1 / 4 + 1 / 4 + 2 / 3) / 3, 9)
    expect([...applyPlatt({ slope: -1, offset: 0 }, [1e9, -1e9])]).toEqual([1, 0])
  })
})

describe('calibrations', () => {
  it('come back from their files to the bit; learn/model-file-invalid: anything else', () => {
    const isotonic = fitIsotonic([1, 2, 3, 4], [0.1, 0.4, 0.2, 0.9])
    const platt = fitPlatt([1, 2, 3, 4], [0, 1, 0, 1])
    expect(readIsotonic(JSON.parse(JSON.stringify(writeIsotonic(isotonic))))).toEqual(isotonic)
    expect(readPlatt(JSON.parse(JSON.stringify(writePlatt(platt))))).toEqual(platt)
    const file = writeIsotonic(isotonic)
    const broken: (() => unknown)[] = [
      () => readIsotonic({ ...file, points: [] }),
      () =>
        readIsotonic({
          ...file,
          points: [
            [1, 1],
            [1, 2],
          ],
        }),
      () =>
        readIsotonic({
          ...file,
          points: [
            [1, 1],
            [2, 3],
            [3, 2],
          ],
        }),
      () => readIsotonic(writePlatt(platt)),
      () => readPlatt({ ...writePlatt(platt), slope: Number.NaN }),
      () => readPlatt(null),
    ]
    for (const read of broken) expect(read).toThrow(expect.objectContaining({ type: 'learn/model-file-invalid' }))
  })

  it('learn/data-unfit: no rows, gaps, labels that are none, one label only', () => {
    const unfit = [
      () => fitIsotonic([], []),
      () => fitIsotonic([1, Number.NaN], [0, 1]),
      () => fitIsotonic([1, 2], [0]),
      () => fitPlatt([1, 2], [0, 2]),
      () => fitPlatt([1, 2], [1, 1]),
      () => fitPlatt([], []),
    ]
    for (const fit of unfit) expect(fit).toThrow(expect.objectContaining({ type: 'learn/data-unfit' }))
  })
})
