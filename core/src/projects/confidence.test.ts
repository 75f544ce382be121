import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { calibrateConfidence, CalibrationTable, confidenceOf, scoreQuality, type GradedPair } from './confidence.ts'
import {
  componentNames,
  componentWeights,
  gatesOf,
  qualityOf,
  scoreComponent,
  type Quality,
} from './confidence-components.ts'
import { levelOf, proposalOf } from './decide.ts'
import { integrityEffect } from './integrity-effect.ts'
import { areaOf, evidenceClasses, indexKinds, type IntegrityFinding, type MeasuredPair } from './measurement.ts'
import { applicable, Sheet, type MethodResult } from './method-result.ts'
import { nextEvidence } from './next-evidence.ts'
import { plausibilityOf } from './plausibility.ts'
import { indexOf, pairWith, unmeasured } from './testing-measurement.ts'

const best = qualityOf(pairWith(), 'mangrove')
const scoreOf = (changes: Partial<MeasuredPair>) => confidenceOf(pairWith(changes), 'mangrove')
const flag = (effect: IntegrityFinding['effect'], found = true): IntegrityFinding => ({
  check: 'recoloured_after',
  found,
  value: 3,
  threshold: 10,
  effect,
  caveat: 'The threshold stands on one photo.',
  image: 'pair',
})

describe('components', () => {
  test('weigh 1 together', () => {
    expect(Object.values(componentWeights).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12)
  })

  test.each<[keyof typeof componentWeights, Partial<Quality>, number]>([
    ['evidence_class', { evidence_class: 'E2' }, 0.85],
    // The same class, and numbers of a camera: thresholds of NDVI do not fit them.
    ['evidence_class', { evidence_class: 'E2', index_kind: 'ndvi_dn' }, 0.1],
    ['clear_share', { valid_fraction: 0.6 }, 0.5],
    ['clear_share', { valid_fraction: 0.3 }, 0],
    ['registration', { residual_px: 0.7 }, Math.exp(-1)],
    ['registration', { evidence_class: 'E4', inliers: 30 }, 0.5],
    ['season', { season_gap_days: 15 }, 1],
    ['season', { season_gap_days: 90 }, 0.3],
    ['season', { season_gap_days: 91 }, 0.1],
    ['radiometry', { pif_rmse: 0.008 }, 1],
    ['radiometry', { pif_rmse: 0.02 }, Math.exp(-1)],
    ['radiometry', { same_sensor_and_level: false, pif_rmse: 0.008 }, 0.6],
    ['radiometry', { pif_rmse: null }, 0.5],
    ['radiometry', { same_sensor_and_level: false, pif_rmse: null }, 0.2],
    // A missed offset shows on ground that did not change, whatever the files say of their sensor.
    ['radiometry', { pif_rmse: 0.098 }, Math.exp(-7.5)],
    ['cover', { cover_sigma: 0 }, 1],
    ['cover', { cover_sigma: 0.12 }, Math.exp(-1)],
    ['cover', { cover_sigma: null }, 0.1],
    ['pixels', { pixels: 25 }, 0],
    ['pixels', { pixels: 250 }, 1 / 1.6],
    ['area', { area_error_fraction: 0.05 }, 1],
    ['area', { area_error_fraction: 0.3 }, 0],
    ['detectability', { z: 1.5 }, 0.5],
    ['detectability', { z: null }, 0.1],
  ])('%s of %j scores %d', (name, changes, score) => {
    expect(scoreComponent(name, { ...best, ...changes }).score).toBeCloseTo(score, 9)
  })
})

describe('the score', () => {
  test('is the weighted geometric mean, by hand: E2 and 60 % clear, the rest perfect', () => {
    const perfect = {
      ...best,
      residual_px: 0,
      pixels: 10_000,
      area_error_fraction: 0,
      z: 9,
      season_gap_days: 0,
      pif_rmse: 0,
      cover_sigma: 0,
    }
    const { raw_score } = scoreQuality({ ...perfect, evidence_class: 'E2', valid_fraction: 0.6 }, null)
    expect(raw_score).toBeCloseTo(100 * 0.85 ** 0.24 * 0.5 ** 0.1, 5)
    expect(scoreQuality({ ...perfect, evidence_class: 'E1', valid_fraction: 1 }, null).score).toBe(100)
  })

  test('says that it is uncalibrated, and shows every component with its weight and sentence', () => {
    const confidence = scoreOf({})
    expect(confidence.calibration).toBe('uncalibrated')
    expect(confidence.components.map(({ component }) => component)).toEqual([...componentNames])
    expect(confidence.components.every(({ value }) => value >= 0 && value <= 1)).toBe(true)
  })

  test('does not rise with the size of the change once it is seen, and stays high where nothing changed', () => {
    const of = (after: number) => scoreOf({ index: indexOf(0.2, after) })
    expect(of(0.4).score).toBe(of(0.9).score)
    expect(of(0.2).effect).toMatchObject({ significant: false, direction: 'none' })
    expect(of(0.2).score).toBeGreaterThanOrEqual(of(0.9).score - 1)
    expect(of(0.2).components.find(({ component }) => component === 'detectability')?.counted).toBe(false)
  })

  const share = fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: null })
  const number = (max: number) => fc.option(fc.double({ min: 0, max, noNaN: true }), { nil: null })
  const quality: fc.Arbitrary<Quality> = fc.record({
    evidence_class: fc.constantFrom(...evidenceClasses),
    valid_fraction: share,
    residual_px: number(50),
    inliers: number(500),
    psr: number(500),
    season_gap_days: number(183),
    same_sensor_and_level: fc.option(fc.boolean(), { nil: null }),
    pif_rmse: number(5),
    pixels: number(1e8),
    index_kind: fc.constantFrom(null, ...indexKinds),
    cover_sigma: share,
    area_error_fraction: number(10),
    z: number(20),
    has_dates: fc.boolean(),
    has_crs: fc.boolean(),
    hard_flags: fc.integer({ min: 0, max: 3 }),
    seagrass: fc.boolean(),
    cannot_tell: fc.boolean(),
  })

  test('lies between 0 and 100, each component between 0 and 1, and gates only lower it', () => {
    fc.assert(
      fc.property(quality, (one) => {
        const { score, raw_score, components, gates } = scoreQuality(one, null)
        expect(score).toBeGreaterThanOrEqual(0)
        expect(score).toBeLessThanOrEqual(raw_score)
        expect(raw_score).toBeLessThanOrEqual(100)
        for (const { score_max } of gates) expect(score).toBeLessThanOrEqual(score_max)
        expect(components.every(({ value }) => value >= 0 && value <= 1)).toBe(true)
      }),
      { numRuns: 150 },
    )
  })

  test.each<[string, Partial<Quality>, number]>([
    ['colour ortho', { evidence_class: 'E3' }, 69],
    ['photo with place', { evidence_class: 'E4' }, 54],
    ['plain photo', { evidence_class: 'E5' }, 39],
    ['half clear', { valid_fraction: 0.49 }, 54],
    ['hardly clear', { valid_fraction: 0.19 }, 39],
    ['another season', { season_gap_days: 90.5 }, 54],
    ['a flag', { hard_flags: 1 }, 39],
    ['no date', { has_dates: false }, 54],
    ['no reference system', { has_crs: false }, 54],
    ['seagrass from above', { seagrass: true }, 39],
    ['nothing measured', { cannot_tell: true }, 39],
  ])('%s: %j caps at %d', (_, changes, cap) => {
    expect(Math.min(...gatesOf({ ...best, ...changes }).map(({ score_max }) => score_max))).toBe(cap)
    expect(gatesOf(best)).toEqual([])
  })
})

describe('calibration', () => {
  const pairs: GradedPair[] = Array.from({ length: 2_000 }, (_, i) => {
    const raw_score = (i * 37) % 100
    // Right as often as the square of the share: the raw score promises too much.
    return { scene: `scene-${i % 20}`, raw_score, correct: ((i * 61) % 997) / 997 < (raw_score / 100) ** 2 }
  })
  const table = calibrateConfidence(pairs, { version: 'conf-1', seed: 3 })

  test('is fitted on some scenes and judged on others, with a reliability diagram', () => {
    expect(table.fitted_on.scenes + table.held_out.scenes).toBe(20)
    expect(table.fitted_on.pairs + table.held_out.pairs).toBe(2_000)
    expect(table.held_out.bins.reduce((sum, { count }) => sum + count, 0)).toBe(table.held_out.pairs)
    expect(table.held_out.ece).toBeLessThan(0.05)
    expect(CalibrationTable.parse(JSON.parse(JSON.stringify(table)))).toEqual(table)
  })

  test('brings the score to how often it was right, never falling, and carries its version', () => {
    const of = (valid_fraction: number) => scoreQuality({ ...best, valid_fraction }, table)
    expect(of(0.95).calibration).toBe('conf-1')
    const { raw_score, calibrated_score } = of(0.6)
    expect(Math.abs((calibrated_score ?? NaN) - raw_score * (raw_score / 100))).toBeLessThan(8)
    expect([0.3, 0.5, 0.7, 0.9].map((valid) => of(valid).calibrated_score ?? NaN)).toEqual(
      [0.3, 0.5, 0.7, 0.9].map((valid) => of(valid).calibrated_score ?? NaN).sort((a, b) => a - b),
    )
    expect(scoreQuality({ ...best, evidence_class: 'E5' }, table).score).toBeLessThanOrEqual(39)
  })

  test('that misses its target on held-out scenes is not used: the score stays uncalibrated', () => {
    const poor = { ...table, held_out: { ...table.held_out, ece: 0.08 } }
    expect(scoreQuality(best, poor)).toMatchObject({ calibration: 'uncalibrated', calibrated_score: null })
  })

  test.each([
    [[]],
    [pairs.filter(({ scene }) => scene === 'scene-1')],
    [[{ scene: 'a', raw_score: 140, correct: true }]],
  ])('is refused on too few scenes and on scores that are none', (few) => {
    expect(() => calibrateConfidence(few, { version: 'conf-1' })).toThrow(
      expect.objectContaining({ type: 'projects/invalid-analysis' }),
    )
  })
})

describe('levels', () => {
  test.each([
    [100, 'approve_full'],
    [85, 'approve_full'],
    [84.9, 'approve_with_monitoring'],
    [70, 'approve_with_monitoring'],
    [69.9, 'approve_partial'],
    [55, 'approve_partial'],
    [54.9, 'more_evidence'],
    [40, 'more_evidence'],
    [39.9, 'manual_review'],
    [0, 'manual_review'],
  ])('%d is %s', (score, level) => {
    expect(levelOf(score).level).toBe(level)
  })
})

const method = (method_id: MethodResult['method_id'], t_co2e: number, half_width = 0.2): MethodResult =>
  applicable({ method_id, label: '', unit: 't CO2e', parameters: {} }, new Sheet(), {
    value: t_co2e,
    t_co2e,
    area_ha: 5,
    years: 1,
    uncertainty: { relative_half_width_90: half_width, parts: [] },
  })

const propose = (score: number, changes: Partial<MeasuredPair> = {}, methods = [method('ipcc-ws2013-tier1', 10.9)]) => {
  // A rise that no guard wonders at.
  const share = { before: 0.1, after: 0.4, threshold: 0.4, sigma: null }
  const measurement = pairWith({ cover: { share, carlson_ripley: null }, ...changes })
  const confidence = { ...confidenceOf(measurement, 'mangrove'), score }
  const plausibility = plausibilityOf({ ecosystem: 'mangrove', latitude_deg: 14, measurement, methods })
  return proposalOf({ measurement, confidence, methods, plausibility })
}
const tonnes = (proposal: ReturnType<typeof propose>) => proposal.methods[0]?.t_co2e

describe('a proposal', () => {
  test.each([
    [90, 10, false],
    [75, 10, false],
    // 80 % of 10.9 t, in whole tonnes.
    [60, 8, false],
    [50, 0, false],
    [30, null, true],
  ])('at %d: %j whole tonnes of 10.9; a second reviewer: %j', (score, t, second) => {
    const proposal = propose(score)
    expect(tonnes(proposal)).toBe(t)
    expect(proposal.second_reviewer).toBe(second)
    expect(proposal.reason_needed).toBe(score < 70)
    expect(proposal.approved).toBe(false)
  })

  test('with monitoring names a month around the anniversary of the after picture', () => {
    expect(propose(75).monitoring_window).toEqual({ from: '2024-12-12', to: '2025-02-10' })
    const leap = { after: { ...pairWith().after, captured_on: '2024-02-29' } }
    expect(propose(75, leap).monitoring_window).toEqual({ from: '2025-01-29', to: '2025-03-30' })
    expect(propose(90).monitoring_window).toBeNull()
  })

  test('no change is measured well and earns nothing; it is not low confidence', () => {
    const proposal = propose(92, { index: indexOf(0.6, 0.62) })
    expect(proposal).toMatchObject({ level: 'approve_full', outcome: 'no_change', method_id: null })
    expect(tonnes(proposal)).toBe(0)
    expect(proposal.developer_sees.code).toBe('developer-no-change')
  })

  test('a loss earns nothing, and keeping what stands is what conservation is paid for', () => {
    expect(tonnes(propose(92, { index: indexOf(0.7, 0.2) }))).toBe(0)
    expect(tonnes(propose(92, { index: indexOf(0.6, 0.62) }, [method('conservation', 12.4)]))).toBe(12)
  })

  test('VM0033-like units are tonnes already; the seed’s units are not', () => {
    const units: MethodResult = { ...method('vm0033-like', 27.9), value: 22 }
    const seed: MethodResult = { ...method('seed-ai', 41.25), value: 4125, unit: 'seed credit units' }
    const { methods, method_id } = propose(90, {}, [seed, units])
    expect(methods.map(({ credits, t_co2e }) => [credits, t_co2e])).toEqual([
      [4125, 41],
      [22, 22],
    ])
    expect(method_id).toBe('vm0033-like')
  })

  test('more than 40 t a hectare and year is withheld, of that method alone', () => {
    const proposal = propose(90, {}, [method('seed-ai', 201), method('ipcc-ws2013-tier1', 199)])
    expect(proposal.methods.map(({ t_co2e }) => t_co2e)).toEqual([null, 199])
    expect(proposal.reason_needed).toBe(true)
  })

  test('an uncertainty above everything leaves nothing of a part, and never less', () => {
    expect(tonnes(propose(60, {}, [method('ipcc-ws2013-tier1', 10, 1.7)]))).toBe(0)
  })
})

describe('plausibility', () => {
  const guardsOf = (
    changes: Partial<MeasuredPair>,
    latitude_deg: number | null = 14,
    ecosystem: 'mangrove' | 'seagrass' = 'mangrove',
  ) =>
    plausibilityOf({ ecosystem, latitude_deg, measurement: pairWith(changes), methods: [] }).map(
      ({ guard, effect }) => `${guard} ${effect}`,
    )
  const cover = (before: number, after: number) => ({
    cover: { share: { before, after, threshold: 0.4, sigma: null }, carlson_ripley: null },
  })
  const area = (claimed_ha: number) => ({
    ...cover(0, 0.3),
    area: areaOf({ claimed_ha, polygon_ha: 10, measured_ha: 10 }),
  })

  test('of a claimed area: 5 % is nothing, more is a flag, more than 20 % blocks', () => {
    expect([10, 10.5, 10.6, 12.5, 12.6].map((claimed) => guardsOf(area(claimed)))).toEqual([
      [],
      [],
      ['area_mismatch flag'],
      ['area_mismatch flag'],
      ['area_mismatch block'],
    ])
  })

  test('of a mangrove that covers 41 points more within 18 months; over three years it may', () => {
    expect(guardsOf(cover(0.1, 0.51))).toEqual(['cover_jump flag'])
    expect(guardsOf(cover(0.1, 0.5))).toEqual([])
    expect(guardsOf({ ...cover(0.1, 0.9), before: { ...pairWith().before, captured_on: '2021-01-10' } })).toEqual([])
  })

  test('of the place: mangroves between 38.9° south and 32.4° north, seagrass not from above', () => {
    expect([32.4, 32.5, -38.9, -39, null].map((at) => guardsOf(cover(0, 0.3), at).length)).toEqual([0, 1, 0, 1, 0])
    expect(guardsOf(cover(0, 0.3), 10, 'seagrass')).toEqual(['seagrass_optical block'])
  })

  test('of a gain on the fringe of clouds, or between two copies of one exposure', () => {
    expect(guardsOf({ ...cover(0, 0.3), gain_near_mask_fraction: 0.7 })).toEqual(['gain_at_masks flag'])
    expect(guardsOf({ ...cover(0, 0.3), integrity: [flag('flag')] })).toEqual(['gain_with_same_picture block'])
    expect(guardsOf({ ...cover(0, 0.3), integrity: [flag('flag', false)] })).toEqual([])
  })
})

describe('integrity', () => {
  test('the strongest effect of what was found counts, in any order; a check that was passed does not', () => {
    const findings = [flag('inform'), { ...flag('flag'), check: 'exif-place' }, flag('block', false)]
    expect(integrityEffect(findings)).toEqual({
      effect: 'flag',
      blocks: [],
      flags: ['exif-place'],
      informs: ['recoloured_after'],
      checks: 3,
    })
    expect(integrityEffect([...findings].reverse())).toEqual(integrityEffect(findings))
    expect(integrityEffect([]).effect).toBe('none')
  })
})

describe('what to send next', () => {
  const remediesOf = (changes: Partial<MeasuredPair>) => nextEvidence(pairWith(changes), 'mangrove')

  test('begins with what gains most, each with the score that it could reach', () => {
    const [first] = remediesOf({ season_gap_days: 80 })
    expect(first?.remedy).toBe('send_same_season')
    const rows = remediesOf({ valid_fraction_before: 0.45, season_gap_days: 40, radiometry: null })
    expect(rows[0]?.remedy).toBe('send_clear_date')
    const gains = rows.map(({ gain_points }) => gain_points)
    expect(gains).toEqual([...gains].sort((a, b) => b - a))
  })

  test('of a colour picture asks for near infrared', () => {
    expect(remediesOf({ evidence_class: 'E3' })[0]?.remedy).toBe('send_multispectral')
  })

  test('of two caps names both, though neither alone gains a point', () => {
    const rows = remediesOf({ evidence_class: 'E5', valid_fraction_after: 0.1 })
    expect(rows.map(({ remedy }) => remedy)).toEqual(expect.arrayContaining(['send_multispectral', 'send_clear_date']))
  })

  test('of seagrass begins with the water; a pair that could not be measured still gets advice', () => {
    expect(nextEvidence(pairWith(), 'seagrass')[0]?.remedy).toBe('survey_in_water')
    const advised = nextEvidence({ ...unmeasured('season-differs'), season_gap_days: 150 }, 'mangrove')
    expect(advised[0]?.remedy).toBe('send_same_season')
  })
})
