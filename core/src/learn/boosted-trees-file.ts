import { z } from 'zod'
import { Problem } from '../lib/problem.ts'
import type { BoostedTrees } from './boosted-trees.ts'
import { BINS_MAX } from './boosted-trees-bins.ts'
import { readModelFile } from './read-model-file.ts'
import { readTree, TreeFile, writeTree } from './tree.ts'

const COLUMNS_MAX = 1_000_000
const TREES_MAX = 100_000

const Objective = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('squared') }),
  z.strictObject({ name: z.literal('absolute') }),
  z.strictObject({ name: z.literal('quantile'), alpha: z.number().gt(0).lt(1) }),
  z.strictObject({ name: z.literal('logistic') }),
  z.strictObject({ name: z.literal('poisson') }),
  z.strictObject({ name: z.literal('tweedie'), power: z.number().gt(1).lt(2) }),
  z.strictObject({ name: z.literal('pairwise') }),
  z.strictObject({ name: z.literal('lambdamart'), top: z.int().min(1).optional() }),
])

/** Boosted trees as JSON: what `readBoostedTrees` takes. */
export const BoostedTreesFile = z.strictObject({
  kind: z.literal('boosted-trees'),
  version: z.literal(1),
  objective: Objective,
  column_count: z.int().min(1).max(COLUMNS_MAX),
  /** Of each column of categories those that were learnt, ascending. */
  categories: z
    .array(z.strictObject({ column: z.int().min(0), values: z.array(z.number()).max(BINS_MAX) }))
    .max(COLUMNS_MAX),
  base: z.number(),
  trees: z.array(TreeFile).max(TREES_MAX),
  validation_losses: z.array(z.number()).max(TREES_MAX),
})
export type BoostedTreesFile = z.infer<typeof BoostedTreesFile>

export function writeBoostedTrees(model: BoostedTrees): BoostedTreesFile {
  return {
    kind: 'boosted-trees',
    version: 1,
    objective: model.objective,
    column_count: model.column_count,
    categories: model.categories.flatMap((values, column) => (values ? [{ column, values: [...values] }] : [])),
    base: model.base,
    trees: model.trees.map(writeTree),
    validation_losses: model.validation_losses,
  }
}

/**
 * Reads a model that `writeBoostedTrees` wrote; predictions are the same to the bit.
 *
 * @throws {Problem} learn/model-file-invalid
 */
export function readBoostedTrees(file: unknown): BoostedTrees {
  const read = readModelFile(BoostedTreesFile, file, 'a file of boosted trees')
  const { objective, column_count, base, validation_losses } = read
  const categories: (Float64Array | undefined)[] = []
  read.categories.forEach(({ column, values }, place) => {
    const path = `/categories/${place}`
    if (column >= column_count) refuse(path, `there is no column ${column}`)
    if (categories[column] !== undefined) refuse(path, `column ${column} comes twice`)
    const ascending = values.every((value, code) => code === 0 || value > values[code - 1]!)
    if (!ascending) refuse(`${path}/values`, 'categories stand in ascending order, each once')
    categories[column] = Float64Array.from(values)
  })
  const trees = read.trees.map((tree, place) => readTree(tree, column_count, `/trees/${place}`))
  trees.forEach(({ feature, category_set }, place) => {
    for (const [node, column] of feature.entries()) {
      if (column < 0 || category_set[node]! >= 0 === (categories[column] !== undefined)) continue
      refuse(`/trees/${place}`, `node ${node} takes column ${column} for something else than it is`)
    }
  })
  // Only now, when the rest has been believed: the one list whose length a single number declares.
  const by_column = Array.from({ length: column_count }, (_, column) => categories[column])
  return { objective, column_count, categories: by_column, base, trees, validation_losses }
}

function refuse(path: string, message: string): never {
  const faults = [{ path, code: 'broken-model', message }]
  throw new Problem('learn/model-file-invalid', {
    detail: `The boosted trees are broken at ${path}: ${message}.`,
    faults,
  })
}
