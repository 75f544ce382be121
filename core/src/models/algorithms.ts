import { invariant } from '../lib/invariant.ts'
import { isolationForest } from './algorithm-anomaly.ts'
import { baseline, ridge } from './algorithm-simple.ts'
import { boostedTrees, lambdamart } from './algorithm-trees.ts'
import type { Algorithm } from './algorithm.ts'
import type { AlgorithmName } from './recipe.ts'

/** Everything that can be trained here. */
export const algorithmTable: readonly Algorithm[] = [boostedTrees, ridge, baseline, isolationForest, lambdamart]

export function algorithmNamed(name: AlgorithmName): Algorithm {
  const found = algorithmTable.find((each) => each.name === name)
  invariant(found, `There is no algorithm ${name}.`)
  return found
}
