import { Problem } from '@tidemark/core/lib/problem.ts'
import type { RouteLimit } from '@tidemark/core/lib/contract.ts'
import { isIPv6 } from 'node:net'
import { sql } from 'kysely'
import { z } from 'zod'
import type { Database } from './database/database.ts'
import { jobKind, work, type JobBinding } from './jobs.ts'

/** Whom a bucket belongs to. An `account` is what somebody tries to sign in to: they are nobody yet. */
export type LimitedBy = 'key' | 'person' | 'address' | 'account'

/** So many at once, and then as fast as they come back over the window. */
export interface Limit {
  count: number
  window_s: number
}

export type LimitTable = Readonly<Record<RouteLimit, Readonly<Partial<Record<LimitedBy, Limit>>>>>

/**
 * How often what may be asked. A caller with a key is counted by key, one who signed in by person, anybody else by address.
 * Guessing passwords is counted twice: by the account that is tried, from anywhere, and by the address that tries.
 */
export const defaultLimits: LimitTable = {
  login: { account: { count: 5, window_s: 900 }, address: { count: 20, window_s: 60 } },
  api: {
    key: { count: 600, window_s: 60 },
    person: { count: 600, window_s: 60 },
    address: { count: 600, window_s: 60 },
  },
  upload: {
    key: { count: 30, window_s: 3600 },
    person: { count: 30, window_s: 3600 },
    address: { count: 30, window_s: 3600 },
  },
  verify: {
    key: { count: 600, window_s: 60 },
    person: { count: 600, window_s: 60 },
    address: { count: 60, window_s: 60 },
  },
}

export interface Taken {
  allowed: boolean
  limit: Limit
  /** How many more are left at this instant. */
  remaining: number
  /** When everything is back, if nothing more is asked. */
  full_after_s: number
  /** When the next one is allowed; 0 when one is left. */
  retry_after_s: number
}

export interface Limits {
  /**
   * Counts one try. Undefined when nothing limits it.
   * @param subject the id of key or person, an address, or whatever names the account; it is stored as it is, so a digest
   *   where it is personal.
   */
  take(policy: RouteLimit, by: LimitedBy, subject: string): Promise<Taken | undefined>
  /**
   * The same, refusing.
   * @throws Problem `request/too-many` with the seconds to wait.
   */
  spend(policy: RouteLimit, by: LimitedBy, subject: string): Promise<Taken | undefined>
}

/** Where the state of a bucket is kept: one number, the time at which it will be full again. */
interface Buckets {
  /** Moves the bucket's time on by one interval, unless it would pass `now + window`. */
  take(name: string, limit: Limit, now_ms: number): Promise<{ allowed: boolean; full_at_ms: number }>
}

/** `off` counts nothing: for measuring load on this machine alone. */
export function createLimits(options: { table: LimitTable | 'off'; now: () => Date; db?: Database }): Limits {
  const { table, now } = options
  const buckets: Buckets = options.db ? new SharedBuckets(options.db) : new OwnBuckets()
  const take: Limits['take'] = async (policy, by, subject) => {
    const limit = table === 'off' ? undefined : table[policy][by]
    if (!limit) return undefined
    const now_ms = now().getTime()
    const { allowed, full_at_ms } = await buckets.take(
      `${policy}:${by}:${by === 'address' ? network(subject) : subject}`,
      limit,
      now_ms,
    )
    return describe(limit, allowed, full_at_ms - now_ms)
  }
  return {
    take,
    spend: async (policy, by, subject) => {
      const taken = await take(policy, by, subject)
      if (taken && !taken.allowed) throw tooMany(taken)
      return taken
    },
  }
}

export function tooMany({ limit, retry_after_s }: Taken): Problem {
  return new Problem('request/too-many', {
    detail: `At most ${limit.count} in ${limit.window_s} seconds. Try again in ${retry_after_s} ${retry_after_s === 1 ? 'second' : 'seconds'}.`,
    retry_after_s,
    limit: limit.count,
    window_s: limit.window_s,
  })
}

/** `RateLimit-Policy` and `RateLimit` as the IETF's HTTPAPI group writes them. */
export function limitHeaders(policy: RouteLimit, taken: Taken): Record<string, string> {
  return {
    'ratelimit-policy': `"${policy}";q=${taken.limit.count};w=${taken.limit.window_s}`,
    ratelimit: `"${policy}";r=${taken.remaining};t=${taken.full_after_s}`,
  }
}

function describe(limit: Limit, allowed: boolean, full_after_ms: number): Taken {
  const window_ms = limit.window_s * 1000
  const interval_ms = window_ms / limit.count
  // A hair is taken off: what floating point adds to three intervals must not cost the fourth.
  const remaining = Math.max(0, Math.floor((window_ms - full_after_ms) / interval_ms + 1e-9))
  const wait_ms = full_after_ms + interval_ms - window_ms
  return {
    allowed,
    limit,
    remaining,
    full_after_s: Math.max(0, Math.ceil(full_after_ms / 1000)),
    retry_after_s: remaining > 0 ? 0 : Math.max(1, Math.ceil(wait_ms / 1000)),
  }
}

/** A home has a /64 of IPv6 to itself, so its addresses count as one; an IPv4 address in IPv6 form is that address. */
export function network(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped) return mapped
  if (!isIPv6(address)) return address
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups =
    tail === undefined ? before : [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after]
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}

const OWN_BUCKETS_MAX = 50_000

/** For one process. Full buckets say nothing, so they are dropped when there are many. */
class OwnBuckets implements Buckets {
  readonly #full_at_ms = new Map<string, number>()

  async take(name: string, { count, window_s }: Limit, now_ms: number) {
    const before = Math.max(this.#full_at_ms.get(name) ?? 0, now_ms)
    const after = before + (window_s * 1000) / count
    const allowed = after <= now_ms + window_s * 1000 + 1e-6
    if (allowed) {
      if (this.#full_at_ms.size >= OWN_BUCKETS_MAX && !this.#full_at_ms.has(name)) this.#makeRoom(now_ms)
      this.#full_at_ms.set(name, after)
    }
    return { allowed, full_at_ms: allowed ? after : before }
  }

  #makeRoom(now_ms: number): void {
    for (const [name, full_at_ms] of this.#full_at_ms) if (full_at_ms <= now_ms) this.#full_at_ms.delete(name)
    // Still too many: somebody has very many addresses. The oldest tenth goes, rather than the memory.
    for (const name of this.#full_at_ms.keys()) {
      if (this.#full_at_ms.size < OWN_BUCKETS_MAX * 0.9) break
      this.#full_at_ms.delete(name)
    }
  }
}

/** For any number of processes: one statement that counts, and a second one only to say how long a refused caller waits. */
class SharedBuckets implements Buckets {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  async take(name: string, { count, window_s }: Limit, now_ms: number) {
    const window_ms = window_s * 1000
    const interval_ms = window_ms / count
    const taken = await sql<{ full_at_ms: number }>`
      insert into platform.rate_limit as bucket (name, full_at_ms)
      values (${name}, ${now_ms}::float8 + ${interval_ms}::float8)
      on conflict (name) do update set full_at_ms = greatest(bucket.full_at_ms, ${now_ms}::float8) + ${interval_ms}::float8
        where greatest(bucket.full_at_ms, ${now_ms}::float8) + ${interval_ms}::float8
          <= ${now_ms}::float8 + ${window_ms}::float8 + 0.001
      returning full_at_ms
    `.execute(this.#db.kysely)
    const [row] = taken.rows
    if (row) return { allowed: true, full_at_ms: row.full_at_ms }
    const refused = await sql<{ full_at_ms: number }>`
      select full_at_ms from platform.rate_limit where name = ${name}
    `.execute(this.#db.kysely)
    return { allowed: false, full_at_ms: refused.rows[0]?.full_at_ms ?? now_ms }
  }
}

const tidyKind = jobKind('limits.tidy', z.object({}))

/** Once an hour: an address that asked once leaves a row, and nobody looks for it again. */
export const limitJobs: readonly JobBinding[] = [
  work(tidyKind, { schedule: '17 * * * *' }, async (ctx) => {
    await forgetFullBuckets(ctx.system_db, ctx.now())
  }),
]

/** Buckets that are full again say nothing. Returns how many went. */
export async function forgetFullBuckets(db: Database, now: Date): Promise<number> {
  const result = await sql`delete from platform.rate_limit where full_at_ms < ${now.getTime()}::float8`.execute(
    db.kysely,
  )
  return Number(result.numAffectedRows ?? 0n)
}
