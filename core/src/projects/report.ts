/**
 * The report of an analysis: everything that was computed from one measured pair, in one immutable record with a digest.
 * The same input gives the same bytes, so whoever holds the input can compute the report again.
 */
import { z } from 'zod'
import { canonicalize, digestOf } from '../certificates/canonical.ts'
import { faultsOf } from '../lib/faults.ts'
import { Problem } from '../lib/problem.ts'
import { CalibrationTable, Confidence, confidenceOf } from './confidence.ts'
import { Proposal, proposalOf, STATEMENT } from './decide.ts'
import { Ecosystem } from './ecosystems.ts'
import { integrityEffect } from './integrity-effect.ts'
import { integrityEffects, monitoredYears, PairMeasurement } from './measurement.ts'
import type { MethodInput } from './method-gates.ts'
import { ConservationParameters, conservationV1 } from './method-conservation-v1.ts'
import { IpccParameters, ipccTier1V1 } from './method-ipcc-ws2013-tier1-v1.ts'
import { MethodResult } from './method-result.ts'
import { changedSettings } from './method-settings.ts'
import { SeedParameters, seedAiV1 } from './method-seed-ai-v1.ts'
import { vm0033LikeV1, Vm0033Parameters } from './method-vm0033-like-v1.ts'
import { NextEvidence, nextEvidence } from './next-evidence.ts'
import { PlausibilityFinding, plausibilityOf } from './plausibility.ts'

/** Of the rules in this folder. It changes whenever the same input may give other bytes. */
export const RULES_VERSION = '1.1.0'

export const MethodParameters = z.strictObject({
  seed: SeedParameters.prefault({}),
  ipcc: IpccParameters.prefault({}),
  vm0033: Vm0033Parameters.prefault({}),
  conservation: ConservationParameters,
})
export type MethodParameters = z.infer<typeof MethodParameters>

/** All that a report is computed from. */
export const AnalysisInput = z.strictObject({
  kind: z.literal('project-analysis-input'),
  version: z.literal(1),
  project: z.strictObject({
    ecosystem: Ecosystem,
    latitude_deg: z.number().min(-90).max(90).nullable().describe('Of the middle of the polygon.'),
    longitude_deg: z.number().min(-180).max(180).nullable(),
  }),
  measurement: PairMeasurement,
  parameters: MethodParameters.prefault({}),
  calibration: CalibrationTable.nullable().default(null),
})
export type AnalysisInput = z.infer<typeof AnalysisInput>

const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)
const Codes = z.array(z.string().max(80))

export const AnalysisReport = z.strictObject({
  kind: z.literal('project-analysis-report'),
  version: z.literal(1),
  rules_version: z.string().max(20),
  input_digest: Digest,
  project: AnalysisInput.shape.project,
  monitored: z.strictObject({
    before: z.iso.date().nullable(),
    after: z.iso.date().nullable(),
    years: z.number().min(0).nullable().describe('(after − before) ÷ 365.25. Years to come are never counted.'),
  }),
  measurement: PairMeasurement,
  confidence: Confidence,
  methods: z.array(MethodResult),
  plausibility: z.array(PlausibilityFinding),
  integrity: z.strictObject({
    effect: z.enum([...integrityEffects, 'none']),
    blocks: Codes,
    flags: Codes,
    informs: Codes,
    checks: z.number().int().min(0),
  }),
  proposal: Proposal,
  next_evidence: z.array(NextEvidence),
  statement: z.strictObject({ en: z.string(), fr: z.string() }),
  report_digest: Digest.describe('SHA-256 of the canonical JSON (RFC 8785) of all other fields.'),
})
export type AnalysisReport = z.infer<typeof AnalysisReport>

/** Reads an input, filling in defaults. @throws Problem `projects/invalid-analysis` with every fault. */
export function readAnalysisInput(value: unknown): AnalysisInput {
  const parsed = AnalysisInput.safeParse(value)
  if (parsed.success) return parsed.data
  const faults = faultsOf(parsed.error, value)
  throw new Problem('projects/invalid-analysis', {
    detail: `${faults[0]?.path ?? ''}: ${faults[0]?.message ?? 'This is no input of an analysis.'}`,
    faults,
  })
}

/** Computes the report. @throws Problem `projects/invalid-analysis` for parameters that contradict each other. */
export function reportOf(input: AnalysisInput): AnalysisReport {
  const { project, measurement, parameters, calibration } = input
  const { ecosystem, latitude_deg } = project
  const confidence = confidenceOf(measurement, ecosystem, calibration)
  const methods = methodsOf({ ecosystem, measurement, confidence_score: confidence.score }, parameters)
  const plausibility = plausibilityOf({ ecosystem, latitude_deg, measurement, methods })
  const report = {
    kind: 'project-analysis-report' as const,
    version: 1 as const,
    rules_version: RULES_VERSION,
    input_digest: digestOf(input),
    project,
    monitored: {
      before: measurement.before.captured_on,
      after: measurement.after.captured_on,
      years: monitoredYears(measurement),
    },
    measurement,
    confidence,
    methods,
    plausibility,
    integrity: integrityEffect(measurement.integrity),
    proposal: proposalOf({ measurement, confidence, methods, plausibility }),
    next_evidence: nextEvidence(measurement, ecosystem, calibration),
    statement: { ...STATEMENT },
  }
  return { ...report, report_digest: digestOf(report) }
}

/** The methods side by side, in their fixed order. */
export function methodsOf(input: MethodInput, parameters: MethodParameters): MethodResult[] {
  return [
    seedAiV1(input, parameters.seed),
    ipccTier1V1(input, parameters.ipcc),
    vm0033LikeV1(input, parameters.vm0033),
    conservationV1(input, parameters.conservation),
  ].map((result) => ({
    ...result,
    warnings: [...result.warnings, ...changedSettings(result.method_id, result.parameters)],
  }))
}

/** The bytes that are stored and hashed. */
export function reportText(report: AnalysisReport): string {
  return canonicalize(report)
}

/** Whether a stored report is what its digest says. */
export function hasOwnDigest({ report_digest, ...rest }: AnalysisReport): boolean {
  return digestOf(rest) === report_digest
}
