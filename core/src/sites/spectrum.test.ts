import { describe, expect, it } from 'vitest'
import { randomOf, type Random } from '../learn/random.ts'
import { bearingOrders, envelopeOf, welch } from './spectrum.ts'
import { analyseWaveform, STANDS_OUT } from './waveform-features.ts'

/** SKF 6205-2RS, the drive-end bearing of Case Western Reserve University's test stand. */
const skf6205 = { balls: 9, ball_diameter_mm: 7.94, pitch_diameter_mm: 39.04, contact_angle_deg: 0 }
const rate = 12_000

const noise = (count: number, random: Random) => Float64Array.from({ length: count }, () => random.normal())

/** Noise with a ringing at 3.4 kHz that starts anew `every` seconds, give or take the slip of rolling. */
function shocks(count: number, every_s: number, size: number, random: Random): Float64Array {
  const samples = noise(count, random)
  for (let at_s = every_s * random.next(); at_s < count / rate; at_s += every_s * (1 + 0.01 * random.normal())) {
    for (let i = Math.ceil(at_s * rate); i < Math.min(count, (at_s + 0.004) * rate); i++) {
      const t = i / rate - at_s
      samples[i] = (samples[i] ?? 0) + size * Math.exp(-t * 1_200) * Math.sin(2 * Math.PI * 3_400 * t)
    }
  }
  return samples
}
const waveform = (samples: Float64Array) => ({ samples, sample_rate_hz: rate, rpm: 1_797, unit: 'g' as const })

describe('bearing frequencies', () => {
  it('are those published for the 6205: 3.5848, 5.4152, 2.357 and 0.3983 times the shaft', () => {
    // Case Western Reserve University Bearing Data Center, drive-end bearing: inner ring 5.4152, outer ring 3.5848, cage
    // train 0.39828, rolling element 4.7135 for both sides of a ball, so half of it for one.
    const orders = bearingOrders(skf6205)
    expect(orders.outer_race).toBeCloseTo(3.5848, 3)
    expect(orders.inner_race).toBeCloseTo(5.4152, 3)
    expect(orders.cage).toBeCloseTo(0.39828, 4)
    expect(orders.rolling_element).toBeCloseTo(4.7135 / 2, 3)
  })

  it('of both races add up to one for each ball and turn', () => {
    const { outer_race, inner_race } = bearingOrders({ ...skf6205, contact_angle_deg: 15 })
    expect(outer_race + inner_race).toBeCloseTo(9, 12)
  })
})

describe('Welch’s spectrum', () => {
  it('of a tone of amplitude 2 holds half its square, at its frequency', () => {
    const tone = Float64Array.from({ length: 24_000 }, (_, i) => 5 + 2 * Math.sin((2 * Math.PI * 750 * i) / rate))
    const { step_hz, values } = welch(tone, rate, 4_096)
    expect(values.reduce((sum, value) => sum + value * step_hz, 0)).toBeCloseTo(2, 2)
    expect(values.indexOf(Math.max(...values)) * step_hz).toBeCloseTo(750, 0)
  })

  it('of noise of deviation 1 is flat, and sums to 1', () => {
    const { step_hz, values } = welch(noise(60_000, randomOf(1)), rate, 1_024)
    expect(values.reduce((sum, value) => sum + value * step_hz, 0)).toBeCloseTo(1, 1)
    const half = (from: number, to: number) => values.slice(from, to).reduce((sum, value) => sum + value, 0)
    expect(half(1, 256) / half(257, 512)).toBeCloseTo(1, 1)
  })
})

describe('the envelope', () => {
  it('of a modulated tone has the modulation’s frequency and amplitude, and nothing of the carrier', () => {
    const samples = Float64Array.from(
      { length: 16_384 },
      (_, i) => (1 + 0.5 * Math.sin((2 * Math.PI * 60 * i) / rate)) * Math.sin((2 * Math.PI * 3_375 * i) / rate),
    )
    const { spectrum, from_hz, to_hz } = envelopeOf(samples, rate, 200)
    const top = spectrum.values.indexOf(Math.max(...spectrum.values))
    expect(top * spectrum.step_hz).toBeCloseTo(60, 0)
    expect(spectrum.values[top]).toBeCloseTo(0.5, 1)
    expect(3_375).toBeGreaterThanOrEqual(from_hz)
    expect(3_375).toBeLessThanOrEqual(to_hz)
  })
})

describe('signs of a damaged bearing', () => {
  const parts = ['outer_race', 'inner_race', 'rolling_element'] as const

  it.each(parts)('stand out at the %s alone when its shocks come, under noise of the same size', (part) => {
    const every_s = 60 / 1_797 / bearingOrders(skf6205)[part]
    for (const seed of [1, 2, 3]) {
      const { features } = analyseWaveform(waveform(shocks(24_000, every_s, 4, randomOf(seed))), skf6205)
      expect(features.bearing?.[part].times_noise).toBeGreaterThan(STANDS_OUT)
      const others = parts.filter((other) => other !== part).map((other) => features.bearing?.[other].times_noise ?? 0)
      expect(Math.max(...others)).toBeLessThan(STANDS_OUT)
    }
  })

  it('do not stand out in noise', () => {
    const seen = Array.from({ length: 60 }, (_, seed) => {
      const { bearing } = analyseWaveform(waveform(noise(8_192, randomOf(seed))), skf6205).features
      return Math.max(...Object.values(bearing ?? {}).map(({ times_noise }) => times_noise))
    })
    expect(seen.filter((times) => times > STANDS_OUT)).toEqual([])
  })

  it('are not spoken of without a geometry, and shocks raise kurtosis and crest all the same', () => {
    const quiet = analyseWaveform(waveform(noise(8_192, randomOf(1))), null).features
    const shaken = analyseWaveform(waveform(shocks(8_192, 0.01, 20, randomOf(1))), null).features
    expect([quiet.bearing, shaken.bearing]).toEqual([null, null])
    expect(quiet.kurtosis).toBeCloseTo(3, 0)
    expect(shaken.kurtosis).toBeGreaterThan(6)
    expect(shaken.crest_factor).toBeGreaterThan(1.5 * quiet.crest_factor)
  })
})

it('a tone of 1 g at 100 Hz moves at 11.04 mm/s RMS: a / 2πf', () => {
  const samples = Float64Array.from({ length: 24_000 }, (_, i) => Math.sin((2 * Math.PI * 100 * i) / rate))
  const { speed_rms_mm_per_s, rms } = analyseWaveform(waveform(samples), null).features
  expect(speed_rms_mm_per_s).toBeCloseTo(9_806.65 / (2 * Math.PI * 100) / Math.SQRT2, 1)
  expect(rms).toBeCloseTo(Math.SQRT1_2, 3)
})
