import { matrixOver, takeRows, type Matrix } from './matrix.ts'
import {
  backward,
  forward,
  layersOf,
  parameterCount,
  workspaceFor,
  type Activation,
  type Layer,
} from './dense-network.ts'
import { randomOf, range, shuffle, type Random } from './random.ts'
import { demandColumns, demandCount, demandNumbers, demandOption, refuseUnfit } from './unfit.ts'

/**
 * A small network that learns to give ordinary rows back through a narrow middle: what it cannot give back is strange.
 * (M. Sakurada and T. Yairi, MLSDA 2014.)
 */
export interface Autoencoder {
  /** The means and deviations of the columns, by which rows are standardised inside; a constant column has 1. */
  means: Float64Array
  scales: Float64Array
  layers: Layer[]
  activation: Activation
  /** All weights and biases; where each layer keeps its own, the layer says. */
  parameters: Float64Array
  history: TrainingHistory
}

export interface TrainingHistory {
  /** Epochs gone through, and the one whose parameters were kept. */
  epochs: number
  best_epoch: number
  /** The mean squared error per column of training and validation rows in the epoch kept, in deviations. */
  training_loss: number
  validation_loss: number
}

export interface AutoencoderOptions {
  /** Units of the hidden layers from first to last; by default half the columns, at least 1 and at most 64, then a quarter, then half. */
  hidden?: readonly number[]
  /** 'tanh' by default; the last layer is linear. */
  activation?: Activation
  /** Epochs at most; 200 by default. */
  epochs_max?: number
  /** Epochs without a better validation loss after which it stops; 10 by default. */
  patience?: number
  /** Rows a step; 64 by default. */
  batch_rows?: number
  /** Step size of Adam; 0.003 by default. */
  learning_rate?: number
  /** Share of the rows kept aside to know when to stop; 0.2 by default. */
  validation_share?: number
  /** Σ of squared weights (not biases) times half of this is added to the loss; 1e-5 by default. */
  weight_decay?: number
  /** 0 by default. */
  seed?: number
  /** Called after each epoch with its validation loss; throwing from it cancels the fit. */
  report?: (done: { step: number; of: number; loss: number }) => void
}

const PARAMETERS_MAX = 5_000_000

/**
 * Fits to rows that are mostly ordinary, by Adam (D. P. Kingma and J. Ba, ICLR 2015) on mini-batches, until the rows kept
 * aside are given back no better. Refuses missing values, infinities and fewer than four rows (`learn/data-unfit`).
 */
export function fitAutoencoder(matrix: Matrix, options: AutoencoderOptions = {}): Autoencoder {
  const settings = settingsOf(matrix, options)
  demandNumbers(matrix, 'refused')
  demandCount('rows', matrix.row_count, { least: 4, most: 2 ** 31 })
  const random = randomOf(settings.seed)
  const layers = layersOf([matrix.column_count, ...settings.hidden, matrix.column_count])
  demandCount('parameters', parameterCount(layers), { least: 1, most: PARAMETERS_MAX })
  const order = shuffle(range(matrix.row_count), random.fork(1))
  const validation_count = Math.min(
    matrix.row_count - 2,
    Math.max(1, Math.round(settings.validation_share * matrix.row_count)),
  )
  const training = takeRows(matrix, order.subarray(validation_count))
  // Scales come from the training rows alone: what is kept aside must not be known.
  const { means, scales } = scalesOf(training)
  const standardised = (rows: Matrix) => standardise(rows, means, scales)
  const held_out = standardised(takeRows(matrix, order.subarray(0, validation_count)))
  const first = firstParameters(layers, settings.activation, random.fork(2))
  const trained = train(layers, first, standardised(training), held_out, settings, random.fork(3))
  return { means, scales, layers, activation: settings.activation, ...trained }
}

export interface Reconstruction {
  /** The rows given back, in the units of the table. */
  rows: Matrix
  /** Of each row and column the squared error in deviations of the column: what the column adds to the score. */
  errors: Matrix
  /** Of each row the mean of its errors: the score, higher where the row is stranger. */
  scores: Float64Array
}

/** Gives rows back, and says by how much they differ. Refuses other columns, missing values and infinities (`learn/data-unfit`). */
export function reconstruct(model: Autoencoder, matrix: Matrix): Reconstruction {
  const column_count = model.means.length
  demandColumns(matrix, column_count)
  if (matrix.row_count > 0) demandNumbers(matrix, 'refused')
  const given = standardise(matrix, model.means, model.scales)
  const rows = new Float64Array(given.values.length)
  const errors = new Float64Array(given.values.length)
  const scores = new Float64Array(matrix.row_count)
  const space = workspaceFor(model.layers)
  for (let r = 0; r < matrix.row_count; r++) {
    const at = r * column_count
    const output = forward(model.layers, model.activation, model.parameters, given.values, at, space)
    for (let c = 0; c < column_count; c++) {
      rows[at + c] = model.means[c]! + model.scales[c]! * output[c]!
      errors[at + c] = (output[c]! - given.values[at + c]!) ** 2
      scores[r]! += errors[at + c]! / column_count
    }
  }
  return {
    rows: matrixOver(rows, matrix.row_count, column_count),
    errors: matrixOver(errors, matrix.row_count, column_count),
    scores,
  }
}

type Settings = Required<Omit<AutoencoderOptions, 'report'>> & Pick<AutoencoderOptions, 'report'>

function settingsOf({ column_count }: Matrix, options: AutoencoderOptions): Settings {
  const wide = Math.min(64, Math.max(1, Math.ceil(column_count / 2)))
  const {
    hidden = [wide, Math.max(1, Math.ceil(wide / 2)), wide],
    activation = 'tanh',
    epochs_max = 200,
    patience = 10,
    batch_rows = 64,
    learning_rate = 0.003,
    validation_share = 0.2,
    weight_decay = 1e-5,
    seed = 0,
    report,
  } = options
  demandCount('hidden layers', hidden.length, { least: 1, most: 20 })
  hidden.forEach((units, i) => demandOption(`hidden/${i}`, units, { least: 1, most: 10_000, whole: true }))
  demandOption('epochs_max', epochs_max, { least: 1, most: 1_000_000, whole: true })
  demandOption('patience', patience, { least: 1, most: 1_000_000, whole: true })
  demandOption('batch_rows', batch_rows, { least: 1, most: 1_000_000, whole: true })
  demandOption('learning_rate', learning_rate, { least: 1e-8, most: 1 })
  demandOption('validation_share', validation_share, { least: 0.01, most: 0.5 })
  demandOption('weight_decay', weight_decay, { least: 0, most: 1 })
  const sizes = { hidden, epochs_max, patience, batch_rows }
  return { ...sizes, activation, learning_rate, validation_share, weight_decay, seed, report }
}

function train(
  layers: Layer[],
  parameters: Float64Array,
  rows: Matrix,
  held_out: Matrix,
  settings: Settings,
  random: Random,
) {
  const { activation, epochs_max, patience, batch_rows, learning_rate, weight_decay, report } = settings
  const adam = adamFor(parameters.length, learning_rate)
  const gradient = new Float64Array(parameters.length)
  const space = workspaceFor(layers)
  const order = range(rows.row_count)
  let best = parameters.slice()
  const history: TrainingHistory = { epochs: 0, best_epoch: 0, training_loss: Infinity, validation_loss: Infinity }
  while (history.epochs < epochs_max && history.epochs - history.best_epoch < patience) {
    history.epochs++
    shuffle(order, random)
    for (let from = 0; from < order.length; from += batch_rows) {
      const batch = order.subarray(from, from + batch_rows)
      gradient.fill(0)
      for (const row of batch)
        backward(
          layers,
          activation,
          parameters,
          rows.values,
          row * rows.column_count,
          space,
          gradient,
          1 / batch.length,
        )
      for (const { weights_at, biases_at } of layers)
        for (let i = weights_at; i < biases_at; i++) gradient[i]! += weight_decay * parameters[i]!
      adam(parameters, gradient)
    }
    const validation_loss = meanLoss(layers, activation, parameters, held_out)
    if (!Number.isFinite(validation_loss)) break
    if (validation_loss < history.validation_loss) {
      best = parameters.slice()
      Object.assign(history, { validation_loss, best_epoch: history.epochs })
    }
    report?.({ step: history.epochs, of: epochs_max, loss: validation_loss })
  }
  if (history.best_epoch === 0)
    refuseUnfit('Training ran away in its first epoch; a smaller learning_rate keeps it.', [
      { path: '/options/learning_rate', code: 'diverged', message: 'A smaller step', value: learning_rate },
    ])
  history.training_loss = meanLoss(layers, activation, best, rows)
  return { parameters: best, history }
}

/** The mean squared error per column. */
export function meanLoss(layers: Layer[], activation: Activation, parameters: Float64Array, rows: Matrix): number {
  const space = workspaceFor(layers)
  let sum = 0
  for (let r = 0; r < rows.row_count; r++) {
    const at = r * rows.column_count
    const output = forward(layers, activation, parameters, rows.values, at, space)
    for (let c = 0; c < rows.column_count; c++) sum += (output[c]! - rows.values[at + c]!) ** 2
  }
  return sum / rows.values.length
}

/** Adam with the authors' β₁ = 0.9, β₂ = 0.999 and ε = 1e-8. */
function adamFor(count: number, learning_rate: number) {
  const first = new Float64Array(count)
  const second = new Float64Array(count)
  let first_weight = 1
  let second_weight = 1
  return (parameters: Float64Array, gradient: Float64Array) => {
    first_weight *= 0.9
    second_weight *= 0.999
    const step = learning_rate / (1 - first_weight)
    for (let i = 0; i < count; i++) {
      const g = gradient[i]!
      first[i] = 0.9 * first[i]! + 0.1 * g
      second[i] = 0.999 * second[i]! + 0.001 * g * g
      parameters[i]! -= (step * first[i]!) / (Math.sqrt(second[i]! / (1 - second_weight)) + 1e-8)
    }
  }
}

/** Glorot's even spread for tanh, He's for relu (AISTATS 2010, ICCV 2015); biases begin at 0. */
function firstParameters(layers: Layer[], activation: Activation, random: Random): Float64Array {
  const parameters = new Float64Array(parameterCount(layers))
  layers.forEach(({ inputs, outputs, weights_at, biases_at }, k) => {
    const is_relu = activation === 'relu' && k < layers.length - 1
    const bound = Math.sqrt(6 / (is_relu ? inputs : inputs + outputs))
    for (let i = weights_at; i < biases_at; i++) parameters[i] = bound * (2 * random.next() - 1)
  })
  return parameters
}

function scalesOf({ values, row_count, column_count }: Matrix) {
  const means = new Float64Array(column_count)
  const scales = new Float64Array(column_count).fill(1)
  for (let c = 0; c < column_count; c++) {
    for (let r = 0; r < row_count; r++) means[c]! += values[r * column_count + c]! / row_count
    let squares = 0
    for (let r = 0; r < row_count; r++) squares += (values[r * column_count + c]! - means[c]!) ** 2
    const deviation = Math.sqrt(squares / row_count)
    if (deviation > 1e-14 * Math.abs(means[c]!)) scales[c] = deviation
  }
  return { means, scales }
}

function standardise({ values, row_count, column_count }: Matrix, means: Float64Array, scales: Float64Array): Matrix {
  const scaled = values.map((x, at) => (x - means[at % column_count]!) / scales[at % column_count]!)
  return matrixOver(scaled, row_count, column_count)
}
