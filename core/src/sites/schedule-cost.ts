import { paidPeak_kw, type BatteryTask, type ScheduleTask } from './schedule-task.ts'

/** What is decided: everything else follows from load and sun. */
export interface Schedule {
  /** Per battery and slot, kW at the plug; discharging is positive. */
  battery_kw: readonly (readonly number[])[]
  /** Per run, whether it runs in a slot: between 0 and 1. */
  runs: readonly (readonly number[])[]
  /** Generation that is held back. */
  curtailed_kw: readonly number[]
}

export interface Outcome {
  import_kw: number[]
  export_kw: number[]
  /** Energy in each battery at the end of each slot. */
  stored_kwh: number[][]
  cost: ScheduleCost
  breaches: Breach[]
}

export interface ScheduleCost {
  energy: number
  export_credit: number
  /** For peaks above those that were reached already. */
  demand: number
  wear: number
  /** What it would cost, at the lowest price of the plan, to have as much in the batteries as before; negative for more. */
  refill: number
  total: number
  import_kwh: number
  export_kwh: number
  curtailed_kwh: number
  peak_import_kw: number
  emissions_kg_co2e: number | null
  /** Share of generation that was used here, of load that was met without the grid; null where there was none. */
  self_consumption: number | null
  self_sufficiency: number | null
}

export interface Breach {
  limit: 'import_kw_max' | 'export_kw_max' | 'state_of_charge_min'
  limit_value: number
  worst: number
  slots: number
  /** Above the limit, over all slots; of what is stored, what is missing at the worst. */
  kwh: number
  first_at_ms: number
}

const NEARLY = 1e-6

/** What comes of a schedule with this load and this generation, which need not be those that it was made for. */
export function outcomeOf(
  task: ScheduleTask,
  schedule: Schedule,
  {
    load_kw = task.load_kw,
    generation_kw = task.generation_kw,
  }: Partial<Pick<ScheduleTask, 'load_kw' | 'generation_kw'>> = {},
): Outcome {
  const hours = task.slot_s / 3_600
  const net_kw = load_kw.map((load, slot) => {
    const made = generation_kw[slot] ?? 0
    const held_back = Math.min(made, schedule.curtailed_kw[slot] ?? 0)
    const net = load + shiftedAt(task, schedule, slot) - batteryAt(schedule, slot) - (made - held_back)
    // What is left of adding up is no flow.
    return Math.abs(net) < 1e-9 ? 0 : net
  })
  const import_kw = net_kw.map((net) => Math.max(0, net))
  const export_kw = net_kw.map((net) => Math.max(0, -net))
  const stored_kwh = task.batteries.map((battery, index) =>
    storedAfter(battery, schedule.battery_kw[index] ?? [], hours),
  )
  const generated = sum(generation_kw) * hours
  const used = sum(load_kw) * hours + sum(load_kw.map((_, slot) => shiftedAt(task, schedule, slot))) * hours
  const parts = costParts(task, schedule, { import_kw, export_kw, stored_kwh })
  const { import_kwh, export_kwh } = parts
  const curtailed_kwh = generation_kw.reduce(
    (total, made, slot) => total + Math.min(made, schedule.curtailed_kw[slot] ?? 0) * hours,
    0,
  )
  const cost: ScheduleCost = {
    ...parts,
    curtailed_kwh,
    total: parts.energy - parts.export_credit + parts.demand + parts.wear + parts.refill,
    peak_import_kw: import_kw.reduce((most, each) => Math.max(most, each), 0),
    emissions_kg_co2e: task.emissions_kg_per_kwh === null ? null : import_kwh * task.emissions_kg_per_kwh,
    self_consumption:
      generated > 0 ? Math.max(0, 1 - (Math.min(export_kwh, generated) + curtailed_kwh) / generated) : null,
    self_sufficiency: used > 0 ? Math.max(0, 1 - import_kwh / used) : null,
  }
  return { import_kw, export_kw, stored_kwh, cost, breaches: breachesOf(task, { import_kw, export_kw, stored_kwh }) }
}

function costParts(
  task: ScheduleTask,
  schedule: Schedule,
  { import_kw, export_kw, stored_kwh }: Pick<Outcome, 'import_kw' | 'export_kw' | 'stored_kwh'>,
) {
  const hours = task.slot_s / 3_600
  const cheapest = Math.max(0, Math.min(...task.import_price))
  let [energy, export_credit, wear, refill] = [0, 0, 0, 0]
  import_kw.forEach((power, slot) => (energy += power * hours * (task.import_price[slot] ?? 0)))
  export_kw.forEach((power, slot) => (export_credit += power * hours * (task.export_price[slot] ?? 0)))
  task.batteries.forEach(({ wear_cost_per_kwh, start_kwh, efficiency_one_way }, index) => {
    for (const power of schedule.battery_kw[index] ?? []) wear += Math.max(0, power) * hours * wear_cost_per_kwh
    const missing = start_kwh - (stored_kwh[index]?.at(-1) ?? start_kwh)
    refill += (missing > 0 ? missing / efficiency_one_way : missing * efficiency_one_way) * cheapest
  })
  const demand = task.peaks.reduce((total, each) => {
    const { slots, charge_per_kw } = each
    const peak = slots.reduce((most, slot) => Math.max(most, import_kw[slot] ?? 0), 0)
    return total + Math.max(0, peak - paidPeak_kw(each)) * charge_per_kw
  }, 0)
  return {
    energy,
    export_credit,
    demand,
    wear,
    refill,
    import_kwh: sum(import_kw) * hours,
    export_kwh: sum(export_kw) * hours,
  }
}

function shiftedAt({ shiftable }: ScheduleTask, { runs }: Schedule, slot: number): number {
  return shiftable.reduce((total, { power_kw }, run) => total + power_kw * (runs[run]?.[slot] ?? 0), 0)
}

function batteryAt({ battery_kw }: Schedule, slot: number): number {
  return battery_kw.reduce((total, each) => total + (each[slot] ?? 0), 0)
}

function storedAfter(
  { start_kwh, efficiency_one_way }: BatteryTask,
  power_kw: readonly number[],
  hours: number,
): number[] {
  let stored = start_kwh
  return power_kw.map(
    (power) => (stored += power > 0 ? (-power * hours) / efficiency_one_way : -power * hours * efficiency_one_way),
  )
}

function breachesOf(
  task: ScheduleTask,
  { import_kw, export_kw, stored_kwh }: Pick<Outcome, 'import_kw' | 'export_kw' | 'stored_kwh'>,
): Breach[] {
  const hours = task.slot_s / 3_600
  const above = (limit: Breach['limit'], limit_value: number | null, powers: readonly number[]): Breach[] => {
    if (limit_value === null) return []
    const over = powers.map((power) => power - limit_value)
    const slots = [...over.keys()].filter((slot) => (over[slot] ?? 0) > NEARLY)
    const [first] = slots
    if (first === undefined) return []
    const kwh = slots.reduce((total, slot) => total + (over[slot] ?? 0) * hours, 0)
    const worst = slots.reduce((most, slot) => Math.max(most, powers[slot] ?? 0), -Infinity)
    return [
      { limit, limit_value, worst, slots: slots.length, kwh, first_at_ms: task.start_ms + first * task.slot_s * 1000 },
    ]
  }
  return [
    ...above('import_kw_max', task.import_kw_max, import_kw),
    ...above('export_kw_max', task.export_kw_max, export_kw),
    ...task.batteries.flatMap(({ least_kwh }, index) =>
      above(
        'state_of_charge_min',
        -least_kwh,
        (stored_kwh[index] ?? []).map((stored) => -stored),
      ).map((breach) => ({
        ...breach,
        limit_value: least_kwh,
        worst: -breach.worst,
        // What is missing is missing once, however long.
        kwh: least_kwh + breach.worst,
      })),
    ),
  ]
}

/** Nobody does anything: batteries rest, loads run where they usually do. */
export function idleSchedule(task: ScheduleTask): Schedule {
  const nothing = task.load_kw.map(() => 0)
  return { battery_kw: task.batteries.map(() => nothing), runs: usualRuns(task), curtailed_kw: nothing }
}

export function usualRuns({ shiftable, load_kw }: ScheduleTask): number[][] {
  return shiftable.map(({ first, needed }) =>
    load_kw.map((_, slot) => (slot >= first && slot < first + needed ? 1 : 0)),
  )
}

/** What most batteries do by themselves: charge from surplus, discharge into need. */
export function selfConsumptionSchedule(task: ScheduleTask): Schedule {
  const hours = task.slot_s / 3_600
  const idle = idleSchedule(task)
  const battery_kw = task.batteries.map((): number[] => [])
  const stored = task.batteries.map(({ start_kwh }) => start_kwh)
  task.load_kw.forEach((load, slot) => {
    let need_kw = load + shiftedAt(task, idle, slot) - (task.generation_kw[slot] ?? 0)
    task.batteries.forEach((battery, index) => {
      const power = followed(battery, stored[index] ?? 0, need_kw, hours)
      const one_way = battery.efficiency_one_way
      stored[index] = (stored[index] ?? 0) + (power > 0 ? (-power * hours) / one_way : -power * hours * one_way)
      battery_kw[index]?.push(power)
      need_kw -= power
    })
  })
  return { ...idle, battery_kw }
}

function followed(battery: BatteryTask, stored_kwh: number, need_kw: number, hours: number): number {
  const { efficiency_one_way: one_way, least_kwh, most_kwh, charge_kw_max, discharge_kw_max } = battery
  if (need_kw > 0) return Math.max(0, Math.min(need_kw, discharge_kw_max, ((stored_kwh - least_kwh) * one_way) / hours))
  return -Math.max(0, Math.min(-need_kw, charge_kw_max, (most_kwh - stored_kwh) / one_way / hours))
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
