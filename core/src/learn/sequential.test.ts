import { describe, expect, it } from 'vitest'
import { randomOf, type Random } from './random.ts'
import { observe, readSequential, standingOf, startSequential, type SequentialOutcome } from './sequential.ts'

const shadow = (random: Random, gain: number): SequentialOutcome => ({
  champion_loss: Math.min(1, random.next() ** 2 + gain),
  challenger_loss: random.next() ** 2,
})

/** Looks after every outcome and stops at the first decision. */
function run(steps: number, start: ReturnType<typeof startSequential>, draw: () => SequentialOutcome) {
  let state = start
  for (let step = 0; step < steps && state.decision === undefined; step++) state = observe(state, draw())
  return state
}

describe('a test that may be looked at all the time', () => {
  it('names a winner among equals in at most 5 % of runs that are watched at each of 1,500 outcomes', () => {
    const trials = 200
    let false_alarms = 0
    for (let trial = 0; trial < trials; trial++) {
      const random = randomOf(trial)
      if (run(1500, startSequential({ loss_max: 1 }), () => shadow(random, 0)).decision) false_alarms++
    }
    expect(false_alarms).toBeLessThanOrEqual(0.05 * trials)
  })

  it('is what a t-test is not: watched like this, one names a winner among equals in over a quarter of the runs', () => {
    let false_alarms = 0
    for (let trial = 0; trial < 200; trial++) {
      const random = randomOf(trial)
      let sum = 0
      let squares = 0
      for (let count = 1; count <= 1500; count++) {
        const difference = random.next() ** 2 - random.next() ** 2
        sum += difference
        squares += difference ** 2
        const error = Math.sqrt((squares / count - (sum / count) ** 2) / count)
        if (count < 20 || Math.abs(sum / count) <= 1.96 * error) continue
        false_alarms++
        break
      }
    }
    expect(false_alarms).toBeGreaterThan(50)
  })

  it('finds the better one in shadow mode, and the harmful one as well', () => {
    const random = randomOf(1)
    const better = run(3000, startSequential({ loss_max: 1 }), () => shadow(random, 0.15))
    expect(better.decision).toBe('challenger_better')
    expect(better.decided_at_count).toBeLessThan(1500)
    const worse = run(3000, startSequential({ loss_max: 1 }), () => {
      const { champion_loss, challenger_loss } = shadow(random, 0.15) as {
        champion_loss: number
        challenger_loss: number
      }
      return { champion_loss: challenger_loss, challenger_loss: champion_loss }
    })
    expect(worse.decision).toBe('champion_better')
  })

  it('finds the better one in split traffic, where each row is answered by one of the two', () => {
    const random = randomOf(2)
    const decided = run(20_000, startSequential({ loss_max: 1, challenger_share: 0.3 }), () => {
      const answered_by = random.next() < 0.3 ? 'challenger' : 'champion'
      return { answered_by, loss: answered_by === 'champion' ? 0.3 + 0.2 * random.next() : 0.2 * random.next() }
    })
    expect(decided.decision).toBe('challenger_better')
    expect(standingOf(decided).gain_low).toBeGreaterThan(0)
    expect(standingOf(decided).gain).toBeGreaterThan(0.2)
  })

  it('holds the true gain in its interval at every moment of nearly every run', () => {
    let left = 0
    for (let trial = 0; trial < 60; trial++) {
      const random = randomOf(500 + trial)
      let state = startSequential({ loss_max: 1 })
      let out = false
      for (let step = 0; step < 600; step++) {
        state = observe(state, {
          champion_loss: random.next() < 0.6 ? 1 : 0,
          challenger_loss: random.next() < 0.4 ? 1 : 0,
        })
        const { gain_low, gain_high } = standingOf(state)
        out ||= gain_low > 0.2 || gain_high < 0.2
      }
      if (out) left++
    }
    expect(left).toBeLessThanOrEqual(7)
  })

  it('keeps its first decision, counts what it clipped, and survives being written down', () => {
    let state = startSequential({ loss_max: 2 })
    for (let step = 0; step < 200; step++) state = observe(state, { champion_loss: 5, challenger_loss: 0 })
    expect(state).toMatchObject({ decision: 'challenger_better', clipped_count: 200 })
    const first = state.decided_at_count
    for (let step = 0; step < 500; step++) state = observe(state, { champion_loss: 0, challenger_loss: 2 })
    expect(state).toMatchObject({ decision: 'challenger_better', decided_at_count: first })
    expect(readSequential(JSON.parse(JSON.stringify(state)))).toEqual(state)
    expect(standingOf(startSequential({ loss_max: 2 }))).toEqual({
      verdict: 'collecting',
      count: 0,
      gain_low: -2,
      gain_high: 2,
    })
  })

  it('refuses losses, outcomes and states that are none', () => {
    const unfit = expect.objectContaining({ type: 'learn/data-unfit' })
    const start = startSequential({ loss_max: 1 })
    expect(() => observe(start, { champion_loss: -1, challenger_loss: 0 })).toThrow(unfit)
    expect(() => observe(start, { champion_loss: Number.NaN, challenger_loss: 0 })).toThrow(unfit)
    expect(() => observe(start, { answered_by: 'champion', loss: 0 })).toThrow(unfit)
    expect(() => startSequential({ loss_max: 0 })).toThrow(unfit)
    expect(() => startSequential({ loss_max: 1, challenger_share: 1 })).toThrow(unfit)
    const invalid = expect.objectContaining({ type: 'learn/model-file-invalid' })
    expect(() => readSequential({ ...start, bet_sum: -1 })).toThrow(invalid)
    expect(() => readSequential('state')).toThrow(invalid)
  })
})
