import type { Recommendation } from './schedule-contract.ts'
import { idleSchedule, outcomeOf, type Schedule } from './schedule-cost.ts'
import type { ScheduleTask } from './schedule-task.ts'

/** Load and generation as they may come: their p10, p50 and p90, in all nine pairs. */
export type Case = Pick<ScheduleTask, 'load_kw' | 'generation_kw'>

export interface Advice {
  task: ScheduleTask
  plan: Schedule
  /** The best schedule without something, by what it is without. */
  without: ReadonlyMap<string, Schedule>
  /** Empty where bands are not known. */
  cases: readonly Case[]
  /** As people of the site read a clock. */
  clock: (at_ms: number) => string
}

/** Less than this share of the cost of doing nothing is not worth a card. */
const WORTH_SHARE = 0.002
const HIGH_SHARE = 0.05
const MEDIUM_SHARE = 0.01

/** Cards read from a solution: what to do, when, and what it brings over the best plan without it. */
export function adviceOf(advice: Advice): Recommendation[] {
  const cards = [batteryCard(advice), ...shiftCards(advice), peakCard(advice), curtailmentCard(advice)]
  return cards.filter((card) => card !== null).sort((a, b) => b.potentialSavings - a.potentialSavings)
}

type Said = Pick<Recommendation, 'type' | 'title' | 'from' | 'to' | 'power_kw' | 'energy_kwh' | 'assumptions'>

/** Puts a price on a card, by the schedule that it is compared with; null where it is not worth telling. */
function card({ task, plan, cases }: Advice, otherwise: Schedule, said: Said): Recommendation | null {
  const idle = outcomeOf(task, idleSchedule(task)).cost.total
  const saves = (given?: Case) => outcomeOf(task, otherwise, given).cost.total - outcomeOf(task, plan, given).cost.total
  const potentialSavings = saves()
  const share = idle > 0 ? potentialSavings / idle : 1
  if (potentialSavings <= 0.005 || share < WORTH_SHARE) return null
  return {
    ...said,
    potentialSavings: round(potentialSavings),
    savingsPercentage: idle > 0 ? round((100 * potentialSavings) / idle) : 100,
    priority: share >= HIGH_SHARE ? 'high' : share >= MEDIUM_SHARE ? 'medium' : 'low',
    confidence: cases.length === 0 ? null : round(cases.filter((given) => saves(given) > 0).length / cases.length),
  }
}

function batteryCard(advice: Advice): Recommendation | null {
  const { task, plan, without, clock } = advice
  const otherwise = without.get('battery')
  if (otherwise === undefined) return null
  const power = task.load_kw.map((_, slot) => plan.battery_kw.reduce((sum, each) => sum + (each[slot] ?? 0), 0))
  const charging = stretches(task, (slot) => (power[slot] ?? 0) < -NOTEWORTHY_KW)
  const discharging = stretches(task, (slot) => (power[slot] ?? 0) > NOTEWORTHY_KW)
  const energy_kwh = (power.reduce((sum, each) => sum + Math.max(0, each), 0) * task.slot_s) / 3_600
  const say = (list: readonly Stretch[]) => told(list, clock)
  const title = [
    charging.length > 0 ? `charge ${say(charging)}` : '',
    discharging.length > 0 ? `discharge ${say(discharging)}` : '',
  ].filter((part) => part !== '')
  const all = [...charging, ...discharging]
  return card(advice, otherwise, {
    type: 'battery_schedule',
    title: `Battery: ${title.join('; ')}`,
    from: all.length === 0 ? null : iso(Math.min(...all.map(({ from_ms }) => from_ms))),
    to: all.length === 0 ? null : iso(Math.max(...all.map(({ to_ms }) => to_ms))),
    power_kw: round(power.reduce((most, each) => Math.max(most, Math.abs(each)), 0)),
    energy_kwh: round(energy_kwh),
    assumptions: [
      'Compared with the best plan in which batteries rest.',
      'At the end they hold at least what they hold now.',
    ],
  })
}

function shiftCards(advice: Advice): (Recommendation | null)[] {
  const { task, plan, without, clock } = advice
  const names = [...new Set(task.shiftable.map(({ name }) => name))]
  return names.map((name) => {
    const otherwise = without.get(`shifting ${name}`)
    const index = task.shiftable.findIndex((run) => run.name === name)
    const run = task.shiftable[index]
    if (otherwise === undefined || run === undefined) return null
    const planned = stretches(task, (slot) => (plan.runs[index]?.[slot] ?? 0) > 0)
    const usual_ms = task.start_ms + run.first * task.slot_s * 1000
    const when = planned.map(({ from_ms, to_ms }) => `${clock(from_ms)}–${clock(to_ms)}`).join(', ')
    const times = task.shiftable.filter((each) => each.name === name).length
    return card(advice, otherwise, {
      type: 'load_shift',
      title: `${name}: run ${when} instead of from ${clock(usual_ms)}${times > 1 ? `, and likewise on ${times - 1} more` : ''}`,
      from: iso(planned[0]?.from_ms ?? usual_ms),
      to: iso(planned.at(-1)?.to_ms ?? usual_ms),
      power_kw: round(run.power_kw),
      energy_kwh: round((run.power_kw * run.needed * times * task.slot_s) / 3_600),
      assumptions: [
        'Where nobody moves it, it runs from the opening of its window on.',
        'The load meter has seen it there.',
      ],
    })
  })
}

function peakCard(advice: Advice): Recommendation | null {
  const { task, plan, without, clock } = advice
  const otherwise = without.get('demand charge')
  if (otherwise === undefined) return null
  const planned = outcomeOf(task, plan)
  const idle = outcomeOf(task, idleSchedule(task))
  const slot = idle.import_kw.indexOf(idle.cost.peak_import_kw)
  const at_ms = task.start_ms + slot * task.slot_s * 1000
  const lowered_kw = idle.cost.peak_import_kw - planned.cost.peak_import_kw
  if (lowered_kw <= 0) return null
  return card(advice, otherwise, {
    type: 'peak_shaving',
    title: `Keep the import below ${planned.cost.peak_import_kw.toFixed(0)} kW: it would reach ${idle.cost.peak_import_kw.toFixed(0)} kW at ${clock(at_ms)}`,
    from: iso(at_ms),
    to: iso(at_ms + task.slot_s * 1000),
    power_kw: round(lowered_kw),
    energy_kwh: null,
    assumptions: [
      'Compared with the best plan that does not look at the demand charge.',
      'What the month’s peak has reached already is paid whatever is done.',
    ],
  })
}

function curtailmentCard(advice: Advice): Recommendation | null {
  const { task, plan, clock } = advice
  const held = stretches(task, (slot) => (plan.curtailed_kw[slot] ?? 0) > NOTEWORTHY_KW)
  const [first] = held
  if (first === undefined) return null
  const otherwise = { ...plan, curtailed_kw: plan.curtailed_kw.map(() => 0) }
  return card(advice, otherwise, {
    type: 'curtailment',
    title: `Hold generation back ${told(held, clock)}: feeding in costs money then`,
    from: iso(first.from_ms),
    to: iso(held.at(-1)?.to_ms ?? first.to_ms),
    power_kw: round(Math.max(...plan.curtailed_kw)),
    energy_kwh: round((plan.curtailed_kw.reduce((sum, each) => sum + each, 0) * task.slot_s) / 3_600),
    assumptions: ['Compared with the same plan without holding back.'],
  })
}

/** The first few stretches, and whether there are more. */
function told(list: readonly Stretch[], clock: Advice['clock']): string {
  const first = list.slice(0, 3).map(({ from_ms, to_ms }) => `${clock(from_ms)}–${clock(to_ms)}`)
  return `${first.join(', ')}${list.length > 3 ? ' and later' : ''}`
}

interface Stretch {
  from_ms: number
  to_ms: number
}

/** Slots in a row, as stretches of time; a pause of one slot is not told. */
export function stretches({ load_kw, start_ms, slot_s }: ScheduleTask, inside: (slot: number) => boolean): Stretch[] {
  const found: Stretch[] = []
  for (let slot = 0; slot < load_kw.length; slot++) {
    if (!inside(slot)) continue
    const from_ms = start_ms + slot * slot_s * 1000
    const to_ms = from_ms + slot_s * 1000
    const last = found.at(-1)
    if (last !== undefined && from_ms - last.to_ms <= slot_s * 1000) last.to_ms = to_ms
    else found.push({ from_ms, to_ms })
  }
  return found
}
const NOTEWORTHY_KW = 0.05

function iso(at_ms: number): string {
  return new Date(at_ms).toISOString()
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
