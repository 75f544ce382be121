import type { CheckName } from '@tidemark/core/telemetry/check.ts'
import { Finding } from '@tidemark/core/telemetry/contract.ts'

/** What found something about a stored reading: one bit for each check, in the order of the contract. */
export const checkBit: ReadonlyMap<CheckName, number> = new Map(
  Finding.shape.check.options.map((check, bit) => [check as CheckName, 1 << bit]),
)

const unusual = (checkBit.get('usual_for_hour') ?? 0) | (checkBit.get('isolation_forest') ?? 0)

/** Whether a stored reading was far from what its hour usually shows. */
export function isUnusual(findings: number): boolean {
  return (findings & unusual) !== 0
}

/** Which checks found something about a stored reading. */
export function checksIn(findings: number): CheckName[] {
  return [...checkBit].flatMap(([check, bit]) => ((findings & bit) === 0 ? [] : [check]))
}
