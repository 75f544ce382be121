import * as contract from '@tidemark/core/admin/contract.ts'
import { bind, type Capability } from '../platform/capability.ts'
import * as service from './service.ts'

/** The capability. Who there is and on which plan is handed in by accounts. */
export function createAdmin(sources: service.AdminSources): Capability {
  return {
    name: 'admin',
    problems: contract.problems,
    bindings: [
      bind(contract.health, service.health),
      bind(contract.jobs, service.jobs),
      bind(contract.usage, async (ctx) => service.usage(ctx, sources)),
      bind(contract.audit, service.listEvents),
      bind(contract.outbox, service.outbox),
      bind(contract.listPlans, service.listPlans),
      bind(contract.organisationUsage, async (ctx, input) => service.organisationUsage(ctx, input, sources)),
    ],
  }
}
