import { Factor } from '../factors/contract.ts'
import type { z } from 'zod'
import { faultsOf } from '../lib/faults.ts'
import { pointer, Problem } from '../lib/problem.ts'
import { calculate } from './calculate.ts'
import { Airport, Inventory, type FootprintResult } from './contract.ts'
import { libraryOf } from './library.ts'

/** What a stored result came from, as it travels in a bundle: nothing in it has been believed yet. */
export interface ReplayEvidence {
  inventory: unknown
  factors: readonly unknown[]
  airports?: readonly unknown[]
  result: unknown
}

export interface ReplayAnswer {
  /** Every digit came out the same. */
  same: boolean
  result_digest: string
  /** The first place where the two results part, in the order of the result. */
  first_difference?: { path: string; line_id?: string; expected: unknown; found: unknown }
}

/**
 * Computes the evidence again and compares it with the result that came along, digit by digit.
 * @throws Problem `footprint/invalid-inventory` when the evidence cannot be read or has faults.
 */
export function replay(evidence: ReplayEvidence): ReplayAnswer {
  const inventory = read(Inventory, evidence.inventory, '')
  const factors = evidence.factors.map((factor, index) => read(Factor, factor, `/factors/${index}`))
  const airports = (evidence.airports ?? []).map((airport, index) => read(Airport, airport, `/airports/${index}`))
  const found = calculate(inventory, libraryOf({ factors, airports }))
  const difference = firstDifference(evidence.result, found, [])
  if (!difference) return { same: true, result_digest: found.result_digest }
  const line_id = difference.segments[0] === 'lines' ? found.lines[Number(difference.segments[1])]?.id : undefined
  return {
    same: false,
    result_digest: found.result_digest,
    first_difference: {
      path: pointer(difference.segments),
      ...(line_id === undefined ? {} : { line_id }),
      expected: difference.expected,
      found: difference.found,
    },
  }
}

function read<T extends z.ZodType>(schema: T, value: unknown, at: string): z.output<T> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const faults = faultsOf(parsed.error, value, at)
  throw new Problem('footprint/invalid-inventory', { detail: faults[0]?.message ?? 'The evidence cannot be read.', faults })
}

interface Difference {
  segments: (string | number)[]
  expected: unknown
  found: unknown
}

/** Lines come first: a total that differs does so because a line does. */
const ORDER: readonly (keyof FootprintResult)[] = ['engine_version', 'gwp_set', 'lines']

/** Compares what the engine computes; what is written beside it, such as the id of the calculation, is not its doing. */
function firstDifference(expected: unknown, found: FootprintResult, at: string[]): Difference | undefined {
  if (typeof expected !== 'object' || expected === null) return { segments: at, expected, found: 'a result' }
  const keys = [...ORDER, ...Object.keys(found).filter((key) => !ORDER.includes(key as keyof FootprintResult))]
  for (const key of keys) {
    const difference = compareValues(Reflect.get(expected, key), Reflect.get(found, key), [...at, key])
    if (difference) return difference
  }
  return undefined
}

function compareValues(expected: unknown, found: unknown, segments: (string | number)[]): Difference | undefined {
  if (Object.is(expected, found)) return undefined
  const both_objects = typeof expected === 'object' && typeof found === 'object' && expected !== null && found !== null
  if (!both_objects || Array.isArray(expected) !== Array.isArray(found)) return { segments, expected, found }
  const keys = [...new Set([...Object.keys(found), ...Object.keys(expected)])]
  for (const key of keys) {
    const difference = compareValues(Reflect.get(expected, key), Reflect.get(found, key), [...segments, key])
    if (difference) return difference
  }
  return undefined
}
