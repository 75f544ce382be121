import { z } from 'zod'
import type { Asset } from './contract.ts'
import { hourCell, type Band } from './forecast-bands.ts'
import { componentNames, originsFor, stepsOfDay, type Component, type ComponentName } from './forecast-component.ts'

/**
 * What sites of one class have in common: the course of their days, freed of how large each is. A site without a past of its
 * own begins with it. Nothing else than what other sites measured is in it.
 */
export const ClassModel = z.strictObject({
  version: z.literal(1),
  component: z.enum(componentNames),
  class_key: z.string(),
  site_ids: z.array(z.string()).min(2),
  /**
   * By hour of the local day, of working days and of weekends: of the sun the share of a clear sky, of turbines that of the
   * rating, of a load the multiple of its mean.
   */
  shape: z.array(z.number().min(0)).length(48),
  /** In the same unit. What the worst site would have needed when it was left out. */
  margins: z.array(z.strictObject({ level: z.number(), lower: z.number(), upper: z.number() })),
  /** Mean absolute error on sites that were left out in turn, in the same unit; and the deviation of these between sites. */
  error: z.number(),
  spread: z.number(),
  trained_from_ms: z.number(),
  trained_to_ms: z.number(),
  slots: z.number(),
})
export type ClassModel = z.infer<typeof ClassModel>

export const CLASS_SITES_MIN = 2
export const CLASS_DAYS_MIN = 14
/** A new load tells its size by so many slots of its latest days. */
export const SCALE_SLOTS_MIN = 3
const SCALE_DAYS = 3
/** Below this share of the highest clear-sky power a ratio says nothing. */
const LOW_SUN_SHARE = 0.05
const LEVELS = [0.8, 0.95] as const

/** Which class a component of a site belongs to; null where there is none: gensets run when somebody starts them. */
export function classOf(assets: readonly Asset[], name: ComponentName): string | null {
  const kinds = new Set(assets.map(({ kind }) => kind))
  if (name === 'solar') return kinds.has('pv_inverter') ? 'solar' : null
  if (name === 'other') return kinds.has('turbine') && !kinds.has('genset') ? 'turbine' : null
  return ['load', ...(['charger', 'hvac'] as const).filter((kind) => kinds.has(kind))].join('-')
}

/** A site of the class with its past. */
export interface ClassMember {
  site_id: string
  component: Component
}

/** Whether a history is long and whole enough to stand for others. */
export function canTeach({ values, slot_s }: Component): boolean {
  const count = CLASS_DAYS_MIN * stepsOfDay(slot_s)
  const recent = values.subarray(Math.max(0, values.length - count))
  return recent.length >= count && recent.filter((value) => !Number.isNaN(value)).length >= 0.7 * count
}

/**
 * Learns a class from the sites that belong to it. Margins are measured by leaving each site out in turn and treating it as a
 * new one; of all sites the widest is taken, which holds for a further site with a chance of n/(n+1).
 * @param members with `canTeach`; at least two.
 */
export function fitClass(class_key: string, members: readonly ClassMember[]): ClassModel {
  const [first] = members
  const shapes = members.map(({ component }) => shapeOf(component))
  const trials = members.map(({ component }, left_out) => {
    const shape = meanShape(shapes.filter((_, at) => at !== left_out))
    return trialErrors(component, shape)
  })
  const maes = trials.map((errors) => meanOf(errors.map(Math.abs)))
  const starts = members.map(({ component }) => component.start_ms)
  const ends = members.map(({ component }) => component.start_ms + component.values.length * component.slot_s * 1000)
  return {
    version: 1,
    component: first?.component.name ?? 'load',
    class_key,
    site_ids: members.map(({ site_id }) => site_id).sort(),
    shape: meanShape(shapes),
    margins: LEVELS.map((level) => {
      const tail = (1 - level) / 2
      return {
        level,
        lower: Math.min(0, ...trials.map((errors) => quantileOf(errors, tail))),
        upper: Math.max(0, ...trials.map((errors) => quantileOf(errors, 1 - tail))),
      }
    }),
    error: meanOf(maes),
    spread: Math.sqrt(meanOf(maes.map((mae) => (mae - meanOf(maes)) ** 2))),
    trained_from_ms: Math.min(...starts),
    trained_to_ms: Math.max(...ends),
    slots: members.reduce((sum, { component }) => sum + known(component.values), 0),
  }
}

/** What a class says of a component. */
export interface ClassSaid {
  component: Component
  model: ClassModel
  point_kw: Float64Array
  band80: Band[]
  band95: Band[]
}

/** What the class says of the slots after a component's history; null where nothing tells how large a load is. */
export function predictClass(model: ClassModel, component: Component, steps: number): ClassSaid | null {
  const origin = component.values.length
  const units = unitsAt(component, origin, steps, model.shape)
  if (units === null) return null
  const limit = (step: number) => component.limit_kw?.[origin + step] ?? Infinity
  const clip = (value: number, step: number) => Math.min(limit(step), Math.max(0, value))
  const point_kw = units.map((unit, step) => clip(unit * shapeAt(model.shape, component, origin + step), step))
  const bandsOf = (level: number) => {
    const margin = model.margins.find((each) => each.level === level)
    return Array.from(point_kw, (point, step) => {
      const unit = units[step] ?? 0
      const [down, up] = [(margin?.lower ?? 0) * unit, (margin?.upper ?? 0) * unit]
      return { lower: clip(point + down, step), upper: clip(point + up, step) }
    })
  }
  return { component, model, point_kw, band80: bandsOf(0.8), band95: bandsOf(0.95) }
}

/** How far off the class would have been on a component's own past, a day ahead, in kW; null where it has too little of one. */
export function classError_kw(model: ClassModel, component: Component): number | null {
  const day = stepsOfDay(component.slot_s)
  let [sum, count] = [0, 0]
  for (const origin of originsFor(component, day)) {
    const units = unitsAt(component, origin, day, model.shape)
    if (units === null) continue
    units.forEach((unit, step) => {
      const off = Math.abs(
        (component.values[origin + step] ?? Number.NaN) - unit * shapeAt(model.shape, component, origin + step),
      )
      if (Number.isNaN(off)) return
      sum += off
      count++
    })
  }
  return count === 0 ? null : sum / count
}

/**
 * What a shape is multiplied with in each slot: of the sun a clear sky, of turbines their rating, of a load its mean power,
 * told by its latest days before `origin`.
 */
function unitsAt(component: Component, origin: number, steps: number, shape: readonly number[]): Float64Array | null {
  const { limit_kw, name, values, slot_s } = component
  if (name !== 'load') return limit_kw === null ? null : limit_kw.slice(origin, origin + steps)
  let [measured, expected, count] = [0, 0, 0]
  for (let slot = Math.max(0, origin - SCALE_DAYS * stepsOfDay(slot_s)); slot < origin; slot++) {
    const value = values[slot] ?? Number.NaN
    if (Number.isNaN(value)) continue
    measured += value
    expected += shapeAt(shape, component, slot)
    count++
  }
  return count < SCALE_SLOTS_MIN || expected <= 0 ? null : new Float64Array(steps).fill(measured / expected)
}

function shapeAt(shape: readonly number[], { name, wall, slot_s }: Component, slot: number): number {
  const cell = hourCell(wall[slot] ?? Number.NaN, slot_s)
  // Sun and wind keep no weekends.
  return shape[name === 'load' ? cell : cell % 24] ?? 0
}

/** The course of a site's days, freed of its size. An hour that was never seen takes the mean of those that were. */
function shapeOf(component: Component): number[] {
  const { name, values, limit_kw, wall, slot_s } = component
  const seen = values.filter((value) => !Number.isNaN(value))
  const mean_kw = meanOf([...seen])
  const low = LOW_SUN_SHARE * (limit_kw?.reduce((most, value) => Math.max(most, value), 0) ?? 0)
  const sums = Array.from({ length: 48 }, () => ({ value: 0, unit: 0 }))
  values.forEach((value, slot) => {
    const unit = name === 'load' ? mean_kw : (limit_kw?.[slot] ?? Number.NaN)
    if (Number.isNaN(value) || !(unit > low)) return
    const cell = hourCell(wall[slot] ?? Number.NaN, slot_s)
    for (const at of name === 'load' ? [cell] : [cell % 24, (cell % 24) + 24]) {
      const sum = sums[at]
      if (sum === undefined) continue
      sum.value += value
      sum.unit += unit
    }
  })
  const ratios = sums.map(({ value, unit }) => (unit > 0 ? value / unit : Number.NaN))
  const mean = meanOf(ratios.filter((ratio) => !Number.isNaN(ratio)))
  return ratios.map((ratio) => (Number.isNaN(ratio) ? mean : ratio))
}

/** Errors of treating a site as a new one, day by day, in the unit of the shape. */
function trialErrors(component: Component, shape: readonly number[]): number[] {
  const { values, slot_s } = component
  const day = stepsOfDay(slot_s)
  const errors: number[] = []
  for (let origin = day; origin + day <= values.length; origin += day) {
    const units = unitsAt(component, origin, day, shape)
    if (units === null) continue
    const low = LOW_SUN_SHARE * units.reduce((most, unit) => Math.max(most, unit), 0)
    units.forEach((unit, step) => {
      const error = (values[origin + step] ?? Number.NaN) - unit * shapeAt(shape, component, origin + step)
      if (!Number.isNaN(error) && unit > low) errors.push(error / unit)
    })
  }
  return errors
}

function meanShape(shapes: readonly (readonly number[])[]): number[] {
  return Array.from({ length: 48 }, (_, cell) => meanOf(shapes.map((shape) => shape[cell] ?? 0)))
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, each) => sum + each, 0) / values.length
}

function quantileOf(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort()
  const at = Math.min(
    sorted.length - 1,
    Math.max(0, share < 0.5 ? Math.floor(share * sorted.length) : Math.ceil(share * sorted.length) - 1),
  )
  return sorted[at] ?? 0
}

function known(values: Float64Array): number {
  return values.reduce((count, value) => count + (Number.isNaN(value) ? 0 : 1), 0)
}
