import type { BatchSummary, ReadingOutcome } from '@tidemark/core/telemetry/contract.ts'
import type { Context } from '../platform/context.ts'
import { takeBatch } from './ingest.ts'
import type { BatchRow } from './store.ts'

/** What became of one message that was taken in together with others. */
export interface MessageOutcome {
  batch_id: string
  received: number
  /** Those that are not simply valid and new, counted within the message. */
  readings: ReadingOutcome[]
}

interface Waiting {
  ctx: Context
  readings: readonly unknown[]
  resolve: (outcome: MessageOutcome) => void
  reject: (error: unknown) => void
}

const READINGS_EACH_MAX = 2_000

/**
 * Takes small messages of one organisation in together: what arrives while a transaction is under way goes into the next
 * one, so that a thousand devices cost a few transactions a second. A message is answered after the commit that holds it.
 */
export class Gatherer {
  readonly #source: BatchRow['source']
  readonly #waiting = new Map<string, Waiting[]>()
  readonly #running = new Map<string, Promise<void>>()

  constructor(source: BatchRow['source']) {
    this.#source = source
  }

  /** @throws what the database throws: then nothing of the message was stored, and it may be sent again. */
  take(ctx: Context, organisation_id: string, readings: readonly unknown[]): Promise<MessageOutcome> {
    const { promise, resolve, reject } = Promise.withResolvers<MessageOutcome>()
    const waiting = this.#waiting.get(organisation_id) ?? []
    this.#waiting.set(organisation_id, waiting)
    waiting.push({ ctx, readings, resolve, reject })
    if (!this.#running.has(organisation_id)) this.#running.set(organisation_id, this.#run(organisation_id, waiting))
    return promise
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values())
  }

  async #run(organisation_id: string, waiting: Waiting[]): Promise<void> {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      const together: Waiting[] = []
      let count = 0
      while (waiting[0] && (count === 0 || count + waiting[0].readings.length <= READINGS_EACH_MAX)) {
        count += waiting[0].readings.length
        together.push(waiting[0])
        waiting.shift()
      }
      try {
        share(
          await takeBatch(
            next.ctx,
            together.flatMap(({ readings }) => readings),
            this.#source,
          ),
          together,
        )
      } catch (error) {
        for (const { reject } of together) reject(error)
      }
    }
    // In the same turn in which nothing was left: whoever comes next begins anew.
    this.#waiting.delete(organisation_id)
    this.#running.delete(organisation_id)
  }
}

function share({ batch_id, readings }: BatchSummary, together: readonly Waiting[]): void {
  let from = 0
  for (const { readings: sent, resolve } of together) {
    const first = from
    from += sent.length
    const own = readings.filter(({ index }) => index >= first && index < first + sent.length)
    const place = (path: string) =>
      path.replace(/^\/readings\/(\d+)/, (_, at: string) => `/readings/${Number(at) - first}`)
    resolve({
      batch_id,
      received: sent.length,
      readings: own.map((outcome) => ({
        ...outcome,
        index: outcome.index - first,
        faults: outcome.faults.map((fault) => ({ ...fault, path: place(fault.path) })),
      })),
    })
  }
}
