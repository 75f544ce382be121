import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import { randomOf } from '@tidemark/core/learn/random.ts'
import { Problem } from '@tidemark/core/lib/problem.ts'
import { FileFacts } from '@tidemark/core/projects/file-facts.ts'
import { nearestHashDistance } from '@tidemark/core/projects/perceptual-hash.ts'
import { writeArrayBuffer } from 'geotiff'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inspectFile } from './index.ts'
import { inspectHere } from './inspect.ts'
import { imageLimits } from './limits.ts'
import { openImage } from './open-image.ts'
import { writeTiff } from './testing-pictures.ts'
import type { TiffToWrite } from './tiff-write.ts'

let folder: string
let named = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-inspect-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const fresh = (ending = '.tif') => join(folder, `${named++}${ending}`)
const silent = () => undefined
const look = async (path: string, limits = {}) =>
  FileFacts.parse(await inspectHere(path, { limits: { ...imageLimits, ...limits }, preview: null }, silent))

const utm: Pick<TiffToWrite, 'transform' | 'epsg'> = { transform: [10, 0, 500_000, 0, -10, 1_000_000], epsg: 32638 }
const small: TiffToWrite = { width: 40, height: 30, bands: 2, sample: 'uint16', tile_px: 16, ...utm }
const valueAt = (band: number, col: number, row: number) => 1000 * band + 31 * row + col

async function tiff(plan: Partial<TiffToWrite> = {}, value = valueAt): Promise<string> {
  const path = fresh()
  await writeTiff(path, { ...small, ...plan }, value)
  return path
}

/** The same file with its bytes changed. */
async function spoilt(path: string, change: (bytes: Buffer) => Buffer | void): Promise<string> {
  const bytes = await readFile(path)
  const to = fresh()
  await writeFile(to, change(bytes) ?? bytes)
  return to
}

/** Where the values of a field stand in a classic little-endian TIFF; the place of its inline value when it is short. */
function fieldAt(bytes: Buffer, tag: number): { entry: number; values: number } {
  const directory = bytes.readUInt32LE(4)
  for (let index = 0; index < bytes.readUInt16LE(directory); index += 1) {
    const entry = directory + 2 + index * 12
    if (bytes.readUInt16LE(entry) === tag) return { entry, values: bytes.readUInt32LE(entry + 8) }
  }
  throw new Error(`no field ${tag}`)
}

/** The last directory points at this place as the next one. */
function linkTo(bytes: Buffer, at: number): void {
  const directory = bytes.readUInt32LE(4)
  bytes.writeUInt32LE(at, directory + 2 + bytes.readUInt16LE(directory) * 12)
}

describe('a GeoTIFF is read to the last value', () => {
  const layouts: Record<string, Partial<TiffToWrite>> = {
    'tiles, bands side by side, deflate': {},
    'strips, bands apart, not packed': { tile_px: undefined, rows_per_strip: 7, is_planar: true, compression: 'none' },
    'BigTIFF of signed numbers': { is_bigtiff: true, sample: 'int16' },
    'floating point in one strip': { sample: 'float32', tile_px: undefined },
  }
  it.each(Object.entries(layouts))('%s', async (_, plan) => {
    const image = await openImage(await tiff(plan), imageLimits)
    const window = { col: 3, row: 5, width: 30, height: 20 }
    const [one, other] = await image.raster.read([1, 0], window)
    expect(one?.[0]).toBe(valueAt(1, 3, 5))
    expect(other?.[19 * 30 + 29]).toBe(valueAt(0, 32, 24))
    await image.raster.close()
  })

  it('of another writer, in the other byte order', async () => {
    const path = fresh()
    const values = Uint16Array.from({ length: 12 }, (_, at) => 300 * at)
    await writeFile(path, Buffer.from(writeArrayBuffer(values, { width: 4, height: 3 })))
    const image = await openImage(path, imageLimits)
    const [band] = await image.raster.read([0], { col: 0, row: 0, width: 4, height: 3 })
    expect([...(band ?? [])]).toEqual([...values])
    await image.raster.close()
  })

  it.each([
    [
      'LZW with differences, in tiles',
      { compression: 'lzw', predictor: 'horizontal', tile: true, tileWidth: 16, tileHeight: 16 },
      0,
    ],
    ['deflate with differences, in strips', { compression: 'deflate', predictor: 'horizontal' }, 0],
    // Two decoders of JPEG round colours differently by a few levels.
    ['JPEG, brightness and colour apart', { compression: 'jpeg', quality: 95 }, 6],
  ] as const)('of libtiff: %s', async (_, options, off) => {
    const path = fresh()
    const rgb = Buffer.from({ length: 50 * 40 * 3 } as ArrayLike<number>).map(
      (_value, at) => 128 + 100 * Math.sin(at / 3_00 + (at % 3)),
    )
    await sharp(rgb, { raw: { width: 50, height: 40, channels: 3 } })
      .tiff(options)
      .toFile(path)
    const truth = await sharp(path).raw().toBuffer()
    const image = await openImage(path, imageLimits)
    const bands = await image.raster.read([0, 1, 2], { col: 0, row: 0, width: 50, height: 40 })
    const differences = truth.map((value, at) => Math.abs(value - (bands[at % 3]?.[Math.floor(at / 3)] ?? 999)))
    expect(Math.max(...differences)).toBeLessThanOrEqual(off)
    await image.raster.close()
  })

  it('and packed another way it is the same picture by its pixels, not by its bytes', async () => {
    const [one, other] = [await look(await tiff()), await look(await tiff(layouts['strips, bands apart, not packed']))]
    expect(one.pixels_sha256).toBe(other.pixels_sha256)
    expect(one.sha256).not.toBe(other.sha256)
    const changed = await look(
      await tiff({}, (band, col, row) => valueAt(band, col, row) + (col === 39 && row === 29 ? 1 : 0)),
    )
    expect(changed.pixels_sha256).not.toBe(one.pixels_sha256)
  })
})

describe('a file says of itself', () => {
  it('where it lies: UTM, degrees, turned, or nowhere', async () => {
    const [west, north] = (await look(await tiff())).corners?.[0] ?? []
    // Zone 38 has its central meridian at 45° east; 1 000 000 m of northing there is 9.046562° (GeographicLib, GeoConvert).
    expect([west, north]).toEqual([45, expect.closeTo(9.0465625, 6)])
    const degrees = await look(
      await tiff({ transform: [1e-4, 0, 10, 0, -1e-4, 38], epsg: 4326, crs_kind: 'geographic' }),
    )
    expect(degrees.grid?.crs_kind).toBe('geographic')
    // A degree of longitude at 38° is 87 832 m, one of latitude 110 996 m (NIMA TR 8350.2).
    expect(degrees.pixel_m).toEqual({ x: expect.closeTo(8.783, 2), y: expect.closeTo(11.1, 2) })
    expect((await look(await tiff({ transform: [8, 6, 500_000, 6, -8, 1_000_000] }))).warnings).toContain(
      'rotated_grid',
    )
    const nowhere = await look(await tiff({ epsg: undefined }))
    expect(nowhere.warnings).toContain('no_crs')
    expect(nowhere.no_crs_reason).toMatch(/names no reference system/)
    expect((await look(await tiff({ epsg: 9999 }))).no_crs_reason).toMatch(/EPSG:9999, which is not known/)
  })

  it('which bands it has; three that it does not name are no photograph, and four are no near infrared', async () => {
    const described = (names: string[]) =>
      names.map((value, sample) => ({ name: 'DESCRIPTION', value, sample, role: 'description' }))
    const multispectral = await look(
      await tiff({
        metadata: [
          ...described(['B04', 'B08']),
          { name: 'SPACECRAFT_NAME', value: 'Sentinel-2B' },
          { name: 'PROCESSING_LEVEL', value: 'Level-2A' },
          { name: 'PROCESSING_BASELINE', value: '05.09' },
          { name: 'PRODUCT_START_TIME', value: '2023-07-01T10:00:31.024Z' },
        ],
        nodata: 0,
      }),
    )
    expect(multispectral).toMatchObject({
      evidence_class: 'E2',
      nodata: 0,
      capture: { baseline: '05.09', acquired_on: '2023-07-01', taken_zone: 'utc' },
    })
    const three = await look(await tiff({ bands: 3, sample: 'uint8', photometric: 2 }))
    expect(three).toMatchObject({ evidence_class: 'E5', warnings: expect.arrayContaining(['three_unlabelled_bands']) })
    const alpha = await look(await tiff({ bands: 4, sample: 'uint8', photometric: 2, extra_samples: [2] }))
    expect(alpha.bands[3]?.colour).toBe('alpha')
    expect(alpha.evidence_class).toBe('E5')
    const named = await tiff({
      bands: 4,
      sample: 'uint8',
      photometric: 2,
      extra_samples: [2],
      metadata: described(['red', 'green', 'blue', 'nir']),
    })
    expect((await look(named)).warnings).toContain('nir_tagged_alpha')
    expect((await look(await tiff({ sample: 'int16', nodata: -32_768 }))).nodata).toBe(-32_768)
  })

  it('what a camera wrote, as it wrote it: no zone is made up, and text stays text', async () => {
    const path = fresh('.jpg')
    await sharp({ create: { width: 64, height: 48, channels: 3, background: '#386' } })
      .withExif({
        IFD0: { Software: '<script>alert(1)</script>\u0000\n', Make: 'Nikon', Model: 'D70' },
        IFD2: { DateTimeOriginal: '2008:10:22 16:28:39' },
        IFD3: {
          GPSLatitudeRef: 'S',
          GPSLatitude: '43/1 28/1 3/1',
          GPSLongitudeRef: 'E',
          GPSLongitude: '11/1 53/1 0/1',
        },
      })
      .jpeg()
      .toFile(path)
    const { capture, evidence_class } = await look(path)
    expect(capture).toMatchObject({
      taken_raw: '2008:10:22 16:28:39',
      taken_zone: 'unknown',
      acquired_on: '2008-10-22',
      camera: 'Nikon D70',
    })
    expect(capture.software).toBe('<script>alert(1)</script>')
    expect(capture.gps?.latitude_deg).toBeCloseTo(-(43 + 28 / 60 + 3 / 3600), 9)
    expect(evidence_class).toBe('E4')
  })

  it('what it looks like: turned, smaller and repacked it is the same, and another is not', async () => {
    const blobs = (seed: number) =>
      Buffer.from({ length: 256 * 192 } as ArrayLike<number>).map((_, at) => {
        const [x, y] = [at % 256, Math.floor(at / 256)]
        return 127 + 60 * Math.sin(x / (9 + seed)) * Math.cos(y / (21 - seed)) + 60 * Math.sin((x * y * seed) / 4_000)
      })
    const raw = { raw: { width: 256, height: 192, channels: 1 as const } }
    const [one, turned, another] = [fresh('.png'), fresh('.jpg'), fresh('.png')]
    await sharp(blobs(3), raw).png().toFile(one)
    await sharp(blobs(3), raw).rotate(90).resize(96, 128).jpeg({ quality: 60 }).toFile(turned)
    await sharp(blobs(7), raw).png().toFile(another)
    const [first, second, third] = [await look(one), await look(turned), await look(another)]
    expect(nearestHashDistance(second.phash ?? '', first.phash_variants)).toBeLessThanOrEqual(10)
    expect(nearestHashDistance(third.phash ?? '', first.phash_variants)).toBeGreaterThan(10)
  })

  it('also in JPEG 2000', async () => {
    const make = createRequire(import.meta.url)('@cornerstonejs/codec-openjpeg/wasmjs') as (
      settings: object,
    ) => Promise<{
      J2KEncoder: new () => Record<string, (...values: unknown[]) => Uint8Array>
    }>
    const { J2KEncoder } = await make({ print: silent, printErr: silent })
    const encoder = new J2KEncoder()
    const values = Uint16Array.from({ length: 64 * 48 }, (_, at) => 7 * at)
    const info = { width: 64, height: 48, bitsPerSample: 16, componentCount: 1, isSigned: false }
    encoder.getDecodedBuffer?.(info)?.set(new Uint8Array(values.buffer))
    encoder.setQuality?.(true, 0)
    encoder.encode?.()
    const path = fresh('.jp2')
    await writeFile(path, Buffer.from(encoder.getEncodedBuffer?.() ?? []))
    expect(await look(path)).toMatchObject({ kind: 'jp2', width: 64, height: 48, sample: 'uint16' })
    const image = await openImage(path, imageLimits)
    const [band] = await image.raster.read([0], { col: 0, row: 0, width: 64, height: 48 })
    expect(band).toEqual(values)
    await expect(look(await spoilt(path, (bytes) => bytes.subarray(0, bytes.length >> 1)))).rejects.toMatchObject({
      type: 'projects/image-unreadable',
    })
  })
})

describe('a hostile file is refused before it is decoded', () => {
  const unreadable = 'projects/image-unreadable'
  const too_large = 'projects/image-too-large'
  const not_supported = 'projects/image-not-supported'
  const png = (width: number, height: number) => {
    const chunk = (kind: string, body: Buffer) => {
      const named = Buffer.concat([Buffer.from(kind), body])
      const frame = Buffer.alloc(8)
      frame.writeUInt32BE(body.length, 0)
      frame.writeUInt32BE(crc32(named), 4)
      return Buffer.concat([frame.subarray(0, 4), named, frame.subarray(4)])
    }
    const size = Buffer.from('00000000000000000802000000', 'hex')
    size.writeUInt32BE(width, 0)
    size.writeUInt32BE(height, 4)
    const start = Buffer.from('89504e470d0a1a0a', 'hex')
    return Buffer.concat([
      start,
      chunk('IHDR', size),
      chunk('IDAT', deflateSync(Buffer.alloc(64))),
      chunk('IEND', Buffer.alloc(0)),
    ])
  }
  const cases: [string, string, () => Promise<string>, object?][] = [
    [
      'cut in the middle',
      unreadable,
      async () => spoilt(await tiff(), (bytes) => bytes.subarray(0, bytes.length >> 1)),
    ],
    ['cut after its header', unreadable, async () => spoilt(await tiff(), (bytes) => bytes.subarray(0, 8))],
    [
      'with 100 000 × 100 000 declared pixels',
      too_large,
      async () =>
        spoilt(await tiff(), (bytes) => {
          for (const tag of [256, 257]) bytes.writeUInt32LE(100_000, fieldAt(bytes, tag).entry + 8)
        }),
    ],
    [
      'with one tile of 60 000 × 60 000 pixels',
      too_large,
      async () =>
        spoilt(await tiff(), (bytes) => {
          for (const tag of [322, 323]) bytes.writeUInt32LE(60_000, fieldAt(bytes, tag).entry + 8)
        }),
    ],
    [
      'with tiles beyond its end',
      unreadable,
      async () => spoilt(await tiff(), (bytes) => void bytes.writeUInt32LE(0x7fff_0000, fieldAt(bytes, 324).values)),
    ],
    [
      'with fewer tiles than pixels',
      unreadable,
      async () => spoilt(await tiff(), (bytes) => void bytes.writeUInt32LE(400, fieldAt(bytes, 256).entry + 8)),
    ],
    [
      'whose directories lead in a circle',
      unreadable,
      async () => spoilt(await tiff(), (bytes) => linkTo(bytes, bytes.readUInt32LE(4))),
    ],
    [
      'with a field of four billion values',
      unreadable,
      async () => spoilt(await tiff(), (bytes) => void bytes.writeUInt32LE(0xffff_ffff, fieldAt(bytes, 324).entry + 4)),
    ],
    [
      'whose tiles unpack to more than they may',
      unreadable,
      async () => {
        const large = await tiff({ tile_px: 64 }, () => 0)
        return spoilt(large, (bytes) => {
          for (const tag of [322, 323]) bytes.writeUInt32LE(16, fieldAt(bytes, tag).entry + 8)
          for (const tag of [256, 257]) bytes.writeUInt32LE(16, fieldAt(bytes, tag).entry + 8)
        })
      },
    ],
    ['whose tiles are noise', unreadable, async () => spoilt(await tiff(), (bytes) => void bytes.fill(0xa5, 8, 200))],
    [
      'with numbers of two kinds',
      not_supported,
      async () => spoilt(await tiff(), (bytes) => void bytes.writeUInt16LE(8, fieldAt(bytes, 258).entry + 8)),
    ],
    [
      'packed in a way that nobody knows',
      not_supported,
      async () => spoilt(await tiff(), (bytes) => void bytes.writeUInt16LE(34_925, fieldAt(bytes, 259).entry + 8)),
    ],
    [
      'that is a page of HTML',
      not_supported,
      async () => {
        await writeFile(join(folder, 'page.tif'), '<!doctype html><script>alert(1)</script>')
        return join(folder, 'page.tif')
      },
    ],
    [
      'that is empty',
      not_supported,
      async () => {
        await writeFile(join(folder, 'empty.tif'), '')
        return join(folder, 'empty.tif')
      },
    ],
    [
      'that is a TIFF by two letters alone',
      not_supported,
      async () => {
        await writeFile(join(folder, 'letters.tif'), 'II')
        return join(folder, 'letters.tif')
      },
    ],
    ['with more bytes than are read', too_large, () => tiff(), { bytes_max: 100 }],
    ['with more bands than are read', too_large, () => tiff({ bands: 5 }), { bands_max: 4 }],
    [
      'that is a PNG of 100 000 × 100 000',
      too_large,
      async () => {
        await writeFile(join(folder, 'bomb.png'), png(100_000, 100_000))
        return join(folder, 'bomb.png')
      },
    ],
    [
      'that is a PNG of 20 000 × 20 000',
      too_large,
      async () => {
        await writeFile(join(folder, 'large.png'), png(20_000, 20_000))
        return join(folder, 'large.png')
      },
    ],
    [
      'that is half a JPEG',
      unreadable,
      async () => {
        const path = fresh('.jpg')
        await sharp(
          Buffer.alloc(300 * 300).map((_, at) => (at * 7919) % 251),
          { raw: { width: 300, height: 300, channels: 1 } },
        )
          .jpeg()
          .toFile(path)
        return spoilt(path, (bytes) => bytes.subarray(0, bytes.length >> 1))
      },
    ],
  ]
  it.each(cases)('%s: %s', async (_, type, make, limits) => {
    const path = await make()
    await expect(look(path, limits)).rejects.toMatchObject({ type, message: expect.stringMatching(/\.$/) })
  })

  it('whatever is changed in a file, the answer is facts or a named problem', async () => {
    const whole = await readFile(await tiff({ width: 20, height: 20 }))
    const { next: draw } = randomOf(5)
    const path = fresh()
    for (let run = 0; run < 120; run += 1) {
      const bytes = Buffer.from(whole)
      // The directory stands at the end of a file that was written here.
      for (let change = 0; change < 4; change += 1) {
        const at = bytes.length - 1 - Math.floor(400 * draw())
        bytes[Math.max(0, at)] = draw() < 0.3 ? 255 : Math.floor(256 * draw())
      }
      await writeFile(path, bytes)
      const answer = await look(path).catch((error: unknown) => error)
      const named = answer instanceof Problem ? answer.type : FileFacts.parse(answer).kind
      expect(['geotiff', unreadable, too_large, not_supported]).toContain(named)
    }
  })

  it('five bands in a file that calls itself a PNG are five bands: it is what its bytes are', async () => {
    const path = await tiff({ bands: 5 })
    const renamed = join(folder, 'five.png')
    await writeFile(renamed, await readFile(path))
    const facts = await look(renamed)
    expect([facts.kind, facts.bands.length]).toEqual(['geotiff', 5])
  })
})

describe('in a process of its own', () => {
  it('a picture is looked at and its preview drawn; one that is refused leaves nothing', async () => {
    const shown = await mkdtemp(join(folder, 'shown-'))
    const facts = await inspectFile(await tiff(), { preview: join(shown, 'preview.png') })
    expect(FileFacts.parse(facts)).toMatchObject({ width: 40, height: 30 })
    expect(await sharp(join(shown, 'preview.png')).metadata()).toMatchObject({ width: 40, height: 30 })
    const refused = inspectFile(await spoilt(await tiff(), (bytes) => void bytes.fill(0xa5, 8, 200)), {
      preview: join(shown, 'other.png'),
    })
    await expect(refused).rejects.toMatchObject({ type: 'projects/image-unreadable' })
    expect(await readdir(shown)).toEqual(['preview.png'])
  })

  it('too much memory, too much time and a change of mind each end it with a name', async () => {
    const path = await tiff()
    const outcomes = await Promise.allSettled([
      inspectFile(path, { limits: { memory_mb_max: 20 } }),
      inspectFile(path, { limits: { seconds_max: 0.001 } }),
      inspectFile(path, { signal: AbortSignal.timeout(1) }),
    ])
    const types = outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason.type)
    expect(types).toEqual(['projects/analysis-stopped', 'projects/analysis-stopped', 'projects/analysis-cancelled'])
  })
})
