import { Problem } from '@tidemark/core/lib/problem.ts'
import type { Output } from '@tidemark/core/models/artifact.ts'
import type { Signature } from '@tidemark/core/models/contract.ts'
import type { Row } from '@tidemark/core/models/frame.ts'
import type { PlainTensor, TensorKind } from './onnx-worker.ts'
import type { OnnxModel } from './onnx.ts'

/** Rows for models that read tensors: named inputs of one value a row, or one input whose columns are `x0`, `x1`, … */

/** What an ONNX model reads and says, for callers. */
export function signatureOfOnnx({ inputs, outputs }: Pick<OnnxModel, 'inputs' | 'outputs'>): Signature {
  const shown = ({ name, datatype, shape }: TensorKind) => ({ name, type: 'tensor' as const, datatype, shape })
  return { inputs: inputs.map(shown), outputs: outputs.map(shown) }
}

/** Names of the fields of a row, by the input that each is part of. */
function fieldsOf({ inputs }: Signature): { input: string; datatype: string; fields: string[] }[] {
  return inputs.map(({ name, datatype = 'FP32', shape = [] }) => {
    const width = shape.length === 2 ? (shape[1] ?? 1) : 1
    const fields = width <= 1 ? [name] : Array.from({ length: width }, (_, column) => `${name}${column}`)
    return { input: name, datatype, fields }
  })
}

/** Asks with rows of named values and gives the first output back, the last column where there are several. */
export async function answerOnnx(model: OnnxModel, signature: Signature, rows: readonly Row[]): Promise<Output[]> {
  const inputs = fieldsOf(signature).map(({ input, datatype, fields }): [string, PlainTensor] => {
    const data = rows.flatMap((row, index) => fields.map((field) => cell(row, field, datatype, index)))
    const shape = signature.inputs.find(({ name }) => name === input)?.shape ?? []
    return [
      input,
      {
        datatype: datatype as PlainTensor['datatype'],
        shape: shape.length <= 1 ? [rows.length] : [rows.length, fields.length],
        data,
      },
    ]
  })
  const outputs = await model.run(Object.fromEntries(inputs))
  const first =
    outputs[
      signature.outputs.find(({ datatype }) => datatype?.startsWith('FP'))?.name ?? signature.outputs[0]?.name ?? ''
    ]
  if (!first) throw new Problem('models/onnx-refused', { detail: 'The model gave no output.' })
  const width = Math.max(1, first.data.length / rows.length)
  return rows.map((_, index) => {
    const value = Number(first.data[(index + 1) * width - 1])
    return { value: Number.isFinite(value) ? value : null, lower: null, upper: null, interval: 'none', unusual: [] }
  })
}

function cell(row: Row, field: string, datatype: string, index: number): number | string | boolean {
  const value = row[field]
  if (datatype === 'BYTES' && value !== null && value !== undefined) return String(value)
  if (datatype === 'BOOL' && typeof value === 'boolean') return value
  if (typeof value === 'number') return value
  const message = `is missing, or not of the type ${datatype}`
  const fault = { path: `/rows/${index}/${field}`, code: 'wrong-type', message }
  throw new Problem('models/input-unfit', {
    detail: `The field "${field}" of row ${index} ${message}.`,
    faults: [fault],
  })
}
