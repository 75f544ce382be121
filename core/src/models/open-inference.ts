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
  const row_count = tensors[0]?.shape[0] ?? 0
  // Before anything is made of it: a shape of a few bytes can claim more cells than there is memory.
  const faults = tensors.flatMap((tensor, index) => shapeFaults(tensor, index, row_count))
  if (row_count < 1 || row_count > ROWS_MAX)
    faults.push({ path: '/inputs/0/shape', code: 'rows', message: 'A request has from 1 to 10,000 rows' })
  if (faults.length > 0)
    throw new Problem('models/input-unfit', {
      detail: `The tensors do not fit together: ${faults[0]?.message ?? ''}.`,
      faults,
    })
  const columns = tensors.flatMap(({ name, shape, data }) => {
    const cells = data.flat()
    const width = widthOf(shape)
    return Array.from({ length: width }, (_, column) => ({
      field: width === 1 ? name : `${name}${column}`,
      values: Array.from({ length: row_count }, (_row, row) => cells[row * width + column] ?? null),
    }))
  })
  return Array.from({ length: row_count }, (_, row) =>
    Object.fromEntries(columns.map(({ field, values }) => [field, values[row] ?? null])),
  )
}

const ROWS_MAX = 10_000
const WIDTH_MAX = 1_000

function widthOf(shape: readonly number[]): number {
  return shape.slice(1).reduce((product, size) => product * size, 1)
}

function shapeFaults({ name, shape, data }: Tensor, index: number, row_count: number): Fault[] {
  const width = widthOf(shape)
  const count = data.reduce<number>((sum, cell) => sum + (Array.isArray(cell) ? cell.length : 1), 0)
  const wrong = [
    ...(shape[0] === row_count ? [] : [`${name} has ${shape[0]} rows, and the first tensor ${row_count}`]),
    ...(count === row_count * width ? [] : [`${name} holds ${count} values, and its shape is of ${row_count * width}`]),
    ...(width <= WIDTH_MAX ? [] : [`${name} has ${width} columns, and ${WIDTH_MAX} are read`]),
  ]
  return wrong.map((message) => ({ path: `/inputs/${index}`, code: 'wrong-shape', message }))
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
