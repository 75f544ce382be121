import { Problem, type Fault } from '../../lib/problem.ts'
import type { Factor } from '../contract.ts'

/** What reading a file came to: nothing is left out without being counted here. */
export interface ImportCounts {
  /** Lines of data read, the header apart. */
  lines: number
  factors: number
  valid: number
  archived: number
  /** Factors kept and shown whose unit has no exact counterpart in our table: the engine refuses them. */
  not_calculable: number
  not_calculable_units: Record<string, number>
  /** Lines that are no factor, by reason. */
  skipped: Record<string, number>
  /** Texts that say nothing reliable and were left out of the factor, by reason. They stay in its raw row. */
  unread: Record<string, number>
  roll_ups: { stages: RollUp; gases: RollUp }
}

/** How far published totals are from the sum of their parts. */
export interface RollUp {
  checked: number
  /** Beyond `ROLL_UP_TOLERANCE`. The published total stands; the row is named. */
  off: number
  largest_deviation_percent: number
  examples: string[]
}

export interface ImportResult {
  dataset: string
  publisher: string
  edition: string
  factors: Factor[]
  counts: ImportCounts
}

/** Reads one file row by row. `line` is the line of the file on which the row ends, counted from 1. */
export interface FactorReader {
  push(cells: readonly string[], line: number): void
  /** @throws Problem `factors/unreadable-file` with every fault found, each with its line and column. */
  finish(): ImportResult
}

/** Publishers round to three significant digits, so sums of rounded parts may be off by this share of the total. */
export const ROLL_UP_TOLERANCE = 0.01
const FAULTS_SHOWN = 100
const EXAMPLES_SHOWN = 10

export function emptyCounts(): ImportCounts {
  const rollUp = (): RollUp => ({ checked: 0, off: 0, largest_deviation_percent: 0, examples: [] })
  return {
    lines: 0,
    factors: 0,
    valid: 0,
    archived: 0,
    not_calculable: 0,
    not_calculable_units: {},
    skipped: {},
    unread: {},
    roll_ups: { stages: rollUp(), gases: rollUp() },
  }
}

export function count(tally: Record<string, number>, reason: string): void {
  tally[reason] = (Object.hasOwn(tally, reason) ? (tally[reason] ?? 0) : 0) + 1
}

/** Compares a published total with the sum of its parts. */
export function checkRollUp(rollUp: RollUp, row: string, total: number, parts: readonly number[]): void {
  const sum = parts.reduce((a, b) => a + b, 0)
  // Where parts cancel out, the total is no measure of how precise they are: their size is.
  const scale = Math.max(Math.abs(total), parts.some((part) => part < 0) ? Math.max(...parts.map(Math.abs)) : 0)
  const share = scale === 0 ? (sum === 0 ? 0 : Infinity) : Math.abs(sum - total) / scale
  rollUp.checked += 1
  if (Number.isFinite(share)) rollUp.largest_deviation_percent = Math.max(rollUp.largest_deviation_percent, share * 100)
  if (share <= ROLL_UP_TOLERANCE) return
  rollUp.off += 1
  if (rollUp.examples.length < EXAMPLES_SHOWN) rollUp.examples.push(`${row}: ${total} published, ${tidy(sum)} summed`)
}

/** Takes the noise of binary addition out of a sum of published decimals. */
export function tidy(value: number): number {
  return Number(value.toPrecision(12))
}

/** Collects what is wrong with a file, so that one reading names every fault. */
export class Faults {
  readonly #found: Fault[] = []
  #total = 0

  add(line: number, column: string, code: string, message: string, value?: string): void {
    this.#total += 1
    if (this.#found.length >= FAULTS_SHOWN) return
    const where = column === '' ? `line ${line}` : `line ${line}, column "${column}"`
    const path =
      column === '' ? `/lines/${line}` : `/lines/${line}/${column.replaceAll('~', '~0').replaceAll('/', '~1')}`
    this.#found.push({
      path,
      code,
      message: `${where}: ${message}`,
      ...(value === undefined ? {} : { value: value.slice(0, 80) }),
    })
  }

  refuseIfAny(): void {
    const first = this.#found[0]
    if (!first) return
    throw new Problem('factors/unreadable-file', {
      detail: `${first.message}${this.#total > 1 ? ` And ${this.#total - 1} more.` : ''} Nothing was changed.`,
      faults: this.#found,
      fault_count: this.#total,
    })
  }
}

/** Counts what the factors came to: called once, when all are read. */
export function tally(counts: ImportCounts, factors: readonly Factor[]): void {
  counts.factors = factors.length
  for (const factor of factors) {
    if (factor.status === 'valid') counts.valid += 1
    else counts.archived += 1
    if (!isSourceUnit(factor.unit)) continue
    counts.not_calculable += 1
    count(counts.not_calculable_units, factor.unit.slice(SOURCE_UNIT.length))
  }
}

const SOURCE_UNIT = 'source:'
/** A unit kept in the publisher's own words because ours has no exact counterpart: it can be shown, not calculated with. */
export function sourceUnit(spelling: string): string {
  return `${SOURCE_UNIT}${spelling}`
}

export function isSourceUnit(unit: string): boolean {
  return unit.startsWith(SOURCE_UNIT)
}
