/**
 * Sums of gradients per bin: the innermost loops of boosting. Bins of up to four columns share one 32-bit word, so that one
 * read, which for scattered rows is mostly a wait for memory, serves four columns.
 *
 * A cell holds the sum of gradients, the number of rows and, unless every row's second derivative is 1, the sum of those.
 */
export interface Group {
  /** One word per row; the bin of the group's column `lane` stands at bits 8·lane to 8·lane + 7. */
  words: Uint32Array
  columns: number[]
}

/** Columns that are read together: fours as long as they last, then two, then one. */
export function lanesOf(column_count: number): number[] {
  const lanes: number[] = []
  for (let left = column_count; left > 0; left -= lanes.at(-1) ?? left) lanes.push(left >= 4 ? 4 : left >= 2 ? 2 : 1)
  return lanes
}

/**
 * Adds the rows `rows[start]` to `rows[end - 1]` to the cells of one group. `offsets` says where the cells of each of its
 * columns begin; `gradients` holds one number per row, or gradient and second derivative in turn where `stride` is 3.
 */
export function addRows(
  group: Group,
  { rows, start, end }: { rows: Uint32Array; start: number; end: number },
  gradients: Float32Array,
  { cells, offsets, stride }: { cells: Float64Array; offsets: readonly number[]; stride: number },
): void {
  const [a = 0, b = 0, c = 0, d = 0] = offsets
  const { words, columns } = group
  if (stride === 2) {
    if (columns.length === 4) addFour(words, rows, start, end, gradients, cells, a, b, c, d)
    else if (columns.length === 2) addTwo(words, rows, start, end, gradients, cells, a, b)
    else addOne(words, rows, start, end, gradients, cells, a)
  } else if (columns.length === 4) addFourWeighed(words, rows, start, end, gradients, cells, a, b, c, d)
  else if (columns.length === 2) addTwoWeighed(words, rows, start, end, gradients, cells, a, b)
  else addOneWeighed(words, rows, start, end, gradients, cells, a)
}

function addFour(
  words: Uint32Array,
  rows: Uint32Array,
  start: number,
  end: number,
  gradients: Float32Array,
  cells: Float64Array,
  a: number,
  b: number,
  c: number,
  d: number,
): void {
  for (let i = start; i < end; i++) {
    const row = rows[i]!
    const word = words[row]!
    const gradient = gradients[row]!
    const at_a = a + (word & 255) * 2
    cells[at_a]! += gradient
    cells[at_a + 1]! += 1
    const at_b = b + ((word >>> 8) & 255) * 2
    cells[at_b]! += gradient
    cells[at_b + 1]! += 1
    const at_c = c + ((word >>> 16) & 255) * 2
    cells[at_c]! += gradient
    cells[at_c + 1]! += 1
    const at_d = d + (word >>> 24) * 2
    cells[at_d]! += gradient
    cells[at_d + 1]! += 1
  }
}

function addTwo(
  words: Uint32Array,
  rows: Uint32Array,
  start: number,
  end: number,
  gradients: Float32Array,
  cells: Float64Array,
  a: number,
  b: number,
): void {
  for (let i = start; i < end; i++) {
    const row = rows[i]!
    const word = words[row]!
    const gradient = gradients[row]!
    const at_a = a + (word & 255) * 2
    cells[at_a]! += gradient
    cells[at_a + 1]! += 1
    const at_b = b + (word >>> 8) * 2
    cells[at_b]! += gradient
    cells[at_b + 1]! += 1
  }
}

function addOne(
  words: Uint32Array,
  rows: Uint32Array,
  start: number,
  end: number,
  gradients: Float32Array,
  cells: Float64Array,
  a: number,
): void {
  for (let i = start; i < end; i++) {
    const row = rows[i]!
    const at = a + words[row]! * 2
    cells[at]! += gradients[row]!
    cells[at + 1]! += 1
  }
}

function addFourWeighed(
  words: Uint32Array,
  rows: Uint32Array,
  start: number,
  end: number,
  gradients: Float32Array,
  cells: Float64Array,
  a: number,
  b: number,
  c: number,
  d: number,
): void {
  for (let i = start; i < end; i++) {
    const row = rows[i]!
    const word = words[row]!
    const gradient = gradients[2 * row]!
    const hessian = gradients[2 * row + 1]!
    const at_a = a + (word & 255) * 3
    cells[at_a]! += gradient
    cells[at_a + 1]! += 1
    cells[at_a + 2]! += hessian
    const at_b = b + ((word >>> 8) & 255) * 3
    cells[at_b]! += gradient
    cells[at_b + 1]! += 1
    cells[at_b + 2]! += hessian
    const at_c = c + ((word >>> 16) & 255) * 3
    cells[at_c]! += gradient
    cells[at_c + 1]! += 1
    cells[at_c + 2]! += hessian
    const at_d = d + (word >>> 24) * 3
    cells[at_d]! += gradient
    cells[at_d + 1]! += 1
    cells[at_d + 2]! += hessian
  }
}

function addTwoWeighed(
  words: Uint32Array,
  rows: Uint32Array,
  start: number,
  end: number,
  gradients: Float32Array,
  cells: Float64Array,
  a: number,
  b: number,
): void {
  for (let i = start; i < end; i++) {
    const row = rows[i]!
    const word = words[row]!
    const gradient = gradients[2 * row]!
    const hessian = gradients[2 * row + 1]!
    const at_a = a + (word & 255) * 3
    cells[at_a]! += gradient
    cells[at_a + 1]! += 1
    cells[at_a + 2]! += hessian
    const at_b = b + (word >>> 8) * 3
    cells[at_b]! += gradient
    cells[at_b + 1]! += 1
    cells[at_b + 2]! += hessian
  }
}

function addOneWeighed(
  words: Uint32Array,
  rows: Uint32Array,
  start: number,
  end: number,
  gradients: Float32Array,
  cells: Float64Array,
  a: number,
): void {
  for (let i = start; i < end; i++) {
    const row = rows[i]!
    const at = a + words[row]! * 3
    cells[at]! += gradients[2 * row]!
    cells[at + 1]! += 1
    cells[at + 2]! += gradients[2 * row + 1]!
  }
}
