import type { z } from 'zod'
import { resultDigestOf } from '../certificates/bundle.ts'
import { Factor } from '../factors/contract.ts'
import { faultsOf } from '../lib/faults.ts'
import { pointer, Problem, type Fault } from '../lib/problem.ts'
import { calculate } from './calculate.ts'
import { readInventory } from './check.ts'
import { Airport, Calculation, FootprintResult, type Inventory } from './contract.ts'
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
 * Computes the evidence again and compares it with the result that came along, digit by digit. Of lines, the one whose
 * numbers part first is named; a result of another engine version parts there before anything else.
 * @throws Problem `footprint/invalid-inventory` when the evidence cannot be read or has faults.
 */
export function replay(evidence: ReplayEvidence): ReplayAnswer {
  const inventory = inventoryOf(evidence.inventory)
  const factors = evidence.factors.map((factor, index) => read(Factor, factor, `/factors/${index}`))
  const airports = (evidence.airports ?? []).map((airport, index) => read(Airport, airport, `/airports/${index}`))
  refuseTwins(factors)
  const found = calculate(inventory, libraryOf({ factors, airports }))
  const difference = firstDifference(evidence.result, found)
  if (!difference) return { same: true, result_digest: found.result_digest }
  const { segments, line_id, expected, found: value } = difference
  return {
    same: false,
    result_digest: found.result_digest,
    first_difference: {
      path: pointer(segments),
      ...(line_id === undefined ? {} : { line_id }),
      expected,
      found: value,
    },
  }
}

function inventoryOf(document: unknown): Inventory {
  const { inventory, faults } = readInventory(document)
  if (inventory && faults.length === 0) return inventory
  throw unreadable(faults)
}

/** Of two factors with one name, one would be used and the other shown. */
function refuseTwins(factors: readonly Factor[]): void {
  const seen = new Set<string>()
  for (const [index, { id, edition }] of factors.entries()) {
    const name = `${id}@${edition}`
    if (seen.has(name)) {
      const message = 'Two factors of the evidence have the same id and edition.'
      throw unreadable([{ path: `/factors/${index}/id`, code: 'repeated-id', message, value: name }])
    }
    seen.add(name)
  }
}

function unreadable(faults: Fault[]): Problem {
  return new Problem('footprint/invalid-inventory', {
    detail: faults[0]?.message ?? 'The evidence cannot be read.',
    faults,
  })
}

function read<T extends z.ZodType>(schema: T, value: unknown, at: string): z.output<T> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw unreadable(faultsOf(parsed.error, value, at))
}

interface Difference {
  segments: (string | number)[]
  line_id?: string
  expected: unknown
  found: unknown
}

/** Lines come before totals: a total that differs does so because a line does. */
const first_keys: readonly string[] = ['engine_version', 'gwp_set', 'lines']

/** What an answer says beside its result: the id of the calculation, its certificate, whom it is about. */
const beside = new Set(Object.keys(Calculation.shape).filter((key) => !(key in FootprintResult.shape)))

/** What the engine computes, in the order in which a difference explains the most. */
function firstDifference(expected: unknown, found: FootprintResult): Difference | undefined {
  if (typeof expected !== 'object' || expected === null) return { segments: [], expected, found: 'a result' }
  const keys = [...first_keys, ...Object.keys(found).filter((key) => !first_keys.includes(key))]
  for (const key of keys) {
    const [was, is]: unknown[] = [Reflect.get(expected, key), Reflect.get(found, key)]
    const difference =
      key === 'lines' && Array.isArray(was) ? firstLineDifference(was, found.lines) : compareValues(was, is, [key])
    if (difference) return difference
  }
  // Something beside what the engine computes, which no field above shows.
  const digest = resultDigestOf(Object.fromEntries(Object.entries(expected).filter(([key]) => !beside.has(key))))
  return digest === found.result_digest
    ? undefined
    : { segments: ['result_digest'], expected: digest, found: found.result_digest }
}

/** Lines are told apart by their ids, so that one that was left out or slipped in does not shift all the others. */
function firstLineDifference(expected: readonly unknown[], found: FootprintResult['lines']): Difference | undefined {
  const ids = expected.map((line) => (typeof line === 'object' && line !== null ? Reflect.get(line, 'id') : undefined))
  for (const [index, line] of found.entries()) {
    const at = ids.indexOf(line.id)
    if (at < 0) return { segments: ['lines', index], line_id: line.id, expected: 'no such line', found: line.id }
    const difference = compareValues(withoutShare(expected[at]), withoutShare(line), ['lines', at])
    if (difference) return { ...difference, line_id: line.id }
  }
  const extra = ids.findIndex((id, index) => !found.some((line) => line.id === id) || ids.indexOf(id) !== index)
  if (extra >= 0) return { segments: ['lines', extra], expected: ids[extra], found: 'no such line' }
  for (const [index, line] of found.entries()) {
    const was = expected[index]
    const segments = ['lines', index, ids[index] === line.id ? 'uncertainty_share' : 'id']
    const key = segments[2] ?? ''
    const difference = compareValues(Reflect.get(Object(was), key), Reflect.get(line, key), segments)
    if (difference) return { ...difference, line_id: line.id }
  }
  return undefined
}

/** A line's share of the uncertainty moves with every other line, so it says little about where a difference began. */
function withoutShare(line: unknown): unknown {
  if (typeof line !== 'object' || line === null) return line
  const { uncertainty_share: _share, ...rest } = line as Record<string, unknown>
  return rest
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
