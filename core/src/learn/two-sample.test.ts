import { describe, expect, it } from 'vitest'
import { benjaminiHochberg, chiSquareTest, kolmogorovSmirnov, psi, wasserstein } from './two-sample.ts'

const unfit = expect.objectContaining({ type: 'learn/data-unfit' })
const list = (...values: number[]) => Float64Array.from(values)
const a = list(
  0.61,
  0.29,
  0.06,
  0.59,
  -1.73,
  -0.74,
  0.51,
  -0.56,
  0.39,
  1.64,
  0.05,
  -0.06,
  0.64,
  -0.82,
  0.37,
  1.77,
  1.09,
  -1.28,
  2.36,
  1.31,
  1.05,
  -0.32,
  -0.4,
  1.06,
  -2.47,
)
const b = list(-2.2, -1.1, 0.9, 1.9, 2.6, 0.33, 0.07, 3.1, 1.4, 2.2)

describe('two samples', () => {
  it('have the Kolmogorov–Smirnov distance and exact p-value that SciPy gives', () => {
    const test = kolmogorovSmirnov(a, b)
    expect(test).toMatchObject({ distance: expect.closeTo(0.38, 12), law: 'exact' })
    expect(test.p_value).toBeCloseTo(0.20822305134940086, 10)
    // Of the 20 orders of three and three values two keep them apart.
    expect(kolmogorovSmirnov(list(1, 2, 3), list(4, 5, 6)).p_value).toBeCloseTo(0.1, 12)
    expect(kolmogorovSmirnov(a, a)).toEqual({ distance: 0, p_value: 1, law: 'exact' })
  })

  it('pass from the exact law to the asymptotic one without a jump', () => {
    const even = (count: number, shift: number) => Float64Array.from({ length: count }, (_, i) => i / count + shift)
    const exact = kolmogorovSmirnov(even(500, 0), even(500, 0.08))
    const asymptotic = kolmogorovSmirnov(even(501, 0), even(501, 0.08))
    expect([exact.law, asymptotic.law]).toEqual(['exact', 'asymptotic'])
    expect(exact.p_value / asymptotic.p_value).toBeGreaterThan(0.9)
    expect(exact.p_value / asymptotic.p_value).toBeLessThan(1.1)
  })

  it('are a Wasserstein distance apart: that of a shift is the shift', () => {
    expect(wasserstein(list(0, 1, 3), list(5, 6, 8))).toBe(5)
    expect(wasserstein(a, b)).toBeCloseTo(0.8291999999999999, 12)
    expect(wasserstein(a, a)).toBe(0)
  })

  it('of categories have SciPy’s chi-square', () => {
    const test = chiSquareTest([10, 10, 20, 0], [20, 20, 20, 0])
    expect(test).toMatchObject({ freedom: 2, expected_min: 12 })
    expect(test.statistic).toBeCloseTo(2.7777777777777777, 12)
    expect(test.p_value).toBeCloseTo(0.24935220877729622, 12)
    expect(chiSquareTest([7], [9])).toMatchObject({ statistic: 0, freedom: 0, p_value: 1 })
  })

  it('have a stability index of zero when they are alike, and the textbook value when they are large', () => {
    expect(psi([10, 20, 30], [10, 20, 30])).toBe(0)
    // By hand: (0.6 - 0.5) ln(0.6 / 0.5) + (0.4 - 0.5) ln(0.4 / 0.5).
    expect(psi([500_000, 500_000], [600_000, 400_000])).toBeCloseTo(0.1 * Math.log(1.2) - 0.1 * Math.log(0.8), 5)
    expect(Number.isFinite(psi([0, 10], [10, 0]))).toBe(true)
  })

  it('are refused when one is empty or they are counted differently', () => {
    expect(() => kolmogorovSmirnov(a, list())).toThrow(unfit)
    expect(() => wasserstein(list(), a)).toThrow(unfit)
    expect(() => chiSquareTest([1, 2], [0, 0])).toThrow(unfit)
    expect(() => psi([1], [1, 2])).toThrow(unfit)
  })
})

describe('many tests at once', () => {
  it('are adjusted as in the example of Benjamini and Hochberg (1995), where four of fifteen are findings at 5 %', () => {
    const p_values = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719]
    const adjusted = benjaminiHochberg([...p_values, 0.6528, 0.759, 1])
    expect(adjusted.filter((q) => q <= 0.05)).toHaveLength(4)
    expect(adjusted[3]).toBeCloseTo((0.0095 * 15) / 4, 12)
    expect(benjaminiHochberg([0.04, 0.01, 0.03])).toEqual([0.04, 0.03, 0.04])
    expect(benjaminiHochberg([])).toEqual([])
  })
})
