import * as contract from '@tidemark/core/factors/contract.ts'
import { bind, bindFile, type Capability } from '../platform/capability.ts'
import { personalData } from './personal.ts'
import { seedFactors } from './seed.ts'
import * as service from './service.ts'

export const factors: Capability = {
  name: 'factors',
  problems: contract.problems,
  bindings: [
    bind(contract.search, service.search),
    bind(contract.listEditions, service.listEditions),
    bind(contract.show, service.show),
    bindFile(contract.importFile, service.importFile),
    bind(contract.addCustom, service.addCustom),
    bind(contract.listUnits, service.listUnits),
    bind(contract.listActivities, service.listActivities),
    bind(contract.emissionFactors, service.emissionFactors),
  ],
  seed: seedFactors,
  personal_data: personalData,
}
