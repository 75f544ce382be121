// A Sentinel-2 tile before and after, 10 980 × 10 980 pixels, red and near infrared: how long its NDVI takes and how much memory,
// beside rasterio and numpy doing the same on the same files. Then the whole measurement of a project as large as the tile.
//
//   node bench/imagery.ts
//
// The scenes are generated: sixteen tiles of noise and waves, packed once and laid out over and over. Each part runs in a
// process of its own, so that its memory is its own. Without python3 and rasterio the ratio is skipped, and says so.
import { spawn } from 'node:child_process'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { deflate } from 'node:zlib'
import { wholeWindow } from '@tidemark/core/imagery/grid.ts'
import { ndvi } from '@tidemark/core/imagery/indices.ts'
import { IndexStatistics } from '@tidemark/core/imagery/statistics.ts'
import { buffers, readAhead } from '../server/src/projects/imagery/buffers.ts'
import { cornersOf } from '../server/src/projects/imagery/crs.ts'
import { imageLimits } from '../server/src/projects/imagery/limits.ts'
import { measureHere } from '../server/src/projects/imagery/measure.ts'
import type { PairRequest, SceneRequest } from '../server/src/projects/imagery/pair.ts'
import { release, SceneReader } from '../server/src/projects/imagery/scene-reader.ts'
import { closeAll, openScene } from '../server/src/projects/imagery/scene.ts'
import { TiffWriter } from '../server/src/projects/imagery/tiff-write.ts'
import { sayBar, skipBar } from './bar.ts'

const SIDE = 10_980
const TILE = 512
const KINDS = 16
const RATIO_MOST = 1.5
const MEMORY_MOST_MB = 300
const transform = [10, 0, 499_980, 0, -10, 1_200_000] as const

async function main(): Promise<void> {
  const made = await mkdtemp(join(tmpdir(), 'tidemark-bench-imagery-'))
  try {
    const files = [join(made, 'before.tif'), join(made, 'after.tif')] as const
    await generate(files[0], 0, '2023-07-01')
    await generate(files[1], 1, '2024-07-02')
    const megabytes = ((await stat(files[0])).size + (await stat(files[1])).size) / 1e6
    process.stdout.write(`two scenes of ${SIDE} × ${SIDE} × 2 bands uint16, deflate, ${megabytes.toFixed(0)} MB\n`)
    const own = await run(process.execPath, [import.meta.filename, 'ndvi', ...files])
    process.stdout.write(`NDVI of the pair        ${told(own)}\n`)
    const whole = await run(process.execPath, [import.meta.filename, 'measure', ...files, made])
    process.stdout.write(`the whole measurement   ${told(whole)}\n`)
    sayBar({
      what: 'NDVI of a 10 980² pair, memory',
      measured: own.megabytes,
      unit: 'MB',
      at: { most: MEMORY_MOST_MB },
    })
    sayBar({
      what: 'a 10 980² pair measured and drawn, memory',
      measured: whole.megabytes,
      unit: 'MB',
      at: { most: MEMORY_MOST_MB },
    })
    await compare(made, files, own)
  } finally {
    await rm(made, { recursive: true, force: true })
  }
}

interface Figures {
  seconds: number
  /** Of all its threads: what it takes from a machine with other work to do. */
  processor_seconds: number
  megabytes: number
  mean_before: number
  mean_after: number
}

const told = ({ seconds, processor_seconds, megabytes, mean_before, mean_after }: Figures) =>
  `${seconds.toFixed(1)} s (${processor_seconds.toFixed(1)} s of processor), ${megabytes.toFixed(0)} MB, mean ${mean_before.toFixed(6)} → ${mean_after.toFixed(6)}`

async function compare(made: string, files: readonly string[], own: Figures): Promise<void> {
  const script = join(made, 'ndvi.py')
  await writeFile(script, python)
  for (const program of ['python3', join('/usr', 'bin', 'python3')]) {
    const theirs = await run(program, [script, ...files]).catch(() => undefined)
    if (!theirs) continue
    process.stdout.write(`rasterio and numpy      ${told(theirs)}\n`)
    const off = Math.max(Math.abs(theirs.mean_before - own.mean_before), Math.abs(theirs.mean_after - own.mean_after))
    if (!(off < 1e-6)) throw new Error(`the two disagree by ${off}`)
    const measured = own.seconds / theirs.seconds
    sayBar({
      what: 'NDVI of a 10 980² pair, time over rasterio and numpy',
      measured,
      unit: '×',
      at: { most: RATIO_MOST },
    })
    return
  }
  skipBar('NDVI of a 10 980² pair, time over rasterio and numpy', 'python3 with rasterio is not on this machine')
}

/** Blocks of whole rows, float32, means of both dates: less than is done here, which also counts a histogram for medians. */
const python = `
import json, os, resource, sys, time
import numpy, rasterio
from rasterio.windows import Window
start = time.perf_counter()
def index(source, window):
    dn = source.read((1, 2), window=window).astype(numpy.float32)
    red, nir = (dn - 1000) * numpy.float32(1e-4)
    clear = (nir + red > 0) & (numpy.maximum(red, nir) >= 0.01)
    value = numpy.zeros_like(red)
    numpy.divide(nir - red, nir + red, out=value, where=clear)
    numpy.clip(value, -1, 1, out=value)
    return value[clear].sum(dtype=numpy.float64), clear.sum()
sums = [[0.0, 0], [0.0, 0]]
for at, path in enumerate(sys.argv[1:3]):
    with rasterio.open(path) as source:
        for row in range(0, source.height, 512):
            total, count = index(source, Window(0, row, source.width, min(512, source.height - row)))
            sums[at][0] += total
            sums[at][1] += int(count)
means = [total / count for total, count in sums]
print(json.dumps(dict(seconds=time.perf_counter() - start, processor_seconds=sum(os.times()[:2]),
    mean_before=means[0], mean_after=means[1],
    megabytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)))
`

function run(program: string, args: readonly string[]): Promise<Figures> {
  return new Promise((resolve, reject) => {
    // The same as the server gives to a process that decodes.
    const env = { ...process.env, MALLOC_ARENA_MAX: '2' }
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env })
    let [output, errors] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => (code === 0 ? resolve(JSON.parse(output) as Figures) : reject(new Error(errors))))
  })
}

function print(started: number, means: readonly [number, number]): void {
  const { maxRSS, userCPUTime: user_us, systemCPUTime: system_us } = process.resourceUsage()
  const megabytes = maxRSS / 1024
  const figures: Figures = {
    seconds: (performance.now() - started) / 1_000,
    processor_seconds: (user_us + system_us) / 1e6,
    megabytes,
    mean_before: means[0],
    mean_after: means[1],
  }
  process.stdout.write(JSON.stringify(figures))
}

// --- What is measured

const sceneAt = (path: string): SceneRequest => ({
  files: [{ path, sha256: '0'.repeat(64) }],
  evidence_id: null,
  claimed_on: null,
  sensor: null,
  level: null,
  bands: null,
})

async function ndviOfPair(first: string, second: string): Promise<void> {
  const started = performance.now()
  const means = [await meanNdvi(first), await meanNdvi(second)] as const
  print(started, means)
}

async function meanNdvi(path: string): Promise<number> {
  const scene = await openScene(sceneAt(path), imageLimits)
  if (!scene.grid) throw new Error('a generated scene has a place')
  const reader = new SceneReader(scene, scene.grid)
  const statistics = new IndexStatistics()
  const windows = reader.windows(wholeWindow(scene.grid))
  for await (const [, window] of readAhead(windows, (each) => reader.read(each))) {
    const { bands, mask } = window
    const [red, nir] = [bands.get('red'), bands.get('nir')]
    if (!red || !nir) throw new Error('a generated scene has red and near infrared')
    const into = { values: buffers.float32(mask.length), mask: buffers.mask(mask.length) }
    ndvi(red, nir, mask, into)
    statistics.add(into.values, into.mask)
    buffers.give([into.values, into.mask])
    release(window)
  }
  await closeAll(scene.images)
  return statistics.summary()?.mean ?? Number.NaN
}

async function measureWhole(first: string, second: string, to: string): Promise<void> {
  const started = performance.now()
  const corners = cornersOf({ width: SIDE, height: SIDE, transform, crs: '+proj=utm +zone=38 +datum=WGS84' }) ?? []
  const ring = corners.map(([lon, lat]) => [lon, lat])
  const request: PairRequest = {
    before: sceneAt(first),
    after: sceneAt(second),
    boundary: { type: 'Polygon', coordinates: [[...ring, ...ring.slice(0, 1)]] },
    polygon_ha: null,
    claimed_ha: (SIDE * SIDE) / 100,
    ecosystem: 'mangrove',
  }
  const { measurement } = await measureHere(request, { folder: to, limits: imageLimits }, () => undefined)
  if (measurement.outcome !== 'measured') throw new Error(JSON.stringify(measurement.reasons))
  print(started, [measurement.index.mean_before, measurement.index.mean_after])
}

// --- What it is measured on

async function generate(path: string, date: number, day: string): Promise<void> {
  const packed = await Promise.all(Array.from({ length: KINDS }, (_, kind) => packTile(kind, date)))
  const writer = await TiffWriter.create(path, {
    width: SIDE,
    height: SIDE,
    bands: 2,
    sample: 'uint16',
    tile_px: TILE,
    transform,
    epsg: 32638,
    metadata: [
      ...['B04', 'B08'].map((value, sample) => ({ name: 'DESCRIPTION', value, sample, role: 'description' })),
      { name: 'SPACECRAFT_NAME', value: 'Sentinel-2A' },
      { name: 'PROCESSING_LEVEL', value: 'Level-2A' },
      { name: 'PROCESSING_BASELINE', value: '05.09' },
      { name: 'PRODUCT_START_TIME', value: `${day}T08:00:00Z` },
    ],
  })
  for (let down = 0; down < writer.down; down += 1) {
    for (let across = 0; across < writer.across; across += 1) {
      const tile = packed[(7 * down + 3 * across) % KINDS]
      if (tile) await writer.writePacked(across, down, tile)
    }
  }
  await writer.finish()
}

/** Fields of some hundred metres with noise, as real reflectance has: it packs to about two thirds. */
async function packTile(kind: number, date: number): Promise<Uint8Array> {
  const values = new Uint16Array(TILE * TILE * 2)
  let state = 1 + kind
  for (let at = 0; at < TILE * TILE; at += 1) {
    const [x, y] = [at % TILE, Math.floor(at / TILE)]
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const field =
      Math.sin((x + 37 * kind) / 19) * Math.cos(y / (23 + kind)) + 0.5 * Math.sin((x * y) / (900 + 31 * kind))
    values[2 * at] = 1_000 + 900 + 350 * field + (state >>> 27)
    values[2 * at + 1] = 1_000 + 2_600 - 500 * field + 300 * date + ((state >>> 20) & 31)
  }
  return promisify(deflate)(new Uint8Array(values.buffer))
}

const [part, before, after, folder] = process.argv.slice(2)
if (part === 'ndvi' && before && after) await ndviOfPair(before, after)
else if (part === 'measure' && before && after && folder) await measureWhole(before, after, folder)
else await main()
