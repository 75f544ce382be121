/**
 * What goes wrong with evidence, one family at a time: how each is drawn, from hardly to badly. Every pair has the ordinary scatter
 * of a sensor besides: see expose.ts.
 */
import { randomOf, type Random } from '../../learn/random.ts'
import { trialBands, type TrialBand } from './light.ts'

export type Side = 'before' | 'after'

export const families = [
  'nothing',
  'moved',
  'bent',
  'clouds_seen',
  'clouds_hidden',
  'haze',
  'gain',
  'offset',
  'offset_missed',
  'season_told',
  'season_hidden',
  'recoloured',
  'area_typed_wrong',
  'outline_drawn_wrong',
  'noise',
  'small',
  'no_mask',
  'other_sensor',
  'digital_numbers',
  'colour_ortho',
  'photo',
  'photo_recoloured',
  'several',
] as const
export type Family = (typeof families)[number]

export type Product = 'sentinel_2' | 'sentinel_2_no_mask' | 'digital_numbers' | 'colour_ortho' | 'photo'

export interface Degradation {
  family: Family
  /** What happened, in numbers, for tables. */
  level: string
  product: Product
  after_sensor: 'same' | 'landsat'
  /** How far the after picture lies beside the place that its file names, and how far parts of it beside each other. */
  moved_px: readonly [col: number, row: number]
  bent_px: number
  clouds: { side: Side; share: number; isSeen: boolean } | null
  /** Opacity of an even veil that no mask knows. */
  haze: { side: Side; opacity: number } | null
  wrong: { side: Side; gain: Record<TrialBand, number>; offset: Record<TrialBand, number> }
  /** The file names a processing baseline that hides the offset of its numbers, or one that invents it. */
  offset_missed: Side | null
  season_days: number
  /** What the files say of it. */
  season_told_days: number
  /** The after picture is the before picture with its plants painted greener. */
  recoloured: number
  noise: number
  claimed_factor: number
  drawn: { factor: number; col_px: number; row_px: number }
  /** The project is only so large. */
  radius_px: number | null
}

const flat = (value: number): Record<TrialBand, number> => ({ blue: value, green: value, red: value, nir: value })
const between = (random: Random, low: number, high: number) => low + (high - low) * random.next()
const sideOf = (random: Random): Side => (random.next() < 0.5 ? 'before' : 'after')
const signed = (random: Random, size: number) => (random.next() < 0.5 ? -size : size)
const perBand = (draw: () => number) =>
  Object.fromEntries(trialBands.map((band) => [band, draw()])) as Record<TrialBand, number>
const tenth = (value: number) => value.toFixed(1)
const percent = (value: number) => `${(100 * value).toFixed(0)} %`

type Part = Partial<Degradation> & { level: string }

const draws: Record<Exclude<Family, 'several'>, (random: Random) => Part> = {
  nothing: () => ({ level: '' }),
  moved: (random) => {
    const [size, angle] = [between(random, 0.3, 5), 2 * Math.PI * random.next()]
    return { level: `${tenth(size)} px`, moved_px: [size * Math.cos(angle), size * Math.sin(angle)] }
  },
  bent: (random) => {
    const bent_px = between(random, 0.4, 3)
    return { level: `${tenth(bent_px)} px`, bent_px }
  },
  clouds_seen: (random) => cloudy(random, true),
  clouds_hidden: (random) => cloudy(random, false),
  haze: (random) => {
    const opacity = between(random, 0.02, 0.3)
    return { level: percent(opacity), haze: { side: sideOf(random), opacity } }
  },
  gain: (random) => {
    const size = between(random, 0.03, 0.25)
    const gain = perBand(() => 1 + size * (2 * random.next() - 1))
    return { level: percent(size), wrong: { side: sideOf(random), gain, offset: flat(0) } }
  },
  offset: (random) => {
    const size = between(random, 0.005, 0.05)
    const offset = perBand(() => size * (2 * random.next() - 1))
    return { level: size.toFixed(3), wrong: { side: sideOf(random), gain: flat(1), offset } }
  },
  offset_missed: (random) => {
    const side = sideOf(random)
    return { level: side, offset_missed: side }
  },
  season_told: (random) => season(random, 12, 90, true),
  season_hidden: (random) => season(random, 30, 180, false),
  recoloured: (random) => {
    const recoloured = between(random, 0.1, 0.7)
    return { level: percent(recoloured), recoloured }
  },
  area_typed_wrong: (random) => {
    const claimed_factor = 1 + signed(random, between(random, 0.05, 0.35))
    return { level: percent(claimed_factor - 1), claimed_factor }
  },
  outline_drawn_wrong: (random) => {
    const factor = between(random, 0.8, 1.25)
    const [col_px, row_px] = [between(random, -6, 6), between(random, -6, 6)]
    return {
      level: `${percent(factor * factor - 1)}, ${tenth(Math.hypot(col_px, row_px))} px`,
      drawn: { factor, col_px, row_px },
    }
  },
  noise: (random) => {
    const noise = between(random, 0.004, 0.05)
    return { level: noise.toFixed(3), noise }
  },
  small: (random) => {
    const radius_px = between(random, 2, 7)
    return { level: `${tenth(radius_px)} px`, radius_px }
  },
  no_mask: (random) => {
    const part = random.next() < 0.5 ? cloudy(random, false) : { level: 'clear' }
    return { ...part, product: 'sentinel_2_no_mask' }
  },
  other_sensor: () => ({ level: 'Landsat', after_sensor: 'landsat' }),
  digital_numbers: () => ({ level: '', product: 'digital_numbers' }),
  colour_ortho: () => ({ level: '', product: 'colour_ortho' }),
  photo: () => ({ level: '', product: 'photo' }),
  photo_recoloured: (random) => {
    const recoloured = between(random, 0.1, 0.7)
    return { level: percent(recoloured), product: 'photo', recoloured }
  },
}

/** What is drawn together: ordinary trouble of one kind of file, none of it excluding another. */
const together = ['moved', 'clouds_seen', 'clouds_hidden', 'haze', 'gain', 'offset', 'season_told', 'noise'] as const

function cloudy(random: Random, isSeen: boolean): Part {
  const share = between(random, 0.02, isSeen ? 0.65 : 0.5)
  return { level: percent(share), clouds: { side: sideOf(random), share, isSeen } }
}

function season(random: Random, least: number, most: number, isTold: boolean): Part {
  const season_days = Math.round(between(random, least, most))
  return { level: `${season_days} days`, season_days, ...(isTold ? { season_told_days: season_days } : {}) }
}

/** How a pair of one ground and family was degraded: the same every time. */
export function degradationOf(seed: number, family: Family): Degradation {
  const random = randomOf(seed).fork(100 + families.indexOf(family))
  const usual = Math.round(between(random, -12, 12))
  const plain: Degradation = {
    family,
    level: '',
    product: 'sentinel_2',
    after_sensor: 'same',
    moved_px: [between(random, -0.3, 0.3), between(random, -0.3, 0.3)],
    bent_px: 0,
    clouds: null,
    haze: null,
    wrong: { side: 'after', gain: flat(1), offset: flat(0) },
    offset_missed: null,
    season_days: usual,
    season_told_days: usual,
    recoloured: 0,
    noise: 0.003,
    claimed_factor: between(random, 0.97, 1.03),
    drawn: { factor: 1, col_px: 0, row_px: 0 },
    radius_px: null,
  }
  if (family !== 'several') return { ...plain, ...draws[family](random) }
  const first = random.integer(together.length)
  const second = (first + 1 + random.integer(together.length - 1)) % together.length
  const parts = [first, second].map((at) => draws[together[at] ?? 'noise'](random))
  return { ...plain, ...parts[0], ...parts[1], level: parts.map(({ level }) => level).join(' and ') }
}
