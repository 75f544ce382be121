import { Worker } from 'node:worker_threads'
import type { Component } from '@tidemark/core/sites/forecast-component.ts'
import type { ForecastModel } from '@tidemark/core/sites/forecast-fit.ts'

export interface FitAssignment {
  components: readonly Component[]
  learns: boolean
}

/** A part that was chosen, and how many there are. */
export interface FitProgress {
  step: number
  of: number
  line: string
}
export type FitReport = { progress: FitProgress } | { model: ForecastModel | null }

/** Chooses and fits as `fitForecast` does, while this thread goes on answering. */
export async function fitInThread(
  assignment: FitAssignment,
  report: (done: FitProgress) => void = () => undefined,
  signal?: AbortSignal,
): Promise<ForecastModel | null> {
  signal?.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<ForecastModel | null>()
  const worker = new Worker(new URL('./forecast-worker.ts', import.meta.url), {
    workerData: assignment,
    resourceLimits: { maxOldGenerationSizeMb: 1_024 },
  })
  const stop = () => reject(signal?.reason)
  signal?.addEventListener('abort', stop)
  worker
    .on('message', (said: FitReport) => ('progress' in said ? report(said.progress) : resolve(said.model)))
    .on('error', reject)
    .on('exit', () => reject(new Error('The thread that fits forecasts died.')))
  try {
    return await promise
  } finally {
    signal?.removeEventListener('abort', stop)
    await worker.terminate()
  }
}
