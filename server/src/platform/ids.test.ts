import { expect, test } from 'vitest'
import { newId } from './ids.ts'

const at = (text: string) => new Date(text)

test('an id says what it names, and is a ULID in capitals', () => {
  expect(newId('calc', at('2026-11-21T12:00:00Z'))).toMatch(/^calc_[0-7][0-9A-HJKMNP-TV-Z]{25}$/)
})

test('the first ten characters are the millisecond, as the ULID specification writes it', () => {
  // The example of github.com/ulid/spec: 1469918176385 ms is 01ARYZ6S41.
  expect(newId('cert', new Date(1469918176385)).slice(0, 15)).toBe('cert_01ARYZ6S41')
})

test('ids sort by time', () => {
  const times = ['1970-01-01T00:00:00Z', '2026-11-21T12:00:00.000Z', '2026-11-21T12:00:00.001Z', '2099-01-01T00:00:00Z']
  const ids = times.map((time) => newId('x', at(time)))
  expect(ids.toSorted()).toEqual(ids)
})

test('a hundred thousand ids of one millisecond are all different', () => {
  const moment = at('2026-11-21T12:00:00Z')
  expect(new Set(Array.from({ length: 100_000 }, () => newId('x', moment))).size).toBe(100_000)
})
