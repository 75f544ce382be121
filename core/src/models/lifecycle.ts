import { Problem } from '../lib/problem.ts'
import type { AliasEvent, Stage, Verdict } from './contract.ts'

/** What is known of a version when its place is decided. */
export interface Standing {
  version: number
  retired: boolean
}

/** The alias of the version that answers. */
export const CHAMPION = 'champion'
/** The alias of the version that an experiment has predict beside the champion, or instead of it for some. */
export const CHALLENGER = 'challenger'

/** Where a version stands follows from where the aliases point: it is written down nowhere else. */
export function stageOf({ version, retired }: Standing, aliases: Readonly<Record<string, number>>): Stage {
  if (retired) return 'retired'
  if (aliases[CHAMPION] === version) return 'champion'
  return aliases[CHALLENGER] === version ? 'shadow' : 'candidate'
}

type Move = Pick<AliasEvent, 'alias' | 'action' | 'to_version'>

/**
 * The champions that a rollback goes through, the present one last. A rollback takes the last one away, so that a second
 * rollback goes further back and never to what was just left.
 */
export function champions(events: readonly Move[]): number[] {
  let stack: number[] = []
  for (const { alias, action, to_version } of events) {
    if (alias !== CHAMPION) continue
    if (action === 'rollback') {
      stack = stack.slice(0, -1)
      // What was retired in between was passed over.
      while (stack.length > 0 && stack.at(-1) !== to_version) stack = stack.slice(0, -1)
      if (stack.length === 0 && to_version !== null) stack = [to_version]
    } else if (to_version === null) stack = []
    else stack = [...stack, to_version]
  }
  return stack
}

/**
 * The champion to go back to.
 * @param events oldest first.
 * @throws {Problem} models/nothing-to-roll-back
 */
export function rollbackTarget(events: readonly Move[], versions: readonly Standing[]): number {
  const usable = new Set(versions.filter(({ retired }) => !retired).map(({ version }) => version))
  const stack = champions(events)
  const present = stack.at(-1)
  const target = stack.findLast(
    (version, index) => index < stack.length - 1 && version !== present && usable.has(version),
  )
  if (target !== undefined) return target
  throw new Problem('models/nothing-to-roll-back', {
    detail:
      present === undefined
        ? 'No version of this model has answered yet.'
        : `Version ${present} is the first champion that this model had.`,
  })
}

/** The event by which a version answered at an instant, if any did. @param events oldest first. */
export function championEventAt<E extends Move & { at: string }>(events: readonly E[], at: Date): E | undefined {
  return events.findLast((event) => event.alias === CHAMPION && new Date(event.at).getTime() <= at.getTime())
}

/**
 * Whether somebody may make this version the champion.
 * @param against_verdict that they know that it was rejected, and want it nevertheless.
 * @returns whether the decision goes against a verdict.
 * @throws {Problem} models/retired, models/gate-closed
 */
export function refusePromotion(
  { version, retired }: Standing,
  verdict: Verdict | null,
  against_verdict: boolean,
): { against_verdict: boolean } {
  if (retired)
    throw new Problem('models/retired', { detail: `Version ${version} was retired; train or promote another.` })
  if (verdict?.outcome !== 'rejected') return { against_verdict: false }
  if (against_verdict) return { against_verdict: true }
  throw new Problem('models/gate-closed', {
    detail: `Version ${version} was ${verdict.says} Send "against_verdict": true to decide otherwise; the history will say so.`,
    verdict,
  })
}
