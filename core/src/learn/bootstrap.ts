import { Problem } from '../lib/problem.ts'
import { normalBelow, normalQuantile } from './distributions.ts'
import { randomOf, range, shuffle, type Random } from './random.ts'

export interface PairedBootstrapOptions {
  /** How sure the interval is; 0.95. */
  level?: number
  /** Resamples; 2,000. */
  resample_count?: number
  seed?: number
  /** Rows that belong together (one building, one day) are drawn together. */
  blocks?: ArrayLike<number | string>
  /** `mean` of the losses (the default), or `root_mean` for a root mean squared error of squared losses. */
  of?: 'mean' | 'root_mean'
}

export interface PairedComparison {
  /** Loss of the champion less that of the challenger: above zero the challenger is better. In the unit of the loss. */
  gain: number
  /** The bias-corrected and accelerated interval at `level`. */
  gain_low: number
  gain_high: number
  champion_loss: number
  challenger_loss: number
  row_count: number
  /** What was drawn: rows, or blocks. */
  unit_count: number
}

/** More units than this are bundled at random: the spread of a mean is the same from bundles, and the time is bounded. */
const UNITS_MAX = 5000
const UNITS_MIN = 8

/**
 * How much better a challenger is on the same rows, none of which either model has learnt from: the paired bootstrap with BCa
 * intervals (Efron 1987). Refuses losses that are not finite and pairs, and fewer than 8 rows or blocks.
 */
export function compareOnHoldout(
  champion_losses: ArrayLike<number>,
  challenger_losses: ArrayLike<number>,
  { level = 0.95, resample_count = 2000, seed = 0, blocks, of = 'mean' }: PairedBootstrapOptions = {},
): PairedComparison {
  check(champion_losses, challenger_losses, blocks)
  if (!(level > 0 && level < 1)) throw unfit(`A level lies between 0 and 1, not at ${level}.`)
  if (!(Number.isInteger(resample_count) && resample_count >= 100)) throw unfit('It takes 100 resamples at least.')
  const random = randomOf(seed)
  const units = unitsOf(champion_losses, challenger_losses, blocks, random)
  const unit_count = units.rows.length
  if (unit_count < UNITS_MIN) throw unfit(`${unit_count} ${blocks ? 'blocks' : 'rows'} are too few to compare on.`)
  const shaped = of === 'mean' ? (value: number) => value : Math.sqrt
  const total = sumOf(units, range(unit_count))
  const gainOf = ({ champion, challenger, rows }: Sums) => shaped(champion / rows) - shaped(challenger / rows)
  const gain = gainOf(total)
  const drawn = new Uint32Array(unit_count)
  const gains = Float64Array.from({ length: resample_count }, () => {
    for (let i = 0; i < unit_count; i++) drawn[i] = random.integer(unit_count)
    return gainOf(sumOf(units, drawn))
  }).sort()
  const without = Array.from(range(unit_count), (unit) =>
    gainOf({
      champion: total.champion - units.champion[unit]!,
      challenger: total.challenger - units.challenger[unit]!,
      rows: total.rows - units.rows[unit]!,
    }),
  )
  const [gain_low, gain_high] = bcaInterval(gain, gains, without, level)
  return {
    gain,
    gain_low,
    gain_high,
    champion_loss: shaped(total.champion / total.rows),
    challenger_loss: shaped(total.challenger / total.rows),
    row_count: champion_losses.length,
    unit_count,
  }
}

function unfit(detail: string): Problem {
  return new Problem('learn/data-unfit', { detail })
}

function check(
  champion: ArrayLike<number>,
  challenger: ArrayLike<number>,
  blocks: ArrayLike<number | string> | undefined,
): void {
  const lengths = [champion.length, challenger.length, blocks?.length ?? champion.length]
  if (new Set(lengths).size > 1)
    throw unfit(`Losses and blocks stand row by row; there are ${lengths.join(', ')} of them.`)
  for (let row = 0; row < champion.length; row++) {
    if (Number.isFinite(champion[row]) && Number.isFinite(challenger[row])) continue
    throw unfit(`Row ${row} has a loss that is not a finite number.`)
  }
}

interface Sums {
  champion: number
  challenger: number
  rows: number
}

interface Units {
  champion: Float64Array
  challenger: Float64Array
  rows: Float64Array
}

/** Sums of losses by row, by block, or by bundles of them when there are many. */
function unitsOf(
  champion: ArrayLike<number>,
  challenger: ArrayLike<number>,
  blocks: ArrayLike<number | string> | undefined,
  random: Random,
): Units {
  const unit_of_row = range(champion.length)
  let count = champion.length
  if (blocks) {
    const numbers = new Map<number | string, number>()
    for (let row = 0; row < blocks.length; row++) {
      const block = blocks[row]!
      if (!numbers.has(block)) numbers.set(block, numbers.size)
      unit_of_row[row] = numbers.get(block)!
    }
    count = numbers.size
  }
  const bundle = shuffle(range(count), random).map((place) => place % Math.min(count, UNITS_MAX))
  count = Math.min(count, UNITS_MAX)
  const units = {
    champion: new Float64Array(count),
    challenger: new Float64Array(count),
    rows: new Float64Array(count),
  }
  for (let row = 0; row < champion.length; row++) {
    const unit = bundle[unit_of_row[row]!]!
    units.champion[unit]! += champion[row]!
    units.challenger[unit]! += challenger[row]!
    units.rows[unit]! += 1
  }
  return units
}

function sumOf(units: Units, drawn: Uint32Array): Sums {
  const sums = { champion: 0, challenger: 0, rows: 0 }
  for (const unit of drawn) {
    sums.champion += units.champion[unit]!
    sums.challenger += units.challenger[unit]!
    sums.rows += units.rows[unit]!
  }
  return sums
}

function bcaInterval(gain: number, gains: Float64Array, without: number[], level: number): [low: number, high: number] {
  const below = gains.reduce((sum, each) => sum + (each < gain ? 1 : each === gain ? 0.5 : 0), 0) / gains.length
  // Losses that never differ leave nothing to be unsure of.
  if (gains[0] === gains.at(-1)) return [gain, gain]
  const bias = normalQuantile(Math.min(Math.max(below, 1 / gains.length), 1 - 1 / gains.length))
  const mean = without.reduce((sum, each) => sum + each, 0) / without.length
  const squares = without.reduce((sum, each) => sum + (mean - each) ** 2, 0)
  const cubes = without.reduce((sum, each) => sum + (mean - each) ** 3, 0)
  const acceleration = squares > 0 ? cubes / (6 * squares ** 1.5) : 0
  const at = (share: number) => {
    const z = bias + normalQuantile(share)
    const corrected = normalBelow(bias + z / (1 - acceleration * z))
    return gains[Math.min(gains.length - 1, Math.max(0, Math.round(corrected * gains.length - 0.5)))]!
  }
  return [at((1 - level) / 2), at((1 + level) / 2)]
}
