/** What travels with the certificate of an analysis, and how anybody computes it again. */
import { z } from 'zod'
import { decimalOf, digestOf } from '../certificates/canonical.ts'
import { faultsOf } from '../lib/faults.ts'
import { pointer, Problem } from '../lib/problem.ts'
import { roundTo, type MethodResult } from './method-result.ts'
import { readAnalysisInput, reportOf, type AnalysisInput, type AnalysisReport } from './report.ts'

/** Whom and which files an analysis is about; no name of anybody. */
export const AnalysisSubject = z.strictObject({
  analysis_id: z.string().min(1).max(80),
  project_id: z.string().min(1).max(80),
  files: z
    .array(
      z.strictObject({
        role: z.enum(['before', 'after', 'supporting']),
        digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
      }),
    )
    .min(1)
    .max(200),
  engine_digest: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/)
    .describe('Of the program that computed the methods.'),
})
export type AnalysisSubject = z.infer<typeof AnalysisSubject>

/** What the certificate states, in the names of its facts, with the report that it was taken from. */
export interface AnalysisStatement {
  analysis_id: string
  project_id: string
  files: AnalysisSubject['files']
  evidence_class: string
  methods: {
    name: string
    version: string
    engine_digest: string
    result: string | null
    unit: string
    interval?: { low: string; high: string }
  }[]
  confidence: { score: string; calibration: string }
  decision_level: string
  report_digest: string
  report: AnalysisReport
}

/** Inputs and result as certificates take them: `{ inputs: [subject, input], result }`. */
export function analysisEvidence(subject: AnalysisSubject, input: AnalysisInput) {
  return { inputs: [subject, input] as [AnalysisSubject, AnalysisInput], result: statementOf(subject, reportOf(input)) }
}

/** The facts of a certificate `project_analysis`, without whom they are about and the digests of the evidence. */
export function analysisFacts({ result }: { result: AnalysisStatement }): Omit<AnalysisStatement, 'report'> {
  const { report: _report, ...facts } = result
  return facts
}

function statementOf(subject: AnalysisSubject, report: AnalysisReport): AnalysisStatement {
  const { engine_digest, ...about } = subject
  const { confidence, measurement, methods, proposal, report_digest } = report
  return {
    ...about,
    evidence_class: measurement.evidence_class.toLowerCase(),
    methods: methods.map((method) => ({
      name: method.method_id,
      version: method.method_version,
      engine_digest,
      result: method.value === null ? null : decimalOf(method.value),
      unit: method.unit,
      ...intervalOf(method),
    })),
    // Scores have one decimal, so a share has three.
    confidence: {
      score: decimalOf(roundTo(confidence.score / 100, 3)),
      calibration: confidence.calibration.replaceAll('-', '_'),
    },
    decision_level: proposal.level,
    report_digest,
    report,
  }
}

function intervalOf({ value, uncertainty }: MethodResult) {
  if (value === null || uncertainty === null) return {}
  const half = value * uncertainty.relative_half_width_90
  return {
    interval: { low: decimalOf(roundTo(Math.max(0, value - half), 6)), high: decimalOf(roundTo(value + half, 6)) },
  }
}

export interface AnalysisReplay {
  same: boolean
  /** Digest of the result as it came out now. */
  result_digest: string
  /** The first place where the two part, as a JSON Pointer into the result. */
  first_difference?: { path: string; expected: unknown; found: unknown }
}

/**
 * Computes an analysis again from what travels with its certificate, and names the first difference.
 * @throws Problem `projects/invalid-analysis` when the evidence cannot be read.
 */
export function replayAnalysis({ inputs, result }: { inputs: readonly unknown[]; result: unknown }): AnalysisReplay {
  const [about, computed_from] = inputs
  if (inputs.length !== 2) {
    throw new Problem('projects/invalid-analysis', {
      detail: `An analysis travels with two inputs, whom it is about and what was measured; these are ${inputs.length}.`,
    })
  }
  const subject = AnalysisSubject.safeParse(about)
  if (!subject.success) {
    const faults = faultsOf(subject.error, about, '/inputs/0')
    throw new Problem('projects/invalid-analysis', {
      detail: faults[0]?.message ?? 'The subject cannot be read.',
      faults,
    })
  }
  const found = statementOf(subject.data, reportOf(readAnalysisInput(computed_from)))
  const first_difference = firstDifferenceOf(result, found)
  const result_digest = digestOf(found)
  return first_difference ? { same: false, result_digest, first_difference } : { same: true, result_digest }
}

/** The first place where what was certified and what came out now part, as a JSON Pointer; undefined where nowhere. */
export function firstDifferenceOf(expected: unknown, found: unknown): AnalysisReplay['first_difference'] {
  const difference = firstDifference(expected, found, [])
  return difference && { path: pointer(difference.segments), expected: difference.expected, found: difference.found }
}

interface Difference {
  segments: (string | number)[]
  expected: unknown
  found: unknown
}

/** What explains a difference comes before what follows from it, and digests come last. */
const explains_first: readonly string[] = ['report', 'rules_version', 'measurement', 'confidence', 'methods']
const rank = (key: string) => {
  if (key.endsWith('_digest')) return explains_first.length + 1
  const at = explains_first.indexOf(key)
  return at < 0 ? explains_first.length : at
}

function firstDifference(expected: unknown, found: unknown, segments: (string | number)[]): Difference | undefined {
  if (Object.is(expected, found)) return undefined
  const both = typeof expected === 'object' && typeof found === 'object' && expected !== null && found !== null
  if (!both || Array.isArray(expected) !== Array.isArray(found)) return { segments, expected, found }
  const keys = [...new Set([...Object.keys(found), ...Object.keys(expected)])].sort((a, b) => rank(a) - rank(b))
  for (const key of keys) {
    const difference = firstDifference(Reflect.get(expected, key), Reflect.get(found, key), [...segments, key])
    if (difference) return difference
  }
  return undefined
}
