import { describe, expect, it } from 'vitest'
import { breakAfter_ms, COLUMNS, LiveTrace } from './live-trace.ts'

const MINUTE_MS = 60_000
const now_ms = 1_800_000_000_000

describe('the recent past of a live series', () => {
  it('keeps lowest, highest and last of each column, however many readings come', () => {
    const trace = new LiveTrace(5 * MINUTE_MS)
    for (let i = 0; i < 30_000; i += 1) trace.push(now_ms - 5 * MINUTE_MS + i * 10, Math.sin(i / 7))
    const columns = trace.columns(now_ms)
    expect(columns.length).toBeLessThanOrEqual(COLUMNS)
    expect(columns.length).toBeGreaterThan(COLUMNS - 3)
    expect(columns.every(({ low, high, last }) => low <= last && last <= high)).toBe(true)
  })

  it('puts a late reading into its column, and forgets what is older than the window', () => {
    const trace = new LiveTrace(6 * MINUTE_MS)
    trace.push(now_ms, 5)
    trace.push(now_ms - MINUTE_MS, 2)
    trace.push(now_ms - 6 * MINUTE_MS, 99)
    expect(trace.columns(now_ms).map(({ last }) => last)).toEqual([2, 5])
    expect(trace.columns(now_ms + 6 * MINUTE_MS)).toEqual([])
  })

  it('shows the latest of a column, not the one that arrived last', () => {
    const trace = new LiveTrace(COLUMNS * MINUTE_MS)
    trace.push(now_ms + 30_000, 7)
    trace.push(now_ms + 10_000, 3)
    expect(trace.columns(now_ms)).toMatchObject([{ low: 3, high: 7, last: 7 }])
  })

  it('joins no two columns across more than three times the usual distance', () => {
    expect(breakAfter_ms([0, 10, 20, 30, 90].map((at_ms) => ({ at_ms })))).toBe(30)
    expect(breakAfter_ms([{ at_ms: 0 }])).toBe(Number.POSITIVE_INFINITY)
  })
})
