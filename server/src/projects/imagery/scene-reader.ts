import { clipWindow, isSameGrid, maskCodes, type Grid, type Mask, type Window } from '@tidemark/core/imagery/grid.ts'
import { bqaMask, combineMasks, DILATION_PX, dilateMask, qaPixelMask, sclMask } from '@tidemark/core/imagery/masks.ts'
import type { BandRole } from '@tidemark/core/imagery/sensors.ts'
import { Warp, warpBand, warpMask } from '@tidemark/core/imagery/warp.ts'
import { buffers } from './buffers.ts'
import { Calibrator } from './calibrate.ts'
import { gridFrom, moveBetween } from './crs.ts'
import type { Samples } from './raster.ts'
import { maskRoles, type Scene, type SceneBand } from './scene.ts'

/** Reflectance (or numbers brought to 0..1) of the bands over a window, and what hides the ground there. */
export interface SceneWindow {
  bands: Map<BandRole, Float32Array>
  mask: Mask
}

/** Gives the arrays of a window back, to be used for the next. */
export function release({ bands, mask }: SceneWindow): void {
  buffers.give([...bands.values(), mask])
}

/** Bands that are read when a scene has them. */
const measuredRoles = ['red', 'nir', 'green', 'blue', 'swir1'] as const

/** Without a mask in the file nobody looked for clouds: what is brighter than this in red and green is not taken for ground. */
const BRIGHT = 0.25

/** Reads a scene on its own grid, window by window: bands of other resolutions are brought onto it. */
export class SceneReader {
  readonly scene: Scene
  readonly grid: Grid
  readonly roles: BandRole[]
  readonly has_mask: boolean
  readonly #calibrator: Calibrator
  readonly #sources: { role: BandRole; from: SceneBand; warp: Warp | undefined }[]

  /** @param wanted bands that are read besides red, near infrared, green and what water needs. */
  constructor(scene: Scene, grid: Grid, wanted: readonly BandRole[] = measuredRoles) {
    this.scene = scene
    this.grid = grid
    this.#calibrator = new Calibrator(scene.calibration)
    this.roles = wanted.filter((role) => scene.bands.has(role))
    const masks = maskRoles.filter((role) => scene.bands.has(role))
    this.has_mask = masks.length > 0
    this.#sources = [...this.roles, ...masks].flatMap((role) => {
      const from = scene.bands.get(role)
      return from ? [{ role, from, warp: warpTo(grid, from) }] : []
    })
  }

  /** The windows in which the file of the first band is best read. */
  windows(within: Window): Window[] {
    const [first] = this.#sources
    return first?.from.image.raster.windows(within) ?? []
  }

  async read(window: Window): Promise<SceneWindow> {
    if (!this.has_mask) return this.#readExactly(window)
    const { col, row, width, height } = window
    const grown = {
      col: col - DILATION_PX,
      row: row - DILATION_PX,
      width: width + 2 * DILATION_PX,
      height: height + 2 * DILATION_PX,
    }
    const wide = clipWindow(this.grid, grown) ?? window
    const grown_window = await this.#readExactly(wide)
    const { bands, mask } = grown_window
    dilateMask(mask, wide.width, wide.height)
    const cut = cutter(wide, window)
    const found = {
      mask: cut(mask, buffers.mask(width * height)),
      bands: new Map([...bands].map(([role, values]) => [role, cut(values, buffers.float32(width * height))])),
    }
    release(grown_window)
    return found
  }

  async #readExactly(window: Window): Promise<SceneWindow> {
    const pixels = window.width * window.height
    const mask: Mask = buffers.mask(pixels)
    const bands = new Map<BandRole, Float32Array>()
    const direct = await this.#readDirect(window)
    for (const { role, from, warp } of this.#sources) {
      const numbers = direct.get(role) ?? (await readWarped(from, warp, window))
      if (role === 'scl') combineMasks(mask, sclMask(numbers))
      else if (role === 'qa_pixel') combineMasks(mask, qaPixelMask(numbers))
      else if (role === 'bqa') combineMasks(mask, bqaMask(numbers))
      else {
        const values = buffers.float32(pixels)
        this.#calibrator.apply(numbers, values, mask)
        bands.set(role, values)
      }
    }
    buffers.give(direct.values())
    if (!this.has_mask && this.scene.is_calibrated) doubtBright(bands, mask)
    return { bands, mask }
  }

  /** Bands that lie on the grid, those of one file together: their values stand in the same tiles. */
  async #readDirect(window: Window): Promise<Map<BandRole, Samples>> {
    const found = new Map<BandRole, Samples>()
    const here = this.#sources.filter(({ warp }) => warp === undefined)
    for (const image of new Set(here.map(({ from }) => from.image))) {
      const asked = here.filter(({ from }) => from.image === image)
      const values = await image.raster.read(
        asked.map(({ from }) => from.band),
        window,
      )
      for (const [slot, { role }] of asked.entries()) {
        const band = values[slot]
        if (band) found.set(role, band)
      }
    }
    return found
  }
}

/** How a band comes onto the grid; undefined when it lies there already. */
function warpTo(grid: Grid, { image }: SceneBand): Warp | undefined {
  const place = image.georeference.grid
  if (!place) return undefined
  const own = gridFrom(place, image.raster)
  if (isSameGrid(grid, own)) return undefined
  return new Warp(grid, own, moveBetween(grid.crs ?? '', own.crs ?? grid.crs ?? ''))
}

/** The nearest number of another grid at every pixel of a window; 0, which every product takes for nothing, beyond its edge. */
async function readWarped({ image, band }: SceneBand, warp: Warp | undefined, window: Window): Promise<Samples> {
  if (!warp) throw new Error('a band on the grid is read directly')
  const places = warp.places(window)
  const from = warp.sourceWindow(places)
  const out = new Float64Array(window.width * window.height)
  if (!from) return out
  const [values] = await image.raster.read([band], from)
  for (let at = 0; at < out.length; at += 1) {
    const col = Math.floor(places.cols[at] as number) - from.col
    const row = Math.floor(places.rows[at] as number) - from.row
    const isOn = col >= 0 && row >= 0 && col < from.width && row < from.height
    out[at] = isOn ? (values?.[row * from.width + col] as number) : 0
  }
  return out
}

function doubtBright(bands: Map<BandRole, Float32Array>, mask: Mask): void {
  const red = bands.get('red')
  const other = bands.get('green') ?? bands.get('nir')
  if (!red || !other) return
  for (let at = 0; at < mask.length; at += 1) {
    if (mask[at] === 0 && (red[at] as number) > BRIGHT && (other[at] as number) > BRIGHT) mask[at] = maskCodes.doubtful
  }
}

function cutter(wide: Window, window: Window) {
  return <A extends Float32Array | Uint8Array>(from: A, to: A): A => {
    for (let row = 0; row < window.height; row += 1) {
      const start = (window.row + row - wide.row) * wide.width + (window.col - wide.col)
      to.set(from.subarray(start, start + window.width), row * window.width)
    }
    return to
  }
}

/** Reads one scene on the grid of another, moved by what a registration found. */
export class LaidReader {
  readonly reader: SceneReader
  readonly #warp: Warp | undefined

  constructor(reader: SceneReader, onto: Grid, shift: { shift_col_px: number; shift_row_px: number } | undefined) {
    this.reader = reader
    const isInPlace = shift === undefined && isSameGrid(onto, reader.grid)
    const move = moveBetween(onto.crs ?? '', reader.grid.crs ?? '')
    this.#warp = isInPlace ? undefined : new Warp(onto, reader.grid, move, shift ?? {})
  }

  async read(window: Window): Promise<SceneWindow> {
    if (!this.#warp) return this.reader.read(window)
    const pixels = window.width * window.height
    const mask: Mask = buffers.mask(pixels)
    const places = this.#warp.places(window)
    const from = this.#warp.sourceWindow(places)
    if (!from) {
      const nothing = this.reader.roles.map((role) => [role, new Float32Array(pixels)] as const)
      return { bands: new Map(nothing), mask: mask.fill(maskCodes.nodata) }
    }
    const source = await this.reader.read(from)
    warpMask({ window: from, mask: source.mask }, places, mask)
    const bands = new Map(
      [...source.bands].map(([role, values]) => [
        role,
        warpBand({ window: from, mask: source.mask, values }, places, mask, buffers.float32(pixels)),
      ]),
    )
    release(source)
    return { bands, mask }
  }
}
