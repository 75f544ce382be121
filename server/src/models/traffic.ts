import type { Context } from '../platform/context.ts'
import type { Served } from './serving.ts'

/** Who answers a request while an experiment is under way. */
export interface Route {
  experiment_id: string
  answers: Served
  /** Predicts as well, and is not heard. */
  shadow?: Served
}

/** Where a request goes: undefined for the champion alone. */
export async function trafficOf(
  _ctx: Context,
  _champion: Served,
  _key: string | undefined,
): Promise<Route | undefined> {
  return undefined
}
