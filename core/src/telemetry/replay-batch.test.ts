import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestOf } from '../certificates/canonical.ts'
import { SensorBatchEvidence } from '../certificates/kinds/sensor-batch.ts'
import vectors from '../certificates/vectors/kinds.json' with { type: 'json' }
import { replayBatch } from './replay-batch.ts'
import { validateBatch, type Batch } from './validate-batch.ts'

const certified = SensorBatchEvidence.parse(vectors.sensor_batch.bundle.evidence)
const evidence = () => structuredClone(certified)

describe('a validation that is done again', () => {
  it('comes to the certified digits, from the readings and what was known of their sensors then', () => {
    const result_digest = vectors.sensor_batch.facts.result_digest
    expect(replayBatch(evidence())).toEqual({ same: true, result_digest })
  })

  it('says whose scores were taken as given, since a forest does not travel', () => {
    const altered = evidence()
    const forest = { name: 'detector-weather-station', version: 3, sha256: 'ab', device_kind: 'weather_station' }
    const scored = {
      sensor_id: 'mast-7',
      forest,
      reason: null,
      scores: [{ index: 0, score: 0.1, measure: 'temperature' }],
    }
    altered.past.push(scored)
    const { readings, request } = altered
    const found = validateBatch({ readings: readings.map((text): unknown => JSON.parse(text)), validation_level: request.validation_level, validated_at_ms: Date.parse(request.validated_at), past: certified.past as unknown as Batch['past'], forests: [scored] }) // oxfmt-ignore
    altered.result = JSON.parse(JSON.stringify(found)) as SensorBatchEvidence['result']
    // What asks a forest is another method than what asks none.
    expect([found.method, certified.result.method]).toMatchObject([{ version: '1.1.0' }, { version: '1.0.0' }])
    expect(replayBatch(altered)).toMatchObject({
      same: true,
      taken_as_given: [
        expect.stringContaining('detector-weather-station@3 were taken as certified'),
        expect.any(String),
      ],
    })
  })

  it('names the first verdict that comes out otherwise, by number, sensor and time', () => {
    const altered = evidence()
    const results = altered.result.validation_results as {
      validation_result: { verdict: string; confidence: number }
    }[]
    const [, second, third] = results
    if (second) second.validation_result.confidence = 0.1
    if (third) third.validation_result.verdict = 'valid'
    expect(replayBatch(altered).first_difference).toMatchObject({
      path: '/validation_results/1/validation_result/confidence',
      line_id: '2 · mast-7 · 2026-03-02T07:45:00.000Z',
      expected: 0.1,
      found: 0.8,
    })
    if (second) second.validation_result.confidence = 0.8
    expect(replayBatch(altered).first_difference).toEqual({
      path: '/validation_results/2/validation_result/verdict',
      line_id: '3 · mast-7 · 2026-03-02T07:50:00.000Z',
      expected: 'valid',
      found: 'suspect',
    })
  })

  it.each([
    ['another past', (it: SensorBatchEvidence) => void (it.past = []), '/validation_results/0'],
    ['a reading less', (it: SensorBatchEvidence) => void it.readings.pop(), '/validation_results'],
    [
      'another level',
      (it: SensorBatchEvidence) => void (it.request.validation_level = 'strict'),
      '/validation_results/3',
    ],
    [
      'another method',
      (it: SensorBatchEvidence) => void (it.result.method = { name: 'x', version: '1.0.0' }),
      '/method/name',
    ],
    [
      'another score',
      (it: SensorBatchEvidence) => void Object.assign(it.result.quality_score as object, { score: 1 }),
      '/quality_score/score',
    ],
    ['something beside', (it: SensorBatchEvidence) => void (it.result.remark = 'good'), '/remark'],
  ])('%s is seen', (_what, change, path) => {
    const altered = evidence()
    change(altered)
    const answer = replayBatch(altered)
    expect(answer.same).toBe(false)
    expect(answer.first_difference?.path.startsWith(path), answer.first_difference?.path).toBe(true)
  })

  it.each([
    ['a reading that is no JSON', (it: SensorBatchEvidence) => void (it.readings[1] = '{'), '/readings/1'],
    [
      'a profile without its numbers',
      (it: SensorBatchEvidence) => void (it.past[0] = { ...it.past[0], profile: {} }),
      '/past/0/profile/readings_count',
    ],
  ])('refuses %s, and says where: telemetry/unreadable-evidence', (_what, change, path) => {
    const altered = evidence()
    change(altered)
    expect(() => replayBatch(altered)).toThrow(
      expect.objectContaining({
        type: 'telemetry/unreadable-evidence',
        details: expect.objectContaining({ faults: expect.arrayContaining([expect.objectContaining({ path })]) }),
      }),
    )
  })
})

describe('a validation', () => {
  const batch = (readings: readonly unknown[], rest: Partial<Batch> = {}) =>
    validateBatch({
      readings,
      validation_level: 'standard',
      validated_at_ms: Date.UTC(2026, 2, 2, 8),
      past: [],
      ...rest,
    })

  it('of whatever a device may send has a digest, counts everything once and comes out the same again', () => {
    const sensor = { sensor_id: fc.string({ unit: 'binary' }), timestamp: fc.constantFrom('2026-03-02T07:59:00Z', 'x') }
    const reading = fc.oneof(
      fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' }),
      fc.record({
        ...sensor,
        measurements: fc.dictionary(fc.constantFrom('temperature', '\ud800', 'ph'), fc.double({ noNaN: true })),
      }),
    )
    fc.assert(
      fc.property(fc.array(reading, { minLength: 1, maxLength: 6 }), (readings) => {
        const texts = readings.map((each) => JSON.stringify(each))
        const found = batch(texts.map((text): unknown => JSON.parse(text)))
        const { total, valid, suspect, invalid, refused, accepted } = found.counts
        expect(valid + suspect + invalid + refused).toBe(total)
        expect(accepted).toBe(found.quality_score.valid_readings)
        expect(digestOf(JSON.parse(JSON.stringify(found)))).toBe(digestOf(found))
        const kept = { ...evidence(), readings: texts, past: [], result: JSON.parse(JSON.stringify(found)) as SensorBatchEvidence['result'] } // oxfmt-ignore
        expect(replayBatch(kept)).toMatchObject({ same: true })
      }),
      { numRuns: 60 },
    )
  })

  it('does not claim a past for what came late, and strict accepts no such reading', () => {
    const late = { sensor_id: 'mast-7', timestamp: '2026-03-02T06:00:00Z', measurements: { temperature: 27 } }
    const past = certified.past as unknown as Batch['past']
    const found = batch([late], { past, validation_level: 'strict' })
    expect(found.counts).toMatchObject({ late: 1, against_own_past: 0, valid: 1, accepted: 0 })
    expect(found.validation_results[0]?.validation_result.checked_against).toBe('limits')
  })

  it('counts what a program played, whether the reading says so or its device is known for it', () => {
    const reading = { sensor_id: 'mast-7', timestamp: '2026-03-02T07:59:00Z', measurements: { temperature: 27 } }
    expect(batch([{ ...reading, simulated: true }, reading]).counts.simulated).toBe(1)
    const past = [{ ...certified.past[0], simulated: true }] as unknown as Batch['past']
    expect(batch([reading, { ...reading, sensor_id: 'other' }], { past }).counts.simulated).toBe(1)
  })
})
