import type { PostgresPool } from 'kysely'

/** Between two looks. Each costs a millisecond or two while nothing changed. */
const EVERY_MS = 30_000

/**
 * Keeps the planner informed of how much the tables hold. PostgreSQL has a process of its own for that; the embedded
 * database has none, and without it plans for tables that it believes empty take seconds over a few thousand rows.
 * @returns what ends it: it resolves when no look is under way any more.
 */
export function keepStatistics(pool: PostgresPool, onError: (error: unknown) => void): () => Promise<void> {
  let ended = false
  let looking: Promise<unknown> = Promise.resolve()
  const timer = setInterval(() => {
    looking = looking.then(() => (ended ? undefined : refreshStatistics(pool, () => ended).catch(onError)))
  }, EVERY_MS)
  timer.unref()
  return async () => {
    ended = true
    clearInterval(timer)
    await looking
  }
}

/** Looks again at the tables that changed by more than a tenth, one at a time, letting others go first in between. */
export async function refreshStatistics(pool: PostgresPool, isEnded: () => boolean = () => false): Promise<string[]> {
  const done: string[] = []
  await ask(pool, 'select pg_stat_force_next_flush()')
  const changed = await ask(
    pool,
    `select format('%I.%I', s.schemaname, s.relname) as name
     from pg_stat_user_tables s join pg_class c on c.oid = s.relid
     where s.n_mod_since_analyze > 200 + 0.1 * greatest(c.reltuples, 0) order by 1`,
  )
  for (const { name } of changed as { name: string }[]) {
    if (isEnded()) break
    await ask(pool, `analyze ${name}`)
    done.push(name)
  }
  return done
}

async function ask(pool: PostgresPool, text: string): Promise<readonly unknown[]> {
  const client = await pool.connect()
  try {
    return (await client.query<unknown>(text, [])).rows
  } finally {
    client.release()
  }
}
