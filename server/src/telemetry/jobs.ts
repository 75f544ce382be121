import { work, type JobBinding } from '../platform/jobs.ts'
import { learnKind } from './ingest.ts'
import * as service from './service.ts'

export const jobs: readonly JobBinding[] = [work(learnKind, { retry_limit: 2, expire_s: 120 }, service.learn)]
