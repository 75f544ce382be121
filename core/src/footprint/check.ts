import { faultsOf } from '../lib/faults.ts'
import { Problem, shown, type Fault } from '../lib/problem.ts'
import { findUnit, suggestUnits } from '../lib/units.ts'
import { calculate } from './calculate.ts'
import { Inventory, InventoryLine, LINES_MAX, type Warning } from './contract.ts'
import type { Library, Needs } from './library.ts'

const Header = Inventory.omit({ lines: true })

export interface Reading {
  /** The inventory as far as it could be read: lines with a fault of form are left out. */
  inventory?: Inventory
  /** Where each line that was read stood in the document. */
  line_indices: number[]
  faults: Fault[]
}

/** Reads a document as an inventory and reports every fault of its form, line by line. Looks nothing up. */
export function readInventory(document: unknown): Reading {
  const faults: Fault[] = []
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    return {
      line_indices: [],
      faults: [{ path: '', code: 'wrong-type', message: 'An inventory is a JSON object.', value: shown(document) }],
    }
  }
  const { lines, ...rest } = document as Record<string, unknown>
  const header = Header.safeParse(rest)
  if (!header.success) addAll(faults, faultsOf(header.error, rest))
  const read: InventoryLine[] = []
  const line_indices: number[] = []
  if (!Array.isArray(lines) || lines.length === 0) {
    faults.push({
      path: '/lines',
      code: lines === undefined ? 'missing-field' : 'wrong-type',
      message: 'An inventory has a list of lines, one at least.',
      ...(lines === undefined ? {} : { value: shown(lines) }),
    })
  } else {
    lines.forEach((line: unknown, index) => {
      const parsed = InventoryLine.safeParse(line)
      const hidden = faultOfHiddenKey(line, index)
      if (parsed.success && !hidden) {
        read.push(parsed.data)
        line_indices.push(index)
        return
      }
      if (hidden) faults.push(hidden)
      if (parsed.error) addAll(faults, faultsOf(parsed.error, line, `/lines/${index}`))
    })
    addAll(faults, repeatedIds(lines))
  }
  if (!header.success) return { line_indices, faults }
  addAll(faults, [...faultsOfPeriod(header.data.reporting_period), ...faultsOfRates(header.data)])
  return { inventory: { ...header.data, lines: read }, line_indices, faults }
}

/** Not `push(...more)`: a line with two hundred thousand unknown fields would overflow the stack. */
function addAll(faults: Fault[], more: readonly Fault[]): void {
  for (const fault of more) faults.push(fault)
}

/** A record parsed by schema leaves `__proto__` out without a word, and what was sent must not vanish. */
function faultOfHiddenKey(line: unknown, index: number): Fault | undefined {
  const attributes: unknown = typeof line === 'object' && line !== null ? Reflect.get(line, 'attributes') : undefined
  if (typeof attributes !== 'object' || attributes === null || !Object.hasOwn(attributes, '__proto__')) return undefined
  return {
    path: `/lines/${index}/attributes/__proto__`,
    code: 'unknown-attribute',
    message: 'No activity has an attribute of that name.',
    value: '__proto__',
  }
}

/** What the schema cannot see: ids that repeat, a period that ends before it starts, rates that contradict each other. */
export function faultsOfWhole(inventory: Inventory): Fault[] {
  return [...faultsOfPeriod(inventory.reporting_period), ...faultsOfRates(inventory), ...repeatedIds(inventory.lines)]
}

/** Of two rates for one thing the first would win without a word, and an index of anything but money would mean nothing. */
function faultsOfRates({ price_indices, residual_mix }: Pick<Inventory, 'price_indices' | 'residual_mix'>): Fault[] {
  const faults: Fault[] = []
  const pairs = new Set<string>()
  price_indices.forEach((index, position) => {
    for (const end of ['from', 'to'] as const) {
      if (findUnit(index[end])?.dimension === `money_${index[end]}`) continue
      faults.push({
        path: `/price_indices/${position}/${end}`,
        code: 'unknown-unit',
        message: 'A price index leads from one currency and year to another, such as EUR-2024 to EUR-2023.',
        value: shown(index[end]),
        expected: suggestUnits(index[end]),
      })
    }
    const pair = `${index.from} ${index.to}`
    if (pairs.has(pair)) faults.push(repeatedRate(`/price_indices/${position}`, pair))
    pairs.add(pair)
  })
  const countries = new Set<string>()
  residual_mix.forEach(({ country }, position) => {
    if (countries.has(country)) faults.push(repeatedRate(`/residual_mix/${position}`, country))
    countries.add(country)
  })
  return faults
}

function repeatedRate(path: string, value: string): Fault {
  return { path, code: 'repeated-rate', message: 'This rate was already stated above. Keep one of them.', value }
}

function repeatedIds(lines: readonly unknown[]): Fault[] {
  const first = new Map<string, number>()
  const faults: Fault[] = []
  lines.forEach((line, index) => {
    const id = typeof line === 'object' && line !== null ? Reflect.get(line, 'id') : undefined
    if (typeof id !== 'string') return
    const before = first.get(id)
    if (before === undefined) first.set(id, index)
    else
      faults.push({
        path: `/lines/${index}/id`,
        code: 'repeated-id',
        message: `Line ${before} has the same id. Ids tell lines apart.`,
        value: shown(id),
      })
  })
  return faults
}

function faultsOfPeriod(period: Inventory['reporting_period']): Fault[] {
  if (period.end_date >= period.start_date) return []
  return [
    {
      path: '/reporting_period/end_date',
      code: 'period-without-days',
      message: `The period ends before it starts on ${period.start_date}: it holds no day.`,
      value: period.end_date,
    },
  ]
}

/** Everything the inventory will ask a library for. */
export function needsOf(inventory: Inventory): Needs {
  const factors = new Map<string, { id: string; edition?: string }>()
  const activities = new Set<string>()
  const airports = new Set<string>()
  for (const line of inventory.lines) {
    if (line.activity !== undefined) activities.add(line.activity)
    for (const end of [line.attributes?.from, line.attributes?.to])
      if (typeof end === 'string') airports.add(end.toUpperCase())
    const list = line.factor === undefined ? [] : Array.isArray(line.factor) ? line.factor : [line.factor]
    for (const each of list) if ('id' in each) factors.set(`${each.id}@${each.edition ?? ''}`, each)
  }
  return { factors: [...factors.values()], activities: [...activities], airports: [...airports] }
}

/** Faults and warnings that show only when the lines are calculated: units, factors, overlaps, plausibility. */
export function checkLines(reading: Reading, library: Library): { faults: Fault[]; warnings: Warning[] } {
  const { inventory } = reading
  if (!inventory || inventory.lines.length === 0) return { faults: [], warnings: [] }
  try {
    return { faults: [], warnings: calculate(inventory, library).warnings }
  } catch (error) {
    if (!(error instanceof Problem) || error.type !== 'footprint/invalid-inventory') throw error
    return { faults: (error.details.faults ?? []).map((fault) => moved(fault, reading.line_indices)), warnings: [] }
  }
}

/** Points a fault at the place where its line stood before faulty lines were left out. */
function moved(fault: Fault, line_indices: readonly number[]): Fault {
  const [, lines, index, ...field] = fault.path.split('/')
  return { ...fault, path: ['', lines, line_indices[Number(index)] ?? index, ...field].join('/') }
}

/** Refuses more lines than one request may hold. */
export function refuseTooManyLines(count: number): void {
  if (count > LINES_MAX) {
    throw new Problem('footprint/too-many-lines', {
      detail: `${count} lines were sent and one request may hold ${LINES_MAX}. The command line streams files of any length.`,
      lines: count,
      lines_max: LINES_MAX,
    })
  }
}
