import { parentPort, workerData } from 'node:worker_threads'

/** What an ONNX thread is given at its start. */
export interface OnnxStart {
  bytes: Uint8Array
  memory_bytes_max: number
}

/** A tensor in plain words: element types as the Open Inference Protocol writes them. */
export interface PlainTensor {
  datatype: 'FP32' | 'FP64' | 'INT32' | 'INT64' | 'BOOL' | 'BYTES'
  shape: number[]
  data: (number | string | boolean)[]
}

export interface TensorKind {
  name: string
  datatype: PlainTensor['datatype']
  /** -1 is chosen by the caller. */
  shape: number[]
}

export type OnnxAnswer =
  | { kind: 'ready'; inputs: TensorKind[]; outputs: TensorKind[] }
  | { kind: 'answered'; id: number; outputs: Record<string, PlainTensor> }
  | { kind: 'refused'; id: number | null; message: string }

export interface OnnxQuestion {
  id: number
  inputs: Record<string, PlainTensor>
}

const { bytes, memory_bytes_max } = workerData as OnnxStart

// The memory of WebAssembly is no part of what a thread may be limited to, so its most is cut where it is made: a model that
// asks for more finds that there is none.
interface MemorySize {
  initial: number
  maximum?: number
  shared?: boolean
}
const host = globalThis as unknown as { WebAssembly: { Memory: new (size: MemorySize) => object } }
const Native = host.WebAssembly.Memory
host.WebAssembly.Memory = class extends Native {
  constructor(wanted: MemorySize) {
    const pages = Math.floor(memory_bytes_max / 65_536)
    super({ ...wanted, maximum: Math.min(wanted.maximum ?? pages, pages) })
  }
}

const datatypes: Record<string, PlainTensor['datatype']> = {
  float32: 'FP32',
  float64: 'FP64',
  int32: 'INT32',
  int64: 'INT64',
  bool: 'BOOL',
  string: 'BYTES',
}
const types = Object.fromEntries(Object.entries(datatypes).map(([type, datatype]) => [datatype, type]))

const say = (answer: OnnxAnswer) => parentPort?.postMessage(answer)

try {
  const ort = await import('onnxruntime-web/wasm')
  ort.env.wasm.numThreads = 1
  ort.env.logLevel = 'error'
  const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] })
  const kindsOf = (all: typeof session.inputMetadata): TensorKind[] =>
    all.map((each) => {
      const datatype = each.isTensor ? datatypes[each.type] : undefined
      if (!each.isTensor || !datatype) throw new Error(`"${each.name}" is of a type that is not served here.`)
      return {
        name: each.name,
        datatype,
        shape: each.shape.map((size) => (typeof size === 'number' && size >= 0 ? size : -1)),
      }
    })
  say({ kind: 'ready', inputs: kindsOf(session.inputMetadata), outputs: kindsOf(session.outputMetadata) })
  parentPort?.on('message', ({ id, inputs }: OnnxQuestion) => {
    const tensors = () =>
      Object.fromEntries(
        Object.entries(inputs).map(([name, { datatype, shape, data }]) => {
          const values =
            datatype === 'INT64' ? BigInt64Array.from(data, (each) => BigInt(Math.trunc(Number(each)))) : data
          return [name, new ort.Tensor(types[datatype] as 'float32', values as number[], shape)]
        }),
      )
    const run = async () => {
      const found = await session.run(tensors())
      const outputs = Object.entries(found).map(([name, tensor]): [string, PlainTensor] => {
        const datatype = datatypes[tensor.type] ?? 'FP32'
        const data = Array.from(tensor.data as ArrayLike<number | bigint | string>, (each) =>
          typeof each === 'bigint' ? Number(each) : each,
        )
        return [name, { datatype, shape: [...tensor.dims], data: datatype === 'BOOL' ? data.map(Boolean) : data }]
      })
      say({ kind: 'answered', id, outputs: Object.fromEntries(outputs) })
    }
    run().catch((error: unknown) => say({ kind: 'refused', id, message: told(error) }))
  })
} catch (error) {
  say({ kind: 'refused', id: null, message: told(error) })
}

/** What the runtime said, without the paths of the machine that it was built on. */
function told(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.replaceAll(/\/\S+\/\S+/g, '…').slice(0, 300)
}
