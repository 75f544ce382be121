/**
 * A plant that does not exist, played so that it could: sun and clouds, modules that warm up, a battery that keeps to its
 * limits, people who come in the morning, counters that only grow, and faults of known kind at known times. The same seed
 * plays the same plant. It is for demonstrations, drills and tests; whatever it sends says `simulated`.
 */
import { randomOf, type Random } from '../learn/random.ts'
import type { Asset } from './contract.ts'
import { localTime } from './local-time.ts'
import { clearSkyGlobal_w_per_m2, planeIrradiance_w_per_m2, planeOf, solarPower_kw, sunAt } from './sun.ts'

export const faultKinds = [
  'inverter_trip',
  'string_loss',
  'soiling',
  'stuck_sensor',
  'night_generation',
  'spike',
  'silence',
  'meter_reset',
  'load_surge',
  'bearing_wear',
  'battery_fade',
] as const
export type FaultKind = (typeof faultKinds)[number]

/** Something that goes wrong on one device from one instant to another. */
export interface PlantFault {
  kind: FaultKind
  sensor_id: string
  from_ms: number
  to_ms: number
}

export interface Plant {
  latitude: number
  longitude: number
  time_zone: string
  assets: readonly Asset[]
  /** Highest load of a working day. */
  load_kw: number
}

export interface Scenario {
  plant: Plant
  seed: number
  from_ms: number
  to_ms: number
  step_s: number
  faults: readonly PlantFault[]
}

/** In the shape in which readings are sent. */
export interface SentReading {
  timestamp: string
  sensor_id: string
  measurements: Record<string, number>
  metadata: { battery_level: number; signal_strength: number }
  simulated: true
}

/** What is really so at one instant, before any sensor looks at it. */
interface Truth {
  at_ms: number
  irradiance_w_per_m2: number
  air_temperature_c: number
  generation_kw: ReadonlyMap<string, number>
  load_kw: number
  battery_kw: number
  state_of_charge_percent: number
  grid_kw: number
}

type Inverter = Extract<Asset, { kind: 'pv_inverter' }>
type Battery = Extract<Asset, { kind: 'battery' }>
type Turbine = Extract<Asset, { kind: 'turbine' }>

/** Plays a scenario, one instant after the other: the readings of every device at each step. */
export function* simulateSite(scenario: Scenario): Generator<{ at_ms: number; readings: SentReading[] }> {
  const { plant, from_ms, to_ms, step_s, faults } = scenario
  const sky = skyOf(scenario)
  const people = peopleOf(scenario)
  const noise = randomOf(scenario.seed).fork(3)
  const store = storageOf(plant)
  const counters = new Map<string, number>()
  const frozen = new Map<string, SentReading>()
  for (let at_ms = from_ms; at_ms < to_ms; at_ms += step_s * 1000) {
    const truth = truthAt(plant, at_ms, step_s, sky(at_ms), people(at_ms), store, faults)
    const readings = devicesOf(plant, truth, step_s, noise, counters, faults)
    yield { at_ms, readings: readings.flatMap((reading) => seenThrough(reading, at_ms, step_s, faults, frozen)) }
  }
}

/** Clouds and warmth: each day has a cloudiness of its own, and clouds pass over it. */
function skyOf({ plant, seed, from_ms }: Scenario) {
  const random = randomOf(seed).fork(1)
  let cloud = 0
  let last_ms = from_ms
  return (at_ms: number) => {
    const day = Math.floor(at_ms / 86_400_000)
    const of_day = randomOf(seed).fork(1_000_000 + day)
    const overcast = of_day.next() ** 1.5
    const warmth = 4 * of_day.normal()
    // An Ornstein-Uhlenbeck walk: what passes takes about twenty minutes.
    const elapsed = (at_ms - last_ms) / 1_200_000
    const kept = Math.exp(-elapsed)
    cloud = cloud * kept + Math.sqrt(Math.max(0, 1 - kept * kept)) * random.normal()
    last_ms = at_ms
    const sun = sunAt(at_ms, plant.latitude, plant.longitude)
    const clearness = Math.min(1, Math.max(0.08, 1 - 0.75 * overcast + 0.12 * cloud * (0.3 + overcast)))
    const season =
      -Math.cos((2 * Math.PI * ((at_ms / 86_400_000) % 365.25)) / 365.25 - 0.35) * Math.sign(plant.latitude || 1)
    const hour_angle = (2 * Math.PI * ((at_ms / 3_600_000 + plant.longitude / 15) % 24)) / 24
    const air_temperature_c =
      30 - 0.35 * Math.abs(plant.latitude) + 9 * season - 4 * Math.cos(hour_angle - 0.6) * (1 - 0.5 * overcast) + warmth
    return { sun, global_w_per_m2: clearness * clearSkyGlobal_w_per_m2(sun), air_temperature_c }
  }
}

/** How much people use, as a share of the highest: offices and machines by day, standby by night, less at weekends. */
function peopleOf({ plant, seed, from_ms }: Scenario) {
  const random = randomOf(seed).fork(2)
  let wander = 0
  let last_ms = from_ms
  return (at_ms: number) => {
    const { weekday, minute_of_day } = localTime(at_ms, plant.time_zone)
    const hour = minute_of_day / 60
    const works = weekday === 0 ? 0.1 : weekday === 6 ? 0.3 : 1
    const morning = 1 / (1 + Math.exp(-(hour - 7.5) * 1.8))
    const evening = 1 / (1 + Math.exp((hour - 18) * 1.5))
    const lunch = 1 - 0.12 * Math.exp(-(((hour - 12.7) / 0.7) ** 2))
    const kept = Math.exp(-(at_ms - last_ms) / 5_400_000)
    wander = wander * kept + Math.sqrt(Math.max(0, 1 - kept * kept)) * random.normal()
    last_ms = at_ms
    const share = 0.22 + 0.72 * works * morning * evening * lunch
    return Math.max(0.05, share * (1 + 0.06 * wander))
  }
}

interface Storage {
  battery: Battery | null
  charge_kwh: number
}

function storageOf({ assets }: Plant): Storage {
  const battery = assets.find((asset): asset is Battery => asset.kind === 'battery') ?? null
  return { battery, charge_kwh: battery === null ? 0 : 0.5 * battery.capacity_kwh }
}

/** One step of the plant: the sun shines, people use, the battery takes what is left over and gives what is missing. */
function truthAt(
  plant: Plant,
  at_ms: number,
  step_s: number,
  sky: { sun: ReturnType<typeof sunAt>; global_w_per_m2: number; air_temperature_c: number },
  people: number,
  store: Storage,
  faults: readonly PlantFault[],
): Truth {
  const inverters = plant.assets.filter((asset): asset is Inverter => asset.kind === 'pv_inverter')
  const generation_kw = new Map<string, number>()
  let irradiance_w_per_m2 = sky.global_w_per_m2
  for (const inverter of inverters) {
    const plane = planeOf(inverter, plant.latitude)
    irradiance_w_per_m2 = planeIrradiance_w_per_m2(sky.global_w_per_m2, sky.sun, plane)
    const able_kw = solarPower_kw(inverter, irradiance_w_per_m2, sky.air_temperature_c)
    generation_kw.set(inverter.asset_id, able_kw * yieldLeft(inverter.sensor_ids, at_ms, faults))
  }
  for (const turbine of plant.assets.filter((asset): asset is Turbine => asset.kind === 'turbine')) {
    generation_kw.set(turbine.asset_id, turbine.rated_kw * windAt(at_ms) ** 3)
  }
  const cooling = Math.max(0, sky.air_temperature_c - 22) * 0.012
  const surge = faults.some((fault) => fault.kind === 'load_surge' && holds(fault, at_ms)) ? 0.6 : 0
  const load_kw = plant.load_kw * (people + cooling + surge)
  const made_kw = [...generation_kw.values()].reduce((sum, each) => sum + each, 0)
  const { battery } = store
  const capacity_kwh = battery === null ? 0 : battery.capacity_kwh * capacityLeft(battery.sensor_ids, at_ms, faults)
  const battery_kw = runBattery(store, capacity_kwh, load_kw - made_kw, step_s / 3_600)
  return {
    at_ms,
    irradiance_w_per_m2,
    air_temperature_c: sky.air_temperature_c,
    generation_kw,
    load_kw,
    battery_kw,
    state_of_charge_percent: battery === null ? 0 : (100 * store.charge_kwh) / capacity_kwh,
    grid_kw: load_kw - made_kw - battery_kw,
  }
}

/** What faults leave of an inverter's yield. */
function yieldLeft(sensor_ids: readonly string[], at_ms: number, faults: readonly PlantFault[]): number {
  let left = 1
  for (const fault of faults) {
    if (!sensor_ids.includes(fault.sensor_id)) continue
    if (fault.kind === 'inverter_trip' && holds(fault, at_ms)) left = 0
    if (fault.kind === 'string_loss' && holds(fault, at_ms)) left *= 0.72
    // Dirt gathers over the whole time, up to a third, and the rain takes it at the end.
    if (fault.kind === 'soiling' && holds(fault, at_ms)) {
      left *= 1 - 0.33 * ((at_ms - fault.from_ms) / (fault.to_ms - fault.from_ms))
    }
  }
  return left
}

/** A battery that fades loses up to two fifths of its capacity, evenly, and does not get it back. */
function capacityLeft(sensor_ids: readonly string[], at_ms: number, faults: readonly PlantFault[]): number {
  return faults
    .filter((fault) => fault.kind === 'battery_fade' && sensor_ids.includes(fault.sensor_id) && at_ms >= fault.from_ms)
    .reduce((left, { from_ms, to_ms }) => left * (1 - 0.4 * Math.min(1, (at_ms - from_ms) / (to_ms - from_ms))), 1)
}

function holds({ from_ms, to_ms }: PlantFault, at_ms: number): boolean {
  return at_ms >= from_ms && at_ms < to_ms
}

/** Charges from surplus and discharges into need, within its limits. Returns its power: positive when it discharges. */
function runBattery(store: Storage, capacity_kwh: number, need_kw: number, hours: number): number {
  const { battery } = store
  if (battery === null) return 0
  const one_way = Math.sqrt(battery.efficiency)
  const low = battery.state_of_charge_min * capacity_kwh
  const high = battery.state_of_charge_max * capacity_kwh
  // What a battery loses of its capacity, it loses of its charge as well.
  store.charge_kwh = Math.min(store.charge_kwh, high)
  if (need_kw > 0) {
    const power_kw = Math.min(need_kw, battery.discharge_kw_max, ((store.charge_kwh - low) * one_way) / hours)
    store.charge_kwh -= (Math.max(0, power_kw) * hours) / one_way
    return Math.max(0, power_kw)
  }
  const power_kw = Math.min(-need_kw, battery.charge_kw_max, (high - store.charge_kwh) / one_way / hours)
  store.charge_kwh += Math.max(0, power_kw) * hours * one_way
  return -Math.max(0, power_kw)
}

/** What each device measures of the truth, with the noise of a good instrument. */
function devicesOf(
  plant: Plant,
  truth: Truth,
  step_s: number,
  noise: Random,
  counters: Map<string, number>,
  faults: readonly PlantFault[],
): SentReading[] {
  const near = (value: number, share = 0.003) => Number((value * (1 + share * noise.normal())).toPrecision(6))
  const count = (name: string, power_kw: number) => {
    const counted = (counters.get(name) ?? 10_000) + (Math.max(0, power_kw) * step_s) / 3_600
    counters.set(name, counted)
    return Number(counted.toFixed(3))
  }
  return plant.assets.flatMap((asset) =>
    asset.sensor_ids.map((sensor_id) => {
      if (faults.some((fault) => startsNow(fault, 'meter_reset', sensor_id, truth.at_ms, step_s))) {
        for (const name of counters.keys()) if (name.startsWith(`${sensor_id} `)) counters.set(name, 0)
      }
      return sent(truth.at_ms, sensor_id, measured(asset, sensor_id, truth, near, count, faults))
    }),
  )
}

type Near = (value: number, share?: number) => number
type Count = (name: string, power_kw: number) => number

function measured(
  asset: Asset,
  sensor_id: string,
  truth: Truth,
  near: Near,
  count: Count,
  faults: readonly PlantFault[],
): Record<string, number> {
  switch (asset.kind) {
    case 'pv_inverter': {
      const power_kw = truth.generation_kw.get(asset.asset_id) ?? 0
      const load = power_kw / asset.rated_kw
      return {
        generation_power_kw: near(power_kw),
        generation_energy_kwh: count(`${sensor_id} generation`, power_kw),
        irradiance_w_per_m2: near(truth.irradiance_w_per_m2, 0.01),
        module_temperature_c: near(truth.air_temperature_c + 0.031 * truth.irradiance_w_per_m2, 0.01),
        equipment_temperature_c: near(truth.air_temperature_c + 8 + 28 * load, 0.01),
      }
    }
    case 'battery':
      return {
        battery_power_kw: near(truth.battery_kw),
        state_of_charge_percent: Math.min(100, Math.max(0, near(truth.state_of_charge_percent, 0.001))),
        equipment_temperature_c: near(
          truth.air_temperature_c + 3 + (12 * Math.abs(truth.battery_kw)) / asset.discharge_kw_max,
        ),
      }
    case 'meter':
      return asset.role === 'grid'
        ? {
            grid_power_kw: near(truth.grid_kw),
            import_energy_kwh: count(`${sensor_id} import`, truth.grid_kw),
            export_energy_kwh: count(`${sensor_id} export`, -truth.grid_kw),
          }
        : { load_power_kw: near(truth.load_kw), energy_kwh: count(`${sensor_id} load`, truth.load_kw) }
    case 'turbine':
      return vibration(asset, sensor_id, truth, near, faults)
    case 'genset':
      return { generation_power_kw: 0, equipment_temperature_c: near(truth.air_temperature_c + 2) }
    case 'hvac':
      return { load_power_kw: near(asset.rated_kw * Math.min(1, Math.max(0, truth.air_temperature_c - 20) / 15)) }
    case 'charger':
      return { load_power_kw: 0 }
  }
}

/** The wind, as a share of what gives rated power. */
function windAt(at_ms: number): number {
  const turn = (period_ms: number) => Math.sin((2 * Math.PI * at_ms) / period_ms)
  return Math.min(1, Math.max(0, 0.55 + 0.35 * turn(93_600_000) + 0.08 * turn(11_000_000)))
}

/** A turbine that turns with the wind; a worn bearing shakes more and more. */
function vibration(
  asset: Turbine,
  sensor_id: string,
  { at_ms, air_temperature_c, generation_kw }: Truth,
  near: Near,
  faults: readonly PlantFault[],
): Record<string, number> {
  const wind = windAt(at_ms)
  const wear = faults
    .filter((fault) => fault.kind === 'bearing_wear' && fault.sensor_id === sensor_id && at_ms >= fault.from_ms)
    .reduce((sum, fault) => sum + Math.min(1, (at_ms - fault.from_ms) / (fault.to_ms - fault.from_ms)), 0)
  return {
    generation_power_kw: near(generation_kw.get(asset.asset_id) ?? 0),
    rotation_rpm: near(900 + 600 * wind, 0.002),
    vibration_rms_mm_per_s: near(1.6 + 0.8 * wind + 9 * wear * wear, 0.04),
    equipment_temperature_c: near(air_temperature_c + 20 + 15 * wind + 18 * wear, 0.01),
  }
}

function startsNow(fault: PlantFault, kind: FaultKind, sensor_id: string, at_ms: number, step_s: number): boolean {
  return (
    fault.kind === kind &&
    fault.sensor_id === sensor_id &&
    fault.from_ms <= at_ms &&
    at_ms < fault.from_ms + step_s * 1000
  )
}

/** What becomes of a reading on its way: faults of the sensor itself. */
function seenThrough(
  reading: SentReading,
  at_ms: number,
  step_s: number,
  faults: readonly PlantFault[],
  frozen: Map<string, SentReading>,
): SentReading[] {
  const own = faults.filter(({ sensor_id }) => sensor_id === reading.sensor_id)
  if (own.some((fault) => fault.kind === 'silence' && holds(fault, at_ms))) return []
  const is_stuck = own.some((fault) => fault.kind === 'stuck_sensor' && holds(fault, at_ms))
  if (!is_stuck) frozen.set(reading.sensor_id, reading)
  const { timestamp } = reading
  let { measurements } = is_stuck ? (frozen.get(reading.sensor_id) ?? reading) : reading
  for (const fault of own) {
    const [first] = Object.keys(measurements)
    if (first === undefined) continue
    if (startsNow(fault, 'spike', reading.sensor_id, at_ms, step_s)) {
      measurements = { ...measurements, [first]: (measurements[first] ?? 0) * 6 + 50 }
    }
    if (fault.kind === 'night_generation' && holds(fault, at_ms) && (measurements.irradiance_w_per_m2 ?? 1) === 0) {
      measurements = { ...measurements, generation_power_kw: 4.2 }
    }
  }
  return [{ ...reading, timestamp, measurements }]
}

function sent(at_ms: number, sensor_id: string, measurements: Record<string, number>): SentReading {
  return {
    timestamp: new Date(at_ms).toISOString(),
    sensor_id,
    measurements,
    metadata: { battery_level: 100, signal_strength: 90 },
    simulated: true,
  }
}
