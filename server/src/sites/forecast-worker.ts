import { parentPort, workerData } from 'node:worker_threads'
import type { Component } from '@tidemark/core/sites/forecast-component.ts'
import { fitForecast } from '@tidemark/core/sites/forecast-fit.ts'

// Choosing among forecasters takes seconds, in which the server must answer: a thread of its own.
const { components } = workerData as { components: Component[] }
parentPort?.postMessage(fitForecast(components, true))
