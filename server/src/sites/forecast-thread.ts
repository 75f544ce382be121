import { Worker } from 'node:worker_threads'
import type { Component } from '@tidemark/core/sites/forecast-component.ts'
import type { ForecastModel } from '@tidemark/core/sites/forecast-fit.ts'

export interface FitAssignment {
  components: readonly Component[]
  learns: boolean
}

/** Chooses and fits as `fitForecast` does, while this thread goes on answering. */
export function fitInThread(assignment: FitAssignment): Promise<ForecastModel | null> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./forecast-worker.ts', import.meta.url), {
      workerData: assignment,
      resourceLimits: { maxOldGenerationSizeMb: 1_024 },
    })
    let said: ForecastModel | null | undefined
    worker
      .on('message', (model: ForecastModel | null) => (said = model))
      .on('error', reject)
      .on('exit', () =>
        said === undefined ? reject(new Error('The thread that fits forecasts died.')) : resolve(said),
      )
  })
}
