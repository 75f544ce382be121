import { Worker } from 'node:worker_threads'
import { Problem } from '@tidemark/core/lib/problem.ts'
import type { OnnxAnswer, OnnxStart, PlainTensor, TensorKind } from './onnx-worker.ts'

/** An ONNX model in a thread of its own. */
export interface OnnxModel {
  inputs: readonly TensorKind[]
  outputs: readonly TensorKind[]
  /** @throws Problem `models/too-slow`, `models/input-unfit` */
  run(inputs: Record<string, PlainTensor>): Promise<Record<string, PlainTensor>>
  close(): Promise<void>
  readonly closed: boolean
}

export interface OnnxLimits {
  /** For loading, and for each answer. */
  time_ms?: number
  memory_bytes_max?: number
}

const TIME_MS = 10_000
const MEMORY_BYTES_MAX = 1024 * 1024 * 1024

/**
 * Loads an ONNX file. It comes from outside: it runs in a thread that is ended when it takes too long, with a memory that
 * cannot grow beyond its limit, and cannot reach files or the network.
 * @throws Problem `models/onnx-refused` with what the runtime says; `models/too-slow`
 */
export async function openOnnx(bytes: Uint8Array, limits: OnnxLimits = {}): Promise<OnnxModel> {
  const { time_ms = TIME_MS, memory_bytes_max = MEMORY_BYTES_MAX } = limits
  const workerDataOf: OnnxStart = { bytes, memory_bytes_max }
  const worker = new Worker(new URL('./onnx-worker.ts', import.meta.url), {
    workerData: workerDataOf,
    execArgv: [],
    env: {},
    stderr: true,
    stdout: true,
    resourceLimits: { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 64 },
  })
  const waiting = new Map<number | null, PromiseWithResolvers<OnnxAnswer>>()
  let closed = false
  const end = (error: Problem) => {
    closed = true
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
    void worker.terminate()
  }
  worker.on('message', (answer: OnnxAnswer) => {
    const key = answer.kind === 'ready' ? null : answer.id
    waiting.get(key)?.resolve(answer)
    waiting.delete(key)
  })
  const died = () => end(new Problem('models/onnx-refused', { detail: 'The thread of the model ended in the middle.' }))
  worker.on('error', died)
  worker.on('exit', died)
  worker.unref()

  const ask = async (key: number | null): Promise<OnnxAnswer> => {
    const question = Promise.withResolvers<OnnxAnswer>()
    waiting.set(key, question)
    const late = () =>
      end(new Problem('models/too-slow', { detail: `The model took longer than ${time_ms} ms.`, time_ms }))
    const timer = setTimeout(late, time_ms)
    try {
      return await question.promise
    } finally {
      clearTimeout(timer)
    }
  }

  const ready = await ask(null)
  if (ready.kind !== 'ready') {
    await worker.terminate()
    throw refusal('models/onnx-refused', ready)
  }
  let last = 0
  return {
    inputs: ready.inputs,
    outputs: ready.outputs,
    get closed() {
      return closed
    },
    run: async (inputs) => {
      if (closed) throw new Problem('models/onnx-refused', { detail: 'The thread of the model has ended.' })
      last += 1
      const id = last
      worker.postMessage({ id, inputs })
      const answer = await ask(id)
      if (answer.kind !== 'answered') throw refusal('models/input-unfit', answer)
      return answer.outputs
    },
    close: async () => {
      closed = true
      await worker.terminate()
    },
  }
}

function refusal(type: 'models/onnx-refused' | 'models/input-unfit', answer: OnnxAnswer): Problem {
  const why = answer.kind === 'refused' ? answer.message : 'It said nothing.'
  return new Problem(type, { detail: `The runtime of ONNX says: ${why}` })
}
