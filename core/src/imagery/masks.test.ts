import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maskCodes, maskNames } from './grid.ts'
import { indexWindow } from './indices.ts'
import {
  acceptCodes,
  bqaMask,
  combineMasks,
  countCodes,
  dilateMask,
  markFringe,
  markWater,
  maskShares,
  qaPixelMask,
  sclMask,
  stratumMask,
} from './masks.ts'

const namesOf = (mask: Uint8Array) => [...mask].map((code) => maskNames[code])

describe('the quality bands of satellites', () => {
  it('of Sentinel-2 (SCL) drop 0, 1, 3 and 8 to 11, doubt 2 and 7, keep water apart, and trust no unknown number', () => {
    expect(namesOf(sclMask(Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 255)))).toEqual([
      'nodata',
      'saturated',
      'doubtful',
      'shadow',
      'clear',
      'clear',
      'water',
      'doubtful',
      'cloud',
      'cloud',
      'cirrus',
      'snow',
      'nodata',
      'nodata',
    ])
    expect(namesOf(sclMask(Uint16Array.of(260)))).toEqual(['nodata'])
  })

  it('of Landsat (QA_PIXEL) are read bit by bit, as in the numbers that real scenes hold', () => {
    // 21824 clear, 21952 clear over water, 22280 cloud, 23888 shadow, 30048 snow, 54596 cirrus, 1 fill, 21826 dilated cloud.
    expect(namesOf(qaPixelMask(Uint16Array.of(21_824, 21_952, 22_280, 23_888, 30_048, 54_596, 1, 21_826)))).toEqual([
      'clear',
      'water',
      'cloud',
      'shadow',
      'snow',
      'cirrus',
      'nodata',
      'cloud',
    ])
  })

  it('of Landsat Collection 1 (BQA) count shadow, snow and cirrus only at high confidence', () => {
    // 2720 is clear with every confidence low; 2800 cloud; 2976 shadow 11; 3744 snow 11; 6816 cirrus 11; 2848 shadow 10.
    expect(namesOf(bqaMask(Uint16Array.of(2720, 2800, 2976, 3744, 6816, 1, 2848)))).toEqual([
      'clear',
      'cloud',
      'shadow',
      'snow',
      'cirrus',
      'nodata',
      'clear',
    ])
  })
})

describe('masks laid over each other', () => {
  const seeded = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 8, maxLength: 8 })

  it('never turn a named pixel into a clear one, in any order of laying', () => {
    fc.assert(
      fc.property(seeded, seeded, (one, other) => {
        const [a, b] = [Uint8Array.from(one), Uint8Array.from(other)]
        const forth = combineMasks(a.slice(), b)
        expect([...forth]).toEqual([...combineMasks(b.slice(), a)])
        forth.forEach((code, i) => expect(code === 0).toBe(one[i] === 0 && other[i] === 0))
      }),
      { numRuns: 50 },
    )
  })

  it('say outside before no data, cloud before shadow, and doubt before water', () => {
    const mask = Uint8Array.of(maskCodes.nodata, maskCodes.shadow, maskCodes.water)
    const other = Uint8Array.of(maskCodes.outside, maskCodes.cloud, maskCodes.doubtful)
    expect(namesOf(combineMasks(mask, other))).toEqual(['outside', 'cloud', 'doubtful'])
  })

  it('take doubtful pixels for clear when somebody accepts them, and no others', () => {
    expect(namesOf(acceptCodes(Uint8Array.of(8, 4, 0, 7), ['doubtful']))).toEqual(['clear', 'cloud', 'clear', 'water'])
  })
})

describe('a cloud widened by pixels', () => {
  const shape = (rows: string[]) => Uint8Array.from(rows.join(''), Number)

  it('grows by a square over clear ground, water and shadow, and not over holes', () => {
    const mask = shape(['000000', '007000', '000410', '000000', '300000'])
    dilateMask(mask, 6, 5, 1)
    // Shadows grow as well; the hole beside the cloud stays one.
    expect([...mask].join('')).toBe(shape(['000000', '004440', '004410', '334440', '330000']).join(''))
  })

  it('reaches as far as asked, in every direction', () => {
    const mask = new Uint8Array(49)
    mask[24] = maskCodes.cloud
    dilateMask(mask, 7, 7, 2)
    expect(mask.filter((code) => code === maskCodes.cloud).length).toBe(25)
    expect([mask[8], mask[40], mask[7]]).toEqual([4, 4, 0])
  })

  it('by a window with a margin is the same as by the whole picture', () => {
    const cloud = fc.array(fc.constantFrom(0, 0, 0, 0, 0, 3, 4, 5), { minLength: 144, maxLength: 144 })
    fc.assert(
      fc.property(cloud, (list) => {
        const whole = dilateMask(Uint8Array.from(list), 12, 12, 2)
        // Columns and rows 4 to 7, read with a margin of two.
        const part = Uint8Array.from({ length: 64 }, (_, i) => list[(2 + Math.floor(i / 8)) * 12 + 2 + (i % 8)]!)
        dilateMask(part, 8, 8, 2)
        for (let row = 0; row < 4; row++) {
          for (let col = 0; col < 4; col++) {
            expect(part[(row + 2) * 8 + col + 2]).toBe(whole[(row + 4) * 12 + col + 4])
          }
        }
      }),
      { numRuns: 30 },
    )
  })
})

describe('the fringe of clouds', () => {
  it('is what lies within some pixels of a cloud or shadow of either date, and not near a hole', () => {
    const line = (at: number, code: number) => Uint8Array.from({ length: 12 }, (_, i) => (i === at ? code : 0))
    const fringe = new Uint8Array(12)
    markFringe(line(2, maskCodes.cloud), 12, 1, fringe, 2)
    markFringe(line(8, maskCodes.shadow), 12, 1, fringe, 1)
    markFringe(line(11, maskCodes.nodata), 12, 1, fringe, 2)
    expect([...fringe].join('')).toBe('111110011100')
  })
})

describe('strata', () => {
  it('share the pixels of a polygon among them: each sees its own and calls the others outside', () => {
    const [mask, labels] = [Uint8Array.of(0, 4, 0, 7), Uint8Array.of(1, 1, 2, 2)]
    expect(namesOf(stratumMask(mask, labels, 1, new Uint8Array(4)))).toEqual(['clear', 'cloud', 'outside', 'outside'])
    expect(namesOf(stratumMask(mask, labels, 2, new Uint8Array(4)))).toEqual(['outside', 'outside', 'clear', 'water'])
  })
})

describe('water', () => {
  const bands = { green: Float32Array.of(0.08, 0.08, 0.06, 0.001), nir: Float32Array.of(0.03, 0.3, 0.05, 0.001) }
  const swir1 = Float32Array.of(0.02, 0.2, 0.05, 0.001)

  it('is MNDWI > 0.2 when there is a short-wave band, else NDWI > 0, and the answer says which', () => {
    const with_swir = new Uint8Array(4)
    expect(markWater({ ...bands, swir1 }, with_swir, indexWindow(4))).toBe('mndwi_above_0.2')
    // By hand: (0.08−0.02)/0.10 = 0.6; −0.43; (0.06−0.05)/0.11 = 0.09, which is not above 0.2; too dark to tell.
    expect(namesOf(with_swir)).toEqual(['water', 'clear', 'clear', 'clear'])
    const without = new Uint8Array(4)
    expect(markWater(bands, without, indexWindow(4))).toBe('ndwi_above_0')
    // By hand: 0.05/0.11 > 0; −0.22/0.38 < 0; 0.01/0.11 > 0.
    expect(namesOf(without)).toEqual(['water', 'clear', 'water', 'clear'])
  })

  it('is not looked for under a cloud', () => {
    const mask = Uint8Array.of(maskCodes.cloud, 0, 0, 0)
    markWater(bands, mask, indexWindow(4))
    expect(mask[0]).toBe(maskCodes.cloud)
  })
})

describe('shares of a mask', () => {
  it('are shares of what lies inside, and add up', () => {
    const mask = Uint8Array.of(0, 0, 0, 7, 4, 3, 8, 1, 9, 9)
    expect(maskShares(countCodes(mask))).toEqual({
      pixels: 8,
      clear_fraction: 3 / 8,
      seen_fraction: 4 / 8,
      water_fraction: 1 / 8,
      cloudy_fraction: 2 / 8,
      doubtful_fraction: 1 / 8,
    })
    expect(maskShares(countCodes(Uint8Array.of(9, 9)))).toBeUndefined()
  })
})
