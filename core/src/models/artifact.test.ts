import { beforeAll, describe, expect, test } from 'vitest'
import { fitBoostedTrees } from '../learn/boosted-trees.ts'
import { readArtifact } from './artifact.ts'
import type { Frame } from './frame.ts'
import { Recipe } from './recipe.ts'
import { trainModel } from './train.ts'

const count = 200
const x = Float64Array.from({ length: count }, (_, row) => row)
const frame: Frame = {
  row_count: count,
  columns: [
    { name: 'x', type: 'number', values: x },
    { name: 'kind', type: 'category', values: Array.from(x, (row) => ['a', 'b'][row % 2] ?? null) },
    { name: 'y', type: 'number', values: x.map((row) => 2 * row + (row % 2)) },
  ],
}

let text = ''
beforeAll(async () => {
  const parameters = {
    tree_count: 5,
    learning_rate: 0.5,
    max_leaves: 4,
    min_samples_leaf: 5,
    l2: 0,
    row_share: 1,
    column_share: 1,
    early_stopping: false,
    loss: 'squared',
    monotone: {},
  }
  const recipe = Recipe.parse({ algorithm: 'boosted-trees', target: 'y', parameters })
  const training = {
    say: () => undefined,
    report: () => undefined,
    fitTrees: async (...given: Parameters<typeof fitBoostedTrees>) => fitBoostedTrees(given[0], given[1], given[2]),
    clock_us: () => 0,
  }
  text = (await trainModel(frame, { recipe, task: 'regression' }, training)).text
})

test('an artifact holds no date, no name of a person and no duration', () => {
  expect(Object.keys(JSON.parse(text) as object).sort()).toEqual([
    'algorithm',
    'calibration',
    'classes',
    'encoding',
    'group',
    'kind',
    'model',
    'task',
    'threshold',
    'version',
  ])
  expect(text).not.toMatch(/\d{4}-\d\d-\d\dT|_at"|_us"|_ms"/)
})

interface Json extends Record<string, unknown> {
  encoding: { fields: object[] }
  model: { models: object[] }
  calibration: object
}

/** Files that are refused before anything is made of what they claim. */
describe('learn/model-file-invalid', () => {
  test.each<[string, (file: Json) => unknown]>([
    ['a list', () => []],
    ['another kind', (file) => ({ ...file, kind: 'model' })],
    ['a version to come', (file) => ({ ...file, version: 2 })],
    ['an algorithm that there is not', (file) => ({ ...file, algorithm: 'eval' })],
    ['fields beside those that there are', (file) => ({ ...file, hook: 'require("fs")' })],
    [
      'an encoding with one field twice',
      (file) => ({
        ...file,
        encoding: { ...file.encoding, fields: [file.encoding.fields[0], file.encoding.fields[0]] },
      }),
    ],
    [
      'ten thousand categories',
      (file) => ({
        ...file,
        encoding: {
          ...file.encoding,
          fields: [
            {
              name: 'k',
              kind: 'category',
              missing_share: 0,
              categories: Array.from({ length: 10_000 }, (_, n) => String(n)),
            },
          ],
        },
      }),
    ],
    [
      'trees that count a billion columns',
      (file) => ({ ...file, model: { ...file.model, models: [{ ...file.model.models[0], column_count: 1e9 }] } }),
    ],
    ['no tree file', (file) => ({ ...file, model: { kind: 'trees', models: [] } })],
    ['a calibration without a level', (file) => ({ ...file, calibration: { ...file.calibration, level: 2 } })],
    ['a forest where trees are said to be', (file) => ({ ...file, algorithm: 'isolation-forest' })],
  ])('%s', (_name, change) => {
    const changed = JSON.stringify(change(JSON.parse(text) as Json))
    expect(() => readArtifact(changed)).toThrow(expect.objectContaining({ type: 'learn/model-file-invalid' }) as Error)
  })

  test('what is no JSON', () => {
    expect(() => readArtifact(text.slice(0, -1))).toThrow('is not JSON')
  })
})
