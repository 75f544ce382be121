import { sql } from 'kysely'
import { z } from 'zod'
import type { AnyRoute } from '@tidemark/core/lib/contract.ts'
import type { TestAnswer, TestApp } from './platform/testing.ts'

/** What the tests in `attacks/` share: they are generated from the contracts, so that a new route is attacked by being bound. */

type Schema = Record<string, unknown>

/** The names of the fields of one part of a route, each with where it stands: `lines/factor/id`. */
export function fieldsOf(route: AnyRoute, part: 'params' | 'query' | 'body'): { name: string; place: string }[] {
  const schema: z.ZodType | undefined = route[part]
  if (!schema) return []
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema
  const found = new Map<string, { name: string; place: string }>()
  const open = new Set<unknown>()
  walk(root, '')
  return [...found.values()]

  function walk(here: unknown, place: string): void {
    if (typeof here !== 'object' || here === null || open.has(here)) return
    open.add(here)
    const { $ref, properties, items, additionalProperties, anyOf, oneOf, allOf } = here as Schema
    if (typeof $ref === 'string') walk(definition($ref), place)
    for (const [name, inner] of Object.entries((properties ?? {}) as Schema)) {
      const inside = place === '' ? name : `${place}/${name}`
      found.set(inside, { name, place: inside })
      walk(inner, inside)
    }
    for (const inner of [items, additionalProperties]) walk(inner, place)
    for (const inner of [anyOf, oneOf, allOf].flatMap((list) => (Array.isArray(list) ? list : []))) walk(inner, place)
    open.delete(here)
  }

  function definition(ref: string): unknown {
    const names = ref
      .replace(/^#\/?/, '')
      .split('/')
      .filter((name) => name !== '')
    return names.reduce<unknown>((at, name) => (at as Schema | undefined)?.[decodeURIComponent(name)], root)
  }
}

export type Path = readonly (string | number)[]

/** Every place within a JSON value that `matches`, the value itself included. Of a list only the first three are looked at. */
export function placesIn(value: unknown, matches: (here: unknown) => boolean, path: Path = []): Path[] {
  const own = matches(value) ? [path] : []
  if (typeof value !== 'object' || value === null) return own
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? value.slice(0, 3).map((inner: unknown, index) => [index, inner])
    : Object.entries(value)
  return [...own, ...entries.flatMap(([name, inner]) => placesIn(inner, matches, [...path, name]))]
}

/** The value with one place in it changed. */
export function withAt(value: unknown, [first, ...rest]: Path, change: (here: unknown) => unknown): unknown {
  if (first === undefined) return change(value)
  if (Array.isArray(value))
    return value.map((inner: unknown, index) => (index === first ? withAt(inner, rest, change) : inner))
  const object = value as Schema
  return { ...object, [first]: withAt(object[first], rest, change) }
}

/** A body of the route that its contract accepts, or undefined when none of its examples has one. */
export function acceptedBody(route: AnyRoute): unknown {
  const schema: z.ZodType | undefined = route.body
  return route.examples.map(({ body }) => body).find((body) => body !== undefined && schema?.safeParse(body).success)
}

/** Parameters for the path, from the examples where they say one. */
export function paramsOf(route: AnyRoute, instead: Record<string, string> = {}): Record<string, string> {
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')
  return Object.fromEntries(
    names.map((name) => [
      name,
      instead[name] ?? route.examples.find(({ params }) => params?.[name])?.params?.[name] ?? 'unknown',
    ]),
  )
}

/** When something was last seen or used, which asking changes, and what stands in tables that grow by being asked. */
const CHANGED_BY_ASKING = ['last_seen_at', 'last_used_at', 'token_hash']
const GROWING = ['audit', 'pgboss', 'platform']

/** A digest of every row of every table of every capability: equal before and after, nothing was changed. */
export async function contentOf(
  { db }: Pick<TestApp, 'db'>,
  apart: readonly string[] = [],
): Promise<Record<string, string>> {
  const { rows } = await sql<{ name: string }>`
    select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema', ${sql.join(GROWING)}) order by 1`.execute(db.kysely)
  const digests: Record<string, string> = {}
  for (const { name } of rows.filter((row) => !apart.includes(row.name))) {
    const found = await sql<{ digest: string | null }>`
      select md5(string_agg(line, ' ' order by line)) as digest
      from (select (to_jsonb(t) - ${sql.join(CHANGED_BY_ASKING, sql` - `)})::text as line from ${sql.raw(name)} t) as lines
    `.execute(db.kysely)
    digests[name] = found.rows[0]?.digest ?? 'empty'
  }
  return digests
}

/** What no answer may hold: where our code lies, what the database says, names of errors that are bugs. */
const insides =
  /\n\s+at |node_modules|file:\/\/|\.ts:\d+|InvariantError|TypeError|RangeError|syntax error at or near|violates .+ constraint|row-level security|relation "|unterminated quoted/

/** What is wrong with an answer, whatever was asked: undefined when nothing is. */
export function faultIn({
  status,
  headers,
  bytes,
}: Pick<TestAnswer<unknown>, 'status' | 'headers' | 'bytes'>): string | undefined {
  const text = `${JSON.stringify(headers)}${bytes.toString()}`
  if (status >= 500) return `answered ${status}: ${bytes.toString().slice(0, 300)}`
  const inside = insides.exec(text)?.[0]
  if (inside !== undefined) return `told of its insides: ${inside}`
  if (/pwned/.test(JSON.stringify(headers))) return 'took a header from what was sent'
  return undefined
}
