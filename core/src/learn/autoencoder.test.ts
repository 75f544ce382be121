import { describe, expect, it } from 'vitest'
import { readAutoencoder, writeAutoencoder } from './autoencoder-file.ts'
import { fitAutoencoder, meanLoss, reconstruct, type AutoencoderOptions } from './autoencoder.ts'
import { backward, forward, layersOf, parameterCount, workspaceFor } from './dense-network.ts'
import { matrixOf, matrixOver, rowOf, takeRows } from './matrix.ts'
import { auc } from './metrics.ts'
import { randomOf, range } from './random.ts'

/** Six columns that all follow two hidden numbers. */
function followers(seed: number, row_count: number) {
  const random = randomOf(seed)
  return matrixOf(
    Array.from({ length: row_count }, () => {
      const [a, b] = [random.normal(), random.normal()]
      return [a, b, a + b, a - b, Math.tanh(a), 100 + 50 * b].map((x, c) => x + (c === 5 ? 5 : 0.1) * random.normal())
    }),
  )
}
const quick: AutoencoderOptions = { hidden: [4, 2, 4], epochs_max: 30 }

describe('the gradient of the network', () => {
  it.each(['tanh', 'relu'] as const)('is that of finite differences, weight by weight: %s', (activation) => {
    const layers = layersOf([3, 4, 2, 3])
    const random = randomOf(5)
    const parameters = Float64Array.from({ length: parameterCount(layers) }, random.normal)
    const rows = matrixOver(Float64Array.from({ length: 15 }, random.normal), 5, 3)
    const gradient = new Float64Array(parameters.length)
    const space = workspaceFor(layers)
    for (let r = 0; r < 5; r++) backward(layers, activation, parameters, rows.values, 3 * r, space, gradient, 1 / 5)
    const STEP = 1e-6
    const loss = (i: number, step: number) =>
      meanLoss(
        layers,
        activation,
        parameters.map((x, at) => (at === i ? x + step : x)),
        rows,
      )
    const differences = parameters.map((_, i) => (loss(i, STEP) - loss(i, -STEP)) / (2 * STEP))
    expect(Math.max(...differences.map((x, i) => Math.abs(x - gradient[i]!)))).toBeLessThan(1e-8)
    expect(Math.max(...gradient.map(Math.abs))).toBeGreaterThan(0.1)
  })

  it('goes through layers that give an example by hand', () => {
    // One hidden unit relu(2x - 1), answer 3h + 0.5: from x = 1, h = 1 and 3.5; from x = 0, h = 0 and 0.5.
    const layers = layersOf([1, 1, 1])
    const parameters = Float64Array.of(2, -1, 3, 0.5)
    const space = workspaceFor(layers)
    expect(forward(layers, 'relu', parameters, Float64Array.of(0, 1), 1, space)[0]).toBe(3.5)
    expect(forward(layers, 'relu', parameters, Float64Array.of(0, 1), 0, space)[0]).toBe(0.5)
    expect(forward(layers, 'tanh', parameters, Float64Array.of(0, 1), 1, space)[0]).toBe(3 * Math.tanh(1) + 0.5)
    // (3.5 - 1)² falls by 2·2.5 per unit of the answer: to bias, weight, and through 3 to the hidden unit.
    const gradient = new Float64Array(4)
    backward(layers, 'relu', parameters, Float64Array.of(1), 0, space, gradient, 1)
    expect([...gradient]).toEqual([15, 15, 5, 5])
  })
})

describe('an autoencoder', () => {
  it('gives rows back that it has not seen, far better than their means would', () => {
    const model = fitAutoencoder(followers(1, 600), { hidden: [8, 2, 8], learning_rate: 0.01, epochs_max: 100 })
    const { scores } = reconstruct(model, followers(2, 300))
    // The means would leave an error of 1; the noise alone leaves a hundredth.
    expect(scores.reduce((sum, x) => sum + x / 300, 0)).toBeLessThan(0.1)
    expect(model.history.validation_loss).toBeLessThan(0.1)
  })

  it('tells rows whose columns do not go together, though each column alone is ordinary', () => {
    const ordinary = followers(3, 300)
    const shuffled = matrixOver(
      Float64Array.from({ length: 300 * 6 }, (_, at) => {
        const [r, c] = [Math.floor(at / 6), at % 6]
        return ordinary.values[((r * (c + 1) + 37 * c) % 300) * 6 + c]!
      }),
      300,
      6,
    )
    const model = fitAutoencoder(followers(4, 600), { hidden: [8, 2, 8], learning_rate: 0.01, epochs_max: 60 })
    const scores = [...reconstruct(model, ordinary).scores, ...reconstruct(model, shuffled).scores]
    expect(
      auc(
        scores.map((_, r) => Number(r >= 300)),
        scores,
      ),
    ).toBeGreaterThan(0.95)
  })

  it('says by column how far a row is off, adding up to its score', () => {
    const model = fitAutoencoder(followers(5, 400), { hidden: [8, 2, 8], learning_rate: 0.01, epochs_max: 60 })
    const row = [...rowOf(followers(6, 1), 0)]
    row[5]! += 400
    const { errors, scores, rows } = reconstruct(model, matrixOf([row]))
    expect(errors.values.indexOf(Math.max(...errors.values))).toBe(5)
    expect(errors.values.reduce((sum, x) => sum + x / 6, 0)).toBeCloseTo(scores[0]!, 9)
    expect(Math.abs(rows.values[5]! - row[5]!) / model.scales[5]!).toBeCloseTo(Math.sqrt(errors.values[5]!), 9)
  })

  it('is the same to the bit for the same seed, another for another, and scores each row by itself', () => {
    const matrix = followers(7, 120)
    const model = fitAutoencoder(matrix, quick)
    expect(fitAutoencoder(matrix, quick)).toEqual(model)
    expect(fitAutoencoder(matrix, { ...quick, seed: 1 }).parameters).not.toEqual(model.parameters)
    const { scores } = reconstruct(model, matrix)
    const backwards = range(120).reverse()
    expect(reconstruct(model, takeRows(matrix, backwards)).scores).toEqual(scores.toReversed())
  })

  it('stops when rows kept aside are given back no better, and keeps the best it had', () => {
    const random = randomOf(8)
    // Noise: there is nothing to learn but the rows themselves.
    const noise = matrixOver(Float64Array.from({ length: 40 * 8 }, random.normal), 40, 8)
    const losses: number[] = []
    const report = ({ loss }: { loss: number }) => losses.push(loss)
    const options = { hidden: [32], learning_rate: 0.02, epochs_max: 500, patience: 5, validation_share: 0.5, report }
    const { history } = fitAutoencoder(noise, options)
    expect(history.epochs).toBeLessThan(500)
    expect(history.epochs).toBe(history.best_epoch + 5)
    expect(losses).toHaveLength(history.epochs)
    expect(history.validation_loss).toBe(Math.min(...losses))
    expect(losses.indexOf(history.validation_loss) + 1).toBe(history.best_epoch)
  })

  it('does not mind units, and takes constant columns', () => {
    const matrix = followers(9, 100)
    const scaled = matrixOver(
      matrix.values.map((x) => x * 1024),
      100,
      6,
    )
    expect(reconstruct(fitAutoencoder(scaled, quick), scaled).scores).toEqual(
      reconstruct(fitAutoencoder(matrix, quick), matrix).scores,
    )
    const flat = matrixOf(Array.from({ length: 20 }, (_, r) => [r, 7]))
    const { scores, rows } = reconstruct(fitAutoencoder(flat, quick), flat)
    expect(scores.every(Number.isFinite)).toBe(true)
    expect(Math.abs(rows.values[1]! - 7)).toBeLessThan(1)
  })

  it('comes back from its file to the bit; learn/model-file-invalid: anything else, sizes that lie before memory is taken', () => {
    const matrix = followers(10, 60)
    const model = fitAutoencoder(matrix, { ...quick, activation: 'relu', epochs_max: 5 })
    const file = writeAutoencoder(model)
    const back = readAutoencoder(JSON.parse(JSON.stringify(file)))
    expect(back).toEqual(model)
    expect(reconstruct(back, matrix)).toEqual(reconstruct(model, matrix))
    const broken = [
      null,
      { ...file, kind: 'linear' },
      { ...file, hidden: [] },
      { ...file, hidden: [10_000, 10_000] },
      { ...file, hidden: [1e9] },
      { ...file, scales: file.scales.map(() => 0) },
      { ...file, scales: [1] },
      { ...file, parameters: file.parameters.slice(1) },
      { ...file, parameters: file.parameters.map(() => null) },
    ]
    for (const read of broken)
      expect(() => readAutoencoder(read)).toThrow(expect.objectContaining({ type: 'learn/model-file-invalid' }))
  })

  it('stops when the report throws; learn/data-unfit: gaps, too few rows, options out of range, other columns', () => {
    const matrix = followers(11, 40)
    const report = () => {
      throw new Error('enough')
    }
    expect(() => fitAutoencoder(matrix, { report })).toThrow('enough')
    const unfit = [
      () => fitAutoencoder(matrixOf([[1], [2], [3], [Number.NaN]])),
      () => fitAutoencoder(matrixOf([[1], [2], [3]])),
      () => fitAutoencoder(matrix, { hidden: [0] }),
      () => fitAutoencoder(matrix, { hidden: [] }),
      () => fitAutoencoder(matrix, { hidden: [10_000, 10_000] }),
      () => fitAutoencoder(matrix, { learning_rate: 2 }),
      () => reconstruct(fitAutoencoder(matrix, { epochs_max: 1 }), matrixOf([[1]])),
    ]
    for (const fit of unfit) expect(fit).toThrow(expect.objectContaining({ type: 'learn/data-unfit' }))
  })
})
