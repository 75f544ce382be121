import { buffer } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import { ONNX_BYTES_MAX, type Version } from '@tidemark/core/models/contract.ts'
import { nameOfActor } from '../audit/service.ts'
import type { FileInput } from '../platform/capability.ts'
import type { Context } from '../platform/context.ts'
import { signatureOfOnnx } from './onnx-rows.ts'
import { openOnnx } from './onnx.ts'
import { getVersion, load, note, refuseRetired } from './registry.ts'
import * as store from './store.ts'

/** Registers a model that was trained elsewhere. It is loaded once before: what cannot be served is not registered. */
export async function uploadOnnx(ctx: Context, input: { model_id: string } & FileInput): Promise<Version> {
  const model = await load(ctx, input.model_id)
  refuseRetired(model)
  const bytes = await buffer(input.file)
  const opened = await openOnnx(bytes)
  const signature = signatureOfOnnx(opened)
  await opened.close()
  const stored = await ctx.files.put(Readable.from([bytes]), { bytes_max: ONNX_BYTES_MAX })
  const version = await ctx.db.transaction(async (tx) => {
    const inside = { ...ctx, db: tx }
    await store.lockModel(tx, model.model_id)
    const number = (await store.lastVersion(tx, model.model_id)) + 1
    await store.insertVersion(tx, {
      model_id: model.model_id,
      version: number,
      organisation_id: model.organisation_id,
      run_id: null,
      format: 'onnx',
      artifact_sha256: stored.sha256,
      artifact_bytes: stored.bytes,
      reference_sha256: null,
      signature,
      algorithm: 'onnx',
      record: null,
      metrics: {},
      evaluation: null,
      verdict: null,
      card: model.card,
      created_at: ctx.now(),
      created_by: await nameOfActor(inside),
      retired_at: null,
    })
    await note(inside, model, 'models.version_added', { version: number })
    return number
  })
  return getVersion(ctx, { model_id: model.model_id, version })
}
