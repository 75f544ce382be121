import { z } from 'zod'
import { Problem } from '../lib/problem.ts'

/**
 * One decision tree over numbers: the shape that boosted trees and the isolation forest share, so that one prediction, one
 * file form and one explanation serve both. Node 0 is the root; children stand after their parent. A leaf has no children:
 * `left`, `right` and `feature` are -1 there.
 *
 * At a split on a number, `x <= threshold` goes left. At a split on a category, a code in the set goes left. What is missing
 * (NaN), and a code that is no whole number from 0 to 254, goes where `missing_left` says.
 */
export interface Tree {
  left: Int32Array
  right: Int32Array
  feature: Int32Array
  threshold: Float64Array
  /** 1: what is missing goes left. */
  missing_left: Uint8Array
  /** Where the set of a split on a category begins in `categories`; -1 at a split on a number and at a leaf. */
  category_set: Int32Array
  /** Sets of category codes, 256 bits each in 8 words: bit `code & 31` of word `code >> 5`. */
  categories: Uint32Array
  /** What the tree answers at a leaf; at a split, what it would answer if it ended there (0 where nobody worked it out). */
  value: Float64Array
  /** How much of the training data came through the node: above 0, and that of the children adds up to the parent's. */
  cover: Float64Array
}

export const CATEGORY_WORDS = 8
/** Codes run from 0 to 254: the 256th bin is for what is missing. */
export const CATEGORY_CODE_MAX = 254

/** Whether the value `x` of its column goes left at a split. */
export function goesLeft(tree: Tree, node: number, x: number): boolean {
  const set = tree.category_set[node]!
  if (set >= 0) {
    const code = x >= 0 && x <= CATEGORY_CODE_MAX ? Math.floor(x) : -1
    if (code !== x) return tree.missing_left[node] === 1
    return ((tree.categories[set + (code >> 5)]! >>> (code & 31)) & 1) === 1
  }
  const threshold = tree.threshold[node]!
  if (x <= threshold) return true
  return x > threshold ? false : tree.missing_left[node] === 1
}

/** The node of the leaf where a row ends; `offset` is where the row begins in `values`. */
export function leafOf(tree: Tree, values: Float64Array, offset: number): number {
  const { left, right, feature } = tree
  let node = 0
  for (;;) {
    const column = feature[node]!
    if (column < 0) return node
    node = goesLeft(tree, node, values[offset + column]!) ? left[node]! : right[node]!
  }
}

/** A tree as JSON holds it: the same arrays, the sets of categories as lists of codes. */
export interface TreeFile {
  left: number[]
  right: number[]
  feature: number[]
  /** null where every number goes left and only what is missing goes right: JSON knows no infinity. */
  threshold: (number | null)[]
  missing_left: (0 | 1)[]
  value: number[]
  cover: number[]
  /** Only where the tree splits on categories: for each node its place in `category_sets`, or -1. */
  category_set?: number[]
  category_sets?: number[][]
}

const NODES_MAX = 2 ** 20
const wholes = z.array(z.int()).max(NODES_MAX)
const numbers = z.array(z.number()).max(NODES_MAX)

/** The form of a tree in a file. `readTree` checks what a form cannot say. */
export const TreeFile = z.strictObject({
  left: wholes,
  right: wholes,
  feature: wholes,
  threshold: z.array(z.number().nullable()).max(NODES_MAX),
  missing_left: z.array(z.union([z.literal(0), z.literal(1)])).max(NODES_MAX),
  value: numbers,
  cover: numbers,
  category_set: wholes.optional(),
  category_sets: z
    .array(z.array(z.int().min(0).max(CATEGORY_CODE_MAX)).max(CATEGORY_CODE_MAX + 1))
    .max(NODES_MAX)
    .optional(),
})

export function writeTree(tree: Tree): TreeFile {
  const file: TreeFile = {
    left: [...tree.left],
    right: [...tree.right],
    feature: [...tree.feature],
    threshold: Array.from(tree.threshold, (threshold) => (threshold === Infinity ? null : threshold)),
    missing_left: Array.from(tree.missing_left, (left) => (left === 1 ? 1 : 0)),
    value: [...tree.value],
    cover: [...tree.cover],
  }
  if (tree.category_set.every((set) => set < 0)) return file
  const category_sets: number[][] = []
  const place = (set: number) => (set < 0 ? -1 : category_sets.push(codesOf(tree.categories, set)) - 1)
  return { ...file, category_set: [...tree.category_set].map(place), category_sets }
}

/**
 * Takes a tree out of a file whose form `TreeFile` has checked. `path` names the tree in the problem.
 * @throws Problem `learn/model-file-invalid` for anything that would not end at a leaf, look outside a row or weigh nothing.
 */
export function readTree(file: TreeFile, column_count: number, path: string): Tree {
  const refuse = refusalAt(path)
  const count = file.left.length
  const { right, feature, threshold, missing_left, value, cover } = file
  const whole = [right, feature, threshold, missing_left, value, cover].every((list) => list.length === count)
  if (!whole || count === 0) refuse('the lists of a tree must have one length, at least 1')
  const sets = file.category_sets ?? []
  const set_of = file.category_set ?? file.left.map(() => -1)
  if (set_of.length !== count) refuse('category_set must be as long as the other lists')
  const parents = new Uint8Array(count)
  for (let node = 0; node < count; node++) {
    const children = [file.left[node]!, right[node]!]
    if (!(cover[node]! > 0)) refuse(`node ${node} has no cover`)
    if (feature[node] === -1) {
      if (children.some((child) => child !== -1) || set_of[node] !== -1) refuse(`leaf ${node} has children or a set`)
      continue
    }
    if (feature[node]! < 0 || feature[node]! >= column_count) refuse(`node ${node} looks at a column that is not there`)
    if (set_of[node]! < -1 || set_of[node]! >= sets.length) refuse(`node ${node} names a set that is not there`)
    // Children after their parent: no circle, and every walk ends.
    for (const child of children) {
      if (!(child > node && child < count)) refuse(`node ${node} has a child that is not behind it`)
      parents[child]!++
    }
    const below = cover[children[0]!]! + cover[children[1]!]!
    if (!(Math.abs(below - cover[node]!) <= 1e-9 * cover[node]!))
      refuse(`the cover of node ${node} is not its children's`)
  }
  if (parents.some((times, node) => times !== (node === 0 ? 0 : 1))) refuse('every node but the first needs one parent')
  return {
    left: Int32Array.from(file.left),
    right: Int32Array.from(right),
    feature: Int32Array.from(feature),
    threshold: Float64Array.from(threshold, (number) => number ?? Infinity),
    missing_left: Uint8Array.from(missing_left),
    category_set: Int32Array.from(set_of, (set) => (set < 0 ? -1 : set * CATEGORY_WORDS)),
    categories: wordsOf(sets),
    value: Float64Array.from(value),
    cover: Float64Array.from(cover),
  }
}

function refusalAt(path: string): (message: string) => never {
  return (message) => {
    const faults = [{ path, code: 'broken-tree', message }]
    throw new Problem('learn/model-file-invalid', { detail: `The tree at ${path} is broken: ${message}.`, faults })
  }
}

function codesOf(categories: Uint32Array, set: number): number[] {
  const codes: number[] = []
  for (let code = 0; code <= CATEGORY_CODE_MAX; code++) {
    if ((categories[set + (code >> 5)]! >>> (code & 31)) & 1) codes.push(code)
  }
  return codes
}

function wordsOf(sets: readonly (readonly number[])[]): Uint32Array {
  const words = new Uint32Array(sets.length * CATEGORY_WORDS)
  sets.forEach((codes, set) => {
    for (const code of codes) words[set * CATEGORY_WORDS + (code >> 5)]! |= 1 << (code & 31)
  })
  return words
}
