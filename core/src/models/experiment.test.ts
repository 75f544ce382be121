import { describe, expect, test } from 'vitest'
import { randomOf } from '../learn/random.ts'
import { count, countAnswer, isChallenged, standingOfTally, startTally, type Tally } from './experiment.ts'
import { ExperimentPlan } from './serving-contract.ts'

const plan = (changes: object = {}) => ExperimentPlan.parse({ outcomes_needed: 100, ...changes })

/** Losses of both on every row: the challenger's are `gain` less on average. */
function shadowed(of: ExperimentPlan, outcomes: number, gain: number, seed = 1): Tally {
  const random = randomOf(seed)
  let tally = startTally(of, 2)
  for (let row = 0; row < outcomes; row++) {
    const loss = 0.5 + random.next()
    tally = count(tally, {
      champion_loss: loss,
      challenger_loss: Math.max(0, loss - gain + 0.2 * (random.next() - 0.5)),
    })
  }
  return tally
}

test('without outcomes it is undecidable yet, whatever was answered', () => {
  const tally = countAnswer(startTally(plan(), 1), 100)
  expect(standingOfTally(plan(), tally)).toEqual({
    state: 'collecting',
    says: 'Undecidable yet: collecting (0/100). Nothing has come true that could be compared.',
  })
})

test('a challenger that is surely better wins, one that is worse does not, and by far worse is a guardrail', () => {
  expect(standingOfTally(plan(), shadowed(plan(), 2_000, 0.3)).state).toBe('challenger-wins')
  expect(standingOfTally(plan(), shadowed(plan(), 3_000, -0.15)).state).toBe('champion-kept')
  expect(standingOfTally(plan(), shadowed(plan(), 2_000, -0.5)).state).toBe('stopped')
})

test('the same model against itself is hardly ever called a winner, however often one looks', () => {
  const of = plan({ outcomes_max: 400 })
  let decided = 0
  for (let seed = 0; seed < 60; seed++) {
    const { decision } = shadowed(of, 400, 0, seed).sequential
    if (decision !== undefined) decided += 1
  }
  // Five in a hundred are promised at most.
  expect(decided).toBeLessThanOrEqual(6)
  expect(standingOfTally(of, shadowed(of, 400, 0)).state).toBe('undecided')
})

describe('guardrails', () => {
  test('a challenger whose answers take too long is stopped', () => {
    let tally = startTally(plan(), 1)
    for (let answer = 0; answer < 60; answer++) tally = countAnswer(tally, 200_000)
    expect(standingOfTally(plan(), tally)).toMatchObject({
      state: 'stopped',
      says: expect.stringContaining('took longer') as string,
    })
  })
  test('one that fails too often is stopped', () => {
    let tally = startTally(plan(), 1)
    for (let answer = 0; answer < 60; answer++) tally = countAnswer(tally, answer % 10 === 0 ? 'failed' : 100)
    expect(standingOfTally(plan(), tally)).toMatchObject({
      state: 'stopped',
      says: expect.stringContaining('failed on 6 of 60') as string,
    })
  })
})

test('a key is always answered by the same version, shares are kept, and two experiments are independent', () => {
  const keys = Array.from({ length: 4_000 }, (_, key) => `asset-${key}`)
  const one = keys.map((key) => isChallenged('exp_1', key, 0.2))
  const two = keys.map((key) => isChallenged('exp_2', key, 0.2))
  expect(one).toEqual(keys.map((key) => isChallenged('exp_1', key, 0.2)))
  const share = (all: boolean[]) => all.filter(Boolean).length / all.length
  expect(share(one)).toBeCloseTo(0.2, 1)
  expect(share(one.map((each, key) => each && two[key]!))).toBeCloseTo(0.04, 1)
})
