import { splitRows } from '@tidemark/core/models/split.ts'
import { organisationOf } from '../platform/tenancy.ts'
import type { FindModel } from './datasets-look.ts'
import { runtimeOf } from './runtime.ts'
import * as registry from './store.ts'

const MODELS_MAX = 500

/**
 * The model whose features are asked for: the champion trained on the data set, the latest where there are several; of a
 * model without a champion its latest version.
 */
export const findTrainedModel: FindModel = async (ctx, { dataset_id, version, model }) => {
  const organisation_id = organisationOf(ctx)
  const one = model === undefined ? undefined : await registry.findModel(ctx.db, organisation_id, model)
  const models =
    model === undefined
      ? await registry.listModels(ctx.db, organisation_id, { retired: false, limit: MODELS_MAX })
      : [one].filter((each) => each !== undefined)
  const aliases = await registry.aliasesOf(ctx.db, models.map(({ model_id }) => model_id)) // oxfmt-ignore
  const candidates = await Promise.all(
    models.map(async ({ model_id }) => {
      const champion = aliases.get(model_id)?.champion
      const number = champion ?? (await registry.lastVersion(ctx.db, model_id))
      const row = number > 0 ? await registry.findVersion(ctx.db, model_id, number) : undefined
      return row?.format === 'tidemark' && row.record?.dataset_id === dataset_id
        ? { row, record: row.record, is_champion: champion !== undefined }
        : undefined
    }),
  )
  const [best] = candidates
    .filter((each) => each !== undefined)
    .sort(
      (a, b) =>
        Number(b.is_champion) - Number(a.is_champion) || b.row.created_at.getTime() - a.row.created_at.getTime(),
    )
  const target = best?.record.recipe.target
  if (!best || target === undefined) return undefined
  const { row, record } = best
  const { encoding, scorer, artifact } = await runtimeOf(ctx).loaded(ctx, row.artifact_sha256)
  const { recipe, task } = record
  // Rows drawn by digest are the same ones in every version; the latest rows are so only in the version it was trained on.
  const knows_holdout = recipe.time === undefined || record.dataset_version === version
  return {
    model_id: row.model_id,
    model_version: row.version,
    measured: (frame) => ({
      task,
      target,
      encoding,
      scorer,
      level: recipe.level,
      classes: artifact.classes,
      ...(knows_holdout ? { holdout: splitRows(frame, recipe, task).holdout } : {}),
    }),
  }
}
