import { describe, expect, it } from 'vitest'
import type { FileFacts } from './file-facts.ts'
import { integrityCaveats } from './integrity-caveats.ts'
import {
  distanceOutside_km,
  duplicateFindings,
  fileFindings,
  infraredFinding,
  orderFinding,
  photoSceneFinding,
  recolouredFinding,
  copiedFinding,
  sceneFinding,
} from './integrity.ts'
import { IntegrityFinding } from './measurement.ts'

const square = (lon: number, lat: number, side: number) => ({
  type: 'Polygon' as const,
  coordinates: [
    [
      [lon, lat],
      [lon + side, lat],
      [lon + side, lat + side],
      [lon, lat + side],
      [lon, lat],
    ],
  ],
})

const capture: FileFacts['capture'] = {
  taken_raw: '2024:07:01 10:00:00',
  taken_zone: 'unknown',
  acquired_on: '2024-07-01',
  gps: { latitude_deg: 9.005, longitude_deg: 76.005, altitude_m: null, time_utc: '2024:07:01 04:30:00' },
  camera: null,
  software: null,
  orientation: null,
  sensor: null,
  product_level: null,
  baseline: null,
  add_offset_dn: null,
  is_harmonised: false,
}
const photo: FileFacts = {
  kind: 'jpeg',
  bytes: 1,
  sha256: 'a'.repeat(64),
  width: 4_000,
  height: 3_000,
  sample: 'uint8',
  nodata: null,
  bands: [{ index: 0, description: null, colour: 'red', scale: null, offset: null }],
  layout: null,
  grid: null,
  no_crs_reason: null,
  corners: null,
  pixel_m: null,
  capture,
  pixels_sha256: 'b'.repeat(64),
  phash: null,
  phash_variants: [],
  fine_detail_share: 0.001,
  evidence_class: 'E4',
  warnings: [],
}
const context = { boundary: square(76, 9, 0.01), claimed_on: '2024-07-02', uploaded_on: '2024-08-01' }
const found = (facts: Partial<FileFacts>, changed: Partial<typeof context> = {}) =>
  Object.fromEntries(
    fileFindings('before', { ...photo, ...facts }, { ...context, ...changed })
      .filter((each) => each.found)
      .map(({ check, effect }) => [check, effect]),
  )

describe('the checks of one file', () => {
  it('find nothing in a photograph that is in order, and list what they looked for with what it rests on', () => {
    const all = fileFindings('before', photo, context)
    expect(all.map(({ check }) => check)).toEqual(['gps_outside', 'capture_time', 'resolution', 'upscaled'])
    for (const each of all) expect(IntegrityFinding.parse(each)).toMatchObject({ found: false, effect: 'inform' })
    expect(all.every(({ check, caveat }) => caveat === integrityCaveats[check as 'upscaled'].en)).toBe(true)
  })

  it('flag a place more than a kilometre outside, and keep silent where nobody knows it', () => {
    expect(found({}, { boundary: square(76.02, 9, 0.01) })).toEqual({ gps_outside: 'flag' })
    expect(found({}, { boundary: square(76.0101, 9, 0.01) })).toEqual({})
    const nowhere = fileFindings('before', { ...photo, capture: { ...capture, gps: null } }, context)
    expect(nowhere.some(({ check }) => check === 'gps_outside')).toBe(false)
  })

  it('ask about a clock, and never more: against the claim, the satellites and the day it was sent', () => {
    expect(found({}, { claimed_on: '2024-07-05' })).toEqual({ capture_time: 'inform' })
    expect(found({}, { uploaded_on: '2024-06-01' })).toEqual({ capture_time: 'inform' })
    const wrong = { ...capture, gps: { ...capture.gps!, time_utc: '2024:06:20 04:30:00' } }
    expect(found({ capture: wrong })).toEqual({ capture_time: 'inform' })
  })

  it('block a small photograph either way round, flag an enlarged one, and note an editor', () => {
    expect(found({ width: 640, height: 480 })).toEqual({ resolution: 'block' })
    expect(found({ width: 600, height: 800 })).toEqual({})
    expect(found({ fine_detail_share: 1e-9 })).toEqual({ upscaled: 'flag' })
    expect(found({ capture: { ...capture, software: 'GIMP 2.4.5' } })).toEqual({ editor_trace: 'inform' })
    expect(found({ capture: { ...capture, software: 'Nikon Transfer 1.1' } })).toEqual({})
  })
})

describe('the checks of a pair', () => {
  it('block the same bytes and the same pixels, and only flag what looks the same', () => {
    const effects = (seen: Parameters<typeof duplicateFindings>[1]) =>
      duplicateFindings('after', seen).flatMap((each) => (each.found ? [`${each.check} ${each.effect}`] : []))
    expect(effects({ same_bytes: 1, same_pixels: 1, nearest_bits: 0 })).toEqual([
      'duplicate_bytes block',
      'duplicate_pixels block',
      'near_duplicate flag',
    ])
    expect(effects({ same_bytes: 0, same_pixels: 0, nearest_bits: 10 })).toEqual(['near_duplicate flag'])
    expect(effects({ same_bytes: 0, same_pixels: 0, nearest_bits: 11 })).toEqual([])
  })

  it('flag one exposure that turned greener, not one that stayed, nor another that is greener', () => {
    expect(recolouredFinding(0, 0.1)).toMatchObject({ found: true, effect: 'flag' })
    expect(recolouredFinding(0, 0).found).toBe(false)
    expect(recolouredFinding(27, 0.3).found).toBe(false)
  })

  it('tell one place from another by the peak of their correlation, and say where they cannot', () => {
    expect(sceneFinding(17.2)).toMatchObject({ found: false })
    expect(sceneFinding(10)).toMatchObject({ found: true, effect: 'inform' })
    expect(sceneFinding(8.8)).toMatchObject({ found: true, effect: 'flag' })
    // Nor do two dates lie on each other as copies of one do, whatever was painted over them.
    expect(copiedFinding(286)).toMatchObject({ found: false })
    expect(copiedFinding(8_235)).toMatchObject({ found: true, effect: 'flag' })
    expect(photoSceneFinding(189)).toMatchObject({ found: false })
    expect(photoSceneFinding(4)).toMatchObject({ found: true, effect: 'inform' })
  })

  it('block a near infrared that was made of the other bands', () => {
    expect(infraredFinding('before', { r_squared: 0.82, equals: null })).toMatchObject({ found: false })
    expect(infraredFinding('before', { r_squared: 0.98, equals: null })).toMatchObject({ found: true, effect: 'block' })
    expect(infraredFinding('before', { r_squared: 0.1, equals: 'red' })).toMatchObject({
      effect: 'block',
      value: 'equals red',
    })
  })

  it('flag an after that was not taken after', () => {
    expect(orderFinding('2024-07-01', '2024-07-01')).toMatchObject([{ found: true, effect: 'flag' }])
    expect(orderFinding('2024-07-01', '2025-07-01')).toMatchObject([{ found: false, value: 365 }])
    expect(orderFinding(null, '2025-07-01')).toEqual([])
  })
})

describe('the distance outside a boundary', () => {
  it('is none inside, that of the nearest edge outside, and counts a hole as outside', () => {
    expect(distanceOutside_km([76.005, 9.005], square(76, 9, 0.01))).toBe(0)
    // 0.01° of latitude on a sphere of 6 371.0088 km is 1.111951 km.
    expect(distanceOutside_km([76.005, 9.02], square(76, 9, 0.01))).toBeCloseTo(1.111951, 5)
    const holed = {
      type: 'Polygon' as const,
      coordinates: [...square(0, 0, 1).coordinates, ...square(0.4, 0.4, 0.2).coordinates],
    }
    expect(distanceOutside_km([0.5, 0.5], holed)).toBeCloseTo(11.119, 2)
  })
})
