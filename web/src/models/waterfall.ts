import type { Cell, Explanation } from './queries.ts'

/** A bar of a waterfall: where it begins, where it ends, and for which field. */
export interface Fall {
  kind: 'base' | 'field' | 'rest' | 'total'
  name: string
  value: Cell | undefined
  from: number
  to: number
}

/**
 * The way from what the model says of an average row to what it says of this one, the largest contribution first; those
 * beyond `fields_max` are taken together, so that the bars still sum to the answer.
 */
export function fallsOf(
  { base, total, contributions }: Pick<Explanation, 'base' | 'total' | 'contributions'>,
  row: Readonly<Record<string, Cell>>,
  fields_max = 10,
): Fall[] {
  const sorted = [...contributions].sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution))
  const shown = sorted.slice(0, fields_max)
  const falls: Fall[] = [{ kind: 'base', name: '', value: undefined, from: 0, to: base }]
  let at = base
  for (const { feature, contribution } of shown) {
    falls.push({ kind: 'field', name: feature, value: row[feature], from: at, to: at + contribution })
    at += contribution
  }
  if (sorted.length > shown.length) falls.push({ kind: 'rest', name: '', value: undefined, from: at, to: total })
  falls.push({ kind: 'total', name: '', value: undefined, from: 0, to: total })
  return falls
}

/** A dot of a beeswarm: what a field added to one answer, moved aside so that dots do not hide each other. */
export interface Dot {
  contribution: number
  /** -0.5 to 0.5 of a row's height. */
  aside: number
  /** Where the field's value stands among the others: 0 the lowest, 1 the highest; undefined for words. */
  rank: number | undefined
  value: Cell
}

/** Dots of one field. Those with nearly the same contribution are set beside each other, alternating up and down. */
export function swarmOf(
  feature: string,
  rows: readonly Readonly<Record<string, Cell>>[],
  explanations: readonly Pick<Explanation, 'contributions'>[],
  bins = 60,
): Dot[] {
  const contributions = explanations.map(
    (each) => each.contributions.find((one) => one.feature === feature)?.contribution ?? 0,
  )
  const low = Math.min(...contributions)
  const width = (Math.max(...contributions) - low) / bins || 1
  const values = rows.map((row) => row[feature] ?? null)
  const numbers = values.filter((value): value is number => typeof value === 'number').sort((a, b) => a - b)
  const taken = new Map<number, number>()
  const places = contributions.map((contribution) => {
    const bin = Math.floor((contribution - low) / width)
    const nth = taken.get(bin) ?? 0
    taken.set(bin, nth + 1)
    return nth
  })
  const most = Math.max(...taken.values(), 8)
  return contributions.map((contribution, index) => {
    const nth = places[index] ?? 0
    const value = values[index] ?? null
    const side = nth % 2 === 0 ? 1 : -1
    return {
      contribution,
      aside: (side * Math.ceil(nth / 2)) / most,
      rank: typeof value === 'number' ? rankIn(numbers, value) : undefined,
      value,
    }
  })
}

function rankIn(sorted: readonly number[], value: number): number {
  const [first, last] = [sorted.indexOf(value), sorted.lastIndexOf(value)]
  return sorted.length < 2 ? 0.5 : (first + last) / 2 / (sorted.length - 1)
}
