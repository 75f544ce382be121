/**
 * Clocks on walls: prices and habits follow them, instants do not. The zone rules are those of the machine's own tables
 * (IANA); a day of 23 or 25 hours comes out as it was lived.
 */
export interface LocalTime {
  year: number
  /** 1 to 12. */
  month: number
  day: number
  /** 0 is Sunday. */
  weekday: number
  /** Since midnight by the clock on the wall. */
  minute_of_day: number
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** Whether a zone of this name is known: `Europe/Paris`. */
export function isTimeZone(time_zone: string): boolean {
  try {
    return formatOf(time_zone) !== undefined
  } catch {
    return false
  }
}

/** @throws RangeError for a zone that nobody knows; see `isTimeZone`. */
export function localTime(at_ms: number, time_zone: string): LocalTime {
  const shifted = new Date(at_ms + offset_ms(at_ms, time_zone))
  return {
    year: shifted.getUTCFullYear(),
    month: shifted.getUTCMonth() + 1,
    day: shifted.getUTCDate(),
    weekday: shifted.getUTCDay(),
    minute_of_day: shifted.getUTCHours() * 60 + shifted.getUTCMinutes(),
  }
}

/** Zones change at full quarters of an hour, so one question answers for each. */
const offsets = new Map<string, number>()
const QUARTER_MS = 900_000
const OFFSETS_MAX = 200_000

/** How far local time is ahead of UTC at an instant. */
export function offset_ms(at_ms: number, time_zone: string): number {
  const quarter = Math.floor(at_ms / QUARTER_MS)
  const key = `${time_zone} ${quarter}`
  const known = offsets.get(key)
  if (known !== undefined) return known
  const instant = quarter * QUARTER_MS
  const parts = Object.fromEntries(
    formatOf(time_zone)
      .formatToParts(instant)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  const offset = Date.UTC(year, month - 1, day, hour, minute, second) - instant
  if (offsets.size >= OFFSETS_MAX) offsets.clear()
  offsets.set(key, offset)
  return offset
}

function formatOf(time_zone: string): Intl.DateTimeFormat {
  const known = formats.get(time_zone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('en-GB-u-ca-gregory-nu-latn', {
    timeZone: time_zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  formats.set(time_zone, format)
  return format
}
