/**
 * Readings as somebody pastes them: a list, or the body of a request that holds one under `readings` or `sensor_readings`.
 * @returns undefined when the text is none of these.
 */
export function readingsIn(text: string): unknown[] | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const { readings, sensor_readings } = Object(value) as Record<string, unknown>
  const list = [value, sensor_readings, readings].find((each) => Array.isArray(each))
  return Array.isArray(list) && list.length > 0 ? list : undefined
}
