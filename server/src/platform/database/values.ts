import pg from 'pg'
import { sql, type RawBuilder } from 'kysely'

/**
 * Both databases hand out the same JavaScript values, so that a store never asks which one it talks to:
 * `int8` is a number (a bigint beyond 2^53), `numeric` a string, `date` and `timestamp` their text, `timestamptz` a Date,
 * `json` parsed, `bytea` a Uint8Array, intervals, ranges and points their text; arrays of these likewise.
 */
const text = (value: string) => value
const wholeNumber = (value: string) => {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : BigInt(value)
}

const scalar: Record<number, (value: string) => unknown> = {
  20: wholeNumber, // int8
  1700: text, // numeric
  1082: text, // date: a day has no time zone, so it must not become an instant
  1114: text, // timestamp without time zone, for the same reason
  1186: text, // interval
  600: text, // point
  718: text, // circle
}

/** Parsers by type id, for the embedded database. Its own array parsers apply these to the elements. */
export const embeddedParsers = scalar

const arrays: Record<number, (value: string) => unknown> = {
  1016: wholeNumber,
  1231: text,
  1182: text,
  1115: text,
  1187: text,
  1017: text,
}

/** The `types` option of a `pg` client. */
export const postgresTypes = {
  getTypeParser(id: number, format?: 'text' | 'binary') {
    if (format !== 'binary') {
      const one = scalar[id]
      if (one) return one
      const many = arrays[id]
      if (many) return (value: string) => parseArray(value, many)
    }
    return pg.types.getTypeParser(id, format as 'text')
  },
}

function parseArray(value: string, parse: (element: string) => unknown): unknown[] {
  // The declared type is that of a later version; what is installed has `create`.
  const parser = pg.types.arrayParser as unknown as {
    create(source: string, transform: (element: string) => unknown): { parse(): unknown[] }
  }
  return parser.create(value, parse).parse()
}

/**
 * A value for a `jsonb` column. The drivers differ in what they make of a bare list (one sends JSON, the other a
 * PostgreSQL array), so JSON always goes through here.
 */
export function jsonb(value: unknown): RawBuilder<unknown> {
  return sql`${JSON.stringify(value)}::text::jsonb`
}
