import { STANDS_OUT } from '@tidemark/core/sites/waveform-features.ts'
import type { AnswerOf } from '../lib/api.ts'
import type { Language } from '../lib/format.ts'
import type { waveformSpectrum, WaveformRecord } from '@tidemark/core/sites/maintenance-contract.ts'
import type { Colour } from '../telemetry/time-chart-option.ts'
import type { SpectrumMark } from './spectrum-option.ts'

export const bearingParts = ['outer_race', 'inner_race', 'rolling_element', 'cage'] as const
export type BearingPart = (typeof bearingParts)[number]

export const partColours: Record<BearingPart, Colour> = {
  outer_race: 'bad',
  inner_race: 'scope1',
  rolling_element: 'sand',
  cage: 'good',
}

/** Parts of the bearing that stand out of the noise so far that the recording alone calls for a look. */
export function standingOut({ features }: WaveformRecord): { part: BearingPart; hz: number; times_noise: number }[] {
  const { bearing } = features
  return bearing === null
    ? []
    : bearingParts
        .map((part) => ({ part, ...bearing[part] }))
        .filter(({ times_noise }) => times_noise >= STANDS_OUT)
        .sort((a, b) => b.times_noise - a.times_noise)
}

/** `outer race and cage`: their names within a sentence. */
export function inWords(names: readonly string[], language: Language): string {
  return new Intl.ListFormat(language).format(names.map((name) => name.toLocaleLowerCase(language)))
}

type Frequencies = NonNullable<AnswerOf<typeof waveformSpectrum>['frequencies']>
const HARMONICS = 3

/** Where damage of each part would show, with the multiples of those that stand out. */
export function bearingMarks(
  waveform: WaveformRecord,
  frequencies: Frequencies | null,
  nameOf: (part: BearingPart) => string,
): SpectrumMark[] {
  if (frequencies === null) return []
  const loud = new Set(standingOut(waveform).map(({ part }) => part))
  return bearingParts
    .flatMap((part) =>
      Array.from({ length: loud.has(part) ? HARMONICS : 1 }, (_, i) => ({
        hz: frequencies[`${part}_hz`] * (i + 1),
        colour: partColours[part],
        ...(i === 0 ? { text: nameOf(part) } : {}),
      })),
    )
    .sort((a, b) => a.hz - b.hz)
}

/** The turning of the shaft and its first multiples: unbalance shows at the first, misalignment at the second. */
export function shaftMarks(rpm: number | null, nameOf: (times: number) => string): SpectrumMark[] {
  if (rpm === null) return []
  return [1, 2, 3].map((times) => ({ hz: (rpm / 60) * times, colour: 'sand', text: nameOf(times) }))
}

/** Up to which frequency the envelope says something of the bearing: past the multiples that are looked at. */
export function envelopeEnd_hz(frequencies: Frequencies | null, last_hz: number): number {
  if (frequencies === null) return last_hz
  const highest = Math.max(...bearingParts.map((part) => frequencies[`${part}_hz`]))
  return Math.min(last_hz, highest * (HARMONICS + 0.4))
}
