import { z } from 'zod'
import { Problem, shown, type Fault } from '../lib/problem.ts'

export const waveformUnits = ['g', 'm/s2', 'mm/s'] as const

/** A short recording of vibration. */
export interface Waveform {
  samples: Float64Array
  sample_rate_hz: number
  rpm: number | null
  unit: (typeof waveformUnits)[number]
}

export const SAMPLES_MIN = 1_024
export const SAMPLES_MAX = 131_072
export const RATE_HZ_MIN = 50
export const RATE_HZ_MAX = 200_000
export const WAVEFORM_BYTES_MAX = 4 * 1024 * 1024

/** What a caller says beside the file. */
export interface WaveformGiven {
  sample_rate_hz?: number | undefined
  rpm?: number | undefined
  unit?: Waveform['unit'] | undefined
  /** What full scale of a WAV file stands for, in the unit. */
  full_scale?: number | undefined
}

const Rate = z.number().min(RATE_HZ_MIN).max(RATE_HZ_MAX)
const JsonWaveform = z.strictObject({
  samples: z.array(z.number()).max(SAMPLES_MAX),
  sample_rate_hz: Rate.optional(),
  rpm: z.number().positive().max(100_000).optional(),
  unit: z.enum(waveformUnits).optional(),
})

interface Read extends WaveformGiven {
  samples: Float64Array
}

/**
 * Reads a WAV file (one channel; PCM of 16, 24 or 32 bits or 32-bit floats), JSON (`samples` and what else is known), or CSV
 * (a column of values, or of times in seconds and values), told apart by their bytes.
 * @throws {Problem} sites/waveform-unreadable with every fault that was found
 */
export function readWaveform(bytes: Uint8Array, given: WaveformGiven): Waveform {
  const read = readAny(bytes)
  const sample_rate_hz = agreed('sample_rate_hz', given.sample_rate_hz, read.sample_rate_hz)
  const unit = agreed('unit', given.unit, read.unit)
  const rpm = agreed('rpm', given.rpm, read.rpm) ?? null
  const faults: Fault[] = []
  if (sample_rate_hz === undefined) faults.push(fault('/sample_rate_hz', 'missing', 'How many samples a second.'))
  else if (!(sample_rate_hz >= RATE_HZ_MIN && sample_rate_hz <= RATE_HZ_MAX))
    faults.push(fault('/sample_rate_hz', 'range', `From ${RATE_HZ_MIN} to ${RATE_HZ_MAX}.`, sample_rate_hz))
  if (unit === undefined) faults.push(fault('/unit', 'missing', `One of ${waveformUnits.join(', ')}.`))
  faults.push(...sampleFaults(read.samples))
  if (faults.length > 0 || sample_rate_hz === undefined || unit === undefined) throw unreadable(faults)
  return { samples: read.samples, sample_rate_hz, rpm, unit }

  function readAny(all: Uint8Array): Read {
    if (all.length === 0) throw unreadable([fault('', 'empty', 'A file with samples.')])
    if (startsWith(all, 'RIFF')) return readWav(all, given.full_scale ?? 1)
    const text = asciiOf(all)
    return /^\s*[{[]/.test(text) ? readJson(text) : readCsv(text)
  }
}

function fault(path: string, code: string, message: string, value?: unknown): Fault {
  return value === undefined ? { path, code, message } : { path, code, message, value: shown(value) }
}

function unreadable(faults: Fault[]): Problem {
  return new Problem('sites/waveform-unreadable', {
    detail:
      `This is no waveform that can be looked at: ${faults.map(({ path, message }) => `${path} ${message}`).join(' ')}`.trim(),
    faults,
  })
}

/** Said twice, it is the same twice. */
function agreed<T extends string | number>(name: string, given: T | undefined, read: T | undefined): T | undefined {
  if (given !== undefined && read !== undefined && given !== read)
    throw unreadable([
      fault(`/${name}`, 'contradiction', `The file says ${shown(read)}, the request ${shown(given)}.`, given),
    ])
  return given ?? read
}

function sampleFaults(samples: Float64Array): Fault[] {
  if (samples.length < SAMPLES_MIN || samples.length > SAMPLES_MAX)
    return [fault('/samples', 'count', `From ${SAMPLES_MIN} to ${SAMPLES_MAX} samples.`, samples.length)]
  const broken = samples.findIndex((value) => !Number.isFinite(value) || Math.abs(value) > 1e9)
  if (broken >= 0)
    return [fault(`/samples/${broken}`, 'not-finite', 'A number between -1e9 and 1e9.', String(samples[broken]))]
  const first = samples[0] ?? 0
  if (samples.every((value) => value === first)) return [fault('/samples', 'constant', 'Samples that move.', first)]
  const [low, high] = samples.reduce(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [first, first],
  )
  const cut = samples.filter((value) => value === low || value === high).length
  // Of samples that were not cut a few at most stand at the very ends; a coarse sensor has more, on a few levels.
  const is_coarse = new Set(samples.subarray(0, 2_000)).size < 32
  return cut > 0.02 * samples.length && !is_coarse
    ? [
        fault(
          '/samples',
          'clipped',
          'Samples that are not cut off at the end of the scale.',
          `${cut} of ${samples.length}`,
        ),
      ]
    : []
}

function startsWith(bytes: Uint8Array, letters: string, at = 0): boolean {
  return [...letters].every((letter, i) => bytes[at + i] === letter.charCodeAt(0))
}

function asciiOf(bytes: Uint8Array): string {
  const other = bytes.findIndex((byte) => byte > 126 || (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13))
  if (other >= 0)
    throw unreadable([fault('', 'not-text', `A WAV file, or text in ASCII; byte ${other} is neither.`, bytes[other])])
  const parts: string[] = []
  for (let from = 0; from < bytes.length; from += 8_192)
    parts.push(String.fromCharCode(...bytes.subarray(from, from + 8_192)))
  return parts.join('')
}

function readJson(text: string): Read {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw unreadable([fault('', 'json', 'JSON that ends where it should.')])
  }
  const checked = JsonWaveform.safeParse(Array.isArray(parsed) ? { samples: parsed } : parsed)
  if (!checked.success) {
    const faults = checked.error.issues
      .slice(0, 20)
      .map(({ path, code, message }) => fault(`/${path.map(String).join('/')}`, code, message))
    throw unreadable(faults)
  }
  return { ...checked.data, samples: Float64Array.from(checked.data.samples) }
}

/** One column of values, or two: seconds and values. A first line that holds no numbers is a heading. */
function readCsv(text: string): Read {
  const lines = text.split(/\r?\n|\r/).filter((line) => line.trim() !== '')
  if (lines.length > SAMPLES_MAX + 1)
    throw unreadable([fault('/samples', 'count', `At most ${SAMPLES_MAX} samples.`, lines.length)])
  const cells = (line: string) => line.split(/[,;\t]/).map((cell) => cell.trim())
  const numberOf = (cell: string) => (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(cell) ? Number(cell) : NaN)
  const has_head = cells(lines[0] ?? '').some((cell) => Number.isNaN(numberOf(cell)))
  const columns = cells(lines[has_head ? 1 : 0] ?? '').length
  if (columns > 2) throw unreadable([fault('', 'columns', 'One column of values, or seconds and values.', columns)])
  const rows = lines.slice(has_head ? 1 : 0).map((line, i) => {
    const numbers = cells(line).map(numberOf)
    if (numbers.length !== columns || numbers.some(Number.isNaN))
      throw unreadable([fault(`/samples/${i}`, 'not-a-number', `${columns} numbers with a point.`, line)])
    return numbers
  })
  const samples = Float64Array.from(rows, (row) => row.at(-1) ?? NaN)
  return columns === 1 ? { samples } : { samples, sample_rate_hz: rateOf(rows.map(([time]) => time ?? NaN)) }
}

function rateOf(times: readonly number[]): number {
  const [first = 0, last = 0] = [times[0], times.at(-1)]
  const step_s = (last - first) / (times.length - 1)
  const uneven = times.findIndex((time, i) => !(Math.abs(time - first - i * step_s) <= 0.25 * step_s))
  if (!(step_s > 0) || uneven >= 0)
    throw unreadable([
      fault(`/samples/${Math.max(0, uneven)}`, 'uneven', 'Times in seconds, evenly apart.', times[uneven] ?? step_s),
    ])
  return Number((1 / step_s).toPrecision(9))
}

/** RIFF WAVE: PCM (1), float (3), or the extensible form (0xfffe) of one of them. */
function readWav(bytes: Uint8Array, full_scale: number): Read {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const wrong = (code: string, message: string, value?: unknown) => unreadable([fault('', code, message, value)])
  if (!startsWith(bytes, 'WAVE', 8)) throw wrong('wav', 'A RIFF file that holds WAVE.')
  let format: { tag: number; channels: number; rate: number; bits: number } | null = null
  for (let at = 12; at + 8 <= bytes.length;) {
    const size = view.getUint32(at + 4, true)
    const body = at + 8
    if (body + size > bytes.length)
      throw wrong('truncated', 'A file with all of its bytes.', `${bytes.length} of ${body + size}`)
    if (startsWith(bytes, 'fmt ', at)) {
      if (size < 16) throw wrong('wav', 'A head of 16 bytes or more.', size)
      const tag = view.getUint16(body, true)
      const inner = tag === 0xfffe && size >= 26 ? view.getUint16(body + 24, true) : tag
      format = {
        tag: inner,
        channels: view.getUint16(body + 2, true),
        rate: view.getUint32(body + 4, true),
        bits: view.getUint16(body + 14, true),
      }
    } else if (startsWith(bytes, 'data', at)) {
      if (format === null) throw wrong('wav', 'The head before the data.')
      if (format.channels !== 1) throw wrong('channels', 'One channel: one sensor, one axis.', format.channels)
      return { samples: wavSamples(view, body, size, format, full_scale), sample_rate_hz: format.rate }
    }
    at = body + size + (size % 2)
  }
  throw wrong('wav', 'A chunk of data.')
}

function wavSamples(
  view: DataView,
  from: number,
  size: number,
  { tag, bits }: { tag: number; bits: number },
  full_scale: number,
): Float64Array {
  const width = bits / 8
  const readers: Record<string, (at: number) => number> = {
    '1/16': (at) => view.getInt16(at, true) / 2 ** 15,
    '1/24': (at) => ((view.getInt8(at + 2) << 16) | view.getUint16(at, true)) / 2 ** 23,
    '1/32': (at) => view.getInt32(at, true) / 2 ** 31,
    '3/32': (at) => view.getFloat32(at, true),
  }
  const reader = readers[`${tag}/${bits}`]
  if (reader === undefined)
    throw unreadable([fault('', 'wav', 'PCM of 16, 24 or 32 bits, or floats of 32.', `format ${tag}, ${bits} bits`)])
  const count = Math.floor(size / width)
  if (count > SAMPLES_MAX) throw unreadable([fault('/samples', 'count', `At most ${SAMPLES_MAX} samples.`, count)])
  return Float64Array.from({ length: count }, (_, i) => full_scale * reader(from + i * width))
}
