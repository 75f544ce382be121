import { isChallenged } from '@tidemark/core/models/experiment.ts'
import type { Context } from '../platform/context.ts'
import { runningExperiment } from './experiments-store.ts'
import { runtimeOf } from './runtime.ts'
import { serve, type Served } from './served.ts'

/** Who answers a request while an experiment is under way. */
export interface Route {
  experiment_id: string
  answers: Served
  /** Predicts as well, and is not heard. */
  shadow?: Served
}

/** Where a request goes: undefined for the champion alone. A split needs a key: without one nobody could be answered steadily. */
export async function trafficOf(ctx: Context, champion: Served, key: string | undefined): Promise<Route | undefined> {
  const { model_id } = champion.model
  const experiment = await runtimeOf(ctx).resolved(`experiment/${model_id}`, () => runningExperiment(ctx.db, model_id))
  // For a second after a promotion elsewhere the champion may be another one than the experiment is about.
  if (!experiment || experiment.champion !== champion.version.version) return undefined
  const { experiment_id, plan } = experiment
  if (plan.mode === 'split' && key === undefined) return undefined
  const challenger = await serve(ctx, model_id, experiment.challenger).catch((error: unknown) => {
    ctx.log.warn({ err: error, experiment_id }, 'the challenger cannot be loaded; the champion answers')
    return undefined
  })
  if (!challenger) return { experiment_id, answers: champion }
  if (plan.mode === 'shadow') return { experiment_id, answers: champion, shadow: challenger }
  return { experiment_id, answers: isChallenged(experiment_id, key ?? '', plan.share) ? challenger : champion }
}
