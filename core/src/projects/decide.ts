/**
 * What a confidence asks for, and what is proposed to a reviewer. A proposal approves nothing: a person does.
 */
import { z } from 'zod'
import { ln } from '../lib/exact-math.ts'
import type { Confidence } from './confidence.ts'
import { integrityEffect } from './integrity-effect.ts'
import type { PairMeasurement } from './measurement.ts'
import { Message, message } from './message.ts'
import { methodIds, roundTo, type MethodId, type MethodResult } from './method-result.ts'
import type { PlausibilityFinding } from './plausibility.ts'

export const levelNames = [
  'approve_full',
  'approve_with_monitoring',
  'approve_partial',
  'more_evidence',
  'manual_review',
] as const
export type LevelName = (typeof levelNames)[number]

export interface Level {
  level: LevelName
  /** The level holds from this score up to the next one, which is no longer in it. */
  score_min: number
  action: string
  /** What may be approved without a reviewer's own figure. */
  share: 'all' | 'part' | 'none' | 'manual'
}

/** The five levels of the source, each with its action. */
export const levels: readonly Level[] = [
  { level: 'approve_full', score_min: 85, action: 'Approve full credits', share: 'all' },
  { level: 'approve_with_monitoring', score_min: 70, action: 'Approve with monitoring', share: 'all' },
  { level: 'approve_partial', score_min: 55, action: 'Approve partial credits', share: 'part' },
  { level: 'more_evidence', score_min: 40, action: 'Require additional evidence', share: 'none' },
  { level: 'manual_review', score_min: 0, action: 'Require manual review', share: 'manual' },
]

export function levelOf(score: number): Level {
  const found = levels.find(({ score_min }) => score >= score_min) ?? levels.at(-1)
  if (found === undefined) throw new RangeError('there are levels')
  return found
}

/** Below this a second person confirms what the first decided. */
export const SECOND_REVIEWER_BELOW = 40

/** Printed on every result. */
export const STATEMENT = {
  en: 'Estimate from imagery and default factors. Not a validated or verified credit. Additionality, ownership, leakage and permanence are declared by the project, not measured here.',
  fr: 'Estimation à partir d’images et de facteurs par défaut. Ce n’est pas un crédit validé ou vérifié. L’additionnalité, la propriété, les fuites et la permanence sont déclarées par le projet, et non mesurées ici.',
} as const

export const outcomes = ['gain', 'loss', 'no_change', 'cannot_tell'] as const

export const MethodProposal = z.strictObject({
  method_id: z.enum(methodIds),
  unit: z.string().max(60),
  fraction: z.number().min(0).max(1).nullable().describe('Of the estimate; null where only a person can say.'),
  fraction_from_uncertainty: z.number().min(0).max(1).nullable().describe('Lower bound at 90 % ÷ estimate.'),
  credits: z.number().min(0).nullable().describe('In `unit`; null: nothing is shown as credit.'),
  t_co2e: z.number().min(0).nullable().describe('Whole tonnes that could be approved by this method.'),
  because: z.array(Message),
})
export type MethodProposal = z.infer<typeof MethodProposal>

export const Proposal = z.strictObject({
  level: z.enum(levelNames),
  action: z.string().max(80),
  outcome: z.enum(outcomes),
  method_id: z.enum(methodIds).nullable().describe('The method whose tonnes are proposed; null where none are.'),
  methods: z.array(MethodProposal),
  developer_sees: Message,
  reviewer_sees: Message,
  monitoring_window: z.strictObject({ from: z.iso.date(), to: z.iso.date() }).nullable(),
  reason_needed: z.boolean().describe('Whether an approval needs its reason in writing.'),
  second_reviewer: z.boolean(),
  /** Nothing is ever approved by this record itself. */
  approved: z.literal(false),
})
export type Proposal = z.infer<typeof Proposal>

export interface DecisionInput {
  measurement: PairMeasurement
  confidence: Confidence
  methods: readonly MethodResult[]
  plausibility: readonly PlausibilityFinding[]
}

type Outcome = (typeof outcomes)[number]

/** Which method speaks where several can: the strictest first. The source's own formula is never preferred to a standard. */
const preference: readonly MethodId[] = ['vm0033-like', 'ipcc-ws2013-tier1', 'conservation', 'seed-ai']

/** The level of a measurement with what it means for each method. */
export function proposalOf(input: DecisionInput): Proposal {
  const { measurement, confidence, plausibility } = input
  const level = levelOf(confidence.score)
  const outcome = outcomeOf(confidence)
  const methods = input.methods.map((result) => proposeMethod(result, level, outcome, plausibility))
  const flagged =
    integrityEffect(measurement.integrity).flags.length > 0 || plausibility.some(({ effect }) => effect !== 'inform')
  const proposed = preference.find((id) => methods.some((each) => each.method_id === id && (each.t_co2e ?? 0) > 0))
  return {
    level: level.level,
    action: level.action,
    outcome,
    method_id: proposed ?? null,
    methods,
    developer_sees: sentenceFor('developer', level, outcome, confidence),
    reviewer_sees: sentenceFor('reviewer', level, outcome, confidence),
    monitoring_window: level.level === 'approve_with_monitoring' ? nextWindow(measurement.after.captured_on) : null,
    reason_needed: level.share !== 'all' || flagged || hasOwnSettings(input.methods),
    second_reviewer: confidence.score < SECOND_REVIEWER_BELOW,
    approved: false,
  }
}

/** Whether any method was computed with other settings than its own. */
function hasOwnSettings(methods: readonly MethodResult[]): boolean {
  return methods.some(
    ({ value, warnings }) => value !== null && warnings.some(({ code }) => code === 'setting-changed'),
  )
}

function outcomeOf({ effect }: Confidence): Outcome {
  if (effect === null) return 'cannot_tell'
  return effect.direction === 'none' ? 'no_change' : effect.direction
}

function proposeMethod(
  result: MethodResult,
  level: Level,
  outcome: Outcome,
  plausibility: readonly PlausibilityFinding[],
): MethodProposal {
  const { method_id, unit, value, uncertainty } = result
  const from_uncertainty =
    uncertainty === null ? null : roundDown(Math.max(0, 1 - uncertainty.relative_half_width_90), 2)
  const base = { method_id, unit, fraction_from_uncertainty: from_uncertainty }
  const nothing = (because: Message[]) => ({ ...base, fraction: null, credits: null, t_co2e: null, because })
  if (value === null) return nothing(result.reasons)
  const blocks = plausibility.filter(
    (each) => each.effect === 'block' && (each.method_id === null || each.method_id === method_id),
  )
  if (blocks.length > 0) return nothing(blocks.map(({ says }) => says))
  if (level.share === 'manual') return nothing([message('only-a-person-can-say')])
  const { fraction, because } = fractionOf(result, level, outcome, from_uncertainty)
  const credits = roundTo(value * fraction, 6)
  return { ...base, fraction, credits, t_co2e: tonnesOf(result, fraction), because }
}

function fractionOf({ method_id }: MethodResult, level: Level, outcome: Outcome, from_uncertainty: number | null) {
  // Keeping what stands is what conservation is for; everything else pays for something new.
  if (outcome === 'no_change' && method_id !== 'conservation')
    return { fraction: 0, because: [message('no-change-no-credits')] }
  if (outcome === 'loss') return { fraction: 0, because: [message('loss-no-credits')] }
  if (level.share === 'none') return { fraction: 0, because: [message('nothing-until-more-evidence')] }
  if (level.share === 'all') return { fraction: 1, because: [] }
  const fraction = from_uncertainty ?? 0
  return { fraction, because: [message('partial-by-uncertainty', { percent: Math.round(100 * fraction) })] }
}

/** Whole tonnes: a credit is one. VM0033's units are tonnes already, after buffer and deductions. */
function tonnesOf({ method_id, value, t_co2e }: MethodResult, fraction: number): number {
  const tonnes = method_id === 'vm0033-like' ? value : t_co2e
  return Math.floor(roundTo((tonnes ?? 0) * fraction, 6))
}

function roundDown(value: number, decimals: number): number {
  const scale = Number(`1e${decimals}`)
  return Math.floor(roundTo(value * scale, 6)) / scale
}

function sentenceFor(
  who: 'developer' | 'reviewer',
  { level }: Level,
  outcome: Outcome,
  confidence: Confidence,
): Message {
  if (outcome === 'cannot_tell') return message(`${who}-cannot-tell`)
  const facts = { score: confidence.score, weakest: weakestOf(confidence) }
  if (outcome === 'no_change' && level !== 'manual_review' && level !== 'more_evidence')
    return message(`${who}-no-change`, facts)
  return message(`${who}-${level.replaceAll('_', '-')}`, facts)
}

/** The component that costs the most: weight × how far it is from 1, in logarithms. */
function weakestOf({ components }: Confidence): string {
  const [worst] = [...components].filter(({ counted }) => counted).sort((a, b) => costOf(b) - costOf(a))
  return worst?.component ?? 'none'
}

function costOf({ value, weight }: Confidence['components'][number]): number {
  return value <= 0 ? Infinity : -weight * ln(value)
}

const DAY_MS = 86_400_000
const WINDOW_DAYS = 30

/** A month around the anniversary of the after picture: the same season, a year on. */
function nextWindow(captured_on: string | null): { from: string; to: string } | null {
  if (captured_on === null) return null
  const year = String(Number(captured_on.slice(0, 4)) + 1).padStart(4, '0')
  // A leap day has no anniversary in most years; the day before is near enough.
  const day = captured_on.slice(5) === '02-29' ? '02-28' : captured_on.slice(5)
  const middle = Date.parse(`${year}-${day}`)
  const shown = (ms: number) => new Date(ms).toISOString().slice(0, 10)
  return { from: shown(middle - WINDOW_DAYS * DAY_MS), to: shown(middle + WINDOW_DAYS * DAY_MS) }
}
