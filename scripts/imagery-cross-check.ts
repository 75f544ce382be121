// Compares the arithmetic of core/src/imagery with numpy on the same numbers: `node scripts/imagery-cross-check.ts`.
// Without python3 and numpy on the machine it says "skipped" and ends well; a difference ends with code 1.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PairStatistics } from '../core/src/imagery/change.ts'
import { classProfiles, coverCarlsonRipley } from '../core/src/imagery/classes.ts'
import { CoMoments } from '../core/src/imagery/co-moments.ts'
import { maskCodes, windowsOf, type Window } from '../core/src/imagery/grid.ts'
import { ndvi } from '../core/src/imagery/indices.ts'
import { dilateMask } from '../core/src/imagery/masks.ts'
import { explainedShare } from '../core/src/imagery/near-infrared-check.ts'
import { maskOfPolygons, PolygonRaster } from '../core/src/imagery/rasterise.ts'
import { IndexStatistics } from '../core/src/imagery/statistics.ts'
import { randomOf } from '../core/src/learn/random.ts'
import { landscape } from '../core/src/imagery/testing-scene.ts'
import { shiftedPlaces, warpBand, warpMask } from '../core/src/imagery/warp.ts'

const size = { width: 300, height: 200 }
const PIXELS = size.width * size.height
/** How far a number may be off, above the millionth by which an index is counted: half a bin for a median, and what is said. */
const tolerances: Record<string, number> = {
  'ndvi median': 6e-5,
  'change median': 6e-5,
  'cover after Carlson and Ripley': 2e-5,
  // A pixel that lies within a millionth of the threshold may fall to either side: two of some 57,000.
  'share gained over 0.1': 4e-5,
  'share lost over 0.2': 4e-5,
  'explained share of infrared': 1e-5,
  'sum of bilinear values': 0.01,
}
const TOLERANCE = 1e-6

function scene() {
  const { next: draw } = randomOf(99)
  const hilly = (seed: number, least: number, most: number) => {
    const wave = landscape(seed, 20, 15).sample(size.width, size.height)
    return wave.map((value) => least + (most - least) * Math.min(1, Math.max(0, 2 * value - 0.1)) + 0.01 * draw())
  }
  const mask = () => Uint8Array.from({ length: PIXELS }, () => (draw() < 0.02 ? maskCodes.cloud : 0))
  return {
    red_before: hilly(1, 0.02, 0.2),
    nir_before: hilly(2, 0.05, 0.5),
    red_after: hilly(3, 0.02, 0.15),
    nir_after: hilly(4, 0.05, 0.6),
    mask_before: mask(),
    mask_after: mask(),
  }
}

const polygon = [20.3, 15.2, 280.7, 40.9, 190.2, 100.4, 250.6, 185.3, 90.1, 150.8]

function ours(arrays: ReturnType<typeof scene>): Record<string, number> {
  const before = ndvi(arrays.red_before, arrays.nir_before, arrays.mask_before)
  const after = ndvi(arrays.red_after, arrays.nir_after, arrays.mask_after)
  const single = new IndexStatistics()
  const pair = new PairStatistics(classProfiles['ndvi-default-1'], undefined)
  for (const window of windowsOf(size, 64)) {
    single.add(cut(before.values, window), cut(before.mask, window))
    const bands = { before: cut(before.values, window), after: cut(after.values, window) }
    pair.add({ ...bands, mask_before: cut(before.mask, window), mask_after: cut(after.mask, window) }, window)
  }
  const [one, both] = [single.summary(), pair.summary()]
  if (!one || !both) throw new Error('the scene has clear pixels')
  const moments = new CoMoments(3)
  moments.add([arrays.nir_before, arrays.red_before, arrays.red_after], new Uint8Array(PIXELS))
  const grown = dilateMask(arrays.mask_before.slice(), size.width, size.height, 2)
  const inside = maskOfPolygons(new PolygonRaster([[Float64Array.from(polygon)]]), size)
  const found: Record<string, number> = {
    'ndvi mean': one.mean,
    'ndvi standard deviation': one.sd,
    'ndvi median': one.median,
    'pixels counted': one.pixels,
    'pixels compared': both.pixels_compared,
    'change mean': both.delta.mean,
    'change standard deviation': both.delta.sd,
    'change median': both.delta.median,
    'share gained over 0.1': both.changes[0]?.gain_fraction ?? Number.NaN,
    'share lost over 0.2': both.changes[1]?.loss_fraction ?? Number.NaN,
    'cover after Carlson and Ripley': coverCarlsonRipley(single.histogram) ?? Number.NaN,
    'pixels in the polygon': inside.filter((code) => code === maskCodes.clear).length,
    'sum of bilinear values': bilinearSum(arrays.nir_before),
    'explained share of infrared': explainedShare(moments, 0, [1, 2]) ?? Number.NaN,
    'pixels of widened cloud': grown.filter((code) => code === maskCodes.cloud).length,
  }
  for (const [i, row] of pair.transitionPixels().entries()) {
    for (const [j, pixels] of row.entries()) found[`transition ${i} to ${j}`] = pixels
  }
  return found
}

function cut<T extends Float32Array | Uint8Array>(whole: T, window: Window): T {
  const part = whole.slice(0, window.width * window.height) as T
  for (let row = 0; row < window.height; row++) {
    const from = (window.row + row) * size.width + window.col
    part.set(whole.subarray(from, from + window.width), row * window.width)
  }
  return part
}

function bilinearSum(values: Float32Array): number {
  const window = { col: 0, row: 0, ...size }
  const places = shiftedPlaces({ col: 1, row: 1, width: size.width - 2, height: size.height - 2 }, 0.3, -0.4)
  const mask = warpMask({ window, mask: new Uint8Array(PIXELS) }, places, new Uint8Array(places.cols.length))
  const band = warpBand({ window, mask, values }, places, mask, new Float32Array(places.cols.length))
  return band.reduce((sum, value) => sum + value, 0)
}

function theirs(arrays: ReturnType<typeof scene>): Record<string, number> {
  const folder = mkdtempSync(join(tmpdir(), 'imagery-'))
  try {
    for (const [name, array] of Object.entries(arrays)) {
      writeFileSync(join(folder, `${name}.${array instanceof Float32Array ? 'f32' : 'u8'}`), array)
    }
    writeFileSync(join(folder, 'facts.json'), JSON.stringify({ ...size, polygon }))
    const program = join(import.meta.dirname, 'imagery-cross-check.py')
    return JSON.parse(execFileSync('python3', [program, folder], { encoding: 'utf8' })) as Record<string, number>
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function main(): number {
  if (spawnSync('python3', ['-c', 'import numpy']).status !== 0) {
    console.log('imagery cross-check: skipped, there is no python3 with numpy on this machine')
    return 0
  }
  const arrays = scene()
  const [here, there] = [ours(arrays), theirs(arrays)]
  const differing = Object.keys({ ...here, ...there }).filter((name) => {
    const off = Math.abs((here[name] ?? Number.NaN) - (there[name] ?? Number.NaN))
    return !(off <= (tolerances[name] ?? TOLERANCE))
  })
  for (const name of differing) console.log(`differs: ${name}: ${here[name]} here, ${there[name]} by numpy`)
  console.log(`imagery cross-check: ${Object.keys(there).length - differing.length} equal, ${differing.length} differ`)
  return differing.length === 0 ? 0 : 1
}

process.exitCode = main()
