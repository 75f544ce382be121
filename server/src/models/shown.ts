import type { AliasEvent, Model, Run, RunLine, Version } from '@tidemark/core/models/contract.ts'
import { stageOf } from '@tidemark/core/models/lifecycle.ts'
import { cadenceOf } from '@tidemark/core/models/recipe.ts'
import type { AliasEventRow, ModelRow, RunLineRow, RunRow, VersionRow } from './store.ts'

/** Rows as the contract shows them. */

export interface ModelFacts {
  aliases: Readonly<Record<string, number>>
  versions: number
  open_alerts: number
}

export function shownModel(row: ModelRow, { aliases, versions, open_alerts }: ModelFacts): Model {
  return {
    model_id: row.model_id,
    name: row.name,
    title: row.title,
    task: row.task,
    recipe: row.recipe,
    kept: row.kept,
    settings: row.settings,
    cadence: row.recipe === null && row.kept === null ? 'off' : (row.settings.cadence ?? cadenceOf[row.task]),
    next_run_at: instant(row.next_run_at),
    card: row.card,
    card_revision: row.card_revision,
    champion: aliases.champion ?? null,
    versions,
    open_alerts,
    created_at: row.created_at.toISOString(),
    created_by: row.created_by,
    retired_at: instant(row.retired_at),
  }
}

export function shownVersion(row: VersionRow, aliases: Readonly<Record<string, number>>): Version {
  const { organisation_id: _, reference_sha256: _reference, ...rest } = row
  return {
    ...rest,
    stage: stageOf({ version: row.version, retired: row.retired_at !== null }, aliases),
    aliases: Object.keys(aliases).filter((alias) => aliases[alias] === row.version),
    created_at: row.created_at.toISOString(),
    retired_at: instant(row.retired_at),
  }
}

export function shownRun(row: RunRow): Run {
  return {
    run_id: row.run_id,
    model_id: row.model_id,
    kind: row.kind,
    cause: row.cause,
    state: row.state,
    record: row.record,
    reproduces: row.reproduces,
    step: row.step,
    steps: row.steps,
    loss: row.loss,
    reason: row.reason,
    verdict: row.verdict,
    result_version: row.result_version,
    artifact_sha256: row.artifact_sha256,
    identical: row.identical,
    created_at: row.created_at.toISOString(),
    created_by: row.created_by,
    started_at: instant(row.started_at),
    ended_at: instant(row.ended_at),
  }
}

export function shownLine({ seq, at, level, line, step, loss }: RunLineRow): RunLine {
  return { seq, at: at.toISOString(), level, line, step, loss }
}

export function shownEvent(row: AliasEventRow): AliasEvent {
  const { seq, alias, from_version, to_version, action, reason, against_verdict, at, by } = row
  return { seq, alias, from_version, to_version, action, reason, against_verdict, at: at.toISOString(), by }
}

function instant(at: Date | null): string | null {
  return at === null ? null : at.toISOString()
}
