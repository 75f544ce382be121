import { jobKind, work, type JobBinding } from '../platform/jobs.ts'
import { z } from 'zod'
import { keptTrainKinds } from '../models/service.ts'
import { observeDetectors, trainDetector, wishDetector } from './detectors.ts'
import { learnKind } from './ingest.ts'
import { dropOldReadings } from './retention.ts'
import * as service from './service.ts'

const observeKind = jobKind('telemetry.observe_detectors', z.object({}))
const retentionKind = jobKind('telemetry.retention', z.object({}))

export const jobs: readonly JobBinding[] = [
  work(learnKind, { retry_limit: 2, expire_s: 120, once: true }, async (ctx, payload) => {
    await service.learn(ctx, payload)
    await wishDetector(ctx, payload)
  }),
  work(keptTrainKinds.telemetry, { concurrency: 1, expire_s: 3_600, retry_limit: 1 }, trainDetector),
  work(observeKind, { schedule: '41 0 * * *', retry_limit: 0, expire_s: 3_600 }, observeDetectors),
  work(retentionKind, { schedule: '23 2 * * *', expire_s: 3_600 }, dropOldReadings),
]
