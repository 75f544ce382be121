import type { Column, ColumnType } from './data-contract.ts'
import { readCell, type Notation } from './table.ts'

/** What a column of words must stay below to be taken for categories. */
const CATEGORIES_MAX = 1000
const CATEGORY_SHARE_MAX = 0.5
/** The strictest first: the first that every cell fits is the type. */
const candidates: readonly ColumnType[] = ['boolean', 'integer', 'number', 'timestamp']

/**
 * Looks at every cell before it decides, so that a number with decimals in the last row is no surprise. A number that is
 * written with zeros in front is a code, not a number; words that repeat are categories, others are text.
 */
export class SchemaInference {
  readonly #names: readonly string[]
  readonly #notation: Notation
  readonly #seen: { possible: ColumnType[]; missing: number; present: number; different: Set<string> }[]

  constructor(names: readonly string[], notation: Notation = {}) {
    this.#names = names
    this.#notation = notation
    this.#seen = names.map(() => ({ possible: [...candidates], missing: 0, present: 0, different: new Set<string>() }))
  }

  add(cells: (column: number) => unknown): void {
    for (const [c, seen] of this.#seen.entries()) {
      const raw = cells(c)
      if (isAbsent(raw, this.#notation)) {
        seen.missing++
        continue
      }
      seen.present++
      if (seen.possible.length > 0) seen.possible = seen.possible.filter((type) => fits(type, raw, this.#notation))
      if (seen.different.size <= CATEGORIES_MAX) seen.different.add(String(raw))
    }
  }

  columns(): Column[] {
    return this.#names.map((name, c) => {
      const { possible = [], missing = 0, present = 0, different = new Set() } = this.#seen[c] ?? {}
      const repeats = different.size <= CATEGORIES_MAX && different.size <= present * CATEGORY_SHARE_MAX
      const type = present === 0 ? 'text' : (possible[0] ?? (repeats ? 'category' : 'text'))
      return { name, type, nullable: missing > 0 || present === 0, target: false }
    })
  }
}

function isAbsent(raw: unknown, { missing }: Notation): boolean {
  return (
    raw === null || raw === undefined || raw === '' || (typeof raw === 'string' && missing?.has(raw.trim()) === true)
  )
}

function fits(type: ColumnType, raw: unknown, notation: Notation): boolean {
  // 0 and 1 alone are numbers; only words say that something is true.
  if (type === 'boolean')
    return typeof raw === 'boolean' || (typeof raw === 'string' && /^(?:true|false)$/i.test(raw.trim()))
  // A list or an object would pass for a number in careless code; here nothing but text and numbers does.
  if (type !== 'timestamp' && typeof raw === 'string' && /^[+-]?0\d/.test(raw.trim())) return false
  const read = readCell(type, raw, notation)
  return read === null || typeof read !== 'object'
}
