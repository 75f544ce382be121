import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { canonicalize, digestOf } from '../certificates/canonical.ts'
import { ProjectAnalysisFacts } from '../certificates/kinds/project-analysis.ts'
import { analysisEvidence, analysisFacts, replayAnalysis } from './analysis-evidence.ts'
import { recordOf } from './analysis-record.ts'
import { levels } from './decide.ts'
import type { MeasuredPair, PairMeasurement } from './measurement.ts'
import { areaOf } from './measurement.ts'
import { AnalysisReport, hasOwnDigest, readAnalysisInput, reportOf, reportText, type AnalysisInput } from './report.ts'
import { remedies } from './next-evidence.ts'
import { guards } from './plausibility.ts'
import { moveProject, movesFrom, projectStates, transitions } from './states.ts'
import { indexOf, pairWith, unmeasured } from './testing-measurement.ts'
import { levelWords } from './words-of-decisions.ts'
import { allRuleWords, sentenceOf } from './words.ts'

const inputOf = (measurement: PairMeasurement, changes: object = {}): AnalysisInput =>
  readAnalysisInput({
    kind: 'project-analysis-input',
    version: 1,
    project: { ecosystem: 'mangrove', latitude_deg: 14.6, longitude_deg: -16.9 },
    measurement,
    parameters: { ipcc: { climate: 'tropical_dry', salinity_ppt: 35 } },
    ...changes,
  })
/** A rise that no guard wonders at. */
const calm = { cover: { share: { before: 0.1, after: 0.4, threshold: 0.4, sigma: 0.02 }, carlson_ripley: null } }
const of = (changes: Partial<MeasuredPair> = {}) => reportOf(inputOf(pairWith(changes)))
const subject = {
  analysis_id: 'ana_1',
  project_id: 'prj_1',
  files: [{ role: 'before' as const, digest: `sha256:${'a'.repeat(64)}` }],
  engine_digest: `sha256:${'e'.repeat(64)}`,
}

describe('a report', () => {
  let good: AnalysisReport
  beforeAll(() => {
    good = of()
  })

  test('has the form that it promises, and a digest of its own', () => {
    expect(AnalysisReport.parse(good)).toEqual(good)
    expect(hasOwnDigest(good)).toBe(true)
    expect(hasOwnDigest({ ...good, rules_version: '0.0.0' })).toBe(false)
  })

  test('is the same, byte for byte, from the same input, whatever the order of its keys', () => {
    const input = inputOf(pairWith())
    const turned = JSON.parse(JSON.stringify(input, Object.keys(flatKeys(input)).sort().reverse())) as unknown
    expect(reportText(reportOf(readAnalysisInput(turned)))).toBe(reportText(good))
    expect(reportText(AnalysisReport.parse(JSON.parse(reportText(good))))).toBe(reportText(good))
  })

  test('holds every method side by side with its own unit, and the sentence of what it is not', () => {
    expect(good.methods.map(({ method_id, unit, outcome }) => [method_id, unit, outcome])).toEqual([
      ['seed-ai', 'seed credit units', 'applicable'],
      ['ipcc-ws2013-tier1', 't CO2e', 'applicable'],
      ['vm0033-like', 'VM0033-like units (t CO2e)', 'not_applicable'],
      ['conservation', 't CO2e', 'not_applicable'],
    ])
    expect(good.statement.en).toMatch(
      /^Estimate from imagery and default factors\. Not a validated or verified credit\./,
    )
    expect(good.proposal.approved).toBe(false)
  })

  test('proposes the standard’s tonnes before the source’s own formula', () => {
    expect(good.proposal).toMatchObject({ level: 'approve_full', outcome: 'gain', method_id: 'ipcc-ws2013-tier1' })
    expect(recordOf(good)).toMatchObject({
      confidence_score: good.confidence.score,
      ndvi_improvement: 0.45,
      land_transformation_score: 2.5,
      methodology_id: 'ipcc-ws2013-tier1',
      vegetation_change_percentage: 70,
    })
  })

  test('of a claim without any polygon, of no date, of nothing measured: still a report, and no number as a credit', () => {
    for (const measurement of [
      unmeasured('bands-unknown'),
      pairWith({ before: { ...pairWith().before, captured_on: null } }),
      pairWith({ area: areaOf({ claimed_ha: 10, polygon_ha: 2, measured_ha: null }) }),
    ]) {
      const report = reportOf(inputOf(measurement))
      expect(AnalysisReport.safeParse(report).success).toBe(true)
      expect(report.proposal.methods.filter(({ credits }) => (credits ?? 0) > 0)).toEqual([])
      expect(recordOf(report).tco2e).toBeNull()
    }
  })

  test('whoever changes a setting of a method is named, and gives a reason; inputs of the project are no such change', () => {
    const settingsOf = (parameters: object) => {
      const { methods, proposal } = reportOf(inputOf(pairWith(calm), { parameters }))
      const changed = methods.flatMap(({ warnings }) => warnings.filter(({ code }) => code === 'setting-changed'))
      return [changed.map(({ facts }) => facts.setting), proposal.reason_needed]
    }
    const ipcc = { climate: 'tropical_dry', salinity_ppt: 35 }
    expect(settingsOf({ ipcc })).toEqual([[], false])
    expect(settingsOf({ ipcc: { ...ipcc, gwp_ch4: 1 }, seed: { project_bonus_multiplier: 5 } })).toEqual([
      ['project_bonus_multiplier', 'gwp_ch4'],
      true,
    ])
  })

  test('a claim of next to nothing is still an area error that can be told', () => {
    const area = areaOf({ claimed_ha: Number.MIN_VALUE, polygon_ha: 1e7, measured_ha: null })
    expect(reportOf(inputOf(pairWith({ area }))).proposal.method_id).toBeNull()
  })

  test('a colour picture: never NDVI, never approved by its score', () => {
    const index = indexOf(0.05, 0.4, { kind: 'greenness', formula: 'NGRDI' })
    const report = of({ evidence_class: 'E3', index })
    expect(recordOf(report).ndvi_improvement).toBeNull()
    expect(report.confidence.score).toBeLessThanOrEqual(69)
    expect(report.proposal.level).toBe('more_evidence')
  })

  test.each<[string, Partial<MeasuredPair>]>([
    // 2015-08-20 to 2015-09-09: a clouded date gave ΔNDVI +0.516; November to July of one year +0.222, nothing restored.
    ['a clouded before', { valid_fraction_before: 0, index: indexOf(0.1, 0.616) }],
    ['a winter before', { season_gap_days: 120, index: indexOf(0.3, 0.522) }],
  ])('%s earns nothing, however green the after is', (_, changes) => {
    const { proposal, methods } = of(changes)
    expect(methods.filter(({ value }) => value !== null)).toEqual([])
    expect(proposal.methods.every(({ credits }) => credits === null)).toBe(true)
  })

  test('of any measurement that has the form holds only numbers, whole messages and no negative credit', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true })
    const index = fc.double({ min: -1, max: 1, noNaN: true })
    const any = fc.record({
      before: share,
      after: share,
      mean_before: index,
      mean_after: index,
      sigma: fc.double({ min: 1e-6, max: 1, noNaN: true }),
      claimed_ha: fc.double({ min: 0.001, max: 1e6, noNaN: true }),
      polygon_ha: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: null }),
      day: fc.constantFrom('2015-02-28', '2020-02-29', '2024-01-11', null),
    })
    fc.assert(
      fc.property(any, ({ before, after, mean_before, mean_after, sigma, claimed_ha, polygon_ha, day }) => {
        const report = of({
          index: indexOf(mean_before, mean_after, { sigma }),
          cover: { share: { before, after, threshold: 0.4, sigma: null }, carlson_ripley: null },
          area: areaOf({ claimed_ha, polygon_ha, measured_ha: null }),
          before: { ...pairWith().before, captured_on: day },
        })
        expect(AnalysisReport.safeParse(report).success).toBe(true)
        expect(replayAnalysis(analysisEvidence(subject, inputOf(report.measurement))).same).toBe(true)
      }),
      { numRuns: 25 },
    )
  })

  test('an input with faults is refused with every one of them', () => {
    const broken = { kind: 'project-analysis-input', version: 1, project: {}, measurement: { outcome: 'measured' } }
    expect(() => readAnalysisInput(broken)).toThrow(expect.objectContaining({ type: 'projects/invalid-analysis' }))
    expect(() => readAnalysisInput(null)).toThrow(expect.objectContaining({ type: 'projects/invalid-analysis' }))
  })
})

/** All keys at any depth, so that `JSON.stringify` writes them in another order. */
function flatKeys(value: unknown, found: Record<string, true> = {}): Record<string, true> {
  if (typeof value === 'object' && value !== null)
    for (const [key, member] of Object.entries(value)) {
      found[key] = true
      flatKeys(member, found)
    }
  return found
}

describe('the evidence of a certificate', () => {
  const evidence = analysisEvidence(subject, inputOf(pairWith()))
  const travelled = JSON.parse(canonicalize(evidence)) as typeof evidence

  test('states what the certificate asks for', () => {
    const facts = {
      ...analysisFacts(evidence),
      inputs: { count: 2, digest: digestOf(evidence.inputs) },
      result_digest: digestOf(evidence.result),
      subject_commitment: `sha256:${'c'.repeat(64)}`,
    }
    expect(ProjectAnalysisFacts.parse(facts)).toEqual(facts)
  })

  test('computes to the same digits after its travel', () => {
    expect(replayAnalysis(travelled)).toEqual({ same: true, result_digest: digestOf(evidence.result) })
  })

  test('names where a number was changed: in the result, and in what was measured', () => {
    const richer = structuredClone(travelled)
    const seed = richer.result.report.methods[0]
    if (seed) seed.value = 1_000_000
    expect(replayAnalysis(richer).first_difference).toMatchObject({
      path: '/report/methods/0/value',
      expected: 1_000_000,
    })
    const greener = structuredClone(travelled)
    greener.inputs[1].measurement.area.edge_uncertainty_fraction = 0
    expect(replayAnalysis(greener).first_difference).toMatchObject({
      path: '/report/measurement/area/edge_uncertainty_fraction',
    })
  })

  test.each([[[]], [[{}, {}]], [[subject, {}]], [[subject, null, null]]])('%j is refused, not computed', (inputs) => {
    expect(() => replayAnalysis({ inputs, result: {} })).toThrow(
      expect.objectContaining({ type: 'projects/invalid-analysis' }),
    )
  })
})

describe('words', () => {
  const here = new URL('.', import.meta.url)
  const rules = readdirSync(here)
    .filter((name) => /^(?:method|vm0033|confidence|decide|next-evidence|plausibility)/.test(name))
    .filter((name) => !name.endsWith('.test.ts'))
    .map((name) => readFileSync(new URL(name, here), 'utf8'))
    .join('\n')

  test('every code that a rule raises is said in both languages', () => {
    const raised = [...rules.matchAll(/(?:refuse|warn|message)\(\s*'([a-z0-9-]+)'/g)].map(([, code]) => code ?? '')
    expect(new Set(raised).size).toBeGreaterThan(50)
    expect([...new Set(raised)].filter((code) => !(code in allRuleWords))).toEqual([])
  })

  test('so is every guard, every remedy, and every level to either reader', () => {
    const built = [
      ...guards.map((guard) => `guard-${guard}`),
      ...remedies,
      ...levels.flatMap(({ level }) => [`developer-${level}`, `reviewer-${level}`]),
    ]
    expect(levels.map(({ level }) => levelWords[level].action[0])).toEqual(levels.map(({ action }) => action))
    expect(built.map((code) => code.replaceAll('_', '-')).filter((code) => !(code in allRuleWords))).toEqual([])
  })

  test('whatever a report says is a whole sentence in both languages', () => {
    const reports = [
      of(),
      of({ evidence_class: 'E5' }),
      of({ season_gap_days: 120 }),
      reportOf(inputOf(unmeasured('x'))),
    ]
    const codes = ['x']
    for (const { code, facts } of reports.flatMap(messagesIn)) {
      if (codes.includes(code)) continue
      const { en, fr } = sentenceOf({ code, facts })
      expect(
        [en, fr].filter((text) => /[{}]|–$|undefined/.test(text) || !/[.!?]$/.test(text)),
        code,
      ).toEqual([])
    }
  })

  test('what is only said where it is known is left out where it is not', () => {
    expect(sentenceOf({ code: 'crs-missing', facts: {} }).en).toBe(
      'The file does not say where on Earth its pixels lie.',
    )
    expect(sentenceOf({ code: 'bands-unknown', facts: { side: 'after', why: 'no-evidence' } }).fr).toBe(
      'On ne sait pas quelle bande est laquelle dans l’image « après » : le fichier ne le dit pas, et aucun capteur n’est nommé. Nommez les bandes de la preuve (« bands ») et relancez l’analyse.',
    )
  })

  test('numbers are written as each language writes them', () => {
    const said = sentenceOf({ code: 'confidence-residual', facts: { residual_px: 0.25 } })
    expect([said.en.includes('0.25'), said.fr.includes('0,25')]).toEqual([true, true])
  })

  test('a code of another time is shown as it was stored', () => {
    expect(sentenceOf({ code: 'gone', facts: { a: 1 } }).en).toBe('gone (a 1)')
  })
})

function messagesIn(value: unknown): { code: string; facts: Record<string, number> }[] {
  if (typeof value !== 'object' || value === null) return []
  const own = 'code' in value && 'facts' in value ? [value as { code: string; facts: Record<string, number> }] : []
  return [...own, ...Object.values(value).flatMap(messagesIn)]
}

describe('states', () => {
  const all = () => true
  test('from a draft to an approval, each by who may', () => {
    expect(moveProject('draft', 'register', all)).toBe('registered')
    expect(moveProject('registered', 'collect_evidence', all)).toBe('evidence_collection')
    expect(moveProject('evidence_collection', 'analyse', 'system')).toBe('analysed')
    expect(moveProject('analysed', 'take_up', all)).toBe('in_review')
    expect(moveProject('in_review', 'approve', all)).toBe('approved')
  })

  test('nobody moves a project to where a measurement would, and nothing skips the review', () => {
    const refusal = expect.objectContaining({ type: 'projects/wrong-move' })
    expect(() => moveProject('evidence_collection', 'analyse', all)).toThrow(refusal)
    expect(() => moveProject('analysed', 'approve', all)).toThrow(refusal)
    expect(() => moveProject('in_review', 'approve', 'system')).toThrow(refusal)
    expect(() => moveProject('in_review', 'approve', (permission) => permission === 'projects.manage')).toThrow(refusal)
    expect(movesFrom('draft', () => false)).toEqual([])
  })

  test('every state but the first can be reached, and a withdrawn project stays so', () => {
    const reached = new Set(transitions.map(({ to }) => to))
    expect(projectStates.filter((state) => state !== 'draft' && !reached.has(state))).toEqual([])
    expect(movesFrom('withdrawn', all)).toEqual([])
  })

  test('whoever holds nothing moves nothing', () => {
    fc.assert(
      fc.property(fc.constantFrom(...projectStates), fc.constantFrom(...transitions), (state, { move }) => {
        expect(() => moveProject(state, move, () => false)).toThrow(/is not moved by/)
      }),
    )
  })
})
