import { work, type JobBinding } from '../platform/jobs.ts'
import * as service from './service.ts'

export function jobsOf(sources: service.PrivacySources): readonly JobBinding[] {
  return [
    work(service.exportKind, { expire_s: 900, concurrency: 1 }, (ctx, payload) =>
      service.makeExport(ctx, payload, sources),
    ),
    work(service.sweepKind, { schedule: '7 * * * *', expire_s: 900 }, (ctx) => service.sweep(ctx, sources)),
  ]
}
