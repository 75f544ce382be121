import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { CompiledQuery, sql } from 'kysely'
import type { Db as IDatabase, PgBoss, SendOptions } from 'pg-boss'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import type { z } from 'zod'
import { system, type Context } from './context.ts'
import type { Database } from './database/database.ts'
import { jsonb } from './database/values.ts'

/** What is asked for by name: `webhooks.deliver` with the id of a delivery. */
export interface JobKind<P> {
  /** `capability.verb`, also the name of the queue. */
  name: string
  /** Ids rather than contents: the queue keeps payloads for days. */
  payload: z.ZodType<P>
}

export interface JobOptions {
  /** How often a failed run is tried again. */
  retry_limit?: number
  /** Before the first repetition; doubled for each further one. */
  retry_delay_s?: number
  retry_delay_max_s?: number
  /** A run that takes longer is given up and tried again. */
  expire_s?: number
  /** Five fields, UTC: `0 3 * * *`. The payload is then `{}`. */
  schedule?: string
  /** How many of one kind run at a time in this process. */
  concurrency?: number
  /** Asked for again while it waits, it runs once all the same: for what looks at all there is by then. */
  once?: boolean
}

/** A kind of job together with what carries it out. */
export interface JobBinding {
  kind: JobKind<never>
  options: JobOptions
  handler: (ctx: Context, payload: never) => Promise<void>
}

export function jobKind<P>(name: string, payload: z.ZodType<P>): JobKind<P> {
  return { name, payload }
}

/** Says which function carries a kind of job out. It may run twice, after a crash: it must bear that. */
export function work<P>(
  kind: JobKind<P>,
  options: JobOptions,
  handler: (ctx: Context, payload: P) => Promise<void>,
): JobBinding {
  return { kind: kind as unknown as JobKind<never>, options, handler: handler as JobBinding['handler'] }
}

export interface EnqueueOptions {
  /** Not before this instant. */
  start_after?: Date
}

/**
 * Asks for a job in the caller's transaction: it runs after the commit, and not at all when the transaction is undone.
 * @param tx a transaction, or the database itself where nothing else is to be written with it.
 */
export async function enqueue<P>(
  tx: Database,
  kind: JobKind<P>,
  payload: P,
  options: EnqueueOptions = {},
): Promise<void> {
  const { start_after } = options
  await sql`insert into platform.job_request (job, payload, start_after)
    values (${kind.name}, ${jsonb(kind.payload.parse(payload))}, ${start_after ?? null})`.execute(tx.kysely)
  for (const wake of wakers) wake()
}

/** Those who hand requests on in this process, to be told that there is one. */
const wakers = new Set<() => void>()

export interface JobCount {
  job: string
  state: string
  count: number
}

/** How many jobs of each kind wait, run and have failed for good; what is not yet handed on counts as `requested`. */
export async function jobCounts({ kysely }: Database): Promise<JobCount[]> {
  const requested = await sql<JobCount>`select job, 'requested' as state, count(*)::int as count
    from platform.job_request group by job order by job`.execute(kysely)
  if (!(await hasQueue(kysely))) return requested.rows
  // Queues of the library itself have names that begin with two underscores.
  const queued = await sql<JobCount>`select name as job, state::text as state, count(*)::int as count
    from pgboss.job where state <> 'completed' and left(name, 2) <> '__' group by name, state order by 1, 2`.execute(
    kysely,
  )
  return [...requested.rows, ...queued.rows]
}

export interface FailedJob {
  job_id: string
  job: string
  failed_at: Date | null
  attempts: number
}

/** Those that failed for good, the last first. */
export async function failedJobs({ kysely }: Database, limit: number): Promise<FailedJob[]> {
  if (!(await hasQueue(kysely))) return []
  const { rows } =
    await sql<FailedJob>`select id as job_id, name as job, completed_on as failed_at, retry_count + 1 as attempts
    from pgboss.job where state = 'failed' order by completed_on desc limit ${limit}`.execute(kysely)
  return rows
}

/** The queue makes its tables when it is first worked on. */
async function hasQueue(kysely: Database['kysely']): Promise<boolean> {
  const { rows } = await sql<{ there: boolean }>`select to_regclass('pgboss.job') is not null as there`.execute(kysely)
  return rows[0]?.there ?? false
}

/** Seconds between looks at a queue. On the embedded database every look takes the one connection. */
const POLL_S = { embedded: 5, postgres: 2 }
/** How long a request waits for its turn at most when nobody is told of it: another process wrote it. */
const RELAY_MS = 1_000
const RELAY_BATCH = 200
/** The transaction that asked is usually over by then. */
const COMMIT_MS = 15

/**
 * Background work: pg-boss on the same database. Requests wait in `platform.job_request` and are handed to the queue by
 * whichever process works on it, so asking needs neither the queue nor its rights.
 */
export class Jobs {
  readonly #ctx: Context
  readonly #bindings: readonly JobBinding[]
  #boss: PgBoss | undefined
  #working = false
  #stopping = false
  #pump: Promise<void> | undefined
  #wake: PromiseWithResolvers<void> = Promise.withResolvers()
  #workers = new Map<string, string>()
  readonly #nudge = () => this.#wake.resolve()

  constructor(ctx: Context, bindings: readonly JobBinding[]) {
    const names = bindings.map(({ kind }) => kind.name)
    invariant(new Set(names).size === names.length, `Two jobs share a name among ${names.join(', ')}.`)
    this.#ctx = ctx
    this.#bindings = bindings
  }

  get kinds(): string[] {
    return this.#bindings.map(({ kind }) => kind.name)
  }

  /** Begins to work: queues, workers, schedules. Takes about a quarter of a second on a database that is new. */
  async start(): Promise<void> {
    if (this.#working || this.#stopping) return
    this.#working = true
    const boss = await this.#open({ schedule: true })
    if (this.#stopping) return
    for (const binding of this.#bindings) {
      const { name } = binding.kind
      const id = await boss.work<unknown>(
        name,
        {
          pollingIntervalSeconds: POLL_S[this.#ctx.db.kind],
          localConcurrency: this.#ctx.db.kind === 'embedded' ? 1 : (binding.options.concurrency ?? 2),
        },
        async (jobs) => {
          for (const { id: job_id, data } of jobs) await this.#carryOut(binding, job_id, data)
        },
      )
      this.#workers.set(name, id)
      if (binding.options.schedule) await boss.schedule(name, binding.options.schedule, {}, { tz: 'UTC' })
    }
    for (const { name } of await boss.getSchedules()) {
      if (!this.#bindings.some(({ kind, options }) => kind.name === name && options.schedule))
        await boss.unschedule(name)
    }
    wakers.add(this.#nudge)
    this.#pump = this.#handOnForEver()
  }

  /**
   * Carries out everything that is due, here and now, and returns when nothing is left. For the command line and tests.
   * @param options.ahead also what is due later, repetitions included.
   */
  async drain(options: { ahead?: boolean } = {}): Promise<{ done: number; failed: number }> {
    const boss = await this.#open({ schedule: false })
    const result = { done: 0, failed: 0 }
    for (;;) {
      let found = await this.#handOn(boss)
      for (const binding of this.#bindings) {
        const { name } = binding.kind
        const jobs = await boss.fetch<unknown>(name, { batchSize: 50, ignoreStartAfter: options.ahead ?? false })
        found += jobs.length
        for (const { id, data } of jobs) {
          try {
            await this.#carryOut(binding, id, data)
            await boss.complete(name, id)
            result.done += 1
          } catch (error) {
            await boss.fail(name, id, reasonOf(error))
            result.failed += 1
          }
        }
      }
      if (found === 0) return result
    }
  }

  counts(): Promise<JobCount[]> {
    return jobCounts(this.#ctx.db)
  }

  /** Lets running jobs end, for up to five seconds; what is cut off runs again later. */
  async stop(): Promise<void> {
    this.#stopping = true
    wakers.delete(this.#nudge)
    this.#nudge()
    await this.#pump
    await this.#boss?.stop({ graceful: this.#working, timeout: 5_000 })
    this.#boss = undefined
  }

  async #open({ schedule }: { schedule: boolean }): Promise<PgBoss> {
    if (this.#boss) return this.#boss
    // Loaded when there is work: the first page is served before.
    const { PgBoss: Boss } = await import('pg-boss')
    const { db, config, log } = this.#ctx
    const place =
      db.kind === 'postgres' && config.database_url
        ? { connectionString: config.database_url, max: 4, application_name: 'tidemark-jobs' }
        : { db: adapterOf(db), backend: 'pglite' as const }
    const boss = new Boss({ ...place, schema: 'pgboss', supervise: schedule, schedule })
    boss.on('error', (error) => {
      if (!this.#stopping) log.warn({ reason: error.message }, 'the job queue')
    })
    await boss.start()
    this.#boss = boss
    const there = new Set((await boss.getQueues()).map(({ name }) => name))
    for (const { kind, options } of this.#bindings) {
      const queue = queueOptions(options)
      if (there.has(kind.name)) await boss.updateQueue(kind.name, queue)
      else await boss.createQueue(kind.name, queue)
      // Makes the queue known in this process: looking it up in the middle of a transaction would wait for itself.
      await boss.findJobs(kind.name, { id: randomUUID() })
    }
    return boss
  }

  async #carryOut({ kind, handler }: JobBinding, id: string, data: unknown): Promise<void> {
    const log = this.#ctx.log.child({ request_id: `job-${id}`, job: kind.name })
    const started_ms = performance.now()
    try {
      await handler({ ...this.#ctx, log, request_id: `job-${id}`, actor: system }, kind.payload.parse(data ?? {}))
      log.info({ duration_ms: Math.round(performance.now() - started_ms) }, 'job done')
    } catch (error) {
      log.warn({ err: error }, 'job failed; it is tried again while repetitions are left')
      throw reasonOf(error)
    }
  }

  /** Runs in a course of its own, so that no transaction of those who ask reaches in here. */
  async #handOnForEver(): Promise<void> {
    while (!this.#stopping) {
      this.#wake = Promise.withResolvers()
      try {
        let moved = RELAY_BATCH
        while (moved === RELAY_BATCH && this.#boss && !this.#stopping) moved = await this.#handOn(this.#boss)
      } catch (error) {
        if (!this.#stopping) this.#ctx.log.warn({ err: error }, 'job requests could not be handed on')
      }
      const controller = new AbortController()
      const pause = sleep(RELAY_MS, undefined, { signal: controller.signal, ref: false }).catch(() => undefined)
      await Promise.race([this.#wake.promise.then(() => sleep(COMMIT_MS)), pause])
      controller.abort()
    }
  }

  /** Moves requests to the queue, each exactly once: both happen in one transaction. */
  async #handOn(boss: PgBoss): Promise<number> {
    const moved = await this.#ctx.db.transaction(async (tx) => {
      const { rows } = await sql<Request>`delete from platform.job_request where id in (
          select id from platform.job_request where job = any(${this.kinds}) order by id limit ${RELAY_BATCH} for update skip locked
        ) returning id, job, payload, start_after`.execute(tx.kysely)
      for (const row of rows.sort((a, b) => Number(a.id) - Number(b.id))) {
        const options: SendOptions & { db: IDatabase } = { db: adapterOf(tx) }
        if (row.start_after) options.startAfter = row.start_after
        if (this.#isOnce(row.job) && (await isWaiting(tx, row))) continue
        await boss.send(row.job, row.payload, options)
      }
      return rows
    })
    for (const job of new Set(moved.map((row) => row.job))) {
      const worker = this.#workers.get(job)
      if (worker) boss.notifyWorker(worker)
    }
    return moved.length
  }

  #isOnce(job: string): boolean {
    return this.#bindings.some(({ kind, options }) => kind.name === job && options.once === true)
  }
}

async function isWaiting(tx: Database, { job, payload }: Request): Promise<boolean> {
  const { rows } = await sql<{ waits: boolean }>`select exists (
      select from pgboss.job
      where name = ${job} and state = 'created' and start_after <= now() and data = ${jsonb(payload)}
    ) as waits`.execute(tx.kysely)
  return rows[0]?.waits ?? false
}

interface Request {
  id: number
  job: string
  payload: object
  start_after: Date | null
}

const DAY_S = 86_400

function queueOptions(options: JobOptions) {
  return {
    retryLimit: options.retry_limit ?? 5,
    retryDelay: options.retry_delay_s ?? 10,
    retryBackoff: true,
    retryDelayMax: options.retry_delay_max_s ?? 3_600,
    expireInSeconds: options.expire_s ?? 300,
    retentionSeconds: 14 * DAY_S,
    deleteAfterSeconds: 7 * DAY_S,
  }
}

/** What the queue may keep of a failure: its name. Messages can hold what people typed; they are in the log. */
function reasonOf(error: unknown): Error {
  const reason = new Error(error instanceof Error ? error.name : 'failed')
  reason.stack = undefined
  return reason
}

/** Our database in the words of pg-boss. It writes transactions of its own as scripts; ours are begun by the query builder. */
function adapterOf(db: Database): IDatabase {
  return {
    async executeSql(text, values = []) {
      const script = /^\s*BEGIN;([\s\S]*)COMMIT;\s*$/i.exec(text)?.[1]
      return script === undefined ? run(db, text, values) : db.transaction((tx) => run(tx, script, values))
    },
  }
}

async function run(db: Database, text: string, values: readonly unknown[]): Promise<{ rows: unknown[] }> {
  const { rows } = await db.kysely.executeQuery(CompiledQuery.raw(text, [...values]))
  return { rows: [...rows] }
}
