import { pointer, shown, type Fault } from '../lib/problem.ts'
import { inUnitOfMeasure, measures, unitsOfMeasure } from './measures.ts'

/** One device at one instant, in the units of the measures. What every way in (HTTP, CSV, MQTT, WebSocket) becomes. */
export interface Reading {
  /** The device's own name for itself, unique within an organisation. */
  sensor_id: string
  project_id: string | null
  /** Milliseconds since 1970, UTC. */
  captured_at_ms: number
  values: readonly MeasuredValue[]
  health: DeviceHealth
  location: { latitude: number; longitude: number } | null
  /** True when it came from the simulator; it stays with the value wherever that goes. */
  simulated: boolean
  /** Which optional parts were there: they count for completeness. */
  has_metadata: boolean
  has_location: boolean
  /** The time was given without a zone, and was taken as UTC. */
  zone_assumed: boolean
}

export interface MeasuredValue {
  /** Id of a measure. */
  measure: string
  /** In the measure's own unit. */
  value: number
}

/** What a device says about itself beside its values; null where it says nothing. */
export interface DeviceHealth {
  battery_level_percent: number | null
  signal_strength_percent: number | null
  calibrated_at_ms: number | null
}

/** As many measures as one reading may carry. */
export const MEASURES_MAX = 64
const WORD_MAX = 120

/**
 * Reads one reading as it was sent: `timestamp`, `sensor_id`, `project_id`, `measurements`, `metadata`, `location`, and
 * beside them `units` (measure → unit) and `simulated`. Every fault is found, not only the first; a reading with a fault
 * is not half taken.
 * @param at JSON Pointer to the reading, put before every fault's path.
 */
export function readReading(input: unknown, at = ''): { reading: Reading } | { faults: Fault[] } {
  if (!isRecord(input)) {
    return { faults: [fault(at, [], 'invalid-type', 'A reading is an object.', input)] }
  }
  const faults: Fault[] = []
  const sensor_id = readWord(input, 'sensor_id', at, faults)
  const project_id =
    input.project_id === undefined || input.project_id === null ? null : readWord(input, 'project_id', at, faults)
  const instant = readInstant(input.timestamp, ['timestamp'], at, faults)
  const values = readValues(input, at, faults)
  const health = readHealth(input.metadata, at, faults)
  const location = readLocation(input.location, at, faults)
  if (input.simulated !== undefined && typeof input.simulated !== 'boolean') {
    faults.push(fault(at, ['simulated'], 'invalid-type', 'simulated is true or false.', input.simulated))
  }
  if (faults.length > 0 || sensor_id === undefined || instant === undefined) return { faults }
  return {
    reading: {
      sensor_id,
      project_id: project_id ?? null,
      captured_at_ms: instant.at_ms,
      values,
      health,
      location,
      simulated: input.simulated === true,
      has_metadata: isRecord(input.metadata) && Object.keys(input.metadata).length > 0,
      has_location: location !== null,
      zone_assumed: instant.zone_assumed,
    },
  }
}

function readWord(input: Readonly<Record<string, unknown>>, field: string, at: string, faults: Fault[]) {
  const word = input[field]
  if (word === undefined) {
    faults.push(fault(at, [field], 'missing-field', 'This field is needed.'))
  } else if (typeof word !== 'string') {
    faults.push(fault(at, [field], 'invalid-type', `${field} is a text.`, word))
  } else if (word.length === 0 || word.length > WORD_MAX || !isPlainWord(word)) {
    const message = `${field} has 1 to ${WORD_MAX} characters, on one line and without control characters.`
    faults.push(fault(at, [field], 'invalid-value', message, word))
  } else {
    return word
  }
  return undefined
}

function isPlainWord(word: string): boolean {
  return word.isWellFormed() && !/[\u0000-\u001f\u007f-\u009f]/.test(word)
}

const INSTANT = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?$/i

/**
 * A time of ISO 8601. One without a zone is taken as UTC, since many devices have no other clock, and is marked.
 * The date must exist: the 30th of February is refused rather than moved to March.
 */
function readInstant(input: unknown, path: string[], at: string, faults: Fault[]) {
  if (input === undefined) {
    faults.push(fault(at, path, 'missing-field', 'This field is needed.'))
    return undefined
  }
  const parts = typeof input === 'string' && input.length <= 40 ? INSTANT.exec(input) : null
  if (parts !== null) {
    const [text, year = '', month = '', day = '', hour = '', minute = '', , zone] = parts
    const days = daysIn(Number(year), Number(month))
    const exists = Number(day) >= 1 && Number(day) <= days && Number(hour) <= 23 && Number(minute) <= 59
    const at_ms = exists ? Date.parse(text.replace(' ', 'T') + (zone === undefined ? 'Z' : '')) : Number.NaN
    if (Number.isFinite(at_ms)) return { at_ms, zone_assumed: zone === undefined }
  }
  const message = 'A time is written as in ISO 8601, with its zone: 2026-03-01T12:00:00Z.'
  faults.push(fault(at, path, 'invalid-instant', message, input))
  return undefined
}

/** Days of a month of the Gregorian calendar; 0 of a month that there is not. */
function daysIn(year: number, month: number): number {
  if (month !== 2) return month < 1 || month > 12 ? 0 : [4, 6, 9, 11].includes(month) ? 30 : 31
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
}

function readValues(input: Readonly<Record<string, unknown>>, at: string, faults: Fault[]): MeasuredValue[] {
  const sent = input.measurements
  const units = input.units ?? {}
  if (!isRecord(sent)) {
    const code = sent === undefined ? 'missing-field' : 'invalid-type'
    faults.push(fault(at, ['measurements'], code, 'measurements maps each measure to its number.', sent))
    return []
  }
  if (!isRecord(units)) {
    faults.push(fault(at, ['units'], 'invalid-type', 'units maps a measure to the unit that it is sent in.', units))
    return []
  }
  const entries = Object.entries(sent)
  if (entries.length === 0 || entries.length > MEASURES_MAX) {
    faults.push(
      fault(at, ['measurements'], 'invalid-count', `A reading holds 1 to ${MEASURES_MAX} measures.`, entries.length),
    )
    return []
  }
  for (const name of Object.keys(units)) {
    if (!Object.hasOwn(sent, name)) {
      faults.push(fault(at, ['units', name], 'unknown-field', 'A unit is declared for a measure that is not there.'))
    }
  }
  const values: MeasuredValue[] = []
  for (const [name, value] of entries) {
    const read = readValue(name, value, units[name], at, faults)
    if (read !== undefined) values.push({ measure: name, value: read })
  }
  return values
}

function readValue(name: string, value: unknown, unit: unknown, at: string, faults: Fault[]): number | undefined {
  const measure = measures.get(name)
  if (measure === undefined) {
    const message = `"${String(shown(name))}" is not a measure that is known here. GET /api/v1/measures lists them.`
    faults.push(fault(at, ['measurements', name], 'unknown-measure', message, value))
    return undefined
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    faults.push(fault(at, ['measurements', name], 'invalid-number', 'A measured value is a finite number.', value))
    return undefined
  }
  if (unit === undefined) return value
  const converted = typeof unit === 'string' ? inUnitOfMeasure(value, unit, measure) : undefined
  if (converted === undefined) {
    const expected = unitsOfMeasure(measure).map(({ id }) => id)
    const message = `${name} is measured in ${expected.join(', ')}.`
    faults.push({ ...fault(at, ['units', name], 'wrong-unit', message, unit), expected })
  }
  return converted
}

const NO_HEALTH: DeviceHealth = { battery_level_percent: null, signal_strength_percent: null, calibrated_at_ms: null }

function readHealth(metadata: unknown, at: string, faults: Fault[]): DeviceHealth {
  if (metadata === undefined || metadata === null) return NO_HEALTH
  if (!isRecord(metadata)) {
    faults.push(fault(at, ['metadata'], 'invalid-type', 'metadata is an object.', metadata))
    return NO_HEALTH
  }
  const percent = (field: string): number | null => {
    const value = metadata[field]
    if (value === undefined || value === null) return null
    if (typeof value === 'number' && value >= 0 && value <= 100) return value
    faults.push(fault(at, ['metadata', field], 'invalid-number', `${field} is a number from 0 to 100.`, value))
    return null
  }
  return {
    battery_level_percent: percent('battery_level'),
    signal_strength_percent: percent('signal_strength'),
    calibrated_at_ms: readDay(metadata.calibration_date, at, faults),
  }
}

/** A calibration is dated by a day or by an instant. */
function readDay(input: unknown, at: string, faults: Fault[]): number | null {
  if (input === undefined || input === null) return null
  const day = typeof input === 'string' && /^\d{4}-\d\d-\d\d$/.test(input) ? `${input}T00:00:00Z` : input
  return readInstant(day, ['metadata', 'calibration_date'], at, faults)?.at_ms ?? null
}

function readLocation(input: unknown, at: string, faults: Fault[]): Reading['location'] {
  if (input === undefined || input === null) return null
  if (isRecord(input)) {
    const latitude = input.latitude ?? input.lat
    const longitude = input.longitude ?? input.lon ?? input.lng
    const holds = (value: unknown, limit: number): value is number =>
      typeof value === 'number' && value >= -limit && value <= limit
    if (holds(latitude, 90) && holds(longitude, 180)) return { latitude, longitude }
  }
  const message = 'location holds latitude from -90 to 90 and longitude from -180 to 180, in degrees.'
  faults.push(fault(at, ['location'], 'invalid-location', message, input))
  return null
}

function fault(at: string, path: string[], code: string, message: string, value?: unknown): Fault {
  const where = at + pointer(path)
  return value === undefined ? { path: where, code, message } : { path: where, code, message, value: shown(value) }
}

function isRecord(input: unknown): input is Record<string, unknown> {
  return typeof input === 'object' && input !== null && !Array.isArray(input)
}
