import type { z } from 'zod'
import type { AnyRoute } from '@tidemark/core/lib/contract.ts'
import { invariant } from '@tidemark/core/lib/invariant.ts'
import { pointer, Problem, shown, type Fault } from '@tidemark/core/lib/problem.ts'
import { faultsSentence } from './json-body.ts'

export interface RequestParts {
  params: unknown
  query: unknown
  body: unknown
}

/** A body of a million wrong lines gets this many faults back, and the count of all. */
const FAULTS_MAX = 100

/**
 * Validates all parts and lays them side by side. A parameter in the path wins over a field of the same name.
 * @throws Problem `request/invalid` with every fault of every part.
 */
export async function readInput(route: AnyRoute, parts: RequestParts): Promise<object> {
  const results = await Promise.all([
    check(route.body, parts.body),
    check(route.query, parts.query),
    check(route.params, parts.params),
  ])
  const faults = results.flatMap((result) => result.faults)
  if (faults.length > 0) {
    throw new Problem('request/invalid', {
      detail: faultsSentence(faults.length),
      faults: faults.slice(0, FAULTS_MAX),
      ...(faults.length > FAULTS_MAX ? { faults_found: faults.length } : {}),
    })
  }
  const [body, query, params] = results.map((result) => result.value)
  const address = { ...(query as object), ...(params as object) }
  if (body === undefined) return address
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return { ...body, ...address }
  invariant(Object.keys(address).length === 0, `${route.name}: a body that is no object cannot lie beside parameters.`)
  return body as object
}

async function check(schema: z.ZodType | undefined, value: unknown): Promise<{ value: unknown; faults: Fault[] }> {
  if (!schema) return { value: undefined, faults: [] }
  const result = await schema.safeParseAsync(value)
  if (result.success) return { value: result.data, faults: [] }
  return { value: undefined, faults: result.error.issues.flatMap((issue) => faultsOf(issue, value, [])) }
}

type Issue = z.core.$ZodIssue

/** One issue as faults: several for unknown keys, and those of the likeliest branch where a value may have several forms. */
export function faultsOf(issue: Issue, root: unknown, prefix: readonly PropertyKey[]): Fault[] {
  const path = [...prefix, ...issue.path]
  const value = valueAt(root, path)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: pointer([...path, key]),
      code: 'unknown-field',
      message: `There is no field "${String(shown(key))}" here.`,
    }))
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const likeliest = [...issue.errors].sort((a, b) => closeness(a) - closeness(b))[0] ?? []
    if (!(issue.errors.length > 1 && likeliest.every((inner) => inner.path.length === 0))) {
      return likeliest.flatMap((inner) => faultsOf(inner, root, path))
    }
  }
  if (issue.code === 'invalid_key' || issue.code === 'invalid_element') {
    return issue.issues.map((inner) => ({ ...fault(inner, path, value), message: inner.message }))
  }
  return [fault(issue, path, value)]
}

/** The branch a person meant is the one that got furthest: fewest issues, deepest in. */
function closeness(issues: readonly Issue[]): number {
  const depth = Math.max(0, ...issues.map((issue) => issue.path.length))
  return issues.length - depth * 10
}

function fault(issue: Issue, path: readonly PropertyKey[], value: unknown): Fault {
  const expected = expectedBy(issue)
  const missing = value === undefined && issue.code !== 'custom'
  return {
    path: pointer(path),
    code: missing ? 'missing' : codeOf(issue),
    message: missing
      ? `This field is missing${expected === undefined ? '' : `; expected ${inWords(expected)}`}.`
      : issue.message,
    ...(value === undefined ? {} : { value: shown(value) }),
    ...(expected === undefined ? {} : { expected }),
  }
}

/** A rule of a contract can name its own code: `ctx.addIssue({ code: 'custom', params: { code: 'unknown-unit' }, … })`. */
function codeOf(issue: Issue): string {
  if (issue.code === 'custom' && typeof issue.params?.code === 'string') return issue.params.code
  return issue.code.replaceAll('_', '-')
}

function expectedBy(issue: Issue): unknown {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected
    case 'invalid_value':
      return issue.values
    case 'too_small':
      return { [issue.inclusive === false ? 'more_than' : 'min']: numeric(issue.minimum) }
    case 'too_big':
      return { [issue.inclusive === false ? 'less_than' : 'max']: numeric(issue.maximum) }
    case 'invalid_format':
      return issue.pattern ?? issue.format
    case 'custom':
      return issue.params?.expected
    default:
      return undefined
  }
}

function numeric(limit: number | bigint): number {
  return Number(limit)
}

function inWords(expected: unknown): string {
  if (typeof expected === 'string') return expected
  return Array.isArray(expected) ? `one of ${expected.slice(0, 12).join(', ')}` : JSON.stringify(expected)
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root
  for (const segment of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) return undefined
    value = (value as Record<PropertyKey, unknown>)[segment]
  }
  return value
}
