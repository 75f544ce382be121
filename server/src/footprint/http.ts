import * as contract from '@tidemark/core/footprint/contract.ts'
import {
  applyMeasurement,
  measurementProblems,
  proposeMeasurement,
} from '@tidemark/core/footprint/measurement-contract.ts'
import { calculateEmissions } from '@tidemark/core/footprint/seed-contract.ts'
import { bind } from '../platform/capability.ts'
import type { Capability } from '../platform/capability.ts'
import type { Context } from '../platform/context.ts'
import { personalData } from './personal.ts'
import * as service from './service.ts'

export interface FootprintSources {
  /** Refuses when the caller's organisation may calculate no more for now. */
  beforeCalculate?: (ctx: Context) => Promise<void>
}

/** The capability. Whether somebody may calculate once more is known one floor above. */
export function createFootprint({ beforeCalculate }: FootprintSources = {}): Capability {
  return {
    name: 'footprint',
    problems: { ...contract.problems, ...measurementProblems },
    bindings: [
      bind(contract.calculate, async (ctx, input) => {
        await beforeCalculate?.(ctx)
        return service.calculate(ctx, input)
      }),
      bind(calculateEmissions, async (ctx, input) => {
        await beforeCalculate?.(ctx)
        return service.calculateEmissions(ctx, input)
      }),
      bind(proposeMeasurement, service.proposeMeasurement),
      bind(applyMeasurement, async (ctx, input) => {
        await beforeCalculate?.(ctx)
        return service.applyMeasurement(ctx, input)
      }),
      bind(contract.validate, service.validate),
      bind(contract.trace, service.trace),
      bind(contract.listCalculations, service.listCalculations),
      bind(contract.questionnaire, service.questionnaire),
      bind(contract.airports, service.airports),
    ],
    seed: service.seedDemo,
    personal_data: personalData,
  }
}

export const footprint = createFootprint()
