import type { Tally } from '@tidemark/core/models/experiment.ts'
import type { Experiment, ExperimentPlan } from '@tidemark/core/models/serving-contract.ts'
import type { Database } from '../platform/database/database.ts'
import { jsonb } from '../platform/database/values.ts'

export interface ExperimentRow {
  experiment_id: string
  organisation_id: string
  model_id: string
  champion: number
  challenger: number
  plan: ExperimentPlan
  state: Experiment['state']
  reason: string | null
  result: Tally
  started_at: Date
  started_by: string
  ended_at: Date | null
}

interface Tables {
  'models.experiment': ExperimentRow
}

const documents = new Set(['plan', 'result'])

function cast<T extends object>(row: T): T {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, documents.has(name) ? jsonb(value) : value]),
  ) as T
}

export async function insertExperiment(tx: Database, row: ExperimentRow): Promise<void> {
  await tx.as<Tables>().insertInto('models.experiment').values(cast(row)).execute()
}

export async function findExperiment(
  db: Database,
  organisation_id: string,
  experiment_id: string,
): Promise<ExperimentRow | undefined> {
  return db
    .as<Tables>()
    .selectFrom('models.experiment')
    .selectAll()
    .where('organisation_id', '=', organisation_id)
    .where('experiment_id', '=', experiment_id)
    .executeTakeFirst()
}

/** Held until the transaction ends: outcomes are counted one after the other. */
export async function lockExperiment(tx: Database, experiment_id: string): Promise<ExperimentRow | undefined> {
  return tx
    .as<Tables>()
    .selectFrom('models.experiment')
    .selectAll()
    .where('experiment_id', '=', experiment_id)
    .forUpdate()
    .executeTakeFirst()
}

export async function runningExperiment(db: Database, model_id: string): Promise<ExperimentRow | undefined> {
  return db
    .as<Tables>()
    .selectFrom('models.experiment')
    .selectAll()
    .where('model_id', '=', model_id)
    .where('ended_at', 'is', null)
    .executeTakeFirst()
}

export async function listExperiments(db: Database, model_id: string): Promise<ExperimentRow[]> {
  return db
    .as<Tables>()
    .selectFrom('models.experiment')
    .selectAll()
    .where('model_id', '=', model_id)
    .orderBy('experiment_id', 'desc')
    .limit(200)
    .execute()
}

export async function updateExperiment(
  tx: Database,
  experiment_id: string,
  changes: Partial<ExperimentRow>,
): Promise<void> {
  await tx
    .as<Tables>()
    .updateTable('models.experiment')
    .set(cast(changes))
    .where('experiment_id', '=', experiment_id)
    .execute()
}
