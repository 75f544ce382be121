import { expect, test } from 'vitest'
import { DEMO_ORGANISATION_ID } from '../accounts/demo.ts'
import { features, includesOneMore, limitOf, monthOf, plans, planTable } from './plans.ts'

const organisation_id = 'org_01KAHX3V9M8Q2R5T7W0Y4Z6B1A'

test('a higher plan never includes less', () => {
  for (const feature of features) {
    const limits = plans.map((plan) => planTable[plan][feature] ?? Number.POSITIVE_INFINITY)
    expect(limits, feature).toEqual([...limits].sort((a, b) => a - b))
  }
})

test('the last one that a plan includes is allowed, and the next is not', () => {
  const limit = limitOf({ organisation_id, plan: 'free' }, 'webhooks')!
  expect(includesOneMore({ organisation_id, plan: 'free' }, 'webhooks', limit - 1)).toBe(true)
  expect(includesOneMore({ organisation_id, plan: 'free' }, 'webhooks', limit)).toBe(false)
  expect(includesOneMore({ organisation_id, plan: 'enterprise' }, 'webhooks', 1e9)).toBe(true)
})

test('the demonstration has no limit', () => {
  expect(limitOf({ organisation_id: DEMO_ORGANISATION_ID, plan: 'free' }, 'calculations_per_month')).toBeNull()
})

test('a month begins at midnight UTC, also in December and for who is ahead', () => {
  expect(monthOf(new Date('2026-12-31T23:59:59.999Z'))).toEqual(new Date('2026-12-01T00:00:00Z'))
  expect(monthOf(new Date('2027-01-01T01:00:00+02:00'))).toEqual(new Date('2026-12-01T00:00:00Z'))
})
