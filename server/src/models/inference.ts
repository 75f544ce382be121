import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import type * as contract from '@tidemark/core/models/inference-contract.ts'
import type { predict as predictRoute } from '@tidemark/core/models/serving-contract.ts'
import { inputKinds, outputKinds, rowsOf, tensorsOf } from '@tidemark/core/models/open-inference.ts'
import { unavailable } from '../platform/database/errors.ts'
import type { Context } from '../platform/context.ts'
import { serve } from './served.ts'
import { predict } from './serving.ts'
import * as store from './store.ts'

/** The Open Inference Protocol in the words of this server: models by name, tensors for rows. */

export async function server(): Promise<OutputOf<typeof contract.server>> {
  return { name: 'tidemark', version: '2', extensions: [] }
}

export async function ready(ctx: Context): Promise<OutputOf<typeof contract.ready>> {
  const { reachable } = await ctx.system_db.health()
  if (!reachable) throw unavailable('The database cannot be reached just now.')
  return { ready: true }
}

interface Named {
  model_name: string
  model_version?: number
}

export async function metadata(
  ctx: Context,
  { model_name, model_version }: Named,
): Promise<OutputOf<typeof contract.metadata>> {
  const { model, version } = await serve(ctx, model_name, model_version)
  const versions = await store.listVersions(ctx.db, model.model_id, 500)
  return {
    name: model.name,
    versions: versions
      .filter(({ retired_at }) => retired_at === null)
      .map((each) => String(each.version))
      .reverse(),
    platform: version.format === 'onnx' ? 'onnx_onnxv1' : `tidemark_${version.algorithm}`,
    inputs: inputKinds(version.signature),
    outputs: outputKinds(model.task),
  }
}

/** It is ready when it has been loaded: the first question finds it in memory. */
export async function modelReady(
  ctx: Context,
  { model_name, model_version }: Named,
): Promise<OutputOf<typeof contract.modelReady>> {
  const { model } = await serve(ctx, model_name, model_version)
  return { name: model.name, ready: true }
}

export async function infer(
  ctx: Context,
  input: InputOf<typeof contract.infer> & { model_version?: number },
): Promise<OutputOf<typeof contract.infer>> {
  const { model_name, model_version, inputs, id, parameters } = input
  const rows = rowsOf(inputs).map((row) => ({ ...row })) as InputOf<typeof predictRoute>['rows']
  const { model } = await serve(ctx, model_name, model_version)
  const { predictions } = await predict(ctx, {
    model_id: model_name,
    version: model_version,
    key: parameters?.key,
    rows,
  })
  const wanted = input.outputs?.map(({ name }) => name)
  const outputs = tensorsOf(model.task, predictions)
  return {
    model_name: model.name,
    model_version: String(predictions[0]?.version ?? ''),
    ...(id === undefined ? {} : { id }),
    outputs: wanted ? outputs.filter(({ name }) => wanted.includes(name)) : outputs,
    parameters: { prediction_ids: predictions.map(({ prediction_id }) => prediction_id) },
  }
}
