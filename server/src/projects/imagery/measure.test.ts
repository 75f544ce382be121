import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { landscape } from '@tidemark/core/imagery/testing-scene.ts'
import { PairMeasurement, type MeasuredPair } from '@tidemark/core/projects/measurement.ts'
import { fromFile } from 'geotiff'
import proj4 from 'proj4'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { measurePair } from './index.ts'
import { imageLimits } from './limits.ts'
import { measureHere } from './measure.ts'
import type { PairOutcome, PairRequest, SceneRequest } from './pair.ts'
import { writeTiff } from './testing-pictures.ts'
import type { TiffToWrite } from './tiff-write.ts'

let folder: string
let named = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-measure-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))
const fresh = (ending = '.tif') => join(folder, `${named++}${ending}`)

/** 200 × 200 pixels of 10 m; the project is the square of 60 × 60 in the middle, 36 ha on the map. */
const SIDE = 200
const [FROM, MIDDLE, TO] = [70, 100, 130]
const isProject = (col: number, row: number) => col >= FROM && col < TO && row >= FROM && row < TO
const transform = [10, 0, 500_000, 0, -10, 1_000_000] as const
const utm = proj4('+proj=utm +zone=38 +datum=WGS84')
const lonLat = (col: number, row: number) => utm.inverse([500_000 + 10 * col, 1_000_000 - 10 * row]) as [number, number]
const square = (from: number, to: number) => ({
  type: 'Polygon' as const,
  coordinates: [[lonLat(from, from), lonLat(to, from), lonLat(to, to), lonLat(from, to), lonLat(from, from)]],
})
// A fifth of a pixel inside, so that no centre depends on the last digit of a projection.
const boundary = square(FROM + 0.2, TO - 0.2)

/** Ground around the project: each band has a texture of its own, as real bands have. */
const textures = Object.fromEntries(
  ['red', 'nir', 'green'].map((role, seed) => [role, landscape(seed + 1, 12).sample(SIDE, SIDE)]),
) as Record<'red' | 'nir' | 'green', Float32Array>

/** Reflectances of the two halves of the project: their NDVI is what the tests expect. */
const ground = {
  bare: { red: 0.18, nir: 0.22, green: 0.15 }, // NDVI 0.1
  half: { red: 0.1, nir: 0.3, green: 0.12 }, // NDVI 0.5
  dense: { red: 0.06, nir: 0.34, green: 0.1 }, // NDVI 0.7
}
type Ground = keyof typeof ground

interface Made {
  west?: Ground
  east?: Ground
  day?: string
  names?: readonly string[]
  grounds?: typeof ground
  /** Scene classification where it is not vegetation. */
  scl?: (col: number, row: number) => number
  plan?: Partial<TiffToWrite>
  metadata?: TiffToWrite['metadata']
  texture?: Record<'red' | 'nir' | 'green', Float32Array>
  /** Where the pixel (col, row) of this file looks in the scene: another grid. */
  seenAt?: (col: number, row: number) => [number, number]
}

const roles = ['red', 'nir', 'green'] as const
const sentinel: NonNullable<TiffToWrite['metadata']> = [
  { name: 'SPACECRAFT_NAME', value: 'Sentinel-2A' },
  { name: 'PROCESSING_LEVEL', value: 'Level-2A' },
  { name: 'PROCESSING_BASELINE', value: '05.09' },
]

/** A Sentinel-2 L2A scene of baseline 05.09: DN = 10 000 ρ + 1000. */
async function scene({
  west = 'bare',
  east = 'half',
  day = '2023-07-01',
  scl,
  plan,
  metadata = sentinel,
  texture = textures,
  names = ['B04', 'B08', 'B03', 'SCL'],
  grounds = ground,
  seenAt,
}: Made = {}): Promise<SceneRequest> {
  const path = fresh()
  const described = names.map((value, sample) => ({
    name: 'DESCRIPTION',
    value,
    sample,
    role: 'description',
  }))
  const value = (band: number, x: number, y: number) => {
    const [col, row] = seenAt ? (seenAt(x, y).map(Math.floor) as [number, number]) : [x, y]
    const role = roles[band]
    if (role === undefined) return scl?.(col, row) ?? 4
    const at = Math.min(SIDE - 1, Math.max(0, row)) * SIDE + Math.min(SIDE - 1, Math.max(0, col))
    const reflectance = isProject(col, row) ? grounds[col < MIDDLE ? west : east][role] : (texture[role][at] ?? 0) * 0.7
    return Math.round(10_000 * reflectance + 1_000)
  }
  const where = { transform, epsg: 32638 }
  const items = [...described, ...metadata, { name: 'PRODUCT_START_TIME', value: `${day}T08:00:00Z` }]
  await writeTiff(
    path,
    { width: SIDE, height: SIDE, bands: 4, sample: 'uint16', tile_px: 64, ...where, metadata: items, ...plan },
    value,
  )
  return {
    files: [{ path, sha256: 'a'.repeat(64) }],
    evidence_id: null,
    claimed_on: null,
    sensor: null,
    level: null,
    bands: null,
  }
}

const grown: Made = { west: 'dense', day: '2024-07-03' }
const pairOf = (before: SceneRequest, after: SceneRequest, changed: Partial<PairRequest> = {}): PairRequest => ({
  before,
  after,
  boundary,
  polygon_ha: 36.01,
  claimed_ha: 36,
  ecosystem: 'mangrove',
  ...changed,
})
async function measure(request: PairRequest): Promise<PairOutcome> {
  const to = await mkdtemp(join(folder, 'out-'))
  const outcome = await measureHere(request, { folder: to, limits: imageLimits }, () => undefined)
  PairMeasurement.parse(outcome.measurement)
  return outcome
}
async function measured(request: PairRequest): Promise<MeasuredPair> {
  const { measurement } = await measure(request)
  if (measurement.outcome !== 'measured') throw new Error(JSON.stringify(measurement.reasons))
  return measurement
}
async function reasons(request: PairRequest): Promise<string[]> {
  const { measurement, histogram } = await measure(request)
  expect(histogram).toEqual([])
  return measurement.outcome === 'cannot_tell' ? measurement.reasons.map(({ code }) => code) : ['measured']
}

describe('a pair of satellite scenes', () => {
  let before: SceneRequest
  let after: SceneRequest
  let truth: MeasuredPair
  beforeAll(async () => {
    before = await scene()
    after = await scene(grown)
    truth = await measured(pairOf(before, after))
  })

  it('gives the numbers that it was built from: NDVI, hectares by class, and what changed into what', () => {
    expect(truth).toMatchObject({ evidence_class: 'E1', pixels_in_polygon: 3_600, pixels_compared: 3_600 })
    expect(truth.index).toMatchObject({ kind: 'ndvi', sigma_source: 'floor', sigma: 0.05 })
    // Half at 0.1 and half at 0.5 before; half at 0.7 and half at 0.5 after.
    expect(truth.index.mean_before).toBeCloseTo(0.3, 5)
    expect(truth.index.mean_after).toBeCloseTo(0.6, 5)
    expect(truth.index.delta).toBeCloseTo(0.3, 5)
    expect(truth.area.measured_ha).toBeCloseTo(36, 9)
    const [barren, moderate, dense] = [1, 3, 4]
    expect(truth.transitions?.px[barren]?.[dense]).toBe(1_800)
    expect(truth.transitions?.ha?.[moderate]?.[moderate]).toBeCloseTo(18, 9)
    expect(truth.cover.share).toMatchObject({ before: 0.5, after: 1, threshold: 0.4 })
    // ((NDVI − 0.05) / 0.81)²: 0.003810 at 0.1, 0.308642 at 0.5, 0.643957 at 0.7 (Carlson and Ripley 1997).
    expect(truth.cover.carlson_ripley?.before).toBeCloseTo((0.00381 + 0.308642) / 2, 3)
    expect(truth.cover.carlson_ripley?.after).toBeCloseTo((0.643957 + 0.308642) / 2, 3)
    expect(truth.changes).toContainEqual({ threshold: 0.2, gain_fraction: 0.5, loss_fraction: 0 })
    expect(truth.registration?.residual_px).toBeLessThan(0.05)
    expect(truth.season_gap_days).toBe(3)
    // Made without any noise, both dates have the same light to the last digit, as a painted copy has: it is told, and nothing else.
    const found = truth.integrity.filter((each) => each.found).map(({ check }) => check)
    expect(found).toEqual(['recoloured_after'])
  })

  it('gives the same record again, also from files that are cut another way', async () => {
    const strips = { plan: { tile_px: undefined, rows_per_strip: 11 } }
    const [one, other] = [await scene(strips), await scene({ ...grown, ...strips })]
    expect(await measured(pairOf(one, other))).toEqual(truth)
  })

  it('negates its change when the dates are swapped', async () => {
    const swapped = await measured(pairOf(await scene({ west: 'dense' }), await scene({ day: '2024-07-03' })))
    expect(swapped.index.delta).toBeCloseTo(-truth.index.delta, 9)
    expect(swapped.transitions?.px[4]?.[1]).toBe(1_800)
  })

  it('is laid onto itself when the second was shifted, and from a grid of another size', async () => {
    // The same place on a grid that begins two and three pixels earlier: nothing may move.
    const place: Made = {
      plan: { transform: [10, 0, 499_980, 0, -10, 1_000_030] },
      seenAt: (col, row) => [col - 2, row - 3],
    }
    const moved = await measured(pairOf(before, await scene({ ...grown, ...place })))
    expect(moved.index.delta).toBeCloseTo(0.3, 4)
    expect(moved.registration).toMatchObject({ shift_col_px: expect.closeTo(0, 1), shift_row_px: expect.closeTo(0, 1) })
    // The same grid, its content two pixels to the right: found and taken back.
    const shifted = await measured(pairOf(before, await scene({ ...grown, seenAt: (col, row) => [col - 2, row] })))
    expect(shifted.registration?.shift_col_px).toBeCloseTo(2, 1)
    expect(shifted.index.delta).toBeCloseTo(0.3, 2)
  })

  it('from one file for each band, with a mask of 20 m, is the same pair', async () => {
    const files = await Promise.all(
      roles.map(async (role, file) => {
        const path = fresh()
        const at = (_: number, col: number, row: number) => {
          const reflectance = isProject(col, row)
            ? ground[col < MIDDLE ? 'bare' : 'half'][role]
            : (textures[role][row * SIDE + col] ?? 0) * 0.7
          return Math.round(10_000 * reflectance + 1_000)
        }
        const metadata = [
          ...sentinel,
          { name: 'DESCRIPTION', value: ['B04', 'B08', 'B03'][file] ?? '', sample: 0, role: 'description' },
        ]
        await writeTiff(
          path,
          { width: SIDE, height: SIDE, bands: 1, sample: 'uint16', tile_px: 64, transform, epsg: 32638, metadata },
          at,
        )
        return { path, sha256: 'b'.repeat(64) }
      }),
    )
    const mask = fresh()
    const half: TiffToWrite = {
      width: SIDE / 2,
      height: SIDE / 2,
      bands: 1,
      sample: 'uint8',
      transform: [20, 0, 500_000, 0, -20, 1_000_000],
      epsg: 32638,
    }
    // Clouds over the four rows of 20 m in the north of the project, and two pixels of 10 m around them.
    await writeTiff(
      mask,
      { ...half, metadata: [{ name: 'DESCRIPTION', value: 'SCL', sample: 0, role: 'description' }] },
      (_, __, row) => (row >= 35 && row < 39 ? 9 : 4),
    )
    const split = { ...before, claimed_on: '2023-07-01', files: [...files, { path: mask, sha256: 'c'.repeat(64) }] }
    const found = await measured(pairOf(split, after))
    expect(found.index.mean_after).toBeCloseTo(0.6, 5)
    expect(found.pixels_compared).toBe(3_600 - 60 * (8 + 2))
    expect(found.before.masked_fractions.cloud).toBeCloseTo(10 / 60, 9)
  })

  it('is drawn, with corners on the Earth, and its differences are a GeoTIFF', async () => {
    const to = await mkdtemp(join(folder, 'out-'))
    const { pictures, measurement, histogram } = await measurePair(pairOf(before, after), { folder: to })
    expect(measurement).toEqual(truth)
    expect(histogram.reduce((sum, bar) => sum + bar.after_px, 0)).toBe(3_600)
    expect(pictures.map(({ kind }) => kind).sort()).toEqual([
      'change',
      'delta',
      'index_after',
      'index_before',
      'mask_after',
      'mask_before',
      'view_after',
      'view_before',
    ])
    for (const { path, corners } of pictures) {
      expect((await stat(path)).size).toBeGreaterThan(100)
      expect(corners?.[0]?.[0]).toBeCloseTo(lonLat(6, 6)[0], 6)
    }
    const { data, info } = await sharp(join(to, 'change.png')).raw().toBuffer({ resolveWithObject: true })
    const colour = (col: number, row: number) => [
      ...data.subarray(4 * ((row - 6) * info.width + col - 6)).subarray(0, 4),
    ]
    expect(colour(80, 80)).toEqual([20, 130, 50, expect.any(Number)])
    expect(colour(120, 120)[3]).toBe(0)
    const file = await (await fromFile(join(to, 'delta.tif'))).getImage()
    const [delta] = (await file.readRasters({
      window: [74, 74, 75, 75],
    })) as unknown as Float32Array[]
    expect(delta?.[0]).toBeCloseTo(0.6, 5)
    expect(file.getGDALNoData()).toBe(-9_999)
  })

  it('says what it cannot tell: clouds, seasons, dates, places, bands and numbers without a scale', async () => {
    const overcast = () => 9
    expect(await reasons(pairOf(await scene({ scl: overcast }), after))).toEqual(['too-little-clear'])
    expect(await reasons(pairOf(await scene({ day: '2023-01-10' }), after))).toEqual(['different-season'])
    expect(await reasons(pairOf(before, await scene({ ...grown, day: '2022-07-03' })))).toEqual(['dates-not-in-order'])
    expect(await reasons(pairOf(await scene({ plan: { epsg: undefined } }), after))).toEqual(['crs-missing'])
    expect(await reasons(pairOf(before, after, { boundary: square(5_000, 5_060) }))).toEqual(['no-overlap'])
    expect(await reasons(pairOf(before, after, { boundary: null }))).toEqual(['boundary-missing'])
    const offset_unknown = { metadata: sentinel.filter(({ name }) => name !== 'PROCESSING_BASELINE') }
    expect(await reasons(pairOf(await scene(offset_unknown), after))).toEqual(['reflectance-unknown'])
    const silent = fresh()
    await writeTiff(
      silent,
      { width: SIDE, height: SIDE, bands: 3, sample: 'uint8', tile_px: 64, transform, epsg: 32638, photometric: 2 },
      (_, col) => col % 200,
    )
    expect(await reasons(pairOf({ ...before, files: [{ path: silent, sha256: 'd'.repeat(64) }] }, after))).toEqual([
      'bands-unknown',
    ])
  })

  it('of another place is not registered, and of other sensors without a scale not compared', async () => {
    const elsewhere = Object.fromEntries(
      roles.map((role, seed) => [role, landscape(seed + 50, 12).sample(SIDE, SIDE)]),
    ) as typeof textures
    const { measurement } = await measure(pairOf(before, await scene({ ...grown, texture: elsewhere })))
    expect(measurement).toMatchObject({ outcome: 'cannot_tell', reasons: [{ code: 'not-registered' }] })
    const aerial = { ...(await scene({ metadata: [], names: ['red', 'nir', 'green', 'SCL'] })), sensor: 'naip' }
    expect(await reasons(pairOf(aerial, after))).toEqual(['sensors-not-comparable'])
  })

  it('refuses a near infrared that is another band', async () => {
    const copied = (each: (typeof ground)[Ground]) => ({ ...each, nir: each.red })
    const grounds = { bare: copied(ground.bare), half: copied(ground.half), dense: copied(ground.dense) }
    const fake: Made = { texture: { ...textures, nir: textures.red }, grounds }
    const { measurement } = await measure(pairOf(await scene(fake), await scene({ ...grown, ...fake })))
    const found = measurement.integrity.filter(({ check }) => check === 'fake_nir')
    expect(found).toMatchObject([
      { image: 'before', found: true, effect: 'block', value: 'equals red' },
      { image: 'after', found: true, effect: 'block', value: 'equals red' },
    ])
  })
})

describe('pictures without infrared', () => {
  const photo = async (green: number, seed = 1): Promise<SceneRequest> => {
    const path = fresh('.png')
    const ground = landscape(seed, 12, 30).sample(400, 300)
    const rgb = Buffer.alloc(400 * 300 * 3)
    for (let at = 0; at < ground.length; at += 1) {
      const value = 400 * (ground[at] ?? 0)
      // The right half is covered by plants, the more the greener.
      rgb.set(
        [value, value + (at % 400 >= 200 ? green : 0), value].map((level) => Math.max(0, Math.min(255, level))),
        3 * at,
      )
    }
    await sharp(rgb, { raw: { width: 400, height: 300, channels: 3 } })
      .png()
      .toFile(path)
    return {
      files: [{ path, sha256: 'e'.repeat(64) }],
      evidence_id: null,
      claimed_on: '2023-07-01',
      sensor: null,
      level: null,
      bands: null,
    }
  }

  it('have a greenness and never an NDVI; one exposure that turned green is flagged', async () => {
    const after = { ...(await photo(90)), claimed_on: '2024-07-01' }
    const found = await measured(pairOf(await photo(20), after))
    expect(found).toMatchObject({
      evidence_class: 'E5',
      index: { kind: 'greenness' },
      transitions: null,
      classes: [],
      cover: { carlson_ripley: null },
    })
    expect(found.index.delta).toBeGreaterThan(0.05)
    expect(JSON.stringify(found)).not.toMatch(/"ndvi/)
    expect(found.integrity).toContainEqual(
      expect.objectContaining({ check: 'recoloured_after', found: true, effect: 'flag' }),
    )
    const another = { ...(await photo(90, 7)), claimed_on: '2024-07-01' }
    const other = await measured(pairOf(await photo(20), another))
    expect(other.integrity).toContainEqual(expect.objectContaining({ check: 'recoloured_after', found: false }))
  })

  it('that lie on the map are compared pixel by pixel, by their greenness alone', async () => {
    const ortho = async (project: Ground, day: string) => {
      const path = fresh()
      const metadata = ['red', 'green', 'blue'].map((value, sample) => ({
        name: 'DESCRIPTION',
        value,
        sample,
        role: 'description',
      }))
      const at = (band: number, col: number, row: number) => {
        const levels = isProject(col, row)
          ? { red: ground[project].red, green: ground[project].green }
          : { red: (textures.red[row * SIDE + col] ?? 0) * 0.7, green: (textures.green[row * SIDE + col] ?? 0) * 0.7 }
        return Math.round(500 * [levels.red, levels.green, 0.1][band]!)
      }
      await writeTiff(
        path,
        { width: SIDE, height: SIDE, bands: 3, sample: 'uint8', tile_px: 64, transform, epsg: 32638, metadata },
        at,
      )
      return {
        files: [{ path, sha256: 'f'.repeat(64) }],
        evidence_id: null,
        claimed_on: day,
        sensor: null,
        level: null,
        bands: null,
      }
    }
    const found = await measured(pairOf(await ortho('bare', '2023-07-01'), await ortho('dense', '2024-07-01')))
    expect(found).toMatchObject({
      evidence_class: 'E3',
      index: { kind: 'greenness' },
      transitions: null,
      pixels_compared: 3_600,
    })
    // (75 − 90) / (75 + 90) before, (50 − 30) / (50 + 30) after.
    expect(found.index.mean_before).toBeCloseTo(-15 / 165, 5)
    expect(found.index.mean_after).toBeCloseTo(20 / 80, 5)
  })
})
