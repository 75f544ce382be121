import { median } from './maintenance-trend.ts'
import {
  bearingOrders,
  envelopeOf,
  powerWithin,
  welch,
  type BearingGeometry,
  type BearingOrders,
  type Envelope,
  type Spectrum,
} from './spectrum.ts'
import type { Waveform } from './waveform.ts'

/** What one waveform tells. Amplitudes are in its unit. */
export interface WaveformFeatures {
  rms: number
  peak: number
  crest_factor: number
  /** 3 for noise, 1.5 for a pure tone; shocks raise it. */
  kurtosis: number
  /** RMS of the speed from 10 to 1,000 Hz, as ISO 20816 looks at it; null where the sample rate does not reach. */
  speed_rms_mm_per_s: number | null
  /** Octaves down from the highest frequency. */
  bands: { from_hz: number; to_hz: number; rms: number }[]
  /** How far shocks stand out at each part's frequency, times the noise around; null without speed or geometry. */
  bearing: Record<keyof BearingOrders, { hz: number; times_noise: number }> | null
}

export interface WaveformAnalysis {
  features: WaveformFeatures
  spectrum: Spectrum
  envelope: Envelope
}

/** Above this, one waveform by itself calls for a look: of 600 waveforms of pure noise none got even to 4. */
export const STANDS_OUT = 6
const SEGMENT_MAX = 8_192
const OCTAVES = 7
const HARMONICS = 3
/** Rolling elements slip: shocks come up to so much off their computed frequency. */
const SLIP = 0.02
const STANDARD_GRAVITY = 9.80665

export function analyseWaveform(waveform: Waveform, geometry: BearingGeometry | null): WaveformAnalysis {
  const { samples, sample_rate_hz, rpm } = waveform
  const spectrum = welch(samples, sample_rate_hz, Math.min(SEGMENT_MAX, powerWithin(samples.length)))
  const orders = geometry === null ? null : bearingOrders(geometry)
  const turns_hz = rpm === null ? null : rpm / 60
  const fastest = orders === null || turns_hz === null ? 0 : Math.max(...Object.values(orders)) * turns_hz
  const envelope = envelopeOf(samples, sample_rate_hz, 2 * fastest)
  const bearing = orders === null || turns_hz === null ? null : bearingSigns(orders, turns_hz, envelope.spectrum)
  return {
    features: {
      ...momentsOf(samples),
      speed_rms_mm_per_s: speedOf(waveform, spectrum),
      bands: octavesOf(spectrum),
      bearing,
    },
    spectrum,
    envelope,
  }
}

function momentsOf(samples: Float64Array): Pick<WaveformFeatures, 'rms' | 'peak' | 'crest_factor' | 'kurtosis'> {
  const middle = samples.reduce((sum, value) => sum + value, 0) / samples.length
  let [second, fourth, peak] = [0, 0, 0]
  for (const value of samples) {
    const off = Math.abs(value - middle)
    second += off ** 2
    fourth += off ** 4
    peak = Math.max(peak, off)
  }
  const rms = Math.sqrt(second / samples.length)
  return { rms, peak, crest_factor: peak / rms, kurtosis: (fourth * samples.length) / second ** 2 }
}

/** Acceleration becomes speed by dividing each frequency by 2πf. */
function speedOf({ unit, sample_rate_hz }: Waveform, { step_hz, values }: Spectrum): number | null {
  // The band ends at 1,000 Hz, and what is below a few steps of 10 Hz cannot be told from the mean.
  if (sample_rate_hz < 2_000 || step_hz > 5) return null
  const scale = unit === 'mm/s' ? 1 : unit === 'g' ? 1_000 * STANDARD_GRAVITY : 1_000
  let square = 0
  values.forEach((density, k) => {
    const hz = k * step_hz
    if (hz < 10 || hz > 1_000) return
    square += density * step_hz * (unit === 'mm/s' ? 1 : 1 / (2 * Math.PI * hz) ** 2)
  })
  return scale * Math.sqrt(square)
}

function octavesOf({ step_hz, values }: Spectrum): WaveformFeatures['bands'] {
  const top_hz = step_hz * (values.length - 1)
  return Array.from({ length: OCTAVES }, (_, i) => {
    const to_hz = top_hz / 2 ** i
    const from_hz = i === OCTAVES - 1 ? 0 : to_hz / 2
    const square = values.reduce((sum, density, k) => {
      const hz = k * step_hz
      return hz > from_hz && hz <= to_hz ? sum + density * step_hz : sum
    }, 0)
    return { from_hz, to_hz, rms: Math.sqrt(square) }
  }).reverse()
}

/**
 * At each part's frequency and its multiples: the highest amplitude within the slip, over the median around. Lines that may
 * belong to the part that stands out most are not counted for another.
 */
function bearingSigns(
  orders: BearingOrders,
  turns_hz: number,
  spectrum: Spectrum,
): NonNullable<WaveformFeatures['bearing']> {
  const { step_hz, values } = spectrum
  const top_hz = step_hz * (values.length - 1)
  const sign = (order: number, isTaken: (hz: number) => boolean) => {
    const hz = order * turns_hz
    let [square, count] = [0, 0]
    for (let multiple = 1; multiple <= HARMONICS && multiple * hz * (1 + SLIP) < top_hz; multiple++) {
      if (isTaken(multiple * hz)) continue
      square += standing(values, (multiple * hz) / step_hz) ** 2
      count++
    }
    return { hz, times_noise: count === 0 ? 0 : Math.sqrt(square / count) }
  }
  const alone = Object.values(orders).map((order: number) => sign(order, () => false))
  const loudest = alone.reduce((most, each) => (each.times_noise > most.times_noise ? each : most))
  const stands_out = loudest.times_noise >= STANDS_OUT
  // Of nine balls, twice the inner race lies on three times the outer: a line of the loudest speaks for no other part.
  const signOf = (order: number) =>
    sign(order, (hz) => stands_out && order * turns_hz !== loudest.hz && isMultiple(hz, loudest.hz))
  return {
    outer_race: signOf(orders.outer_race),
    inner_race: signOf(orders.inner_race),
    rolling_element: signOf(orders.rolling_element),
    cage: signOf(orders.cage),
  }
}

/** Whether both, each with its slip, may be the same line. */
function isMultiple(hz: number, of_hz: number): boolean {
  const times = Math.round(hz / of_hz)
  return times >= 1 && Math.abs(hz - times * of_hz) <= 2 * SLIP * hz
}

function standing(values: Float64Array, bin: number): number {
  const near = Math.max(2, bin * SLIP)
  const far = Math.max(24, 6 * near)
  let highest = 0
  const around: number[] = []
  for (let k = Math.max(1, Math.floor(bin - far)); k <= Math.min(values.length - 1, Math.ceil(bin + far)); k++) {
    if (Math.abs(k - bin) <= near) highest = Math.max(highest, values[k] ?? 0)
    else around.push(values[k] ?? 0)
  }
  const noise = median(around)
  return noise > 0 ? highest / noise : 0
}
