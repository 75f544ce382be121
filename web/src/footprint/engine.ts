import type { Factor } from '@tidemark/core/factors/contract.ts'
import { calculate } from '@tidemark/core/footprint/calculate.ts'
import type { Airport, FootprintResult, Inventory } from '@tidemark/core/footprint/contract.ts'
import { libraryOf, type Library } from '@tidemark/core/footprint/library.ts'
import { Problem, type Fault } from '@tidemark/core/lib/problem.ts'

export { libraryOf }

export interface LeftOut {
  line_id: string
  fault: Fault
}

export interface LiveResult {
  result?: FootprintResult
  /** Lines that could not be calculated. They are named on the page, never dropped in silence. */
  left_out: LeftOut[]
}

/** Computes what can be computed of an inventory that is still being written. */
export function calculateLive(inventory: Inventory, library: Library): LiveResult {
  if (inventory.lines.length === 0) return { left_out: [] }
  try {
    return { result: calculate(inventory, library), left_out: [] }
  } catch (error) {
    if (!(error instanceof Problem) || error.type !== 'footprint/invalid-inventory') throw error
    const left_out = (error.details.faults ?? []).map((fault) => ({
      line_id: inventory.lines[Number(fault.path.split('/')[2])]?.id ?? '',
      fault,
    }))
    const out = new Set(left_out.map((each) => each.line_id))
    const lines = inventory.lines.filter((line) => !out.has(line.id))
    return { ...(lines.length > 0 ? { result: calculate({ ...inventory, lines }, library) } : {}), left_out }
  }
}

export type Replay =
  | { outcome: 'same'; result: FootprintResult }
  | { outcome: 'differs'; result: FootprintResult; line_id: string | undefined }
  | { outcome: 'cannot'; reason: string }

/** Computes a stored calculation again from its inventory and factors, and compares digests. */
export function replay(
  stored: FootprintResult,
  inventory: Inventory,
  content: { factors: readonly Factor[]; airports: readonly Airport[] },
): Replay {
  let result: FootprintResult
  try {
    result = calculate(inventory, libraryOf(content))
  } catch (error) {
    return { outcome: 'cannot', reason: error instanceof Error ? error.message : String(error) }
  }
  if (result.result_digest === stored.result_digest && result.input_digest === stored.input_digest)
    return { outcome: 'same', result }
  const line = stored.lines.find((each) => {
    const own = result.lines.find((other) => other.id === each.id)
    return JSON.stringify(own) !== JSON.stringify(each)
  })
  return { outcome: 'differs', result, line_id: line?.id }
}
