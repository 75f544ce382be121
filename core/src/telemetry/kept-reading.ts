const fields = [
  'timestamp',
  'sensor_id',
  'project_id',
  'measurements',
  'units',
  'metadata',
  'location',
  'simulated',
] as const
const healthFields = ['battery_level', 'signal_strength', 'calibration_date'] as const
const placeFields = ['latitude', 'longitude', 'lat', 'lon', 'lng'] as const

/**
 * A reading with what is read of it and nothing else: devices say more than is measured, and none of that is kept. It gets
 * the same verdict and the same scores. What is no object is returned as it is.
 */
export function keptReading(input: unknown): unknown {
  if (!isRecord(input)) return input
  const kept = only(input, fields)
  if (isRecord(kept.metadata)) kept.metadata = orCount(kept.metadata, only(kept.metadata, healthFields))
  if (isRecord(kept.location)) kept.location = orCount(kept.location, only(kept.location, placeFields))
  return kept
}

/** A part with nothing known in it still counts as being there: how much was left out stands in its place. */
function orCount(before: object, after: object): object {
  const count = Object.keys(before).length
  return count > 0 && Object.keys(after).length === 0 ? { left_out: count } : after
}

function only(input: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => Object.hasOwn(input, name)).map((name) => [name, input[name]]))
}

function isRecord(input: unknown): input is Record<string, unknown> {
  return typeof input === 'object' && input !== null && !Array.isArray(input)
}
