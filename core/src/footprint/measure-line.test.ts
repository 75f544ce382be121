import { describe, expect, it } from 'vitest'
import { Problem } from '../lib/problem.ts'
import { calculate } from './calculate.ts'
import { Inventory, type InventoryLine } from './contract.ts'
import { libraryOf } from './library.ts'
import { gradesOf, measureLine, type Measurement } from './measure-line.ts'
import { instantsOf } from './measure-period.ts'
import { replay } from './replay.ts'

const meter = { device_id: 'dev_1', sensor_id: 'main', quantity: 230_000, readings: 35_136, series_digest: `sha256:${'a'.repeat(64)}` } // oxfmt-ignore
const measurement: Measurement = {
  measure: 'import_energy_kwh',
  unit: 'kWh',
  meters: [meter],
  from: '2023-12-31T23:00:00.000Z',
  to: '2024-12-31T23:00:00.000Z',
  time_zone: 'Europe/Paris',
  coverage_share: 0.96,
  coverage_share_min: 0.9,
  quality: { score: 0.9, completeness: 0.9, accuracy: 0.8, consistency: 0.99, timeliness: 0.8, validity: 1 },
  simulated: false,
}
const estimate: InventoryLine = {
  id: 'elec',
  quantity: 250,
  unit: 'MWh',
  factor: { value: 0.05, unit: 'kgCO2e/kWh', source: 'Supplier' },
  category: '2.1',
  data_quality: { reliability: 2, technical: 3, geographic: 5, temporal: 4, completeness: 3 },
}
const other: InventoryLine = { ...estimate, id: 'other', quantity: 1 }
const inventoryOf = (...lines: InventoryLine[]) =>
  Inventory.parse({
    organisation: { name: 'Works', country: 'FR' },
    reporting_period: { start_date: '2024-01-01', end_date: '2024-12-31' },
    lines,
  })
const library = libraryOf({ factors: [] })
const faultOf = (inventory: Inventory) => {
  try {
    calculate(inventory, library)
  } catch (error) {
    if (error instanceof Problem) return error.details.faults?.[0]
  }
  return undefined
}

describe('a line that meters measured', () => {
  const line = measureLine(estimate, measurement)

  it('by hand: 230 MWh counted in 96 % of the year and 4 % of the 250 MWh estimated make 240 MWh', () => {
    expect(line.quantity).toBeCloseTo(240, 9)
    expect(line.measured_by).toMatchObject({ measured_quantity: 230, replaced: { quantity: 250, data_quality: estimate.data_quality } }) // oxfmt-ignore
    // Grades 1 + 4 × 0.99 (all valid, 1 % unusual) and 1 + 4 × 0.9 of the meter, weighted 230 : 10 with those of the estimate.
    expect(gradesOf(measurement.quality)).toEqual({ reliability: 4.96, technical: 5, geographic: 5, temporal: 5, completeness: 4.6 }) // oxfmt-ignore
    expect(line.data_quality).toEqual({ reliability: 4.84, technical: 4.92, geographic: 5, temporal: 4.96, completeness: 4.53 }) // oxfmt-ignore
    // Spreads: estimate √(2 ln²1.2 + ln²1.03 + ln²1.05) = 0.26407 on 10, meter √((0.04 ln 1.05)² + (0.4 ln 1.02)²) = 0.00816
    // on 230: √(2.6407² + 1.876²) / 240 = 0.0135, which is 1.36 %.
    expect(line.uncertainty_percent).toBe(1.36)
  })

  it('with every hour covered keeps nothing of the estimate and needs no uncertainty but its grades', () => {
    const whole = measureLine({ ...estimate, uncertainty_percent: 30 }, { ...measurement, coverage_share: 1 })
    expect([whole.quantity, whole.uncertainty_percent]).toEqual([230, undefined])
    expect(whole.measured_by?.replaced.uncertainty_percent).toBe(30)
  })

  it('measured again, it goes back to what it said at first', () => {
    const again = measureLine(line, { ...measurement, coverage_share: 0.5 })
    expect(again.measured_by).toMatchObject({ estimated_quantity: 125, replaced: { quantity: 250 } })
  })

  it('calculates, says so in its trace, warns of what is still estimated, and replays to the same digits', () => {
    const inventory = inventoryOf(line, other)
    const result = calculate(inventory, library)
    expect(result.lines[0]?.emissions_kg_co2e).toBeCloseTo(12_000, 6)
    expect(result.lines[0]?.trace[0]?.says).toContain('230 measured by main in 96 % of the period')
    expect(result.warnings.find(({ code }) => code === 'measured-in-part')?.line_ids).toEqual(['elec'])
    expect(replay({ inventory: JSON.parse(JSON.stringify(inventory)), factors: [], result })).toMatchObject({ same: true }) // oxfmt-ignore
  })

  it.each<[string, Partial<InventoryLine>, string]>([
    ['another quantity', { quantity: 239 }, 'quantity'],
    ['better grades', { data_quality: { ...line.data_quality, reliability: 5 } }, 'data_quality/reliability'],
    ['no uncertainty', { uncertainty_percent: undefined }, 'uncertainty_percent'],
    ['another unit', { unit: 'kWh' }, 'measured_by/measured_quantity'],
    ['a unit of something else', { unit: 'kg' }, 'measured_by/unit'],
  ])('is refused with %s than its measurement gives', (_what, change, field) => {
    expect(faultOf(inventoryOf({ ...line, ...change }))?.path).toBe(`/lines/0/${field}`)
  })

  it('from a meter that a program plays is refused among real figures, and labelled among simulated ones', () => {
    const played = inventoryOf(measureLine(estimate, { ...measurement, simulated: true }))
    expect(faultOf(played)).toMatchObject({ code: 'simulated-measurement', path: '/lines/0/measured_by/simulated' })
    const codes = calculate({ ...played, simulated: true }, library).warnings.map(({ code }) => code)
    expect(codes).toContain('simulated-inventory')
  })
})

it('a reporting period begins and ends at midnight where the meters stand, also where clocks change', () => {
  const period = { start_date: '2024-03-31', end_date: '2024-03-31' }
  const { from_ms, to_ms } = instantsOf(period, 'Europe/Paris')
  expect(new Date(from_ms).toISOString()).toBe('2024-03-30T23:00:00.000Z')
  expect((to_ms - from_ms) / 3_600_000).toBe(23)
  expect(instantsOf(period, 'UTC').to_ms).toBe(Date.UTC(2024, 3, 1))
})
