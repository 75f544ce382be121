import { z } from 'zod'
import { route } from '../lib/contract.ts'
import { byRole, newModel } from './contract.ts'

/** The Open Inference Protocol, version 2, over REST: github.com/kserve/open-inference-protocol. */

const datatypes = ['BOOL', 'INT32', 'INT64', 'FP32', 'FP64', 'BYTES'] as const
const Cell = z.union([z.number(), z.string().max(1_000), z.boolean(), z.null()])
export const Tensor = z
  .object({
    name: z.string().min(1).max(200),
    shape: z.array(z.int().min(0).max(1_000_000)).min(1).max(4),
    datatype: z.enum(datatypes),
    data: z
      .array(z.union([Cell, z.array(Cell)]))
      .max(1_000_000)
      .describe('Flat, or row by row. Null is a missing value.'),
  })
  .meta({ id: 'InferenceTensor' })
export type Tensor = z.infer<typeof Tensor>

const Kind = z.object({ name: z.string(), datatype: z.enum(datatypes), shape: z.array(z.number().int()) })
const Metadata = z
  .object({
    name: z.string(),
    versions: z.array(z.string()),
    platform: z.string(),
    inputs: z.array(Kind),
    outputs: z.array(Kind),
  })
  .meta({ id: 'InferenceModel' })
const Ready = z.object({ name: z.string(), ready: z.boolean() })
const Request = z.object({
  id: z.string().max(200).optional(),
  inputs: z.array(Tensor).min(1).max(500),
  outputs: z.array(z.object({ name: z.string() })).optional(),
  parameters: z
    .object({ key: z.string().max(200).optional() })
    .loose()
    .optional(),
})
const Response = z
  .object({
    model_name: z.string(),
    model_version: z.string(),
    id: z.string().optional(),
    outputs: z.array(Tensor),
    parameters: z.object({ prediction_ids: z.array(z.string()) }),
  })
  .meta({ id: 'InferenceResponse' })

const Params = z.object({ model_name: z.string().min(1).max(100) })
const VersionParams = Params.extend({ model_version: z.coerce.number().int().min(1) })
const fresh = { route: newModel.route, fill: { model_name: 'name' } }
const problems = [
  ...byRole,
  'models/unknown-model',
  'models/unknown-version',
  'models/no-champion',
  'models/retired',
] as const
const answering = [
  ...problems,
  'models/input-unfit',
  'models/too-slow',
  'models/onnx-refused',
  'learn/model-file-invalid',
  'server/file-damaged',
] as const
const inputs = [{ name: 'area_m2', shape: [1], datatype: 'FP64', data: [120] }]

export const server = route({
  name: 'models.inferenceServer',
  method: 'GET',
  path: '/v2',
  summary: 'Open Inference Protocol: what this server is',
  needs: 'public',
  output: z.object({ name: z.string(), version: z.string(), extensions: z.array(z.string()) }),
  problems: [],
  examples: [{ summary: 'Asked' }],
})

export const live = route({
  name: 'models.inferenceLive',
  method: 'GET',
  path: '/v2/health/live',
  summary: 'Open Inference Protocol: whether the server runs',
  needs: 'public',
  output: z.object({ live: z.literal(true) }),
  problems: [],
  examples: [{ summary: 'Asked' }],
})

export const ready = route({
  name: 'models.inferenceReady',
  method: 'GET',
  path: '/v2/health/ready',
  summary: 'Open Inference Protocol: whether the server can answer',
  needs: 'public',
  output: z.object({ ready: z.literal(true) }),
  problems: ['server/unavailable'],
  examples: [{ summary: 'Asked' }],
})

export const metadata = route({
  name: 'models.inferenceModel',
  method: 'GET',
  path: '/v2/models/{model_name}',
  summary: 'Open Inference Protocol: what a model reads and answers',
  needs: 'models.read',
  params: Params,
  output: Metadata,
  problems,
  examples: [{ summary: 'Nothing answers yet', after: fresh, status: 409 }],
})

export const versionMetadata = route({
  name: 'models.inferenceVersion',
  method: 'GET',
  path: '/v2/models/{model_name}/versions/{model_version}',
  summary: 'Open Inference Protocol: the same of one version',
  needs: 'models.read',
  params: VersionParams,
  output: Metadata,
  problems,
  examples: [{ summary: 'Not trained yet', after: fresh, params: { model_version: '1' }, status: 404 }],
})

export const modelReady = route({
  name: 'models.inferenceModelReady',
  method: 'GET',
  path: '/v2/models/{model_name}/ready',
  summary: 'Open Inference Protocol: whether a model answers',
  needs: 'models.read',
  params: Params,
  output: Ready,
  problems: [...answering],
  examples: [{ summary: 'Nothing answers yet', after: fresh, status: 409 }],
})

export const versionReady = route({
  name: 'models.inferenceVersionReady',
  method: 'GET',
  path: '/v2/models/{model_name}/versions/{model_version}/ready',
  summary: 'Open Inference Protocol: whether a version answers',
  needs: 'models.read',
  params: VersionParams,
  output: Ready,
  problems: [...answering],
  examples: [{ summary: 'Not trained yet', after: fresh, params: { model_version: '1' }, status: 404 }],
})

export const infer = route({
  name: 'models.infer',
  method: 'POST',
  path: '/v2/models/{model_name}/infer',
  summary: 'Open Inference Protocol: answers tensors, by the champion',
  description: 'One tensor a feature, one value a row. Every answer is on record like any other.',
  needs: 'models.predict',
  params: Params,
  body: Request,
  body_bytes_max: 16 * 1024 * 1024,
  output: Response,
  problems: answering,
  examples: [{ summary: 'Nothing answers yet', after: fresh, body: { inputs }, status: 409 }],
})

export const inferVersion = route({
  name: 'models.inferVersion',
  method: 'POST',
  path: '/v2/models/{model_name}/versions/{model_version}/infer',
  summary: 'Open Inference Protocol: answers tensors, by one version',
  needs: 'models.predict',
  params: VersionParams,
  body: Request,
  body_bytes_max: 16 * 1024 * 1024,
  output: Response,
  problems: answering,
  examples: [
    { summary: 'Not trained yet', after: fresh, params: { model_version: '1' }, body: { inputs }, status: 404 },
  ],
})
