import type { IntegrityEffect, IntegrityFinding } from './measurement.ts'

/** What the checks of the evidence come to, together. */
export interface IntegritySummary {
  /** The strongest effect of what was found; `none` where nothing was. */
  effect: IntegrityEffect | 'none'
  /** Names of the checks. A block refuses the evidence; a flag sends it to two people. */
  blocks: string[]
  flags: string[]
  informs: string[]
  /** How many checks were made, with or without a finding. */
  checks: number
}

/** Only what was found counts; a check that was passed is shown and has no effect. The order of the list does not matter. */
export function integrityEffect(findings: readonly IntegrityFinding[]): IntegritySummary {
  const named = (effect: IntegrityEffect) =>
    [...new Set(findings.filter((each) => each.found && each.effect === effect).map(({ check }) => check))].sort()
  const [blocks, flags, informs] = [named('block'), named('flag'), named('inform')]
  const effect = blocks.length > 0 ? 'block' : flags.length > 0 ? 'flag' : informs.length > 0 ? 'inform' : 'none'
  return { effect, blocks, flags, informs, checks: findings.length }
}
