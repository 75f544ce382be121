import { describe, expect, it } from 'vitest'
import { randomOf } from '../learn/random.ts'
import { algorithmNamed } from './algorithms.ts'
import { featuresOf, type MeasuredModel } from './data-features.ts'
import { encodeFrame, fitEncoding } from './encode.ts'
import { numbersOf, type Frame } from './frame.ts'

const random = randomOf(5)
const area = Float64Array.from({ length: 400 }, () => 50 + 950 * random.next())
const door = Array.from(area, () => ['red', 'blue', null][random.integer(3)] ?? null)
const frame: Frame = {
  row_count: 400,
  columns: [
    { name: 'area_m2', type: 'number', values: area },
    { name: 'door', type: 'category', values: door },
    {
      name: 'use_kwh',
      type: 'number',
      values: area.map((each, row) => (row === 7 ? NaN : 100 * each + 500 * random.normal())),
    },
  ],
}

/** A ridge regression of energy on area and the colour of the door, which says nothing. */
async function trained(): Promise<MeasuredModel> {
  const algorithm = algorithmNamed('ridge')
  const encoding = fitEncoding(frame, ['area_m2', 'door'], 'dense')
  const target = numbersOf(frame, 'use_kwh').map((value) => (Number.isNaN(value) ? 52_500 : value))
  const file = await algorithm.train(
    {
      task: 'regression',
      encoding,
      matrix: encodeFrame(encoding, frame),
      target,
      groups: null,
      times: null,
      tune: null,
    },
    { penalty: 0.001 },
    {
      seed: 0,
      level: 0.9,
      report: () => undefined,
      fitTrees: async () => {
        throw new Error('a ridge fits no trees')
      },
    },
  )
  const scorer = algorithm.load(file, { task: 'regression', encoding })
  return { task: 'regression', target: 'use_kwh', encoding, scorer, level: 0.9, classes: null }
}

describe('features of a model', () => {
  it('are told by what shuffling costs and by what they add, columns of one category as one', async () => {
    const report = featuresOf(await trained(), frame, { rows_max: 300, repeats: 5 })
    expect(report).toMatchObject({ loss: 'squared error', rows_used: 300, measured_on: 'all_rows' })
    expect(report.features.map(({ name }) => name)).toEqual(['area_m2', 'door'])
    expect(report.features[0]!.permutation_share).toBeGreaterThan(0.99)
    // The mean distance from the middle of 950 m² is a quarter of it, at 100 kWh each.
    expect(Math.abs(report.features[0]!.shap_mean_abs! / (100 * 237.5) - 1)).toBeLessThan(0.1)
    expect(report.features[1]!.shap_mean_abs!).toBeLessThan(500)
  })

  it('are measured on rows that the model has not seen, where that is known', async () => {
    const holdout = Uint32Array.from({ length: 50 }, (_, i) => i)
    const report = featuresOf({ ...(await trained()), holdout }, frame, { rows_max: 300, repeats: 2 })
    // Row 7 has no truth.
    expect(report).toMatchObject({ measured_on: 'holdout', rows_used: 49 })
  })

  it('are not told of a task without a loss of its own rows, or without rows that have a truth', async () => {
    const model = await trained()
    const unfit = expect.objectContaining({ type: 'learn/data-unfit' })
    const options = { rows_max: 300, repeats: 2 }
    expect(() => featuresOf({ ...model, task: 'anomaly' }, frame, options)).toThrow(unfit)
    expect(() => featuresOf({ ...model, holdout: Uint32Array.of(7) }, frame, options)).toThrow(unfit)
  })
})
