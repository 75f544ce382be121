import { describe, expect, it } from 'vitest'
import { readHeading, readingOfRow, separatorOf, type Heading } from './csv.ts'

const heading = (...cells: string[]): Heading => {
  const read = readHeading(cells)
  if ('faults' in read) throw new Error(JSON.stringify(read.faults))
  return read
}
const codes = (...cells: string[]) => {
  const read = readHeading(cells)
  return 'faults' in read ? read.faults.map(({ code }) => code) : []
}

describe('a file with a column for each measure', () => {
  const wide = heading('sensor_id', 'timestamp', 'Temperature [degF]', 'humidity', '', 'battery_level')

  it('gives one reading a row, with the units of its heading; empty cells say nothing', () => {
    expect(wide.form).toBe('wide')
    expect(
      readingOfRow(wide, ['m-1', '2026-03-01T12:00:00Z', '70.5', ' ', 'left over', '80'], { decimal: '.' }),
    ).toEqual({
      sensor_id: 'm-1',
      timestamp: '2026-03-01T12:00:00Z',
      measurements: { temperature: 70.5 },
      units: { temperature: 'degF' },
      metadata: { battery_level: 80 },
    })
  })

  it('passes on what is no number, so that it is refused like any other', () => {
    for (const cell of ['warm', '1,5', '0x10', 'Infinity', '1e', '--1'])
      expect(readingOfRow(wide, ['m', 't', '', cell], { decimal: '.' }).measurements).toEqual({ humidity: cell })
    expect(readingOfRow(wide, ['m', 't', '', '1,5e-1'], { decimal: ',' }).measurements).toEqual({ humidity: 0.15 })
  })
})

it('a file with a row for each value gives each its measure, unit and project', () => {
  const long = heading('timestamp', 'sensor_id', 'measure', 'value', 'unit', 'latitude', 'longitude', 'simulated')
  expect(
    readingOfRow(long, ['t', 'm', 'Temperature', '3', 'K', '1', '2', 'yes'], { decimal: '.', project_id: 'p' }),
  ).toEqual({
    timestamp: 't',
    sensor_id: 'm',
    project_id: 'p',
    measurements: { temperature: 3 },
    units: { temperature: 'K' },
    location: { latitude: 1, longitude: 2 },
    simulated: true,
  })
})

it.each([
  [['timestamp', 'humidity'], ['missing-column']],
  [['sensor_id', 'timestamp'], ['missing-column']],
  [['sensor_id', 'timestamp', 'measure'], ['missing-column']],
  [['sensor_id', 'timestamp', 'measure', 'value', 'humidity'], ['two-forms']],
  [['sensor_id', 'timestamp', 'humidity', 'Humidity'], ['column-twice']],
  [['sensor_id', 'timestamp', 'humidity', 'mood'], ['unknown-column']],
  [[], ['missing-column', 'missing-column', 'missing-column']],
] as const)('the heading %j is refused: %j', (cells, want) => {
  expect(codes(...cells)).toEqual(want)
})

it('cells stand apart by whatever the heading has most of', () => {
  expect([separatorOf('a;b;c,d'), separatorOf('a,b'), separatorOf('a\tb\tc'), separatorOf('a')]).toEqual([
    ';',
    ',',
    '\t',
    ',',
  ])
})
