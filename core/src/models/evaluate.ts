import { coverageReport } from '../learn/conformal.ts'
import { fairnessOf } from '../learn/fairness.ts'
import { permutationImportance } from '../learn/importance.ts'
import { leakageOf } from '../learn/leakage.ts'
import { takeRows, type Matrix } from '../learn/matrix.ts'
import {
  auc,
  averagePrecision,
  brier,
  calibrationError,
  logLoss,
  mae,
  pinball,
  rmse,
  rSquared,
} from '../learn/metrics.ts'
import type { Scores } from './algorithm.ts'
import type { LoadedModel } from './artifact.ts'
import type { Evaluation, Metrics } from './contract.ts'
import { columnsOf, type Encoding } from './encode.ts'
import type { Frame, Row } from './frame.ts'
import { maskedCells } from './imputation.ts'
import { lossesOf, lossNames } from './losses.ts'
import type { Recipe, Task } from './recipe.ts'
import type { Parts } from './split.ts'

/** The holdout: rows that the model has not seen, with what came true and what it says. */
export interface Tested {
  model: LoadedModel
  task: Task
  recipe: Recipe
  parts: Parts
  frame: Frame
  matrix: Matrix
  scores: Scores
  target: Float64Array
  groups: readonly string[] | null
  fairness: readonly string[] | null
  times: Float64Array | null
  /** What was learnt from, with missing values as they were: some learners are given the mean in their place. */
  training: { encoding: Encoding; matrix: Matrix; target: Float64Array }
  /** A row of the holdout as a caller would send it. */
  rowAt(row: number): Row
}

/** Measures a model on the holdout. */
export function evaluate(
  model: LoadedModel,
  tested: Tested,
  { clock_us }: { clock_us(): number },
): { metrics: Metrics; evaluation: Evaluation } {
  const { task, parts } = tested
  const evaluation: Evaluation = {
    rows: {
      train: parts.train.length,
      calibration: parts.calibration.length,
      holdout: parts.holdout.length,
      left_out: parts.left_out,
    },
    split: parts.split,
    holdout_from: parts.holdout_from === null ? null : new Date(parts.holdout_from).toISOString(),
    loss: lossNames[task],
    coverage: coverageOf(model, tested),
    fairness: fairnessFound(tested),
    importance: importanceOf(model, tested),
    leakage: leaksOf(tested),
    ...(task === 'imputation' ? { fields: fieldsOf(model) } : {}),
    us_per_row: speedOf(rowsToTime(tested), model, clock_us),
  }
  return { metrics: finite({ ...metricsOf(tested), ...coverageMetrics(evaluation) }), evaluation }
}

function finite(metrics: Metrics): Metrics {
  return Object.fromEntries(Object.entries(metrics).filter(([, value]) => Number.isFinite(value)))
}

/** How each field did on cells that were masked. */
function fieldsOf({ scorer, encoding }: LoadedModel): NonNullable<Evaluation['fields']> {
  return (scorer.fields ?? []).map(({ field, on, error, error_of_median, rows }) => ({
    field: encoding.fields[field]?.name ?? '',
    on,
    error,
    error_of_median,
    rows,
  }))
}

function metricsOf({ model, frame, task, scores, target, groups, recipe }: Tested): Metrics {
  if (task === 'imputation') {
    const cells = maskedCells(model, frame)
    const filled = (model.scorer.fields ?? []).filter(({ on }) => on).length
    return { loss: cells.reduce((sum, { loss: each }) => sum + each, 0) / cells.length, fields_filled: filled }
  }
  const { value } = scores
  const losses = lossesOf(task, scores, { target, groups }, recipe.level)
  const loss = losses.length > 0 ? losses.reduce((sum, each) => sum + each, 0) / losses.length : NaN
  const spread = target.some((each) => each !== target[0])
  if (task === 'regression')
    return {
      loss,
      rmse: rmse(target, value),
      mae: mae(target, value),
      ...(spread ? { r_squared: rSquared(target, value) } : {}),
    }
  if (task === 'quantile') return { loss, mae: mae(target, value), pinball_middle: pinball(target, value, 0.5) }
  if (task === 'classification') {
    const both: Metrics = spread ? { auc: auc(target, value), average_precision: averagePrecision(target, value) } : {}
    return {
      loss,
      log_loss: logLoss(target, value),
      brier: brier(target, value),
      ece: calibrationError(target, value).ece,
      ...both,
    }
  }
  if (task === 'ranking') return { loss, ndcg_10: 1 - loss }
  if (task === 'anomaly')
    return target.some((label) => label === 1) && target.some((label) => label === 0) ? { loss, auc: 1 - loss } : {}
  return { loss }
}

function coverageMetrics({ coverage }: Evaluation): Metrics {
  return coverage && coverage.overall !== null ? { coverage: coverage.overall } : {}
}

/** How often intervals held, overall and by group. */
function coverageOf(model: LoadedModel, { task, target, groups, recipe, rowAt }: Tested): Evaluation['coverage'] {
  if ((task !== 'regression' && task !== 'quantile') || !model.calibration) return null
  const outputs = model.predict(Array.from(target, (_, row) => rowAt(row)))
  const [lower, upper] = [outputs.map((each) => each.lower ?? NaN), outputs.map((each) => each.upper ?? NaN)]
  const whole = coverageReport(target, lower, upper)
  const overall = whole.count > 0 ? whole.coverage : null
  const labels = [...new Set(groups ?? [])].sort()
  const of = (label: string) => {
    const rows = Array.from(target.keys()).filter((row) => groups?.[row] === label)
    const report = coverageReport(
      rows.map((row) => target[row] ?? NaN),
      rows.map((row) => lower[row] ?? NaN),
      rows.map((row) => upper[row] ?? NaN),
    )
    return { group: label, rows: report.count, coverage: report.coverage }
  }
  return {
    level: recipe.level,
    overall,
    groups: labels
      .map(of)
      .filter(({ rows }) => rows > 0)
      .slice(0, GROUPS_SHOWN_MAX),
  }
}

const GROUPS_SHOWN_MAX = 200

function fairnessFound({ task, fairness, recipe, target, scores }: Tested): Evaluation['fairness'] {
  if (!fairness || recipe.fairness === undefined || !['regression', 'quantile', 'classification'].includes(task))
    return null
  const kind = task === 'classification' ? 'labels' : 'numbers'
  const report = fairnessOf({
    groups: fairness.map((label) => (label === '' ? null : label)),
    actual: target,
    predicted: scores.value,
    kind,
  })
  return { column: recipe.fairness, ...report, gaps: report.gaps.slice(0, GROUPS_SHOWN_MAX) }
}

/** Rows that importance is measured on, and how often each field is shuffled: minutes otherwise. */
const IMPORTANCE_ROWS_MAX = 1_000
const IMPORTANCE_REPEATS = 3

function importanceOf(model: LoadedModel, { task, matrix, target, recipe }: Tested): Evaluation['importance'] {
  if (!['regression', 'quantile', 'classification'].includes(task) || matrix.row_count < 2) return []
  const rows = Uint32Array.from({ length: Math.min(matrix.row_count, IMPORTANCE_ROWS_MAX) }, (_, row) => row)
  const { fields } = model.encoding
  const columns = columnsOf(model.encoding)
  const together = fields.map((_, field) => columns.flatMap((column, index) => (column.field === field ? [index] : [])))
  const shuffled = together.flatMap((own, field) => (own.length > 0 ? [{ own, field }] : []))
  const { importances } = permutationImportance(
    (each) => model.score(each).value,
    takeRows(matrix, rows),
    Float64Array.from(rows, (row) => target[row] ?? NaN),
    {
      loss: (actual, predicted) => meanLoss(task, actual, predicted, recipe.level),
      repeat_count: IMPORTANCE_REPEATS,
      seed: recipe.seed,
      together: shuffled.map(({ own }) => own),
    },
  )
  return importances
    .map(({ importance_mean, importance_sd }, index) => ({
      feature: fields[shuffled[index]?.field ?? 0]?.name ?? '',
      importance: importance_mean,
      deviation: importance_sd,
    }))
    .sort((a, b) => b.importance - a.importance || (a.feature < b.feature ? -1 : 1))
}

function meanLoss(task: Task, actual: Float64Array, predicted: Float64Array, level: number): number {
  const losses = lossesOf(task, { value: predicted }, { target: actual, groups: null }, level)
  return losses.reduce((sum, each) => sum + each, 0) / losses.length
}

function leaksOf({ task, training }: Tested): Evaluation['leakage'] {
  if (!['regression', 'quantile', 'classification'].includes(task)) return []
  const columns = columnsOf(training.encoding)
  return (leakageOf(training.matrix, training.target) ?? [])
    .filter(({ suspect }) => suspect)
    .map(({ column, score, measure }) => {
      const feature = columns[column]?.name ?? ''
      const found = `${measure === 'auc' ? 'AUC' : 'R²'} ${score.toFixed(3)}`
      return {
        feature,
        says: `"${feature}" alone foretells the target (${found}): is it known when the answer is needed?`,
      }
    })
}

function rowsToTime({ target, rowAt }: Tested): Row[] {
  return Array.from({ length: Math.min(target.length, SPEED_ROWS) }, (_, row) => rowAt(row))
}

/** Single rows that speed is measured on. */
export const SPEED_ROWS = 100

/** The median over single rows, read and answered as they come over the wire; the first ones wake the code up. */
export function speedOf(rows: readonly Row[], model: LoadedModel, clock_us: () => number): number {
  const took = rows.map((row) => {
    const from = clock_us()
    model.predict([row])
    return clock_us() - from
  })
  return took.sort((a, b) => a - b)[took.length >> 1] ?? 0
}
