import type { WaveformRecord } from '@tidemark/core/sites/maintenance-contract.ts'
import { describe, expect, it } from 'vitest'
import { formatFor } from '../lib/format.ts'
import { columnsOf, peaksOf, scientific, tensOf } from './spectrum-option.ts'
import { bearingMarks, envelopeEnd_hz, inWords, standingOut } from './vibration.ts'

const sign = (hz: number, times_noise: number) => ({ hz, times_noise })
const bearing = { outer_race: sign(107, 28), inner_race: sign(162, 2), rolling_element: sign(70, 6), cage: sign(12, 1) }
const heard = { features: { bearing }, rpm: 1_797 } as WaveformRecord
const frequencies = { shaft_hz: 30, outer_race_hz: 107, inner_race_hz: 162, rolling_element_hz: 70, cage_hz: 12 }

describe('a spectrum on a screen', () => {
  const values = Array.from({ length: 4_097 }, (_, k) => (k === 1_000 ? 9 : k === 1_001 ? 8 : k === 3_000 ? 5 : 0.1))

  it('has no more columns than pixels, and none of its peaks is lost on the way', () => {
    const columns = columnsOf({ values, step_hz: 2, to_hz: 8_192 }, 360)
    expect(columns.length).toBeLessThanOrEqual(360)
    expect(columns).toContainEqual([2_000, 9])
    expect(columns).toContainEqual([6_000, 5])
    expect(columnsOf({ values, step_hz: 2, to_hz: 100 }, 360)).toHaveLength(51)
  })

  it('leaves out what no power of ten can show', () => {
    expect(columnsOf({ values: [0, 1, 0], step_hz: 1, to_hz: 2, by_tens: true }, 360)).toEqual([[1, 1]])
  })

  it('lies between whole powers of ten, eight of them at most', () => {
    expect(tensOf([3e-4, 2e-6, 0])).toEqual({ min: 1e-6, max: 1e-3 })
    const deep = tensOf([0.2, 1e-30])
    expect(Math.log10(deep.max / deep.min)).toBeCloseTo(8, 9)
    expect(tensOf([0]).min).toBeGreaterThan(0)
  })

  it('names its peaks from the highest on, each once', () => {
    expect(peaksOf(values, 2, 5)).toEqual([{ hz: 2_000, height: 9 }, { hz: 6_000, height: 5 }]) // oxfmt-ignore
  })

  it.each([
    [0, '0'],
    [0.25, '0.25'],
    [1e-5, '10⁻⁵'],
    [4.2e-5, '4.2\u00A0×\u00A010⁻⁵'],
    [1e12, '10¹²'],
  ])('writes %d as %s', (value, text) => expect(scientific(value, formatFor('en'))).toBe(text))
})

describe('lines of a bearing', () => {
  it('stand at each part, with multiples only of those that stand out, in the order of their frequency', () => {
    expect(standingOut(heard).map(({ part }) => part)).toEqual(['outer_race', 'rolling_element'])
    const marks = bearingMarks(heard, frequencies, (part) => part)
    expect(marks.map(({ hz }) => hz)).toEqual([12, 70, 107, 140, 162, 210, 214, 321])
    expect(marks.filter(({ text }) => text !== undefined)).toHaveLength(4)
    expect(bearingMarks(heard, null, (part) => part)).toEqual([])
  })

  it('end past the multiples that are looked at, or where the spectrum ends', () => {
    expect(envelopeEnd_hz(frequencies, 5_000)).toBeCloseTo(3.4 * 162)
    expect(envelopeEnd_hz(frequencies, 300)).toBe(300)
    expect(envelopeEnd_hz(null, 300)).toBe(300)
  })

  it('are told within a sentence', () => {
    expect(inWords(['Outer race', 'Cage'], 'en')).toBe('outer race and cage')
    expect(inWords(['Bague extérieure', 'Cage'], 'fr')).toBe('bague extérieure et cage')
  })
})
