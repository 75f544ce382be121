import { idleSchedule, outcomeOf, type Schedule, usualRuns } from './schedule-cost.ts'
import type { ScheduleTask } from './schedule-task.ts'

/** The same question with something taken away; how its answer reads as a schedule of the whole. */
export interface Variant {
  without: string
  task: ScheduleTask
  /** The solved schedule of the smaller question, as one of the whole. */
  whole: (solved: Schedule) => Schedule
  /** Whether savings are counted by the variant's own prices: a flat tariff is another world, a resting battery is not. */
  own_prices: boolean
}

/** What a plan is solved again without, to see what each part brings. */
export function variantsOf(task: ScheduleTask): Variant[] {
  const idle = idleSchedule(task)
  const same = (solved: Schedule) => solved
  const variants: Variant[] = []
  if (task.batteries.length > 0)
    variants.push({
      without: 'battery',
      task: { ...task, batteries: [] },
      whole: ({ runs, curtailed_kw }) => ({ runs, curtailed_kw, battery_kw: idle.battery_kw }),
      own_prices: false,
    })
  const names = [...new Set(task.shiftable.map(({ name }) => name))]
  for (const name of names.slice(0, LOADS_MAX)) variants.push(unshifted(task, [name], `shifting ${name}`))
  if (names.length > 1) variants.push(unshifted(task, names, 'shifting'))
  const mean = task.import_price.reduce((sum, price) => sum + price, 0) / task.import_price.length
  if (task.import_price.some((price) => Math.abs(price - mean) > 1e-9))
    variants.push({
      without: 'prices by time',
      task: { ...task, import_price: task.import_price.map(() => mean) },
      whole: same,
      own_prices: true,
    })
  if (task.peaks.some(({ charge_per_kw }) => charge_per_kw > 0))
    variants.push({
      without: 'demand charge',
      task: { ...task, peaks: task.peaks.map((peak) => ({ ...peak, charge_per_kw: 0 })) },
      whole: same,
      own_prices: false,
    })
  return variants
}
/** Each costs a solution; more loads than this are only looked at together. */
const LOADS_MAX = 4

function unshifted(task: ScheduleTask, names: readonly string[], without: string): Variant {
  const usual = usualRuns(task)
  const is_fixed = task.shiftable.map(({ name }) => names.includes(name))
  const load_kw = task.load_kw.map((load, slot) =>
    task.shiftable.reduce(
      (sum, { power_kw }, run) => sum + (is_fixed[run] ? power_kw * (usual[run]?.[slot] ?? 0) : 0),
      load,
    ),
  )
  return {
    without,
    task: { ...task, load_kw, shiftable: task.shiftable.filter((_, run) => !is_fixed[run]) },
    whole: (solved) => {
      const moved = [...solved.runs]
      const runs = task.shiftable.map((_, run) => (is_fixed[run] ? (usual[run] ?? []) : (moved.shift() ?? [])))
      return { ...solved, runs }
    },
    own_prices: false,
  }
}

/** What a variant saves against doing nothing, and how much less that is than with everything. */
export function contributionOf(task: ScheduleTask, plan: Schedule, variant: Variant, solved: Schedule) {
  const full = saved(task, plan)
  const savings = variant.own_prices ? saved(variant.task, solved) : saved(task, variant.whole(solved))
  return { without: variant.without, savings, contribution: full - savings }
}

function saved(task: ScheduleTask, schedule: Schedule): number {
  return outcomeOf(task, idleSchedule(task)).cost.total - outcomeOf(task, schedule).cost.total
}
