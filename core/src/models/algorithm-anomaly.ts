import { z } from 'zod'
import { fitAutoencoder, reconstruct } from '../learn/autoencoder.ts'
import { readAutoencoder, writeAutoencoder } from '../learn/autoencoder-file.ts'
import { readIsolationForest, writeIsolationForest } from '../learn/isolation-file.ts'
import { fitIsolationForest, scoreIsolation } from '../learn/isolation-forest.ts'
import { algorithm } from './algorithm.ts'

/** The share of ordinary rows that may be called anomalies; both detectors have it. */
export const alert_share = z
  .number()
  .min(0.0001)
  .max(0.2)
  .default(0.01)
  .describe('Share of ordinary rows that may be called anomalies: the price of finding the others.')

export const isolationForest = algorithm({
  name: 'isolation-forest',
  title: 'Isolation forest',
  says: 'What few random cuts set apart from the rest is an anomaly.',
  tasks: ['anomaly'],
  parameters: z.strictObject({
    tree_count: z.int().min(1).max(2_000).default(100).describe('How many trees.'),
    sample_count: z.int().min(2).max(65_536).default(256).describe('Rows that each tree sees.'),
    alert_share,
  }),
  form: 'codes',
  explains: false,
  train: async ({ matrix }, { tree_count, sample_count }, run) =>
    writeIsolationForest(
      fitIsolationForest(matrix, { tree_count, sample_count, seed: run.seed, report: (done) => run.report(done) }),
    ),
  load: (file) => {
    const forest = readIsolationForest(file)
    return { score: (matrix) => ({ value: scoreIsolation(forest, matrix) }) }
  },
})

export const autoencoder = algorithm({
  name: 'autoencoder',
  title: 'Autoencoder',
  says: 'A small network that learns to give ordinary rows back through a narrow middle; what it cannot give back is an anomaly.',
  tasks: ['anomaly'],
  parameters: z.strictObject({
    epochs_max: z.int().min(1).max(2_000).default(200).describe('Passes over the rows, at most.'),
    patience: z.int().min(1).max(200).default(10).describe('Passes without progress after which it stops.'),
    learning_rate: z.number().min(0.000_01).max(1).default(0.003).describe('Step size of Adam.'),
    alert_share,
  }),
  form: 'dense',
  explains: false,
  train: async ({ matrix }, { epochs_max, patience, learning_rate }, run) => {
    const report = (done: { step: number; of: number; loss?: number }) => run.report(done)
    return writeAutoencoder(fitAutoencoder(matrix, { epochs_max, patience, learning_rate, seed: run.seed, report }))
  },
  load: (file) => {
    const model = readAutoencoder(file)
    return { score: (matrix) => ({ value: reconstruct(model, matrix).scores }) }
  },
})
