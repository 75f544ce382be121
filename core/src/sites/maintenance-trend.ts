import { cusumOf, cusumThreshold, stepCusum } from '../learn/cusum.ts'
import { randomOf, type Random } from '../learn/random.ts'
import { theilSen } from '../learn/robust.ts'
import { limitOf, type IndicatorKind } from './maintenance-indicators.ts'

/** One value of an indicator: of a day, or of a waveform. */
export interface HealthPoint {
  at_ms: number
  value: number
}

export interface FailureDate {
  p10_ms: number
  p50_ms: number
  /** Null where the upper end cannot be bounded. */
  p90_ms: number | null
}

export interface Onset {
  at_ms: number
  /** When there was enough to say so. */
  noticed_ms: number
}

/** How an indicator moves since it left what was usual; per day, on the scale of the indicator. */
export interface HealthTrend {
  per_day: number
  low: number
  high: number
  point_count: number
}

export type IndicatorStatus = 'healthy' | 'watch' | 'degrading' | 'act_now' | 'insufficient_evidence'

export interface IndicatorHealth {
  status: IndicatorStatus
  /** The median of what was usual, and of the newest five; null while there is too little. */
  reference: number | null
  now: number | null
  limit: number | null
  onset: Onset | null
  trend: HealthTrend | null
  date: FailureDate | null
  /** How much of the way from the reference to the limit is gone. */
  progress: number | null
  /** Episodes that passed: dirt that the rain took away, a repair. */
  recovered: { from_ms: number; to_ms: number }[]
  missing_count: number
}

const DAY_MS = 86_400_000
/** So many values after the reference are needed before anything is said. */
export const AFTER_REFERENCE = 7
const TREND_POINTS_MIN = 8
/** A shift of 1.5 deviations that lasts is worth finding; one false alarm in so many values is borne. */
const SLACK = 0.75
const RUN_LENGTH = 20 * 365
const THRESHOLD = cusumThreshold(RUN_LENGTH, SLACK)
/** One day counts for no more than this many deviations: a single wild one gives no alarm. */
const DEVIATIONS_MAX = 3
/** A date this near calls for work now. */
const ACT_WITHIN_MS = 14 * DAY_MS
/** Nobody sees further ahead than so many times the stretch that was seen. */
const AHEAD_TIMES = 10
/** Resampling knows nothing of how worsening may change its pace: the bench says by how much more dates scatter. */
const WIDEN = 1.5

/** Whether, since when, how fast and until when an indicator gets worse. `points` in order of time. */
export function assessIndicator(
  kind: IndicatorKind,
  points: readonly HealthPoint[],
  { now_ms, own_limit, seed = 0 }: { now_ms: number; own_limit?: number | undefined; seed?: number },
): IndicatorHealth {
  const usable = kind.scale === 'log' ? points.filter(({ value }) => value > 0) : points
  const needed = kind.reference_count + Math.min(AFTER_REFERENCE, kind.reference_count)
  const none = { reference: null, now: null, limit: null, onset: null, trend: null, date: null, progress: null }
  if (usable.length < needed)
    return { ...none, status: 'insufficient_evidence', recovered: [], missing_count: needed - usable.length }
  const frame = frameOf(kind, usable, own_limit)
  const { onset, recovered } = onsetOf(frame, usable)
  const now = median(usable.slice(-5).map(({ value }) => value))
  const { reference, limit } = frame
  const health = { ...none, reference, limit, now, recovered, missing_count: 0 }
  const beyond =
    frame.limit_worse !== null && median(usable.slice(-3).map((p) => frame.worse(p.value))) >= frame.limit_worse
  if (onset === null) return { ...health, status: beyond ? 'act_now' : 'healthy' }
  const since = usable.slice(onset.index)
  const trend = trendOf(frame, since)
  const told = { at_ms: onset.at_ms, noticed_ms: onset.noticed_ms }
  const gone = frame.limit_worse === null ? null : frame.worse(now) / frame.limit_worse
  const moved = { ...health, onset: told, trend, progress: gone }
  if (beyond) return { ...moved, status: 'act_now' }
  const date = trend === null ? null : dateOf(frame, since, now_ms, randomOf(seed))
  if (date === null) return { ...moved, status: 'watch' }
  return { ...moved, date, status: date.p50_ms - now_ms <= ACT_WITHIN_MS ? 'act_now' : 'degrading' }
}

/** An indicator turned so that its reference is 0 and worse is more. */
interface Frame {
  reference: number
  limit: number | null
  limit_worse: number | null
  deviation: number
  is_log: boolean
  sign: 1 | -1
  worse: (value: number) => number
}

function frameOf(kind: IndicatorKind, points: readonly HealthPoint[], own_limit: number | undefined): Frame {
  const usual = points.slice(0, kind.reference_count)
  const reference = median(usual.map(({ value }) => value))
  const sign = kind.worse === 'up' ? 1 : -1
  const worse =
    kind.scale === 'log'
      ? (value: number) => sign * Math.log(value / reference)
      : (value: number) => sign * (value - reference)
  const rests = usual.map(({ value }) => worse(value))
  const limit = limitOf(kind, reference, own_limit)
  const spread = (1.4826 * median(rests.map(Math.abs)) || 0) * dependence(rests)
  return {
    reference,
    limit,
    limit_worse: limit === null || (kind.scale === 'log' && limit <= 0) ? null : worse(limit),
    deviation: Math.max(kind.noise_min, spread),
    is_log: kind.scale === 'log',
    sign,
    worse,
  }
}

/** Days that follow each other alike say less than their number: by the lag-1 correlation, as for a first-order process. */
function dependence(values: readonly number[]): number {
  let [products, squares] = [0, 0]
  for (let i = 0; i < values.length; i++) {
    squares += (values[i] ?? 0) ** 2
    if (i > 0) products += (values[i] ?? 0) * (values[i - 1] ?? 0)
  }
  const correlation = Math.min(0.8, Math.max(0, squares > 0 ? products / squares : 0))
  return Math.sqrt((1 + correlation) / (1 - correlation))
}

function onsetOf(
  { deviation, worse }: Frame,
  points: readonly HealthPoint[],
): { onset: (Onset & { index: number }) | null; recovered: { from_ms: number; to_ms: number }[] } {
  let state = cusumOf({ target: 0, deviation, slack: SLACK, threshold: THRESHOLD })
  let onset: (Onset & { index: number }) | null = null
  const recovered: { from_ms: number; to_ms: number }[] = []
  for (const [index, { at_ms, value }] of points.entries()) {
    if (onset !== null) {
      const recent = median(
        points.slice(Math.max(onset.index, index - 4), index + 1).map((point) => worse(point.value)),
      )
      if (index - onset.index < 5 || recent > 1.5 * deviation) continue
      recovered.push({ from_ms: onset.at_ms, to_ms: at_ms })
      onset = null
      state = { ...state, above: 0, below: 0, above_steps: 0, below_steps: 0 }
      continue
    }
    // Better than usual is not looked for: the sum below is kept empty.
    const most = DEVIATIONS_MAX * deviation
    const step = stepCusum({ ...state, below: 0, below_steps: 0 }, Math.min(most, Math.max(-most, worse(value))))
    state = step.state
    if (step.alarm?.direction !== 'up') continue
    const began = Math.max(0, index - step.alarm.began_steps_ago + 1)
    onset = { index: began, at_ms: points[began]?.at_ms ?? at_ms, noticed_ms: at_ms }
  }
  return { onset, recovered }
}

/** A trend only where it is sure that there is one, over the whole stretch and over its newer half. */
function trendOf(frame: Frame, since: readonly HealthPoint[]): HealthTrend | null {
  if (since.length < TREND_POINTS_MIN) return null
  const whole = lineOf(frame, since)
  const newer = since.length >= 2 * TREND_POINTS_MIN ? lineOf(frame, since.slice(-Math.ceil(since.length / 2))) : whole
  if (!(whole.slope_low > 0 && newer.slope_low > 0)) return null
  return { per_day: whole.slope, low: whole.slope_low, high: whole.slope_high, point_count: since.length }
}

function lineOf({ worse }: Frame, points: readonly HealthPoint[]) {
  const few = thinned(points, 120)
  const first = few[0]?.at_ms ?? 0
  return theilSen(
    few.map(({ at_ms }) => (at_ms - first) / DAY_MS),
    few.map(({ value }) => worse(value)),
  )
}

/**
 * How worsening may go on: as a power of time, from slowing down to the cube of wear that feeds on itself, and where the
 * scale is a logarithm also by a share of itself. Each turns worsening into what would be a straight line in time.
 */
interface Shape {
  to: (worse: number) => number
  from: (straight: number) => number
}

const POWERS = [2 / 3, 1, 1.5, 2, 3]

function shapesOf({ sign, is_log }: Frame): Shape[] {
  const power = (x: number, exponent: number) => Math.sign(x) * Math.abs(x) ** exponent
  // Back from the logarithm to shares of the reference.
  const share = (worse: number) => (is_log ? sign * Math.expm1(sign * worse) : worse)
  const back = (by: number) => (is_log ? sign * Math.log(Math.max(1e-9, 1 + sign * by)) : by)
  const powers = POWERS.map((exponent) => ({
    to: (worse: number) => power(share(worse), 1 / exponent),
    from: (straight: number) => back(power(straight, exponent)),
  }))
  return is_log ? [...powers, { to: (worse) => worse, from: (straight) => straight }] : powers
}

const RESAMPLES = 200
const BOOTSTRAP_POINTS = 30

/**
 * When the limit is reached: lines through resampled stretches (blocks of three, so that days that go together stay
 * together), each from the onset or from the middle, and in one of the shapes, the one that fits better more often.
 */
function dateOf(frame: Frame, since: readonly HealthPoint[], now_ms: number, random: Random): FailureDate | null {
  const { limit_worse, worse } = frame
  const first_ms = since[0]?.at_ms ?? now_ms
  if (limit_worse === null || limit_worse <= 0) return null
  const points = thinned(since, BOOTSTRAP_POINTS).map(({ at_ms, value }) => ({
    day: (at_ms - first_ms) / DAY_MS,
    worse: worse(value),
  }))
  const now_day = (now_ms - first_ms) / DAY_MS
  const shapes = shapesOf(frame)
  const shares = beliefs(points, shapes)
  const days = Float64Array.from({ length: RESAMPLES }, () => {
    const shape = shapes[pick(shares, random)] ?? shapes[0]
    const newer = points.length >= 2 * TREND_POINTS_MIN && random.next() < 0.5
    const drawn = blocksOf(newer ? points.slice(Math.floor(points.length / 2)) : points, random)
    if (shape === undefined) return Infinity
    const { slope, intercept } = fitted(drawn, shape)
    if (!(slope > 0)) return Infinity
    return Math.max(0, (shape.to(limit_worse) - intercept) / slope - now_day)
  }).sort()
  const at = (level: number) => days[Math.round(level * (days.length - 1))] ?? Infinity
  const middle = at(0.5)
  const furthest = AHEAD_TIMES * Math.max(now_day, 1)
  if (!(middle <= furthest)) return null
  const instant = (ahead: number) => now_ms + ahead * DAY_MS
  const late = middle + WIDEN * (at(0.9) - middle)
  return {
    p10_ms: instant(Math.max(0, middle - WIDEN * (middle - at(0.1)))),
    p50_ms: instant(middle),
    p90_ms: late <= furthest ? instant(late) : null,
  }
}

interface Dated {
  day: number
  worse: number
}

function fitted(points: readonly Dated[], shape: Shape) {
  return theilSen(
    points.map(({ day }) => day),
    points.map((point) => shape.to(point.worse)),
  )
}

/** Twice as far off is believed a sixteenth as often. */
const BELIEF = 4

/** How often to believe in each shape, by how close it comes to the points on the indicator's scale. */
function beliefs(points: readonly Dated[], shapes: readonly Shape[]): number[] {
  const misses = shapes.map((shape) => {
    const { slope, intercept } = fitted(points, shape)
    return median(points.map(({ day, worse }) => Math.abs(worse - shape.from(intercept + slope * day)))) + 1e-12
  })
  const best = Math.min(...misses)
  const weights = misses.map((miss) => (best / miss) ** BELIEF)
  const all = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight) => weight / all)
}

function pick(shares: readonly number[], random: Random): number {
  let left = random.next()
  return shares.findIndex((share) => (left -= share) < 0)
}

function blocksOf(points: readonly Dated[], random: Random): Dated[] {
  const drawn: Dated[] = []
  while (drawn.length < points.length) {
    const from = random.integer(Math.max(1, points.length - 2))
    drawn.push(...points.slice(from, from + 3))
  }
  // All from one place have no slope.
  return new Set(drawn.map(({ day }) => day)).size > 1 ? drawn : [...points]
}

/** Medians of neighbours, so that at most so many are left. */
function thinned(points: readonly HealthPoint[], count_max: number): HealthPoint[] {
  const size = Math.ceil(points.length / count_max)
  if (size <= 1) return [...points]
  return Array.from({ length: Math.ceil(points.length / size) }, (_, i) => {
    const group = points.slice(i * size, (i + 1) * size)
    return { at_ms: median(group.map(({ at_ms }) => at_ms)), value: median(group.map(({ value }) => value)) }
  })
}

export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort()
  const half = sorted.length >>> 1
  return sorted.length % 2 === 1 ? (sorted[half] ?? NaN) : ((sorted[half - 1] ?? NaN) + (sorted[half] ?? NaN)) / 2
}
