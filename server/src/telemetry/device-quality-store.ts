import { sql } from 'kysely'
import type { Database } from '../platform/database/database.ts'

export interface JudgedRow {
  series_id: number
  captured_at: Date
  received_at: Date
  value: number
  verdict: number
  findings: number
}

/** Readings of several series within a stretch of time with what was thought of them, of each the newest. */
export async function listJudged(
  db: Database,
  series_ids: readonly number[],
  { from, to, limit }: { from: Date; to: Date; limit: number },
): Promise<JudgedRow[]> {
  if (series_ids.length === 0) return []
  const { rows } = await sql<JudgedRow>`select r.*
    from unnest(${[...series_ids]}::int[]) as wanted (series_id)
    cross join lateral (
      select series_id, captured_at, received_at, value, verdict, findings from telemetry.reading
      where series_id = wanted.series_id and captured_at >= ${from} and captured_at <= ${to}
      order by captured_at desc limit ${limit}
    ) r`.execute(db.kysely)
  return rows
}
