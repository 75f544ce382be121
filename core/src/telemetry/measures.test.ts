import { describe, expect, it } from 'vitest'
import { invariant } from '../lib/invariant.ts'
import { inUnitOfMeasure, measures, unitsOfMeasure } from './measures.ts'

const measure = (id: string) => {
  const found = measures.get(id)
  invariant(found !== undefined, id)
  return found
}

describe('measures', () => {
  it('converts declared units into the one that is kept', () => {
    // Fixed points: water freezes at 32 °F = 273.15 K, boils at 212 °F; one standard atmosphere is 1013.25 hPa.
    expect(inUnitOfMeasure(32, 'degF', measure('temperature'))).toBeCloseTo(0, 12)
    expect(inUnitOfMeasure(212, 'degF', measure('equipment_temperature_c'))).toBeCloseTo(100, 12)
    expect(inUnitOfMeasure(273.15, 'K', measure('temperature'))).toBe(0)
    expect(inUnitOfMeasure(101_325, 'Pa', measure('pressure'))).toBeCloseTo(1013.25, 10)
    expect(inUnitOfMeasure(10, 'm/s', measure('wind_speed'))).toBe(36)
    expect(inUnitOfMeasure(3.6, 'MJ', measure('energy_kwh'))).toBeCloseTo(1, 12)
    expect(inUnitOfMeasure(0.5, 'fraction', measure('humidity'))).toBe(50)
  })

  it('refuses a unit that measures something else, and one that nobody knows', () => {
    expect(inUnitOfMeasure(1, 'kWh', measure('power_kw'))).toBeUndefined()
    expect(inUnitOfMeasure(1, 'furlong', measure('temperature'))).toBeUndefined()
  })

  it('keeps every measure in a unit that exists and in a range that has an inside', () => {
    for (const each of measures.values()) {
      expect(unitsOfMeasure(each).map(({ id }) => id)).toContain(each.unit)
      expect(each.range[0]).toBeLessThan(each.range[1])
      if (each.kind === 'counter') expect(each.range[0]).toBe(0)
    }
  })
})
