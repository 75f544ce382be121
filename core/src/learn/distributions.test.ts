import { describe, expect, it } from 'vitest'
import * as laws from './distributions.ts'

// The figures are SciPy's: stats.chi2, stats.norm, stats.kstwobign.
describe('laws of chance', () => {
  it('agree with tables of the chi-square', () => {
    expect(laws.chiSquareTail(16.918977604620448, 9)).toBeCloseTo(0.05, 12)
    expect(laws.chiSquareTail(3.841458820694124, 1)).toBeCloseTo(0.05, 12)
    expect(laws.chiSquareTail(50, 9) / 1.0772382022574693e-7).toBeCloseTo(1, 10)
    expect(laws.chiSquareTail(5, 30)).toBeCloseTo(0.9999999308468613, 12)
    expect(laws.chiSquareTail(1000, 900)).toBeCloseTo(0.010994608942135844, 11)
    expect(laws.chiSquareTail(0.1, 1)).toBeCloseTo(0.7518296340458492, 12)
    expect(laws.chiSquareTail(0, 4)).toBe(1)
  })

  it('turn a tail of the chi-square back into its value', () => {
    expect(laws.chiSquareUpper(0.05, 9)).toBeCloseTo(16.918977604620448, 9)
    expect(laws.chiSquareUpper(0.01, 1)).toBeCloseTo(6.6348966010212145, 9)
    expect(laws.chiSquareUpper(0.95, 99)).toBeCloseTo(77.04633186, 7)
  })

  it('agree with the normal law', () => {
    expect(laws.normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 14)
    expect(laws.normalQuantile(0.5)).toBe(0)
    expect(laws.normalQuantile(0.1)).toBeCloseTo(-1.2815515655446004, 13)
    expect(laws.normalQuantile(1e-12)).toBeCloseTo(-7.034483825301131, 11)
    for (const share of [1e-8, 0.003, 0.2, 0.5, 0.9, 0.9999]) {
      expect(laws.normalBelow(laws.normalQuantile(share)) / share).toBeCloseTo(1, 11)
    }
  })

  it('agree with Kolmogorov’s law, on both sides of where its series meet', () => {
    expect(laws.kolmogorovTail(0.5)).toBeCloseTo(0.963945244, 8)
    expect(laws.kolmogorovTail(1)).toBeCloseTo(0.269999672, 8)
    expect(laws.kolmogorovTail(1.36)).toBeCloseTo(0.0494858768, 9)
    expect(laws.kolmogorovTail(2)).toBeCloseTo(6.70925256e-4, 11)
    expect(laws.kolmogorovTail(1.1799999999)).toBeCloseTo(laws.kolmogorovTail(1.18), 8)
  })
})
