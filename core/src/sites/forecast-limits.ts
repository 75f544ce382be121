import type { Asset } from './contract.ts'
import { HORIZON_DAYS, stepsOfDay, type Component, type ComponentName } from './forecast-component.ts'
import {
  clearSkyGlobal_w_per_m2,
  planeIrradiance_w_per_m2,
  planeOf,
  solarPower_kw,
  sunAt,
  type SolarPlant,
} from './sun.ts'
import { wallSlots } from './wall-clock.ts'

/** What is known of a place that bounds its forecasts. */
export interface Place {
  latitude: number
  longitude: number
  time_zone: string
  assets: readonly Asset[]
}

/**
 * A component with its limits and its place on the clock on the wall, for its history and a week to come.
 * @param given.notes gets a sentence for whatever was assumed or does not fit.
 */
export function componentFor(
  site: Place,
  name: ComponentName,
  values: Float64Array,
  given: { start_ms: number; slot_s: number; weather: Component['weather']; notes: string[] },
): Component {
  const { start_ms, slot_s, weather, notes } = given
  const count = values.length + HORIZON_DAYS * stepsOfDay(slot_s)
  const wall = wallSlots({ start_ms, slot_s, time_zone: site.time_zone }, count + 1)
  const base = { name, start_ms, slot_s, wall, values, weather: name === 'other' ? {} : weather }
  if (name === 'load') return { ...base, limit_kw: null }
  if (name === 'other') {
    const rated = site.assets.reduce(
      (sum, asset) => sum + (asset.kind === 'turbine' || asset.kind === 'genset' ? asset.rated_kw : 0),
      0,
    )
    return { ...base, limit_kw: new Float64Array(count).fill(rated) }
  }
  const plants = site.assets.filter((asset) => asset.kind === 'pv_inverter')
  const sky = clearSkySlots_kw(plants, site, { start_ms, slot_s, count })
  const factor = limitFactor(values, sky)
  if (factor > 1.02)
    notes.push(
      `The inverters outdo the clear sky of their declaration by ${((factor - 1) * 100).toFixed(0)} %: rating, tilt or direction may be declared wrong. The limit was lifted as much.`,
    )
  if (plants.some(({ tilt_deg, azimuth_deg }) => tilt_deg === undefined || azimuth_deg === undefined))
    notes.push(
      'Tilt or direction of some modules is not declared: towards the equator, two thirds of the latitude, is assumed.',
    )
  return { ...base, limit_kw: sky.map((limit) => limit * factor) }
}

/** Where in a slot the sky is looked at; the brightest bounds it, whenever in the slot a device is read. */
const LOOKS = [0, 1 / 2, 1] as const
/** Air that is colder than usual where people build: modules give more in it than in any other weather of a site. */
const COLD_AIR_C = 0
/** Measured plants may outdo their declared rating by so much before their declaration is disbelieved. */
const LIMIT_FACTOR_MAX = 1.5
/** Slots in which the sun stands high enough to say something about a plant's rating. */
const HIGH_SHARE = 0.5
const HIGH_SLOTS_MIN = 50

/**
 * The most that solar plants give in each slot under a sky without clouds, in kW: zero at night.
 * @param plants planes that say nothing of themselves are taken as `planeOf` takes them.
 */
export function clearSkySlots_kw(
  plants: readonly SolarPlant[],
  { latitude, longitude }: { latitude: number; longitude: number },
  { start_ms, slot_s, count }: { start_ms: number; slot_s: number; count: number },
): Float64Array {
  const together = samePlanes(plants, latitude)
  const limits = new Float64Array(count)
  for (let slot = 0; slot < count; slot++) {
    for (const look of LOOKS) {
      const sun = sunAt(start_ms + (slot + look) * slot_s * 1000, latitude, longitude)
      if (sun.elevation_deg <= 0) continue
      const global = clearSkyGlobal_w_per_m2(sun)
      const power_kw = together.reduce(
        (sum, { plant, plane }) => sum + solarPower_kw(plant, planeIrradiance_w_per_m2(global, sun, plane), COLD_AIR_C),
        0,
      )
      limits[slot] = Math.max(limits[slot] ?? 0, power_kw)
    }
  }
  return limits
}

/** Plants in one plane and of one kind are one plant: a roof of forty inverters is looked at once. */
function samePlanes(plants: readonly SolarPlant[], latitude: number) {
  const found = new Map<string, { plant: SolarPlant; plane: ReturnType<typeof planeOf> }>()
  for (const plant of plants) {
    const plane = planeOf(plant, latitude)
    const key = JSON.stringify([plane, plant.temperature_coefficient_per_k])
    const known = found.get(key)
    found.set(key, { plane, plant: { ...plant, rated_kw: plant.rated_kw + (known?.plant.rated_kw ?? 0) } })
  }
  return [...found.values()]
}

/**
 * By how much a plant outdoes its declaration: the 99th percentile of measured over clear sky while the sun is high, and at
 * least 1. Bounded, so that a wrong unit does not lift every limit.
 */
export function limitFactor(measured_kw: Float64Array, clear_sky_kw: Float64Array): number {
  let highest = 0
  for (const each of clear_sky_kw) highest = Math.max(highest, each)
  const shares = Array.from(measured_kw, (value, slot) =>
    (clear_sky_kw[slot] ?? 0) >= HIGH_SHARE * highest ? value / (clear_sky_kw[slot] ?? Number.NaN) : Number.NaN,
  ).filter(Number.isFinite)
  if (highest === 0 || shares.length < HIGH_SLOTS_MIN) return 1
  shares.sort((a, b) => a - b)
  return Math.min(LIMIT_FACTOR_MAX, Math.max(1, shares[Math.floor(0.99 * shares.length)] ?? 1))
}
