/** As long as single readings may be kept by rule: a century. */
export const RETENTION_MONTHS_MAX = 1_200

/**
 * The instant before which single readings are dropped: the beginning of the month that lies so many months back, UTC. The
 * month that is going on counts as none. Null when everything is kept.
 * @param months of each rule that holds; 0 keeps everything.
 */
export function retentionHorizon(now_ms: number, months: readonly number[]): number | null {
  const shortest = Math.min(...months.filter((each) => each > 0))
  if (!Number.isFinite(shortest)) return null
  const now = new Date(now_ms)
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - shortest, 1)
}
