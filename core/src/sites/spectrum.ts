import FFT from 'fft.js'

/**
 * What a vibration is made of: its spectrum by Welch's method, the spectrum of its envelope, in which the shocks of a damaged
 * bearing repeat, and the frequencies at which they would. See docs/methods/maintenance.md.
 */
export interface Spectrum {
  /** Of neighbouring values; the first stands at 0. */
  step_hz: number
  values: Float64Array
}

export interface BearingGeometry {
  balls: number
  ball_diameter_mm: number
  pitch_diameter_mm: number
  contact_angle_deg: number
}

/** How often shocks come in one turn of the shaft, the outer race standing still. */
export interface BearingOrders {
  outer_race: number
  inner_race: number
  rolling_element: number
  cage: number
}

/** BPFO, BPFI, BSF and FTF, each as a multiple of the shaft's turns, by the kinematics of rolling without slip. */
export function bearingOrders({
  balls,
  ball_diameter_mm,
  pitch_diameter_mm,
  contact_angle_deg,
}: BearingGeometry): BearingOrders {
  const across = ball_diameter_mm / pitch_diameter_mm
  const along = across * Math.cos((contact_angle_deg * Math.PI) / 180)
  return {
    outer_race: (balls / 2) * (1 - along),
    inner_race: (balls / 2) * (1 + along),
    rolling_element: (1 - along * along) / (2 * across),
    cage: (1 - along) / 2,
  }
}

function hann(count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / count))
}

/**
 * The one-sided power density in unit² per Hz: means over half-overlapping Hann windows (P. D. Welch, 1967). Its sum times
 * `step_hz` is the variance.
 * @param segment a power of two, at most as long as the samples.
 */
export function welch(samples: Float64Array, sample_rate_hz: number, segment: number): Spectrum {
  const fft = new FFT(segment)
  const window = hann(segment)
  const power = window.reduce((sum, weight) => sum + weight * weight, 0)
  const middle = samples.reduce((sum, value) => sum + value, 0) / samples.length
  const values = new Float64Array(segment / 2 + 1)
  const spectrum = fft.createComplexArray()
  let count = 0
  for (let from = 0; from + segment <= samples.length; from += segment / 2, count++) {
    const part = Array.from(window, (weight, i) => weight * ((samples[from + i] ?? 0) - middle))
    fft.realTransform(spectrum, part)
    for (let k = 0; k <= segment / 2; k++) values[k] = (values[k] ?? 0) + squareAt(spectrum, k)
  }
  for (let k = 0; k <= segment / 2; k++) {
    const sides = k === 0 || k === segment / 2 ? 1 : 2
    values[k] = ((values[k] ?? 0) * sides) / (count * power * sample_rate_hz)
  }
  return { step_hz: sample_rate_hz / segment, values }
}

function squareAt(complex: ArrayLike<number>, k: number): number {
  return (complex[2 * k] ?? 0) ** 2 + (complex[2 * k + 1] ?? 0) ** 2
}

/** The longest power of two that is not longer, and the shortest that is not shorter. */
export const powerWithin = (count: number): number => 2 ** Math.floor(Math.log2(count))
const powerAround = (count: number): number => 2 ** Math.ceil(Math.log2(count))

export interface Envelope {
  /** The band that was listened to. */
  from_hz: number
  to_hz: number
  /** Spectral kurtosis of the band: 0 for noise, above 0 for shocks. */
  impulsiveness: number
  /** Amplitudes of the envelope, in the unit of the samples. */
  spectrum: Spectrum
}

/** A band with less of the power than this is not listened to. */
const POWER_SHARE_MIN = 0.001

/**
 * The spectrum of the envelope in the most impulsive band (J. Antoni's spectral kurtosis over quarters, eighths and
 * sixteenths of the spectrum, without the lowest band of each). A band is cut out of the transform, positive frequencies
 * only, and turned back by itself: that is the analytic signal, shifted down, and its size is the envelope.
 * @param highest_hz the envelope has to hold frequencies up to here, where the sample rate allows.
 */
export function envelopeOf(samples: Float64Array, sample_rate_hz: number, highest_hz: number): Envelope {
  const size = powerAround(samples.length)
  const fft = new FFT(size)
  const transform = fft.createComplexArray()
  const middle = samples.reduce((sum, value) => sum + value, 0) / samples.length
  const padded = Array.from({ length: size }, (_, i) => (samples[i] ?? middle) - middle)
  fft.realTransform(transform, padded)
  const widths = [4, 8, 16].map((parts) => size / 2 / parts).filter((width) => width >= 64)
  // A band of so many bins has an envelope up to half its width.
  const wide = widths.filter((width) => ((width / size) * sample_rate_hz) / 2 >= highest_hz)
  const whole = padded.reduce((sum, value) => sum + value * value, 0) / samples.length
  const known = (width: number) => Math.floor((width * samples.length) / size)
  let best: { first: number; width: number; envelope: Float64Array; kurtosis: number } | null = null
  for (const width of wide.length > 0 ? wide : widths.slice(0, 1)) {
    const inverse = new FFT(width)
    for (let first = width; first + width <= size / 2; first += width) {
      const envelope = bandEnvelope(transform, first, inverse, width / size).subarray(0, known(width))
      // What hardly sounds is left alone: its only shocks are the ends of the recording.
      const power = envelope.reduce((sum, each) => sum + each * each, 0) / envelope.length / 2
      const kurtosis = power > POWER_SHARE_MIN * whole ? kurtosisOfAnalytic(envelope) : -Infinity
      if (best === null || kurtosis > best.kurtosis) best = { first, width, envelope, kurtosis }
    }
  }
  const bin_hz = sample_rate_hz / size
  const { first, width, envelope, kurtosis } = best ?? {
    first: 0,
    width: 1,
    envelope: new Float64Array(2),
    kurtosis: 0,
  }
  return {
    from_hz: first * bin_hz,
    to_hz: (first + width) * bin_hz,
    impulsiveness: Math.max(kurtosis, -2),
    spectrum: amplitudes(envelope, sample_rate_hz * (width / size)),
  }
}

function bandEnvelope(transform: ArrayLike<number>, first: number, inverse: FFT, share: number): Float64Array {
  const { size } = inverse
  const band = inverse.createComplexArray()
  for (let k = 0; k < 2 * size; k++) band[k] = 2 * (transform[2 * first + k] ?? 0)
  const analytic = inverse.createComplexArray()
  inverse.inverseTransform(analytic, band)
  return Float64Array.from({ length: size }, (_, i) => share * Math.sqrt(squareAt(analytic, i)))
}

/** 0 for complex Gaussian noise, whose fourth moment is twice the square of its second. */
function kurtosisOfAnalytic(envelope: Float64Array): number {
  let [second, fourth] = [0, 0]
  for (const size of envelope) {
    second += size ** 2
    fourth += size ** 4
  }
  return second > 0 ? (fourth * envelope.length) / second ** 2 - 2 : 0
}

/** Amplitudes of the sines that a signal is made of, its mean taken out. */
function amplitudes(signal: Float64Array, sample_rate_hz: number): Spectrum {
  const size = powerAround(Math.max(2, signal.length))
  const fft = new FFT(size)
  const window = hann(signal.length)
  const weight = window.reduce((sum, each) => sum + each, 0)
  const middle = signal.reduce((sum, value) => sum + value, 0) / signal.length
  const out = fft.createComplexArray()
  fft.realTransform(
    out,
    Array.from({ length: size }, (_, i) => (window[i] ?? 0) * ((signal[i] ?? middle) - middle)),
  )
  const values = Float64Array.from({ length: size / 2 + 1 }, (_, k) => (2 * Math.sqrt(squareAt(out, k))) / weight)
  return { step_hz: sample_rate_hz / size, values }
}
