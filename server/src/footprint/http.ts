import * as contract from '@tidemark/core/footprint/contract.ts'
import { calculateEmissions } from '@tidemark/core/footprint/seed-contract.ts'
import { bind } from '../platform/capability.ts'
import type { Capability } from '../platform/capability.ts'
import { personalData } from './personal.ts'
import * as service from './service.ts'

export const footprint: Capability = {
  name: 'footprint',
  problems: contract.problems,
  bindings: [
    bind(contract.calculate, service.calculate),
    bind(calculateEmissions, service.calculateEmissions),
    bind(contract.validate, service.validate),
    bind(contract.trace, service.trace),
    bind(contract.listCalculations, service.listCalculations),
    bind(contract.questionnaire, service.questionnaire),
    bind(contract.airports, service.airports),
  ],
  seed: service.seedDemo,
  personal_data: personalData,
}
