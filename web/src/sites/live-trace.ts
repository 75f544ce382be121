/** As many columns as a small chart has; what came in one of them is kept as its lowest, highest and last. */
export const COLUMNS = 360

/**
 * The recent past of one series, in as much memory as a chart has columns, however fast readings come. Late ones find their
 * column too, as long as it is still in the window.
 */
export class LiveTrace {
  readonly window_ms: number
  readonly #column_ms: number
  readonly #column = new Float64Array(COLUMNS).fill(-1)
  readonly #low = new Float64Array(COLUMNS)
  readonly #high = new Float64Array(COLUMNS)
  readonly #last = new Float64Array(COLUMNS)
  readonly #last_at = new Float64Array(COLUMNS)

  constructor(window_ms: number) {
    this.window_ms = window_ms
    this.#column_ms = window_ms / COLUMNS
  }

  push(at_ms: number, value: number): void {
    const column = Math.floor(at_ms / this.#column_ms)
    const place = column % COLUMNS
    const held = this.#column[place] ?? -1
    // Older than anything that is shown.
    if (held > column) return
    if (held < column) {
      this.#column[place] = column
      this.#low[place] = this.#high[place] = this.#last[place] = value
      this.#last_at[place] = at_ms
      return
    }
    this.#low[place] = Math.min(this.#low[place] ?? value, value)
    this.#high[place] = Math.max(this.#high[place] ?? value, value)
    if (at_ms < (this.#last_at[place] ?? 0)) return
    this.#last[place] = value
    this.#last_at[place] = at_ms
  }

  /** The columns of the window that ends at `to_ms`, the earliest first; those without a reading are left out. */
  columns(to_ms: number): { at_ms: number; low: number; high: number; last: number }[] {
    const end = Math.floor(to_ms / this.#column_ms)
    const found = []
    for (let column = end - COLUMNS + 1; column <= end; column += 1) {
      const place = ((column % COLUMNS) + COLUMNS) % COLUMNS
      if (this.#column[place] !== column) continue
      found.push({
        at_ms: column * this.#column_ms,
        low: this.#low[place] ?? 0,
        high: this.#high[place] ?? 0,
        last: this.#last[place] ?? 0,
      })
    }
    return found
  }
}

/** From where on two neighbours are not joined: three times what usually lies between them. */
export function breakAfter_ms(columns: readonly { at_ms: number }[]): number {
  const apart = columns.slice(1).map(({ at_ms }, i) => at_ms - (columns[i]?.at_ms ?? at_ms))
  apart.sort((a, b) => a - b)
  return 3 * (apart[apart.length >> 1] ?? Number.POSITIVE_INFINITY)
}
