import type { QualityGrades } from '../factors/contract.ts'
import { exp, ln } from '../lib/exact-math.ts'

/**
 * The pedigree method of the Bilan Carbone: each data-quality dimension has a coefficient per grade, 1 (poor) to 5
 * (excellent), and the 95 % interval of a number is [x / k, x × k] with ln k = √Σ ln(coefficient)². Below, a *spread* is
 * that ln k. `docs/methods/footprint.md` has the table with its source.
 */
const coefficients: Record<keyof QualityGrades, readonly [number, number, number, number, number]> = {
  reliability: [1.5, 1.2, 1.1, 1.05, 1],
  technical: [2, 1.5, 1.2, 1.1, 1],
  geographic: [1.1, 1.05, 1.02, 1.01, 1],
  temporal: [1.5, 1.2, 1.1, 1.03, 1],
  completeness: [1.2, 1.1, 1.05, 1.02, 1],
}
const dimensions = Object.keys(coefficients) as (keyof QualityGrades)[]

const lnCoefficients = Object.fromEntries(
  dimensions.map((dimension) => [dimension, coefficients[dimension].map(ln)]),
) as Record<keyof QualityGrades, number[]>

/** Spread of a number with these grades. A grade that is missing counts as the worst: silence is not evidence. */
export function spreadOfGrades(grades: QualityGrades | undefined): number {
  return grades === undefined ? UNGRADED_SPREAD : gradedSpread(grades)
}

function gradedSpread(grades: QualityGrades): number {
  let squares = 0
  for (const dimension of dimensions) {
    const spread = lnCoefficient(dimension, grades[dimension] ?? 1)
    squares += spread * spread
  }
  return Math.sqrt(squares)
}

const UNGRADED_SPREAD = gradedSpread({})

/** Half grades, which Base Carbone uses, lie halfway between their neighbours. */
function lnCoefficient(dimension: keyof QualityGrades, grade: number): number {
  const row = lnCoefficients[dimension]
  const below = Math.floor(grade)
  const low = row[below - 1] ?? 0
  const high = row[below] ?? 0
  return low + (high - low) * (grade - below)
}

/** Spread of a number whose publisher states a 95 % half-width in percent. */
export function spreadOfPercent(percent: number): number {
  return percent === 0 ? 0 : ln(1 + percent / 100)
}

/** A product of independent numbers: their spreads add in squares. */
export function spreadOfProduct(a: number, b: number): number {
  return Math.sqrt(a * a + b * b)
}

/** Mean grade as a score from 0 to 100; a missing grade counts as 1. */
export function scoreOfGrades(grades: QualityGrades | undefined): number {
  let sum = 0
  for (const dimension of dimensions) sum += (grades?.[dimension] ?? 1) - 1
  return (sum / (4 * dimensions.length)) * 100
}

/** [x / k, x × k], rounded to whole milligrams like every amount. */
export function interval(kg: number, spread: number): { low: number; high: number } {
  const k = exp(Math.min(spread, 50))
  return { low: roundToMg(kg / k), high: roundToMg(kg * k) }
}

function roundToMg(kg: number): number {
  return Math.round(kg * 1e6) / 1e6
}
