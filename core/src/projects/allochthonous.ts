/**
 * Carbon in the soil that grew elsewhere and was washed in: VM0033 v2.1, equations 38 to 43. It is not the project's, and
 * is deducted.
 */
import { Problem } from '../lib/problem.ts'

/** Equation 41, marsh: organic matter in percent from soil carbon in percent. */
export function marshOrganicMatter(carbon_percent: number): number {
  return (-0.4 + Math.sqrt(0.16 + 0.01 * carbon_percent)) / 0.005
}

/** Inverse of equation 41. */
export function marshCarbon(om_percent: number): number {
  return 0.4 * om_percent + 0.0025 * om_percent * om_percent
}

/** Equation 43, mangrove. */
export function mangroveOrganicMatter(carbon_percent: number): number {
  return (carbon_percent - 2.8857) / 0.415
}

/** Inverse of equation 43. */
export function mangroveCarbon(om_percent: number): number {
  return 0.415 * om_percent + 2.8857
}

/** Equation 40: organic matter that grew here, the deposited mineral matter bringing `dep_percent` with it. */
export function autochthonousOrganicMatter(om_percent: number, dep_percent: number): number {
  return (om_percent - dep_percent) / (1 - dep_percent / 100)
}

/** Equation 39: share of the soil carbon that came from elsewhere, in percent, 0 to 100. */
export function allochthonousPercent(carbon_percent: number, own_percent: number): number {
  if (!(carbon_percent > 0)) {
    throw new Problem('projects/invalid-analysis', {
      detail: `Soil carbon is above 0 %, got ${carbon_percent} %.`,
      carbon_percent,
    })
  }
  return Math.min(100, Math.max(0, (100 * (carbon_percent - own_percent)) / carbon_percent))
}

/** Equations 39 to 43 from the soil carbon alone. Where all organic matter was deposited, everything came from elsewhere. */
export function allochthonousFromCarbon(
  ecosystem: 'mangrove' | 'salt_marsh',
  carbon_percent: number,
  dep_percent: number,
): number {
  const mangrove = ecosystem === 'mangrove'
  const om = mangrove ? mangroveOrganicMatter(carbon_percent) : marshOrganicMatter(carbon_percent)
  const own = autochthonousOrganicMatter(om, dep_percent)
  if (own <= 0) return 100
  return allochthonousPercent(carbon_percent, mangrove ? mangroveCarbon(own) : marshCarbon(own))
}
