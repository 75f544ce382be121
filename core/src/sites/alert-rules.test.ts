import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lets, stepThreshold, tunedStrength, type ThresholdRule, type ThresholdState } from './alert-rules.ts'
import { confidenceOf, type PrecisionTable } from './anomaly-confidence.ts'
import { stretchesOf, thresholdFor } from './anomaly-threshold.ts'

const above = (raise_at: number, clear_at: number, for_s = 0): ThresholdRule => ({
  kind: 'threshold',
  measure: 'grid_power_kw',
  direction: 'above',
  raise_at,
  clear_at,
  for_s,
  severity: 'medium',
})
const quiet: ThresholdState = { is_raised: false, beyond_since_ms: null, looked_to_ms: 0 }
const SLOT_MS = 900_000

function eventsOf(rule: ThresholdRule, values: readonly number[]): string[] {
  let state = quiet
  return values.map((value, i) => {
    const stepped = stepThreshold(state, rule, { from_ms: i * SLOT_MS, to_ms: (i + 1) * SLOT_MS, value })
    state = stepped.state
    return stepped.step?.event ?? '-'
  })
}

describe('a threshold with two edges', () => {
  it.each<[string, ThresholdRule, number[], string[]]>([
    [
      'raises once while the value trembles on its upper edge',
      above(100, 80),
      [90, 101, 99, 101, 99],
      ['-', 'raised', '-', '-', '-'],
    ],
    ['is over only below its lower edge', above(100, 80), [101, 85, 79, 101], ['raised', '-', 'cleared', 'raised']],
    ['waits for so long', above(100, 80, 1_800), [101, 101, 101], ['-', 'raised', '-']],
    [
      'begins to wait anew after a value below the lower edge',
      above(100, 80, 1_800),
      [101, 70, 101, 101],
      ['-', '-', '-', 'raised'],
    ],
    [
      'turns round for what falls too low',
      { ...above(10, 12), direction: 'below' },
      [15, 9, 11, 13],
      ['-', 'raised', '-', 'cleared'],
    ],
    ['on one edge is raised above it and over on it', above(100, 100), [100, 101, 100], ['-', 'raised', 'cleared']],
  ])('%s', (_, rule, values, events) => {
    expect(eventsOf(rule, values)).toEqual(events)
  })

  it('never raises twice without having been over in between', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 60, max: 120 }), { maxLength: 60 }), (values) => {
        const events = eventsOf(above(100, 80), values).filter((event) => event !== '-')
        expect(events.every((event, i) => event === (i % 2 === 0 ? 'raised' : 'cleared'))).toBe(true)
      }),
    )
  })

  it('looks at a slot once, however often it is shown', () => {
    const slot = { from_ms: 0, to_ms: SLOT_MS, value: 200 }
    const { state } = stepThreshold(quiet, above(100, 80), slot)
    expect(stepThreshold(state, above(100, 80), slot)).toEqual({ state, step: null })
  })
})

describe('a rule', () => {
  const watches = { kind: 'anomaly' as const, types: [], severity_min: 'medium' as const, confidence_min: 0.5 }
  const finding = { type: 'silence' as const, asset_id: 'a', severity: 'high' as const, confidence: 0.9, strength: 2 }

  it.each([
    ['tells what is grave, likely and strong enough', {}, true],
    ['not of another asset', { asset_id: 'b' }, false],
    ['of the whole site too', { asset_id: null }, true],
    ['not of what is slight', { severity: 'low' as const }, false],
    ['not of what is unlikely', { confidence: 0.4 }, false],
    ['not of what is weak', { strength: 1.4 }, false],
  ])('%s', (_, change, told) => {
    expect(lets(watches, { asset_id: 'a', strength_min: 1.5 }, { ...finding, ...change })).toBe(told)
  })
})

describe('feedback', () => {
  const wrong = (strength: number) => ({ strength, verdict: 'false_alarm' as const })
  const right = (strength: number) => ({ strength, verdict: 'correct' as const })
  const unsaid = (strength: number) => ({ strength, verdict: null })

  it('holds nothing back while nothing was wrong', () => {
    expect(tunedStrength([right(2), unsaid(1.1)], 4, 1)).toBe(1)
  })

  it('raises the limit just beyond as many false ones as the budget does not bear', () => {
    // Four weeks bear two: of four false ones the two weakest must go.
    const told = [wrong(1.1), wrong(1.3), wrong(1.6), wrong(2), right(5)]
    const limit = tunedStrength(told, 4, 0.5)
    expect(limit).toBeGreaterThan(1.3)
    expect(limit).toBeLessThanOrEqual(1.6)
  })

  it('counts those that nobody judged in the share that judged ones were false', () => {
    // One of two judged was false: half of the eight unsaid, four, with it five; a week bears two.
    const told = [wrong(1.1), right(9), ...[1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9].map(unsaid)]
    const limit = tunedStrength(told, 1, 2)
    expect(limit).toBeGreaterThan(1.5)
    expect(limit).toBeLessThanOrEqual(1.6)
  })
})

describe('confidence', () => {
  const table: PrecisionTable = {
    power_drop: [
      { found: 20, correct: 10 },
      { found: 2, correct: 2 },
      { found: 98, correct: 98 },
    ],
    unusual_shape: [
      { found: 2, correct: 0 },
      { found: 0, correct: 0 },
      { found: 0, correct: 0 },
    ],
  }

  it.each([
    // Laplace: (correct + 1) / (found + 2).
    ['is that of findings of the type and strength', 'power_drop', 1.2, 11 / 22, 'type_and_strength'],
    ['of the type, where few stood so far out', 'power_drop', 2, 111 / 122, 'type'],
    ['of all types, where the type is rare', 'unusual_shape', 2, 111 / 124, 'all'],
  ] as const)('%s', (_, type, strength, confidence, level) => {
    const told = confidenceOf({ type, strength }, undefined, table)
    expect(told.confidence).toBeCloseTo(confidence, 12)
    expect(told.basis.level).toBe(level)
  })

  it('follows what people say: ten false ones outweigh the plays', () => {
    const said = confidenceOf({ type: 'power_drop', strength: 4 }, { found: 40, correct: 0 }, table)
    expect(said.confidence).toBeCloseTo(21 / 62, 12)
  })
})

describe('a threshold from a budget', () => {
  const week = 672
  const scores = new Float64Array(4 * week).fill(1)
  for (const [at, score] of [
    [100, 6],
    [101, 7],
    [900, 8],
    [1_700, 9],
    [2_300, 12],
  ] as const)
    scores[at] = score
  const limits = { floor: 5, cap: 100 }

  it.each([
    ['bears two episodes in four weeks: just beyond the third highest', 0.5, 8 * 1.1],
    ['bears none: beyond everything seen', 0.1, 12 * 1.1],
    ['bears more than there were: its floor', 3, 5],
  ])('%s', (_, alarms_per_week, threshold) => {
    expect(thresholdFor(scores, 0, scores.length, 900, alarms_per_week, limits)).toBeCloseTo(threshold, 12)
  })

  it('never goes beyond its cap: what it learns from may hold faults', () => {
    expect(thresholdFor(scores, 0, scores.length, 900, 0.1, { floor: 5, cap: 10 })).toBe(10)
  })
})

describe('a stretch', () => {
  const rules = { confirm: 2, of: 3, quiet: 2, quiet_slots_max: 10 }
  const of = (values: number[]) =>
    stretchesOf(Float64Array.from(values), rules).map(({ first, end, found }) => [first, end, found])

  it.each([
    ['needs two strange slots of three', [0, 2, 0, 0, 2, 0], []],
    ['begins with the first of them and is certain with the second', [0, 2, 0, 3, 0, 0], [[1, 4, 3]]],
    [
      'ends after two quiet slots',
      [2, 2, 0, 0, 2, 2],
      [
        [0, 2, 1],
        [4, 6, 5],
      ],
    ],
    ['lasts over slots that nobody judged', [2, 2, NaN, NaN, NaN, 2], [[0, 6, 1]]],
    [
      'but not for ever',
      [2, 2, ...Array.from({ length: 10 }, () => NaN), 2, 2],
      [
        [0, 2, 1],
        [12, 14, 13],
      ],
    ],
  ])('%s', (_, values, stretches) => {
    expect(of(values)).toEqual(stretches)
  })
})
