const MINUTE_S = 60
const HOUR_S = 3_600

/** Seconds to wait after the first, second, … failed attempt. Together 24 hours; then the delivery has failed. */
export const waits_s = [
  5,
  30,
  2 * MINUTE_S,
  10 * MINUTE_S,
  30 * MINUTE_S,
  HOUR_S,
  2 * HOUR_S,
  4 * HOUR_S,
  6 * HOUR_S,
  10 * HOUR_S + 17 * MINUTE_S + 25,
] as const

/** How many deliveries in a row may fail for good before nothing more is sent to an endpoint. */
export const FAILURES_MAX = 5

/** When to try again after this many failed attempts; undefined when it is over. */
export function nextAttempt(attempts: number, now: Date): Date | undefined {
  const wait_s = waits_s[attempts - 1]
  return wait_s === undefined ? undefined : new Date(now.getTime() + wait_s * 1000)
}

export type Answer = 'delivered' | 'refused' | 'gone'

/** 2xx is taken; 410 asks never to be called again; everything else, redirections included, is tried again. */
export function answerOf(status: number | undefined): Answer {
  if (status === 410) return 'gone'
  return status !== undefined && status >= 200 && status < 300 ? 'delivered' : 'refused'
}
