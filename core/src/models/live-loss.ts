import { logLossOf } from './losses.ts'
import type { Task } from './recipe.ts'

/** What an answer on record holds of numbers. */
export interface Answered {
  value?: unknown
  lower?: unknown
  upper?: unknown
  anomaly?: unknown
}

/** Tasks whose answers can be judged one by one. */
export const judgeable: readonly Task[] = ['regression', 'quantile', 'classification', 'anomaly', 'forecast']

/** The loss of one answer once the truth is known; undefined where there is none. Units as `lossNames` says; of anomalies 0 or 1. */
export function liveLoss(task: Task, answered: Answered, realised: number, level: number): number | undefined {
  const { value, anomaly } = answered
  if (task === 'anomaly') return typeof anomaly === 'boolean' ? Number(Number(anomaly) !== realised) : undefined
  if (typeof value !== 'number') return undefined
  if (task === 'regression') return (realised - value) ** 2
  if (task === 'forecast') return Math.abs(realised - value)
  if (task === 'classification') return realised === 0 || realised === 1 ? logLossOf(realised, value) : undefined
  if (task !== 'quantile') return undefined
  const tail = (1 - level) / 2
  const ends = [answered.lower ?? value, value, answered.upper ?? value].map(Number)
  return [tail, 0.5, 1 - tail].reduce((sum, share, index) => {
    const off = realised - (ends[index] ?? value)
    return sum + (off >= 0 ? share * off : (share - 1) * off) / 3
  }, 0)
}

/** Whether the interval held; undefined where there was none. */
export function held({ lower, upper }: Answered, realised: number): boolean | undefined {
  return typeof lower === 'number' && typeof upper === 'number' ? realised >= lower && realised <= upper : undefined
}
