import { describe, expect, test } from 'vitest'
import { Problem } from '../lib/problem.ts'
import { decisionEvidence, replayDecision, type DecisionSubject } from './decision-evidence.ts'
import type { PairMeasurement } from './measurement.ts'
import { readAnalysisInput, reportOf, type AnalysisInput } from './report.ts'
import { pairWith, unmeasured } from './testing-measurement.ts'
import { weighDecision } from './weigh-decision.ts'

const inputOf = (measurement: PairMeasurement, parameters: object = {}): AnalysisInput =>
  readAnalysisInput({
    kind: 'project-analysis-input',
    version: 1,
    project: { ecosystem: 'mangrove', latitude_deg: 14.6, longitude_deg: -16.9 },
    measurement,
    parameters: { ipcc: { climate: 'tropical_dry', salinity_ppt: 35, ...parameters } },
  })
const calm = { cover: { share: { before: 0.1, after: 0.4, threshold: 0.4, sigma: 0.02 }, carlson_ripley: null } }
const good = inputOf(pairWith(calm))
const why = 'In writing.'
/** The tonnes, or the name of the rule that says no. */
const weigh = (input: AnalysisInput, wanted: object) => {
  try {
    const { proposed_t_co2e, second_needed } = weighDecision({ verdict: 'approve', ...wanted }, reportOf(input))
    return [proposed_t_co2e, second_needed ? 2 : 1]
  } catch (error) {
    if (error instanceof Problem) return error.type
    throw error
  }
}
const tonnes = Math.floor(
  reportOf(good).methods.find(({ method_id }) => method_id === 'ipcc-ws2013-tier1')?.t_co2e ?? 0,
)

describe('what a decision comes to', () => {
  test('is the whole tonnes of the method, by one reviewer where nothing is disputed', () => {
    expect(tonnes).toBeGreaterThan(10)
    expect(weigh(good, {})).toEqual([tonnes, 1])
    expect(weigh(good, { verdict: 'reject', reason: why })).toEqual([0, 1])
    expect(weigh(good, { verdict: 'reject' })).toBe('projects/reason-missing')
  })

  test('rests on a figure that was declared and not seen only in writing, and with two reviewers', () => {
    const field_cover = { cover_before: 0.1, cover_after: 0.4, cover_sigma: 0.02, source: 'Plots of May' }
    const declared = inputOf(pairWith(calm), { field_cover })
    expect(weigh(declared, {})).toBe('projects/reason-missing')
    expect(weigh(declared, { reason: why })).toEqual([tonnes, 2])
  })

  test('of the reviewers’ own is bounded by what was measured, and needs two', () => {
    const own = (input: AnalysisInput, approved_t_co2e: number) => weigh(input, { approved_t_co2e, reason: why })
    expect(own(good, 3)).toEqual([3, 2])
    expect(own(good, 1e6)).toBe('projects/beyond-measured')
    // A cloudy or winter picture from before earns nothing, whoever signs.
    expect(own(inputOf(unmeasured('too-little-clear')), 1)).toBe('projects/not-measured')
    const finding = { check: 'duplicate_bytes', found: true, value: 1, threshold: 0, effect: 'block', caveat: 'x', image: 'after' } as const // oxfmt-ignore
    expect(own(inputOf(pairWith({ ...calm, integrity: [finding] })), 1)).toBe('projects/not-measured')
    // A score between 40 and 55: the season is three months off, which caps it at 54.
    const late = reportOf(inputOf(pairWith({ ...calm, season_gap_days: 100 })))
    expect(late.proposal.level).toBe('more_evidence')
    expect(own(inputOf(pairWith({ ...calm, season_gap_days: 100 })), 1)).toBe('projects/not-measured')
    // Photographs carry no tonnes; what two people sign for them stays below 40 t a hectare and year.
    const photo = inputOf(pairWith({ ...calm, evidence_class: 'E5', index: { ...pairWith().index, kind: 'greenness' } }), { climate: null }) // oxfmt-ignore
    expect(own(photo, 1e5)).toBe('projects/beyond-measured')
  })
})

describe('the evidence of a decision', () => {
  const subject: DecisionSubject = {
    kind: 'credit-decision-input',
    version: 2,
    decision_id: 'dcn_1',
    project_id: 'prj_1',
    analysis_id: 'ana_1',
    analysis_certificate_hash: 'a'.repeat(64),
    verdict: 'approve',
    method: null,
    fraction: null,
    approved_t_co2e: null,
    is_reasoned: false,
    uploaded_on: { before: '2023-02-01', after: '2024-02-01' },
  }

  test('computes the report from its measurement and weighs the decision again', () => {
    const { inputs, result } = decisionEvidence(subject, good)
    expect(result).toMatchObject({ decision: 'approved', approved_t_co2e: String(tonnes), reviewers: 1, report_digest: reportOf(good).report_digest }) // oxfmt-ignore
    expect(replayDecision(structuredClone({ inputs, result }))).toMatchObject({ same: true })
  })

  test('that was altered says where: the tonnes, or the measurement that they came from', () => {
    const { inputs, result } = decisionEvidence(subject, good)
    const more = replayDecision({ inputs, result: { ...result, approved_t_co2e: '999999' } })
    expect(more).toMatchObject({ same: false, first_difference: { path: '/approved_t_co2e', expected: '999999', found: String(tonnes) } }) // oxfmt-ignore
    const larger = pairWith({ ...calm, cover: { ...calm.cover, share: { ...calm.cover.share, after: 0.45 } } })
    expect(replayDecision({ inputs: [subject, { ...good, measurement: larger }], result }).same).toBe(false)
    expect(() => replayDecision({ inputs: [subject], result })).toThrow(/two inputs/)
    const greedy = { ...subject, approved_t_co2e: 1e7, is_reasoned: true }
    expect(() => replayDecision({ inputs: [greedy, good], result })).toThrow(/may be approved/)
  })
})
