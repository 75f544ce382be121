import type { Context } from '../platform/context.ts'
import { insertPredictions, type PredictionRow } from './serving-store.ts'

/** Written together after this long, or at once when there are this many. */
const WAIT_MS = 200
const BATCH = 500
/** While the database cannot be written to, this many wait in memory; later ones are counted and lost. */
const WAITING_MAX = 50_000

/**
 * What was said, written down some at a time, so that an answer does not wait for a disk. A crash of the process loses what
 * was said in its last fifth of a second; `lost` counts what could not be written.
 */
export class PredictionLog {
  #waiting: PredictionRow[] = []
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()
  lost = 0

  add(ctx: Pick<Context, 'system_db' | 'log'>, rows: readonly PredictionRow[]): void {
    const room = WAITING_MAX - this.#waiting.length
    if (rows.length > room) this.lost += rows.length - Math.max(0, room)
    this.#waiting.push(...rows.slice(0, Math.max(0, room)))
    if (this.#waiting.length >= BATCH) void this.flush(ctx).catch(() => undefined)
    else if (!this.#timer) {
      this.#timer = setTimeout(() => void this.flush(ctx).catch(() => undefined), WAIT_MS)
      this.#timer.unref()
    }
  }

  /** Writes what waits. Rejects when it could not; it then waits for the next time. */
  async flush({ system_db, log }: Pick<Context, 'system_db' | 'log'>): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const write = async () => {
      const rows = this.#waiting.splice(0)
      if (rows.length === 0) return
      try {
        await insertPredictions(system_db, rows)
      } catch (error) {
        log.warn({ err: error, rows: rows.length }, 'predictions could not be written down; they wait')
        this.#waiting.unshift(...rows)
        throw error
      }
    }
    // One after the other: what was said first is written first.
    this.#writing = this.#writing.catch(() => undefined).then(write)
    return this.#writing
  }
}
