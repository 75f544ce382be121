import { parentPort, workerData } from 'node:worker_threads'
import { fitClassForest } from '@tidemark/core/telemetry/class-forest.ts'
import type { GrowAssignment, GrowReport } from './detector-thread.ts'

// Growing takes most of a second, in which readings come in: a thread of its own.
const { device_kind, histories, seed } = workerData as GrowAssignment
const say = (report: GrowReport) => parentPort?.postMessage(report)
say({ grown: fitClassForest(device_kind, histories, { seed, report: (progress) => say({ progress }) }) })
