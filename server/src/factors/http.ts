import { planProblems } from '@tidemark/core/admin/plans.ts'
import * as contract from '@tidemark/core/factors/contract.ts'
import { bind, bindFile, type Capability } from '../platform/capability.ts'
import type { Context } from '../platform/context.ts'
import { personalData } from './personal.ts'
import { seedFactors } from './seed.ts'
import * as service from './service.ts'

export interface FactorSources {
  /** Refuses when the caller's organisation may keep no more of its own. */
  beforeAdd?: (ctx: Context) => Promise<void>
}

/** The capability. How many an organisation may keep is known one floor above. */
export function createFactors({ beforeAdd }: FactorSources = {}): Capability {
  return {
    name: 'factors',
    problems: { ...contract.problems, ...planProblems },
    bindings: [
      bind(contract.search, service.search),
      bind(contract.listEditions, service.listEditions),
      bind(contract.show, service.show),
      bindFile(contract.importFile, service.importFile),
      bind(contract.addCustom, async (ctx, input) => {
        await beforeAdd?.(ctx)
        return service.addCustom(ctx, input)
      }),
      bind(contract.listUnits, service.listUnits),
      bind(contract.listActivities, service.listActivities),
      bind(contract.emissionFactors, service.emissionFactors),
    ],
    seed: seedFactors,
    personal_data: personalData,
  }
}

export const factors = createFactors()
