import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readReading } from './reading.ts'

const sent = {
  timestamp: '2026-03-01T12:00:00Z',
  sensor_id: 'mast-7',
  project_id: 'delta-north',
  measurements: { temperature: 21.5, humidity: 64 },
  metadata: { battery_level: 80, signal_strength: 70, calibration_date: '2025-12-01' },
  location: { latitude: -6.1, longitude: 106.8 },
}

const faultsOf = (input: unknown) => {
  const read = readReading(input, '/sensor_readings/3')
  return 'faults' in read ? read.faults : []
}
const codesOf = (input: unknown) => faultsOf(input).map(({ code, path }) => `${code} ${path}`)

describe('a reading', () => {
  it('is taken in the shape that the marketplace sends', () => {
    expect(readReading(sent)).toEqual({
      reading: {
        sensor_id: 'mast-7',
        project_id: 'delta-north',
        captured_at_ms: Date.UTC(2026, 2, 1, 12),
        values: [
          { measure: 'temperature', value: 21.5 },
          { measure: 'humidity', value: 64 },
        ],
        health: {
          battery_level_percent: 80,
          signal_strength_percent: 70,
          calibrated_at_ms: Date.UTC(2025, 11, 1),
        },
        location: { latitude: -6.1, longitude: 106.8 },
        simulated: false,
        has_metadata: true,
        has_location: true,
        zone_assumed: false,
      },
    })
  })

  it('is converted from the units that it declares', () => {
    const read = readReading({ ...sent, measurements: { temperature: 68 }, units: { temperature: 'degF' } })
    expect('reading' in read && read.reading.values[0]?.value).toBeCloseTo(20, 10)
  })

  it('keeps the zone that it was captured in, and says when it had to assume one', () => {
    const at = (timestamp: string) => {
      const read = readReading({ ...sent, timestamp })
      return 'reading' in read ? [read.reading.captured_at_ms, read.reading.zone_assumed] : read.faults
    }
    const noon = Date.UTC(2026, 2, 1, 12)
    expect(at('2026-03-01T13:00:00+01:00')).toEqual([noon, false])
    expect(at('2026-03-01T12:00:00')).toEqual([noon, true])
    expect(at('2026-03-01 12:00:00.000')).toEqual([noon, true])
  })

  it.each([
    ['no object', 7, ['invalid-type /sensor_readings/3']],
    ['no time', { ...sent, timestamp: undefined }, ['missing-field /sensor_readings/3/timestamp']],
    [
      'a day that never was',
      { ...sent, timestamp: '2026-02-30T00:00:00Z' },
      ['invalid-instant /sensor_readings/3/timestamp'],
    ],
    [
      'words for a number',
      { ...sent, measurements: { humidity: '64' } },
      ['invalid-number /sensor_readings/3/measurements/humidity'],
    ],
    [
      'NaN',
      { ...sent, measurements: { humidity: Number.NaN } },
      ['invalid-number /sensor_readings/3/measurements/humidity'],
    ],
    [
      'a measure nobody knows',
      { ...sent, measurements: { mood: 1 } },
      ['unknown-measure /sensor_readings/3/measurements/mood'],
    ],
    [
      'a unit of something else',
      { ...sent, units: { humidity: 'kWh' } },
      ['wrong-unit /sensor_readings/3/units/humidity'],
    ],
    [
      'a unit of what is not there',
      { ...sent, units: { pressure: 'hPa' } },
      ['unknown-field /sensor_readings/3/units/pressure'],
    ],
    ['no measure at all', { ...sent, measurements: {} }, ['invalid-count /sensor_readings/3/measurements']],
    [
      'a battery of 180 %',
      { ...sent, metadata: { battery_level: 180 } },
      ['invalid-number /sensor_readings/3/metadata/battery_level'],
    ],
    [
      'a place off the globe',
      { ...sent, location: { latitude: 91, longitude: 0 } },
      ['invalid-location /sensor_readings/3/location'],
    ],
    ['a name on two lines', { ...sent, sensor_id: 'a\nb' }, ['invalid-value /sensor_readings/3/sensor_id']],
  ])('is refused with the field and what would be right: %s', (_, input, expected) => {
    expect(codesOf(input)).toEqual(expected)
    for (const { message } of faultsOf(input)) expect(message.length).toBeGreaterThan(15)
  })

  it('names every fault at once', () => {
    expect(codesOf({ measurements: { humidity: null } })).toHaveLength(3)
  })

  it('never throws, whatever is sent', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (measurements, metadata) => {
        readReading(measurements)
        readReading({ ...sent, measurements, metadata })
      }),
    )
  })
})
