import type { Factor, GwpSet, Stage } from '../factors/contract.ts'
import { gases as knownGases, gwpOf, isOutsideScopes } from '../factors/gwp.ts'

/** One stage of a factor under one GWP set: what a unit of the activity emits, ready to multiply. */
export interface PlannedStage {
  stage: Stage
  /** What counts in the inventory: never negative, never biogenic CO2, never a gas of the Montreal Protocol. */
  kg_co2e: number
  gases: readonly (readonly [gas: string, kg_co2e: number])[]
  /** What the publisher does not divide by gas. */
  unattributed_kg_co2e: number
  biogenic_kg_co2: number
  other_gases_kg_co2e: number
  avoided_kg_co2e: number
}

export interface PlannedFactor {
  stages: readonly PlannedStage[]
  /** The factor mixes gases under another set and does not list them apart, so they could not be weighted again. */
  other_gwp_set: boolean
}

/**
 * Puts a factor under the inventory's GWP set.
 *
 * Masses are weighted directly. Amounts that the publisher weighted under another set are brought back to masses and
 * weighted again, gas by gas; what is not divided by gas keeps the publisher's weighting, and the plan says so. Under
 * the publisher's own set the published total stands, to its last digit.
 */
export function planFactor(factor: Factor, gwp_set: GwpSet): PlannedFactor {
  let other_gwp_set = false
  const stages = factor.stages.map((stage): PlannedStage => {
    const same_set = factor.gwp_set === gwp_set
    const weighted = weighGases(stage, factor.gwp_set, gwp_set)
    let total = 0
    let outside = 0
    const gases: [string, number][] = []
    for (const [gas, kg_co2e] of weighted.gases) {
      if (isOutsideScopes(gas)) {
        outside += kg_co2e
        continue
      }
      total += kg_co2e
      addTo(gases, gasGroup(gas), kg_co2e)
    }
    let unattributed = 0
    if (!weighted.by_mass) {
      // What the published total holds beyond its listed gases, before any of them was weighted again.
      const rest = stage.total_kg_co2e - weighted.listed_kg_co2e
      // The published total, not the sum of rounded gases, is what an auditor will look for.
      total = same_set && outside === 0 ? stage.total_kg_co2e : total + rest
      // Publishers round a total and its gases apart: so little is no gas of its own, and the largest gas takes it.
      const is_dust = weighted.complete && Math.abs(rest) <= ROUNDING_MAX * Math.abs(stage.total_kg_co2e)
      if (!is_dust) unattributed = rest
      if (
        !same_set &&
        factor.gwp_set !== undefined &&
        Math.abs(unattributed) > ROUNDING_MAX * Math.abs(stage.total_kg_co2e)
      ) {
        other_gwp_set = true
      }
    }
    const biogenic = Math.max(0, stage.co2_biogenic_kg ?? 0)
    if (total < 0) {
      return {
        stage: stage.stage,
        kg_co2e: 0,
        gases: [],
        unattributed_kg_co2e: 0,
        biogenic_kg_co2: biogenic,
        other_gases_kg_co2e: outside,
        avoided_kg_co2e: total,
      }
    }
    return {
      stage: stage.stage,
      kg_co2e: total,
      gases,
      unattributed_kg_co2e: unattributed,
      biogenic_kg_co2: biogenic,
      other_gases_kg_co2e: outside,
      avoided_kg_co2e: 0,
    }
  })
  return { stages, other_gwp_set }
}

/** The part of a total by which it may differ from its own gases: Base Carbone rounds to three digits, 0.5 %. */
const ROUNDING_MAX = 0.005

interface Weighted {
  gases: [string, number][]
  listed_kg_co2e: number
  by_mass: boolean
  /** Gases are listed, and every one of them could be weighted. */
  complete: boolean
}

function weighGases(stage: Factor['stages'][number], from: GwpSet | undefined, to: GwpSet): Weighted {
  if (stage.gases_kg) {
    const gases = Object.entries(stage.gases_kg).map(([gas, kg]): [string, number] => {
      const gwp = gwpOf(gas, to)
      if (gwp === undefined) throw new MissingGwp(gas, to)
      return [gas, kg * gwp]
    })
    return { gases, listed_kg_co2e: stage.total_kg_co2e, by_mass: true, complete: true }
  }
  const gases: [string, number][] = []
  let listed_kg_co2e = 0
  let complete = stage.gases_kg_co2e !== undefined
  for (const [gas, kg_co2e] of Object.entries(stage.gases_kg_co2e ?? {})) {
    const before = from === undefined ? undefined : gwpOf(gas, from)
    const after = gwpOf(gas, to)
    // Lumps such as `hfc` or `other` have no one GWP: they stay in what is not divided.
    if (from !== to && (before === undefined || after === undefined)) {
      complete = false
      continue
    }
    listed_kg_co2e += kg_co2e
    gases.push([gas, from === to || before === after ? kg_co2e : (kg_co2e / (before ?? 1)) * (after ?? 1)])
  }
  return { gases, listed_kg_co2e, by_mass: false, complete }
}

/** The set holds no value for a gas: with it, the line cannot be calculated. */
export class MissingGwp extends Error {
  override name = 'MissingGwp'
  readonly gas: string
  readonly gwp_set: GwpSet
  constructor(gas: string, gwp_set: GwpSet) {
    super(`${gwp_set} holds no GWP for ${gas}`)
    this.gas = gas
    this.gwp_set = gwp_set
  }
}

/** Hydrofluorocarbons and perfluorocarbons are reported as two groups, the other gases by name, methane by origin. */
function gasGroup(gas: string): string {
  const group = knownGases[gas]?.group
  return group === 'hfc' || group === 'pfc' ? group : gas
}

function addTo(list: [string, number][], gas: string, kg_co2e: number): void {
  const entry = list.find(([name]) => name === gas)
  if (entry) entry[1] += kg_co2e
  else list.push([gas, kg_co2e])
}
