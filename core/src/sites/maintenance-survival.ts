import type { Asset } from './contract.ts'

/**
 * How long such things last in general: a Weibull distribution by kind. These are assumptions for orientation, from the
 * lives that makers and operators commonly plan with, not from records of failures here. They are shown beside an asset of
 * which too little was measured, and never become a date or a status of it.
 */
export interface SurvivalPrior {
  /** Below 1 failures come early, at 1 at any time, above 1 with age. */
  shape: number
  /** By then 63 % have failed. */
  scale_years: number
  basis: string
}

const assumed = (what: string) => `Assumption for orientation: ${what}`

export const survivalPriors: Partial<Record<Asset['kind'], SurvivalPrior>> = {
  pv_inverter: {
    shape: 1.5,
    scale_years: 13,
    basis: assumed('an inverter is replaced once in the life of its modules'),
  },
  battery: {
    shape: 3,
    scale_years: 13,
    basis: assumed('a warranty of ten years, worn out rather than struck by chance'),
  },
  genset: { shape: 1.3, scale_years: 12, basis: assumed('a major overhaul once in about ten years of standby') },
  hvac: { shape: 2, scale_years: 17, basis: assumed('planned with fifteen years') },
  charger: {
    shape: 1.2,
    scale_years: 10,
    basis: assumed('planned with about ten years; connectors wear and electronics fail by chance'),
  },
  turbine: {
    shape: 1.5,
    scale_years: 20,
    basis: assumed('bearings designed for twenty years, with the scatter usual of rolling bearings'),
  },
}

/** The share of new ones that will have failed after so many years. */
export function failedAfter({ shape, scale_years }: SurvivalPrior, years: number): number {
  return 1 - Math.exp(-((years / scale_years) ** shape))
}
