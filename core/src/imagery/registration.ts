import { clipWindow, wholeWindow, type Band, type Grid, type Mask, type Window } from './grid.ts'
import { PhaseCorrelator } from './phase-correlation.ts'
import { refineShift } from './refine-shift.ts'

/**
 * Whether two pictures on one grid lie on each other, and by how much they must be moved. One pixel of misregistration makes
 * several per cent of all pixels look changed, so maps and tables of pixels are made of registered pairs only. At least nine tiles
 * are measured; they must agree before a shift is believed.
 */
export interface TileResult {
  psr: number
  /** By the peak of the phase correlation: every detail counts alike, so it holds where much of the ground has changed. */
  phase: PixelShift
  /** By least squares from there: far finer where the ground is the same, drawn aside by what has changed. Undefined when it strayed. */
  least_squares: PixelShift | undefined
}

export interface PixelShift {
  /** Content at column x before lies at column x + shift after. */
  shift_col_px: number
  shift_row_px: number
}

/** Both ways are taken at every tile; the one on which the tiles agree better is believed. */
export type RegistrationMethod = 'phase' | 'least_squares'

export type RegistrationVerdict =
  | {
      outcome: 'registered'
      method: RegistrationMethod
      shift_col_px: number
      shift_row_px: number
      /** What is left once the shift is applied: root mean square over the tiles that agree. */
      residual_px: number
      /** Tiles that agree on the shift. */
      tiles: number
      tiles_measured: number
      /** Median peak over rest of the tiles that agree. */
      psr: number
      /** Whether the shift is large enough to be worth a resampling: a tenth of a pixel or more. */
      is_shifted: boolean
    }
  | { outcome: 'cannot_tell'; reasons: RegistrationRefusal[]; tiles_measured: number; psr: number | undefined }

export type RegistrationRefusal =
  | { code: 'picture_too_small'; width: number; height: number; side_least_px: number }
  /** The tiles do not find each other: other ground, or a change too great to hold on to. */
  | { code: 'no_correlation'; tiles_found: number; tiles_needed: number; psr_least: number }
  | { code: 'tiles_disagree'; tiles_agreeing: number; tiles_needed: number; spread_px: number }
  | { code: 'shift_too_large'; shift_px: number; shift_most_px: number }

export interface RegistrationRules {
  shift_most_px: number
  /** Tiles agree that lie this close to the median shift. */
  agree_px: number
  /** The peak over the rest that a tile must reach. Of thirty pairs of unlike scenes none came above 7.6. */
  psr_least: number
  /** Of the tiles laid out, the share that must be found and agree. */
  share_needed: number
}

export const registrationRules: RegistrationRules = {
  shift_most_px: 5,
  agree_px: 0.5,
  psr_least: 9,
  share_needed: 0.5,
}
const SHIFT_WORTH_PX = 0.1

const TILES_ACROSS_LEAST = 3
const TILES_ACROSS_MOST = 4
const sides = [256, 128, 64, 32] as const
/** A polygon smaller than this is registered by what lies around it as well. */
const CONTEXT_PX = 256

export interface TileLayout {
  side: number
  tiles: Window[]
}

/**
 * Nine to sixteen tiles, evenly spread over `within` and what lies around it. The largest side is taken of which three fit across
 * when they overlap by no more than half. Undefined for pictures under 64 pixels across.
 */
export function registrationTiles(
  grid: Pick<Grid, 'width' | 'height'>,
  within: Window = wholeWindow(grid),
): TileLayout | undefined {
  const area = clipWindow(grid, grown(grid, within))
  if (!area) return undefined
  const side = sides.find((length) => Math.min(area.width, area.height) >= 2 * length)
  if (side === undefined) return undefined
  const starts = (from: number, length: number) => {
    const count = Math.max(TILES_ACROSS_LEAST, Math.min(TILES_ACROSS_MOST, Math.floor(length / side)))
    return Array.from({ length: count }, (_, k) => from + Math.round((k * (length - side)) / (count - 1)))
  }
  const cols = starts(area.col, area.width)
  const tiles = starts(area.row, area.height).flatMap((row) =>
    cols.map((col) => ({ col, row, width: side, height: side })),
  )
  return { side, tiles }
}

function grown(grid: Pick<Grid, 'width' | 'height'>, { col, row, width, height }: Window): Window {
  const [across, left] = grownSide(col, width, grid.width)
  const [down, top] = grownSide(row, height, grid.height)
  return { col: left, row: top, width: across, height: down }
}

function grownSide(start: number, length: number, most: number): [length: number, start: number] {
  const wanted = Math.min(most, Math.max(length, CONTEXT_PX))
  const from = Math.round(start - (wanted - length) / 2)
  return [wanted, Math.max(0, Math.min(most - wanted, from))]
}

/** A near infrared band (or another that both dates have) and its mask under one tile. */
export interface TileBand {
  values: Band
  mask: Mask
}

/**
 * The shift of one tile, both ways. Undefined where clouds, water or a lack of contrast leave nothing to hold on to.
 */
export function registerTile(correlator: PhaseCorrelator, before: TileBand, after: TileBand): TileResult | undefined {
  const found = correlator.shift(before.values, after.values, before.mask, after.mask)
  if (!found) return undefined
  const { psr, ...phase } = found
  const tiles = { first: before.values, second: after.values, mask_first: before.mask, mask_second: after.mask }
  return { psr, phase, least_squares: refineShift({ ...tiles, side: correlator.side }, phase) }
}

/** What the tiles say together, a place in the list for every tile laid out. */
export function judgeRegistration(
  results: readonly (TileResult | undefined)[],
  rules: RegistrationRules = registrationRules,
): RegistrationVerdict {
  const tiles_measured = results.length
  const tiles_needed = Math.max(2, Math.ceil(rules.share_needed * tiles_measured))
  const measured = results.filter((tile) => tile !== undefined)
  const found = measured.filter(({ psr }) => psr >= rules.psr_least)
  const refuse = (reason: RegistrationRefusal): RegistrationVerdict => ({
    outcome: 'cannot_tell',
    reasons: [reason],
    tiles_measured,
    psr: measured.length > 0 ? median(measured.map(({ psr }) => psr)) : undefined,
  })
  if (found.length < tiles_needed) {
    return refuse({ code: 'no_correlation', tiles_found: found.length, tiles_needed, psr_least: rules.psr_least })
  }
  const { method, shift, offs } = agreementOf(found)
  const agreeing = found.filter((_, i) => offs[i]! <= rules.agree_px)
  if (agreeing.length < tiles_needed) {
    return refuse({ code: 'tiles_disagree', tiles_agreeing: agreeing.length, tiles_needed, spread_px: median(offs) })
  }
  const shift_px = Math.hypot(shift.shift_col_px, shift.shift_row_px)
  if (!(shift_px <= rules.shift_most_px)) {
    return refuse({ code: 'shift_too_large', shift_px, shift_most_px: rules.shift_most_px })
  }
  const squares = offs.filter((off) => off <= rules.agree_px).reduce((sum, off) => sum + off * off, 0)
  return {
    outcome: 'registered',
    method,
    ...shift,
    residual_px: Math.sqrt(squares / agreeing.length),
    tiles: agreeing.length,
    tiles_measured,
    psr: median(agreeing.map(({ psr }) => psr)),
    is_shifted: shift_px >= SHIFT_WORTH_PX,
  }
}

interface Agreement {
  method: RegistrationMethod
  /** The median of the tiles. */
  shift: PixelShift
  /** How far each tile is from it. */
  offs: number[]
}

function agreementOf(found: readonly TileResult[]): Agreement {
  const [phase, least_squares] = (['phase', 'least_squares'] as const).map((method): Agreement => {
    const shifts = found.map((tile) => tile[method])
    const known = shifts.filter((tile) => tile !== undefined)
    const shift = {
      shift_col_px: median(known.map(({ shift_col_px }) => shift_col_px)),
      shift_row_px: median(known.map(({ shift_row_px }) => shift_row_px)),
    }
    // A tile that strayed agrees with none.
    const offs = shifts.map((tile) => (tile ? distance(tile, shift) : Infinity))
    return { method, shift, offs }
  })
  return median(least_squares!.offs) <= median(phase!.offs) ? least_squares! : phase!
}

function distance(one: PixelShift, other: PixelShift): number {
  return Math.hypot(one.shift_col_px - other.shift_col_px, one.shift_row_px - other.shift_row_px)
}

/** Registers two bands of one grid that are in memory as a whole. Larger ones are read tile by tile: see `registrationTiles`. */
export function registerBands(
  before: TileBand,
  after: TileBand,
  grid: Pick<Grid, 'width' | 'height'>,
  rules: RegistrationRules = registrationRules,
): RegistrationVerdict {
  const layout = registrationTiles(grid)
  if (!layout) {
    const reason = { code: 'picture_too_small' as const, width: grid.width, height: grid.height }
    const side_least_px = 2 * Math.min(...sides)
    return { outcome: 'cannot_tell', reasons: [{ ...reason, side_least_px }], tiles_measured: 0, psr: undefined }
  }
  const correlator = new PhaseCorrelator(layout.side)
  const results = layout.tiles.map((tile) =>
    registerTile(correlator, cutTile(before, grid.width, tile), cutTile(after, grid.width, tile)),
  )
  return judgeRegistration(results, rules)
}

function cutTile({ values, mask }: TileBand, width: number, tile: Window): TileBand {
  const cut: TileBand = {
    values: new Float32Array(tile.width * tile.height),
    mask: new Uint8Array(tile.width * tile.height),
  }
  for (let row = 0; row < tile.height; row++) {
    const from = (tile.row + row) * width + tile.col
    cut.values.set(values.subarray(from, from + tile.width), row * tile.width)
    cut.mask.set(mask.subarray(from, from + tile.width), row * tile.width)
  }
  return cut
}

/** Of no values none: NaN agrees with nothing. */
function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN
  const sorted = values.toSorted((a, b) => a - b)
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2
}
