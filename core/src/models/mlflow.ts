import type { Model, Version } from './contract.ts'
import type { MlflowModel, MlflowVersion } from './mlflow-contract.ts'

/** Models and versions in the words of MLflow. */

const stages = { champion: 'Production', shadow: 'Staging', candidate: 'None', retired: 'Archived' } as const

/** @param origin where people reach this server. */
export function mlflowVersion({ name }: Pick<Model, 'name'>, version: Version, origin: string): MlflowVersion {
  const created = Date.parse(version.created_at)
  return {
    name,
    version: String(version.version),
    creation_timestamp: created,
    last_updated_timestamp: version.retired_at === null ? created : Date.parse(version.retired_at),
    description: version.verdict?.says ?? '',
    source: `${origin}/ai/models/${version.model_id}/versions/${version.version}/export`,
    run_id: version.run_id ?? '',
    status: 'READY',
    current_stage: stages[version.stage],
    aliases: version.aliases,
    tags: [
      { key: 'tidemark.algorithm', value: version.algorithm },
      { key: 'tidemark.artifact_sha256', value: version.artifact_sha256 },
    ],
  }
}

/** @param versions newest first. */
export function mlflowModel(
  model: Model,
  versions: readonly Version[],
  aliases: Readonly<Record<string, number>>,
  origin: string,
): MlflowModel {
  const newest = new Map<string, MlflowVersion>()
  for (const version of versions) {
    const shown = mlflowVersion(model, version, origin)
    if (!newest.has(shown.current_stage)) newest.set(shown.current_stage, shown)
  }
  return {
    name: model.name,
    creation_timestamp: Date.parse(model.created_at),
    last_updated_timestamp: Date.parse(versions[0]?.created_at ?? model.created_at),
    description: model.card.purpose,
    latest_versions: [...newest.values()],
    aliases: Object.entries(aliases).map(([alias, version]) => ({ alias, version: String(version) })),
    tags: [
      { key: 'tidemark.model_id', value: model.model_id },
      { key: 'tidemark.task', value: model.task },
    ],
  }
}

/** What a filter of MLflow asks for, as far as it asks for names; undefined for everything. */
export function nameFilter(filter: string | undefined): ((name: string) => boolean) | undefined {
  const [, operator = '', value = ''] = /^\s*name\s*(=|like|ilike)\s*'((?:[^'])*)'\s*$/i.exec(filter ?? '') ?? []
  if (operator === '') return filter === undefined || filter.trim() === '' ? undefined : () => false
  if (operator === '=') return (name) => name === value
  const parts = value.toLowerCase().split('%')
  return (name) => likes(name.toLowerCase(), parts)
}

/** Whether the parts come one after the other, the first at the beginning and the last at the end. */
function likes(name: string, parts: readonly string[]): boolean {
  let from = 0
  return parts.every((part, index) => {
    const at = index === parts.length - 1 && index > 0 ? Math.max(from, name.length - part.length) : from
    const found = index === 0 ? (name.startsWith(part) ? 0 : -1) : name.indexOf(part, at)
    from = found + part.length
    return found >= 0 && (index < parts.length - 1 || from === name.length || part === '')
  })
}

/**
 * The files of a version as MLflow lays them out: `MLmodel` beside the artifact, and `meta.yaml` as its file registry
 * keeps one. An ONNX version loads with `mlflow.onnx`; ours has a flavour of its own, which MLflow lists and shows.
 */
export function mlflowFiles(model: Model, version: Version): { name: string; text: string }[] {
  const created = Date.parse(version.created_at)
  const is_onnx = version.format === 'onnx'
  const flavour = is_onnx
    ? [
        '  onnx:',
        '    code: null',
        '    data: model.onnx',
        '    onnx_version: 1.17.0',
        '    providers: [CPUExecutionProvider]',
      ]
    : [
        '  tidemark:',
        `    algorithm: ${quoted(version.algorithm)}`,
        '    data: model.json',
        `    code_version: ${quoted(version.record?.code_version ?? '')}`,
      ]
  const columns = version.signature.inputs.map(({ name, type }) => ({
    type: type === 'number' ? 'double' : 'string',
    name,
    required: false,
  }))
  const outputs = version.signature.outputs.map(({ name, type }) => ({
    type: type === 'number' ? 'double' : 'string',
    name,
    required: false,
  }))
  const tensors = (all: Version['signature']['inputs'] | Version['signature']['outputs']) =>
    all.map(({ name, shape }) => ({ type: 'tensor', 'tensor-spec': { dtype: 'float32', shape: shape ?? [-1] }, name }))
  const inputs_text = JSON.stringify(is_onnx ? tensors(version.signature.inputs) : columns)
  const outputs_text = JSON.stringify(is_onnx ? tensors(version.signature.outputs) : outputs)
  const mlmodel = [
    `artifact_path: ${quoted(model.name)}`,
    'flavors:',
    ...flavour,
    `model_uuid: ${version.artifact_sha256.slice(0, 32)}`,
    `run_id: ${quoted(version.run_id ?? '')}`,
    'signature:',
    `  inputs: ${quoted(inputs_text)}`,
    `  outputs: ${quoted(outputs_text)}`,
    '  params: null',
    `utc_time_created: ${quoted(version.created_at.replace('T', ' ').replace('Z', ''))}`,
  ]
  const meta = [
    'aliases: []',
    `creation_timestamp: ${created}`,
    'current_stage: None',
    `description: ${quoted(version.verdict?.says ?? '')}`,
    `last_updated_timestamp: ${created}`,
    `name: ${quoted(model.name)}`,
    `run_id: ${quoted(version.run_id ?? '')}`,
    'status: READY',
    `version: ${version.version}`,
  ]
  return [
    { name: 'MLmodel', text: `${mlmodel.join('\n')}\n` },
    { name: 'meta.yaml', text: `${meta.join('\n')}\n` },
    { name: 'version.json', text: `${JSON.stringify(version, null, 2)}\n` },
  ]
}

/** A YAML scalar in single quotes, in which only they themselves are special. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''").replaceAll('\n', ' ')}'`
}
