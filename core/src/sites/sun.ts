import { getPosition } from 'suncalc'

/**
 * Where the sun stands and how much of it arrives: geometry, and the sky without clouds. It bounds what a solar plant can
 * do, says that night is zero, and turns irradiance on the ground into irradiance on a tilted plane.
 */
export interface Sun {
  /** Above the horizon; below zero at night. */
  elevation_deg: number
  /** From north, clockwise. */
  azimuth_deg: number
}

const RADIANS = Math.PI / 180

export function sunAt(at_ms: number, latitude: number, longitude: number): Sun {
  const { altitude, azimuth } = getPosition(new Date(at_ms), latitude, longitude)
  return { elevation_deg: altitude, azimuth_deg: azimuth }
}

/** What reaches the top of the air on a plane facing the sun, on average over the year (Kopp and Lean 2011). */
const SOLAR_CONSTANT_W_PER_M2 = 1361

/**
 * Global horizontal irradiance under a sky without clouds, by Haurwitz (1945): 1098 cos z exp(-0.057 / cos z). It needs
 * nothing but the sun's height; against measured clear days it is within about a tenth.
 */
export function clearSkyGlobal_w_per_m2({ elevation_deg }: Sun): number {
  const height = Math.sin(elevation_deg * RADIANS)
  return height <= 0 ? 0 : 1098 * height * Math.exp(-0.057 / height)
}

/** A plane that modules lie in. */
export interface Plane {
  tilt_deg: number
  azimuth_deg: number
}

/** Share of light that the ground throws back: grass and gravel. */
const ALBEDO = 0.2

/**
 * Irradiance on a plane from global irradiance on the ground: the direct part by geometry, the diffuse part evenly from
 * the sky (isotropic), and what the ground throws back. The diffuse share follows Erbs, Klein and Duffie (1982).
 */
export function planeIrradiance_w_per_m2(global_w_per_m2: number, sun: Sun, plane: Plane): number {
  const height = Math.sin(sun.elevation_deg * RADIANS)
  // With the sun on the horizon the division below means nothing, and next to nothing arrives.
  if (height <= 0.02 || global_w_per_m2 <= 0) return Math.max(0, global_w_per_m2)
  const clearness = global_w_per_m2 / (SOLAR_CONSTANT_W_PER_M2 * height)
  const diffuse = global_w_per_m2 * diffuseShare(clearness)
  const tilt = plane.tilt_deg * RADIANS
  const zenith = (90 - sun.elevation_deg) * RADIANS
  const turn = (sun.azimuth_deg - plane.azimuth_deg) * RADIANS
  const incidence = Math.cos(zenith) * Math.cos(tilt) + Math.sin(zenith) * Math.sin(tilt) * Math.cos(turn)
  const direct = ((global_w_per_m2 - diffuse) / height) * Math.max(0, incidence)
  const sky = (diffuse * (1 + Math.cos(tilt))) / 2
  const ground = (global_w_per_m2 * ALBEDO * (1 - Math.cos(tilt))) / 2
  return direct + sky + ground
}

function diffuseShare(clearness: number): number {
  const k = Math.min(1, Math.max(0, clearness))
  if (k <= 0.22) return 1 - 0.09 * k
  if (k > 0.8) return 0.165
  return 0.9511 - 0.1604 * k + 4.388 * k ** 2 - 16.638 * k ** 3 + 12.336 * k ** 4
}

/** What is known of a solar plant. */
export interface SolarPlant {
  rated_kw: number
  tilt_deg?: number | undefined
  azimuth_deg?: number | undefined
  temperature_coefficient_per_k?: number | undefined
}

/** Modules that say nothing of themselves look to the equator, tilted by two thirds of the latitude. */
export function planeOf({ tilt_deg, azimuth_deg }: SolarPlant, latitude: number): Plane {
  return {
    tilt_deg: tilt_deg ?? Math.min(45, (Math.abs(latitude) * 2) / 3),
    azimuth_deg: azimuth_deg ?? (latitude >= 0 ? 180 : 0),
  }
}

/** From modules to the inverter's output: wires, dirt, mismatch, conversion. */
const SYSTEM_EFFICIENCY = 0.86
/** Modules in the sun are warmer than the air by this much at 800 W/m² (NOCT model, 45 °C at 20 °C). */
const HEATING_K_PER_W_PER_M2 = 25 / 800

/** Power of a plant in good order, by the irradiance in its plane and the temperature of the air. */
export function solarPower_kw(plant: SolarPlant, plane_w_per_m2: number, air_temperature_c: number): number {
  const module_c = air_temperature_c + HEATING_K_PER_W_PER_M2 * plane_w_per_m2
  const warmth = 1 + (plant.temperature_coefficient_per_k ?? -0.004) * (module_c - 25)
  return Math.max(0, plant.rated_kw * (plane_w_per_m2 / 1000) * warmth * SYSTEM_EFFICIENCY)
}

/** What a plant in good order can do at most at an instant: a sky without clouds, in cold air. */
export function clearSkyPower_kw(plant: SolarPlant, at_ms: number, latitude: number, longitude: number): number {
  const sun = sunAt(at_ms, latitude, longitude)
  const plane = planeIrradiance_w_per_m2(clearSkyGlobal_w_per_m2(sun), sun, planeOf(plant, latitude))
  return solarPower_kw(plant, plane, 0)
}
