import { parentPort, workerData } from 'node:worker_threads'
import { fitForecast } from '@tidemark/core/sites/forecast-fit.ts'
import type { FitAssignment, FitReport } from './forecast-thread.ts'

// Choosing among forecasters takes seconds, in which the server must answer: a thread of its own.
const { components, learns } = workerData as FitAssignment
const say = (report: FitReport) => parentPort?.postMessage(report)
say({ model: fitForecast(components, learns, (progress) => say({ progress })) })
