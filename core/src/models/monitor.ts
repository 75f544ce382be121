import { driftOf, type DriftFeature, type FeatureDrift } from '../learn/drift.ts'
import type { Encoding, Field } from './encode.ts'
import type { Row } from './frame.ts'
import type { DriftState } from './serving-contract.ts'
import type { Reference } from './train.ts'

/** One input on record. */
export interface Seen {
  at: Date
  input: Row
  value: number | null
}

type FeatureState = DriftState['features'][number]

/** Below this many inputs nothing is said about the quality of a feature. */
const QUALITY_ROWS_MIN = 50
/** How much larger a share of missing, unseen or outlying values must be to be called worse. */
const QUALITY_SLACK = 0.05
/** Rows that a day needs to be looked at alone. */
const DAY_ROWS_MIN = 30
/** What is called a drift on a single day: twice the floor, because a day is small. */
const DAY_PSI_MIN = 0.2

/**
 * Compares inputs on record with the reference of the training part, feature by feature: whether they are other ones, since
 * when, which category changed most, and whether more is missing, unseen or outside of what was there.
 */
export function driftState(
  encoding: Encoding,
  reference: Reference,
  seen: readonly Seen[],
): { features: FeatureState[]; answers: FeatureState | null; verdict: DriftState['verdict']; says: string } {
  if (seen.length === 0)
    return {
      features: [],
      answers: null,
      verdict: 'too_few_rows',
      says: 'No input is on record, so nothing can be said.',
    }
  const fields = encoding.fields.filter(({ name }) => reference.columns.some((column) => column.name === name))
  const features = fields.map((field) => sampleOf(field, reference, seen))
  const report = driftOf(features)
  const states = fields.map((field, index) => stateOf(field, report.features[index], features[index], seen))
  const answers = answersOf(reference, seen)
  const drifted = states.filter(({ verdict }) => verdict === 'drift').map(({ feature }) => feature)
  const verdict = answers?.verdict === 'drift' ? 'drift' : report.verdict
  return {
    features: states,
    answers,
    verdict,
    says: sentence(verdict, drifted, seen.length, answers?.verdict === 'drift'),
  }
}

function sentence(verdict: DriftState['verdict'], drifted: readonly string[], rows: number, answers: boolean): string {
  if (verdict === 'too_few_rows') return `Too few inputs to say that nothing has changed (n = ${rows}).`
  if (verdict === 'no_drift') return `On ${rows} inputs no feature has changed by an amount that matters.`
  const what = [...drifted.map((name) => `"${name}"`), ...(answers ? ['the answers'] : [])]
  return `Changed beyond chance, and by an amount that matters: ${what.join(', ')} (n = ${rows}).`
}

function sampleOf(field: Field, reference: Reference, seen: readonly Seen[]): DriftFeature {
  const { name } = field
  const before = reference.columns.find((column) => column.name === name)?.values ?? []
  const now = seen.map(({ input }) => input[name])
  if (field.kind === 'category') {
    const words = (values: readonly unknown[]) =>
      values.map((value) => (value === null || value === undefined ? null : String(value)))
    return { name, kind: 'category', reference: words(before), current: words(now) }
  }
  const numbers = (values: readonly unknown[]) =>
    Float64Array.from(values, (value) => (value === null || value === undefined ? NaN : Number(value)))
  return { name, kind: 'number', reference: numbers(before), current: numbers(now) }
}

function answersOf(reference: Reference, seen: readonly Seen[]): FeatureState | null {
  const current = Float64Array.from(seen.flatMap(({ value }) => (value === null ? [] : [value])))
  if (reference.answers.length === 0 || current.length === 0) return null
  const feature: DriftFeature = {
    name: 'answers',
    kind: 'number',
    reference: Float64Array.from(reference.answers),
    current,
  }
  const [found] = driftOf([feature]).features
  const field: Field = {
    name: 'answers',
    kind: 'number',
    mean: 0,
    deviation: 0,
    min: -Infinity,
    max: Infinity,
    missing_share: 0,
  }
  return found ? stateOf(field, found, feature, seen) : null
}

function stateOf(
  field: Field,
  drift: FeatureDrift | undefined,
  sample: DriftFeature | undefined,
  seen: readonly Seen[],
): FeatureState {
  const { name } = field
  const values = seen.map(({ input }) => input[name])
  const share = (holds: (value: Row[string]) => boolean) => values.filter(holds).length / values.length
  const is_missing = (value: Row[string]) => value === null || value === undefined
  const missing_share = name === 'answers' ? 0 : share(is_missing)
  const unseen_share =
    field.kind === 'category' ? share((value) => !is_missing(value) && !field.categories.includes(String(value))) : 0
  const outside_share =
    field.kind === 'number'
      ? share((value) => !is_missing(value) && (Number(value) < field.min || Number(value) > field.max))
      : 0
  const worse =
    missing_share > field.missing_share + QUALITY_SLACK || unseen_share > QUALITY_SLACK || outside_share > QUALITY_SLACK
  const drifts = drift?.verdict === 'drift'
  return {
    feature: name,
    kind: field.kind,
    verdict: drift?.verdict ?? 'not_assessable',
    because: drift?.because ?? 'It was no part of the reference.',
    psi: drift?.psi ?? null,
    ks_distance: drift?.ks_distance ?? null,
    q_value: drift?.q_value ?? null,
    since: drifts && sample ? sinceWhen(sample, seen) : null,
    slice: drifts && drift ? sliceOf(drift) : null,
    missing_share,
    missing_share_in_training: field.missing_share,
    unseen_share,
    outside_share,
    quality: seen.length < QUALITY_ROWS_MIN ? 'too_few_rows' : worse ? 'worse' : 'as-in-training',
  }
}

/** The bin whose share grew or shrank most. */
function sliceOf({ bins }: FeatureDrift): string | null {
  const [most] = [...bins].sort(
    (a, b) => Math.abs(b.current_share - b.reference_share) - Math.abs(a.current_share - a.reference_share),
  )
  if (!most) return null
  return `${most.label}: ${(100 * most.reference_share).toFixed(0)} % in training, ${(100 * most.current_share).toFixed(0)} % now`
}

/** The first of the latest days in a row that differ by themselves; the first input where days are too small to tell. */
function sinceWhen(sample: DriftFeature, seen: readonly Seen[]): string {
  const by_day = Map.groupBy([...seen.keys()], (row) => seen[row]?.at.toISOString().slice(0, 10) ?? '')
  const days = [...by_day].filter(([, rows]) => rows.length >= DAY_ROWS_MIN).sort(([a], [b]) => (a < b ? 1 : -1))
  let since: string | undefined
  for (const [day, rows] of days) {
    const [found] = driftOf([daySample(sample, rows)], { permutation_count: 99 }).features
    if ((found?.psi ?? 0) < DAY_PSI_MIN) break
    since = day
  }
  if (since !== undefined) return `${since}T00:00:00.000Z`
  const first = seen.reduce((least, { at }) => Math.min(least, at.getTime()), Infinity)
  return new Date(first).toISOString()
}

function daySample(sample: DriftFeature, rows: readonly number[]): DriftFeature {
  if (sample.kind === 'category') return { ...sample, current: rows.map((row) => sample.current[row] ?? null) }
  return { ...sample, current: Float64Array.from(rows, (row) => sample.current[row] ?? NaN) }
}

/** What is found wrong, to be raised as an alert. */
export interface Finding {
  kind: 'drift' | 'quality' | 'accuracy' | 'coverage'
  feature: string | null
  slice: string | null
  says: string
  facts: Record<string, unknown>
  since: Date
}

/** Findings of a drift state: one for each feature that changed, and one for each whose data are worse. */
export function findingsOf({ features, answers }: Pick<DriftState, 'features' | 'answers'>, first: Date): Finding[] {
  return [...features, ...(answers ? [answers] : [])].flatMap((state): Finding[] => {
    const since = state.since === null ? first : new Date(state.since)
    const { feature, slice, psi, q_value } = state
    const name = feature === 'answers' ? 'The answers have' : `"${feature}" has`
    const found: Finding[] = []
    if (state.verdict === 'drift')
      found.push({
        kind: 'drift',
        feature,
        slice,
        says: `${name} changed. ${state.because}`,
        facts: { psi, q_value },
        since,
      })
    if (state.quality === 'worse' && feature !== 'answers') {
      const { missing_share, missing_share_in_training, unseen_share, outside_share } = state
      const says = `"${feature}" is of lower quality than in training: ${percent(missing_share)} missing (${percent(missing_share_in_training)} then), ${percent(unseen_share)} unseen, ${percent(outside_share)} outside of what was there.`
      const facts = { missing_share, missing_share_in_training, unseen_share, outside_share }
      found.push({ kind: 'quality', feature, slice: null, says, facts, since: first })
    }
    return found
  })
}

/** Losses and intervals of answers whose truth is known. */
export interface Realised {
  at: Date
  loss: number
  held: boolean | undefined
}

const OUTCOMES_MIN = 50
/** By how much the loss must have grown to be worth an alert. */
const LOSS_GROWTH_MIN = 1.25

/** Whether accuracy or coverage were surely lost since the version was made. */
export function accuracyFindings(
  realised: readonly Realised[],
  trained_loss: number | undefined,
  level: number,
): Finding[] {
  const found: Finding[] = []
  if (realised.length < OUTCOMES_MIN) return found
  const since = realised.reduce((first, { at }) => (at < first ? at : first), realised[0]?.at ?? new Date(0))
  const { mean, error } = meanAndError(realised.map(({ loss }) => loss))
  if (trained_loss !== undefined && mean - 2 * error > LOSS_GROWTH_MIN * trained_loss) {
    const says = `The loss on ${realised.length} outcomes is ${(mean / trained_loss).toFixed(2)} times what it was on the holdout.`
    found.push({ kind: 'accuracy', feature: null, slice: null, says, facts: { loss: mean, trained_loss }, since })
  }
  const judged = realised.flatMap(({ held }) => (held === undefined ? [] : [Number(held)]))
  const share = judged.length > 0 ? judged.reduce((sum, each) => sum + each, 0) / judged.length : level
  const slack = 0.03 + 2 * Math.sqrt((level * (1 - level)) / Math.max(1, judged.length))
  if (judged.length >= OUTCOMES_MIN && share < level - slack) {
    const says = `Intervals of ${percent(level)} held ${percent(share)} of ${judged.length} times.`
    found.push({ kind: 'coverage', feature: null, slice: null, says, facts: { held: share, level }, since })
  }
  return found
}

function meanAndError(values: readonly number[]): { mean: number; error: number } {
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length
  const squares = values.reduce((sum, each) => sum + (each - mean) ** 2, 0)
  return { mean, error: Math.sqrt(squares / Math.max(1, values.length - 1) / values.length) }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}
