import { describe, expect, it } from 'vitest'
import { Problem } from '../lib/problem.ts'
import { randomOf } from '../learn/random.ts'
import { readWaveform, SAMPLES_MAX, type WaveformGiven } from './waveform.ts'

const random = randomOf(4)
const values = Array.from({ length: 2_000 }, () => Number((0.2 * random.normal()).toFixed(5)))
const bytesOf = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0))
const given: WaveformGiven = { sample_rate_hz: 12_000, rpm: 1_797, unit: 'g' }

interface Wav {
  tag?: number
  channels?: number
  bits?: number
  declared?: number
}

/** A WAV file of 16 bits, or one that says it is something else. */
function wav(samples: readonly number[], { tag = 1, channels = 1, bits = 16, declared }: Wav = {}): Uint8Array {
  const bytes = new Uint8Array(44 + 2 * samples.length)
  const view = new DataView(bytes.buffer)
  bytes.set(bytesOf('RIFF'), 0)
  bytes.set(bytesOf('WAVEfmt '), 8)
  view.setUint32(16, 16, true)
  view.setUint16(20, tag, true)
  view.setUint16(22, channels, true)
  view.setUint32(24, 12_000, true)
  view.setUint16(34, bits, true)
  bytes.set(bytesOf('data'), 36)
  view.setUint32(40, declared ?? 2 * samples.length, true)
  samples.forEach((value, i) => view.setInt16(44 + 2 * i, Math.round(value * 32_767), true))
  return bytes
}

describe('a waveform', () => {
  it('is read from WAV, its rate from the head and its size from what full scale stands for', () => {
    const { samples, sample_rate_hz } = readWaveform(wav(values), { unit: 'g', full_scale: 50 })
    expect(sample_rate_hz).toBe(12_000)
    expect(samples[7]).toBeCloseTo(50 * (values[7] ?? NaN), 2)
  })

  it('is read from JSON with what it says of itself', () => {
    const text = JSON.stringify({ samples: values, sample_rate_hz: 5_000, rpm: 900, unit: 'mm/s' })
    const read = readWaveform(bytesOf(text), {})
    expect(read).toMatchObject({ sample_rate_hz: 5_000, rpm: 900, unit: 'mm/s' })
    expect([...read.samples]).toEqual(values)
  })

  it('is read from CSV: values alone, or with seconds that tell the rate', () => {
    expect([...readWaveform(bytesOf(values.join('\n')), given).samples]).toEqual(values)
    const timed = ['time;g', ...values.map((value, i) => `${(i / 8_000).toFixed(7)};${value}`)].join('\r\n')
    expect(readWaveform(bytesOf(timed), { unit: 'g' }).sample_rate_hz).toBeCloseTo(8_000, 0)
  })
})

describe('sites/waveform-unreadable', () => {
  const csv = (samples: readonly (number | string)[]) => bytesOf(samples.join('\n'))
  const wave = values.map((value) => Math.max(-0.2, Math.min(0.2, value)))
  it.each<[string, string, Uint8Array, WaveformGiven]>([
    ['nothing at all', 'empty', new Uint8Array(0), given],
    ['a picture', 'not-text', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a), given],
    ['half a JSON', 'json', bytesOf('{"samples":[1,2'), given],
    ['JSON with a name that is not known', 'unrecognized_keys', bytesOf('{"samples":[1],"__proto__x":1}'), given],
    ['JSON with a text among the samples', 'invalid_type', bytesOf('{"samples":[1,"2"]}'), given],
    ['a rate that contradicts the file', 'contradiction', wav(values), { ...given, sample_rate_hz: 8_000 }],
    ['no rate', 'missing', csv(values), { unit: 'g' }],
    ['no unit', 'missing', csv(values), { sample_rate_hz: 8_000 }],
    ['too few samples', 'count', csv(values.slice(0, 100)), given],
    ['too many samples', 'count', csv(Array.from({ length: SAMPLES_MAX + 2 }, (_, i) => i % 7)), given],
    ['a word among numbers', 'not-a-number', csv([...values, 'NaN']), given],
    ['infinity by exponent', 'not-finite', csv([...values, '1e999']), given],
    ['a line that lacks its second column', 'not-a-number', csv(['0,1', '0.1,2', '0.2']), given],
    ['three columns', 'columns', csv(['1,2,3', '4,5,6']), given],
    [
      'times that jump',
      'uneven',
      csv(values.map((value, i) => `${i === 900 ? 5 : i / 8_000},${value}`)),
      { unit: 'g' },
    ],
    ['times that stand still', 'uneven', csv(values.map((value) => `1,${value}`)), { unit: 'g' }],
    ['a sensor that says one thing only', 'constant', csv(values.map(() => 0.5)), given],
    ['samples cut off at full scale', 'clipped', csv(wave), given],
    ['a WAV of two channels', 'channels', wav(values, { channels: 2 }), given],
    ['a WAV of 8 bits', 'wav', wav(values, { bits: 8 }), given],
    ['a WAV packed by a codec', 'wav', wav(values, { tag: 85 }), given],
    ['a WAV that claims more than it holds', 'truncated', wav(values, { declared: 2 ** 32 - 1 }), given],
    ['a WAV without data', 'wav', wav(values).subarray(0, 36), given],
    ['a RIFF that is no WAVE', 'wav', bytesOf('RIFF0000AVI LIST'), given],
  ])('%s', (_, code, bytes, told) => {
    let caught: unknown
    try {
      readWaveform(bytes, told)
    } catch (error) {
      caught = error
    }
    expect(caught).toBeInstanceOf(Problem)
    const { type, details } = caught as Problem
    expect(type).toBe('sites/waveform-unreadable')
    expect(details.faults?.map((fault) => fault.code)).toContain(code)
  })
})
