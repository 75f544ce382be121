/**
 * Ground for trials of the measurement: a strip of coast with water, creeks, stands, mud, fields and bare places, of which
 * everything is known because it was made up. No real place looks like it; it has what misleads a measurement: mixed pixels,
 * texture, edges, tides' water in creeks, and fields that change by themselves.
 */
import { randomOf, type Random } from '../../learn/random.ts'
import type { Ecosystem } from '../ecosystems.ts'

/** Pixels of a picture across, 10 m each. */
export const SIDE_PX = 128
/** Ground beyond the edge of the picture, so that a picture can lie beside where it should. */
export const MARGIN_PX = 14
/** Pieces of ground across a pixel: edges run through pixels. */
export const FINE = 2
export const FINE_SIDE = (SIDE_PX + 2 * MARGIN_PX) * FINE

/** What the project did between the dates. */
export const stories = ['planted', 'regrowth', 'stable', 'loss'] as const
export type Story = (typeof stories)[number]

/** Drawn from these: what is named twice comes up twice as often. */
const drawnStories: [Story, ...Story[]] = ['planted', 'planted', 'regrowth', 'regrowth', 'stable', 'stable', 'loss']
const drawnEcosystems: [Ground['ecosystem'], ...Ground['ecosystem'][]] = [
  'mangrove',
  'mangrove',
  'salt_marsh',
  'coastal_wetland',
  'restored_vegetation',
]

/** Corner by corner, in pixels of the picture: column and row. */
export type Outline = readonly (readonly [col: number, row: number])[]

export interface Ground {
  name: string
  ecosystem: Exclude<Ecosystem, 'seagrass'>
  story: Story
  outline: Outline
  /** Day of the year of the before picture. */
  day: number
  /** Of every piece of ground, row by row: the share under water, under leaves on each date, and how bright the soil is. */
  water: Float32Array
  cover: { before: Float32Array; after: Float32Array }
  soil: Float32Array
  /** Light and shade on the canopy, around 1; and how much chlorophyll, around 1. */
  shade: Float32Array
  green: Float32Array
  /** 0 wetland, 1 field, 2 built or sand. */
  kind: Uint8Array
}

/** A hash of a lattice point between 0 and 1. */
function grain(col: number, row: number, seed: number): number {
  let mixed = Math.imul(col, 0x9e3779b1) ^ Math.imul(row, 0x85ebca6b) ^ Math.imul(seed, 0xc2b2ae35)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d)
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39)
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
}

/** A soft pattern of patches `size` pixels wide, between 0 and 1. */
export function pattern(seed: number, size: number): (x: number, y: number) => number {
  return (x, y) => {
    const [u, v] = [x / size, y / size]
    const [left, top] = [Math.floor(u), Math.floor(v)]
    const [across, down] = [u - left, v - top]
    const a = across * across * (3 - 2 * across)
    const d = down * down * (3 - 2 * down)
    const upper = grain(left, top, seed) * (1 - a) + grain(left + 1, top, seed) * a
    const lower = grain(left, top + 1, seed) * (1 - a) + grain(left + 1, top + 1, seed) * a
    return upper * (1 - d) + lower * d
  }
}

const clip = (value: number) => Math.min(1, Math.max(0, value))
/** Patches over patches, stretched so that both ends are reached: softly, or into a mosaic of all and nothing. */
function layered(seed: number, size: number, contrast = 2.2): (x: number, y: number) => number {
  const [wide, fine] = [pattern(seed, size), pattern(seed + 1, size / 3.1)]
  return (x, y) => clip((0.6 * wide(x, y) + 0.4 * fine(x, y) - 0.5) * contrast + 0.5)
}

const from = (random: Random, low: number, high: number) => low + (high - low) * random.next()
const oneOf = <T>(random: Random, items: readonly [T, ...T[]]): T => items[random.integer(items.length)] ?? items[0]

/** A blob around the middle of the picture, in two dozen corners. */
function outlineOf(random: Random): Outline {
  const radius_px = from(random, 9, 36)
  const waves = [2, 3, 5].map((turns) => ({ turns, size: from(random, 0, 0.16), phase: 2 * Math.PI * random.next() }))
  const middle = [SIDE_PX / 2 + from(random, -8, 8), SIDE_PX / 2 + from(random, -8, 8)] as const
  return Array.from({ length: 24 }, (_, corner) => {
    const angle = (2 * Math.PI * corner) / 24
    const out =
      radius_px * waves.reduce((sum, { turns, size, phase }) => sum + size * Math.cos(turns * angle + phase), 1)
    return [middle[0] + out * Math.cos(angle), middle[1] + out * Math.sin(angle)] as const
  })
}

/** Whether a place lies inside, by how often a line to the west crosses the outline. */
export function isInside(outline: Outline, x: number, y: number): boolean {
  let inside = false
  for (let i = 0, j = outline.length - 1; i < outline.length; j = i++) {
    const [x1, y1] = outline[i]!
    const [x2, y2] = outline[j]!
    if (y1 > y !== y2 > y && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside
  }
  return inside
}

/** The outline, larger or smaller around its middle and moved. */
export function movedOutline(outline: Outline, factor: number, col_px = 0, row_px = 0): Outline {
  const middle = (at: 0 | 1) => outline.reduce((sum, corner) => sum + corner[at], 0) / outline.length
  const [x, y] = [middle(0), middle(1)]
  return outline.map(([col, row]) => [x + factor * (col - x) + col_px, y + factor * (row - y) + row_px] as const)
}

interface Place {
  x: number
  y: number
  /** Pixels inland from the shore, and whether the project holds it. */
  inland: number
  isProject: boolean
}

/** The ground of a seed: the same everywhere. */
export function trialGround(seed: number): Ground {
  const random = randomOf(seed)
  const story = oneOf(random, drawnStories)
  const ecosystem = oneOf(random, drawnEcosystems)
  const cells = FINE_SIDE * FINE_SIDE
  const floats = () => new Float32Array(cells)
  const ground: Ground = {
    name: `ground-${seed}`,
    ecosystem,
    story,
    outline: outlineOf(random.fork(1)),
    day: Math.floor(365 * random.next()),
    water: floats(),
    cover: { before: floats(), after: floats() },
    soil: floats(),
    shade: floats(),
    green: floats(),
    kind: new Uint8Array(cells),
  }
  const lay = layerOf(seed, random.fork(2), ground)
  const { outline } = ground
  const angle = 2 * Math.PI * random.next()
  const [across, down] = [Math.cos(angle), Math.sin(angle)]
  const shore_px = from(random, 24, 70)
  const bends = pattern(seed + 11, 22)
  for (let row = 0, at = 0; row < FINE_SIDE; row++) {
    for (let col = 0; col < FINE_SIDE; col++, at++) {
      const [x, y] = [(col + 0.5) / FINE - MARGIN_PX, (row + 0.5) / FINE - MARGIN_PX]
      const straight = (x - SIDE_PX / 2) * across + (y - SIDE_PX / 2) * down
      const inland = straight + shore_px + 14 * (bends(x, y) - 0.5)
      lay(at, { x, y, inland, isProject: isInside(outline, x, y) })
    }
  }
  return ground
}

/** What lays one piece of ground. */
function layerOf(seed: number, random: Random, ground: Ground) {
  const creeks = pattern(seed + 21, from(random, 14, 26))
  const creek_width = from(random, 0, 0.025)
  const [soil, shade, green] = [layered(seed + 31, 15), pattern(seed + 41, 1.3), layered(seed + 51, 7)]
  const wild = layered(seed + 61, from(random, 6, 14), from(random, 2, 7))
  const [wild_low, wild_high] = [from(random, 0, 0.4), from(random, 0.6, 1)]
  const fields_from_px = from(random, 50, 105)
  const fields = fieldsOf(seed, random)
  const grow = storyOf(seed, random, ground.story)
  return (at: number, place: Place) => {
    const { x, y, inland, isProject } = place
    const isField = inland > fields_from_px && !isProject
    const isCreek = Math.abs(creeks(x, y) - 0.5) < creek_width && !isField
    ground.water[at] = inland < 0 || isCreek ? 1 : 0
    ground.soil[at] = 0.65 + 0.7 * soil(x, y)
    ground.shade[at] = 0.85 + 0.3 * shade(x, y)
    ground.green[at] = 0.9 + 0.2 * green(x, y)
    const field = isField ? fields(x, y) : undefined
    ground.kind[at] = field === undefined ? 0 : field.isBuilt ? 2 : 1
    const usual = wild_low + (wild_high - wild_low) * wild(x, y)
    const [before, after] = field
      ? [field.before, field.after]
      : isProject
        ? grow(x, y)
        : [usual, clip(usual + 0.04 * (shade(x + 50, y) - 0.5))]
    ground.cover.before[at] = before
    ground.cover.after[at] = after
  }
}

/** Rectangles at an angle, each with a crop of its own; some are bare or built, some are sown with another crop later. */
function fieldsOf(seed: number, random: Random) {
  const angle = Math.PI * random.next()
  const [across, down] = [Math.cos(angle), Math.sin(angle)]
  const [long_px, wide_px] = [from(random, 9, 22), from(random, 6, 14)]
  return (x: number, y: number) => {
    const col = Math.floor((x * across + y * down) / long_px)
    const row = Math.floor((y * across - x * down) / wide_px)
    const draw = (of: number) => grain(col, row, seed + 70 + of)
    const isBuilt = draw(0) < 0.35
    const before = isBuilt ? 0.04 * draw(1) : 0.05 + 0.9 * draw(1)
    const after = isBuilt || draw(2) > 0.3 ? before : 0.05 + 0.9 * draw(3)
    return { isBuilt, before, after }
  }
}

/** Cover inside the project before and after. */
function storyOf(
  seed: number,
  random: Random,
  story: Story,
): (x: number, y: number) => [before: number, after: number] {
  const stand = layered(seed + 81, from(random, 5, 14), from(random, 2, 7))
  const patch = layered(seed + 91, from(random, 5, 12))
  const little = pattern(seed + 95, 2)
  const share = from(random, 0.3, 0.9)
  const gain = from(random, 0.15, 0.8)
  const low = from(random, 0.02, 0.55)
  const high = from(random, low + 0.15, 1)
  const tell: Record<Story, (x: number, y: number) => [number, number]> = {
    planted: (x, y) => {
      const before = 0.03 + 0.2 * stand(x, y)
      return [before, patch(x, y) < share ? clip(before + gain * (0.7 + 0.5 * stand(x + 40, y))) : before]
    },
    regrowth: (x, y) => {
      const before = low + (high - low) * stand(x, y)
      return [before, clip(before + 0.6 * gain * (1 - before) * (0.5 + patch(x, y)))]
    },
    stable: (x, y) => {
      const before = low + (high - low) * stand(x, y)
      return [before, clip(before + 0.05 * (little(x, y) - 0.5))]
    },
    loss: (x, y) => {
      const before = low + (high - low) * stand(x, y)
      return [before, patch(x, y) < share ? before * (1 - gain) : before]
    },
  }
  return tell[story]
}
