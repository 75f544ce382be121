import { invariant } from '../lib/invariant.ts'
import type { Schedule } from './schedule-cost.ts'
import { paidPeak_kw, type ScheduleTask, type ShiftTask } from './schedule-task.ts'

/**
 * A plan as a mixed-integer programme in CPLEX LP text, which HiGHS reads, and its solution read back. Limits of the grid
 * and of a battery that begins too empty are soft: breaking them has a price no tariff reaches, so a plan always comes and
 * says what it breaks. See docs/methods/optimisation.md.
 */
export interface Programme {
  text: string
  binaries: number
}

/** Breaking a limit by a kWh costs as much as this many kWh at the dearest price, and at least this much money. */
const BREACH_TIMES = 1_000
const BREACH_LEAST = 1_000
/** Too small to decide anything, large enough that nothing is done for nothing. */
const TRIFLE = 1e-6
/**
 * What a kW of the highest draw counts beyond its charge, as a share of that charge: among plans that cost nearly the same the
 * one that draws evenly is taken. Forecasts are off, and what lies well below a peak that is paid already stays below it.
 */
const EVEN_SHARE = 1e-3

/** Builds the programme. Columns are named by what they are, the number of the battery or run, and the slot. */
export function programmeOf(task: ScheduleTask): Programme {
  const rows: string[] = []
  const bounds: string[] = []
  const binaries: string[] = []
  const objective: string[] = []
  const cost = (value: number, column: string) => {
    if (value !== 0) objective.push(term(value, column))
  }
  const hours = task.slot_s / 3_600
  const dearest = Math.max(0, ...task.import_price.map(Math.abs), ...task.export_price.map(Math.abs))
  const breach = Math.max(BREACH_LEAST, BREACH_TIMES * dearest) * hours
  const into = { rows, bounds, binaries, cost, hours, breach }
  addGrid(task, into)
  task.batteries.forEach((_, index) => addBattery(task, index, into))
  task.shiftable.forEach((run, index) => addRun(run, index, task, into))
  addPeaks(task, into)
  const text = [
    'Minimize',
    ` cost: ${objective.length === 0 ? '0 i0' : objective.join('\n  ')}`,
    'Subject To',
    ...rows.map((row, index) => ` r${index}: ${row}`),
    'Bounds',
    ...bounds.map((bound) => ` ${bound}`),
    ...(binaries.length === 0 ? [] : ['Binaries', ...binaries.map((name) => ` ${name}`)]),
    'End',
    '',
  ].join('\n')
  return { text, binaries: binaries.length }
}

interface Into {
  rows: string[]
  bounds: string[]
  binaries: string[]
  cost: (value: number, column: string) => void
  hours: number
  /** Of a kW over a slot. */
  breach: number
}

/** What comes in and goes out, with nothing bought only to be sold where selling pays more than buying costs. */
function addGrid(task: ScheduleTask, { rows, bounds, binaries, cost, hours, breach }: Into): void {
  const reach_kw = reachOf(task)
  task.load_kw.forEach((load, slot) => {
    const buy = task.import_price[slot] ?? 0
    const sell = task.export_price[slot] ?? 0
    const made = task.generation_kw[slot] ?? 0
    cost(buy * hours, `i${slot}`)
    cost(-sell * hours, `x${slot}`)
    cost(TRIFLE, `q${slot}`)
    bounds.push(`0 <= q${slot} <= ${number(made)}`)
    const flows = [term(1, `i${slot}`), term(-1, `x${slot}`), term(-1, `q${slot}`)]
    task.batteries.forEach((_, index) => flows.push(term(1, `d${index}_${slot}`), term(-1, `c${index}_${slot}`)))
    task.shiftable.forEach((run, index) => {
      for (const column of columnsAt(run, index, slot)) flows.push(term(-run.power_kw, column))
    })
    rows.push(`${flows.join(' ')} = ${number(load - made)}`)
    if (sell >= buy) {
      binaries.push(`z${slot}`)
      rows.push(`${term(1, `i${slot}`)} ${term(-reach_kw, `z${slot}`)} <= 0`)
      rows.push(`${term(1, `x${slot}`)} ${term(reach_kw, `z${slot}`)} <= ${number(reach_kw)}`)
    }
    if (task.import_kw_max !== null) {
      rows.push(`${term(1, `i${slot}`)} ${term(-1, `bi${slot}`)} <= ${number(task.import_kw_max)}`)
      cost(breach, `bi${slot}`)
    }
    if (task.export_kw_max !== null) {
      rows.push(`${term(1, `x${slot}`)} ${term(-1, `bx${slot}`)} <= ${number(task.export_kw_max)}`)
      cost(breach, `bx${slot}`)
    }
  })
}

/** More than ever flows: bounds what a choice between buying and selling leaves open. */
function reachOf(task: ScheduleTask): number {
  const charge = task.batteries.reduce((sum, battery) => sum + battery.charge_kw_max + battery.discharge_kw_max, 0)
  const moved = task.shiftable.reduce((sum, run) => sum + run.power_kw, 0)
  return 1 + Math.max(0, ...task.load_kw) + Math.max(0, ...task.generation_kw) + charge + moved
}

/** What goes in and out of a battery, and that as much is left at the end as there was. */
function addBattery(task: ScheduleTask, index: number, { rows, bounds, binaries, cost, hours, breach }: Into): void {
  const battery = task.batteries[index]
  invariant(battery, 'a battery of the task')
  const { start_kwh, least_kwh, most_kwh, charge_kw_max, discharge_kw_max, efficiency_one_way } = battery
  const end_kwh = Math.max(start_kwh, 0)
  // One that begins below its least cannot be held to it at once; any other is.
  const is_low = start_kwh < least_kwh
  const last = task.load_kw.length - 1
  for (let slot = 0; slot <= last; slot++) {
    const [charge, discharge, stored] = [`c${index}_${slot}`, `d${index}_${slot}`, `e${index}_${slot}`]
    bounds.push(`0 <= ${charge} <= ${number(charge_kw_max)}`, `0 <= ${discharge} <= ${number(discharge_kw_max)}`)
    const least = slot === last ? Math.min(end_kwh, most_kwh) : is_low ? 0 : least_kwh
    bounds.push(`${number(least)} <= ${stored} <= ${number(most_kwh)}`)
    cost(battery.wear_cost_per_kwh * hours + TRIFLE, discharge)
    cost(TRIFLE, charge)
    const change = `${term(1, stored)} ${term(-hours * efficiency_one_way, charge)} ${term(hours / efficiency_one_way, discharge)}`
    if (slot === 0) rows.push(`${change} = ${number(start_kwh)}`)
    else rows.push(`${change} ${term(-1, `e${index}_${slot - 1}`)} = 0`)
    if (is_low) {
      rows.push(`${term(1, stored)} ${term(1, `u${index}_${slot}`)} >= ${number(least_kwh)}`)
      cost(breach, `u${index}_${slot}`)
    }
    // Whoever is paid for using would burn energy in the battery's losses.
    if ((task.import_price[slot] ?? 0) < 0) {
      const chooses = `w${index}_${slot}`
      binaries.push(chooses)
      rows.push(`${term(1, charge)} ${term(-charge_kw_max, chooses)} <= 0`)
      rows.push(`${term(1, discharge)} ${term(discharge_kw_max, chooses)} <= ${number(discharge_kw_max)}`)
    }
  }
}

/** A run has a beginning, or, where it may be interrupted, as many slots as it needs. */
function addRun(run: ShiftTask, index: number, task: ScheduleTask, { rows, binaries, cost }: Into): void {
  const choices = choicesOf(run)
  invariant(choices.length > 0 && run.end <= task.load_kw.length, 'a run has room in the time that is planned')
  const columns = choices.map((slot) => `y${index}_${slot}`)
  binaries.push(...columns)
  // Among equals it stays where it usually is.
  choices.forEach((slot, at) => cost(TRIFLE * (slot - run.first), columns[at] ?? ''))
  rows.push(`${columns.map((column) => term(1, column)).join(' ')} = ${run.interruptible ? run.needed : 1}`)
}

function choicesOf({ first, end, needed, interruptible }: ShiftTask): number[] {
  const last = interruptible ? end - 1 : end - needed
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at)
}

/** Choices of a run that have it running in a slot. */
function columnsAt(run: ShiftTask, index: number, slot: number): string[] {
  const running = (choice: number) =>
    run.interruptible ? choice === slot : choice <= slot && slot < choice + run.needed
  return choicesOf(run)
    .filter(running)
    .map((choice) => `y${index}_${choice}`)
}

/** The part of each month's peak that is not paid already. */
function addPeaks({ peaks, surprise_kw }: ScheduleTask, { rows, cost }: Into): void {
  peaks.forEach((peak, month) => {
    const { slots, charge_per_kw } = peak
    if (charge_per_kw === 0) return
    cost(charge_per_kw, `p${month}`)
    cost(EVEN_SHARE * charge_per_kw, `h${month}`)
    for (const slot of slots) {
      rows.push(`${term(1, `i${slot}`)} ${term(-1, `h${month}`)} <= 0`)
      const free_kw = paidPeak_kw(peak) - (surprise_kw?.[slot] ?? 0)
      rows.push(`${term(1, `i${slot}`)} ${term(-1, `p${month}`)} <= ${number(free_kw)}`)
    }
  })
}

function term(value: number, column: string): string {
  return `${value < 0 ? '-' : '+'} ${number(Math.abs(value))} ${column}`
}

function number(value: number): string {
  invariant(Number.isFinite(value), 'a programme is made of finite numbers')
  return String(value)
}

/** Reads the solver's columns back. What it left at both ends of a battery at once, to the last digits, is one flow. */
export function scheduleOf(task: ScheduleTask, columns: Readonly<Record<string, number>>): Schedule {
  const at = (name: string) => columns[name] ?? 0
  const slots = [...task.load_kw.keys()]
  return {
    battery_kw: task.batteries.map((battery, index) =>
      kept(
        battery,
        slots.map((slot) => at(`d${index}_${slot}`) - at(`c${index}_${slot}`)),
        task.slot_s / 3_600,
      ),
    ),
    runs: task.shiftable.map((run, index) =>
      slots.map((slot) => Math.round(columnsAt(run, index, slot).reduce((sum, column) => sum + at(column), 0))),
    ),
    curtailed_kw: slots.map((slot) => Math.max(0, at(`q${slot}`))),
  }
}

/** Solvers are exact to some digits: limits are kept to all of them. */
function kept(
  {
    start_kwh,
    least_kwh,
    most_kwh,
    charge_kw_max,
    discharge_kw_max,
    efficiency_one_way: one_way,
  }: ScheduleTask['batteries'][number],
  power_kw: readonly number[],
  hours: number,
): number[] {
  let stored = start_kwh
  const floor_kwh = Math.min(start_kwh, least_kwh)
  return power_kw.map((wanted) => {
    const highest = Math.min(discharge_kw_max, (Math.max(0, stored - floor_kwh) * one_way) / hours)
    const lowest = -Math.min(charge_kw_max, Math.max(0, most_kwh - stored) / one_way / hours)
    const power = Math.min(highest, Math.max(lowest, Math.abs(wanted) < 1e-7 ? 0 : wanted))
    stored += power > 0 ? (-power * hours) / one_way : -power * hours * one_way
    return power
  })
}
