/**
 * Sensors on a coast that does not exist: a mast in the wind, a probe in the tide. The same seed plays the same coast, and
 * whatever it sends says `simulated`.
 */
import { randomOf } from '../learn/random.ts'

export const sensorFaults = ['stuck', 'drift', 'spike', 'dropout', 'wrong_unit'] as const
export type SensorFaultKind = (typeof sensorFaults)[number]

export interface SensorScenario {
  project_id: string
  latitude: number
  longitude: number
  seed: number
  from_ms: number
  to_ms: number
  step_s: number
  faults: readonly { kind: SensorFaultKind; sensor_id: string; from_ms: number; to_ms: number }[]
}

export interface SentSensorReading {
  timestamp: string
  sensor_id: string
  project_id: string
  measurements: Record<string, number>
  metadata: { battery_level: number; signal_strength: number; calibration_date: string }
  location: { latitude: number; longitude: number }
  simulated: true
}

/** The devices that play, each with the measure that faults touch. */
export const simulatedSensors = [
  { sensor_id: 'sim-mast', kind: 'weather_station', measure: 'temperature' },
  { sensor_id: 'sim-tide', kind: 'water_monitor', measure: 'water_level_m' },
] as const

const DAY_MS = 86_400_000
/** Half a lunar day, and half a solar one: together they make spring and neap tides. */
const M2_MS = 12.4206012 * 3_600_000
const S2_MS = 12 * 3_600_000

export function* simulateSensors(
  scenario: SensorScenario,
): Generator<{ at_ms: number; readings: SentSensorReading[] }> {
  const random = randomOf(scenario.seed)
  const weather = { warmth: 0, damp: 0, pressure: 0, wind: 0 }
  const kept = Math.exp(-scenario.step_s / 21_600)
  const walk = (value: number, size: number) => value * kept + size * Math.sqrt(1 - kept * kept) * random.normal()
  const frozen = new Map<string, Record<string, number>>()
  for (let at_ms = scenario.from_ms; at_ms < scenario.to_ms; at_ms += scenario.step_s * 1000) {
    weather.warmth = walk(weather.warmth, 1.5)
    weather.damp = walk(weather.damp, 6)
    weather.pressure = walk(weather.pressure, 4)
    weather.wind = walk(weather.wind, 6)
    const local_day = (at_ms / DAY_MS + scenario.longitude / 360) % 1
    const sun = -Math.cos(2 * Math.PI * local_day)
    const tide = 0.9 * Math.cos((2 * Math.PI * at_ms) / M2_MS) + 0.35 * Math.cos((2 * Math.PI * at_ms) / S2_MS)
    const base = 28 - 0.3 * Math.abs(scenario.latitude)
    const measured: Record<string, Record<string, number>> = {
      'sim-mast': {
        temperature: base + 4 * sun + weather.warmth + 0.15 * random.normal(),
        humidity: Math.min(100, Math.max(5, 72 - 12 * sun + weather.damp + random.normal())),
        pressure: 1012 + weather.pressure + 0.1 * random.normal(),
        wind_speed: Math.max(0, 12 + 6 * sun + weather.wind + random.normal()),
      },
      'sim-tide': {
        water_level_m: 1.6 + tide + 0.03 * random.normal(),
        water_temperature_c: base - 1 + 0.8 * sun + 0.3 * weather.warmth + 0.05 * random.normal(),
        salinity_psu: Math.max(0, 27 + 3 * tide + 0.2 * random.normal()),
        ph: 7.9 + 0.05 * sun + 0.01 * random.normal(),
      },
    }
    const readings = simulatedSensors.flatMap(({ sensor_id, measure }) => {
      const seen = throughFaults(scenario, at_ms, sensor_id, measure, rounded(measured[sensor_id] ?? {}), frozen)
      return seen === null ? [] : [sentBy(scenario, at_ms, sensor_id, seen)]
    })
    yield { at_ms, readings }
  }
}

function throughFaults(
  { faults, step_s }: SensorScenario,
  at_ms: number,
  sensor_id: string,
  measure: string,
  measurements: Record<string, number>,
  frozen: Map<string, Record<string, number>>,
): Record<string, number> | null {
  const active = faults.filter((each) => each.sensor_id === sensor_id && at_ms >= each.from_ms && at_ms < each.to_ms)
  if (!active.some(({ kind }) => kind === 'stuck')) frozen.set(sensor_id, measurements)
  let seen = frozen.get(sensor_id) ?? measurements
  for (const { kind, from_ms } of active) {
    const value = seen[measure] ?? 0
    if (kind === 'dropout') return null
    if (kind === 'drift') seen = { ...seen, [measure]: value + (0.4 * (at_ms - from_ms)) / DAY_MS }
    if (kind === 'wrong_unit') seen = { ...seen, [measure]: value * 1.8 + 32 }
    if (kind === 'spike' && at_ms < from_ms + step_s * 1000) seen = { ...seen, [measure]: value + 25 }
  }
  return seen
}

function rounded(measurements: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(measurements).map(([measure, value]) => [measure, Number(value.toFixed(2))]))
}

function sentBy(
  { project_id, latitude, longitude, from_ms }: SensorScenario,
  at_ms: number,
  sensor_id: string,
  measurements: Record<string, number>,
): SentSensorReading {
  return {
    timestamp: new Date(at_ms).toISOString(),
    sensor_id,
    project_id,
    measurements,
    metadata: {
      // A battery that loses a tenth of its charge in a month.
      battery_level: Math.max(0, Math.round(100 - (10 * (at_ms - from_ms)) / (30 * DAY_MS))),
      signal_strength: 85,
      calibration_date: new Date(from_ms).toISOString().slice(0, 10),
    },
    location: { latitude, longitude },
    simulated: true,
  }
}
