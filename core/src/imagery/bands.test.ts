import { describe, expect, it } from 'vitest'
import { identifyBands, looksLikeAlpha } from './bands.ts'
import { sensorIds, sensors } from './sensors.ts'

const unnamed = (bands: number) => Array.from({ length: bands }, () => '')
const rolesOf = (identity: ReturnType<typeof identifyBands>) =>
  identity.outcome === 'identified' ? identity.roles : identity.reasons

describe('the bands of a file', () => {
  it.each([
    [
      ['red', 'nir'],
      ['red', 'nir'],
    ],
    [
      ['Band 1: Blue', 'Band 2: Green', 'Band 3: Red (665 nm)', 'NIR_Broad'],
      ['blue', 'green', 'red', 'nir'],
    ],
    [
      ['B02', 'B03', 'B04', 'B08', 'SCL'],
      ['blue', 'green', 'red', 'nir', 'scl'],
    ],
    [
      ['T29SND_20200101_B04_10m', 'T29SND_20200101_B8A_20m', 'T29SND_20200101_B08_10m'],
      ['red', 'other', 'nir'],
    ],
    [
      ['Red edge', 'near-infrared', 'RED', 'swir16'],
      ['red_edge', 'nir', 'red', 'swir1'],
    ],
  ])('are what the file calls them: %j', (descriptions, roles) => {
    expect(identifyBands({ descriptions })).toMatchObject({ outcome: 'identified', evidence: 'descriptions', roles })
  })

  it('named by a number need the sensor, since B4 is red on one satellite and near infrared on another', () => {
    const descriptions = ['SR_B3', 'SR_B4']
    expect(rolesOf(identifyBands({ descriptions }))).toEqual([{ code: 'names_need_sensor', names: ['b3', 'b4'] }])
    expect(rolesOf(identifyBands({ descriptions, sensor: 'landsat_4_7_c2_l2' }))).toEqual(['red', 'nir'])
    expect(rolesOf(identifyBands({ descriptions, sensor: 'landsat_8_9_c2_l2' }))).toEqual(['green', 'red'])
    // Harmonised Landsat writes B04 and B05 with leading zeros too, and its B05 is near infrared.
    expect(rolesOf(identifyBands({ descriptions: ['B04', 'B05'] }))).toEqual([
      { code: 'names_need_sensor', names: ['b04', 'b05'] },
    ])
  })

  it('without names follow from sensor and number of bands, and are refused for a number the publisher does not ship', () => {
    const identity = identifyBands({ descriptions: unnamed(13), sensor: 'sentinel_2_l1c' })
    expect(identity).toMatchObject({ outcome: 'identified', evidence: 'sensor_and_band_count' })
    expect(rolesOf(identity).indexOf('red' as never)).toBe(3)
    expect(rolesOf(identity).indexOf('nir' as never)).toBe(7)
    expect(rolesOf(identifyBands({ descriptions: unnamed(4), sensor: 'sentinel_2_l2a' }))).toEqual([
      { code: 'band_count_unknown_for_sensor', sensor: 'sentinel_2_l2a', bands: 4, expected: [12, 13] },
    ])
    expect(rolesOf(identifyBands({ descriptions: unnamed(5), sensor: 'micasense_rededge' }))).toEqual([
      'blue',
      'green',
      'red',
      'nir',
      'red_edge',
    ])
  })

  it('without names and sensor are refused: three bands may hide an infrared one and look like a photograph', () => {
    expect(identifyBands({ descriptions: unnamed(3) })).toEqual({
      outcome: 'refused',
      reasons: [{ code: 'no_evidence', bands: 3 }],
    })
  })

  it('may be chosen by a person when the file is silent, and a choice against the names is told and not followed', () => {
    const chosen = ['green', 'red', 'nir'] as const
    expect(identifyBands({ descriptions: unnamed(3), chosen })).toMatchObject({ evidence: 'chosen', roles: chosen })
    expect(identifyBands({ descriptions: ['blue', 'red', 'nir'], chosen })).toMatchObject({
      evidence: 'descriptions',
      roles: ['blue', 'red', 'nir'],
      warnings: [{ code: 'choice_contradicts_descriptions', band: 0, described: 'blue', chosen: 'green' }],
    })
    expect(rolesOf(identifyBands({ descriptions: unnamed(4), chosen }))).toEqual([
      { code: 'choice_of_wrong_length', bands: 4, chosen: 3 },
    ])
  })

  it('that two bands claim to be are refused', () => {
    expect(rolesOf(identifyBands({ descriptions: ['red', 'nir', 'NIR'] }))).toEqual([
      { code: 'same_role_twice', role: 'nir', bands: [1, 2] },
    ])
  })

  it('keep a near infrared that the file tags as alpha, and say so', () => {
    const tagged_alpha = [false, false, false, true]
    expect(identifyBands({ descriptions: unnamed(4), tagged_alpha, sensor: 'naip' })).toMatchObject({
      roles: ['red', 'green', 'blue', 'nir'],
      warnings: [{ code: 'nir_tagged_alpha', band: 3 }],
    })
  })

  it('of hostile names are read in no time', () => {
    const long = 'band '.repeat(100_000)
    expect(identifyBands({ descriptions: [long, '(('.repeat(100_000)] }).outcome).toBe('refused')
  })
})

describe('a band tagged as alpha', () => {
  it('is a mask when nearly all its pixels stand at its two ends, and a measurement otherwise', () => {
    const mask = Uint8Array.from({ length: 1000 }, (_, i) => (i < 400 ? 0 : 255))
    expect(looksLikeAlpha(mask)).toBe(true)
    expect(looksLikeAlpha(new Uint8Array(1000).fill(255))).toBe(true)
    expect(looksLikeAlpha(Uint8Array.from({ length: 1000 }, (_, i) => 40 + (i % 90)))).toBe(false)
  })
})

describe('the table of sensors', () => {
  it('has no order with two reds or two near infrareds, and no two orders of one length', () => {
    for (const id of sensorIds) {
      const { orders } = sensors[id]
      expect(new Set(orders.map((order) => order.length)).size).toBe(orders.length)
      for (const order of orders) {
        const measured = order.filter((role) => role !== 'other')
        expect(new Set(measured).size, id).toBe(measured.length)
      }
    }
  })
})
