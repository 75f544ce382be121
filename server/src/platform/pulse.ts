/**
 * Time as open connections feel it: how much has passed, and what is done every so often. It never goes back, and knows no
 * calendar; the hour of the day is `Context.now`.
 */
export interface Pulse {
  now_ms(): number
  /** @returns what ends it. It keeps no process alive. */
  every(interval_ms: number, act: () => void): () => void
}

export const realPulse: Pulse = {
  now_ms: () => performance.now(),
  every: (interval_ms, act) => {
    const timer = setInterval(act, interval_ms).unref()
    return () => clearInterval(timer)
  },
}
