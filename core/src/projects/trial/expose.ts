/** What a sensor makes of the light of trial ground: scatter, veils, clouds and their shadows, noise. */
import { randomOf, type Random } from '../../learn/random.ts'
import type { Degradation, Side } from './degrade.ts'
import { pattern, type Outline, isInside } from './ground.ts'
import { newLight, trialBands, type Light, type View } from './light.ts'

/** A picture in reflectance, with the scene classification of Sentinel-2 beside it. */
export interface Exposure {
  light: Light
  scl: Uint8Array
}

const SCL = { shadow: 3, plants: 4, bare: 5, water: 6, cloud_likely: 8, cloud: 9 }

/**
 * Ordinary scatter of surface reflectance from one date to the next, as standard deviations: common to all bands, of each band,
 * and of each band's zero. Together 0.012 of NDVI over a canopy on one date, 0.017 from one to another: no more than repeated
 * looks at stable ground differ by.
 */
const SCATTER = { common: 0.02, band: 0.012, offset: 0.0025 }

export function expose(
  seen: Light,
  view: View,
  { degradation, side, seed, outline }: { degradation: Degradation; side: Side; seed: number; outline: Outline },
): Exposure {
  const random = randomOf(seed).fork(side === 'before' ? 7 : 8)
  const { clouds, haze, wrong, noise } = degradation
  const pixels = view.width * view.height
  const light = newLight(pixels)
  const common = 1 + SCATTER.common * random.normal()
  const scl = new Uint8Array(pixels)
  const sky = clouds?.side === side ? cloudsOver(view, clouds.share, random, outline) : undefined
  const veil = haze?.side === side ? haze.opacity : 0
  for (const band of trialBands) {
    const own = wrong.side === side ? { gain: wrong.gain[band], offset: wrong.offset[band] } : { gain: 1, offset: 0 }
    const gain = common * (1 + SCATTER.band * random.normal()) * own.gain
    const offset = SCATTER.offset * random.normal() + own.offset
    // Haze is bluer than clouds are.
    const haze_light = band === 'blue' ? 0.42 : band === 'nir' ? 0.3 : 0.36
    for (let at = 0; at < pixels; at++) {
      let value = seen[band][at]! * (1 - veil) + haze_light * veil
      if (sky) value = value * sky.shadow[at]! * (1 - sky.cover[at]!) + 0.55 * sky.cover[at]!
      light[band][at] = value * gain + offset + noise * random.normal()
    }
  }
  for (let at = 0; at < pixels; at++) {
    const isWater = seen.green[at]! > seen.nir[at]!
    scl[at] = isWater ? SCL.water : seen.nir[at]! > 2 * seen.red[at]! ? SCL.plants : SCL.bare
    if (!sky || !clouds?.isSeen) continue
    // A mask knows thick clouds and dark shadows; their thin rims it misses.
    if (sky.cover[at]! > 0.5) scl[at] = SCL.cloud
    else if (sky.cover[at]! > 0.2) scl[at] = SCL.cloud_likely
    else if (sky.shadow[at]! < 0.8) scl[at] = SCL.shadow
  }
  return { light, scl }
}

/** Clouds that hide a share of the project, with soft rims, and their shadows some pixels away. */
function cloudsOver(view: View, share: number, random: Random, outline: Outline) {
  const shape = pattern(1 + Math.floor(1e9 * random.next()), 8 + 14 * random.next())
  const pixels = view.width * view.height
  const values = new Float32Array(pixels)
  const over: number[] = []
  for (let at = 0; at < pixels; at++) {
    const [col, row] = [(at % view.width) * view.pixel, Math.floor(at / view.width) * view.pixel]
    values[at] = shape(col, row)
    if (isInside(outline, col + view.pixel / 2, row + view.pixel / 2)) over.push(values[at]!)
  }
  over.sort((a, b) => b - a)
  const from = over[Math.min(over.length - 1, Math.floor(share * over.length))] ?? 1
  const thick = (value: number) => 0.95 * Math.min(1, Math.max(0, (value - from) / 0.08))
  const [cover, shadow] = [new Float32Array(pixels), new Float32Array(pixels)]
  for (let at = 0; at < pixels; at++) {
    const [col, row] = [at % view.width, Math.floor(at / view.width)]
    const [x, y] = [Math.min(view.width - 1, col + 6), Math.min(view.height - 1, row + 5)]
    cover[at] = thick(values[at]!)
    shadow[at] = 1 - 0.5 * thick(values[y * view.width + x]!)
  }
  return { cover, shadow }
}

/** Plants painted greener: what an editor does to a copy. */
export function painted(seen: Light, strength: number): Light {
  const out = newLight(seen.red.length)
  for (let at = 0; at < seen.red.length; at++) {
    out.blue[at] = seen.blue[at]! * (1 - 0.5 * strength)
    out.green[at] = seen.green[at]! * (1 + 0.2 * strength)
    out.red[at] = seen.red[at]! * (1 - strength)
    out.nir[at] = seen.nir[at]! * (1 + 0.5 * strength)
  }
  return out
}
