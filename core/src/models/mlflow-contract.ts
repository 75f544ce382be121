import { z } from 'zod'
import { route } from '../lib/contract.ts'
import { AliasName, byRole, ModelName, newModel } from './contract.ts'

/** The REST names of MLflow's model registry, as far as they fit: docs/models.md says which. */

const Tag = z.object({ key: z.string(), value: z.string() })
const Alias = z.object({ alias: z.string(), version: z.string() })
const Stamp = z.number().int().describe('Milliseconds since 1970.')

export const MlflowVersion = z
  .object({
    name: z.string(),
    version: z.string(),
    creation_timestamp: Stamp,
    last_updated_timestamp: Stamp,
    description: z.string(),
    source: z.string(),
    run_id: z.string(),
    status: z.literal('READY'),
    current_stage: z.enum(['None', 'Staging', 'Production', 'Archived']),
    aliases: z.array(z.string()),
    tags: z.array(Tag),
  })
  .meta({ id: 'MlflowModelVersion' })
export type MlflowVersion = z.infer<typeof MlflowVersion>

export const MlflowModel = z
  .object({
    name: z.string(),
    creation_timestamp: Stamp,
    last_updated_timestamp: Stamp,
    description: z.string(),
    latest_versions: z.array(MlflowVersion),
    aliases: z.array(Alias),
    tags: z.array(Tag),
  })
  .meta({ id: 'MlflowRegisteredModel' })
export type MlflowModel = z.infer<typeof MlflowModel>

const base = '/api/2.0/mlflow'
const unknown = [...byRole, 'models/unknown-model'] as const
const OneModel = z.object({ registered_model: MlflowModel })
const OneVersion = z.object({ model_version: MlflowVersion })
const Name = z.object({ name: ModelName })
const Version = z.coerce.number().int().min(1)
const nameOf = { route: newModel.route, fill: { name: 'name' } }
const nobody = { name: 'no-such-model' }
const Filter = z.string().max(300).optional().describe("`name = 'a'`, or `name LIKE '%a%'`, or `name ILIKE '%a%'`.")
const Limit = z.coerce.number().int().min(1).max(1_000).default(100)

export const createRegistered = route({
  name: 'models.mlflowCreate',
  method: 'POST',
  path: `${base}/registered-models/create`,
  summary: 'MLflow: makes a model whose versions are uploaded',
  needs: 'models.train',
  body: z.object({
    name: ModelName,
    description: z.string().max(4_000).default(''),
    tags: z.array(Tag).max(0).default([]),
  }),
  output: OneModel,
  problems: [...byRole, 'models/name-taken', 'models/too-many'],
  examples: [{ summary: 'A name that is none', body: { name: 'Not A Name' }, status: 422 }],
})

export const getRegistered = route({
  name: 'models.mlflowGet',
  method: 'GET',
  path: `${base}/registered-models/get`,
  summary: 'MLflow: a model by its name',
  needs: 'models.read',
  query: Name,
  output: OneModel,
  problems: unknown,
  examples: [
    { summary: 'One that was just made', after: nameOf },
    { summary: 'No such model', query: nobody, status: 404 },
  ],
})

export const searchRegistered = route({
  name: 'models.mlflowSearch',
  method: 'GET',
  path: `${base}/registered-models/search`,
  summary: 'MLflow: models whose name fits a filter',
  needs: 'models.read',
  query: z.object({ filter: Filter, max_results: Limit }),
  output: z.object({ registered_models: z.array(MlflowModel) }),
  problems: byRole,
  examples: [{ summary: 'All' }, { summary: 'By part of a name', query: { filter: "name LIKE 'energy%'" } }],
})

export const updateRegistered = route({
  name: 'models.mlflowUpdate',
  method: 'PATCH',
  path: `${base}/registered-models/update`,
  summary: 'MLflow: writes the description, which is the purpose on the card',
  needs: 'models.train',
  body: Name.extend({ description: z.string().max(4_000) }),
  output: OneModel,
  problems: unknown,
  examples: [{ summary: 'No such model', body: { ...nobody, description: 'Another' }, status: 404 }],
})

export const deleteRegistered = route({
  name: 'models.mlflowDelete',
  method: 'DELETE',
  path: `${base}/registered-models/delete`,
  summary: 'MLflow: deletes a model, which must be retired before',
  needs: 'models.promote',
  body: Name,
  output: z.object({}),
  problems: [...unknown, 'models/in-use'],
  examples: [{ summary: 'No such model', body: nobody, status: 404 }],
})

export const latestVersions = route({
  name: 'models.mlflowLatest',
  method: 'GET',
  path: `${base}/registered-models/get-latest-versions`,
  summary: 'MLflow: the newest version of each stage',
  needs: 'models.read',
  query: Name,
  output: z.object({ model_versions: z.array(MlflowVersion) }),
  problems: unknown,
  examples: [{ summary: 'None yet', after: nameOf }],
})

export const setAlias = route({
  name: 'models.mlflowSetAlias',
  method: 'POST',
  path: `${base}/registered-models/alias`,
  summary: 'MLflow: points an alias at a version; `champion` is made by promoting',
  needs: 'models.promote',
  body: Name.extend({ alias: AliasName, version: Version }),
  output: z.object({}),
  problems: [...unknown, 'models/unknown-version', 'models/retired'],
  examples: [{ summary: 'No such model', body: { ...nobody, alias: 'audited', version: '1' }, status: 404 }],
})

export const getByAlias = route({
  name: 'models.mlflowGetByAlias',
  method: 'GET',
  path: `${base}/registered-models/alias`,
  summary: 'MLflow: the version that an alias points at',
  needs: 'models.read',
  query: Name.extend({ alias: z.string().max(63) }),
  output: OneVersion,
  problems: [...unknown, 'models/unknown-alias'],
  examples: [{ summary: 'No champion yet', after: nameOf, query: { alias: 'champion' }, status: 404 }],
})

export const deleteAlias = route({
  name: 'models.mlflowDeleteAlias',
  method: 'DELETE',
  path: `${base}/registered-models/alias`,
  summary: 'MLflow: takes an alias away',
  needs: 'models.promote',
  body: Name.extend({ alias: AliasName }),
  output: z.object({}),
  problems: [...unknown, 'models/unknown-alias'],
  examples: [{ summary: 'No such model', body: { ...nobody, alias: 'audited' }, status: 404 }],
})

export const getVersion = route({
  name: 'models.mlflowGetVersion',
  method: 'GET',
  path: `${base}/model-versions/get`,
  summary: 'MLflow: one version',
  needs: 'models.read',
  query: Name.extend({ version: Version }),
  output: OneVersion,
  problems: [...unknown, 'models/unknown-version'],
  examples: [{ summary: 'Not trained yet', after: nameOf, query: { version: '1' }, status: 404 }],
})

export const searchVersions = route({
  name: 'models.mlflowSearchVersions',
  method: 'GET',
  path: `${base}/model-versions/search`,
  summary: 'MLflow: versions of the models whose name fits a filter',
  needs: 'models.read',
  query: z.object({ filter: Filter, max_results: Limit }),
  output: z.object({ model_versions: z.array(MlflowVersion) }),
  problems: byRole,
  examples: [{ summary: 'All' }],
})

export const downloadUri = route({
  name: 'models.mlflowDownloadUri',
  method: 'GET',
  path: `${base}/model-versions/get-download-uri`,
  summary: 'MLflow: where the folder of a version is fetched',
  needs: 'models.read',
  query: Name.extend({ version: Version }),
  output: z.object({ artifact_uri: z.string() }),
  problems: [...unknown, 'models/unknown-version'],
  examples: [{ summary: 'Not trained yet', after: nameOf, query: { version: '1' }, status: 404 }],
})
