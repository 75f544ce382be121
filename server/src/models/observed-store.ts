import type { DayObserved } from '@tidemark/core/models/kept.ts'
import { sql } from 'kysely'
import type { Database } from '../platform/database/database.ts'

type DayRow = DayObserved & { model_id: string; version: number; organisation_id: string }

/** Adds to what is known of a day. */
export async function addDay(tx: Database, row: DayRow): Promise<void> {
  const { model_id, version, organisation_id, day, answers, outcomes, loss_sum, banded, held } = row
  await sql`insert into models.observed_day as d
      (model_id, version, day, organisation_id, answers, outcomes, loss_sum, banded, held)
    select v.model_id, v.version, ${day}::date, ${organisation_id}, ${answers}::int, ${outcomes}::int, ${loss_sum}::float8,
      ${banded}::int, ${held}::int
    from models.version v where v.model_id = ${model_id} and v.version = ${version}
    on conflict (model_id, version, day) do update set
      answers = d.answers + excluded.answers, outcomes = d.outcomes + excluded.outcomes,
      loss_sum = d.loss_sum + excluded.loss_sum, banded = d.banded + excluded.banded,
      held = d.held + excluded.held`.execute(tx.kysely)
}

/** Days of a version, oldest first. */
export async function listDays(
  db: Database,
  model_id: string,
  version: number,
  since: Date,
  until: Date,
): Promise<DayObserved[]> {
  const { rows } =
    await sql<DayObserved>`select to_char(day, 'YYYY-MM-DD') as day, answers, outcomes, loss_sum, banded, held
    from models.observed_day where model_id = ${model_id} and version = ${version}
      and day >= ${since.toISOString().slice(0, 10)}::date and day <= ${until.toISOString().slice(0, 10)}::date
    order by day`.execute(db.kysely)
  return rows
}

/** What came of the answers of an organisation's models, day by day. It goes with its versions. */
export async function daysOf(db: Database, organisation_id: string): Promise<readonly DayRow[]> {
  const { rows } = await sql<DayRow>`select *, to_char(day, 'YYYY-MM-DD') as day from models.observed_day
    where organisation_id = ${organisation_id} order by model_id, version, observed_day.day limit 100000`.execute(
    db.kysely,
  )
  return rows
}
