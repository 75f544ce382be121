/** What a hidden unit answers to its sum: tanh, or what is above 0. */
export type Activation = 'tanh' | 'relu'

/** One fully connected layer; the weights of output j begin at `weights_at + j * inputs`. */
export interface Layer {
  inputs: number
  outputs: number
  weights_at: number
  biases_at: number
}

/** Layers between these numbers of units, their parameters one behind the other. */
export function layersOf(units: readonly number[]): Layer[] {
  let at = 0
  return units.slice(1).map((outputs, k) => {
    const inputs = units[k] ?? 0
    const layer = { inputs, outputs, weights_at: at, biases_at: at + inputs * outputs }
    at = layer.biases_at + outputs
    return layer
  })
}

export function parameterCount(layers: readonly Layer[]): number {
  return layers.reduce((sum, { inputs, outputs }) => sum + (inputs + 1) * outputs, 0)
}

/** What each layer answered, and what its answers cost: room that is used again for each row. */
export interface Workspace {
  answers: Float64Array[]
  costs: Float64Array[]
}

export function workspaceFor(layers: readonly Layer[]): Workspace {
  const room = () => layers.map(({ outputs }) => new Float64Array(outputs))
  return { answers: room(), costs: room() }
}

/** The answer of the last layer, which is linear, to the row at `offset`; it stands in the workspace. */
export function forward(
  layers: readonly Layer[],
  activation: Activation,
  parameters: Float64Array,
  values: Float64Array,
  offset: number,
  { answers }: Workspace,
): Float64Array {
  let input = values
  let from = offset
  for (let k = 0; k < layers.length; k++) {
    const { inputs, outputs, weights_at, biases_at } = layers[k]!
    const output = answers[k]!
    const is_last = k === layers.length - 1
    for (let j = 0; j < outputs; j++) {
      let sum = parameters[biases_at + j]!
      const row = weights_at + j * inputs
      for (let i = 0; i < inputs; i++) sum += parameters[row + i]! * input[from + i]!
      if (is_last) output[j] = sum
      else output[j] = activation === 'tanh' ? Math.tanh(sum) : Math.max(0, sum)
    }
    input = output
    from = 0
  }
  return input
}

/**
 * Adds to `gradient` what the parameters do to the row's mean squared error per column, times `weight`, when the row is to be
 * given back as it is.
 */
export function backward(
  layers: readonly Layer[],
  activation: Activation,
  parameters: Float64Array,
  values: Float64Array,
  offset: number,
  space: Workspace,
  gradient: Float64Array,
  weight: number,
): void {
  const output = forward(layers, activation, parameters, values, offset, space)
  const last = space.costs[layers.length - 1]!
  for (let c = 0; c < last.length; c++) last[c] = (2 * weight * (output[c]! - values[offset + c]!)) / last.length
  for (let k = layers.length - 1; k >= 0; k--) {
    const { inputs, outputs, weights_at, biases_at } = layers[k]!
    const input = k === 0 ? values : space.answers[k - 1]!
    const from = k === 0 ? offset : 0
    const cost = space.costs[k]!
    const passed_on = k === 0 ? undefined : space.costs[k - 1]!
    passed_on?.fill(0)
    for (let j = 0; j < outputs; j++) {
      const cost_here = cost[j]!
      if (cost_here === 0) continue
      const row = weights_at + j * inputs
      gradient[biases_at + j]! += cost_here
      for (let i = 0; i < inputs; i++) gradient[row + i]! += cost_here * input[from + i]!
      if (passed_on) for (let i = 0; i < inputs; i++) passed_on[i]! += cost_here * parameters[row + i]!
    }
    if (passed_on) through(activation, space.answers[k - 1]!, passed_on)
  }
}

/** The slope of tanh is 1 - tanh², that of relu 1 above 0. */
function through(activation: Activation, answers: Float64Array, costs: Float64Array): void {
  for (let i = 0; i < costs.length; i++) {
    if (activation === 'tanh') costs[i]! *= 1 - answers[i]! * answers[i]!
    else if (answers[i]! <= 0) costs[i] = 0
  }
}
