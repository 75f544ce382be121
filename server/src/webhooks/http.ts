import { planProblems } from '@tidemark/core/admin/plans.ts'
import * as contract from '@tidemark/core/webhooks/contract.ts'
import { bind, type Capability } from '../platform/capability.ts'
import type { Context } from '../platform/context.ts'
import { jobs } from './jobs.ts'
import { personalData } from './personal.ts'
import * as service from './service.ts'

export interface WebhookSources {
  /** Refuses when the caller's organisation may have no more. */
  beforeCreate?: (ctx: Context) => Promise<void>
}

/** The capability. How many an organisation may have is known one floor above. */
export function createWebhooks({ beforeCreate }: WebhookSources = {}): Capability {
  return {
    name: 'webhooks',
    problems: { ...contract.problems, ...planProblems },
    bindings: [
      bind(contract.list, service.list),
      bind(contract.create, async (ctx, input) => {
        await beforeCreate?.(ctx)
        return service.create(ctx, input)
      }),
      bind(contract.update, service.update),
      bind(contract.remove, service.remove),
      bind(contract.renewSecret, service.renewSecret),
      bind(contract.ping, service.ping),
      bind(contract.listDeliveries, service.listDeliveries),
      bind(contract.redeliver, service.redeliver),
    ],
    jobs,
    personal_data: personalData,
  }
}

export const webhooks = createWebhooks()
