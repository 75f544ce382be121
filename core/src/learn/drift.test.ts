import { describe, expect, it } from 'vitest'
import { driftOf, type DriftFeature, type DriftOptions } from './drift.ts'
import { randomOf } from './random.ts'

const normal = (count: number, seed: number, shift = 0, scale = 1) => {
  const { normal: draw } = randomOf(seed)
  return Float64Array.from({ length: count }, () => shift + scale * draw())
}
const numbers = (reference: Float64Array, current: Float64Array, name = 'x'): DriftFeature[] => [
  { name, kind: 'number', reference, current },
]
const only = (features: DriftFeature[], options?: DriftOptions) => driftOf(features, options).features[0]!
const reference = normal(5000, 1)

describe('no drift', () => {
  it('raises few alarms at any size, and is never called absent at 10, 50 or 100 rows', () => {
    for (const rows of [10, 50, 100, 200, 1000]) {
      const trials = rows < 200 ? 40 : 100
      const verdicts = Array.from({ length: trials }, (_, trial) =>
        driftOf(numbers(reference, normal(rows, 100 + trial)), { permutation_count: 199 }),
      ).map(({ verdict }) => verdict)
      const alarms = verdicts.filter((verdict) => verdict === 'drift').length
      // 5 % is allowed; the 99.9 % point of the binomial is 7 alarms in 40 trials and 13 in 100.
      expect(alarms, `${rows} rows`).toBeLessThanOrEqual(rows < 200 ? 7 : 13)
      expect(verdicts.includes('no_drift'), `${rows} rows`).toBe(rows >= 200)
    }
  })

  it('among thirty features is not found by looking thirty times', () => {
    const alarms = Array.from({ length: 20 }, (_, trial) => {
      const features = Array.from({ length: 30 }, (_each, f) =>
        numbers(normal(400, 1000 + trial * 60 + f), normal(400, 5000 + trial * 60 + f), `x${f}`),
      ).flat()
      return driftOf(features).verdict === 'drift'
    }).filter(Boolean)
    expect(alarms.length).toBeLessThanOrEqual(4)
  })

  it('in blocks is not taken for drift: days of one value each fool a test that takes rows as independent', () => {
    const days = (first: number, count: number) => {
      const values = normal(count, first)
      return {
        values: Float64Array.from({ length: count * 50 }, (_, row) => values[Math.floor(row / 50)]!),
        blocks: Array.from({ length: count * 50 }, (_, row) => `${first}-${Math.floor(row / 50)}`),
      }
    }
    let fooled = 0
    let alarms = 0
    for (let trial = 0; trial < 20; trial++) {
      const before = days(1 + trial * 2, 30)
      const now = days(2 + trial * 2, 15)
      const features = numbers(before.values, now.values)
      if (driftOf(features).verdict === 'drift') fooled++
      const blocks = { reference: before.blocks, current: now.blocks }
      if (driftOf(features, { blocks, permutation_count: 199 }).verdict === 'drift') alarms++
    }
    expect(fooled).toBe(20)
    expect(alarms).toBeLessThanOrEqual(4)
  })
})

describe('drift', () => {
  it('of half a standard deviation is found in 200 rows, and one of three in 30', () => {
    expect(only(numbers(reference, normal(200, 7, 0.5)))).toMatchObject({ verdict: 'drift', law: 'asymptotic' })
    expect(only(numbers(reference, normal(30, 7, 3)))).toMatchObject({ verdict: 'drift', law: 'permutation' })
  })

  it('is told by its size: a shift of one deviation is a Wasserstein distance of one', () => {
    const found = only(numbers(reference, normal(5000, 8, 1)))
    expect(found.wasserstein_sd).toBeCloseTo(1, 1)
    expect(found.bins[0]!.reference_share).toBeCloseTo(0.1, 2)
    expect(found.because).toMatch(/^PSI .* of which chance explains .* adjusted p = /)
  })

  it('that is sure but too small to matter is said to be so', () => {
    const found = only(numbers(normal(50_000, 2), normal(50_000, 3, 0.05)))
    expect(found.verdict).toBe('no_drift')
    expect(found.q_value).toBeLessThan(0.001)
    expect(found.because).toContain('smaller than matters')
  })

  it('in what is missing is drift, even when nothing else is left', () => {
    const holes = normal(1000, 4).map((value, row) => (row % 3 === 0 ? Number.NaN : value))
    expect(only(numbers(reference, holes))).toMatchObject({ verdict: 'drift', current_missing_share: 0.334 })
    const gone = new Float64Array(300).fill(Number.NaN)
    expect(only(numbers(reference, gone))).toMatchObject({ verdict: 'drift', current_missing_share: 1 })
  })

  it('of a constant column is found, and none when it stays', () => {
    const flat = new Float64Array(400).fill(5)
    expect(only(numbers(flat, flat)).verdict).toBe('no_drift')
    expect(only(numbers(flat, new Float64Array(400).fill(4))).verdict).toBe('drift')
    expect(only(numbers(flat, flat)).wasserstein_sd).toBeUndefined()
  })

  it('says how many rows would do, or that the reference is too short', () => {
    expect(only(numbers(reference, normal(50, 9)))).toMatchObject({ verdict: 'too_few_rows', rows_needed: 200 })
    expect(only(numbers(normal(250, 9), normal(250, 10)))).toMatchObject({ verdict: 'too_few_rows', rows_needed: 524 })
    const short = only(numbers(normal(100, 9), normal(5000, 10)))
    expect(short).toMatchObject({ verdict: 'too_few_rows', because: expect.stringContaining('reference is too short') })
  })

  it('is not called on a handful of rows, however odd they are', () => {
    expect(only(numbers(reference, new Float64Array(10).fill(40))).verdict).toBe('too_few_rows')
  })
})

describe('categories', () => {
  const dealt = (count: number, seed: number, share: number, extra?: string) => {
    const random = randomOf(seed)
    return Array.from({ length: count }, () => (random.next() < share ? 'gas' : (extra ?? 'heat pump')))
  }
  const categories = (now: (string | null)[]): DriftFeature[] => [
    { name: 'heating', kind: 'category', reference: dealt(2000, 1, 0.7), current: now },
  ]

  it('drift when their shares do, and not when they do not', () => {
    expect(only(categories(dealt(500, 2, 0.7))).verdict).toBe('no_drift')
    expect(only(categories(dealt(500, 2, 0.4)))).toMatchObject({ verdict: 'drift', chi_square: { freedom: 1 } })
    expect(only(categories(dealt(40, 2, 0.1)))).toMatchObject({ verdict: 'drift', law: 'permutation' })
  })

  it('that the reference never had are named', () => {
    const found = only(categories(dealt(500, 2, 0.7, 'wood')))
    expect(found).toMatchObject({ verdict: 'drift', unseen_categories: ['wood'] })
  })

  it('that are rare do not upset the law', () => {
    const alarms = Array.from({ length: 60 }, (_, trial) => {
      const random = randomOf(trial)
      const rare = (count: number) =>
        Array.from({ length: count }, () => `code ${Math.floor(random.next() ** 4 * 400)}`)
      return driftOf([{ name: 'code', kind: 'category', reference: rare(1000), current: rare(1000) }]).verdict
    }).filter((verdict) => verdict === 'drift')
    expect(alarms.length).toBeLessThanOrEqual(9)
  })
})

describe('samples that cannot be compared', () => {
  it('are refused, and the feature is named', () => {
    const refused = expect.objectContaining({
      type: 'learn/data-unfit',
      details: expect.objectContaining({ feature: 'x' }),
    })
    expect(() => driftOf(numbers(reference, new Float64Array(0)))).toThrow(refused)
    expect(() => driftOf(numbers(reference, Float64Array.of(1, Infinity)))).toThrow(refused)
    expect(() => driftOf(numbers(reference, reference), { blocks: { reference: [1], current: [1] } })).toThrow(refused)
  })
})
