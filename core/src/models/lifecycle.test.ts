import { describe, expect, test } from 'vitest'
import { champions, championEventAt, refusePromotion, rollbackTarget, stageOf } from './lifecycle.ts'
import { nextDue } from './recipe.ts'

const move = (
  action: 'promote' | 'rollback' | 'set' | 'remove' | 'retire',
  to_version: number | null,
  alias = 'champion',
) => ({ alias, action, to_version, at: '' })
const standing = (...versions: number[]) => versions.map((version) => ({ version, retired: false }))

test('where a version stands follows from the aliases', () => {
  const aliases = { champion: 2, challenger: 3, audited: 1 }
  expect([1, 2, 3].map((version) => stageOf({ version, retired: false }, aliases))).toEqual([
    'candidate',
    'champion',
    'shadow',
  ])
  expect(stageOf({ version: 2, retired: true }, aliases)).toBe('retired')
})

describe('a rollback', () => {
  const history = [move('promote', 1), move('set', 3, 'audited'), move('promote', 2), move('promote', 3)]
  test('goes back one champion, and a second one further back, never to what was just left', () => {
    expect(rollbackTarget(history, standing(1, 2, 3))).toBe(2)
    const once = [...history, move('rollback', 2)]
    expect(champions(once)).toEqual([1, 2])
    expect(rollbackTarget(once, standing(1, 2, 3))).toBe(1)
  })
  test('passes over what was retired', () => {
    expect(rollbackTarget(history, [...standing(1, 3), { version: 2, retired: true }])).toBe(1)
    expect(champions([...history, move('rollback', 1)])).toEqual([1])
  })
  test('models/nothing-to-roll-back: has nowhere to go from the first champion', () => {
    expect(() => rollbackTarget([move('promote', 1)], standing(1))).toThrow('Version 1 is the first champion')
    expect(() => rollbackTarget([], standing())).toThrow('has answered yet')
  })
})

test('who was champion at a time is read from the history', () => {
  const events = [
    { ...move('promote', 1), at: '2026-01-01T00:00:00.000Z' },
    { ...move('set', 9, 'audited'), at: '2026-01-02T00:00:00.000Z' },
    { ...move('promote', 2), at: '2026-02-01T00:00:00.000Z' },
  ]
  const at = (text: string) => championEventAt(events, new Date(text))?.to_version
  expect([at('2025-12-31T23:59:59.999Z'), at('2026-01-15T00:00:00Z'), at('2026-02-01T00:00:00Z')]).toEqual([
    undefined,
    1,
    2,
  ])
})

test('models/gate-closed, models/retired: who promotes against a verdict says so, and what was retired stays so', () => {
  const rejected = { outcome: 'rejected', says: 'rejected: no gain.' } as never
  expect(() => refusePromotion({ version: 2, retired: false }, rejected, false)).toThrow('rejected: no gain')
  expect(refusePromotion({ version: 2, retired: false }, rejected, true)).toEqual({ against_verdict: true })
  expect(refusePromotion({ version: 2, retired: false }, null, true)).toEqual({ against_verdict: false })
  expect(() => refusePromotion({ version: 2, retired: true }, null, true)).toThrow('retired')
})

test.each([
  ['daily', '2026-11-21T01:59:59Z', '2026-11-21T02:00:00.000Z'],
  ['daily', '2026-11-21T02:00:00Z', '2026-11-22T02:00:00.000Z'],
  // The 21st of November 2026 is a Saturday, the 23rd a Monday.
  ['weekly', '2026-11-21T12:00:00Z', '2026-11-23T02:00:00.000Z'],
  ['weekly', '2026-11-23T01:00:00Z', '2026-11-23T02:00:00.000Z'],
  ['monthly', '2026-12-01T02:00:00Z', '2027-01-01T02:00:00.000Z'],
  ['quarterly', '2026-11-21T12:00:00Z', '2027-01-01T02:00:00.000Z'],
  ['off', '2026-11-21T12:00:00Z', undefined],
] as const)('%s after %s is due at %s', (cadence, after, due) => {
  expect(nextDue(cadence, new Date(after))?.toISOString()).toBe(due)
})
