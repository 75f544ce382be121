import fc from 'fast-check'
import { expect, it } from 'vitest'
import { keptReading } from './kept-reading.ts'
import { validateBatch } from './validate-batch.ts'

const found = (reading: unknown) =>
  validateBatch({ readings: [reading], validation_level: 'standard', validated_at_ms: Date.UTC(2026, 2, 2, 8), past: [], forests: [] }) // oxfmt-ignore

it('what is kept of a reading gets the verdict and the scores of the whole, and holds nothing else of it', () => {
  const extra = fc.dictionary(fc.constantFrom('owner', 'firmware', 'email'), fc.constant('SECRET'))
  const metadata = fc.record({ battery_level: fc.integer({ min: -5, max: 105 }), calibration_date: fc.constant('2026-01-15') }, { requiredKeys: [] }) // oxfmt-ignore
  const location = fc.record(
    { lat: fc.integer({ min: -95, max: 95 }), longitude: fc.constant(8) },
    { requiredKeys: [] },
  )
  const mixed = (part: fc.Arbitrary<object>) =>
    fc.oneof(
      fc.tuple(part, extra).map(([known, more]) => ({ ...more, ...known })),
      fc.constant(null),
      fc.constant(7),
    )
  const reading = fc
    .record(
      { timestamp: fc.constantFrom('2026-03-02T07:59:00Z', 7), sensor_id: fc.constant('mast-7'), measurements: fc.constantFrom({ ph: 7 }, {}, { ph: 20 }), metadata: mixed(metadata), location: mixed(location) }, // oxfmt-ignore
      { requiredKeys: [] },
    )
    .chain((known) => extra.map((more) => ({ ...more, ...known })))
  fc.assert(
    fc.property(reading, (whole) => {
      const kept = keptReading(whole)
      expect(found(kept)).toEqual(found(whole))
      expect(JSON.stringify(kept)).not.toContain('SECRET')
    }),
    { numRuns: 200 },
  )
})

it.each([null, 'x', 7, [1]])('what is no object stays as it is: %j', (input) => {
  expect(keptReading(input)).toEqual(input)
})
