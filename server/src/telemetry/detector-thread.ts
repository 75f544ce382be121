import { Worker } from 'node:worker_threads'
import type { DeviceHistory, fitClassForest } from '@tidemark/core/telemetry/class-forest.ts'

export interface GrowAssignment {
  device_kind: string
  histories: readonly DeviceHistory[]
  seed: number
}

type Grown = ReturnType<typeof fitClassForest>
export type GrowReport = { progress: { step: number; of: number } } | { grown: Grown }

/** Grows a forest as `fitClassForest` does, while this thread goes on answering. */
export async function growInThread(
  assignment: GrowAssignment,
  report: (done: { step: number; of: number }) => void,
  signal: AbortSignal,
): Promise<Grown> {
  signal.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<Grown>()
  const worker = new Worker(new URL('./detector-worker.ts', import.meta.url), {
    workerData: assignment,
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  })
  const stop = () => reject(signal.reason)
  signal.addEventListener('abort', stop)
  worker
    .on('message', (said: GrowReport) => ('progress' in said ? report(said.progress) : resolve(said.grown)))
    .on('error', reject)
    .on('exit', () => reject(new Error('The thread that grows forests died.')))
  try {
    return await promise
  } finally {
    signal.removeEventListener('abort', stop)
    await worker.terminate()
  }
}
