/**
 * Weather for forecasters, as it was forecast. A slot of the past takes what was said of it a day before or earlier, since a
 * forecaster that learnt from later words would be surprised in service; a slot to come takes the newest word.
 */
export interface WeatherWord {
  at_ms: number
  issued_ms: number
  value: number
}

const HOUR_MS = 3_600_000
const LEAD_MS = 24 * HOUR_MS
/** Fewer days of forecast weather teach less than weeks without. */
export const WEATHER_DAYS_MIN = 28
const KNOWN_SHARE_MIN = 0.9

export interface WeatherGrid {
  start_ms: number
  slot_s: number
  /** Slots of the past; what follows is to come. */
  past: number
  /** Slots to come that a forecast needs. */
  ahead: number
}

export type WeatherColumn = { first: number; values: Float64Array } | { reason: string }

/**
 * Lays words out in slots; each holds for an hour, or until the next.
 * @returns the column and its first slot with weather, or why it cannot be used.
 */
export function layWeather(
  words: readonly WeatherWord[],
  { start_ms, slot_s, past, ahead }: WeatherGrid,
): WeatherColumn {
  const slot_ms = slot_s * 1000
  const count = past + ahead
  const now_ms = start_ms + past * slot_ms
  const values = new Float64Array(count).fill(Number.NaN)
  const usable = words.filter((word) => word.at_ms >= now_ms || word.issued_ms <= word.at_ms - LEAD_MS)
  // The newest that counts comes last and stays.
  const ordered = [...usable].sort((a, b) => a.issued_ms - b.issued_ms || a.at_ms - b.at_ms)
  for (const { at_ms, value } of ordered) {
    const slot = Math.round((at_ms - start_ms) / slot_ms)
    for (let more = 0; more < Math.max(1, HOUR_MS / slot_ms); more++)
      if (slot + more >= 0 && slot + more < count) values[slot + more] = value
  }
  const first = values.findIndex((value) => !Number.isNaN(value))
  const days = first < 0 ? 0 : ((past - first) * slot_ms) / LEAD_MS
  if (days < WEATHER_DAYS_MIN)
    return { reason: `${Math.max(0, days).toFixed(1)} days were told a day ahead; ${WEATHER_DAYS_MIN} are needed.` }
  let missing = 0
  const day = LEAD_MS / slot_ms
  for (let slot = first; slot < count; slot++) {
    if (!Number.isNaN(values[slot] ?? Number.NaN)) continue
    if (slot >= past) return { reason: 'The time to come is not told whole.' }
    missing++
    // What was said of the day before stands in, and nothing of later.
    values[slot] = values[slot - day] ?? Number.NaN
    if (Number.isNaN(values[slot] ?? Number.NaN)) values[slot] = values[slot - 1] ?? Number.NaN
  }
  const known_share = 1 - missing / (past - first)
  if (known_share < KNOWN_SHARE_MIN) return { reason: `Only ${(100 * known_share).toFixed(0)} % of the past is told.` }
  return { first, values }
}
