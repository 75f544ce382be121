import { z } from 'zod'
import { jobKind, work, type JobBinding } from '../platform/jobs.ts'
import { watch } from './monitoring.ts'
import * as runs from './runs.ts'

const watchKind = jobKind('models.watch', z.object({}))
const tendKind = jobKind('models.tend', z.object({}))

export const jobs: readonly JobBinding[] = [
  // Not tried again: a run that failed says why, and somebody decides. Its own limit is the model's.
  work(runs.trainKind, { concurrency: 1, expire_s: 15_000, retry_limit: 1 }, runs.train),
  work(tendKind, { schedule: '*/15 * * * *', retry_limit: 0 }, async (ctx) => {
    await runs.markOrphans(ctx)
    await runs.trainDue(ctx)
  }),
  work(watchKind, { schedule: '23 * * * *', retry_limit: 0, expire_s: 3_000 }, watch),
]
