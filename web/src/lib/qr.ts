/**
 * QR codes of model 2 (ISO/IEC 18004:2015), drawn here so that a secret is never sent anywhere to become a picture. Bytes
 * only, error correction M, versions 1 to 13: up to 331 bytes, which is twice what an authenticator's address needs.
 */

/** By version: correction words of a block, then how many blocks hold how many data words (table 9 of the standard). */
const blockTable: readonly (readonly [ec_words: number, ...(readonly [blocks: number, data_words: number])[]])[] = [
  [10, [1, 16]],
  [16, [1, 28]],
  [26, [1, 44]],
  [18, [2, 32]],
  [24, [2, 43]],
  [16, [4, 27]],
  [18, [4, 31]],
  [22, [2, 38], [2, 39]],
  [22, [3, 36], [2, 37]],
  [26, [4, 43], [1, 44]],
  [30, [1, 50], [4, 51]],
  [22, [6, 36], [2, 37]],
  [22, [8, 37], [1, 38]],
]

/** The side of the square of alignment patterns, beside the 6 that all have (annex E). */
const alignment: readonly (readonly number[])[] = [
  [],
  [18],
  [22],
  [26],
  [30],
  [34],
  [22, 38],
  [24, 42],
  [26, 46],
  [28, 50],
  [30, 54],
  [32, 58],
  [34, 62],
]

export type QrMatrix = readonly (readonly boolean[])[]

/**
 * The dark modules of a QR code, row by row, without the quiet zone of four modules that belongs around it.
 * @throws RangeError for more than 331 bytes.
 */
export function qrOf(text: string): QrMatrix {
  const bytes = new TextEncoder().encode(text)
  const version = versionFor(bytes.length)
  const words = interleaved(version, dataWords(version, bytes))
  const candidates = Array.from({ length: 8 }, (_, mask) => drawn(version, words, mask))
  return candidates.reduce((best, each) => (penalty(each) < penalty(best) ? each : best))
}

function capacity(version: number): number {
  const [, ...groups] = blockTable[version - 1] ?? [0]
  return groups.reduce((sum, [blocks, data_words]) => sum + blocks * data_words, 0)
}

function versionFor(length: number): number {
  for (let version = 1; version <= blockTable.length; version++) {
    // Four bits say that bytes follow, eight or sixteen how many.
    if (length + (version < 10 ? 1.5 : 2.5) <= capacity(version)) return version
  }
  throw new RangeError(`${length} bytes are more than a QR code here holds`)
}

function dataWords(version: number, bytes: Uint8Array): number[] {
  const bits: number[] = []
  const put = (value: number, length: number) => {
    for (let bit = length - 1; bit >= 0; bit--) bits.push((value >> bit) & 1)
  }
  put(0b0100, 4)
  put(bytes.length, version < 10 ? 8 : 16)
  for (const byte of bytes) put(byte, 8)
  const bits_max = capacity(version) * 8
  put(0, Math.min(4, bits_max - bits.length))
  while (bits.length % 8 !== 0) bits.push(0)
  const words = Array.from({ length: bits.length / 8 }, (_, i) =>
    bits.slice(i * 8, i * 8 + 8).reduce((word, bit) => word * 2 + bit, 0),
  )
  for (let pad = 0xec; words.length < capacity(version); pad ^= 0xec ^ 0x11) words.push(pad)
  return words
}

function interleaved(version: number, data: readonly number[]): number[] {
  const [ec_words, ...groups] = blockTable[version - 1] ?? [0]
  const blocks: { data: number[]; ec: number[] }[] = []
  let from = 0
  for (const [count, data_words] of groups) {
    for (let i = 0; i < count; i++) {
      const own = data.slice(from, from + data_words)
      from += data_words
      blocks.push({ data: own, ec: correctionOf(own, ec_words) })
    }
  }
  const columns = (part: 'data' | 'ec') => {
    const longest = Math.max(...blocks.map((block) => block[part].length))
    return Array.from({ length: longest }, (_, i) => blocks.flatMap((block) => block[part][i] ?? [])).flat()
  }
  return [...columns('data'), ...columns('ec')]
}

/** Multiplication in GF(2⁸) modulo x⁸+x⁴+x³+x²+1. */
function times(a: number, b: number): number {
  let product = 0
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >> 7) * 0x11d)
    if ((b >> bit) & 1) product ^= a
  }
  return product & 0xff
}

/** The Reed–Solomon remainder of a block. */
function correctionOf(data: readonly number[], ec_words: number): number[] {
  let generator = [1]
  let root = 1
  for (let i = 0; i < ec_words; i++) {
    const next = [...generator, 0]
    generator.forEach((coefficient, at) => (next[at + 1] = (next[at + 1] ?? 0) ^ times(coefficient, root)))
    generator = next
    root = times(root, 2)
  }
  const rest = [...data, ...Array<number>(ec_words).fill(0)]
  for (let i = 0; i < data.length; i++) {
    const lead = rest[i] ?? 0
    if (lead !== 0)
      generator.forEach((coefficient, at) => (rest[i + at] = (rest[i + at] ?? 0) ^ times(coefficient, lead)))
  }
  return rest.slice(data.length)
}

const masks: readonly ((row: number, column: number) => boolean)[] = [
  (r, c) => (r + c) % 2 === 0,
  (r) => r % 2 === 0,
  (_, c) => c % 3 === 0,
  (r, c) => (r + c) % 3 === 0,
  (r, c) => (Math.floor(r / 2) + Math.floor(c / 3)) % 2 === 0,
  (r, c) => ((r * c) % 2) + ((r * c) % 3) === 0,
  (r, c) => (((r * c) % 2) + ((r * c) % 3)) % 2 === 0,
  (r, c) => (((r + c) % 2) + ((r * c) % 3)) % 2 === 0,
]

type Grid = (boolean | undefined)[][]

function drawn(version: number, words: readonly number[], mask: number): boolean[][] {
  const size = 17 + 4 * version
  const grid: Grid = Array.from({ length: size }, () => Array<boolean | undefined>(size).fill(undefined))
  drawPatterns(grid, version)
  drawFormat(grid, mask)
  if (version >= 7) drawVersion(grid, version)
  const isMasked = masks[mask] ?? (() => false)
  let bit = 0
  for (const [row, column] of zigzag(size)) {
    const line = grid[row]
    if (!line || line[column] !== undefined) continue
    const dark = (((words[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) === 1
    bit += 1
    line[column] = dark !== isMasked(row, column)
  }
  return grid.map((line) => line.map((dark) => dark === true))
}

/** Two columns at a time from the right, up and down in turn, passing over the timing column. */
function* zigzag(size: number): Generator<[row: number, column: number]> {
  let up = true
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right = 5
    for (let i = 0; i < size; i++) {
      const row = up ? size - 1 - i : i
      yield [row, right]
      yield [row, right - 1]
    }
    up = !up
  }
}

function set(grid: Grid, row: number, column: number, dark: boolean): void {
  const line = grid[row]
  if (line && column >= 0 && column < line.length) line[column] = dark
}

function drawPatterns(grid: Grid, version: number): void {
  const size = grid.length
  for (let i = 0; i < size; i++) {
    set(grid, 6, i, i % 2 === 0)
    set(grid, i, 6, i % 2 === 0)
  }
  const rings = (row: number, column: number, reach: number, light: readonly number[]) => {
    for (let dr = -reach; dr <= reach; dr++) {
      for (let dc = -reach; dc <= reach; dc++) {
        set(grid, row + dr, column + dc, !light.includes(Math.max(Math.abs(dr), Math.abs(dc))))
      }
    }
  }
  for (const [row, column] of [
    [3, 3],
    [3, size - 4],
    [size - 4, 3],
  ] as const)
    rings(row, column, 4, [2, 4])
  const lines = version === 1 ? [] : [6, ...(alignment[version - 1] ?? [])]
  for (const row of lines) {
    for (const column of lines) {
      const in_corner = (row === 6 && (column === 6 || column === size - 7)) || (column === 6 && row === size - 7)
      if (!in_corner) rings(row, column, 2, [1])
    }
  }
}

/** The remainder of `value` shifted by the generator's degree: BCH codes of formats and versions. */
function withRemainder(value: number, generator: number, degree: number): number {
  let rest = value << degree
  for (let bit = 31 - Math.clz32(rest); bit >= degree; bit = 31 - Math.clz32(rest)) rest ^= generator << (bit - degree)
  return (value << degree) | rest
}

/** Level M is 00 in the format, and the mask is written behind it, twice. */
function drawFormat(grid: Grid, mask: number): void {
  const size = grid.length
  const format = withRemainder(mask, 0x537, 10) ^ 0x5412
  for (let i = 0; i < 15; i++) {
    const dark = ((format >> i) & 1) === 1
    set(grid, i < 6 ? i : i < 8 ? i + 1 : size - 15 + i, 8, dark)
    set(grid, 8, i < 8 ? size - 1 - i : i === 8 ? 7 : 14 - i, dark)
  }
  set(grid, size - 8, 8, true)
}

function drawVersion(grid: Grid, version: number): void {
  const size = grid.length
  const bits = withRemainder(version, 0x1f25, 12)
  for (let i = 0; i < 18; i++) {
    const dark = ((bits >> i) & 1) === 1
    set(grid, Math.floor(i / 3), size - 11 + (i % 3), dark)
    set(grid, size - 11 + (i % 3), Math.floor(i / 3), dark)
  }
}

/** How hard a pattern is to read (7.8.3): runs, blocks, what looks like a finder, and a grey that is too dark or light. */
function penalty(grid: QrMatrix): number {
  const columns = grid.map((_, column) => grid.map((row) => row[column] === true))
  const lines = [...grid, ...columns].map((line) => line.map((dark) => (dark ? '1' : '0')).join(''))
  let points = 0
  for (const line of lines) {
    for (const run of line.match(/0{5,}|1{5,}/g) ?? []) points += run.length - 2
    points += 40 * (line.match(/(?=10111010000|00001011101)/g)?.length ?? 0)
  }
  let dark_count = 0
  grid.forEach((row, r) =>
    row.forEach((dark, c) => {
      if (dark) dark_count += 1
      const same = [grid[r]?.[c + 1], grid[r + 1]?.[c], grid[r + 1]?.[c + 1]]
      if (same.every((other) => other === dark)) points += 3
    }),
  )
  return points + 10 * Math.floor(Math.abs((dark_count * 100) / grid.length ** 2 - 50) / 5)
}
