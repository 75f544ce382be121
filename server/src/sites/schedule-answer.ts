import { localTime } from '@tidemark/core/sites/local-time.ts'
import { adviceOf, stretches, type Case } from '@tidemark/core/sites/schedule-advice.ts'
import type { Optimization } from '@tidemark/core/sites/schedule-contract.ts'
import {
  idleSchedule,
  outcomeOf,
  type Outcome,
  type Schedule,
  type ScheduleCost,
  selfConsumptionSchedule,
} from '@tidemark/core/sites/schedule-cost.ts'
import type { ScheduleTask } from '@tidemark/core/sites/schedule-task.ts'
import type { MadeForecast, SiteForecast } from './forecast-answer.ts'
import type { Solved } from './solver.ts'
import type { SiteRow } from './store.ts'

export interface Solution {
  task: ScheduleTask
  plan: Solved
  contributions: Optimization['contributions']
  without: Map<string, Schedule>
  /** Load and generation at p10, p50, p90, in all pairs, load first. */
  cases: readonly Case[]
}

interface Given {
  plan_id: string
  site: SiteRow
  horizon: '24h' | '7d'
  made: SiteForecast
  solution: Solution
  assumptions: string[]
}

/** A solution as it is told. */
export function shownPlan({ plan_id, site, horizon, made, solution, assumptions }: Given): Optimization {
  const { task, plan } = solution
  const idle = outcomeOf(task, idleSchedule(task))
  const planned = outcomeOf(task, plan.schedule)
  const rule = outcomeOf(task, selfConsumptionSchedule(task))
  const clock = (at_ms: number) => clockOf(at_ms, site.time_zone, horizon)
  const recommendations = adviceOf({ ...solution, plan: plan.schedule, clock })
  return {
    success: true,
    recommendations,
    nothing_to_gain: recommendations.length > 0 ? null : reasonOf(task),
    siteId: site.id,
    plan_id,
    horizon,
    made_at: made.now.toISOString(),
    step_s: made.slot_s,
    currency: task.currency,
    simulated: made.simulated,
    schedule: slotsOf(task, plan.schedule, planned, idle),
    runs: runsShown(task, plan.schedule),
    breaches: planned.breaches.map(shownBreach),
    idle_breaches: idle.breaches.map(shownBreach),
    costs: { plan: planned.cost, idle: idle.cost, self_consumption_rule: rule.cost },
    savings: {
      against_idle: savingsOf(idle.cost, planned.cost),
      against_self_consumption_rule: savingsOf(rule.cost, planned.cost),
    },
    scenarios: scenariosOf(solution),
    contributions: solution.contributions,
    peaks: task.peaks.map(({ month, slots, so_far_kw, expected_kw, charge_per_kw }) => ({
      month,
      so_far_kw,
      expected_kw: expected_kw ?? null,
      idle_kw: highestOf(idle, slots),
      plan_kw: highestOf(planned, slots),
      charge_per_kw,
    })),
    emissions_kg_co2e_per_kwh: task.emissions_kg_per_kwh,
    assumptions,
    forecast: {
      load: sourceOf(made.targets.load),
      generation: made.targets.generation === undefined ? null : sourceOf(made.targets.generation),
    },
    solver: {
      name: 'HiGHS',
      status: plan.status,
      binaries: plan.binaries,
      duration_ms: Math.round(plan.duration_ms),
    },
  }
}

export function savingsOf(before: ScheduleCost, after: ScheduleCost) {
  const money = before.total - after.total
  return {
    money,
    share: before.total > 0 ? money / before.total : null,
    emissions_kg_co2e:
      before.emissions_kg_co2e === null || after.emissions_kg_co2e === null
        ? null
        : before.emissions_kg_co2e - after.emissions_kg_co2e,
  }
}

function slotsOf(task: ScheduleTask, schedule: Schedule, planned: Outcome, idle: Outcome): Optimization['schedule'] {
  const capacity_kwh = task.batteries.reduce((sum, { most_kwh }) => sum + most_kwh, 0)
  const usual = idleSchedule(task)
  const moved = (runs: Schedule['runs'], slot: number) =>
    task.shiftable.reduce((sum, { power_kw }, run) => sum + power_kw * (runs[run]?.[slot] ?? 0), 0)
  return task.load_kw.map((load, slot) => ({
    timestamp: new Date(task.start_ms + slot * task.slot_s * 1000).toISOString(),
    load_kw: load + moved(schedule.runs, slot),
    generation_kw: task.generation_kw[slot] ?? 0,
    curtailed_kw: schedule.curtailed_kw[slot] ?? 0,
    battery_kw: schedule.battery_kw.reduce((sum, each) => sum + (each[slot] ?? 0), 0),
    state_of_charge_percent:
      capacity_kwh === 0
        ? null
        : (100 * planned.stored_kwh.reduce((sum, each) => sum + (each[slot] ?? 0), 0)) / capacity_kwh,
    import_kw: planned.import_kw[slot] ?? 0,
    export_kw: planned.export_kw[slot] ?? 0,
    idle_import_kw: idle.import_kw[slot] ?? 0,
    idle_load_kw: load + moved(usual.runs, slot),
    import_price_per_kwh: task.import_price[slot] ?? 0,
    export_price_per_kwh: task.export_price[slot] ?? 0,
  }))
}

function runsShown(task: ScheduleTask, { runs }: Schedule): Optimization['runs'] {
  return task.shiftable.map(({ name, power_kw, first }, index) => ({
    name,
    power_kw,
    usual_from: new Date(task.start_ms + first * task.slot_s * 1000).toISOString(),
    planned: stretches(task, (slot) => (runs[index]?.[slot] ?? 0) > 0).map(({ from_ms, to_ms }) => ({
      from: new Date(from_ms).toISOString(),
      to: new Date(to_ms).toISOString(),
    })),
  }))
}

function shownBreach({ first_at_ms, ...breach }: Outcome['breaches'][number]): Optimization['breaches'][number] {
  return { ...breach, first_at: new Date(first_at_ms).toISOString() }
}

function scenariosOf({ task, plan, cases }: Solution): Optimization['scenarios'] {
  const idle = idleSchedule(task)
  const quantile = ['p10', 'p50', 'p90'] as const
  const per_load = cases.length / quantile.length
  return cases.map((given, index) => {
    const costs = [outcomeOf(task, plan.schedule, given).cost.total, outcomeOf(task, idle, given).cost.total] as const
    return {
      load: quantile[Math.floor(index / per_load)] ?? 'p50',
      generation: per_load === 1 ? 'none' : (quantile[index % per_load] ?? 'p50'),
      plan: costs[0],
      idle: costs[1],
      savings: costs[1] - costs[0],
    }
  })
}

function highestOf({ import_kw }: Outcome, slots: readonly number[]): number {
  return slots.reduce((most, slot) => Math.max(most, import_kw[slot] ?? 0), 0)
}

function reasonOf({ batteries, shiftable }: ScheduleTask): string {
  return batteries.length === 0 && shiftable.length === 0
    ? 'The site has no battery and no load that can be moved.'
    : 'Within this horizon nothing that could be done is cheaper than doing nothing.'
}

function sourceOf(target: MadeForecast | undefined): Optimization['forecast']['load'] {
  return {
    fallback_level: target?.level ?? 'flatliner',
    model_id: target?.model?.model_id ?? null,
    method: [...new Set(Object.values(target?.methods ?? {}).map(({ day }) => day))].join('; '),
  }
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** As people of the site read it: 06:45, with the day where there are several. */
function clockOf(at_ms: number, time_zone: string, horizon: '24h' | '7d'): string {
  const { minute_of_day, weekday } = localTime(at_ms, time_zone)
  const two = (value: number) => String(value).padStart(2, '0')
  const clock = `${two(Math.floor(minute_of_day / 60))}:${two(minute_of_day % 60)}`
  return horizon === '7d' ? `${weekdays[weekday]} ${clock}` : clock
}
