import type { Realised } from '@tidemark/core/sites/schedule-contract.ts'
import { outcomeOf, type Schedule, selfConsumptionSchedule } from '@tidemark/core/sites/schedule-cost.ts'
import type { ScheduleTask } from '@tidemark/core/sites/schedule-task.ts'
import type { Context } from '../platform/context.ts'
import { seriesOfSite } from '../telemetry/service.ts'
import { readSlots } from './metrics.ts'
import { savingsOf } from './schedule-answer.ts'
import type { PlanRow } from './schedule-store.ts'
import type { SiteRow } from './store.ts'

const QUARTER_MS = 900_000

/** What was measured in each slot of a plan; NaN where something of it was not. */
interface Measured {
  load_kw: number[]
  generation_kw: number[]
  battery_kw: number[]
  /** Whether batteries were measured at all. */
  has_battery: boolean
}

/** What really happened: the bill of what was done, and what it would have been otherwise, by the same tariff. */
export async function realisedOf(ctx: Context, site: SiteRow, row: PlanRow): Promise<Realised | null> {
  const { task, schedule } = row
  const count = task.load_kw.length
  const measured = await readMeasured(ctx, site, task)
  const is_known = measured.load_kw.map(
    (load, slot) =>
      !Number.isNaN(load + (measured.generation_kw[slot] ?? Number.NaN) + (measured.battery_kw[slot] ?? Number.NaN)),
  )
  const measured_slots = is_known.filter(Boolean).length
  if (measured_slots === 0) return null
  const known = (values: readonly number[]) => values.map((value, slot) => (is_known[slot] === true ? value : 0))
  // The meter has seen what ran, wherever it ran: nothing is left that could be moved.
  const after: ScheduleTask = {
    ...task,
    shiftable: [],
    load_kw: known(measured.load_kw),
    generation_kw: known(measured.generation_kw),
  }
  const none = task.load_kw.map(() => 0)
  const at_rest: Schedule = { battery_kw: task.batteries.map(() => none), runs: [], curtailed_kw: none }
  const did: Schedule = {
    ...at_rest,
    battery_kw: task.batteries.map((_, index) => (index === 0 ? known(measured.battery_kw) : none)),
  }
  const followed: Schedule = {
    ...at_rest,
    battery_kw: schedule.battery_kw.map(known),
    curtailed_kw: known(schedule.curtailed_kw),
  }
  const cost = (each: Schedule) => outcomeOf(after, each).cost
  const costs = {
    actual: cost(did),
    idle: cost(at_rest),
    self_consumption_rule: cost(selfConsumptionSchedule(after)),
    plan_followed: cost(followed),
  }
  const planned_load = task.load_kw.map(
    (load, slot) =>
      load + task.shiftable.reduce((sum, run, index) => sum + run.power_kw * (schedule.runs[index]?.[slot] ?? 0), 0),
  )
  const planned_battery = none.map((_, slot) => schedule.battery_kw.reduce((sum, each) => sum + (each[slot] ?? 0), 0))
  const off = (said: readonly number[], came: readonly number[]) =>
    said.reduce((sum, each, slot) => sum + (is_known[slot] === true ? Math.abs(each - (came[slot] ?? 0)) : 0), 0) /
    measured_slots
  return {
    slots: count,
    measured_slots,
    is_complete: measured_slots === count,
    costs,
    savings_actual: savingsOf(costs.idle, costs.actual),
    savings_plan_followed: savingsOf(costs.idle, costs.plan_followed),
    battery_off_kw: measured.has_battery ? off(planned_battery, measured.battery_kw) : null,
    load_error_kw: off(planned_load, measured.load_kw),
    generation_error_kw: off(task.generation_kw, measured.generation_kw),
    notes: notesOf(task, measured),
  }
}

function notesOf({ batteries, shiftable }: ScheduleTask, { has_battery }: Measured): string[] {
  const notes: string[] = []
  if (shiftable.length > 0)
    notes.push('What moving a load saved cannot be seen: the meter tells when it ran, not when it would have run.')
  if (batteries.length > 0 && !has_battery) notes.push('Batteries were not measured: they count as at rest.')
  if (batteries.length > 1) notes.push('What batteries did is counted as one, with the wear of the first.')
  return notes
}

async function readMeasured(ctx: Context, site: SiteRow, task: ScheduleTask): Promise<Measured> {
  const from = new Date(task.start_ms)
  const slot_ms = task.slot_s * 1000
  const end_ms = Math.min(
    task.start_ms + task.load_kw.length * slot_ms,
    Math.floor(ctx.now().getTime() / slot_ms) * slot_ms,
  )
  const empty = task.load_kw.map(() => Number.NaN)
  if (end_ms <= task.start_ms) return { load_kw: empty, generation_kw: empty, battery_kw: empty, has_battery: false }
  const series = await seriesOfSite(ctx, site.id)
  const read = await readSlots(ctx, site, series, from, new Date(end_ms))
  const each = slot_ms / QUARTER_MS
  // An hour is known where one of its quarters is: devices that are read hourly leave three empty.
  const meanOf = (values: Float64Array) =>
    task.load_kw.map((_, slot) => {
      const quarters = Array.from(values.subarray(slot * each, (slot + 1) * each)).filter(
        (value) => !Number.isNaN(value),
      )
      return quarters.length === 0 ? Number.NaN : quarters.reduce((sum, value) => sum + value, 0) / quarters.length
    })
  const generation_kw = meanOf(read.generation_kw)
  const has_battery = read.battery_kw !== null
  const battery_kw = read.battery_kw === null ? task.load_kw.map(() => 0) : meanOf(read.battery_kw)
  const drawn_kw = meanOf(read.import_kwh.map((kwh, slot) => (kwh - (read.export_kwh[slot] ?? Number.NaN)) * 4))
  const balance = drawn_kw.map(
    (drawn, slot) => drawn + (generation_kw[slot] ?? Number.NaN) + (battery_kw[slot] ?? Number.NaN),
  )
  return { load_kw: read.load_kw === null ? balance : meanOf(read.load_kw), generation_kw, battery_kw, has_battery }
}
