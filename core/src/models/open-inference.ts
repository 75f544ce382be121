import { Problem, type Fault } from '../lib/problem.ts'
import type { Output } from './artifact.ts'
import type { Signature } from './contract.ts'
import type { Row } from './frame.ts'
import type { Tensor } from './inference-contract.ts'
import type { Task } from './recipe.ts'

/** Rows from tensors and back, as the Open Inference Protocol has them. */

interface Kind {
  name: string
  datatype: Tensor['datatype']
  shape: number[]
}

/** What goes in: one tensor a feature, of as many values as there are rows. */
export function inputKinds({ inputs }: Signature): Kind[] {
  return inputs.map(({ name, type, datatype, shape }) => ({
    name,
    datatype: type === 'tensor' ? (datatype as Kind['datatype']) : type === 'number' ? 'FP64' : 'BYTES',
    shape: type === 'tensor' ? (shape ?? [-1]) : [-1],
  }))
}

/** What comes out, by task. */
export function outputKinds(task: Task): Kind[] {
  const kind = (name: string, datatype: Kind['datatype']): Kind => ({ name, datatype, shape: [-1] })
  const value = kind('value', 'FP64')
  if (task === 'classification') return [value, kind('label', 'BYTES')]
  if (task === 'anomaly') return [value, kind('anomaly', 'BOOL')]
  if (task === 'imputation') return [value, kind('fields', 'BYTES')]
  return task === 'ranking' ? [value] : [value, kind('lower', 'FP64'), kind('upper', 'FP64')]
}

/**
 * Reads tensors as rows. A tensor of several columns gives fields `name0`, `name1`, …
 * @throws {Problem} models/input-unfit with every fault.
 */
export function rowsOf(tensors: readonly Tensor[]): Row[] {
  const faults: Fault[] = []
  const row_count = tensors[0]?.shape[0] ?? 0
  const columns = tensors.flatMap(({ name, shape, data }, index) => {
    const cells = data.flat()
    const width = shape.slice(1).reduce((product, size) => product * size, 1)
    const blame = (message: string) => faults.push({ path: `/inputs/${index}`, code: 'wrong-shape', message })
    if (shape[0] !== row_count) blame(`${name} has ${shape[0]} rows, and the first tensor ${row_count}`)
    if (cells.length !== row_count * width)
      blame(`${name} holds ${cells.length} values, and its shape is of ${row_count * width}`)
    return Array.from({ length: Math.min(width, 1_000) }, (_, column) => ({
      field: width === 1 ? name : `${name}${column}`,
      values: Array.from({ length: row_count }, (_row, row) => cells[row * width + column] ?? null),
    }))
  })
  if (row_count < 1 || row_count > 10_000)
    faults.push({ path: '/inputs/0/shape', code: 'rows', message: 'A request has from 1 to 10,000 rows' })
  if (faults.length > 0)
    throw new Problem('models/input-unfit', {
      detail: `The tensors do not fit together: ${faults[0]?.message ?? ''}.`,
      faults,
    })
  return Array.from({ length: row_count }, (_, row) =>
    Object.fromEntries(columns.map(({ field, values }) => [field, values[row] ?? null])),
  )
}

/** Writes answers as tensors; a number that is not known is null. */
export function tensorsOf(task: Task, outputs: readonly Output[]): Tensor[] {
  const shape = [outputs.length]
  return outputKinds(task).map(({ name, datatype }) => ({
    name,
    datatype,
    shape,
    data: outputs.map((output) => {
      if (name === 'fields') return JSON.stringify(output.fields ?? {})
      return output[name as 'value' | 'lower' | 'upper' | 'label' | 'anomaly'] ?? null
    }),
  }))
}
