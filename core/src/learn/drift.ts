import { Problem } from '../lib/problem.ts'
import { chiSquareTail, chiSquareUpper } from './distributions.ts'
import { cellsOfCategories, cellsOfNumbers, type Cells } from './drift-cells.ts'
import { permutationTails, type DriftBlocks } from './drift-permutation.ts'
import { benjaminiHochberg, chiSquareTest, kolmogorovSmirnov, psi, wasserstein } from './two-sample.ts'

/** One feature as it was (`reference`) and as it is (`current`). NaN and null are missing values. */
export type DriftFeature =
  | { name: string; kind: 'number'; reference: Float64Array; current: Float64Array }
  | { name: string; kind: 'category'; reference: readonly (string | null)[]; current: readonly (string | null)[] }

export interface DriftOptions {
  /** The share of false findings allowed among the features called drifted; 0.05. */
  alpha?: number
  /** What is called a drift at all, however sure: a PSI of 0.1, as usual in credit scoring. */
  psi_floor?: number
  /** The same for the Kolmogorov–Smirnov distance; 0.1. */
  ks_floor?: number
  /** Fewer rows than this on either side are never called free of drift; 200. */
  rows_min?: number
  blocks?: DriftBlocks
  /** Shuffles behind each p-value where no law holds; at least 999, and enough for the number of features. */
  permutation_count?: number
  seed?: number
}

export type DriftVerdict = 'drift' | 'no_drift' | 'too_few_rows'

export interface FeatureDrift {
  name: string
  kind: 'number' | 'category'
  verdict: DriftVerdict
  /** One sentence for people. */
  because: string
  psi: number
  /** The PSI that chance alone exceeds once in twenty times at this size. */
  psi_noise: number
  /** Rows on the current side from which `psi_noise` is below the floor; absent when no number of them would do. */
  rows_needed?: number
  /** For numbers: distance of the distribution functions. */
  ks_distance?: number
  /** For numbers: Wasserstein distance in standard deviations of the reference; absent where that is constant. */
  wasserstein_sd?: number
  /** For categories: Pearson's statistic and its degrees of freedom. */
  chi_square?: { statistic: number; freedom: number }
  p_value: number
  /** `p_value` after Benjamini and Hochberg over the features. */
  q_value: number
  law: 'asymptotic' | 'permutation' | 'block_permutation'
  reference_count: number
  current_count: number
  reference_missing_share: number
  current_missing_share: number
  /** Categories of the current rows that the reference never had, the most frequent first, 20 at most. */
  unseen_categories?: string[]
  /** Shares over the bins that the PSI compares: deciles of the reference, categories, and the missing. */
  bins: { label: string; reference_share: number; current_share: number }[]
}

export interface DriftReport {
  /** `drift` when any feature drifts; otherwise `too_few_rows` when any is undecided. */
  verdict: DriftVerdict
  features: FeatureDrift[]
}

/** Fewer rows than this are a handful of cases, whatever they look like. */
const ROWS_MIN = 20
/** The laws of PSI, chi-square and KS hold from this many rows on each side. */
const LAW_ROWS_MIN = 200

/**
 * Tells which features drift: the difference must be larger than a floor that matters *and* larger than chance explains, after
 * adjusting for the number of features. "No drift" is said only where a drift of the size of the floor would have shown.
 * Refuses samples without rows and blocks that are not one per row.
 */
export function driftOf(features: readonly DriftFeature[], options: DriftOptions = {}): DriftReport {
  const settings = { alpha: 0.05, psi_floor: 0.1, ks_floor: 0.1, rows_min: 200, seed: 0, ...options }
  const permutation_count =
    settings.permutation_count ?? Math.max(999, Math.ceil((4 * features.length) / settings.alpha))
  features.forEach((feature) => checkFeature(feature, settings.blocks))
  const measured = features.map((feature, index) =>
    measure(feature, { ...settings, permutation_count, seed: settings.seed + index }),
  )
  const q_values = benjaminiHochberg(measured.map(({ p_value }) => p_value))
  const judged = measured.map((each, index) => judge(each, q_values[index] ?? 1, { ...settings, permutation_count }))
  const has = (verdict: DriftVerdict) => judged.some((feature) => feature.verdict === verdict)
  return { verdict: has('drift') ? 'drift' : has('too_few_rows') ? 'too_few_rows' : 'no_drift', features: judged }
}

function checkFeature({ name, kind, reference, current }: DriftFeature, blocks: DriftBlocks | undefined): void {
  const refuse = (detail: string) => {
    throw new Problem('learn/data-unfit', { detail, feature: name })
  }
  if (reference.length === 0 || current.length === 0) refuse(`${name} has no rows on one of the two sides.`)
  if (blocks && (blocks.reference.length !== reference.length || blocks.current.length !== current.length)) {
    refuse(`${name} has ${reference.length} and ${current.length} rows; the blocks are not one per row.`)
  }
  for (const values of kind === 'number' ? [reference, current] : []) {
    if (values.some((value) => Math.abs(Number(value)) === Infinity)) refuse(`${name} has an infinite value.`)
  }
}

type Settings = Required<Omit<DriftOptions, 'blocks'>> & { blocks?: DriftBlocks }
type Measured = Omit<FeatureDrift, 'verdict' | 'because' | 'q_value'> & { distinguishable: boolean }

function measure(feature: DriftFeature, settings: Settings): Measured {
  const cells = feature.kind === 'number' ? cellsOfNumbers(feature) : cellsOfCategories(feature)
  const { reference_count, current_count } = cells
  const sizes = 1 / reference_count + 1 / current_count
  const { bins } = cells
  const freedom = Math.max(1, bins.length - 1)
  const upper = chiSquareUpper(0.05, freedom)
  const spare = settings.psi_floor / upper - 1 / reference_count
  const tested = feature.kind === 'number' ? testNumbers(feature, cells) : testCategories(cells)
  const lawful = Math.min(reference_count, current_count) >= LAW_ROWS_MIN && !settings.blocks
  const by_chance = lawful ? { p_value: tested.p_value, distinguishable: true } : permutationTails(cells, settings)
  return {
    name: feature.name,
    kind: feature.kind,
    psi: tested.psi,
    psi_noise: upper * sizes,
    ...(spare > 0 ? { rows_needed: Math.max(settings.rows_min, Math.ceil(1 / spare)) } : {}),
    ...tested.effects,
    ...by_chance,
    law: lawful ? 'asymptotic' : settings.blocks ? 'block_permutation' : 'permutation',
    reference_count,
    current_count,
    reference_missing_share: cells.reference_missing_count / reference_count,
    current_missing_share: cells.current_missing_count / current_count,
    ...(cells.unseen ? { unseen_categories: cells.unseen } : {}),
    bins: bins.map(({ label, reference, current }) => ({
      label,
      reference_share: reference / reference_count,
      current_share: current / current_count,
    })),
  }
}

interface Tested {
  psi: number
  /** By the asymptotic laws. */
  p_value: number
  effects: Pick<FeatureDrift, 'ks_distance' | 'wasserstein_sd' | 'chi_square'>
}

function countsOf(bins: Cells['bins']): [reference: number[], current: number[]] {
  return [bins.map((bin) => bin.reference), bins.map((bin) => bin.current)]
}

/** The law of chi-square needs five expected rows in a bin: those with fewer are counted as one. */
function lumped({ bins, reference_count, current_count }: Cells): Cells['bins'] {
  const smaller_share = Math.min(reference_count, current_count) / (reference_count + current_count)
  const expected = ({ reference, current }: { reference: number; current: number }) =>
    (reference + current) * smaller_share
  const kept = bins.filter((bin) => expected(bin) >= 5)
  const rare = { label: 'rare', reference: 0, current: 0 }
  for (const bin of bins.filter((each) => expected(each) < 5)) {
    rare.reference += bin.reference
    rare.current += bin.current
  }
  return expected(rare) >= 5 || kept.length === 0 ? [...kept, rare] : kept
}

function testNumbers({ reference, current }: { reference: Float64Array; current: Float64Array }, cells: Cells): Tested {
  const index = psi(...countsOf(cells.bins))
  const frequent = lumped(cells)
  const sizes = 1 / cells.reference_count + 1 / cells.current_count
  const by_psi = frequent.length > 1 ? chiSquareTail(psi(...countsOf(frequent)) / sizes, frequent.length - 1) : 1
  const before = reference.filter((value) => !Number.isNaN(value))
  const now = current.filter((value) => !Number.isNaN(value))
  if (before.length === 0 || now.length === 0) return { psi: index, p_value: by_psi, effects: {} }
  const ks = kolmogorovSmirnov(before, now)
  const sd = deviationOf(before)
  return {
    psi: index,
    // The index sees the shape and what is missing, the distance sees shifts; two tests, so the smaller p counts twice.
    p_value: Math.min(1, 2 * Math.min(by_psi, ks.p_value)),
    effects: { ks_distance: ks.distance, ...(sd > 0 ? { wasserstein_sd: wasserstein(before, now) / sd } : {}) },
  }
}

function testCategories(cells: Cells): Tested {
  const { statistic, freedom, p_value } = chiSquareTest(...countsOf(lumped(cells)))
  return { psi: psi(...countsOf(cells.bins)), p_value, effects: { chi_square: { statistic, freedom } } }
}

function deviationOf(values: Float64Array): number {
  // Distances from the first value keep a constant column at exactly zero.
  const first = values[0] ?? 0
  const mean = values.reduce((sum, value) => sum + (value - first), 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - first - mean) ** 2, 0) / values.length)
}

function judge(
  { distinguishable, ...feature }: Measured,
  q_value: number,
  {
    alpha,
    psi_floor,
    ks_floor,
    rows_min,
  }: Settings | Required<Pick<Settings, 'alpha' | 'psi_floor' | 'ks_floor' | 'rows_min'>>,
): FeatureDrift {
  const { psi: index, psi_noise, ks_distance, reference_count, current_count, rows_needed } = feature
  const large = index >= psi_floor || (ks_distance ?? 0) >= ks_floor
  const rows = Math.min(reference_count, current_count)
  const size = `PSI ${index.toFixed(3)}, of which chance explains ${psi_noise.toFixed(3)} at ${reference_count} and ${current_count} rows`
  if (large && q_value <= alpha && rows >= ROWS_MIN && distinguishable) {
    return { ...feature, q_value, verdict: 'drift', because: `${size}; adjusted p = ${q_value.toPrecision(2)}.` }
  }
  if (!distinguishable || rows < rows_min || psi_noise > psi_floor) {
    const wanted = !distinguishable
      ? 'too few blocks to tell drift from chance'
      : rows_needed === undefined || reference_count < rows_min
        ? 'the reference is too short'
        : `${rows_needed} rows would do`
    return { ...feature, q_value, verdict: 'too_few_rows', because: `${size}: ${wanted}.` }
  }
  const small = q_value <= alpha ? 'a difference is sure and smaller than matters' : 'chance explains it'
  return { ...feature, q_value, verdict: 'no_drift', because: `${size}; ${small}.` }
}
