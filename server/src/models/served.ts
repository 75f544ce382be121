import { Problem } from '@tidemark/core/lib/problem.ts'
import type { LoadedModel, Output } from '@tidemark/core/models/artifact.ts'
import type { Row } from '@tidemark/core/models/frame.ts'
import { CHAMPION } from '@tidemark/core/models/lifecycle.ts'
import type { Context } from '../platform/context.ts'
import { organisationOf } from '../platform/tenancy.ts'
import { answerOnnx } from './onnx-rows.ts'
import { runtimeOf } from './runtime.ts'
import { load, loadVersion, refuseRetired } from './registry.ts'
import * as store from './store.ts'

/** A version that is ready to answer. */
export interface Served {
  model: store.ModelRow
  version: store.VersionRow
  /** By which name it was found; null when it was asked for by its number. */
  alias: string | null
  /** How it answers rows; an ONNX model does so in a thread of its own. */
  answers(rows: readonly Row[]): Output[] | Promise<Output[]>
  /** Undefined for an ONNX model. */
  loaded: LoadedModel | undefined
}

/**
 * Finds the version that answers and loads it. What was found stays found for a second, so that many calls cost no query.
 * @param options with `also_retired` a version answers that no longer does for others: to show what it once said.
 * @throws Problem `models/unknown-model`, `models/no-champion`, `models/unknown-version`, `models/retired`
 */
export async function serve(
  ctx: Context,
  key: string,
  number?: number,
  { also_retired = false }: { also_retired?: boolean } = {},
): Promise<Served> {
  const runtime = runtimeOf(ctx)
  const organisation_id = organisationOf(ctx)
  const found = also_retired
    ? await find(ctx, key, number, true)
    : await runtime.resolved(`${organisation_id}/${key}/${number ?? CHAMPION}`, () => find(ctx, key, number, false))
  const { artifact_sha256, format, signature } = found.version
  if (format === 'readings')
    throw new Problem('models/input-unfit', {
      detail: `${found.model.name} reads no rows: it answers ${found.model.kept?.answers_at ?? 'elsewhere'}.`,
    })
  if (format === 'onnx')
    return {
      ...found,
      loaded: undefined,
      answers: async (rows) => answerOnnx(await runtime.onnx(ctx, artifact_sha256), signature, rows),
    }
  const loaded = await runtime.loaded(ctx, artifact_sha256)
  return { ...found, loaded, answers: (rows) => loaded.predict(rows) }
}

type Found = Pick<Served, 'model' | 'version' | 'alias'>

async function find(ctx: Context, key: string, number: number | undefined, also_retired: boolean): Promise<Found> {
  const model = await load(ctx, key)
  if (!also_retired) refuseRetired(model)
  const wanted = number ?? (await store.aliasesOf(ctx.db, [model.model_id])).get(model.model_id)?.[CHAMPION]
  if (wanted === undefined)
    throw new Problem('models/no-champion', {
      detail: `No version of ${model.name} answers yet: train one and promote it.`,
    })
  const version = await loadVersion(ctx, model.model_id, wanted)
  if (version.retired_at !== null && !also_retired)
    throw new Problem('models/retired', { detail: `Version ${wanted} was retired.` })
  return { model, version, alias: number === undefined ? CHAMPION : null }
}
