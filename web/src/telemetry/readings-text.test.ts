import { expect, it } from 'vitest'
import { readingsIn } from './readings-text.ts'

it.each([
  ['a list', '[{"a":1}]', [{ a: 1 }]],
  ['the body of a request', '{"readings":[1]}', [1]],
  ['the body of a validation', '{"project_id":"x","sensor_readings":[2]}', [2]],
  ['an empty list', '[]', undefined],
  ['something else', '{"reading":1}', undefined],
  ['no JSON', '[1', undefined],
  ['nothing', 'null', undefined],
])('readings are found in %s, or are not', (_what, text, readings) => {
  expect(readingsIn(text)).toEqual(readings)
})
