import { beforeAll, describe, expect, test } from 'vitest'
import { fitBoostedTrees } from '../learn/boosted-trees.ts'
import { randomOf, range, shuffle } from '../learn/random.ts'
import { readArtifact } from './artifact.ts'
import type { Frame } from './frame.ts'
import { judge } from './gate.ts'
import { Recipe } from './recipe.ts'
import { trainModel, type Trained, type Training } from './train.ts'

/** Buildings: energy follows from area and use; the colour of the door says nothing. */
function buildings(row_count: number, seed = 1): Frame {
  const random = randomOf(seed)
  const uses = ['office', 'school', 'hotel']
  const area = Float64Array.from({ length: row_count }, () => 50 + 950 * random.next())
  const use = Array.from({ length: row_count }, () => uses[random.integer(3)] ?? null)
  const door = Array.from({ length: row_count }, () =>
    random.next() < 0.1 ? null : ['red', 'blue'][random.integer(2)]!,
  )
  const factor: Record<string, number> = { office: 150, school: 90, hotel: 220 }
  const energy = area.map((each, row) => each * (factor[use[row] ?? ''] ?? 0) * (1 + 0.05 * random.normal()))
  const day = area.map((_, row) => Date.UTC(2025, 0, 1) + row * 3_600_000)
  return {
    row_count,
    columns: [
      { name: 'area_m2', type: 'number', values: area },
      { name: 'use', type: 'category', values: use },
      { name: 'door', type: 'category', values: door },
      { name: 'read_at', type: 'time', values: day },
      { name: 'energy_kwh', type: 'number', values: energy },
    ],
  }
}

/** The same with the target dealt to other rows: there is nothing to learn any more. */
function shuffled(frame: Frame, seed = 9): Frame {
  const order = shuffle(range(frame.row_count), randomOf(seed))
  const columns = frame.columns.map((column) =>
    column.name === 'energy_kwh' && column.type === 'number'
      ? { ...column, values: column.values.map((_, row) => column.values[order[row]!]!) }
      : column,
  )
  return { ...frame, columns }
}

let clock = 0
const training: Training = {
  say: () => undefined,
  report: () => undefined,
  fitTrees: async (matrix, target, options) => fitBoostedTrees(matrix, target, options),
  clock_us: () => (clock += 10),
}
const recipe = (changes: object = {}) =>
  Recipe.parse({ algorithm: 'boosted-trees', target: 'energy_kwh', time: 'read_at', parameters: trees, ...changes })
const trees = {
  tree_count: 40,
  learning_rate: 0.2,
  max_leaves: 15,
  min_samples_leaf: 10,
  l2: 0,
  row_share: 1,
  column_share: 1,
  early_stopping: false,
  loss: 'squared',
  monotone: {},
}

const verdictOf = ({ comparison, evaluation, schema }: Trained, gain_min = 0) =>
  judge({ comparison, evaluation, schema, gain_min })

let first: Trained
beforeAll(async () => {
  first = await trainModel(buildings(900), { recipe: recipe(), task: 'regression' }, training)
})

test('a model learns what there is to learn, and says how sure it is', () => {
  expect(first.metrics.r_squared).toBeGreaterThan(0.95)
  expect(first.metrics.coverage).toBeGreaterThan(0.8)
  expect(first.evaluation.importance.map(({ feature }) => feature).at(-1)).toBe('door')
  expect(first.evaluation.rows).toEqual({ train: 540, calibration: 180, holdout: 180, left_out: 0 })
  expect(verdictOf(first)).toMatchObject({ outcome: 'passed', against: 'the baseline' })
})

test('the same record gives the same bytes, another seed or another row gives others', async () => {
  const again = await trainModel(buildings(900), { recipe: recipe(), task: 'regression' }, training)
  expect(again.text).toBe(first.text)
  const other = await trainModel(buildings(900, 2), { recipe: recipe(), task: 'regression' }, training)
  expect(other.text).not.toBe(first.text)
})

test('what answers is what was tested: intervals hold, and a row that is odd is said to be', () => {
  const model = readArtifact(first.text)
  const [answer] = model.predict([{ area_m2: 400, use: 'school', door: null }])
  expect(answer?.value).toBeGreaterThan(400 * 80)
  expect(answer?.value).toBeLessThan(400 * 100)
  expect(answer).toMatchObject({ interval: 'calibrated', unusual: [] })
  const [odd] = model.predict([{ area_m2: 99_999, use: 'palace' }])
  expect(odd?.unusual).toEqual(['area_m2', 'use'])
})

test('an answer is taken apart exactly', () => {
  const model = readArtifact(first.text)
  const row = { area_m2: 700, use: 'hotel', door: 'red' }
  const [explained] = model.explain?.([row]) ?? []
  const sum = explained!.contributions.reduce((total, { contribution }) => total + contribution, explained!.base)
  expect(Math.abs(sum - (model.predict([row])[0]?.value ?? 0))).toBeLessThan(1e-6)
})

test('models/input-unfit: every fault of every row is named', () => {
  const model = readArtifact(first.text)
  const rows = [
    { area_m2: 'large', use: 'office' },
    { area_m2: 10, storeys: 3 },
  ]
  try {
    model.predict(rows)
    expect.unreachable()
  } catch (error) {
    expect(error).toMatchObject({
      type: 'models/input-unfit',
      details: { faults: [{ path: '/rows/1/storeys' }, { path: '/rows/0/area_m2' }] },
    })
  }
})

describe('a retrained version against the champion', () => {
  const rival = (trained: Trained) => ({
    version: 1,
    model: readArtifact(trained.text),
    holdout_from: trained.evaluation.holdout_from === null ? null : Date.parse(trained.evaluation.holdout_from),
  })

  test('on shuffled targets is rejected: no gain', async () => {
    const trained = await trainModel(shuffled(buildings(900)), { recipe: recipe(), task: 'regression' }, training)
    expect(verdictOf(trained).says).toMatch(/^rejected: no gain/)
    const against = await trainModel(
      shuffled(buildings(900)),
      { recipe: recipe(), task: 'regression' },
      training,
      rival(first),
    )
    expect(verdictOf(against)).toMatchObject({ outcome: 'rejected', against: 'version 1' })
  })

  test('on targets shuffled in twenty ways never passes, however little it says', async () => {
    const wanted = { recipe: recipe({ parameters: { ...trees, tree_count: 3, learning_rate: 0.05 } }), task: 'regression' as const } // oxfmt-ignore
    for (let seed = 1; seed <= 20; seed++) {
      const trained = await trainModel(shuffled(buildings(600), seed), wanted, training, rival(first))
      expect(verdictOf(trained), `seed ${seed}`).toMatchObject({ outcome: 'rejected' })
    }
  })

  test('that is the same is rejected: no gain is more than none', async () => {
    const trained = await trainModel(buildings(900), { recipe: recipe(), task: 'regression' }, training, rival(first))
    expect(verdictOf(trained)).toMatchObject({ outcome: 'rejected', gain: 0 })
  })

  test('that is better passes, and not when more is asked than it brings', async () => {
    const weak = await trainModel(
      buildings(900),
      { recipe: recipe({ parameters: { ...trees, tree_count: 2 } }), task: 'regression' },
      training,
    )
    const trained = await trainModel(buildings(900), { recipe: recipe(), task: 'regression' }, training, rival(weak))
    const verdict = verdictOf(trained)
    expect(verdict.outcome).toBe('passed')
    expect(verdict.gain_lower).toBeLessThan(verdict.gain!)
    expect(verdictOf(trained, 0.999).outcome).toBe('rejected')
  })

  test('is compared on rows that the champion has not seen', async () => {
    const later = await trainModel(buildings(1_000), { recipe: recipe(), task: 'regression' }, training)
    const trained = await trainModel(buildings(900), { recipe: recipe(), task: 'regression' }, training, rival(later))
    expect(trained.comparison.rows).toBe(100)
    expect(trained.evaluation.rows.holdout).toBe(180)
  })
})

test('without times a row is in the same part whatever else is in the data', async () => {
  const small = await trainModel(buildings(600), { recipe: recipe({ time: undefined }), task: 'regression' }, training)
  const large = await trainModel(buildings(900), { recipe: recipe({ time: undefined }), task: 'regression' }, training)
  expect(small.evaluation.split).toBe('by-digest')
  // What was held back before is still held back, with some of the new rows.
  expect(large.evaluation.rows.holdout).toBeGreaterThan(small.evaluation.rows.holdout)
})

test.each(['boosted-trees', 'ridge'])('a feature that gives the answer away is warned of, by %s', async (algorithm) => {
  const frame = buildings(900)
  const leak = frame.columns.find(({ name }) => name === 'energy_kwh')!
  const known = (leak.values as Float64Array).map((value, row) => (row % 3 === 0 ? NaN : value))
  const with_leak = { ...frame, columns: [...frame.columns, { ...leak, name: 'energy_mwh', values: known }] } as Frame
  const parameters = algorithm === 'ridge' ? { penalty: 1 } : trees
  const trained = await trainModel(
    with_leak,
    { recipe: recipe({ algorithm, parameters }), task: 'regression' },
    training,
  )
  expect(trained.evaluation.leakage).toMatchObject([{ feature: 'energy_mwh' }])
  expect(verdictOf(trained).gates.find(({ gate }) => gate === 'leakage')).toMatchObject({ outcome: 'warned' })
})

describe('every algorithm of the table', () => {
  const frame = buildings(600)
  test.each([
    ['ridge', 'regression', { penalty: 1 }],
    ['baseline', 'regression', {}],
    ['baseline', 'quantile', {}],
    ['boosted-trees', 'quantile', trees],
    ['isolation-forest', 'anomaly', { tree_count: 20, sample_count: 64, alert_share: 0.05 }],
  ] as const)('%s for %s: written, read back, deterministic', async (algorithm, task, parameters) => {
    const wanted = {
      recipe: recipe({ algorithm, parameters, ...(task === 'anomaly' ? { target: undefined } : {}) }),
      task,
    }
    const trained = await trainModel(frame, wanted, training)
    expect((await trainModel(frame, wanted, training)).text).toBe(trained.text)
    const [answer] = readArtifact(trained.text).predict([{ area_m2: 100, use: 'hotel' }])
    expect(Number.isFinite(answer?.value)).toBe(true)
    // Uniform buildings hold no anomalies, and a baseline is no better than itself.
    if (algorithm === 'baseline' || task === 'anomaly') expect(verdictOf(trained).outcome).toBe('rejected')
  })

  test('boosted-trees for classification: a probability, with its class', async () => {
    const use = frame.columns.map((column) =>
      column.name === 'use' && column.type === 'category'
        ? { ...column, values: column.values.map((each) => (each === 'hotel' ? 'yes' : 'no')) }
        : column,
    )
    const wanted = { recipe: recipe({ target: 'use' }), task: 'classification' as const }
    const trained = await trainModel({ ...frame, columns: use }, wanted, training)
    expect(trained.metrics.auc).toBeGreaterThan(0.9)
    const [answer] = readArtifact(trained.text).predict([{ area_m2: 500, energy_kwh: 500 * 220 }])
    expect(answer).toMatchObject({ label: 'yes' })
  })

  test('lambdamart for ranking: groups stay whole and the best come first', async () => {
    const random = randomOf(4)
    const group = Array.from({ length: 1_000 }, (_, row) => `site-${Math.floor(row / 10)}`)
    const saving = Float64Array.from(group, () => random.next())
    const gain = saving.map((each) => Math.min(4, Math.floor(each * 5)))
    const columns: Frame['columns'] = [
      { name: 'site', type: 'category', values: group },
      { name: 'saving', type: 'number', values: saving },
      { name: 'noise', type: 'number', values: saving.map(() => random.next()) },
      { name: 'gain', type: 'number', values: gain },
    ]
    const small = { ...trees, min_samples_leaf: 20 } as Partial<typeof trees>
    delete small.loss
    delete small.monotone
    const wanted = {
      recipe: recipe({
        algorithm: 'lambdamart',
        target: 'gain',
        group: 'site',
        time: undefined,
        parameters: { ...small, top: 10 },
      }),
      task: 'ranking' as const,
    }
    const trained = await trainModel({ row_count: 1_000, columns }, wanted, training)
    expect(trained.metrics.ndcg_10).toBeGreaterThan(0.95)
    expect(trained.evaluation.rows.holdout % 10).toBe(0)
  })

  test('autoencoder for anomaly: what was never seen stands out', async () => {
    const parameters = { epochs_max: 15, patience: 5, learning_rate: 0.01, alert_share: 0.05 }
    const wanted = {
      recipe: recipe({
        algorithm: 'autoencoder',
        parameters,
        target: undefined,
        features: ['area_m2', 'use', 'energy_kwh'],
      }),
      task: 'anomaly' as const,
    }
    const model = readArtifact((await trainModel(frame, wanted, training)).text)
    const [usual, odd] = model.predict([
      { area_m2: 500, use: 'school', energy_kwh: 45_000 },
      { area_m2: 500, use: 'school', energy_kwh: 9_000_000 },
    ])
    expect(odd!.value).toBeGreaterThan(usual!.value!)
    expect(odd).toMatchObject({ anomaly: true })
  })

  test('field-imputer for imputation: a missing field is filled with an interval, noise is left alone', async () => {
    const parameters = { tree_count: 40, learning_rate: 0.15, max_leaves: 15, min_samples_leaf: 10 }
    const noise = Float64Array.from({ length: frame.row_count }, (_, row) => randomOf(row).next())
    const columns: Frame['columns'] = [...frame.columns, { name: 'noise', type: 'number', values: noise }]
    const wanted = {
      recipe: recipe({ algorithm: 'field-imputer', parameters, target: undefined }),
      task: 'imputation' as const,
    }
    const trained = await trainModel({ ...frame, columns }, wanted, training)
    const on = Object.fromEntries(trained.evaluation.fields!.map((field) => [field.field, field.on]))
    expect(on).toMatchObject({ energy_kwh: true, area_m2: true })
    const [filled] = readArtifact(trained.text).predict([
      { area_m2: 500, use: 'school', energy_kwh: null, noise: 0.5, door: 'red' },
    ])
    expect(Object.keys(filled!.fields!)).toEqual(['energy_kwh'])
    expect(filled!.fields!.energy_kwh).toMatchObject({ imputed: true })
    expect(filled!.fields!.energy_kwh!.value).toBeGreaterThan(30_000)
    expect(filled!.fields!.energy_kwh!.value).toBeLessThan(60_000)
    expect(verdictOf(trained).outcome).toBe('passed')
  })

  test('forecaster for forecast: steps ahead with intervals, chosen by what the past shows', async () => {
    const random = randomOf(5)
    const count = 24 * 28
    const values = Float64Array.from(
      { length: count },
      (_, hour) => 100 + 40 * Math.sin((2 * Math.PI * hour) / 24) + 0.05 * hour + 3 * random.normal(),
    )
    const times = values.map((_, hour) => Date.UTC(2025, 0, 6) + hour * 3_600_000)
    const series: Frame = {
      row_count: count,
      columns: [
        { name: 'read_at', type: 'time', values: times },
        { name: 'load_kw', type: 'number', values },
      ],
    }
    const wanted = {
      recipe: recipe({
        algorithm: 'forecaster',
        target: 'load_kw',
        parameters: { horizon_steps: 12, origin_count: 3 },
      }),
      task: 'forecast' as const,
    }
    const trained = await trainModel(series, wanted, training)
    expect(trained.metrics.mae).toBeLessThan(6)
    // Ninety in a hundred were promised; some five days are a small sample.
    expect(trained.evaluation.coverage).toMatchObject({ level: 0.9, overall: trained.metrics.coverage })
    expect(trained.metrics.coverage).toBeGreaterThan(0.75)
    expect(verdictOf(trained).gates.find(({ gate }) => gate === 'coverage')?.outcome).not.toBe('not-assessable')
    const [one, far] = readArtifact(trained.text).predict([{ step: 1 }, { step: 40 }])
    expect(Math.abs(one!.value! - (100 + 0.05 * count))).toBeLessThan(25)
    expect(far!.value).toBeNull()
  })
})
