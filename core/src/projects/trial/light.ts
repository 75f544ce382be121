/** Reflectance of trial ground, and the pictures that a sensor takes of it. */
import { FINE, FINE_SIDE, MARGIN_PX, SIDE_PX, type Ground } from './ground.ts'

export const trialBands = ['blue', 'green', 'red', 'nir'] as const
export type TrialBand = (typeof trialBands)[number]
export type Light = Record<TrialBand, Float32Array>
type Colours = Record<TrialBand, number>

/**
 * Reflectance of pure surfaces in the four bands: round numbers in the middle of what spectral libraries show for turbid water,
 * wet mud, pale built ground, a closed canopy of each kind, and dry leaves.
 */
const surfaces = {
  water: { blue: 0.055, green: 0.06, red: 0.035, nir: 0.015 },
  soil: { blue: 0.08, green: 0.11, red: 0.14, nir: 0.17 },
  built: { blue: 0.15, green: 0.18, red: 0.21, nir: 0.235 },
  mangrove: { blue: 0.025, green: 0.05, red: 0.03, nir: 0.34 },
  salt_marsh: { blue: 0.035, green: 0.07, red: 0.05, nir: 0.31 },
  coastal_wetland: { blue: 0.03, green: 0.06, red: 0.042, nir: 0.33 },
  restored_vegetation: { blue: 0.03, green: 0.065, red: 0.04, nir: 0.36 },
  crop: { blue: 0.03, green: 0.075, red: 0.04, nir: 0.42 },
  dry: { blue: 0.06, green: 0.09, red: 0.12, nir: 0.24 },
} as const satisfies Record<string, Colours>

/** Of the leaves, how many are dry when the year is at its driest. Mangroves are evergreen; everything else greens and browns. */
const drySharesMost: Record<Ground['ecosystem'] | 'crop', number> = {
  mangrove: 0.06,
  salt_marsh: 0.5,
  coastal_wetland: 0.4,
  restored_vegetation: 0.45,
  crop: 0.8,
}

const dryShare = (most: number, day: number) => (most * (1 - Math.cos((2 * Math.PI * day) / 365.25))) / 2

/** Reflectance of every piece of the ground on one date, seen on a day of the year. */
export function lightOf(ground: Ground, when: 'before' | 'after', day: number): Light {
  const { water, soil, shade, green, kind, ecosystem } = ground
  const cover = ground.cover[when]
  const dry = { wetland: dryShare(drySharesMost[ecosystem], day), crop: dryShare(drySharesMost.crop, day) }
  const out = newLight(FINE_SIDE * FINE_SIDE)
  for (const band of trialBands) {
    const to = out[band]
    const [wet, mud, built, brown] = (['water', 'soil', 'built', 'dry'] as const).map((name) => surfaces[name][band])
    const leaf = { wetland: surfaces[ecosystem][band], crop: surfaces.crop[band] }
    for (let at = 0; at < to.length; at++) {
      const isCrop = kind[at] === 1
      // Chlorophyll takes visible light: more of it is darker there, and brighter beyond.
      const fresh = (isCrop ? leaf.crop : leaf.wetland) * (band === 'nir' ? green[at]! : 2 - green[at]!)
      const browned = isCrop ? dry.crop : dry.wetland
      const canopy = (fresh + (brown! - fresh) * browned) * shade[at]!
      const bare = (kind[at] === 2 ? built! : mud!) * soil[at]!
      const land = bare + (canopy - bare) * cover[at]!
      to[at] = land + (wet! * soil[at]! - land) * water[at]!
    }
  }
  return out
}

export function newLight(pixels: number): Light {
  const band = () => new Float32Array(pixels)
  return { blue: band(), green: band(), red: band(), nir: band() }
}

export interface View {
  width: number
  height: number
  /** Side of a pixel in pixels of 10 m. */
  pixel: number
  /** Where the corner of a pixel of the picture looks, in pixels of 10 m from the corner of the ground's picture. */
  looksAt(col: number, row: number): readonly [x: number, y: number]
}

/** The picture as it should lie. */
export const plainView: View = { width: SIDE_PX, height: SIDE_PX, pixel: 1, looksAt: (col, row) => [col, row] }

/** What the pixels of a view see: the mean of the ground under each, to the part of a piece. */
export function see(light: Light, view: View): Light {
  const out = newLight(view.width * view.height)
  const size = view.pixel * FINE
  const taps = Math.ceil(size) + 1
  const [wx, wy] = [new Float64Array(taps), new Float64Array(taps)]
  for (let row = 0, at = 0; row < view.height; row++) {
    for (let col = 0; col < view.width; col++, at++) {
      const [x, y] = view.looksAt(col, row)
      const left = place((x + MARGIN_PX) * FINE, size)
      const top = place((y + MARGIN_PX) * FINE, size)
      weigh(left, size, wx)
      weigh(top, size, wy)
      const start = Math.floor(top) * FINE_SIDE + Math.floor(left)
      for (const band of trialBands) {
        const values = light[band]
        let sum = 0
        for (let i = 0, line = start; i < taps; i++, line += FINE_SIDE) {
          const weight = wy[i]!
          if (weight === 0) continue
          let part = 0
          for (let j = 0; j < taps; j++) part += wx[j]! * values[line + j]!
          sum += weight * part
        }
        out[band][at] = sum / (size * size)
      }
    }
  }
  return out
}

/** The ground has an edge; a view that would look beyond it sees what lies there. */
const place = (at: number, size: number) => Math.min(FINE_SIDE - Math.ceil(size) - 1.001, Math.max(0, at))

function weigh(from: number, size: number, into: Float64Array): void {
  const first = Math.floor(from)
  for (let i = 0; i < into.length; i++)
    into[i] = Math.max(0, Math.min(from + size, first + i + 1) - Math.max(from, first + i))
}
