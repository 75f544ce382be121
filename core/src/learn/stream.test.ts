import { describe, expect, it } from 'vitest'
import { type Episode, episodesOf, pValueFor, readEpisodes, stepEpisodes, writeEpisodes } from './episodes.ts'
import { nabProfiles, nabScore, probation } from './nab-score.ts'
import { randomOf } from './random.ts'
import {
  readStreamDetector,
  stepStream,
  streamDetector,
  type StreamDetectorFile,
  type StreamOptions,
  writeStreamDetector,
} from './stream-detector.ts'

const unfit = expect.objectContaining({ type: 'learn/data-unfit' })
const invalid = expect.objectContaining({ type: 'learn/model-file-invalid' })
const small: StreamOptions = { window: 6, neighbours: 3, memory: 200, learning_scores: 50 }

const daily = (count: number, seed: number) => {
  const random = randomOf(seed)
  return Array.from({ length: count }, (_, i) => 10 + 3 * Math.sin((2 * Math.PI * i) / 24) + random.normal() * 0.2)
}
const pValues = (values: readonly number[], options: StreamOptions = small) => {
  const detector = streamDetector(options)
  return values.map((value) => {
    const reading = stepStream(detector, value)
    return reading.state === 'scored' ? reading.p_value : undefined
  })
}

describe('the stream detector', () => {
  it('finds a broken shape whose values are all ordinary, at the smallest p-value there is', () => {
    const values = daily(600, 1)
    for (let i = 500; i < 512; i++) values[i] = 10 - 3 * Math.sin((2 * Math.PI * i) / 24)
    const found = pValues(values).slice(500, 512)
    expect(Math.min(...found.map((p_value) => p_value ?? 1))).toBe(1 / 201)
  })

  it('gives p-values that are as small as they say where nothing is strange', () => {
    const random = randomOf(2)
    const p_values = pValues(Array.from({ length: 6_000 }, random.normal)).filter((p_value) => p_value !== undefined)
    for (const limit of [0.02, 0.1, 0.5]) {
      const share = p_values.filter((p_value) => p_value <= limit).length / p_values.length
      expect(Math.abs(share - limit)).toBeLessThan(0.01 + limit / 5)
    }
  })

  it('says what it expected: within the noise of a daily pattern', () => {
    const detector = streamDetector(small)
    const clean = (i: number) => 10 + 3 * Math.sin((2 * Math.PI * i) / 24)
    let off = 0
    daily(400, 3).forEach((value, i) => {
      const { expected } = stepStream(detector, value)
      if (i >= 300) off += Math.abs((expected ?? Number.NaN) - clean(i)) / 100
    })
    expect(off).toBeLessThan(0.5)
  })

  it('is not certain of a tiny change on a constant series, and is of a large one', () => {
    const after = (value: number, options = small) => pValues([...Array<number>(300).fill(20), value], options).at(-1)
    expect(after(20.001)).toBe(1)
    expect(after(20.5)).toBe(1 / 201)
    expect(after(20.5, { ...small, smallest_change: 1 })).toBe(1)
    expect(after(20)).toBe(1)
  })

  it('fills short gaps with what it expects, and judges nothing while a quarter of the shape is missing', () => {
    const values = daily(500, 4)
    values[400] = Number.NaN
    const detector = streamDetector(small)
    const readings = values.map((value) => stepStream(detector, value))
    expect(readings[400]!.state).toBe('missing')
    expect(readings[401]!.state).toBe('scored')
    for (let i = 0; i < 3; i++) expect(stepStream(detector, Number.NaN).state).toBe('missing')
    const states = Array.from({ length: 6 }, () => stepStream(detector, 10).state)
    expect(states).toEqual(['learning', 'learning', 'learning', 'learning', 'scored', 'scored'])
  })

  it('survives a stream of nothing but gaps, and refuses infinities with learn/data-unfit', () => {
    const detector = streamDetector(small)
    for (let i = 0; i < 500; i++) expect(stepStream(detector, Number.NaN)).toEqual({ state: 'missing' })
    const before = writeStreamDetector(detector)
    expect(() => stepStream(detector, Infinity)).toThrow(unfit)
    expect(writeStreamDetector(detector)).toEqual(before)
    expect(() => streamDetector({ window: 1 })).toThrow(unfit)
    expect(() => streamDetector({ memory: 10 })).toThrow(unfit)
  })

  it('goes on from its file to the bit as if it had never stopped', () => {
    const values = daily(700, 5)
    values[333] = Number.NaN
    const one = streamDetector(small)
    let other = streamDetector(small)
    values.forEach((value, i) => {
      if (i % 97 === 0)
        other = readStreamDetector(JSON.parse(JSON.stringify(writeStreamDetector(other))) as StreamDetectorFile)
      expect(stepStream(other, value)).toEqual(stepStream(one, value))
    })
  })

  it('does not read files that promise more than they hold, or want more memory than there may be', () => {
    const file = writeStreamDetector(streamDetector(small))
    for (const broken of [
      null,
      { ...file, values: [1] },
      { ...file, values: [1], known: '2' },
      { ...file, scores: [-1] },
      { ...file, kind: 'cusum' },
    ])
      expect(() => readStreamDetector(broken)).toThrow(invalid)
    for (const memory of [1e12, 5, 8.5])
      expect(() => readStreamDetector({ ...file, options: { ...file.options, memory } })).toThrow(invalid)
  })
})

describe('episodes', () => {
  const run = (p_values: readonly (number | undefined)[], quiet_s = 2) => {
    let state = episodesOf({ p_value_max: 0.01, quiet_s })
    const began: number[] = []
    const ended: Episode[] = []
    p_values.forEach((p_value, second) => {
      const step = stepEpisodes(state, second * 1000, p_value)
      state = step.state
      if (step.began) began.push(second)
      if (step.ended) ended.push(step.ended)
    })
    return { began, ended, state }
  }

  it('join alarms until it has been quiet long enough, and tell the strangest moment', () => {
    const { began, ended, state } = run([1, 0.01, 0.5, 0.002, 1, undefined, 1, 0.01])
    expect(began).toEqual([1, 7])
    expect(ended).toEqual([{ started_ms: 1000, latest_ms: 3000, alarm_count: 2, p_value_min: 0.002, peak_ms: 3000 }])
    expect(state.open).toMatchObject({ started_ms: 7000, alarm_count: 1 })
  })

  it('end and begin in one moment when an alarm follows a long silence', () => {
    const state = stepEpisodes(episodesOf(), 0, 0.001).state
    const step = stepEpisodes(state, 1e9, 0.001)
    expect(step.ended).toMatchObject({ started_ms: 0 })
    expect(step.began).toMatchObject({ started_ms: 1e9 })
  })

  it('come back from their file the same; other files are refused', () => {
    const { state } = run([0.01])
    const file = JSON.parse(JSON.stringify(writeEpisodes(state))) as object
    expect(readEpisodes(file)).toEqual(state)
    expect(() => readEpisodes({ ...file, p_value_max: 0 })).toThrow(invalid)
    expect(() => episodesOf({ p_value_max: 2 })).toThrow(unfit)
  })

  it('have a p-value for a budget of alarms: one in a week of hours is 1/168, and no finer than the memory can tell', () => {
    expect(pValueFor(1, 3600)).toBeCloseTo(1 / 168, 12)
    expect(pValueFor(1, 60)).toBe(1 / 751)
  })
})

describe('the score of the Numenta benchmark', () => {
  const windows = [[600, 699]] as const
  const alarmsAt = (...places: number[]) => ({
    scores: Array.from({ length: 1_000 }, (_, i) => (places.includes(i) ? 1 : 0)),
    windows,
  })
  const score = (...places: number[]) => nabScore([alarmsAt(...places)], 0.5, nabProfiles.standard)

  it('is 100 for finding everything at once, 0 for silence, and less the later in the window', () => {
    expect(score(600)).toBeCloseTo(100, 9)
    expect(score()).toBe(0)
    expect(score(600, 601, 699)).toBeCloseTo(100, 9)
    expect(score(699)).toBeLessThan(score(650))
    // Half-way: y = -0.5, so (σ(-0.5) / σ(-1) + 1) / 2 with σ(y) = 2 / (1 + e^5y) - 1.
    expect(score(650)).toBeCloseTo((100 * (0.848284 / 0.986614 + 1)) / 2, 3)
  })

  it('takes 0.11 for an alarm out of nowhere, less for one just behind a window, none in the learning time', () => {
    expect(score(600, 300)).toBeCloseTo(100 - 5.5, 9)
    expect(score(600, 705)).toBeGreaterThan(score(600, 300))
    expect(probation(1_000)).toBe(150)
    expect(score(600, 149)).toBeCloseTo(100, 9)
    expect(nabScore([alarmsAt(300)], 0.5, nabProfiles.few_false_alarms)).toBeCloseTo(-11, 9)
  })
})
