import { work, type JobBinding } from '../platform/jobs.ts'
import * as service from './service.ts'

export const jobs: readonly JobBinding[] = [
  // A refusal by the other side is no failure of the job: only a crash in the middle makes it run again.
  work(service.deliverKind, { concurrency: 8, expire_s: 60, retry_limit: 10 }, service.deliver),
  work(service.tidyKind, { schedule: '41 4 * * *' }, service.tidy),
]
