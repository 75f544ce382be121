import { expect, test } from 'vitest'
import { retentionHorizon } from './retention.ts'

test.each([
  ['2026-11-21T12:00:00Z', [1], '2026-10-01T00:00:00.000Z'],
  ['2026-01-31T23:59:59Z', [2], '2025-11-01T00:00:00.000Z'],
  ['2026-11-01T00:00:00Z', [13, 0], '2025-10-01T00:00:00.000Z'],
  ['2026-11-21T12:00:00Z', [24, 6], '2026-05-01T00:00:00.000Z'],
  ['2026-11-21T12:00:00Z', [0, 0], null],
  ['2026-11-21T12:00:00Z', [], null],
])('at %s, kept for %j months, single readings before %s go', (now, months, want) => {
  const horizon_ms = retentionHorizon(Date.parse(now), months)
  expect(horizon_ms === null ? null : new Date(horizon_ms).toISOString()).toBe(want)
})
