import { z } from 'zod'
import { Problem } from '../lib/problem.ts'
import type { Autoencoder } from './autoencoder.ts'
import { layersOf, parameterCount } from './dense-network.ts'
import { readModelFile } from './read-model-file.ts'

export type AutoencoderFile = z.infer<typeof AutoencoderFile>
export const AutoencoderFile = z.object({
  kind: z.literal('autoencoder'),
  version: z.literal(1),
  means: z.array(z.number()).min(1).max(1_000_000),
  scales: z.array(z.number().positive()).min(1).max(1_000_000),
  hidden: z.array(z.number().int().min(1).max(10_000)).min(1).max(20),
  activation: z.enum(['tanh', 'relu']),
  parameters: z.array(z.number()).max(5_000_000),
  history: z.object({
    epochs: z.number().int().min(1),
    best_epoch: z.number().int().min(1),
    training_loss: z.number().min(0),
    validation_loss: z.number().min(0),
  }),
})

export function writeAutoencoder(model: Autoencoder): AutoencoderFile {
  return {
    kind: 'autoencoder',
    version: 1,
    means: [...model.means],
    scales: [...model.scales],
    hidden: model.layers.slice(0, -1).map(({ outputs }) => outputs),
    activation: model.activation,
    parameters: [...model.parameters],
    history: { ...model.history },
  }
}

/** Refuses what is not one, or whose layers ask for other numbers of parameters: `learn/model-file-invalid`. */
export function readAutoencoder(file: unknown): Autoencoder {
  const data = readModelFile(AutoencoderFile, file, 'an autoencoder')
  const { means, scales, hidden, activation, parameters, history } = data
  const layers = layersOf([means.length, ...hidden, means.length])
  // Asked before anything is made of the sizes that the file names.
  if (scales.length !== means.length || parameters.length !== parameterCount(layers)) {
    const detail = `Layers of ${[means.length, ...hidden, means.length].join('-')} need ${means.length} scales and ${parameterCount(layers)} parameters; there are ${scales.length} and ${parameters.length}.`
    throw new Problem('learn/model-file-invalid', { detail })
  }
  return {
    means: Float64Array.from(means),
    scales: Float64Array.from(scales),
    layers,
    activation,
    parameters: Float64Array.from(parameters),
    history,
  }
}
