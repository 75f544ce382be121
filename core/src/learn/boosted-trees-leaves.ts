import type { Boosting } from './boosted-trees-boost.ts'
import type { GrownNode } from './boosted-trees-grow.ts'
import { leafValueOf } from './boosted-trees-split.ts'

/** Writes into `values`, by node, what each leaf adds to the answer: the learning rate is in it. Ends behind a barrier. */
export function leafValues(
  values: Float64Array,
  nodes: readonly GrownNode[],
  boosting: Boosting,
  rows: Uint32Array,
): void {
  const { settings, objective, crew } = boosting
  if (objective.leafValue) bestOfResiduals(values, nodes, boosting, rows)
  else {
    nodes.forEach(({ gradient, hessian, lowest, highest }, index) => {
      const value = leafValueOf(gradient, hessian, settings.l2, lowest, highest)
      const limited = Math.min(Math.max(value, -objective.step_max), objective.step_max)
      // A sum of + 0 and -0 is 0: JSON keeps no sign of nothing.
      if (crew.index === 0) values[index] = settings.learning_rate * limited + 0
    })
  }
  crew.barrier()
}

/**
 * Leaves of medians or quantiles. Where constraints hold, nodes above the leaves have their quantile as well, and at each
 * constrained split the middle between the two sides is a border that no leaf below crosses.
 */
function bestOfResiduals(
  values: Float64Array,
  nodes: readonly GrownNode[],
  { settings, objective, lesson, crew }: Boosting,
  rows: Uint32Array,
): void {
  const { target, raw, weights } = lesson
  const constrained = settings.monotone.some((direction) => direction !== 0)
  nodes.forEach((node, index) => {
    if (index % crew.size !== crew.index || (node.left >= 0 && !constrained)) return
    const members = rows.subarray(node.start, node.end)
    const residuals = Float64Array.from(members, (row) => target[row]! - raw[row]!)
    const own_weights = weights && Float64Array.from(members, (row) => weights[row]!)
    values[index] = (objective.leafValue?.(residuals, own_weights) ?? 0) * settings.learning_rate + 0
  })
  if (!constrained) return
  crew.barrier()
  if (crew.index === 0) keepBorders(values, nodes, settings.monotone)
}

function keepBorders(values: Float64Array, nodes: readonly GrownNode[], monotone: Int8Array): void {
  const lowest = new Float64Array(nodes.length).fill(-Infinity)
  const highest = new Float64Array(nodes.length).fill(Infinity)
  const within = (index: number) => Math.min(Math.max(values[index]!, lowest[index]!), highest[index]!)
  nodes.forEach(({ left, right, split }, index) => {
    if (left < 0 || !split) {
      values[index] = within(index)
      return
    }
    for (const child of [left, right]) {
      lowest[child] = lowest[index]!
      highest[child] = highest[index]!
    }
    const direction = monotone[split.column]!
    if (direction === 0) return
    const border = (within(left) + within(right)) / 2
    const [lower, upper] = direction > 0 ? [left, right] : [right, left]
    highest[lower] = border
    lowest[upper] = border
  })
}
