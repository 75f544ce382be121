import { join } from 'node:path'
import {
  gridOfWindow,
  maskCodes,
  maskNames,
  MASK_CODES,
  type Grid,
  type Mask,
  type Window,
} from '@tidemark/core/imagery/grid.ts'
import type { BandRole } from '@tidemark/core/imagery/sensors.ts'
import { cornersOf } from './crs.ts'
import type { Picture, PictureKind } from './pair.ts'
import { Majority, Shrink, stretchOf, writePng, type Colour } from './picture.ts'
import type { SceneWindow } from './scene-reader.ts'

export const PICTURE_PX = 1_280
/** Views take three bands of each date. */
const VIEW_PX = 800

const clear: Colour = [0, 0, 0, 0]
/** Changes smaller than this are not drawn: they are within the noise of two dates. */
const DRAWN_CHANGE = 0.05
const FULL_CHANGE = 0.5

/** What hides the ground, each in a colour of its own; clear ground is transparent. */
export const maskColours: Record<(typeof maskNames)[number], Colour> = {
  clear,
  nodata: [60, 60, 60, 255],
  saturated: [255, 0, 170, 255],
  shadow: [80, 60, 110, 255],
  cloud: [235, 235, 235, 255],
  cirrus: [190, 205, 225, 255],
  snow: [150, 225, 255, 255],
  water: [40, 110, 200, 255],
  doubtful: [230, 160, 40, 255],
  outside: clear,
}

/** From bare to dense: brown, sand, light and dark green, at −0.2, 0.1, 0.4 and 0.9. */
const ramp: readonly [number, readonly [number, number, number]][] = [
  [-0.2, [90, 60, 40]],
  [0.1, [222, 200, 150]],
  [0.4, [150, 195, 90]],
  [0.9, [10, 80, 40]],
]

type Sized = Pick<Shrink, 'width' | 'height' | 'factor'>

/** The pictures of a pair, gathered window by window at the size of a screen. */
export class PairPictures {
  readonly #grid: Grid
  readonly #region: Window
  readonly #delta: Shrink
  readonly #index: { before: Shrink; after: Shrink }
  readonly #masks: { before: Majority; after: Majority }
  /** Pictures of large regions are made of four pixels in each of theirs: no number is computed from them. */
  readonly #every: number
  readonly #views: { before: Shrink[]; after: Shrink[] }

  constructor(grid: Grid, region: Window) {
    this.#grid = grid
    this.#region = region
    const shrink = () => new Shrink(region, PICTURE_PX)
    const majority = () => new Majority(region, PICTURE_PX, MASK_CODES)
    this.#delta = shrink()
    this.#every = Math.max(1, this.#delta.factor >> 1)
    this.#index = { before: shrink(), after: shrink() }
    this.#masks = { before: majority(), after: majority() }
    const view = () => [0, 1, 2].map(() => new Shrink(region, VIEW_PX))
    this.#views = { before: view(), after: view() }
  }

  /** A date over a window of the grid: its index, what hides it, and its bands. */
  addDate(side: 'before' | 'after', window: Window, scene: SceneWindow, index: Float32Array, mask: Mask): void {
    const here = this.#here(window)
    this.#index[side].add(here, index, mask, { every: this.#every })
    this.#masks[side].add(here, mask, this.#every)
    for (const [slot, role] of viewRoles(scene.bands).entries()) {
      const values = scene.bands.get(role)
      if (values) this.#views[side][slot]?.add(here, values, scene.mask, { only: maskCodes.nodata, every: this.#every })
    }
  }

  /** The difference over a window; counted where both dates are clear. */
  addDelta(window: Window, delta: Float32Array, left_out: Mask): void {
    this.#delta.add(this.#here(window), delta, left_out, { every: this.#every })
  }

  async write(folder: string): Promise<Picture[]> {
    const pictures: Picture[] = []
    const draw = async (kind: PictureKind, colourAt: (pixel: number) => Colour, size: Sized = this.#delta) => {
      const { width, height, factor } = size
      // The last pixels may reach beyond the region, so its corners are those of whole pixels.
      const shown = gridOfWindow(this.#grid, { ...this.#region, width: width * factor, height: height * factor })
      const corners = cornersOf(shown)
      const path = join(folder, `${kind}.png`)
      await writePng(path, { width, height }, colourAt)
      pictures.push({ kind, path, media_type: 'image/png', width, height, corners })
    }
    const delta = this.#delta.finish()
    const masks = { before: this.#masks.before.finish(), after: this.#masks.after.finish() }
    await draw('change', (pixel) => changeColour(delta[pixel] ?? Number.NaN, masks, pixel))
    for (const side of ['before', 'after'] as const) {
      const index = this.#index[side].finish()
      await draw(`index_${side}`, (pixel) => rampColour(index[pixel] ?? Number.NaN))
      await draw(`mask_${side}`, (pixel) => maskColours[maskNames[masks[side][pixel] ?? 0] ?? 'clear'])
      const [view] = this.#views[side]
      await draw(`view_${side}`, viewOf(this.#views[side]), view)
    }
    return pictures
  }

  #here({ col, row, width, height }: Window): Window {
    return { col: col - this.#region.col, row: row - this.#region.row, width, height }
  }
}

/** True colour where there is blue; otherwise near infrared, red and green, as maps of vegetation show them. */
function viewRoles(bands: ReadonlyMap<BandRole, unknown>): BandRole[] {
  const sets: BandRole[][] = [
    ['red', 'green', 'blue'],
    ['nir', 'red', 'green'],
    ['nir', 'red', 'red'],
  ]
  return sets.find((roles) => roles.every((role) => bands.has(role))) ?? ['red', 'green', 'green']
}

function changeColour(delta: number, masks: { before: Uint8Array; after: Uint8Array }, pixel: number): Colour {
  const [before, after] = [masks.before[pixel] ?? 0, masks.after[pixel] ?? 0]
  if (before === maskCodes.outside || after === maskCodes.outside) return clear
  if (Number.isNaN(delta)) {
    const isWater = before === maskCodes.water || after === maskCodes.water
    return isWater ? [90, 120, 150, 140] : [128, 128, 128, 200]
  }
  if (Math.abs(delta) < DRAWN_CHANGE) return clear
  const strength = Math.min(1, Math.abs(delta) / FULL_CHANGE)
  const alpha = Math.round(90 + 165 * strength)
  return delta > 0 ? [20, 130, 50, alpha] : [200, 40, 30, alpha]
}

function rampColour(value: number): Colour {
  if (Number.isNaN(value)) return clear
  const above = ramp.findIndex(([at]) => value <= at)
  const [first, last] = [ramp[0], ramp.at(-1)]
  if (!first || !last) return clear
  if (above === 0) return [...first[1], 255]
  const [to, from] = [ramp[above], ramp[above - 1]]
  if (!to || !from) return [...last[1], 255]
  const share = (value - from[0]) / (to[0] - from[0])
  const mix = (slot: 0 | 1 | 2) => Math.round(from[1][slot] + share * (to[1][slot] - from[1][slot]))
  return [mix(0), mix(1), mix(2), 255]
}

function viewOf(channels: Shrink[]): (pixel: number) => Colour {
  const means = channels.map((channel) => channel.finish())
  const ranges = means.map(stretchOf)
  return (pixel) => {
    const level = (slot: number) => {
      const [low, high] = ranges[slot] ?? [0, 1]
      return Math.max(0, Math.min(255, Math.round((255 * ((means[slot]?.[pixel] ?? 0) - low)) / (high - low))))
    }
    return Number.isNaN(means[0]?.[pixel]) ? clear : [level(0), level(1), level(2), 255]
  }
}
