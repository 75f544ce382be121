import { changeNoise, invariantMask, type ChangeNoise } from '@tidemark/core/imagery/significance.ts'
import { PairStatistics, type PairSummary } from '@tidemark/core/imagery/change.ts'
import { classProfiles, coverCarlsonRipley, coverEnds, type ClassProfile } from '@tidemark/core/imagery/classes.ts'
import { exg, GreennessHistogram, greennessChange } from '@tidemark/core/imagery/greenness.ts'
import { clipWindow, maskCodes, maskNames, type Grid, type Mask, type Window } from '@tidemark/core/imagery/grid.ts'
import { bars, shareFrom } from '@tidemark/core/imagery/histogram.ts'
import { ndvi, normalisedDifference, type IndexWindow } from '@tidemark/core/imagery/indices.ts'
import { combineMasks, countCodes, markFringe, markWater, maskShares } from '@tidemark/core/imagery/masks.ts'
import type { PixelArea } from '@tidemark/core/imagery/pixel-area.ts'
import { PolygonRaster, polygonsInPixels } from '@tidemark/core/imagery/rasterise.ts'
import type { RegistrationVerdict } from '@tidemark/core/imagery/registration.ts'
import { polygonsOf } from '@tidemark/core/projects/boundary.ts'
import { copiedFinding, infraredFinding, sceneFinding } from '@tidemark/core/projects/integrity.ts'
import type { IntegrityFinding, MeasuredPair } from '@tidemark/core/projects/measurement.ts'
import { message, type Message } from '@tidemark/core/projects/message.ts'
import { buffers, readAhead } from './buffers.ts'
import { projectorOf } from './crs.ts'
import { DeltaFile, tilesOf } from './delta-file.ts'
import { PairPictures } from './draw-pair.ts'
import { InfraredCheck } from './infrared.ts'
import { areaOfPixels, boundaryArea, cannotTell, type Common, type Pair } from './pair-record.ts'
import type { PairOutcome, Picture } from './pair.ts'
import { InvariantReflectance } from './radiometry.ts'
import { registerScenes } from './register.ts'
import { LaidReader, release, SceneReader, type SceneWindow } from './scene-reader.ts'

type Registered = Extract<RegistrationVerdict, { outcome: 'registered' }>

/** Around a project, so that bare ground next to it can tell how far two dates disagree by themselves. */
const SURROUNDINGS_PX = 64
/** Of the polygon, what must be seen on each date. */
const SEEN_LEAST = 0.3
/** Fewer pixels on both dates are no sample of a project. */
const COMPARED_LEAST_PX = 9
/** How far the median of bare ground may move between two dates of numbers without a scale. */
const BIAS_MOST_DN = 0.05

/** What an index is made of. */
interface IndexPlan {
  kind: 'ndvi' | 'ndvi_dn' | 'greenness'
  formula: string
  role: 'nir' | 'green'
  profile: ClassProfile
}

/** Two classes of the sign of a greenness; no class of vegetation is made of it. */
const greennessProfile: ClassProfile = {
  id: 'greenness-sign-1',
  bounds: [-1, 0, 1, 1],
  cover_from: 0,
  source: 'the sign of (G − R)',
}

/** Measures two georeferenced pictures of one place. */
export async function measureRasters(pair: Pair, common: Common): Promise<PairOutcome> {
  const { request, before } = pair
  const plan = planOf(pair)
  const { grid } = before
  if ('reasons' in plan) return cannotTell(common, plan.reasons)
  if (!grid?.crs || !pair.after.grid) return cannotTell(common, [message('crs-missing')])
  if (!request.boundary) return cannotTell(common, [message('boundary-missing')])
  const polygons = polygonsInPixels(polygonsOf(request.boundary), grid, projectorOf(grid.crs).fromLonLat)
  const raster = new PolygonRaster(polygons)
  const inside = clipWindow(grid, raster.bounds)
  if (!inside) return cannotTell(common, [message('no-overlap', { side: 'before' })])
  const inside_by_row = raster.insideByRow(grid)
  const pixels_on_grid = inside_by_row.reduce((sum, count) => sum + count, 0)
  const area = areaOfPixels(grid)
  const known: Common = {
    ...common,
    pixels_in_polygon: pixels_on_grid,
    area: boundaryArea(request, area, inside_by_row),
  }
  const reader = new SceneReader(before, grid)
  const other = new SceneReader(pair.after, pair.after.grid)
  const registration = await registerScenes(
    { before: reader, after: new LaidReader(other, grid, undefined), grid, role: plan.role },
    inside,
    pair.onProgress,
  )
  if (registration.outcome === 'cannot_tell') {
    const clear = await clearReasons({ reader, laid: new LaidReader(other, grid, undefined), raster, inside })
    return unregistered(known, registration, clear)
  }
  const laid = new LaidReader(other, grid, registration.is_shifted ? registration : undefined)
  const region = grown(grid, inside)
  const pass = new Pass({ pair, plan, grid, region, raster, area, reader, laid })
  const pictures = await pass.run()
  return conclude({ known: { ...known, registration: registrationOf(registration) }, pair, plan, pass, pictures, area })
}

function grown(grid: Grid, { col, row, width, height }: Window): Window {
  const wide = {
    col: col - SURROUNDINGS_PX,
    row: row - SURROUNDINGS_PX,
    width: width + 2 * SURROUNDINGS_PX,
    height: height + 2 * SURROUNDINGS_PX,
  }
  // Large regions begin where tiles do, so that no tile is unpacked for two windows.
  const [left, top] =
    width > 1_024 || height > 1_024
      ? [Math.floor(Math.max(0, wide.col) / 512) * 512, Math.floor(Math.max(0, wide.row) / 512) * 512]
      : [wide.col, wide.row]
  const right = wide.col + wide.width
  const bottom = wide.row + wide.height
  return (
    clipWindow(grid, { col: left, row: top, width: right - left, height: bottom - top }) ?? { col, row, width, height }
  )
}

function planOf({ before, after }: Pair): IndexPlan | { reasons: Message[] } {
  const both = (role: 'nir' | 'green') => before.bands.has(role) && after.bands.has(role)
  const profile = classProfiles['ndvi-default-1']
  if (both('nir')) {
    const kind = before.is_calibrated && after.is_calibrated ? 'ndvi' : 'ndvi_dn'
    if (kind === 'ndvi_dn' && (before.sensor === undefined || before.sensor !== after.sensor))
      return {
        reasons: [
          message('sensors-not-comparable', { before: before.sensor ?? 'unknown', after: after.sensor ?? 'unknown' }),
        ],
      }
    return { kind, formula: '(N − R) / (N + R)', role: 'nir', profile }
  }
  if (both('green'))
    return { kind: 'greenness', formula: '(G − R) / (G + R)', role: 'green', profile: greennessProfile }
  return { reasons: [message('bands-not-shared')] }
}

/** Clouds are the better reason where they are why two dates find nothing in common. */
async function clearReasons({
  reader,
  laid,
  raster,
  inside,
}: Pick<PassOptions, 'reader' | 'laid' | 'raster'> & { inside: Window }): Promise<Message[]> {
  const counts = { before: countCodes(new Uint8Array(0)), after: countCodes(new Uint8Array(0)) }
  for (const window of tilesOf(inside)) {
    const polygon: Mask = new Uint8Array(window.width * window.height)
    raster.draw(window, polygon)
    countCodes(combineMasks((await reader.read(window)).mask, polygon), counts.before)
    countCodes(combineMasks((await laid.read(window)).mask, polygon), counts.after)
  }
  return (['before', 'after'] as const).flatMap((side) =>
    tooLittleClear(side, maskShares(counts[side])?.seen_fraction ?? 0),
  )
}

function tooLittleClear(side: 'before' | 'after', seen_fraction: number): Message[] {
  return seen_fraction >= SEEN_LEAST
    ? []
    : [message('too-little-clear', { side, seen_fraction, seen_fraction_min: SEEN_LEAST })]
}

function unregistered(known: Common, verdict: Exclude<RegistrationVerdict, Registered>, clear: Message[]): PairOutcome {
  if (clear.length > 0) return cannotTell(known, clear)

  const reasons = verdict.reasons.map(({ code, ...facts }) =>
    message('not-registered', { why: code.replaceAll('_', '-'), ...facts }),
  )
  const findings = verdict.psr === undefined ? [] : [sceneFinding(verdict.psr)]
  return cannotTell(known, reasons, [...(known.integrity ?? []), ...findings])
}

function registrationOf({ shift_col_px, shift_row_px, residual_px, tiles, psr }: Registered): Common['registration'] {
  return { method: 'phase_correlation', shift_col_px, shift_row_px, residual_px, tiles, psr, inliers: null }
}

interface PassOptions {
  pair: Pair
  plan: IndexPlan
  grid: Grid
  region: Window
  raster: PolygonRaster
  area: PixelArea | undefined
  reader: SceneReader
  laid: LaidReader
}

/** One pass over the region of a project: every number and every picture of the pair, window by window. */
class Pass {
  readonly stats: PairStatistics
  readonly around: PairStatistics
  readonly counts = { before: countCodes(new Uint8Array(0)), after: countCodes(new Uint8Array(0)) }
  readonly infrared = { before: new InfraredCheck(), after: new InfraredCheck() }
  readonly green = { before: new GreennessHistogram(), after: new GreennessHistogram() }
  readonly reflectance = new InvariantReflectance()
  water_rule: string | null = null
  readonly #options: PassOptions

  constructor(options: PassOptions) {
    this.#options = options
    this.stats = new PairStatistics(options.plan.profile, options.area)
    this.around = new PairStatistics(options.plan.profile, undefined)
  }

  async run(): Promise<Picture[]> {
    const { pair, plan, grid, region, reader, laid } = this.#options
    const pictures = new PairPictures(grid, region)
    const file = await DeltaFile.create(pair.folder, grid, region, plan.kind)
    const windows = tilesOf(region)
    try {
      const read = (window: Window) => Promise.all([reader.read(window), laid.read(window)])
      let done = 0
      for await (const [window, [before, after]] of readAhead(windows, read)) {
        const { delta, left_out } = this.#count(window, before, after, pictures)
        await file?.add(window, delta, left_out)
        buffers.give([delta, left_out])
        release(before)
        release(after)
        done += 1
        pair.onProgress({ step: 'measuring', done, of: windows.length })
      }
      buffers.clear()
      pair.onProgress({ step: 'drawing', done: 0, of: 1 })
      const drawn = await pictures.write(pair.folder)
      return file ? [...drawn, await file.finish()] : drawn
    } catch (error) {
      await file?.abandon()
      throw error
    }
  }

  #count(window: Window, before: SceneWindow, after: SceneWindow, pictures: PairPictures) {
    const { raster } = this.#options
    const pixels = window.width * window.height
    const polygon: Mask = buffers.mask(pixels)
    raster.draw(window, polygon)
    const [first, second] = [this.#indexOf(before), this.#indexOf(after)]
    this.#countAround(window, [before, after], [first, second], polygon)
    combineMasks(first.mask, polygon)
    combineMasks(second.mask, polygon)
    countCodes(first.mask, this.counts.before)
    countCodes(second.mask, this.counts.after)
    const fringe = this.#fringeOf(window, before, after)
    this.stats.add(
      { before: first.values, after: second.values, mask_before: first.mask, mask_after: second.mask, fringe },
      window,
    )
    this.infrared.before.add(before)
    this.infrared.after.add(after)
    this.#countGreen(before, first.mask, 'before')
    this.#countGreen(after, second.mask, 'after')
    pictures.addDate('before', window, before, first.values, first.mask)
    pictures.addDate('after', window, after, second.values, second.mask)
    const delta = buffers.float32(pixels)
    const left_out = buffers.mask(pixels)
    for (let at = 0; at < pixels; at += 1) {
      delta[at] = (second.values[at] as number) - (first.values[at] as number)
      left_out[at] = (first.mask[at] as number) | (second.mask[at] as number)
    }
    pictures.addDelta(window, delta, left_out)
    buffers.give([polygon, first.values, first.mask, second.values, second.mask])
    return { delta, left_out }
  }

  /** The index of a date, its mask widened by water and by what is too dark for a ratio. */
  #indexOf({ bands, mask }: SceneWindow): IndexWindow {
    const { plan } = this.#options
    const into: IndexWindow = { values: buffers.float32(mask.length), mask: buffers.mask(mask.length) }
    const [red, nir, green, swir1] = (['red', 'nir', 'green', 'swir1'] as const).map((role) => bands.get(role))
    if (!red) return into
    if (plan.kind === 'greenness') return green ? normalisedDifference(green, red, mask, into, 0) : into
    if (!nir) return into
    const isNdvi = plan.kind === 'ndvi'
    if (isNdvi && green) this.water_rule = markWater({ green, nir, ...(swir1 ? { swir1 } : {}) }, mask, into)
    return ndvi(red, nir, mask, into, isNdvi ? undefined : 0)
  }

  /** Ground beside clouds that a mask names, seen from inside a window; nobody asks where no scene has a mask. */
  #fringeOf({ width, height }: Window, before: SceneWindow, after: SceneWindow): Uint8Array | undefined {
    const { reader, laid } = this.#options
    if (!reader.has_mask && !laid.reader.has_mask) return undefined
    const fringe = new Uint8Array(width * height)
    markFringe(before.mask, width, height, fringe)
    markFringe(after.mask, width, height, fringe)
    return fringe
  }

  /** Ground around the project that should not have changed. */
  #countAround(
    window: Window,
    scenes: [SceneWindow, SceneWindow],
    [first, second]: [IndexWindow, IndexWindow],
    polygon: Mask,
  ): void {
    if (this.#options.plan.kind === 'greenness') return
    const pair = { before: first.values, after: second.values, mask_before: first.mask, mask_after: second.mask }
    const unchanged = invariantMask(pair, buffers.mask(polygon.length))
    for (let at = 0; at < polygon.length; at += 1)
      if (polygon[at] === maskCodes.clear) unchanged[at] = maskCodes.outside
    this.around.add({ ...pair, mask_before: unchanged, mask_after: unchanged }, window)
    this.reflectance.add(scenes, unchanged)
    buffers.give([unchanged])
  }

  #countGreen({ bands }: SceneWindow, mask: Mask, side: 'before' | 'after'): void {
    if (this.#options.plan.kind !== 'greenness') return
    const [red, green, blue] = (['red', 'green', 'blue'] as const).map((role) => bands.get(role))
    if (red && green && blue) this.green[side].add(exg({ red, green, blue }), mask)
  }
}

interface Found {
  known: Common
  pair: Pair
  plan: IndexPlan
  pass: Pass
  pictures: Picture[]
  area: PixelArea | undefined
}

function conclude({ known, pair, plan, pass, pictures, area }: Found): PairOutcome {
  const { before, after } = pair
  const shares = { before: maskShares(pass.counts.before), after: maskShares(pass.counts.after) }
  // What the picture does not reach was not seen either.
  const reached = Math.min(
    1,
    known.area.polygon_ha && known.area.measured_ha ? known.area.measured_ha / known.area.polygon_ha : 1,
  )
  const isWhole = reached > 0.995
  const seen = (side: 'before' | 'after') => (shares[side]?.seen_fraction ?? 0) * (isWhole ? 1 : reached)
  const noise = changeNoise(pass.around)
  const integrity: IntegrityFinding[] = [
    ...(known.integrity ?? []),
    ...(known.registration?.psr ? [sceneFinding(known.registration.psr), copiedFinding(known.registration.psr)] : []),
    ...(['before', 'after'] as const).flatMap((side) => {
      const facts = pass.infrared[side].facts()
      return plan.role === 'nir' && facts ? [infraredFinding(side, facts)] : []
    }),
  ]
  const same_sensor = before.sensor !== undefined && before.sensor === after.sensor
  const record: Common = {
    ...known,
    before: { ...known.before, masked_fractions: maskedFractions(pass.counts.before) },
    after: { ...known.after, masked_fractions: maskedFractions(pass.counts.after) },
    valid_fraction_before: seen('before'),
    valid_fraction_after: seen('after'),
    radiometry: { same_sensor, same_level: same_sensor, ...pass.reflectance.found() },
    integrity,
    warnings: [...(known.warnings ?? []), ...warningsOf(pair, plan, pass, pictures, noise)],
  }
  const summary = pass.stats.summary()
  const reasons = reasonsAgainst(record, plan, noise, summary)
  if (reasons.length > 0 || !summary) return { ...cannotTell(record, reasons), pictures }
  const measurement: MeasuredPair = {
    ...measuredOf(plan, pass, summary, noise, area),
    ...record,
    outcome: 'measured',
  } as MeasuredPair
  return { measurement, pictures, histogram: histogramOf(pass.stats) }
}

function reasonsAgainst(
  record: Common,
  plan: IndexPlan,
  noise: ChangeNoise,
  summary: PairSummary | undefined,
): Message[] {
  const reasons = [
    ...tooLittleClear('before', record.valid_fraction_before ?? 0),
    ...tooLittleClear('after', record.valid_fraction_after ?? 0),
  ]
  if (reasons.length > 0) return reasons
  const pixels = summary?.pixels_compared ?? 0
  if (!(pixels >= COMPARED_LEAST_PX)) return [message('too-few-pixels', { pixels, pixels_min: COMPARED_LEAST_PX })]
  if (plan.kind !== 'ndvi_dn') return []
  // Numbers without a scale are compared only where ground that did not change says that they agree.
  if (noise.bias === undefined) return [message('no-invariant-ground', { pixels: noise.pixels })]
  return Math.abs(noise.bias) <= BIAS_MOST_DN
    ? []
    : [message('radiometry-differs', { bias: noise.bias, bias_max: BIAS_MOST_DN })]
}

function maskedFractions(counts: Float64Array): Record<string, number> {
  const inside = maskNames.reduce((sum, name, code) => (name === 'outside' ? sum : sum + (counts[code] ?? 0)), 0)
  const hidden = maskNames.flatMap((name, code) =>
    name === 'outside' || name === 'clear' || !counts[code] ? [] : [[name, counts[code] / inside] as const],
  )
  return Object.fromEntries(hidden)
}

/** Half of what NDVI of one date is known to: beyond it bare ground says that something moved all numbers. */
const BIAS_WARNED = 0.05

function warningsOf(
  { before, after }: Pair,
  plan: IndexPlan,
  pass: Pass,
  pictures: Picture[],
  noise: ChangeNoise,
): Message[] {
  const none = (
    [
      ['before', before],
      ['after', after],
    ] as const
  ).filter(([, { bands }]) => !['scl', 'qa_pixel', 'bqa'].some((role) => bands.has(role as 'scl')))
  const { bias } = noise
  return [
    ...none.map(([side]) => message('no-cloud-mask', { side })),
    ...(plan.kind === 'ndvi_dn' ? [message('digital-numbers')] : []),
    ...(plan.kind === 'greenness' ? [message('greenness-is-no-ndvi')] : []),
    ...(bias !== undefined && Math.abs(bias) > BIAS_WARNED
      ? [message('invariant-ground-moved', { bias, pixels: noise.pixels })]
      : []),
    ...(pass.water_rule === null ? [] : [message('water-rule', { rule: pass.water_rule })]),
    ...(pictures.some(({ kind }) => kind === 'delta') ? [] : [message('no-delta-file')]),
  ]
}

function measuredOf(
  plan: IndexPlan,
  pass: Pass,
  summary: PairSummary,
  noise: ChangeNoise,
  area: PixelArea | undefined,
) {
  const { before, after, delta } = summary
  const isGreenness = plan.kind === 'greenness'
  const { ha, classes } = pass.stats.transitions() ?? { ha: null, classes: [] }
  const px = pass.stats.transitionPixels()
  const water = (side: 'before' | 'after') => maskShares(pass.counts[side])?.water_fraction ?? null
  return {
    pixels_compared: summary.pixels_compared,
    index: {
      kind: plan.kind,
      formula: plan.formula,
      mean_before: before.mean,
      mean_after: after.mean,
      median_before: before.median,
      median_after: after.median,
      delta: delta.mean,
      delta_median: delta.median,
      sigma: noise.sigma,
      sigma_source: noise.sigma_source,
    },
    class_profile: { id: plan.profile.id, bounds: [...plan.profile.bounds] },
    cover: isGreenness ? coverOfGreenness(pass) : coverOfNdvi(pass, plan, noise),
    classes: isGreenness ? [] : area ? classes : [],
    transitions: isGreenness ? null : { px, ha },
    water_fraction_before: isGreenness ? null : water('before'),
    water_fraction_after: isGreenness ? null : water('after'),
    changes: summary.changes,
    gain_near_mask_fraction: summary.gain_near_mask_fraction ?? null,
    strata: [],
  }
}

function coverOfNdvi({ stats }: Pass, { kind, profile }: IndexPlan, noise: ChangeNoise): MeasuredPair['cover'] {
  const { histogram_before: before, histogram_after: after } = stats
  const threshold = profile.cover_from
  // What one date is known to: pixels that lie as near to the threshold may stand on the other side of it.
  const one_date = Math.round((noise.sigma / Math.SQRT2) * 1e4) / 1e4
  const near = (by: number) => Math.round((threshold + by) * 10_000) / 10_000
  const sigma = (histogram: typeof before) =>
    ((shareFrom(histogram, near(-one_date)) ?? 0) - (shareFrom(histogram, near(one_date)) ?? 0)) / 2
  const share = {
    before: shareFrom(before, threshold) ?? 0,
    after: shareFrom(after, threshold) ?? 0,
    threshold,
    sigma: Math.max(sigma(before), sigma(after)),
  }
  const carlson = { before: coverCarlsonRipley(before) ?? 0, after: coverCarlsonRipley(after) ?? 0, ...coverEnds }
  return { share, carlson_ripley: kind === 'ndvi' ? carlson : null }
}

/** The share of green pixels, where the pictures part into green and not green at all. */
function coverOfGreenness({ green }: Pass): MeasuredPair['cover'] {
  const verdict = greennessChange(green.before, green.after)
  if (verdict.outcome === 'cannot_tell') return { share: null, carlson_ripley: null }
  const { before, after, threshold } = verdict
  const sigma = Math.max(before.share_high - before.share_low, after.share_high - after.share_low) / 2
  return { share: { before: before.share, after: after.share, threshold, sigma }, carlson_ripley: null }
}

export function histogramOf({
  histogram_before,
  histogram_after,
}: Pick<PairStatistics, 'histogram_before' | 'histogram_after'>): PairOutcome['histogram'] {
  const after = bars(histogram_after)
  return bars(histogram_before).map(({ from, to, pixels }, at) => ({
    from,
    to,
    before_px: pixels,
    after_px: after[at]?.pixels ?? 0,
  }))
}
