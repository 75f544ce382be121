import { jobKind, work, type JobBinding } from '../platform/jobs.ts'
import { z } from 'zod'
import { learnKind } from './ingest.ts'
import { dropOldReadings } from './retention.ts'
import * as service from './service.ts'

const retentionKind = jobKind('telemetry.retention', z.object({}))

export const jobs: readonly JobBinding[] = [
  work(learnKind, { retry_limit: 2, expire_s: 120 }, service.learn),
  work(retentionKind, { schedule: '23 2 * * *', expire_s: 3_600 }, dropOldReadings),
]
