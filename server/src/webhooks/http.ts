import * as contract from '@tidemark/core/webhooks/contract.ts'
import { bind, type Capability } from '../platform/capability.ts'
import { jobs } from './jobs.ts'
import { personalData } from './personal.ts'
import * as service from './service.ts'

export const webhooks: Capability = {
  name: 'webhooks',
  problems: contract.problems,
  bindings: [
    bind(contract.list, service.list),
    bind(contract.create, service.create),
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
