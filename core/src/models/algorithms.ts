import { invariant } from '../lib/invariant.ts'
import { autoencoder, isolationForest } from './algorithm-anomaly.ts'
import { forecaster } from './algorithm-forecast.ts'
import { fieldImputer } from './algorithm-imputer.ts'
import { baseline, ridge } from './algorithm-simple.ts'
import { boostedTrees, lambdamart } from './algorithm-trees.ts'
import type { Algorithm } from './algorithm.ts'
import type { AlgorithmName } from './recipe.ts'

/** Everything that can be trained here. */
export const algorithmTable: readonly Algorithm[] = [
  boostedTrees,
  ridge,
  baseline,
  isolationForest,
  autoencoder,
  lambdamart,
  fieldImputer,
  forecaster,
]

/** An algorithm of the table. Whoever asks has checked the name. */
export function algorithmNamed(name: AlgorithmName): Algorithm {
  const found = algorithmTable.find((each) => each.name === name)
  invariant(found, `There is no algorithm ${name}.`)
  return found
}
