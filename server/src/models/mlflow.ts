import type { InputOf, OutputOf } from '@tidemark/core/lib/contract.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { Card, Settings, type Model, type Version } from '@tidemark/core/models/contract.ts'
import type * as contract from '@tidemark/core/models/mlflow-contract.ts'
import { mlflowFiles, mlflowModel, mlflowVersion, nameFilter } from '@tidemark/core/models/mlflow.ts'
import type { Context } from '../platform/context.ts'
import * as service from './registry.ts'
import { tarOf } from './tar.ts'

/** MLflow's registry calls, each by what this capability does. */

async function full(
  ctx: Context,
  name: string,
): Promise<{ model: Model; versions: Version[]; aliases: Record<string, number> }> {
  const { aliases, version_list, ...model } = await service.get(ctx, { model_id: name })
  return { model: model as Model, versions: version_list as Version[], aliases }
}

async function shown(ctx: Context, name: string): Promise<OutputOf<typeof contract.getRegistered>> {
  const { model, versions, aliases } = await full(ctx, name)
  return { registered_model: mlflowModel(model, versions, aliases, ctx.origin()) }
}

export async function createRegistered(ctx: Context, { name, description }: InputOf<typeof contract.createRegistered>) {
  const card = Card.parse({ purpose: description })
  await service.create(ctx, { name, title: name, task: 'regression', settings: Settings.parse({}), card })
  return shown(ctx, name)
}

export async function getRegistered(ctx: Context, { name }: { name: string }) {
  return shown(ctx, name)
}

export async function searchRegistered(
  ctx: Context,
  input: InputOf<typeof contract.searchRegistered>,
): Promise<OutputOf<typeof contract.searchRegistered>> {
  const found = await named(ctx, input.filter, input.max_results)
  const models = await Promise.all(found.map(({ name }) => shown(ctx, name)))
  return { registered_models: models.map(({ registered_model }) => registered_model) }
}

async function named(ctx: Context, filter: string | undefined, limit: number) {
  const fits = nameFilter(filter) ?? (() => true)
  const { models } = await service.list(ctx, { retired: true, limit: 500 })
  return models.filter(({ name }) => fits(name)).slice(0, limit)
}

export async function updateRegistered(ctx: Context, { name, description }: InputOf<typeof contract.updateRegistered>) {
  const { model } = await full(ctx, name)
  await service.editCard(ctx, { model_id: name, ...model.card, purpose: description })
  return shown(ctx, name)
}

export async function deleteRegistered(ctx: Context, { name }: { name: string }) {
  await service.remove(ctx, { model_id: name })
  return {}
}

export async function latestVersions(
  ctx: Context,
  { name }: { name: string },
): Promise<OutputOf<typeof contract.latestVersions>> {
  return { model_versions: (await shown(ctx, name)).registered_model.latest_versions }
}

export async function setAlias(ctx: Context, { name, alias, version }: InputOf<typeof contract.setAlias>) {
  await service.setAlias(ctx, { model_id: name, alias, version, reason: 'Set by a client of MLflow.' })
  return {}
}

export async function getByAlias(
  ctx: Context,
  { name, alias }: InputOf<typeof contract.getByAlias>,
): Promise<OutputOf<typeof contract.getByAlias>> {
  const { model, aliases } = await full(ctx, name)
  const version = aliases[alias]
  if (version === undefined)
    throw new Problem('models/unknown-alias', {
      detail: `${name} has no alias "${alias}".`,
      expected: Object.keys(aliases),
    })
  return oneVersion(ctx, model, version)
}

async function oneVersion(ctx: Context, model: Model, version: number) {
  return {
    model_version: mlflowVersion(
      model,
      await service.getVersion(ctx, { model_id: model.model_id, version }),
      ctx.origin(),
    ),
  }
}

export async function deleteAlias(ctx: Context, { name, alias }: InputOf<typeof contract.deleteAlias>) {
  await service.removeAlias(ctx, { model_id: name, alias })
  return {}
}

export async function getVersion(ctx: Context, { name, version }: InputOf<typeof contract.getVersion>) {
  return oneVersion(ctx, (await full(ctx, name)).model, version)
}

export async function searchVersions(
  ctx: Context,
  input: InputOf<typeof contract.searchVersions>,
): Promise<OutputOf<typeof contract.searchVersions>> {
  const found = await named(ctx, input.filter, 500)
  const all = await Promise.all(found.map(({ name }) => full(ctx, name)))
  const versions = all.flatMap(({ model, versions: own }) =>
    own.map((version) => mlflowVersion(model, version, ctx.origin())),
  )
  return { model_versions: versions.slice(0, input.max_results) }
}

export async function downloadUri(
  ctx: Context,
  { name, version }: InputOf<typeof contract.downloadUri>,
): Promise<OutputOf<typeof contract.downloadUri>> {
  const { model_version } = await getVersion(ctx, { name, version })
  return { artifact_uri: model_version.source }
}

/** A version as a folder that MLflow reads, packed. */
export async function exportVersion(
  ctx: Context,
  input: { model_id: string; version: number },
): Promise<{ body: Uint8Array; filename: string }> {
  const { model } = await full(ctx, input.model_id)
  const version = await service.getVersion(ctx, input)
  const { body } = await service.fetchArtifact(ctx, input)
  const folder = `${model.name}-${version.version}`
  const texts = mlflowFiles(model, version).map(({ name, text }) => ({ name, bytes: new TextEncoder().encode(text) }))
  const files = [...texts, { name: version.format === 'onnx' ? 'model.onnx' : 'model.json', bytes: body }]
  const packed = files.map(({ name, bytes }) => ({ name: `${folder}/${name}`, bytes }))
  return { body: tarOf(packed, new Date(version.created_at)), filename: `${folder}.tar` }
}
